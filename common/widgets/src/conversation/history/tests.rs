//! Histories and their views seen through what they announce; no display.

use std::cell::RefCell;
use std::time::UNIX_EPOCH;

use gio::prelude::*;
use proptest::prelude::*;

use super::*;
use crate::conversation::entry::{Entry, Shown};
use crate::conversation::{Speaker, Tone};

fn event(text: &str) -> Content {
    Content::Event {
        text: text.into(),
        tone: Tone::Quiet,
    }
}

fn said(key: u64, text: &str) -> Content {
    Content::Theirs {
        speaker: Rc::new(Speaker {
            key,
            label: format!("Person {key}").into(),
        }),
        text: text.into(),
        is_cut: false,
        mentions: false,
    }
}

fn shown(view: &View, position: u32) -> Shown {
    let entry: Entry = view.item(position).and_downcast().unwrap();
    entry.shown()
}

/// What a row says, in short.
fn words(view: &View, position: u32) -> String {
    match shown(view, position) {
        Shown::Dropped(count) => format!("-{count}"),
        Shown::Line { content, .. } => content.text().to_string(),
    }
}

/// A list kept by what a view announces, as a widget keeps its rows.
struct Mirror(Rc<RefCell<Vec<String>>>);

impl Mirror {
    fn of(view: &View) -> Self {
        let rows: Rc<RefCell<Vec<String>>> = Rc::default();
        let mirror = Rc::clone(&rows);
        view.connect_items_changed(move |view, position, removed, added| {
            let new: Vec<_> = (position..position + added)
                .map(|at| words(view, at))
                .collect();
            let at = position as usize;
            mirror.borrow_mut().splice(at..at + removed as usize, new);
        });
        Self(rows)
    }

    fn rows(&self) -> Vec<String> {
        self.0.borrow().clone()
    }
}

#[test]
fn lines_are_announced_together_and_once_a_frame() {
    let context = glib::MainContext::new();
    context
        .with_thread_default(|| {
            let history = History::new(10);
            let view = history.view();
            let mirror = Mirror::of(&view);
            let pushes: Rc<RefCell<Vec<u32>>> = Rc::default();
            let told = Rc::clone(&pushes);
            view.connect_pushed(move |_, new| told.borrow_mut().push(new));
            for text in ["a", "b", "c"] {
                history.push(event(text), &[&view]);
            }
            assert_eq!((view.n_items(), view.len()), (0, 3), "not announced yet");
            while pushes.borrow().is_empty() {
                context.iteration(true);
            }
            assert_eq!(mirror.rows(), ["a", "b", "c"]);
            history.push(event("d"), &[&view]);
            assert!(!context.iteration(false), "the frame is not over");
            while pushes.borrow().len() < 2 {
                context.iteration(true);
            }
            assert_eq!(*pushes.borrow(), [3, 1]);
        })
        .unwrap();
}

#[test]
fn what_is_too_old_makes_one_mark() {
    let history = History::new(3);
    let (all, some) = (history.view(), history.view());
    let mirror = Mirror::of(&all);
    for text in ["a", "b", "c", "d", "e"] {
        history.push(event(text), &[&all]);
    }
    history.push(event("f"), &[&all, &some]);
    history.announce();
    assert_eq!(mirror.rows(), ["-3", "d", "e", "f"]);
    assert_eq!(all.dropped(), 3);
    assert_eq!((some.dropped(), some.n_items()), (0, 1));
    history.push(event("g"), &[&all]);
    history.announce();
    assert_eq!(mirror.rows(), ["-4", "e", "f", "g"]);
    history.clear();
    assert!(mirror.rows().is_empty());
    assert_eq!((all.dropped(), some.n_items()), (0, 0));
    history.push(event("h"), &[&all]);
    history.announce();
    assert_eq!(mirror.rows(), ["h"]);
}

#[test]
fn bytes_are_bounded_too() {
    let history = History::new(usize::MAX);
    let view = history.view();
    let long: Rc<str> = "x".repeat(HELD_BYTES / 4).into();
    for _ in 0..6 {
        let content = Content::Event {
            text: Rc::clone(&long),
            tone: Tone::Quiet,
        };
        history.push(content, &[&view]);
    }
    history.announce();
    assert_eq!((history.len(), view.dropped()), (3, 3));
}

