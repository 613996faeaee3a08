//! A conversation of very many lines, gone through as a person would.

use std::fs;
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use adw::prelude::*;
use hallway_widgets::conversation::{Content, ConversationView, History, Speaker, View};

use super::film::{self, Film};

/// Who speaks, in turn.
const SPEAKERS: u32 = 50;

/// Between two lines: a million of them take a fortnight.
const PAUSE: Duration = Duration::from_millis(1_200);

/// Every so many lines has a word to be found.
const NEEDLES: u32 = 100_000;
const NEEDLE: &str = "needle";

/// Frames of each scene: two seconds or more, at 60 a second.
const WHEEL: u32 = 300;
const DRAG: u32 = 200;
const RESIZE: u32 = 120;

/// Pixels by which a wheel scrolls at a time.
const STEP: f64 = 97.0;

/// Frames in which the list comes to rest.
const SETTLE: u32 = 20;

/// Jumps to the top, and to the end.
const JUMPS: u32 = 10;

/// Frames in which something must be found at most: half a minute.
const FIND: u32 = 2_000;

/// Pixels that a resize takes away a frame.
const NARROWER: i32 = 8;

pub(super) struct Lines {
    count: u32,
    window: adw::ApplicationWindow,
    shown: ConversationView,
    /// It holds the lines.
    view: View,
}

impl Lines {
    /// Makes the lines, and shows them in `window`.
    pub(super) fn open(window: &adw::ApplicationWindow, count: u32) -> Rc<Self> {
        let history = History::new(count as usize);
        let view = history.view();
        let start = glib::monotonic_time();
        fill(&history, &view, count);
        film::print("fill_ms", glib::monotonic_time() - start);
        let shown = ConversationView::default();
        let content = gtk::Box::new(gtk::Orientation::Vertical, 0);
        content.append(&adw::HeaderBar::new());
        shown.set_vexpand(true);
        content.append(&shown);
        window.set_content(Some(&content));
        let lines = Self {
            count,
            window: window.clone(),
            shown,
            view,
        };
        Rc::new(lines)
    }

    pub(super) async fn go_through(self: &Rc<Self>) -> Result<(), String> {
        while self.view.n_items() < self.count {
            glib::timeout_future(Duration::from_millis(20)).await;
        }
        println!("memory_filled_mb {:.1}", memory());
        let start = glib::monotonic_time();
        self.shown.set_view(Some(&self.view));
        self.window.present();
        let film = Film::of(&self.window);
        self.rest(&film).await;
        let first = film.first().ok_or("nothing is painted")?;
        film::print("first_frame_ms", first - start);
        self.must_show("the end", self.count - 1)?;
        self.scroll(&film).await;
        self.jump(&film).await?;
        self.resize(&film).await;
        self.find(&film).await?;
        println!("memory_mb {:.1}", memory());
        Ok(())
    }

    async fn rest(&self, film: &Film) {
        film.scene("", SETTLE, |_| glib::ControlFlow::Continue)
            .await;
    }

    /// As with a wheel, line by line; and as with the handle of the bar, through everything.
    async fn scroll(&self, film: &Film) {
        let adjustment = self.adjustment();
        film.scene("wheel", WHEEL, move |_| {
            adjustment.set_value(adjustment.value() - STEP);
            glib::ControlFlow::Continue
        })
        .await;
        let adjustment = self.adjustment();
        film.scene("drag", DRAG, move |at| {
            let part = f64::from(at + 1) / f64::from(DRAG);
            adjustment.set_value((adjustment.upper() - adjustment.page_size()) * (1.0 - part));
            glib::ControlFlow::Continue
        })
        .await;
    }

