//! Somebody between a client and a server, who decrypts what both say.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use hallway_core::trust::sas::{Committed, Pair};
use hallway_core::wire::Fingerprint;
use hallway_core::wire::values::Nonce;
use hallway_tests::world::listening;

use crate::openssl::{Certificate, client, server};

/// Somebody between a client and a server, who decrypts what both say, and reads it.
#[derive(Debug)]
pub(crate) struct Relay {
    programs: [Child; 2],
    read: Arc<Mutex<String>>,
}

impl Relay {
    /// On this port, before that server. Where `poses_as` is the server's fingerprint, it does all that
    /// it can to be taken for it; else it passes on everything as it is.
    #[track_caller]
    pub(crate) fn start(
        port: u16,
        before: SocketAddr,
        who: &Certificate,
        poses_as: Option<Fingerprint>,
    ) -> Self {
        let alpn = ["-alpn", "hallway/1"];
        let pipes = |mut command: Command| {
            command.stdin(Stdio::piped()).stdout(Stdio::piped());
            command.stderr(Stdio::null());
            command.spawn().expect("openssl can be started")
        };
        let mut to_client = pipes(server(port, who, &alpn));
        let mut to_server = pipes(client(before, Some(who), &alpn));
        let read = Arc::default();
        let eve = Arc::new(Mutex::new(Eve::new(who.fingerprint, poses_as)));
        let twin = Arc::clone(&eve);
        pass_on(&mut to_client, &mut to_server, &read, move |line| {
            let mut eve = eve.lock().expect("no holder of the lock panics");
            eve.says_to_server(line)
        });
        pass_on(&mut to_server, &mut to_client, &read, move |line| {
            let mut eve = twin.lock().expect("no holder of the lock panics");
            eve.says_to_client(line)
        });
        listening(port);
        Self {
            programs: [to_client, to_server],
            read,
        }
    }

    /// Everything that it has read until now.
    pub(crate) fn read(&self) -> String {
        self.read
            .lock()
            .expect("no holder of the lock panics")
            .clone()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        for program in &mut self.programs {
            // It may have ended by itself, which is as good.
            let _ = program.kill();
            let _ = program.wait();
        }
    }
}

/// Gives what one program prints to another one, changed.
fn pass_on(
    from: &mut Child,
    to: &mut Child,
    read: &Arc<Mutex<String>>,
    change: impl Fn(&str) -> String + Send + 'static,
) {
    let from = from.stdout.take().expect("it is piped");
    let mut to = to.stdin.take().expect("it is piped");
    let read = Arc::clone(read);
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            let mut all = read.lock().expect("no holder of the lock panics");
            all.push_str(&line);
            all.push('\n');
            drop(all);
            if writeln!(to, "{}", change(&line)).is_err() {
                return;
            }
        }
    });
}

/// What somebody in the middle says to both, in place of what the other one said.
struct Eve {
    own: Fingerprint,
    poses_as: Option<Fingerprint>,
    /// A comparison of her own with the server.
    committed: Option<Committed>,
    revealed: Option<Nonce>,
}

impl Eve {
    fn new(own: Fingerprint, poses_as: Option<Fingerprint>) -> Self {
        Self {
            own,
            poses_as,
            committed: None,
            revealed: None,
        }
    }

    fn says_to_server(&mut self, line: &str) -> String {
        let Some(server) = self.poses_as else {
            return line.to_owned();
        };
        if line.contains(r#""sas-commit""#) {
            let pair = Pair {
                client: self.own,
                server,
            };
            let (committed, commit) = Committed::new(pair).expect("there are random bytes");
            self.committed = Some(committed);
            return format!(r#"{{"type":"sas-commit","commit":"{commit}"}}"#);
        }
        match self.revealed.take_if(|_| line.contains(r#""sas-reveal""#)) {
            Some(nonce) => format!(r#"{{"type":"sas-reveal","nonce":"{nonce}"}}"#),
            None => line.to_owned(),
        }
    }

    fn says_to_client(&mut self, line: &str) -> String {
        let Some(server) = self.poses_as else {
            return line.to_owned();
        };
        if let Some((_, rest)) = line.split_once(r#""sas-nonce","nonce":""#)
            && let Some(nonce) = rest.get(..64).and_then(|nonce| nonce.parse().ok())
            && let Some(committed) = self.committed.take()
        {
            self.revealed = Some(committed.reveal(&nonce).0);
        }
        line.replace(&server.to_string(), &self.own.to_string())
    }
}
