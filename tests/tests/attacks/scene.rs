//! A server and people of ours.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;

use hallway_core::wire::Fingerprint;
use hallway_tests::program::Program;
use hallway_tests::server::Server;
use hallway_tests::wait::PATIENCE;
use hallway_tests::world::{free_port, ours};
use tempfile::TempDir;

/// What somebody wants only the right server to have.
pub(crate) const SECRET: &str = "the key is under the mat";

/// Folders of servers and of people, and a port.
#[derive(Debug)]
pub(crate) struct Scene {
    folder: TempDir,
    pub(crate) port: u16,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self {
            folder: TempDir::new().expect("there is room for a folder"),
            port: free_port(),
        }
    }

    /// The folder of a name.
    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A server whose things are in the folder of this name, on our port.
    #[track_caller]
    pub(crate) fn server(&self, name: &str, encryption: &str) -> Server {
        self.server_on(self.port, name, encryption)
    }

    /// The same on another port.
    #[track_caller]
    pub(crate) fn server_on(&self, port: u16, name: &str, encryption: &str) -> Server {
        let data = self.folder(name);
        let data = data.to_str().expect("a path of ours is UTF-8");
        let port = port.to_string();
        Server::start(&["--encryption", encryption, "--data", data, "--port", &port])
    }

    /// Somebody who talks to whoever is at our port.
    #[track_caller]
    pub(crate) fn talker(&self, name: &str) -> Program {
        let mut command = Command::new(env!("CARGO_BIN_EXE_talker"));
        let server = format!("127.0.0.1:{}", self.port);
        command.arg(self.home(name)).args([&server, name]);
        Program::spawn(command)
    }

    /// Where our client keeps things of this person.
    pub(crate) fn home(&self, name: &str) -> PathBuf {
        self.folder(name).join("hallway/client")
    }

    /// `hallway send` by this person: exit code, and what it says.
    #[track_caller]
    pub(crate) fn send(&self, name: &str, options: &[&str], text: &str) -> (Option<i32>, String) {
        let mut command = ours("hallway");
        command
            .arg("send")
            .args(options)
            .args([&self.address().to_string(), text])
            .env("XDG_DATA_HOME", self.folder(name));
        let mut hallway = Program::spawn(command);
        hallway.end_input();
        let (code, _, said) = hallway.outcome(PATIENCE);
        assert!(!said.contains("panicked"), "{said}");
        (code, said)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }
}

/// Waits until a talker has told this, with `wanted` in what follows.
#[track_caller]
pub(crate) fn hears(talker: &Program, what: &str, wanted: &str) -> String {
    let line = talker
        .out()
        .find(PATIENCE, &format!("“{what} {wanted}”"), |line| {
            let rest = line.strip_prefix(what);
            rest.is_some_and(|rest| rest.contains(wanted))
        });
    line.strip_prefix(what)
        .unwrap_or_default()
        .trim_start()
        .to_owned()
}

/// The first fingerprint in a text.
pub(crate) fn fingerprint(text: &str) -> Fingerprint {
    let mut words = text.split(|c: char| !c.is_ascii_hexdigit());
    words
        .find_map(|word| word.parse().ok())
        .unwrap_or_else(|| panic!("no fingerprint in {text}"))
}