    async fn jump(self: &Rc<Self>, film: &Film) -> Result<(), String> {
        let this = Rc::clone(self);
        film.scene("jump", 2 * JUMPS * SETTLE, move |at| {
            if at % (2 * SETTLE) == 0 {
                this.adjustment().set_value(0.0);
            } else if at % SETTLE == 0 {
                this.shown.scroll_to_end();
            }
            glib::ControlFlow::Continue
        })
        .await;
        self.must_show("the end", self.count - 1)?;
        self.adjustment().set_value(0.0);
        self.rest(film).await;
        self.must_show("the top", 0)
    }

    /// In the middle, where nothing is followed.
    async fn resize(self: &Rc<Self>, film: &Film) {
        let adjustment = self.adjustment();
        adjustment.set_value(adjustment.upper() / 2.0);
        self.rest(film).await;
        let this = Rc::clone(self);
        film.scene("resize", RESIZE, move |at| {
            let away = i32::try_from(at.min(RESIZE - at)).expect("a scene is short");
            let width = super::WIDTH - NARROWER * away;
            this.window.set_default_size(width, super::HEIGHT);
            glib::ControlFlow::Continue
        })
        .await;
    }

    async fn find(self: &Rc<Self>, film: &Film) -> Result<(), String> {
        let wanted = (self.count - 1) / NEEDLES * NEEDLES;
        let start = glib::monotonic_time();
        self.shown.find(NEEDLE, None);
        let this = Rc::clone(self);
        film.scene("find", FIND, move |_| {
            if this.shows(wanted) {
                film::print("found_ms", glib::monotonic_time() - start);
                glib::ControlFlow::Break
            } else {
                glib::ControlFlow::Continue
            }
        })
        .await;
        self.must_show("what is looked for", wanted)
    }

    fn adjustment(&self) -> gtk::Adjustment {
        let list = descendants(self.shown.upcast_ref())
            .into_iter()
            .find_map(|widget| widget.downcast::<gtk::ListView>().ok());
        list.and_then(|list| list.vadjustment())
            .expect("a conversation is a list that scrolls")
    }

    /// Whether a line is in view.
    fn shows(&self, number: u32) -> bool {
        let words = words(number);
        let height = f64::from(self.shown.height());
        descendants(self.shown.upcast_ref())
            .iter()
            .filter_map(|widget| widget.downcast_ref::<gtk::Label>())
            .filter(|label| label.is_mapped() && label.text() == words)
            .filter_map(|label| label.compute_bounds(&self.shown))
            .any(|place| place.y() >= 0.0 && f64::from(place.y()) < height)
    }

    fn must_show(&self, what: &str, number: u32) -> Result<(), String> {
        if self.shows(number) {
            Ok(())
        } else {
            Err(format!("{what} is not shown: “{}”", words(number)))
        }
    }
}

fn fill(history: &History, view: &View, count: u32) {
    let speakers: Vec<_> = (0..SPEAKERS)
        .map(|key| Speaker {
            key: key.into(),
            label: format!("Person {key}").into(),
        })
        .map(Rc::new)
        .collect();
    let start = SystemTime::now() - PAUSE * count;
    for number in 0..count {
        let content = Content::Theirs {
            speaker: Rc::clone(&speakers[(number % SPEAKERS) as usize]),
            text: words(number).into(),
            is_cut: false,
            mentions: false,
        };
        history.push_at(start + PAUSE * number, content, &[view]);
    }
}

/// What a line says.
fn words(number: u32) -> String {
    if number.is_multiple_of(NEEDLES) {
        format!("A {NEEDLE} in line {number}")
    } else {
        format!("The door is open, says line {number}")
    }
}

fn descendants(widget: &gtk::Widget) -> Vec<gtk::Widget> {
    let mut found = Vec::new();
    let children = std::iter::successors(widget.first_child(), WidgetExt::next_sibling);
    for child in children {
        found.extend(descendants(&child));
        found.push(child);
    }
    found
}

/// Resident memory that no file backs, in megabytes (`proc_pid_status`(5)).
fn memory() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"))
        .and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    kib.map_or(f64::NAN, |kib: f64| kib * 1024.0 / 1e6)
}
