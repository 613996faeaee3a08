//! The list model of a conversation, seen the way a list widget sees it. No display is needed.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::{Duration, Instant},
};

use gio::prelude::*;
use glib::MainContext;
use hallway_widgets::conversation::{
    Content, Delivery, Entry, History, LineId, Speaker, Tone, View,
};
use proptest::prelude::*;

/// Twice the time between two announcements, with room for a busy machine.
const PATIENCE: Duration = Duration::from_secs(5);

/// What rows a listener believes there are, learnt from `items-changed` alone. The mark of
/// dropped lines is a row without a number.
struct Mirror {
    view: View,
    rows: Rc<RefCell<Vec<Option<LineId>>>>,
}

impl Mirror {
    fn of(view: &View) -> Self {
        let rows = Rc::new(RefCell::new(rows(view, 0..view.n_items())));
        let known = rows.clone();
        view.connect_items_changed(move |view, position, removed, added| {
            let at = position as usize;
            let new = self::rows(view, position..position + added);
            let mut known = known.borrow_mut();
            known.splice(at..at + removed as usize, new);
            assert_eq!(known.len(), view.n_items() as usize);
        });
        Self {
            view: view.clone(),
            rows,
        }
    }

    fn rows(&self) -> Vec<Option<LineId>> {
        self.rows.borrow().clone()
    }

    /// The model answers as it has announced, all over.
    fn check(&self) {
        assert_eq!(self.rows(), rows(&self.view, 0..self.view.n_items()));
        assert!(self.view.item(self.view.n_items()).is_none());
    }
}

fn rows(view: &View, range: std::ops::Range<u32>) -> Vec<Option<LineId>> {
    let entry = |position| view.item(position).and_downcast::<Entry>();
    range
        .map(|position| entry(position).expect("announced rows are there").id())
        .collect()
}

