//! What a test has a server do, and looks at.

use super::*;

impl Books {
    /// Bo says something to everybody.
    pub(crate) fn bo_says(&self, text: &str) {
        let said = Said {
            from: person(),
            between: Between::Room,
            kind: Kind::Text,
            text: text.to_owned(),
            at: At::ZERO,
        };
        let mut store = self.store.borrow_mut();
        let entry = store.commit(|store| store.insert_said(&said)).unwrap();
        drop(store);
        self.tell(&entry);
    }

    pub(crate) fn bo_writes(&self) {
        self.say(&Frame::Typing(Typing {
            to: Conv::Room,
            from: Some(BO),
        }));
    }

    pub(crate) fn seen(&self, event: &Event, count: u32) {
        self.say(&Frame::Seen(Seen {
            conv: event.conv,
            seq: event.seq,
            count,
        }));
    }

    /// What everybody can read.
    pub(crate) fn texts(&self) -> Vec<String> {
        let store = self.store.borrow();
        let mut texts = Vec::new();
        let mut from = Pos::ZERO;
        loop {
            let page = store.after(from, None).unwrap();
            texts.extend(page.entries.iter().map(|entry| entry.text.to_string()));
            from = page.next;
            if !page.more {
                return texts;
            }
        }
    }

    /// A copy of the database as it is now.
    pub(crate) fn back_up(&self) {
        let path = self.folder.path().join("backup.db");
        let store = self.store.borrow();
        let sql = format!("VACUUM INTO '{}'", path.display());
        store.connection().execute_batch(&sql).unwrap();
    }

    /// The copy comes back.
    pub(crate) fn restore(&self) {
        let path = self.folder.path().join("backup.db");
        self.store.replace(ServerStore::open(&path).unwrap().store);
    }

    pub(crate) fn count(&self, what: fn(&Frame) -> bool) -> usize {
        self.heard
            .borrow()
            .iter()
            .filter(|frame| what(frame))
            .count()
    }
}
