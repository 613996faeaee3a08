//! `hallway send --plain`, the program itself, against servers of the standard library.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::net::sockopt;
use rustix::process::{Pid, Signal, kill_process};

/// Nothing here takes that long, not even on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// Longer than sending takes on a busy machine, shorter than its patience with a silent server.
const SOON: Duration = Duration::from_secs(10);

/// The program, without a display: no window opens where these tests run.
fn hallway(words: &[&str]) -> Command {
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

fn run(words: &[&str]) -> Output {
    hallway(words).output().unwrap()
}

/// Runs it with `input` as its standard input.
fn pipe(words: &[&str], input: &[u8]) -> Output {
    let mut child = start_with_pipe(words);
    let mut stdin = child.stdin.take().unwrap();
    // It may end before it has read everything.
    let _ = stdin.write_all(input);
    drop(stdin);
    child.wait_with_output().unwrap()
}

fn start_with_pipe(words: &[&str]) -> Child {
    hallway(words).stdin(Stdio::piped()).spawn().unwrap()
}

fn listen() -> (TcpListener, String) {
    listen_at(Ipv4Addr::LOCALHOST.into())
}

fn listen_at(ip: IpAddr) -> (TcpListener, String) {
    let listener = TcpListener::bind((ip, 0)).unwrap();
    let target = listener.local_addr().unwrap().to_string();
    (listener, target)
}

fn accept(listener: &TcpListener) -> TcpStream {
    let (stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

fn serve<T: Send + 'static>(
    listener: TcpListener,
    work: impl FnOnce(TcpStream) -> T + Send + 'static,
) -> JoinHandle<T> {
    thread::spawn(move || work(accept(&listener)))
}

/// Serves one connection and gives what came.
fn receive(listener: TcpListener) -> JoinHandle<Vec<u8>> {
    serve(listener, all)
}

fn all(mut stream: TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    bytes
}

fn reset(stream: TcpStream) {
    sockopt::set_socket_linger(&stream, Some(Duration::ZERO)).unwrap();
    drop(stream);
}

#[track_caller]
fn succeeded(output: &Output) {
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*told), (Some(0), ""));
    assert!(output.stdout.is_empty());
}

/// It failed with one line that holds all of `parts`.
#[track_caller]
fn failed(output: &Output, parts: &[&str]) {
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

#[test]
fn words_arrive_as_a_line() {
    for (words, expected) in [
        (&["Hello,", "hall!"][..], "Hello, hall!\n"),
        (&["你好", "走廊"], "你好 走廊\n"),
        (&["one\ntwo\r\n\nthree"], "one\ntwo\r\n\nthree\n"),
        (&["ends\n"], "ends\n"),
        (&[""], "\n"),
        (&["say", "--help"], "say --help\n"),
        (&["--", "-x"], "-x\n"),
    ] {
        let (listener, target) = listen();
        let server = receive(listener);
        succeeded(&run(&[&["send", &target], words].concat()));
        assert_eq!(server.join().unwrap(), expected.as_bytes());
    }
}

#[test]
fn every_form_of_address_leads_there() {
    let (listener, _) = listen();
    let port = listener.local_addr().unwrap().port();
    for target in [
        format!("localhost:{port}"),
        format!("hallway://127.0.0.1:{port}/"),
        format!(" 127.0.0.1 {port}"),
    ] {
        let server = receive(listener.try_clone().unwrap());
        succeeded(&run(&["send", &target, "x"]));
        assert_eq!(server.join().unwrap(), b"x\n");
    }
    let Ok(listener) = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)) else {
        eprintln!("skipped: no IPv6 here");
        return;
    };
    let port = listener.local_addr().unwrap().port();
    for target in [format!("[::1]:{port}"), format!("::1 {port}")] {
        let server = receive(listener.try_clone().unwrap());
        succeeded(&run(&["send", &target, "x"]));
        assert_eq!(server.join().unwrap(), b"x\n");
    }
    let refused = run(&["send", "::1", "x"]);
    if TcpStream::connect((Ipv6Addr::LOCALHOST, 4255)).is_err() {
        failed(&refused, &["port 4255 at ::1."]);
    }
}

