//! A client's conversation with a server that says anything.
//!
//! Each line of the input is a line of the server's, but for those that begin with `!`: `!wait MS`,
//! `!say`, `!back N`, `!stored` (the store answers what it was asked first), `!fail`.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use hallway::session::talk::Talk;
use hallway::session::talk::values::{Action, Opening, Page};
use hallway_core::history::Error;
use hallway_core::history::client::{Outgoing, Unsent};
use hallway_core::wire::{At, Cid, Conv, Fingerprint, encode};

/// Who the server is; frames of the corpus say so too.
const SERVER: Fingerprint = Fingerprint::from_bytes([7; 32]);

/// The longest that time goes by at once, in milliseconds.
const LONGEST_WAIT: u64 = 120_000;

fn unsent(place: u64) -> Unsent {
    let mut cid = [0; 16];
    cid[8..].copy_from_slice(&place.to_be_bytes());
    Unsent {
        place,
        message: Outgoing {
            cid: Cid::from_bytes(cid),
            to: Conv::Room,
            text: "hello".parse().expect("a text"),
            at: At::default(),
        },
    }
}

fn page(places: impl IntoIterator<Item = u64>) -> Page {
    Page {
        messages: places.into_iter().map(unsent).collect(),
        is_last: true,
    }
}

/// Whatever comes, what it sends are frames, and after its end there is nothing.
pub(crate) fn session(data: &[u8]) {
    let mut now = Instant::now();
    let opening = Opening {
        server: SERVER,
        name: "Ana".parse().expect("a name"),
        cursor: None,
        password: None,
    };
    let mut talk = Talk::new(opening, now);
    let mut jobs = VecDeque::new();
    let mut posted = 0;
    let mut is_over = false;
    for line in data.split(|&byte| byte == b'\n') {
        let words = std::str::from_utf8(line).unwrap_or_default();
        let (word, number) = words.split_once(' ').unwrap_or((words, ""));
        let number: u64 = number.parse().unwrap_or(0);
        match word {
            "!wait" => {
                now += Duration::from_millis(number.min(LONGEST_WAIT));
                talk.tick(now);
            }
            "!say" => {
                posted += 1;
                talk.posted(unsent(posted), now);
            }
            "!back" => {
                let cid = unsent(number).message.cid;
                talk.take_back(&cid);
            }
            "!stored" => match jobs.pop_front() {
                Some(Action::Meet(_) | Action::Reset { .. }) => {
                    talk.met(page(1..=posted), None, now);
                }
                Some(Action::Load { after }) => talk.loaded(page(after + 1..=posted), now),
                Some(Action::Store(batch)) => talk.stored(batch.receipt, None),
                Some(Action::Withdraw(cid)) => talk.taken_back(&cid),
                _ => {}
            },
            "!fail" => talk.store_failed(Error::DiskFull),
            _ => talk.receive(line, now),
        }
        let actions = talk.take_actions();
        assert!(!is_over || actions.is_empty(), "after the end: {actions:?}");
        for action in actions {
            match action {
                Action::End(_) => is_over = true,
                Action::Send(frame) => assert!(encode(&frame).is_ok(), "{frame:?}"),
                Action::Tell(_) | Action::Want(_) | Action::Welcomed(_) => {}
                job => jobs.push_back(job),
            }
        }
        assert_eq!(talk.deadline(now).is_none(), is_over);
    }
    talk.connection_lost();
}
