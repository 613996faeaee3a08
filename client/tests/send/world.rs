//! The program, and servers for it.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Output, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::net::sockopt;

/// Nothing here takes that long, not even on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Longer than sending takes on a busy machine, shorter than its patience with a silent server.
pub(crate) const SOON: Duration = Duration::from_secs(10);

/// The program, without a display: no window opens where these tests run.
pub(crate) fn hallway(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hallway"));
    // Without it, it would say that it goes unencrypted.
    let (way, words) = match words {
        ["send", words @ ..] => (&["send", "--plain"][..], words),
        words => (&[][..], words),
    };
    command
        .args(way)
        .args(words)
        .env("LC_ALL", "C")
        .env("XDG_DATA_HOME", env!("CARGO_TARGET_TMPDIR"))
        .env_remove("RUST_LOG")
        .env_remove("DISPLAY")
        .env("GDK_BACKEND", "x11")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

pub(crate) fn run(words: &[&str]) -> Output {
    hallway(words).output().unwrap()
}

/// Runs it with `input` as its standard input.
pub(crate) fn pipe(words: &[&str], input: &[u8]) -> Output {
    let mut child = start_with_pipe(words);
    let mut stdin = child.stdin.take().unwrap();
    // It may end before it has read everything.
    let _ = stdin.write_all(input);
    drop(stdin);
    child.wait_with_output().unwrap()
}

pub(crate) fn start_with_pipe(words: &[&str]) -> Child {
    hallway(words).stdin(Stdio::piped()).spawn().unwrap()
}

pub(crate) fn listen() -> (TcpListener, String) {
    listen_at(Ipv4Addr::LOCALHOST.into())
}

pub(crate) fn listen_at(ip: IpAddr) -> (TcpListener, String) {
    let listener = TcpListener::bind((ip, 0)).unwrap();
    let target = listener.local_addr().unwrap().to_string();
    (listener, target)
}

pub(crate) fn accept(listener: &TcpListener) -> TcpStream {
    let (stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

pub(crate) fn serve<T: Send + 'static>(
    listener: TcpListener,
    work: impl FnOnce(TcpStream) -> T + Send + 'static,
) -> JoinHandle<T> {
    thread::spawn(move || work(accept(&listener)))
}

/// Serves one connection and gives what came.
pub(crate) fn receive(listener: TcpListener) -> JoinHandle<Vec<u8>> {
    serve(listener, all)
}

pub(crate) fn all(mut stream: TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    bytes
}

pub(crate) fn reset(stream: TcpStream) {
    sockopt::set_socket_linger(&stream, Some(Duration::ZERO)).unwrap();
    drop(stream);
}

#[track_caller]
pub(crate) fn succeeded(output: &Output) {
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*told), (Some(0), ""));
    assert!(output.stdout.is_empty());
}

/// It failed with one line that holds all of `parts`.
#[track_caller]
pub(crate) fn failed(output: &Output, parts: &[&str]) {
    let told = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(
        told.starts_with("hallway: ") && told.ends_with(".\n"),
        "{told}"
    );
    assert_eq!(told.lines().count(), 1, "{told}");
    for part in parts {
        assert!(told.contains(part), "{part}: {told}");
    }
}
