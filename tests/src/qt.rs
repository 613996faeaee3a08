//! Programs written with Qt as its documentation shows, built when they are first wanted.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use rustix::fs::{FlockOperation, flock};

use crate::world::{foreign, foreign_with, skip, target_directory};

const CLIENT: (&str, &str) = ("qt-client", include_str!("../qt/client.cpp"));
const SERVER: (&str, &str) = ("qt-server", include_str!("../qt/server.cpp"));
const ROOM: (&str, &str) = ("qt-room", include_str!("../qt/room.cpp"));

/// A `QTcpSocket` that is connected to a host and a port: lines from stdin go to the socket, lines
/// from the socket to stdout. With `--half-close`, the end of stdin is the end of sending alone.
#[track_caller]
pub fn client(arguments: &[&str]) -> Option<Command> {
    program(CLIENT, arguments)
}

/// A `QTcpServer`: prints its port, then the lines that come; lines from stdin go to all clients,
/// and the end of stdin closes everything.
#[track_caller]
pub fn server() -> Option<Command> {
    program(SERVER, &[])
}

/// A `QTcpServer` for measurements: gives each client its own lines back (`echo`) or the others'
/// (`relay`).
#[track_caller]
pub fn room(role: &str) -> Option<Command> {
    program(ROOM, &[role])
}

/// A program of this source.
#[track_caller]
pub fn written(name: &str, source: &str) -> Option<Command> {
    program((name, source), &[])
}

#[track_caller]
fn program((name, source): (&str, &str), arguments: &[&str]) -> Option<Command> {
    let directory = target_directory().join("qt");
    fs::create_dir_all(&directory).expect("cargo's target directory can be written to");
    // Tests are threads and processes; whoever comes first builds, the others wait.
    let lock = File::create(directory.join("lock")).expect("the directory can be written to");
    flock(&lock, FlockOperation::LockExclusive).expect("a file there can be locked");
    let (code, binary) = (
        directory.join(name).with_extension("cpp"),
        directory.join(name),
    );
    let is_built = binary.is_file() && fs::read(&code).is_ok_and(|old| old == source.as_bytes());
    if !is_built {
        build(source, &code, &binary)?;
    }
    let mut command = Command::new(binary);
    command.args(arguments);
    Some(command)
}

#[track_caller]
fn build(source: &str, code: &Path, binary: &Path) -> Option<()> {
    let modules = ["--cflags", "--libs", "Qt6Core", "Qt6Network"];
    let found = foreign_with("pkg-config", modules)?
        .output()
        .expect("a program that is there can be run");
    if !found.status.success() {
        skip("Qt's files for developers are not installed (qt6-base-dev)");
        return None;
    }
    let flags = String::from_utf8(found.stdout).expect("pkg-config prints text");
    // Built under another name, so that a build that was cut short leaves nothing to be run.
    let unfinished = binary.with_extension("unfinished");
    fs::write(code, source).expect("the directory can be written to");
    let output = foreign("g++")?
        .args(["-std=c++17", "-O2", "-fPIC", "-o"])
        .args([&unfinished, code])
        .args(flags.split_whitespace())
        .output()
        .expect("a program that is there can be run");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "g++ {}: {said}", code.display());
    fs::rename(unfinished, binary).expect("the directory can be written to");
    Some(())
}
