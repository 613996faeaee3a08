//! What a session does that speaks encrypted.

use glib::prelude::*;
use glib::subclass::prelude::*;
use hallway_core::NoRandomness;
use hallway_core::history::client::Outgoing;
use hallway_core::net::{Connector, Reactor};
use hallway_core::text::Name;
use hallway_core::trust::NotAnAddress;
use hallway_core::trust::sas::{Committed, Found};
use hallway_core::wire::frame::History;
use hallway_core::wire::{At, Cid, Conv, Fingerprint, Password, Person, Seq, Text};

use super::encrypted::{Comparing, Encrypted};
use super::keeper::{self, Keeper};
use super::standing::Standing;
use super::state::State;
use super::talk::values::News;
use super::{Session, Target};

/// Why a message was not taken. Whether it could be written into the outbox is told later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SayError {
    /// No server was met here yet, so there is no outbox for it.
    #[error("no server is known here")]
    NoServer,
    /// There is nothing in it.
    #[error("an empty message")]
    Empty,
    /// The system has no random bytes.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// Why digits cannot be compared now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompareError {
    /// There is no conversation.
    #[error("not connected")]
    Away,
    /// It failed too often. Later it may be tried again.
    #[error("too many failures; in {seconds} seconds again")]
    Locked {
        /// Seconds until then.
        seconds: u64,
    },
    /// The system has no random bytes.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

impl Session {
    /// A conversation with `target` that has not begun and is encrypted, whatever happens: never a
    /// byte of it is plain. Nothing of the keeper's files is waited for.
    ///
    /// # Errors
    /// A pin could not be kept for such a target.
    pub fn encrypted(
        reactor: &Reactor,
        connector: Connector,
        target: Target,
        keeper: Keeper,
        name: Name,
    ) -> Result<Self, NotAnAddress> {
        let address = keeper::address(&target)?;
        let session = Self::new(reactor, connector, target);
        let imp = session.imp();
        let jobs = Encrypted::jobs(imp);
        imp.encrypt(Encrypted::new(keeper, address, name, jobs));
        Ok(session)
    }

    /// The keeper, where it speaks encrypted.
    pub fn keeper(&self) -> Option<&Keeper> {
        self.imp().encrypted().map(|encrypted| &encrypted.keeper)
    }

    /// The server whose outbox is written to: the one that was met last here.
    pub fn server(&self) -> Option<Fingerprint> {
        self.imp().encrypted()?.server.get()
    }

    /// Bytes of the longest text that the server takes, as it said last.
    pub fn longest_text(&self) -> usize {
        let allowed = self
            .imp()
            .encrypted()
            .map(|encrypted| encrypted.allowed.get());
        usize::try_from(allowed.unwrap_or_default().text).unwrap_or(usize::MAX)
    }

    /// Writes a message into the outbox of the server that was met last here, and sends it when it
    /// can. [`News::Message`] tells what becomes of it, first whether it is in the outbox.
    ///
    /// # Errors
    /// It was not taken.
    pub fn say(&self, to: Conv, text: Text) -> Result<Cid, SayError> {
        let encrypted = self.imp().encrypted();
        let server = encrypted.and_then(|encrypted| encrypted.server.get());
        let server = server.ok_or(SayError::NoServer)?;
        if text.as_ref().is_empty() {
            return Err(SayError::Empty);
        }
        let cid = Cid::random()?;
        let at = At::now();
        self.imp().post(server, Outgoing { cid, to, text, at });
        Ok(cid)
    }

    /// Takes a message out of the outbox. False: it is on its way. That it is gone is told by
    /// [`News::Message`], and whether the server may have it all the same.
    pub fn take_back(&self, cid: Cid) -> bool {
        self.imp().take_back(cid)
    }

    /// The password that the server asks for ([`Standing::PasswordWanted`]), or will. It is given
    /// again by itself after a lost connection, until another one is wanted or another server is
    /// there.
    pub fn give_password(&self, password: Password) {
        if let Some(encrypted) = self.imp().encrypted() {
            encrypted.password.replace(Some(password.clone()));
            self.imp().with_talk(|talk, _| talk.password(password));
        }
    }

