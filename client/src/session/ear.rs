//! What a connection tells its session.

use std::ops::ControlFlow;
use std::rc::Rc;

use glib::prelude::*;
use glib::subclass::prelude::*;
use hallway_core::net::{Arrivals, Connection, Ended, Pace, Sink};

use super::encrypted::Encrypted;
use super::message::Received;
use super::{Session, imp};

/// Hears a connection for a session, as long as that is the session's connection.
pub(super) struct Ear(glib::WeakRef<Session>);

impl Ear {
    pub(super) fn new(session: &Session) -> Rc<Self> {
        Rc::new(Self(session.downgrade()))
    }

    fn tell(&self, connection: &Connection, news: impl FnOnce(&imp::Session)) {
        tell(&self.0, connection, news);
    }

    /// Hears what is told by signal only.
    pub(super) fn listen(&self, connection: &Connection) {
        let session = self.0.clone();
        connection.connect_state_notify(move |connection| {
            tell(&session, connection, |session| session.follow(connection));
        });
        let session = self.0.clone();
        connection.connect_bytes_written(move |connection, _| {
            tell(&session, connection, |session| {
                session.settle();
                session.feed();
            });
        });
        let session = self.0.clone();
        connection.connect_proxy_authentication_required(move |connection, question| {
            tell(&session, connection, |session| {
                session.obj().emit_proxy_authentication_required(&question);
            });
        });
    }
}

fn tell(
    session: &glib::WeakRef<Session>,
    connection: &Connection,
    news: impl FnOnce(&imp::Session),
) {
    if let Some(session) = session.upgrade()
        && session.imp().is_current(connection)
    {
        news(session.imp());
    }
}

impl Sink for Ear {
    fn lines(&self, connection: &Connection, arrivals: &mut Arrivals<'_>) -> ControlFlow<()> {
        if let Some(session) = self.0.upgrade()
            && session.imp().encrypted().is_some()
            && session.imp().is_current(connection)
        {
            // What it leaves has its turn later.
            session.imp().frames_arrived(arrivals);
            return ControlFlow::Continue(());
        }
        while let Some(line) = arrivals.take() {
            self.tell(connection, |session| {
                session.obj().emit_line_received(&Received::new(line));
            });
        }
        ControlFlow::Continue(())
    }

    fn wants_input(&self, _connection: &Connection) -> bool {
        let session = self.0.upgrade();
        session.is_none_or(|session| {
            let encrypted = session.imp().encrypted();
            encrypted.is_none_or(Encrypted::wants_input)
        })
    }

    fn line_too_long(&self, connection: &Connection, start: &[u8]) {
        self.tell(connection, |session| {
            if session.encrypted().is_some() {
                let bytes = start.len() + 1;
                session.with_talk(|talk, _| talk.line_too_long(bytes));
            } else {
                session.obj().emit_line_received(&Received::cut(start));
            }
        });
    }

    fn pace_changed(&self, connection: &Connection, pace: Pace) {
        if pace == Pace::Flowing {
            self.tell(connection, imp::Session::feed);
        }
    }

    fn acknowledged(&self, connection: &Connection, _position: u64) {
        self.tell(connection, imp::Session::settle);
    }

    fn disconnected(&self, connection: &Connection, ended: &Ended) {
        self.tell(connection, |session| session.lost(connection, ended));
    }
}
