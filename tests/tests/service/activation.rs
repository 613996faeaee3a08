//! Sockets that the system passes (`sd_listen_fds`(3)), by systemd's own tool and by a shell.

use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::unix::net::UnixStream;
use std::process::{self, Command};

use hallway_tests::peer::Peer;
use hallway_tests::program::Program;
use hallway_tests::server::Server;
use hallway_tests::wait::{PATIENCE, until};
use hallway_tests::world::{foreign_with, free_port, listening, ours, say_skipped};

use rustix::process::Signal;

/// `systemd-socket-activate` with these options; it starts the server with the first who connects.
fn activate(options: &[&str], server: &[&str]) -> Option<Command> {
    let mut command = foreign_with("systemd-socket-activate", options)?;
    // It passes on only what it is told to.
    command.args(["-E", "LC_ALL=C.UTF-8"]);
    command.arg(ours("hallway-server").get_program());
    command.arg("--headless").args(server);
    Some(command)
}

fn here(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

/// A server with these sockets, once somebody has come to the first of them.
#[track_caller]
fn activated(sockets: &[SocketAddr], options: &[&str]) -> Option<(Server, Peer)> {
    let addresses: Vec<_> = sockets.iter().map(SocketAddr::to_string).collect();
    let listen: Vec<_> = addresses.iter().flat_map(|a| ["-l", a]).collect();
    let program = Program::spawn(activate(&listen, options)?);
    for socket in sockets {
        listening(socket.port());
    }
    let mut early = Peer::connect(sockets[0]);
    early.line("I was here before you");
    let server = Server::of(program);
    server.hears("I was here before you");
    Some((server, early))
}

#[test]
fn who_connects_first_starts_it_and_is_heard() {
    let address = here(free_port());
    let Some((mut server, mut early)) = activated(&[address], &[]) else {
        return;
    };
    assert_eq!(server.address(), address);
    early.line("/name Ada");
    early.answer();
    let port = address.port().to_string();
    let Some(nc) = foreign_with("nc", ["127.0.0.1", &port]) else {
        return;
    };
    let mut nc = Program::spawn(nc);
    nc.type_line("Hello, 走廊里的人们 🙂");
    let heard = server.hears("Hello, 走廊里的人们 🙂");
    early.hears(&format!("{}: Hello, 走廊里的人们 🙂", heard.speaker));
    early.line("and hello to you");
    nc.hears("Ada: and hello to you");
    server.says("welcome");
    nc.hears("welcome");
    early.hears("welcome");
    server.serves();
    // What activates has become the server: nobody else holds the socket.
    assert_eq!(server.end_by(Signal::TERM), Some(0));
    assert!(Peer::try_connect(address).is_err());
}

#[test]
fn with_ipv6() {
    let port = free_port();
    let six: SocketAddr = (Ipv6Addr::LOCALHOST, port).into();
    if TcpListener::bind(six).is_err() {
        say_skipped("this computer has no IPv6");
        return;
    }
    let Some((mut server, early)) = activated(&[six], &[]) else {
        return;
    };
    assert_eq!(server.address(), six);
    server.knows(&early);
    server.serves();
}

#[test]
fn two_sockets_are_one_room() {
    let (first, second) = (here(free_port()), here(free_port()));
    let Some((mut server, mut early)) = activated(&[first, second], &[]) else {
        return;
    };
    server.event(&["Listening", &first.port().to_string()]);
    server.event(&["Listening", &second.port().to_string()]);
    let both: Vec<_> = [first, second].map(|a| format!("Listening on {a}")).into();
    let said = server.program().out().all();
    let told: Vec<_> = said.iter().filter(|line| both.contains(line)).collect();
    assert_eq!(told, both.iter().collect::<Vec<_>>(), "{said:?}");
    let mut other = Peer::connect(second);
    server.knows(&other);
    other.line("from the other door");
    early.hears(&format!("{}: from the other door", other.address()));
    server.serves();
}

#[test]
fn address_and_port_are_left_out_with_a_sentence() {
    let address = here(free_port());
    let options = ["--address", "127.0.0.1", "--port", "1"];
    let Some((mut server, _early)) = activated(&[address], &options) else {
        return;
    };
    assert_eq!(server.address(), address);
    let said = server.program().err();
    said.find(PATIENCE, "a sentence about the options", |line| {
        line.starts_with("hallway-server: ") && line.contains("--port")
    });
    server.serves();
}

/// As a service manager starts it: `/dev/null` to read from.
#[test]
fn the_end_of_the_input_is_not_the_end_of_the_server() {
    let address = here(free_port());
    let Some((mut server, early)) = activated(&[address], &[]) else {
        return;
    };
    server.program().end_input();
    let mut other = server.peer();
    other.line("still there?");
    server.hears("still there?");
    let gone = early.address();
    drop(early);
    server.lost(gone);
    other.line("yes");
    server.hears("yes");
}

/// What the shell runs before it becomes the server, `$0` being its path.
fn shell(script: &str) -> Command {
    let mut command = Command::new("bash");
    command.args(["-c", script]);
    command.arg(ours("hallway-server").get_program());
    command
}

/// The server with this as descriptor 3, as a shell writes it.
fn with_descriptor(three: &str) -> Command {
    shell(&format!(
        "exec 3{three}; LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=door exec \"$0\" --headless"
    ))
}

/// It ends with 1 and one sentence that has all these words.
#[track_caller]
fn fails(command: Command, words: &[&str]) {
    let mut program = Program::spawn(command);
    let (code, out, said) = program.outcome(PATIENCE);
    let told = |line: &&str| line.starts_with("hallway-server: ");
    let sentences: Vec<_> = said.lines().filter(told).collect();
    assert_eq!((code, out.as_str()), (Some(1), ""), "{said}");
    assert_eq!(sentences.len(), 1, "{said}");
    assert!(
        !said.contains("panicked") && !said.contains("CRITICAL"),
        "{said}"
    );
    for word in words {
        assert!(sentences[0].contains(word), "“{word}” is not in: {said}");
    }
}

#[test]
fn what_is_no_socket_fails_with_a_sentence() {
    let words = &["socket 1", "not a socket", "“door”"];
    fails(with_descriptor("</etc/passwd"), words);
    fails(with_descriptor("</"), words);
    fails(with_descriptor("</dev/null"), words);
    fails(with_descriptor("<&-"), words);
}

#[test]
fn a_udp_socket_fails_with_a_sentence() {
    let address = here(free_port()).to_string();
    let Some(command) = activate(&["-d", "-l", &address], &[]) else {
        return;
    };
    let program = Program::spawn(command);
    let knock = UdpSocket::bind(here(0)).expect("there is a free port");
    let said = until(PATIENCE, "a server that cannot start", || {
        let _ = knock.send_to(b"anybody there?\n", &address);
        let said = program.err().all();
        said.iter()
            .find(|line| line.starts_with("hallway-server: "))
            .cloned()
    });
    assert!(said.contains("not for TCP"), "{said}");
    assert!(said.contains("ListenStream="), "{said}");
}

#[test]
fn a_unix_socket_fails_with_a_sentence() {
    let path = std::env::temp_dir().join(format!("hallway-activation-{}", process::id()));
    let _ = fs::remove_file(&path);
    let name = path.to_string_lossy().into_owned();
    let Some(command) = activate(&["-l", &name, "--fdname=cellar"], &[]) else {
        return;
    };
    let mut program = Program::spawn(command);
    let _knock = until(PATIENCE, "a Unix socket", || {
        UnixStream::connect(&path).ok()
    });
    let (code, out, said) = program.outcome(PATIENCE);
    fs::remove_file(&path).expect("it was bound there");
    assert_eq!((code, out.as_str()), (Some(1), ""), "{said}");
    assert!(
        said.contains("is a Unix socket") && said.contains("“cellar”"),
        "{said}"
    );
}

/// With `Accept=yes` the system passes a connection instead.
#[test]
fn a_connection_fails_with_a_sentence() {
    let address = here(free_port());
    let listen = address.to_string();
    let Some(command) = activate(&["--accept", "-l", &listen], &[]) else {
        return;
    };
    let program = Program::spawn(command);
    listening(address.port());
    let _knock = Peer::connect(address);
    let what = "a sentence about what was passed";
    program.err().find(PATIENCE, what, |line| {
        line.starts_with("hallway-server: ") && line.contains("Accept=no")
    });
}

#[test]
fn nonsense_about_what_was_passed_is_a_sentence() {
    let with_count = |count: &str| {
        shell(&format!(
            "LISTEN_PID=$$ LISTEN_FDS={count} exec \"$0\" --headless"
        ))
    };
    for count in ["-1", "many", "2147483647", "99999999999999999999"] {
        fails(with_count(count), &["LISTEN_FDS", &format!("“{count}”")]);
    }
    // As many as there could be: the first that is missing ends it.
    fails(with_count("2000000000"), &["socket 1", "not a socket"]);
}

#[test]
fn what_was_passed_to_another_process_is_ignored() {
    for environment in [
        "LISTEN_PID=1 LISTEN_FDS=1",
        "LISTEN_PID=nonsense LISTEN_FDS=1",
        "LISTEN_FDS=1",
        "LISTEN_PID=$$ LISTEN_FDS=0",
    ] {
        let command = shell(&format!(
            "exec 3</etc/passwd; {environment} exec \"$0\" --headless --address 127.0.0.1 --port 0"
        ));
        let mut server = Server::of(Program::spawn(command));
        server.serves();
    }
}

#[test]
fn the_socket_is_not_inherited_further() {
    let address = here(free_port());
    let Some((mut server, _early)) = activated(&[address], &[]) else {
        return;
    };
    let pid = server.program().pid();
    let sockets = fs::read_dir(format!("/proc/{pid}/fd"))
        .expect("descriptors of a child can be listed")
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let target = fs::read_link(entry.path()).ok()?;
            let is_socket = target.to_string_lossy().starts_with("socket:");
            is_socket.then(|| entry.file_name().to_string_lossy().into_owned())
        });
    let mut seen = 0;
    for socket in sockets {
        let info = fs::read_to_string(format!("/proc/{pid}/fdinfo/{socket}"))
            .expect("the server opens and closes nothing now");
        let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
        let flags = u32::from_str_radix(flags.expect("proc(5)").trim(), 8).expect("octal");
        assert_ne!(
            flags & rustix::fs::OFlags::CLOEXEC.bits(),
            0,
            "{socket}: {info}"
        );
        seen += 1;
    }
    assert!(seen >= 2, "the listening one and the connection");
}