#[test]
fn a_line_that_is_shown_follows_its_message() {
    let history = History::new(10);
    let view = history.view();
    let ours = Content::Ours {
        text: "hello".into(),
        to: None,
        delivery: Delivery::Queued,
    };
    let id = history.push(ours, &[&view]);
    let quiet = history.push(event("x"), &[&view]);
    history.announce();
    let entry: Entry = view.item(0).and_downcast().unwrap();
    let again: Entry = view.item(0).and_downcast().unwrap();
    assert_eq!(entry, again, "a row that lives is the same row");
    let changes = Rc::new(Cell::new(0));
    let seen = Rc::clone(&changes);
    entry.connect_changed(move |_| seen.set(seen.get() + 1));
    history.set_delivery(id, Delivery::Sent);
    history.set_delivery(id, Delivery::Sent);
    history.set_delivery(quiet, Delivery::Sent);
    history.set_delivery(LineId(99), Delivery::Sent);
    assert_eq!(changes.get(), 1);
    let Shown::Line { content, .. } = entry.shown() else {
        panic!("a line became a mark");
    };
    assert!(matches!(
        content,
        Content::Ours {
            delivery: Delivery::Sent,
            ..
        }
    ));
}

#[test]
fn a_person_speaks_in_groups_and_days_are_parted() {
    let history = History::new(10);
    let view = history.view();
    let start = UNIX_EPOCH + Duration::from_hours(24 * 20_000 + 12);
    let minutes = |minutes| start + Duration::from_mins(minutes);
    for (at, content) in [
        (minutes(0), said(1, "a")),
        (minutes(1), said(1, "b")),
        (minutes(2), said(2, "c")),
        (minutes(3), event("d")),
        (minutes(4), said(2, "e")),
        (minutes(10), said(2, "f")),
        (minutes(60 * 24), said(2, "g")),
    ] {
        history.push_at(at, content, &[&view]);
    }
    history.announce();
    let rows: Vec<_> = (0..view.n_items())
        .map(|at| match shown(&view, at) {
            Shown::Line {
                continues,
                begins_day,
                ..
            } => (continues, begins_day),
            Shown::Dropped(_) => panic!("nothing was dropped"),
        })
        .collect();
    let (new, more, day) = ((false, false), (true, false), (false, true));
    assert_eq!(rows, [day, more, new, new, new, new, day]);
}

#[test]
fn new_lines_begin_at_one_line_at_most() {
    let history = History::new(10);
    let view = history.view();
    let ids = ["a", "b", "c"].map(|text| history.push(said(1, text), &[&view]));
    history.announce();
    let begins = || {
        let rows = (0..view.n_items()).map(|at| shown(&view, at));
        let rows = rows.map(|row| {
            matches!(
                row,
                Shown::Line {
                    begins_new: true,
                    ..
                }
            )
        });
        rows.collect::<Vec<_>>()
    };
    let held: Vec<_> = (0..3).map(|at| view.item(at)).collect();
    view.set_new_from(Some(ids[1]));
    assert_eq!(begins(), [false, true, false]);
    view.set_new_from(Some(ids[2]));
    assert_eq!(begins(), [false, false, true]);
    drop(held);
    view.set_new_from(None);
    assert_eq!(begins(), [false; 3]);
}

#[derive(Clone, Debug)]
enum Step {
    Push(u8),
    Cap(usize),
    Announce,
    Clear,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0_u8..4).prop_map(Step::Push),
        1 => (1_usize..12).prop_map(Step::Cap),
        4 => Just(Step::Announce),
        1 => Just(Step::Clear),
    ]
}

proptest! {
    /// Whatever happens, what a widget was told is what the views hold.
    #[test]
    fn mirrors_stay_true(steps in prop::collection::vec(step(), 0..80)) {
        let history = History::new(8);
        let views = [history.view(), history.view()];
        let mirrors = views.each_ref().map(Mirror::of);
        for (count, step) in steps.into_iter().enumerate() {
            match step {
                Step::Push(which) => {
                    let into: Vec<_> = views
                        .iter()
                        .enumerate()
                        .filter(|(at, _)| which & (1 << at) != 0)
                        .map(|(_, view)| view)
                        .collect();
                    history.push(event(&count.to_string()), &into);
                }
                Step::Cap(cap) => history.set_cap(cap),
                Step::Announce => history.announce(),
                Step::Clear => history.clear(),
            }
            for (view, mirror) in views.iter().zip(&mirrors) {
                let rows: Vec<_> = (0..view.n_items()).map(|at| words(view, at)).collect();
                prop_assert_eq!(rows, mirror.rows());
                prop_assert!(view.item(view.n_items()).is_none());
            }
        }
        history.announce();
        prop_assert!(history.len() <= 8.max(history.0.cap.get()));
        for view in &views {
            let mark = u32::from(view.dropped() > 0);
            prop_assert_eq!(view.n_items() as usize, view.len() + mark as usize);
        }
    }
}