/// Lets the main loop run until `is_done`.
fn wait_until(what: &str, is_done: impl Fn() -> bool) {
    let context = MainContext::ref_thread_default();
    let start = Instant::now();
    while !is_done() {
        assert!(start.elapsed() < PATIENCE, "{what}");
        if !context.iteration(false) {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Runs `test` on a main loop of its own.
fn on_main_loop(test: impl FnOnce()) {
    MainContext::new()
        .with_thread_default(test)
        .expect("nobody else has this context");
}

fn event(text: &str) -> Content {
    Content::Event {
        text: text.into(),
        tone: Tone::Quiet,
    }
}

fn ours(text: &str) -> Content {
    Content::Ours {
        text: text.into(),
        to: None,
        delivery: Delivery::Queued,
    }
}

fn theirs(key: u64, text: &str) -> Content {
    let label = format!("Person {key}").into();
    Content::Theirs {
        speaker: Rc::new(Speaker { key, label }),
        text: text.into(),
        is_cut: false,
        mentions: false,
    }
}

/// What a window may do to a history of two views.
#[derive(Clone, Debug)]
enum Step {
    /// A line for the first view, the second, both or none.
    Push(bool, bool),
    SetCap(usize),
    Clear,
    /// The main loop gets to announce.
    Frame,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => any::<(bool, bool)>().prop_map(|(one, other)| Step::Push(one, other)),
        1 => (1_usize..12).prop_map(Step::SetCap),
        1 => Just(Step::Clear),
        3 => Just(Step::Frame),
    ]
}

/// What must be held, kept in the simplest way.
struct Expected {
    cap: usize,
    lines: Vec<(LineId, [bool; 2])>,
    dropped: [u64; 2],
}

impl Expected {
    fn trim(&mut self) {
        let excess = self.lines.len().saturating_sub(self.cap);
        for (_, views) in self.lines.drain(..excess) {
            for (dropped, is_in) in self.dropped.iter_mut().zip(views) {
                *dropped += u64::from(is_in);
            }
        }
    }

    fn rows(&self, view: usize) -> Vec<Option<LineId>> {
        let mark = (self.dropped[view] > 0).then_some(None);
        let lines = self.lines.iter().filter(|(_, views)| views[view]);
        mark.into_iter()
            .chain(lines.map(|(id, _)| Some(*id)))
            .collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_listener_knows_what_is_held(steps in prop::collection::vec(step(), 0..60)) {
        on_main_loop(|| follow(&steps));
    }
}

fn follow(steps: &[Step]) {
    let history = History::new(8);
    let mirrors = [history.view(), history.view()].map(|view| Mirror::of(&view));
    let mut expected = Expected {
        cap: 8,
        lines: Vec::new(),
        dropped: [0; 2],
    };
    for step in steps.iter().chain([&Step::Frame]) {
        match step {
            Step::Push(one, other) => {
                let into = [*one, *other];
                let views = mirrors.iter().zip(into).filter(|(_, is_in)| *is_in);
                let views: Vec<&View> = views.map(|(mirror, _)| &mirror.view).collect();
                expected
                    .lines
                    .push((history.push(event("x"), &views), into));
            }
            Step::SetCap(cap) => {
                history.set_cap(*cap);
                expected.cap = *cap;
            }
            Step::Clear => {
                history.clear();
                expected.lines.clear();
                expected.dropped = [0; 2];
                for mirror in &mirrors {
                    assert!(mirror.view.is_empty());
                }
            }
            Step::Frame => {
                expected.trim();
                // A mark alone is the same row however many it stands for: its number counts too.
                wait_until("everything is announced", || {
                    (0..2).all(|view| {
                        mirrors[view].rows() == expected.rows(view)
                            && mirrors[view].view.dropped() == expected.dropped[view]
                    })
                });
            }
        }
        for mirror in &mirrors {
            mirror.check();
        }
    }
}

#[test]
fn clearing_while_something_is_announced_reaches_every_listener_in_order() {
    on_main_loop(|| {
        let history = History::new(4);
        let view = history.view();
        let clears = Rc::new(Cell::new(0));
        let (of_handler, count) = (history.clone(), clears.clone());
        // Connected first, so the mirror hears of the clearing after what it answers.
        view.connect_items_changed(move |_, _, _, added| {
            if added > 0 {
                of_handler.clear();
                count.set(count.get() + 1);
            }
        });
        let mirror = Mirror::of(&view);
        for _ in 0..3 {
            let before = clears.get();
            for _ in 0..6 {
                history.push(event("x"), &[&view]);
            }
            wait_until("the lines are announced", || clears.get() > before);
            mirror.check();
            assert!(view.is_empty() && history.is_empty());
        }
    });
}

#[test]
fn a_burst_is_announced_once_and_counted() {
    on_main_loop(|| {
        let history = History::new(1_000);
        let view = history.view();
        let announced = Rc::new(RefCell::new(Vec::new()));
        let seen = announced.clone();
        view.connect_pushed(move |_, new| seen.borrow_mut().push(new));
        history.push(event("first"), &[&view]);
        wait_until("the first is announced", || !announced.borrow().is_empty());
        for _ in 0..500 {
            history.push(event("x"), &[&view]);
        }
        assert_eq!(view.n_items(), 1, "nothing is announced between frames");
        wait_until("the burst is announced", || view.n_items() == 501);
        assert_eq!(*announced.borrow(), [1, 500]);
    });
}

#[test]
fn a_delivery_reaches_the_entry_that_somebody_holds() {
    on_main_loop(|| {
        let history = History::new(10);
        let view = history.view();
        let id = history.push(ours("hello"), &[&view]);
        let other = history.push(theirs(1, "hi"), &[&view]);
        wait_until("both are announced", || view.n_items() == 2);
        let entry = view.item(0).and_downcast::<Entry>().expect("announced");
        assert_eq!(view.item(0).and_downcast::<Entry>().as_ref(), Some(&entry));
        history.set_delivery(id, Delivery::Sent);
        history.set_delivery(other, Delivery::Sent);
        history.set_delivery(LineId(99), Delivery::Sent);
        drop(entry);
        history.set_delivery(id, Delivery::Discarded);
        assert_eq!(view.last(), Some(theirs(1, "hi")));
    });
}

#[test]
fn views_of_a_history_go_when_nobody_holds_them() {
    on_main_loop(|| {
        let history = History::new(10);
        let view = history.view();
        history.push(event("x"), &[&view]);
        let weak = view.downgrade();
        drop(view);
        assert!(weak.upgrade().is_none());
        history.push(event("y"), &[]);
        let view = history.view();
        drop(history);
        assert!(view.is_empty());
    });
}
