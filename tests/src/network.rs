//! Computers that exist for a test: network namespaces, with a cable between two of them.
//!
//! Nothing of them outlives the test, however it ends: a namespace goes with the last process in
//! it, and a cable with its namespaces.

use std::fs::File;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::thread;
use std::time::Duration;

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use crate::program::Program;
use crate::wait::PATIENCE;
use crate::world::{foreign, foreign_with, is_root, say_skipped, skip};

/// One computer, with the loopback interface up.
#[derive(Debug)]
pub struct Computer {
    /// Reads until we are gone, and holds the namespace so long.
    holder: Program,
    namespace: File,
}

impl Computer {
    /// A new one. None where that cannot be done: see [`skip`].
    #[track_caller]
    pub fn new() -> Option<Self> {
        if !is_root() {
            // Not even in CI: who runs it decides about that.
            say_skipped("only root may make network namespaces");
            return None;
        }
        foreign("ip")?;
        let hold = ["--net", "sh", "-c", "echo ready && exec cat"];
        let holder = Program::spawn(foreign_with("unshare", hold)?);
        if holder.out().at_least_or_end(PATIENCE, 1).is_empty() {
            let said = holder.err().all();
            skip(&format!("no network namespaces here: {said:?}"));
            return None;
        }
        let namespace = File::open(format!("/proc/{}/ns/net", holder.pid()))
            .expect("root may open a namespace of a child");
        let computer = Self { holder, namespace };
        computer.ip("link set lo up");
        Some(computer)
    }

    /// Does something on this computer: sockets made and programs started there are its own.
    pub fn run<T: Send>(&self, what: impl FnOnce() -> T + Send) -> T {
        let outcome = thread::scope(|scope| {
            let there = || {
                move_into_link_name_space(self.namespace.as_fd(), Some(LinkNameSpaceType::Network))
                    .expect("root may enter a namespace of a child");
                what()
            };
            scope.spawn(there).join()
        });
        outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }

    /// Runs `ip` with these arguments, separated by spaces.
    #[track_caller]
    pub fn ip(&self, arguments: &str) {
        let output = self.run(|| {
            foreign_with("ip", arguments.split(' '))
                .expect("it was there when this computer was made")
                .output()
                .expect("a program that is there can be run")
        });
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "ip {arguments}: {said}");
    }
}

/// Two computers and the cable between them.
#[derive(Debug)]
pub struct Cable {
    /// Has 10.42.0.1 and `fe80::1`, on `near0`.
    pub near: Computer,
    /// Has 10.42.0.2 and `fe80::2`, on `far0`.
    pub far: Computer,
}

impl Cable {
    /// The address of the near computer.
    pub const NEAR: &str = "10.42.0.1";
    /// The address of the far computer.
    pub const FAR: &str = "10.42.0.2";

    /// Two new computers. None where that cannot be done: see [`skip`].
    #[track_caller]
    pub fn new() -> Option<Self> {
        let (near, far) = (Computer::new()?, Computer::new()?);
        near.ip(&format!(
            "link add near0 type veth peer name far0 netns {}",
            far.holder.pid()
        ));
        for (computer, interface, number) in [(&near, "near0", 1), (&far, "far0", 2)] {
            computer.ip(&format!("addr add 10.42.0.{number}/24 dev {interface}"));
            computer.ip(&format!("link set {interface} up"));
            // Without asking around for a second whether another computer has it.
            computer.ip(&format!("addr add fe80::{number}/64 dev {interface} nodad"));
        }
        Some(Self { near, far })
    }

    /// Pulls the cable, at the far side.
    #[track_caller]
    pub fn pull(&self) {
        self.far.ip("link set far0 down");
    }
}

/// A port that answers nobody any more: its queue is full, and Linux drops what knocks.
#[derive(Debug)]
pub struct Swallower {
    listener: TcpListener,
    _waiting: Vec<TcpStream>,
}

impl Swallower {
    /// One of this computer.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        rustix::net::listen(&listener, 0).expect("a listener may listen again");
        let address = listener.local_addr().expect("it listens somewhere");
        let soon = Duration::from_millis(200);
        let knock = || TcpStream::connect_timeout(&address, soon).ok();
        let waiting = std::iter::from_fn(knock).collect();
        Self {
            listener,
            _waiting: waiting,
        }
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.listener.local_addr().expect("it listens somewhere")
    }
}
