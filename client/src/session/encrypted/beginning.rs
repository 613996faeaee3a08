//! From the handshake to hello: who is there, and how far its history is held.

use std::time::Instant;

use glib::prelude::*;
use glib::subclass::prelude::*;
use hallway_core::net::Connection;
use hallway_core::trust;
use hallway_core::wire::{Cursor, Fingerprint};

use super::Session;
use crate::session::keeper::Verdict;
use crate::session::standing::Standing;
use crate::session::talk::Talk;
use crate::session::talk::values::{End, News, Opening};

impl Session {
    /// The handshake is over. Nothing is said before it is known to whom.
    pub(in crate::session) fn encryption_began(&self, connection: &Connection) {
        let fingerprint = connection.tls_peer().and_then(|peer| peer.fingerprint);
        let (Some(encrypted), Some(id)) = (self.encrypted(), fingerprint) else {
            return tracing::error!("an encrypted connection to nobody");
        };
        encrypted.heard_text.set(false);
        let (keeper, address) = (encrypted.keeper.clone(), encrypted.address.clone());
        let session = self.obj().downgrade();
        let connection = connection.downgrade();
        glib::MainContext::ref_thread_default().spawn_local(async move {
            let judged = gio::spawn_blocking(move || keeper.judge(&id, &address)).await;
            let (Some(session), Some(connection)) = (session.upgrade(), connection.upgrade())
            else {
                return;
            };
            let session = session.imp();
            if session.is_current(&connection) && connection.is_connected() {
                if let Ok(verdict) = judged {
                    session.judged(&connection, id, verdict);
                } else {
                    tracing::error!("a judgement panicked");
                    connection.close();
                }
            }
        });
    }

    fn judged(
        &self,
        connection: &Connection,
        id: Fingerprint,
        verdict: Result<Verdict, trust::Error>,
    ) {
        let Some(encrypted) = self.encrypted() else {
            return;
        };
        match verdict {
            Err(error) => return self.end_for(connection, End::Pins(error.to_string())),
            Ok(Verdict::Unknown { before }) if encrypted.as_new.get() != Some(id) => {
                self.set_standing(Standing::Blocked {
                    before: Box::new(before),
                    here: id,
                });
                return self.end_for(connection, End::Unknown);
            }
            Ok(Verdict::AnotherKnown { here, before }) => {
                self.obj().emit_told(&News::SwitchedTo { here, before });
            }
            Ok(Verdict::FirstContact | Verdict::Known | Verdict::Unknown { .. }) => {}
        }
        let before = encrypted.server.replace(Some(id));
        if before.is_some_and(|before| before != id) {
            // It is the password of another room.
            encrypted.password.take();
        }
        let round = encrypted.round.get();
        // Behind everything that waits to be stored.
        self.ask(
            move |store| store.held(&id),
            move |session, held| session.begin_talk(round, id, held),
        );
    }

    fn begin_talk(
        &self,
        round: u64,
        server: Fingerprint,
        held: Result<Option<Cursor>, hallway_core::history::Error>,
    ) {
        let connection = self.connection();
        let (Some(encrypted), Some(connection)) = (self.encrypted(), connection) else {
            return;
        };
        if encrypted.round.get() != round || !connection.is_connected() {
            return;
        }
        let cursor = match held {
            Ok(cursor) => cursor,
            Err(error) => return self.end_for(&connection, End::NotStored(error)),
        };
        let opening = Opening {
            server,
            name: encrypted.name.borrow().clone(),
            cursor,
            password: None,
        };
        self.set_standing(Standing::Greeting);
        let talk = Talk::new(opening, Instant::now());
        encrypted.talk.replace(Some(talk));
        self.act();
        // It may have said why it does not want us.
        connection.resume_reading();
    }

    /// Takes up another connection.
    pub(in crate::session) fn next_round(&self) {
        if let Some(encrypted) = self.encrypted() {
            encrypted.round.set(encrypted.round.get() + 1);
            encrypted.end.take();
            encrypted.talk.take();
            encrypted.known_as.take();
            encrypted.again.set(false);
            encrypted.comparing.take();
            self.set_standing(Standing::Away);
        }
    }
}
