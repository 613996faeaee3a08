//! A program that is running, with its three streams; it is killed when nobody holds it any more.

use std::io::Write;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::lines::Lines;
use crate::wait::{PATIENCE, until};

/// Where programs speak English, in UTF-8, whatever language the person who tests speaks. (A test
/// of a translation asks for it by `LANGUAGE`.)
const LOCALE: &str = "C.UTF-8";

/// A child process.
#[derive(Debug)]
pub struct Program {
    name: String,
    child: Child,
    stdin: Option<ChildStdin>,
    out: Lines,
    err: Lines,
}

impl Program {
    /// Starts it.
    #[track_caller]
    pub fn spawn(command: Command) -> Self {
        Self::start(command, Lines::of)
    }

    /// Starts it and reads one line of what it prints, until [`Lines::read_on`].
    #[track_caller]
    pub fn spawn_unread(command: Command) -> Self {
        Self::start(command, Lines::first_of)
    }

    #[track_caller]
    fn start(mut command: Command, read: impl FnOnce(std::process::ChildStdout) -> Lines) -> Self {
        let name = command.get_program().to_string_lossy().into_owned();
        if !command.get_envs().any(|(name, _)| name == "LANGUAGE") {
            command.env_remove("LANGUAGE");
        }
        let mut child = command
            .env("LC_ALL", LOCALE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{name} does not start: {error}"));
        let out = child.stdout.take().expect("stdout was asked to be a pipe");
        let err = child.stderr.take().expect("stderr was asked to be a pipe");
        Self {
            name,
            stdin: child.stdin.take(),
            child,
            out: read(out),
            err: Lines::of(err),
        }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it prints to stdout.
    pub fn out(&self) -> &Lines {
        &self.out
    }

    /// What it prints to stderr.
    pub fn err(&self) -> &Lines {
        &self.err
    }

    /// Waits until it has printed exactly this line.
    #[track_caller]
    pub fn hears(&self, line: &str) {
        let what = format!("“{line}” from {}", self.name);
        self.out.find(PATIENCE, &what, |printed| printed == line);
    }

    /// Gives it these bytes to read.
    #[track_caller]
    pub fn write(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().expect("its input has not been ended");
        stdin
            .write_all(bytes)
            .unwrap_or_else(|error| panic!("{} reads no input: {error}", self.name));
    }

    /// Gives it a line to read.
    #[track_caller]
    pub fn type_line(&mut self, text: &str) {
        self.write(format!("{text}\n").as_bytes());
    }

    /// Gives it a line to read, unless it has ended.
    pub fn try_type_line(&mut self, text: &str) {
        if let Some(stdin) = &mut self.stdin {
            // Nobody is there to read it.
            let _ = writeln!(stdin, "{text}");
        }
    }

    /// Its input, for a thread that may be held up by it.
    #[track_caller]
    pub fn take_input(&mut self) -> ChildStdin {
        self.stdin.take().expect("its input has not been ended")
    }

    /// Ends its input.
    pub fn end_input(&mut self) {
        self.stdin = None;
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).expect("a child of ours that was not waited for takes signals");
    }

    /// How it ended, unless it is running.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child
            .try_wait()
            .expect("a child of ours can be waited for")
    }

    /// Waits for its end.
    #[track_caller]
    pub fn end(&mut self, patience: Duration) -> ExitStatus {
        let what = format!("the end of {}", self.name);
        until(patience, &what, || self.ended())
    }

    /// Waits for its end: exit code, stdout, stderr.
    #[track_caller]
    pub fn outcome(&mut self, patience: Duration) -> (Option<i32>, String, String) {
        let status = self.end(patience);
        let out = self.out.to_the_end(PATIENCE).join("\n");
        let err = self.err.to_the_end(PATIENCE).join("\n");
        (status.code(), out, err)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
