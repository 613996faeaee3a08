//! Sockets that the system passed to us (`sd_listen_fds`(3)).

use std::os::fd::{AsFd, OwnedFd};

use gio::prelude::*;
use hallway_core::net::{Error, Unfit};
use hallway_words::sentence;

use crate::words;

/// The number of the first descriptor that is passed.
const FIRST: i32 = 3;

/// What was passed.
#[derive(Debug)]
pub(crate) struct Passed {
    sockets: Vec<OwnedFd>,
    names: Names,
}

/// What the system calls the sockets, if it says so: the name of the unit, unless that has another.
#[derive(Debug, Default)]
pub(crate) struct Names(Vec<String>);

impl Passed {
    /// Takes what was passed to this process; nothing where nothing was. Call it once, before anything
    /// else is opened: from then on a number may mean something else.
    ///
    /// # Errors
    /// A sentence for people: something was passed that is no socket.
    pub(crate) fn from_environment() -> Result<Option<Self>, String> {
        let variable = |name| std::env::var(name).unwrap_or_default();
        if variable("LISTEN_PID") != std::process::id().to_string() {
            // Nothing, or meant for whoever started us.
            return Ok(None);
        }
        let count = variable("LISTEN_FDS");
        let names = Names::parse(&variable("LISTEN_FDNAMES"));
        let end = count
            .parse()
            .ok()
            .filter(|count: &i32| *count >= 0)
            .and_then(|count| FIRST.checked_add(count))
            .ok_or_else(|| words::service::not_a_count(&count))?;
        let sockets: Result<Vec<_>, _> = (FIRST..end).zip(1..).map(take).collect();
        match sockets {
            Ok(sockets) if sockets.is_empty() => Ok(None),
            Ok(sockets) => Ok(Some(Self { sockets, names })),
            Err(error) => Err(names.sentence(&error)),
        }
    }

    /// The sockets, and what they are called.
    pub(crate) fn into_parts(self) -> (Vec<OwnedFd>, Names) {
        (self.sockets, self.names)
    }
}

impl Names {
    fn parse(text: &str) -> Self {
        let names = text.split(':').map(str::to_owned);
        Self(names.collect())
    }

    /// What to tell a person about `error`, with the name of the socket where it is about one.
    pub(crate) fn sentence(&self, error: &Error) -> String {
        let why = sentence(error);
        match error {
            Error::Unfit { number, .. } => match self.of(*number) {
                Some(name) => words::service::socket_named(name, &why),
                None => why,
            },
            _ => why,
        }
    }

    /// The name of a socket, counted from 1.
    fn of(&self, number: usize) -> Option<&str> {
        let name = self.0.get(number.checked_sub(1)?)?;
        (!name.is_empty()).then_some(name)
    }
}

/// Takes a descriptor that is ours by agreement. `GSocket` is told its number, as it would be told in C,
/// and asks the system whether it is a socket; a copy is kept, which other programs do not inherit.
fn take((descriptor, number): (i32, usize)) -> Result<OwnedFd, Error> {
    let socket: gio::Socket = gio::Initable::builder()
        .property("fd", descriptor)
        .build(gio::Cancellable::NONE)
        .map_err(|error| {
            tracing::debug!(%error, descriptor, "no socket");
            let what = Unfit::NotASocket;
            Error::Unfit { number, what }
        })?;
    let system = |message: String| Error::System { message };
    let copy = socket.as_fd().try_clone_to_owned();
    let copy = copy.map_err(|error| system(error.to_string()))?;
    socket
        .close()
        .map_err(|error| system(error.message().to_owned()))?;
    Ok(copy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_told_where_there_is_one() {
        let names = Names::parse("one::three");
        assert_eq!(names.of(1), Some("one"));
        assert_eq!(names.of(2), None);
        assert_eq!(names.of(3), Some("three"));
        assert_eq!(names.of(4), None);
        assert_eq!(Names::parse("").of(1), None);
        let unfit = |number| Error::Unfit {
            number,
            what: Unfit::Unix,
        };
        assert!(names.sentence(&unfit(3)).contains("“three”"));
        assert_eq!(names.sentence(&unfit(2)), sentence(&unfit(2)));
        let other = Error::OutOfMemory;
        assert_eq!(names.sentence(&other), sentence(&other));
    }
}
