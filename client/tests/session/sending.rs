//! `hallway send`, the program itself, against a server of our own kind.

use std::cell::RefCell;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use hallway_core::identity::Identity;
use hallway_core::wire::{Code, Frame};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::hall::Hall;
use crate::world::World;

/// A person's data, and how they start the program.
struct Person(TempDir);

impl Person {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn start(&self, words: &[&str], input: &[u8]) -> Child {
        let mut child = Command::new(env!("CARGO_BIN_EXE_hallway"))
            .arg("send")
            .args(words)
            .env("LC_ALL", "C")
            .env("XDG_DATA_HOME", self.0.path())
            .env_remove("RUST_LOG")
            .env_remove("DISPLAY")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        // The server is on this thread.
        std::thread::spawn(move || {
            // It may end before it has read everything.
            let _ = stdin.write_all(&input);
        });
        child
    }

    fn run(&self, world: &World, words: &[&str], input: &[u8]) -> Output {
        output(world, self.start(words, input))
    }

    /// Sends a text encrypted, which must succeed.
    fn sends(&self, world: &World, hall: &Hall, text: &str) -> String {
        let words = ["--encrypted", "--name", "Ana", &hall.target(), text];
        let output = self.run(world, &words, b"");
        succeeded(&output)
    }

    fn folder(&self) -> std::path::PathBuf {
        self.0.path().join("hallway").join("client")
    }

    /// Nothing waits to be sent by whoever comes next.
    fn has_empty_outbox(&self, hall: &Hall) -> bool {
        let keeper = hallway::session::Keeper::open(&self.folder())
            .unwrap()
            .keeper;
        let server = hall.books.id;
        let unsent = keeper.history().ask(move |store| store.unsent(&server, 0));
        unsent.unwrap().wait().unwrap().is_empty()
    }
}

fn output(world: &World, child: Child) -> Output {
    let child = RefCell::new(child);
    world.until("the program", || {
        child.borrow_mut().try_wait().unwrap().is_some()
    });
    child.into_inner().wait_with_output().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[track_caller]
fn succeeded(output: &Output) -> String {
    let told = told(output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(output.stdout.is_empty());
    told
}

#[track_caller]
fn failed(output: &Output, code: i32, part: &str) {
    let told = told(output);
    assert_eq!(output.status.code(), Some(code), "{told}");
    assert!(told.contains(part), "{told}");
}

#[test]
fn a_text_is_on_the_servers_disk_when_it_ends() {
    World::with(|world| {
        let (hall, person) = (Hall::new(&world.reactor), Person::new());
        let said = person.sends(world, &hall, "你好 hall");
        assert!(said.contains(&hall.books.id.to_string()), "{said}");
        assert_eq!(hall.books.texts(), ["你好 hall"]);
        // Known from now on, and without being asked.
        let output = person.run(world, &["--name", "Ana", &hall.target(), "again"], b"");
        assert_eq!(succeeded(&output), "");
        assert_eq!(hall.books.texts(), ["你好 hall", "again"]);
        assert!(person.has_empty_outbox(&hall));
        let output = person.run(world, &["--plain", &hall.target(), "plain"], b"");
        failed(&output, 1, "never spoken to in plain text");
    });
}

#[test]
fn the_standard_input_is_one_message_while_it_fits() {
    World::with(|world| {
        let (hall, person) = (Hall::new(&world.reactor), Person::new());
        let target = hall.target();
        let words = ["--encrypted", &*target];
        succeeded(&person.run(world, &words, b"one\ntwo\n"));
        succeeded(&person.run(world, &words, b""));
        assert_eq!(hall.books.texts(), ["one\ntwo"]);
        let line = "x".repeat(999);
        let text = format!("{line}\n").repeat(2000);
        succeeded(&person.run(world, &words, text.as_bytes()));
        let texts = hall.books.texts();
        assert_eq!(texts.len(), 1 + 125);
        assert_eq!(texts[1..].join("\n"), text.trim_end());
    });
}

#[test]
fn an_unknown_server_where_another_was_has_an_exit_code_of_its_own() {
    World::with(|world| {
        let (hall, person) = (Hall::new(&world.reactor), Person::new());
        person.sends(world, &hall, "hello");
        let port = hall.port();
        hall.leave();
        let other = Hall::at(&world.reactor, port, Identity::make().unwrap());
        for words in [&["--encrypted"][..], &[]] {
            let target = other.target();
            let words = [words, &[&*target, "a secret"]].concat();
            let output = person.run(world, &words, b"");
            failed(&output, 3, &other.books.id.to_string());
        }
        assert!(other.books.heard.borrow().is_empty());
    });
}

#[test]
fn passwords_names_and_refusals() {
    World::with(|world| {
        let (hall, person) = (Hall::new(&world.reactor), Person::new());
        let target = hall.target();
        let secret = "open sesame".parse().unwrap();
        hall.books.script.password.replace(Some(secret));
        let run = |more: &[&str]| {
            let words = [&["--encrypted", "--name", "Ana"], more, &[&target, "hello"]].concat();
            person.run(world, &words, b"")
        };
        failed(&run(&[]), 1, "--password-file");
        let file = |name: &str, text: &str| {
            let path = person.0.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let wrong = file("wrong", "close sesame\n");
        failed(&run(&["--password-file", &wrong]), 1, "not the room’s");
        let empty = file("empty", "\n");
        failed(&run(&["--password-file", &empty]), 1, "first line");
        failed(
            &run(&["--password-file", "/nowhere"]),
            1,
            "could not be read",
        );
        let right = file("right", "open sesame\nand more\n");
        succeeded(&run(&["--password-file", &right]));
        hall.books.script.password.take();
        hall.books.script.taken.replace(Some("Ana".to_owned()));
        failed(&run(&[]), 1, "--name");
        assert_eq!(hall.books.texts(), ["hello"]);
        assert!(Path::new(&person.folder()).exists());
    });
}

#[test]
fn what_failed_is_not_left_for_later() {
    World::with(|world| {
        let (hall, person) = (Hall::new(&world.reactor), Person::new());
        let target = hall.target();
        let words = ["--encrypted", &*target, "hello"];
        hall.books.script.breaks_before.set(1);
        failed(&person.run(world, &words, b""), 1, "It cannot be known");
        assert!(person.has_empty_outbox(&hall));
        // Interrupted while somebody there still decides.
        hall.books.script.asks.set(true);
        let child = person.start(&words, b"");
        world.until("hello", || {
            hall.books.count(|frame| matches!(frame, Frame::Hello(_))) == 2
        });
        world.run_for(Duration::from_millis(300));
        kill_process(Pid::from_child(&child), Signal::INT).unwrap();
        let output = output(world, child);
        failed(&output, 130, "lets you in");
        hall.books.expel(&Code::Unauthorized);
        hall.books.script.asks.set(false);
        succeeded(&person.run(world, &words, b""));
        assert_eq!(hall.books.texts(), ["hello"]);
    });
}

#[test]
fn where_nobody_is_known_it_goes_plainly_and_says_so() {
    World::with(|world| {
        let person = Person::new();
        for (words, is_said) in [(&[][..], true), (&["--plain"], false)] {
            let (listener, target) = crate::world::listen();
            let server = crate::world::serve(&listener, crate::world::lines);
            let words = [words, &[&*target, "hello"]].concat();
            let said = succeeded(&person.run(world, &words, b""));
            assert_eq!(said.lines().count(), usize::from(is_said), "{said}");
            assert_eq!(said.contains("--encrypted"), is_said);
            assert_eq!(world.join(server), ["hello"]);
        }
        assert!(!person.folder().exists(), "nothing is kept");
    });
}