#[test]
fn standard_input_arrives_as_it_is() {
    let every_byte: Vec<u8> = (0..=255).chain([b'\n']).collect();
    for (input, expected) in [
        (&b""[..], &b""[..]),
        (b"a\nb", b"a\nb\n"),
        (b"a\r\n\n", b"a\r\n\n"),
        (b"\xff\0\x1b", b"\xff\0\x1b\n"),
        (&every_byte, &every_byte),
    ] {
        let (listener, target) = listen();
        let server = receive(listener);
        succeeded(&pipe(&["send", &target], input));
        assert_eq!(server.join().unwrap(), expected);
    }
    let (listener, target) = listen();
    let server = receive(listener);
    let file = std::fs::File::open(env!("CARGO_MANIFEST_PATH")).unwrap();
    succeeded(&hallway(&["send", &target]).stdin(file).output().unwrap());
    let expected = std::fs::read(env!("CARGO_MANIFEST_PATH")).unwrap();
    assert_eq!(server.join().unwrap(), expected);
}

#[test]
fn what_is_typed_slowly_goes_at_once() {
    let (listener, target) = listen();
    let mut child = start_with_pipe(&["send", &target]);
    let mut stdin = child.stdin.take().unwrap();
    let mut stream = accept(&listener);
    for text in ["你\n", "好\n", "half ", "a line"] {
        stdin.write_all(text.as_bytes()).unwrap();
        let mut received = vec![0; text.len()];
        stream.read_exact(&mut received).unwrap();
        assert_eq!(received, text.as_bytes());
    }
    drop(stdin);
    assert_eq!(all(stream), b"\n");
    succeeded(&child.wait_with_output().unwrap());
}

/// The most memory that a process has had so far, in kibibytes.
fn peak(child: &Child) -> usize {
    let status = format!("/proc/{}/status", child.id());
    let status = std::fs::read_to_string(status).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.unwrap().trim().trim_end_matches(" kB");
    peak.parse().unwrap()
}

#[test]
fn twenty_megabytes_reach_a_slow_reader_through_little_memory() {
    let input: Vec<u8> = (0_u32..2_500_000)
        .flat_map(|n| format!("{n:07}\n").into_bytes())
        .collect();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    sockopt::set_socket_recv_buffer_size(&listener, 64 * 1024).unwrap();
    let target = listener.local_addr().unwrap().to_string();
    let received = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&received);
    let server = serve(listener, move |mut stream| {
        let mut bytes = Vec::new();
        let mut buffer = vec![0; 256 * 1024];
        loop {
            match stream.read(&mut buffer).unwrap() {
                0 => return bytes,
                count => bytes.extend_from_slice(&buffer[..count]),
            }
            counter.store(bytes.len(), Ordering::Relaxed);
            thread::sleep(Duration::from_millis(1));
        }
    });
    let mut child = start_with_pipe(&["send", &target]);
    let mut stdin = child.stdin.take().unwrap();
    let (first, rest) = input.split_at(64 * 1024);
    stdin.write_all(first).unwrap();
    while received.load(Ordering::Relaxed) < first.len() {
        thread::sleep(Duration::from_millis(1));
    }
    let before = peak(&child);
    stdin.write_all(rest).unwrap();
    let growth = peak(&child) - before;
    assert!(growth < 10 * 1024, "{growth} kB of 19,531");
    drop(stdin);
    succeeded(&child.wait_with_output().unwrap());
    assert!(server.join().unwrap() == input);
}

#[test]
fn a_server_that_never_closes_does_not_hold_it_up() {
    for input in [None, Some(&b"you\n"[..])] {
        let (listener, target) = listen();
        let (over, ended) = mpsc::channel::<()>();
        let server = serve(listener, move |mut stream| {
            // It talks all the time, in one endless line.
            let mut writer = stream.try_clone().unwrap();
            let talk = thread::spawn(move || {
                while writer.write_all(&[b'x'; 4096]).is_ok() {
                    thread::sleep(Duration::from_millis(1));
                }
            });
            let mut received = [0; 4];
            stream.read_exact(&mut received).unwrap();
            ended.recv_timeout(PATIENCE).unwrap();
            drop(stream);
            talk.join().unwrap();
            received
        });
        let begun = Instant::now();
        let output = match input {
            Some(input) => pipe(&["send", &target], input),
            None => run(&["send", &target, "you"]),
        };
        assert!(begun.elapsed() < SOON);
        succeeded(&output);
        over.send(()).unwrap();
        assert_eq!(&server.join().unwrap(), b"you\n");
    }
}

