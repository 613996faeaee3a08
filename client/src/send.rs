//! `hallway send`: hands a text over and ends.
//!
//! ```text
//! text, or standard input (`input`, on a thread) → wire → Connection → the server
//!                                                └→ encrypted (`texts`) → Session → the server
//! ```
//!
//! [`way`] chooses between the two.

mod encrypted;
mod input;
mod texts;
mod wire;

use std::io;
use std::pin::pin;
use std::process::ExitCode;

use futures_util::future::{Either, select};
use hallway_core::net::{Ended, Error, Reactor};
use hallway_core::text::visible_str;
use hallway_words::{gettext, gettext_f, sentence};
use rustix::process::Signal;

use crate::complain;
use crate::session::Target;
use crate::way::{self, Chosen, How, NoWay};
use wire::Wire;

/// Ended by Ctrl+C, as shells tell it.
const EXIT_INTERRUPTED: u8 = 130;

/// Where the text comes from.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The command line.
    Text(Vec<u8>),
    /// The standard input, as it comes.
    StandardInput,
}

/// Why not everything was handed over.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The connection never was, or was lost.
    Connection {
        error: Error,
        /// Something was on the way already.
        begun: bool,
    },
    /// The server closed the connection properly, and too early.
    EndedByServer,
    /// The standard input could not be read.
    Input(io::Error),
    /// The system has nothing to make a connection of.
    System(io::Error),
}

/// Sends what `source` gives to `target`.
pub(crate) fn run(target: &Target, source: Source, how: &How) -> ExitCode {
    let folder = way::folder();
    match way::choose(target, how.way, &folder) {
        Ok(Chosen::Encrypted) => encrypted::run(target, source, how, &folder),
        Ok(Chosen::Plain) => run_plainly(target, source),
        Ok(Chosen::PlainUnasked) => {
            complain(&gettext(
                "No encrypted server is known at this address, so this goes as plain text that anyone on the network can read. Choose with --encrypted or --plain.",
            ));
            run_plainly(target, source)
        }
        Err(error) => {
            complain(&error.sentence());
            ExitCode::FAILURE
        }
    }
}

fn run_plainly(target: &Target, source: Source) -> ExitCode {
    let outcome = glib::MainContext::default().block_on(async {
        let delivery = pin!(deliver(target, source));
        let interrupt = glib_unix::signal_future(Signal::INT.as_raw());
        match select(delivery, interrupt).await {
            Either::Left((outcome, _)) => Some(outcome),
            Either::Right(((), _)) => None,
        }
    });
    match outcome {
        Some(Ok(())) => ExitCode::SUCCESS,
        Some(Err(failure)) => {
            complain(&failure.sentence());
            ExitCode::FAILURE
        }
        None => ExitCode::from(EXIT_INTERRUPTED),
    }
}

async fn deliver(target: &Target, source: Source) -> Result<(), Failure> {
    let reactor = Reactor::new(glib::Priority::DEFAULT).map_err(Failure::System)?;
    match source {
        Source::Text(mut text) => {
            end_line(&mut text);
            let wire = Wire::open(&reactor, target, Some(text));
            wire.all_acknowledged().await
        }
        Source::StandardInput => {
            let wire = Wire::open(&reactor, target, None);
            wire.connected().await?;
            let input = forward(&wire).await?;
            wire.close();
            wire.all_acknowledged().await?;
            input.map_err(Failure::Input)
        }
    }
}

/// Sends the standard input as it comes. What was read before it failed is sent too.
async fn forward(wire: &Wire) -> Result<io::Result<()>, Failure> {
    let input = input::start().map_err(Failure::System)?;
    let mut line_is_open = false;
    loop {
        let next = pin!(input.recv());
        let chunk = match select(next, pin!(wire.over())).await {
            Either::Left((Ok(Ok(chunk)), _)) => chunk,
            Either::Left((Ok(Err(error)), _)) => return Ok(Err(error)),
            Either::Left((Err(_), _)) => break,
            Either::Right((failure, _)) => return Err(failure),
        };
        line_is_open = chunk.last().is_some_and(|last| *last != b'\n');
        wire.send(chunk.into()).await?;
    }
    if line_is_open {
        wire.send([b'\n'].into()).await?;
    }
    Ok(Ok(()))
}

fn end_line(text: &mut Vec<u8>) {
    if text.last() != Some(&b'\n') {
        text.push(b'\n');
    }
}

impl Failure {
    /// What the end of a connection means where something was still to do.
    fn of(ended: Option<Ended>, begun: bool) -> Self {
        let error = match ended {
            Some(Ended::ByPeer) => return Self::EndedByServer,
            Some(Ended::Failed(error)) => error,
            Some(Ended::Aborted) => Error::Reset,
            // Our closing was not answered within its deadline.
            Some(Ended::ByUs) | None => Error::PeerSilent,
        };
        Self::Connection { error, begun }
    }

    fn sentence(&self) -> String {
        let (what, begun) = match self {
            Self::Connection { error, begun } => (sentence(error), *begun),
            Self::EndedByServer => (
                gettext("The server ended the conversation before everything was sent."),
                true,
            ),
            Self::Input(error) => (
                gettext_f(
                    "The standard input could not be read: {why}.",
                    &[("why", &visible_str(&error.to_string()))],
                ),
                false,
            ),
            Self::System(error) => (
                gettext_f(
                    "Hallway could not begin to send: {why}.",
                    &[("why", &visible_str(&error.to_string()))],
                ),
                false,
            ),
        };
        if begun {
            let doubt = gettext("It cannot be known how much arrived.");
            gettext_f("{what} {doubt}", &[("what", &what), ("doubt", &doubt)])
        } else {
            what
        }
    }
}

impl NoWay {
    fn sentence(&self) -> String {
        let why = match self {
            Self::Pinned => {
                return gettext(
                    "An encrypted server is known at this address, and it is never spoken to in plain text. Leave out --plain.",
                );
            }
            Self::Lost(path) => {
                return gettext_f(
                    "The file that tells which servers are known was damaged and is now {path}. Nothing was sent. Send again with --encrypted to meet the server anew, or with --plain.",
                    &[("path", &visible_str(&path.to_string_lossy()))],
                );
            }
            Self::Unknown(error) => error.to_string(),
            Self::NoFolder(error) => error.to_string(),
        };
        gettext_f(
            "Which servers are known could not be looked up or written down: {why}.",
            &[("why", &visible_str(&why))],
        )
    }
}
