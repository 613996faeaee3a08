//! The examples of the help and of `docs/joining.md` do what these say, as they stand there.

use std::fs;
use std::process::Command;

use hallway_tests::desktop::source;
use hallway_tests::program::Program;
use hallway_tests::qt;
use hallway_tests::server::Server;
use hallway_tests::wait::PATIENCE;
use hallway_tests::world::foreign;
use rustix::process::Signal;

/// Where the server of the examples is.
const HOST: &str = "192.168.1.20";
const PORT: &str = "4255";

/// The pages with examples. (That other languages have the same ones is a test of the widgets.)
const PAGES: [&str; 2] = ["docs/help/en/joining.md", "docs/joining.md"];

/// The example with this in it, of each page.
fn examples(part: &str) -> Vec<String> {
    let example = |page: &str| {
        let text = fs::read_to_string(source().join(page)).expect("the page is in the tree");
        let blocks = text.split("\n```").skip(1).step_by(2);
        let blocks = blocks.map(|block| block.split_once('\n'));
        let mut codes = blocks.flatten().map(|(_, code)| code.to_owned());
        codes
            .find(|code| code.contains(part))
            .unwrap_or_else(|| panic!("{page} has no example with {part}"))
    };
    PAGES.map(example).to_vec()
}

/// The example with the address of a real server in it.
fn at(server: &Server, example: &str) -> String {
    let address = server.address();
    let text = example.replace(HOST, &address.ip().to_string());
    let text = text.replace(PORT, &address.port().to_string());
    assert!(text != example, "no server is named in {example}");
    text
}

#[test]
fn both_pages_have_the_same_examples() {
    for part in ["import socket", "QTcpSocket>", "WiFi.h", "nc -N"] {
        let all = examples(part);
        assert_eq!(all[0], all[1], "{part}");
    }
}

#[test]
fn python_joins() {
    let mut server = Server::start(&["--name", "Hilda"]);
    let code = at(&server, &examples("import socket")[0]);
    let Some(mut python) = foreign("python3") else {
        return;
    };
    python.args(["-u", "-c", &code]);
    let mut python = Program::spawn(python);
    assert_eq!(server.hears("Hello, 走廊").speaker, "Python");
    python.hears("the server: You are now Python.");
    server.says("Lunch is here");
    python.hears("Lunch is here");
    let mut other = server.peer_named("Otto");
    other.line("on my way");
    python.hears("Otto: on my way");
    server.end_by(Signal::TERM);
    let (code, out, said) = python.outcome(PATIENCE);
    assert_eq!(code, Some(0), "{said}");
    assert!(out.contains("the server: The server has stopped."), "{out}");
}

#[test]
fn qt_joins() {
    let mut server = Server::start(&["--name", "Hilda"]);
    let code = at(&server, &examples("QTcpSocket>")[0]);
    let Some(command) = qt::written("qt-example", &code) else {
        return;
    };
    let mut program = Program::spawn(command);
    assert_eq!(server.hears("Hello from Qt").speaker, "Qt");
    server.says("Lunch is here");
    program.err().find(PATIENCE, "what the host says", |line| {
        line == "Lunch is here"
    });
    server.end_by(Signal::TERM);
    let (code, _, said) = program.outcome(PATIENCE);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn an_esp32_rings() {
    let mut server = Server::start(&["--name", "Hilda"]);
    let code = at(&server, &examples("WiFi.h")[0]);
    let Some(command) = sketch(&code) else {
        return;
    };
    let board = Program::spawn(command);
    let heard = server.hears("Somebody is at the door");
    assert_eq!(heard.speaker, "Doorbell");
    server.says("Who is it?");
    board.hears("Who is it?");
}

/// A sketch for an ESP32, built for this computer.
fn sketch(code: &str) -> Option<Command> {
    let folder = hallway_tests::world::target_directory().join("arduino");
    fs::create_dir_all(&folder).expect("cargo's target directory can be written to");
    let (file, binary) = (folder.join("sketch.cpp"), folder.join("sketch"));
    fs::write(&file, code).expect("the directory can be written to");
    let built = foreign("g++")?
        .args(["-std=c++17", "-Wall", "-Werror", "-I"])
        .arg(source().join("tests/arduino"))
        .arg("-o")
        .args([&binary, &file])
        .output()
        .expect("a program that is there can be run");
    let said = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "{said}");
    Some(Command::new(binary))
}

#[test]
fn a_line_of_shell_sends_and_waits_for_answers() {
    let server = Server::start(&["--name", "Hilda"]);
    let example = at(&server, &examples("nc -N")[0]);
    let mut lines = example.lines();
    let line = lines.next().and_then(|line| line.strip_prefix("$ "));
    let line = line.expect("a command comes first");
    let Some(_) = foreign("nc") else {
        return;
    };
    let mut shell = Command::new("sh");
    shell.args(["-c", line]);
    let (code, out, said) = Program::spawn(shell).outcome(PATIENCE);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(
        out.trim_end(),
        lines.collect::<Vec<_>>().join("\n").trim_end()
    );
    assert_eq!(server.hears("The build is done").speaker, "Nell");
}
