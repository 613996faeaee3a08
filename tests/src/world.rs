//! What is on this machine: our programs, foreign programs, free ports.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::sync::atomic::{AtomicU16, Ordering};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::wait::{PATIENCE, until};

/// Names the directory that holds the programs under test.
const BIN_DIR: &str = "HALLWAY_BIN_DIR";

/// Ports below those that Linux gives to connections of its own accord.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// A program of ours, to be run.
#[track_caller]
pub fn ours(name: &str) -> Command {
    let path = match env::var_os(BIN_DIR) {
        Some(directory) => PathBuf::from(directory),
        None => target_directory(),
    }
    .join(name);
    assert!(
        path.is_file(),
        "There is no {}. Run `cargo build --workspace` first, or say in {BIN_DIR} where the \
         programs are.",
        path.display()
    );
    Command::new(path)
}

/// The directory of this build (`target/debug`): a test runs in `deps` below it.
pub fn target_directory() -> PathBuf {
    let test = env::current_exe().expect("a running program knows its path");
    test.ancestors()
        .nth(2)
        .expect("cargo puts tests two directories deep")
        .to_owned()
}

/// A program that is not ours, to be run. None where it is missing: then the test says so and is
/// skipped, but fails in CI, where all of them are.
#[track_caller]
pub fn foreign(name: &str) -> Option<Command> {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin"].map(PathBuf::from))
        .map(|directory| directory.join(name))
        .find(|candidate| is_program(candidate));
    if found.is_none() {
        skip(&format!("{name} is not installed"));
    }
    found.map(Command::new)
}

fn is_program(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok() && path.is_file()
}

/// [`foreign`] with its arguments.
#[track_caller]
pub fn foreign_with(
    name: &str,
    arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> Option<Command> {
    let mut command = foreign(name)?;
    command.args(arguments);
    Some(command)
}

/// Says why a test does not run here; panics in CI, where every test must.
#[track_caller]
pub fn skip(reason: &str) {
    assert!(env::var_os("CI").is_none(), "In CI this must run: {reason}");
    say_skipped(reason);
}

/// Says that a test does not run, past the test runner, which hides what tests print that pass.
pub fn say_skipped(reason: &str) {
    // Where nobody reads, nobody is told.
    let _ = writeln!(io::stderr(), "SKIPPED: {reason}");
}

/// Whether this process may do everything.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Lets this process have as many descriptors as the system allows it; says how many.
pub fn many_descriptors() -> u64 {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let limit = Rlimit {
        current: maximum,
        maximum,
    };
    // Then it is as many as before.
    let _ = setrlimit(Resource::Nofile, limit);
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// A port that nobody listens on, of an address of this computer alone.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let count = PORTS.end - PORTS.start;
    // Tests of other processes begin elsewhere.
    let start = u16::try_from(process::id() % u32::from(count)).expect("less than a u16");
    (0..count)
        .map(|_| {
            let next = NEXT.fetch_add(1, Ordering::Relaxed) % count;
            PORTS.start + (start + next) % count
        })
        .find(|&port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok())
        .expect("one of thousands of ports is free")
}

/// Waits until somebody listens on this port, without connecting to it.
#[track_caller]
pub fn listening(port: u16) {
    until(
        PATIENCE,
        &format!("anybody listening on port {port}"),
        || is_listening(port).then_some(()),
    );
}

/// Whether the system's table has a socket that listens there.
pub fn is_listening(port: u16) -> bool {
    has_socket(port, |state, _| state == "0A")
}

/// Whether a connection of this port has bytes that its program has not read.
pub fn is_unread(port: u16) -> bool {
    has_socket(port, |state, queues| {
        state == "01" && !queues.ends_with(":00000000")
    })
}

/// Whether the system's table has a socket of this port with such a state and such queues
/// (`proc_net_tcp`(5)).
fn has_socket(port: u16, wanted: impl Fn(&str, &str) -> bool) -> bool {
    let local = format!(":{port:04X}");
    let is_wanted = |line: &str| {
        let fields: Vec<_> = line.split_whitespace().skip(1).take(4).collect();
        matches!(fields[..], [own, _, state, queues] if own.ends_with(&local) && wanted(state, queues))
    };
    ["/proc/thread-self/net/tcp", "/proc/thread-self/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .any(|table| table.lines().any(is_wanted))
}
