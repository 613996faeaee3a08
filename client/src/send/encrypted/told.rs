//! What the session of a sending tells.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use async_channel::{Receiver, Sender};
use hallway_core::trust::Role;
use hallway_core::wire::{Cid, Fingerprint};

use super::words;
use crate::complain;
use crate::session::talk::values::{Fate, News};
use crate::session::{Keeper, Session, Standing};

/// What the session has told.
pub(super) struct Told {
    bell: Sender<()>,
    /// Messages that are not acknowledged, and whether they have ever been sent.
    pub(super) open: RefCell<HashMap<Cid, bool>>,
    pub(super) refused: RefCell<Option<Fate>>,
    /// Who is there, once it said welcome.
    pub(super) server: Cell<Option<Fingerprint>>,
    pub(super) is_known: Cell<bool>,
    is_waiting: Cell<bool>,
    /// Remarks that were made: as many as there are codes.
    said: RefCell<HashSet<String>>,
}

impl Told {
    /// Listens to a session. There is news whenever the other end has a word.
    pub(super) fn listen(session: &Session, keeper: &Keeper) -> (Rc<Self>, Receiver<()>) {
        let (bell, news) = async_channel::bounded(1);
        let told = Rc::new(Told {
            bell,
            open: RefCell::default(),
            refused: RefCell::default(),
            server: Cell::default(),
            is_known: Cell::default(),
            is_waiting: Cell::default(),
            said: RefCell::default(),
        });
        let ear = Rc::clone(&told);
        session.connect_told(move |_, news| ear.hear(news));
        let ear = Rc::clone(&told);
        session.connect_state_notify(move |_| ear.ring());
        let ear = Rc::clone(&told);
        let keeper = keeper.clone();
        session.connect_standing_notify(move |session| {
            match session.standing() {
                Standing::Here { id, .. } => {
                    ear.server.set(Some(id));
                    let is_known = keeper.pins().get(Role::Server, &id).is_some();
                    ear.is_known.set(is_known);
                }
                Standing::WaitingToBeLetIn if !ear.is_waiting.replace(true) => {
                    complain(&words::waiting());
                }
                _ => {}
            }
            ear.ring();
        });
        (told, news)
    }

    fn ring(&self) {
        // Full: it has been rung and not been heard yet.
        let _ = self.bell.try_send(());
    }

    fn hear(&self, news: &News) {
        match news {
            News::Message(cid, fate) => self.follow(cid, fate),
            News::FirstContact(_) => self.is_known.set(true),
            _ => {}
        }
        // A full disk refuses a message every few seconds.
        if let Some(remark) = words::remark(news)
            && self.said.borrow_mut().insert(remark.clone())
        {
            complain(&remark);
        }
        self.ring();
    }

    fn follow(&self, cid: &Cid, fate: &Fate) {
        let mut open = self.open.borrow_mut();
        match (fate, open.get_mut(cid)) {
            (_, None) | (Fate::Queued, _) => {}
            (Fate::Sent, Some(was_sent)) => *was_sent = true,
            (Fate::Delivered(_) | Fate::SeenBy(_), _) => drop(open.remove(cid)),
            (fate, _) => {
                open.remove(cid);
                self.refused.borrow_mut().get_or_insert(fate.clone());
            }
        }
    }
}
