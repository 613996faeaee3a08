//! A server's database against a simple model of it.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::wire::chain;

/// What the store should be, as simply as can be told.
#[derive(Default)]
struct Model {
    taken: HashMap<(u8, u8), (usize, u8, bool)>,
    numbers: HashMap<(u8, bool), u64>,
    texts: Vec<(bool, u8)>,
}

#[derive(Clone, Debug)]
enum Step {
    /// A sender, a cid, what is added to the expected number, a text, whether it goes to the room.
    Message(u8, u8, u64, u8, bool),
    Said(u8),
    /// The last commits fail.
    GiveUp,
    Commit,
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let gap = prop_oneof![6 => Just(0_u64), 1 => 1..3_u64, 1 => Just(N::MAX.get() / 2)];
    let step = prop_oneof![
        12 => (1..4_u8, 0..12_u8, gap, 0..2_u8, any::<bool>())
            .prop_map(|(sender, cid, gap, text, room)| Step::Message(sender, cid, gap, text, room)),
        2 => (0..2_u8).prop_map(Step::Said),
        1 => Just(Step::GiveUp),
        4 => Just(Step::Commit),
        1 => Just(Step::Reopen),
    ];
    prop::collection::vec(step, 1..80)
}

fn place(room: bool) -> Between {
    if room {
        Between::Room
    } else {
        Between::two(ANA, BO)
    }
}

impl Model {
    fn insert(&mut self, sender: u8, cid: u8, n: u64, text: u8, room: bool) -> &'static str {
        if let Some((_, known, place)) = self.taken.get(&(sender, cid)) {
            return if (*known, *place) == (text, room) {
                "again"
            } else {
                "bad-cid"
            };
        }
        let last = self.numbers.entry((sender, room)).or_default();
        if n != *last + 1 {
            return "out-of-order";
        }
        *last += 1;
        self.texts.push((room, text));
        self.taken
            .insert((sender, cid), (self.texts.len(), text, room));
        "new"
    }
}

impl Model {
    fn copy(&self) -> Self {
        Self {
            taken: self.taken.clone(),
            numbers: self.numbers.clone(),
            texts: self.texts.clone(),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn it_behaves_as_the_model_does(steps in steps()) {
        let (folder, mut store) = store();
        let path = folder.path().join("server.db");
        let (mut model, mut kept) = (Model::default(), Model::default());
        store.begin().expect("nobody else writes");
        for step in steps {
            match step {
                Step::Message(sender, cid, gap, text, room) => {
                    let last = model.numbers.get(&(sender, room)).copied().unwrap_or(0);
                    let n = last + 1 + gap;
                    let sent = Message {
                        between: place(room),
                        ..message(Fingerprint::from_bytes([sender; 32]), cid, n, &text.to_string())
                    };
                    let expected = model.insert(sender, cid, n, text, room);
                    let inserted = store.step(|store| store.insert(&sent)).expect("there is room");
                    let told = match inserted {
                        Inserted::New(event) => {
                            prop_assert_eq!(event.pos.get(), model.texts.len() as u64);
                            "new"
                        }
                        Inserted::Again(receipt) => {
                            prop_assert_eq!(receipt.pos.get(), model.taken[&(sender, cid)].0 as u64);
                            "again"
                        }
                        Inserted::BadCid => "bad-cid",
                        Inserted::OutOfOrder { .. } => "out-of-order",
                    };
                    prop_assert_eq!(told, expected);
                }
                Step::Said(text) => {
                    let said = said(&text.to_string());
                    store.step(|store| store.insert_said(&said)).expect("there is room");
                    model.texts.push((true, text));
                }
                Step::GiveUp => {
                    store.give_up();
                    model = kept.copy();
                    store.begin().expect("nobody else writes");
                }
                Step::Commit => {
                    store.finish().expect("there is room");
                    kept = model.copy();
                    store.begin().expect("nobody else writes");
                }
                Step::Reopen => {
                    // What was not committed is gone, as after a kill.
                    drop(store);
                    model = kept.copy();
                    store = ServerStore::open(&path).expect("as before").store;
                    store.begin().expect("nobody else writes");
                }
            }
        }
        store.finish().expect("there is room");
        let events = store.after(Pos::ZERO, None).expect("it can be read").entries;
        let texts: Vec<_> = events
            .iter()
            .map(|event| (event.between == Between::Room, event.text.to_string()))
            .collect();
        let expected: Vec<_> =
            model.texts.iter().map(|(room, text)| (*room, text.to_string())).collect();
        prop_assert_eq!(texts, expected);
        let mut hash = chain::start(store.epoch());
        let mut numbers: HashMap<Between, u64> = HashMap::new();
        for (pos, event) in (1..).zip(&events) {
            hash = chain::next(&hash, &event.kept());
            let seq = numbers.entry(event.between).or_default();
            *seq += 1;
            prop_assert_eq!((event.pos.get(), event.seq.get(), event.hash), (pos, *seq, hash));
        }
        prop_assert_eq!(store.head().expect("it can be read").hash, hash);
    }
}
