//! What goes wrong, and what it is told by.

use std::io::{Read, Write};
use std::process::Output;
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};

use crate::world::{
    PATIENCE, accept, all, failed, hallway, listen, pipe, receive, reset, run, serve,
    start_with_pipe,
};

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