#[test]
fn a_server_that_says_goodbye_at_once_still_gets_the_text() {
    let (listener, target) = listen();
    let server = serve(listener, |stream| {
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        all(stream)
    });
    succeeded(&run(&["send", &target, "hello"]));
    assert_eq!(server.join().unwrap(), b"hello\n");

    // More than can be on its way by then.
    let (listener, target) = listen();
    let server = serve(listener, |stream| {
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        thread::sleep(Duration::from_millis(200));
        all(stream)
    });
    let input = b"and all the rest\n".repeat(200_000);
    succeeded(&pipe(&["send", &target], &input));
    assert!(server.join().unwrap() == input);
}

#[test]
fn nobody_there_is_said_in_words() {
    let (listener, target) = listen();
    let port = listener.local_addr().unwrap().port().to_string();
    drop(listener);
    let expected = format!("Nothing is listening on port {port} at 127.0.0.1.");
    for output in [
        run(&["send", &target, "x"]),
        pipe(&["send", &target], b"x\n"),
    ] {
        failed(&output, &[&expected]);
        assert!(!String::from_utf8_lossy(&output.stderr).contains("arrived"));
    }
    let begun = Instant::now();
    let output = run(&["send", "no-such-host.invalid", "x"]);
    failed(&output, &["no-such-host.invalid"]);
    assert!(begun.elapsed() < PATIENCE);
}

#[test]
fn a_connection_that_breaks_leaves_a_doubt() {
    let (listener, target) = listen();
    let server = serve(listener, |mut stream| {
        stream.read_exact(&mut [0; 1000]).unwrap();
        reset(stream);
    });
    let output = pipe(&["send", &target], &vec![b'x'; 20_000_000]);
    failed(&output, &["broke the connection off", "how much arrived"]);
    server.join().unwrap();

    let (listener, target) = listen();
    let mut child = start_with_pipe(&["send", &target]);
    let mut stdin = child.stdin.take().unwrap();
    let mut stream = accept(&listener);
    stdin.write_all(b"a\n").unwrap();
    stream.read_exact(&mut [0; 2]).unwrap();
    reset(stream);
    // Without a word more from us.
    let output = child.wait_with_output().unwrap();
    failed(&output, &["broke the connection off", "how much arrived"]);
}

#[test]
fn an_input_that_cannot_be_read_is_said_in_words() {
    let (listener, target) = listen();
    let server = receive(listener);
    let folder = std::fs::File::open(env!("CARGO_MANIFEST_DIR")).unwrap();
    let output = hallway(&["send", &target]).stdin(folder).output().unwrap();
    failed(&output, &["standard input"]);
    assert_eq!(server.join().unwrap(), b"");
}

#[test]
fn control_c_ends_it() {
    let (listener, target) = listen();
    let mut child = start_with_pipe(&["send", &target]);
    let stdin = child.stdin.take();
    let stream = accept(&listener);
    // It listens for the signal before it connects.
    let pid = Pid::from_child(&child);
    kill_process(pid, Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert!(output.stderr.is_empty());
    assert_eq!(all(stream), b"");
    drop(stdin);
}

#[test]
fn bad_usage_is_2_and_help_is_0() {
    for words in [
        &["send"][..],
        &["send", "lab:0", "x"],
        &["send", "1.2.3", "x"],
        &["send", "lab", "-x"],
        &["--nonsense"],
    ] {
        let output = run(words);
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty());
    }
    for words in [&["--help"][..], &["--version"], &["send", "--help"]] {
        let output = run(words);
        assert_eq!(output.status.code(), Some(0), "{words:?}");
        assert!(!output.stdout.is_empty() && output.stderr.is_empty());
    }
}

#[test]
fn without_send_it_tells_of_send() {
    failed_window(&run(&[]));
    failed_window(&run(&["lab:80"]));
}

fn failed_window(output: &Output) {
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(told.contains("window") && told.contains("hallway send"));
}

#[test]
fn closed_outputs_are_no_reason_to_panic() {
    for words in [&["--help"][..], &["send", "lab:0"], &[], &["send"]] {
        let mut command = hallway(words);
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        command.stdout(writer.try_clone().unwrap()).stderr(writer);
        let status = command.status().unwrap();
        assert!(matches!(status.code(), Some(1 | 2)), "{words:?}: {status}");
    }
}
