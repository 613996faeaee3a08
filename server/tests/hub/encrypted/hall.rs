//! A room with an archive.

use std::time::Instant;

use hallway_core::history::ServerStore;
use hallway_core::identity::Identity;
use hallway_core::net::Encryption;
use hallway_core::wire::{Fingerprint, Frame};
use hallway_server::hub::{Archive, Hub, Settings};
use tempfile::TempDir;

use super::guest::Guest;
use crate::world::{DEADLINE, Room, in_room_with};

/// A folder with a database, and who the server is.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
    pub(crate) identity: Identity,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            identity: Identity::make().unwrap(),
        }
    }

    pub(crate) fn archive(&self) -> Archive {
        let opened = ServerStore::open(&self.folder.path().join("server.db")).unwrap();
        let name = "Hall".parse().unwrap();
        Archive::new(self.identity.clone(), name, opened.store).unwrap()
    }
}

pub(crate) struct Hall<'a> {
    pub(crate) room: &'a Room,
    pub(crate) archive: Archive,
}

/// A room in which everybody may encrypt.
pub(crate) fn settings() -> Settings {
    Settings {
        encryption: Encryption::WhenBothCan,
        ..Settings::default()
    }
}

pub(crate) fn in_hall(settings: Settings, test: impl FnOnce(&Hall<'_>)) {
    in_hall_at(&Place::new(), settings, test);
}

/// Opens a room at a place that may have seen others; its history is closed at the end.
pub(crate) fn in_hall_at(place: &Place, settings: Settings, test: impl FnOnce(&Hall<'_>)) {
    let archive = place.archive();
    let given = archive.clone();
    let prepare = |hub: &Hub| hub.set_archive(given).unwrap();
    in_room_with(settings, prepare, |room| {
        let hall = Hall {
            room,
            archive: archive.clone(),
        };
        test(&hall);
        hall.archive.history().stop().wait().unwrap();
    });
}

impl Hall<'_> {
    pub(crate) fn server(&self) -> Fingerprint {
        self.archive.fingerprint()
    }

    /// Somebody new who has shaken hands and said nothing.
    pub(crate) fn connect(&self) -> Guest {
        self.connect_as(Identity::make().unwrap())
    }

    pub(crate) fn connect_as(&self, identity: Identity) -> Guest {
        self.connect_from("127.0.0.1", identity)
    }

    /// Somebody who comes over this address of this computer.
    pub(crate) fn connect_from(&self, address: &str, identity: Identity) -> Guest {
        let guest = Guest::connect_to(self.room, address, identity);
        self.room.until("hands are shaken", || guest.is_connected());
        guest
    }

    /// Somebody who was welcomed by this name and told of everything.
    pub(crate) fn join(&self, name: &str) -> Guest {
        let guest = self.connect();
        guest.hello(name);
        self.until_caught_up(&guest);
        guest
    }

    pub(crate) fn until_caught_up(&self, guest: &Guest) {
        self.until(guest, "caught-up", |frame| {
            matches!(frame, Frame::CaughtUp(_))
        });
    }

    /// Lets the room work until the guest has heard such a frame, and returns the first one.
    pub(crate) fn until(&self, guest: &Guest, what: &str, is_it: impl Fn(&Frame) -> bool) -> Frame {
        let find = || guest.heard().into_iter().find(|frame| is_it(frame));
        self.room
            .until(&format!("{what} for {guest:?}"), || find().is_some());
        find().unwrap()
    }

    pub(crate) fn until_acked(&self, guest: &Guest, count: usize) {
        self.until_so(guest, "acks", || guest.acks().len() >= count);
    }

    pub(crate) fn until_texts(&self, guest: &Guest, texts: &[&str]) {
        self.until_so(guest, "the texts", || guest.texts() == texts);
    }

    /// Lets the room work until the guest's connection is over.
    pub(crate) fn until_over(&self, guest: &Guest) {
        self.until_so(guest, "the end", || guest.is_over());
    }

    /// Lets the room work until something is so for a guest; else says what they heard.
    fn until_so(&self, guest: &Guest, what: &str, mut is_so: impl FnMut() -> bool) {
        let late = Instant::now() + DEADLINE / 2;
        self.room.until(what, || {
            let is_so = is_so();
            assert!(
                is_so || Instant::now() < late,
                "{what} never came:\n{guest:?}"
            );
            is_so
        });
    }

    /// Lets the room work for a while in which nothing is expected.
    pub(crate) fn wait(&self, time: std::time::Duration) {
        let begun = std::time::Instant::now();
        self.room.until("the time", || begun.elapsed() >= time);
    }

    /// Every text that is kept, by the database.
    pub(crate) fn kept(&self) -> Vec<String> {
        let texts = self.archive.history().read(|store| {
            let (mut texts, mut pos) = (Vec::new(), hallway_core::wire::Pos::ZERO);
            loop {
                let page = store.after(pos, None)?;
                texts.extend(page.entries.iter().map(|entry| entry.text.to_string()));
                pos = page.next;
                if !page.more {
                    return Ok(texts);
                }
            }
        });
        texts.unwrap().wait().unwrap()
    }
}
