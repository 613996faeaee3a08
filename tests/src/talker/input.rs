//! What is to be done, line by line.

use std::io::{self, BufRead};
use std::thread;

use async_channel::Receiver;

/// Lines that are read ahead.
const AHEAD: usize = 64;

/// What a line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// `/compare`: six digits are to be compared.
    Compare,
    /// `/as-new`: the unknown server is another one, as a person would decide.
    ConnectAsNew,
    /// `/connect`: once more, though nothing went on by itself.
    Connect,
    /// `/network`: the network is another one, as the window notices.
    Network,
    /// Anything else is said to the room.
    Say(String),
}

impl From<String> for Command {
    fn from(line: String) -> Self {
        match line.as_str() {
            "/compare" => Self::Compare,
            "/as-new" => Self::ConnectAsNew,
            "/connect" => Self::Connect,
            "/network" => Self::Network,
            _ => Self::Say(line),
        }
    }
}

/// Reads until the end. The thread may be amid a read that never returns: the end of the program is
/// the end of it.
pub(crate) fn start() -> Receiver<Command> {
    let (sender, receiver) = async_channel::bounded(AHEAD);
    thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            if sender.send_blocking(line.into()).is_err() {
                return;
            }
        }
    });
    receiver
}
