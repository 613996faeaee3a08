//! Which of the host's texts were received by whom; pure.

use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use super::event::{MessageId, Person};

/// What is known of one text.
#[derive(Debug, Default)]
struct Delivery {
    waiting: usize,
    received: usize,
    missing: Vec<Rc<Person>>,
    /// Nobody but the disk receives it.
    is_for_disk: bool,
    is_kept: bool,
}

/// A text whose fate is known.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Done {
    pub(super) message: MessageId,
    pub(super) received: usize,
    pub(super) missing: Vec<Rc<Person>>,
    /// It is on the disk; only noted where nobody was there to receive it.
    pub(super) is_kept: bool,
}

/// All texts that somebody has not acknowledged. Bounded by the queues of the peers.
#[derive(Debug, Default)]
pub(super) struct Deliveries(HashMap<MessageId, Delivery>);

/// The texts on their way to one peer, by the position after their last byte.
#[derive(Debug, Default)]
pub(super) struct OnTheWay(VecDeque<(u64, MessageId)>);

impl OnTheWay {
    pub(super) fn push(&mut self, end: u64, message: MessageId) {
        self.0.push_back((end, message));
    }

    /// Takes the texts that end at `position` or before.
    pub(super) fn take_until(&mut self, position: u64) -> Vec<MessageId> {
        let count = self.0.partition_point(|(end, _)| *end <= position);
        self.0.drain(..count).map(|(_, message)| message).collect()
    }

    /// Takes the texts that are left.
    pub(super) fn take_rest(&mut self) -> Vec<MessageId> {
        self.0.drain(..).map(|(_, message)| message).collect()
    }
}

impl Deliveries {
    /// A text is on its way to so many; `missing` could not be sent it at all.
    pub(super) fn begin(
        &mut self,
        message: MessageId,
        receivers: usize,
        missing: Vec<Rc<Person>>,
    ) -> Option<Done> {
        let delivery = Delivery {
            waiting: receivers,
            received: 0,
            missing,
            ..Delivery::default()
        };
        self.0.insert(message, delivery);
        self.settle(message)
    }

    /// One receiver has acknowledged it.
    pub(super) fn received(&mut self, message: MessageId) -> Option<Done> {
        let delivery = self.0.get_mut(&message)?;
        delivery.waiting = delivery.waiting.saturating_sub(1);
        delivery.received += 1;
        self.settle(message)
    }

    /// One receiver is gone without acknowledging it.
    pub(super) fn missed(&mut self, message: MessageId, by: &Rc<Person>) -> Option<Done> {
        let delivery = self.0.get_mut(&message)?;
        delivery.waiting = delivery.waiting.saturating_sub(1);
        delivery.missing.push(Rc::clone(by));
        self.settle(message)
    }

    /// Nobody is there for a text: the disk alone is waited for.
    pub(super) fn begin_for_disk(&mut self, message: MessageId) {
        let delivery = Delivery {
            waiting: 1,
            is_for_disk: true,
            ..Delivery::default()
        };
        self.0.insert(message, delivery);
    }

    /// The disk has a text, or does not take it.
    pub(super) fn answered_by_disk(&mut self, message: MessageId, is_kept: bool) -> Option<Done> {
        let delivery = self.0.get_mut(&message)?;
        if !delivery.is_for_disk {
            return None;
        }
        delivery.is_kept = is_kept;
        self.withdraw(message)
    }

    /// One receiver was none after all.
    pub(super) fn withdraw(&mut self, message: MessageId) -> Option<Done> {
        let delivery = self.0.get_mut(&message)?;
        delivery.waiting = delivery.waiting.saturating_sub(1);
        self.settle(message)
    }

    fn settle(&mut self, message: MessageId) -> Option<Done> {
        if self.0.get(&message)?.waiting > 0 {
            return None;
        }
        let Delivery {
            received,
            missing,
            is_kept,
            ..
        } = self.0.remove(&message)?;
        Some(Done {
            message,
            received,
            missing,
            is_kept,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::PeerId;

    fn person(label: &str) -> Rc<Person> {
        Rc::new(Person {
            id: PeerId(1),
            label: label.into(),
            is_named: true,
            address: ([127, 0, 0, 1], 1).into(),
            identity: None,
            is_encrypted: false,
        })
    }

    #[test]
    fn a_text_is_done_when_everybody_has_it_or_is_gone() {
        let mut deliveries = Deliveries::default();
        let (one, two) = (MessageId(1), MessageId(2));
        assert_eq!(deliveries.begin(one, 2, Vec::new()), None);
        assert_eq!(deliveries.received(one), None);
        let done = deliveries.missed(one, &person("Ana")).unwrap();
        assert_eq!((done.received, done.missing.len()), (1, 1));
        assert_eq!(deliveries.received(one), None, "it is forgotten");
        let three = MessageId(3);
        deliveries.begin(three, 2, Vec::new());
        assert_eq!(deliveries.received(three), None);
        let done = deliveries.withdraw(three).unwrap();
        assert_eq!((done.received, done.missing.len()), (1, 0));
        let done = deliveries.begin(two, 0, vec![person("Bo")]).unwrap();
        assert_eq!((done.received, done.missing.len()), (0, 1));
        let (four, five) = (MessageId(4), MessageId(5));
        for (message, is_kept) in [(four, true), (five, false)] {
            deliveries.begin_for_disk(message);
            let done = deliveries.answered_by_disk(message, is_kept).unwrap();
            assert_eq!((done.received, done.is_kept), (0, is_kept));
        }
        // Whoever is there says it themselves.
        deliveries.begin(four, 1, Vec::new());
        assert_eq!(deliveries.answered_by_disk(four, true), None);
        assert!(deliveries.received(four).is_some());
        assert!(deliveries.0.is_empty());
    }

    #[test]
    fn positions_tell_which_texts_arrived() {
        let mut on_the_way = OnTheWay::default();
        for (end, message) in [(5, 1), (9, 2), (14, 3)] {
            on_the_way.push(end, MessageId(message));
        }
        assert_eq!(on_the_way.take_until(4), []);
        assert_eq!(on_the_way.take_until(9), [MessageId(1), MessageId(2)]);
        assert_eq!(on_the_way.take_rest(), [MessageId(3)]);
    }
}
