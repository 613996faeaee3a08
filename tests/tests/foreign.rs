//! Programs that know nothing of Hallway talk through it: netcat, ncat, telnet, socat, Qt.

use std::process::Command;

use hallway_tests::lines::Lines;
use hallway_tests::program::Program;
use hallway_tests::qt;
use hallway_tests::server::Server;
use hallway_tests::wait::PATIENCE;
use hallway_tests::world::{foreign_with, free_port, listening, ours};
use rustix::process::Signal;

/// Two scripts, and a character of four bytes. None of its bytes is 0x80, which inetutils' telnet
/// takes for a key when its input is not a terminal; all others here are 8-bit clean in any case.
const TEXT: &str = "Hello, 走廊里的人们 🙂";

/// What ends in a byte 0x80.
const TEXT_WITH_80: &str = "grüße 😀";

/// A server and the arguments `127.0.0.1 PORT`.
fn server() -> (Server, [String; 2]) {
    let server = Server::start(&["--name", "Hilda"]);
    let address = server.address();
    (
        server,
        [address.ip().to_string(), address.port().to_string()],
    )
}

/// Somebody at this program, and somebody else, talk with each other and with the host.
fn talk(server: &mut Server, command: Command, says: &str) -> Program {
    let mut other = server.peer_named("Otto");
    let mut program = Program::spawn(command);

    program.type_line(says);
    let heard = server.hears(says);
    other.hears(&format!("{}: {says}", heard.speaker));

    server.says(TEXT_WITH_80);
    program.hears(TEXT_WITH_80);
    other.hears(TEXT_WITH_80);

    other.line(TEXT);
    program.hears(&format!("Otto: {TEXT}"));

    program.type_line("/name 小红");
    program.type_line("/who");
    program
        .out()
        .find(PATIENCE, "an answer with both names", |line| {
            line.starts_with("* ") && line.contains("Otto") && line.contains("小红")
        });
    program.type_line("now with a name");
    other.hears("小红: now with a name");
    assert_eq!(server.hears("now with a name").speaker, "小红");

    program.type_line("/quit");
    let address = heard
        .speaker
        .parse()
        .expect("who has no name is called by the address");
    server.lost(address);
    server.serves();
    program
}