    /// What we want to be called, from now on. [`News::NameTaken`] tells that it cannot be.
    pub fn set_name(&self, name: Name) {
        if let Some(encrypted) = self.imp().encrypted() {
            encrypted.set_name(name.clone());
            self.imp().with_talk(|talk, _| talk.rename(name));
        }
    }

    /// Connects to the unknown server that is at the address of another one
    /// ([`Standing::Blocked`]), as a person has decided. The pin of the other one stays. False: it
    /// is not blocked.
    pub fn connect_as_new(&self) -> bool {
        let Standing::Blocked { here, .. } = self.standing() else {
            return false;
        };
        if let Some(encrypted) = self.imp().encrypted() {
            encrypted.as_new.set(Some(here));
            encrypted.again.set(self.state() == State::Closing);
        }
        self.connect();
        true
    }

    /// Who is here, and how many more there are than the server tells.
    pub fn people(&self) -> (Vec<Person>, u32) {
        self.imp().people()
    }

    /// Somebody writes a message. The server is told so now and then.
    pub fn typing(&self, to: Conv) {
        self.imp().with_talk(|talk, now| talk.typing(to, now));
    }

    /// Asks for at most `limit` events (1 to 200) before one; [`News::Past`] brings them. False:
    /// not now.
    pub fn ask_past(&self, conv: Conv, before: Seq, limit: u16) -> bool {
        let limit = limit.clamp(1, 200);
        let history = History {
            conv,
            before,
            limit,
        };
        self.imp().with_talk(|talk, _| talk.ask_past(history)) == Some(true)
    }

    /// Begins to compare six digits with the server's people: [`News::Compare`] brings them.
    ///
    /// # Errors
    /// Not now.
    pub fn compare(&self) -> Result<(), CompareError> {
        let (encrypted, server, peer) = self.imp().opposite().ok_or(CompareError::Away)?;
        let keeper = &encrypted.keeper;
        let pair = keeper.pair(server);
        let wait = keeper.with_lockout(|lockout, now| {
            let until = lockout.locked_until(&pair, peer, now)?;
            Some(until.saturating_duration_since(now).as_secs() + 1)
        });
        if let Some(seconds) = wait {
            return Err(CompareError::Locked { seconds });
        }
        let (committed, commit) = Committed::new(pair)?;
        encrypted.comparing.take();
        let began = self
            .imp()
            .with_talk(|talk, _| talk.compare(committed, commit));
        if began == Some(true) {
            Ok(())
        } else {
            Err(CompareError::Away)
        }
    }

    /// A person has compared the digits that are shown: the same mark the server as verified, and
    /// different ones as not, which the server is told as well. [`News::Verified`] tells that it is
    /// written down. False: none are shown.
    pub fn compared(&self, found: Found) -> bool {
        let Some((encrypted, server, peer)) = self.imp().opposite() else {
            return false;
        };
        if encrypted.comparing.get() != Comparing::Shown {
            return false;
        }
        encrypted.comparing.set(if found == Found::Same {
            Comparing::Same
        } else {
            Comparing::Nothing
        });
        let pair = encrypted.keeper.pair(server);
        encrypted.keeper.with_lockout(|lockout, now| match found {
            Found::Same => lockout.succeeded(&pair),
            Found::Different | Found::Nothing => lockout.failed(pair, peer, now),
        });
        if found != Found::Nothing {
            self.note_verified(server, found == Found::Same);
        }
        self.imp().with_talk(|talk, _| talk.compared(found));
        true
    }

    /// Writes down whether a server's digits were the same.
    pub(super) fn note_verified(&self, server: Fingerprint, is_verified: bool) {
        let Some(keeper) = self.keeper().cloned() else {
            return;
        };
        keeper.found(server, is_verified);
        let session = self.downgrade();
        glib::MainContext::ref_thread_default().spawn_local(async move {
            let written = gio::spawn_blocking(move || keeper.write_found()).await;
            let (Some(session), Ok(written)) = (session.upgrade(), written) else {
                return;
            };
            session.emit_told(&match written {
                Ok(()) => News::Verified(is_verified),
                Err(error) => News::NotRemembered(error.to_string()),
            });
        });
    }
}
