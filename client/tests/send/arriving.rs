//! What arrives, and when it is over.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener, TcpStream};
use std::process::Child;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use rustix::net::sockopt;

use crate::world::{
    PATIENCE, SOON, accept, all, failed, hallway, listen, pipe, receive, run, serve,
    start_with_pipe, succeeded,
};

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