/// Waits until it ends because the server closed, which must not count as a failure. Some wait for
/// the end of their input too.
fn ends_well(program: &mut Program) {
    program.end_input();
    let (code, _, said) = program.outcome(PATIENCE);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn nc_talks_through_the_server() {
    let (mut server, address) = server();
    let Some(nc) = foreign_with("nc", &address) else {
        return;
    };
    let mut nc = talk(&mut server, nc, TEXT_WITH_80);
    ends_well(&mut nc);
}

#[test]
fn ncat_talks_through_the_server() {
    let (mut server, address) = server();
    let Some(ncat) = foreign_with("ncat", &address) else {
        return;
    };
    let mut ncat = talk(&mut server, ncat, TEXT_WITH_80);
    ends_well(&mut ncat);
}

#[test]
fn socat_talks_through_the_server() {
    let (mut server, address) = server();
    let Some(socat) = foreign_with("socat", ["-", &format!("TCP:{}", address.join(":"))]) else {
        return;
    };
    let mut socat = talk(&mut server, socat, TEXT_WITH_80);
    ends_well(&mut socat);
}

#[test]
fn telnet_talks_through_the_server() {
    let (mut server, address) = server();
    let Some(telnet) = foreign_with("telnet", &address) else {
        return;
    };
    let telnet = talk(&mut server, telnet, TEXT);
    telnet.err().find(PATIENCE, "the end", |line| {
        line.contains("Connection closed")
    });
}

/// At a terminal it is 8-bit clean, and ends lines with CR LF.
#[test]
fn telnet_at_a_terminal_talks_through_the_server() {
    let (mut server, address) = server();
    let line = format!("exec telnet {}", address.join(" "));
    if foreign_with("telnet", &address).is_none() {
        return;
    }
    let Some(script) = foreign_with("script", ["--quiet", "--command", &line, "/dev/null"]) else {
        return;
    };
    let mut other = server.peer();
    let mut telnet = Program::spawn(script);
    telnet.out().find(PATIENCE, "a connection", |line| {
        line.contains("Escape character")
    });
    telnet.type_line(TEXT_WITH_80);
    let heard = server.hears(TEXT_WITH_80);
    other.hears(&format!("{}: {TEXT_WITH_80}", heard.speaker));
    // Another one: the terminal shows what is typed.
    server.says(TEXT);
    other.hears(TEXT);
    telnet.out().find(PATIENCE, "the host's text", |line| {
        line.trim_end_matches('\r') == TEXT
    });
    server.serves();
    // A telnet whose terminal goes away under it would go on for ever.
    server.end_by(Signal::TERM);
    telnet.end(PATIENCE);
}

#[test]
fn a_qt_client_talks_through_the_server() {
    let (mut server, [address, port]) = server();
    let Some(client) = qt::client(&[&address, &port]) else {
        return;
    };
    let mut client = talk(&mut server, client, TEXT_WITH_80);
    ends_well(&mut client);
}

#[test]
fn a_qt_client_that_stops_sending_hears_its_answers() {
    let (_server, [address, port]) = server();
    let Some(client) = qt::client(&[&address, &port, "--half-close"]) else {
        return;
    };
    let mut client = Program::spawn(client);
    client.write(b"/name Quentin\n/who");
    client.end_input();
    let (code, heard, said) = client.outcome(PATIENCE);
    assert_eq!(code, Some(0), "{said}");
    assert!(heard.lines().count() >= 2, "{heard}");
    assert!(heard.lines().all(|line| line.starts_with("* ")), "{heard}");
    assert!(heard.contains("Quentin"), "{heard}");
}

/// `printf 'hi\n/who\n' | nc -N`: the answer comes although the input has ended.
#[test]
fn nc_that_stops_sending_hears_its_answers() {
    let (server, [address, port]) = server();
    let Some(nc) = foreign_with("nc", ["-N", &address, &port]) else {
        return;
    };
    let mut nc = Program::spawn(nc);
    nc.write(b"hi\n/who\n");
    nc.end_input();
    let (code, heard, said) = nc.outcome(PATIENCE);
    assert_eq!(code, Some(0), "{said}");
    assert!(heard.starts_with("* "), "{heard}");
    let speaker = server.hears("hi").speaker;
    assert!(heard.contains(&speaker), "{heard}");
    server.lost(
        speaker
            .parse()
            .expect("who has no name is called by the address"),
    );
}

/// What listens on a port of this computer and prints what comes.
struct Listening {
    program: Program,
    port: u16,
}

impl Listening {
    fn start(name: &str, arguments: impl FnOnce(u16) -> Vec<String>) -> Option<Self> {
        let port = free_port();
        let program = Program::spawn(foreign_with(name, arguments(port))?);
        listening(port);
        Some(Self { program, port })
    }

    fn qt() -> Option<Self> {
        let program = Program::spawn(qt::server()?);
        let line = program
            .out()
            .find(PATIENCE, "a port", |line| line.starts_with("port "));
        let port = line["port ".len()..].parse().expect("Qt prints a number");
        Some(Self { program, port })
    }

    fn lines(&self) -> &Lines {
        self.program.out()
    }

    /// `hallway send` to it: with this text, or with this input.
    fn send(&self, text: Option<&str>, input: &[u8]) {
        let mut command = ours("hallway");
        command
            .args(["send", "--plain", &format!("127.0.0.1:{}", self.port)])
            .args(text);
        let mut hallway = Program::spawn(command);
        if text.is_none() {
            hallway.write(input);
        }
        hallway.end_input();
        let (code, out, said) = hallway.outcome(PATIENCE);
        assert_eq!(code, Some(0), "{said}");
        assert_eq!(out, "", "hallway send has nothing to print");
    }
}

fn nc() -> Option<Listening> {
    Listening::start("nc", |port| {
        ["-N", "-l", "127.0.0.1", &port.to_string()]
            .map(String::from)
            .into()
    })
}

fn ncat() -> Option<Listening> {
    Listening::start("ncat", |port| {
        ["-l", "127.0.0.1", &port.to_string()]
            .map(String::from)
            .into()
    })
}

fn socat() -> Option<Listening> {
    Listening::start("socat", |port| {
        let listen = format!("TCP-LISTEN:{port},bind=127.0.0.1");
        vec!["-".to_owned(), listen]
    })
}

/// A text as an argument, and as many lines as come on stdin, the last without an end.
fn receives(listening: impl Fn() -> Option<Listening>) {
    let Some(there) = listening() else { return };
    there.send(Some(TEXT_WITH_80), b"");
    there.program.hears(TEXT_WITH_80);

    let Some(there) = listening() else { return };
    let mut lines: Vec<_> = (0..1000).map(|number| format!("{number} {TEXT}")).collect();
    lines.push("the end".to_owned());
    there.send(None, lines.join("\n").as_bytes());
    assert_eq!(there.lines().at_least(PATIENCE, lines.len()), lines);
}

#[test]
fn nc_hears_hallway_send() {
    receives(nc);
}

#[test]
fn ncat_hears_hallway_send() {
    receives(ncat);
}

#[test]
fn socat_hears_hallway_send() {
    receives(socat);
}

#[test]
fn a_qt_server_hears_hallway_send_more_than_once() {
    let Some(mut there) = Listening::qt() else {
        return;
    };
    there.send(Some(TEXT_WITH_80), b"");
    there.program.hears(TEXT_WITH_80);
    there.send(None, "one\nzwei\n三".as_bytes());
    let lines = there.lines().at_least(PATIENCE, 5);
    assert_eq!(lines[1..], [TEXT_WITH_80, "one", "zwei", "三"]);
    there.program.end_input();
    ends_well(&mut there.program);
}

/// What the peer says meanwhile is read away, or it would be answered with a reset.
#[test]
fn hallway_send_is_not_held_up_by_a_peer_that_talks() {
    let Some(mut there) = nc() else { return };
    there.program.write(&b"chatter\n".repeat(4096));
    there.send(None, b"through all of it\n");
    there.program.hears("through all of it");
}

/// Through our own server, as somebody would try it first.
#[test]
fn hallway_send_is_heard_by_nc_through_the_server() {
    let (mut server, address) = server();
    let Some(nc) = foreign_with("nc", &address) else {
        return;
    };
    let mut nc = Program::spawn(nc);
    nc.type_line("/who");
    nc.out()
        .find(PATIENCE, "an answer", |line| line.starts_with("* "));
    let there = Listening {
        program: nc,
        port: server.address().port(),
    };
    there.send(Some(TEXT), b"");
    let speaker = server.hears(TEXT).speaker;
    there.program.hears(&format!("{speaker}: {TEXT}"));
    server.lost(
        speaker
            .parse()
            .expect("who has no name is called by the address"),
    );
    server.serves();
}
