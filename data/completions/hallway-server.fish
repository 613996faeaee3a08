complete -c hallway-server -l address -d 'Listen on this address only: an IP address of this computer, or “localhost”' -r -f
complete -c hallway-server -l port -d 'Listen on this port, 0 for any that is free (usually 4255)' -r -f
complete -c hallway-server -l max-line -d 'Bytes of the longest line that is taken (usually 65536)' -r -f
complete -c hallway-server -l max-connections -d 'Connections in all (usually 10000)' -r -f
complete -c hallway-server -l max-per-address -d 'Connections from one address (usually 64)' -r -f
complete -c hallway-server -l max-rate -d 'Messages in a second from one encrypted person (usually 10)' -r -f
complete -c hallway-server -l name -d 'Your name in the conversation here (usually your real name)' -r -f
complete -c hallway-server -l encryption -d 'Whether people may, or must, encrypt what they say (without a window usually off)' -r -f -a "off\t''
when-both-can\t''
only\t''"
complete -c hallway-server -l password-file -d 'Let nobody encrypted in who does not know the password in this file' -r -F
complete -c hallway-server -l data -d 'Keep the certificate and what is said in this folder, if people encrypt' -r -f -a "(__fish_complete_directories)"
complete -c hallway-server -l keep -d 'How long what is said is kept, if people encrypt (without a window only; usually forever)' -r -f -a "forever\t''
30-days\t''
session\t''"
complete -c hallway-server -l headless -d 'Run without a window'
complete -c hallway-server -l start -d 'Start listening at once'
complete -c hallway-server -l echo -d 'Give everybody their own lines back'
complete -c hallway-server -l no-relay -d 'Do not pass messages on to the others'
complete -c hallway-server -l no-commands -d 'Take /name, /who, /help and /quit as text'
complete -c hallway-server -l quiet -d 'Do not write the conversation to the standard output'
complete -c hallway-server -s h -l help -d 'Show this help'
complete -c hallway-server -s V -l version -d 'Show the version'
