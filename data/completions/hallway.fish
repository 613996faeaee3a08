# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_hallway_global_optspecs
    string join \n encrypted plain new-window new-connection h/help V/version
end

function __fish_hallway_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_hallway_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_hallway_using_subcommand
    set -l cmd (__fish_hallway_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c hallway -n "__fish_hallway_needs_command" -l encrypted -d 'Encrypt, which a window does anyway unless plain text was chosen before'
complete -c hallway -n "__fish_hallway_needs_command" -l plain -d 'Speak plain lines, unless an encrypted server is known at the address'
complete -c hallway -n "__fish_hallway_needs_command" -l new-window -d 'Open a new window, even if one was closed that is still connected'
complete -c hallway -n "__fish_hallway_needs_command" -l new-connection -d 'Open a new window and ask for an address'
complete -c hallway -n "__fish_hallway_needs_command" -s h -l help -d 'Show this help'
complete -c hallway -n "__fish_hallway_needs_command" -s V -l version -d 'Show the version'
complete -c hallway -n "__fish_hallway_needs_command" -f -a "send" -d 'Sends a text to a server and ends'
complete -c hallway -n "__fish_hallway_using_subcommand send" -l name -d 'What to be called in an encrypted room (usually your real name)' -r -f
complete -c hallway -n "__fish_hallway_using_subcommand send" -l password-file -d 'The file whose first line is the password of an encrypted room' -r -F
complete -c hallway -n "__fish_hallway_using_subcommand send" -l encrypted -d 'Encrypt, and remember the server if it is met for the first time'
complete -c hallway -n "__fish_hallway_using_subcommand send" -l plain -d 'Send plain lines, as every TCP program can read them'
complete -c hallway -n "__fish_hallway_using_subcommand send" -s h -l help -d 'Show this help'
