//! A conversation in a window of its own, and what stands in it.

use std::{
    rc::Rc,
    time::{Duration, Instant},
};

use adw::prelude::*;
use hallway_widgets::conversation::{
    Content, ConversationView, Delivery, History, LineId, Speaker, Tone, View,
};

/// The narrowest window there is.
pub(crate) const NARROW: i32 = 360;

/// More than a busy machine needs for what takes a few frames.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Stage {
    pub(crate) window: gtk::Window,
    pub(crate) shown: ConversationView,
    pub(crate) history: History,
    pub(crate) view: View,
}

impl Stage {
    pub(crate) fn new(cap: usize) -> Self {
        let history = History::new(cap);
        let view = history.view();
        let shown: ConversationView = glib::Object::new();
        shown.set_view(Some(&view));
        let window = gtk::Window::builder()
            .default_width(NARROW)
            .default_height(600)
            .child(&shown)
            .build();
        window.present();
        wait_until("the window is there", || shown.width() > 0);
        Self {
            window,
            shown,
            history,
            view,
        }
    }

    pub(crate) fn push(&self, content: Content) -> LineId {
        self.history.push(content, &[&self.view])
    }

    /// Waits until a label with this text is drawn, and returns it.
    pub(crate) fn label(&self, text: &str) -> gtk::Label {
        wait_until(text, || self.find_label(text).is_some());
        self.find_label(text).expect("it was there just now")
    }

    pub(crate) fn find_label(&self, text: &str) -> Option<gtk::Label> {
        labels(&self.shown)
            .into_iter()
            .find(|label| label.text() == text)
    }

    pub(crate) fn has_label(&self, text: &str) -> bool {
        self.find_label(text).is_some()
    }

    pub(crate) fn list(&self) -> gtk::ListView {
        descendants(self.shown.upcast_ref())
            .into_iter()
            .find_map(|widget| widget.downcast().ok())
            .expect("a conversation is a list")
    }

    pub(crate) fn rows(&self) -> Vec<gtk::Widget> {
        children(self.list().upcast_ref())
            .filter(WidgetExt::is_mapped)
            .collect()
    }

    pub(crate) fn button(&self, label: &str) -> Option<gtk::Button> {
        descendants(self.shown.upcast_ref())
            .into_iter()
            .filter_map(|widget| widget.downcast::<gtk::Button>().ok())
            .find(|button| button.is_mapped() && button.label().as_deref() == Some(label))
    }

    pub(crate) fn adjustment(&self) -> gtk::Adjustment {
        self.list().vadjustment().expect("a list scrolls")
    }

    pub(crate) fn is_at_end(&self) -> bool {
        let adjustment = self.adjustment();
        adjustment.value() + adjustment.page_size() >= adjustment.upper() - 1.0
    }

    /// Waits until the newest line, which has this text, is in view altogether.
    pub(crate) fn wait_for_end(&self, text: &str) {
        wait_until(text, || {
            let label = self.find_label(text);
            self.is_at_end()
                && label.is_some_and(|label| label.height() > 0 && self.is_in_view(&label))
        });
    }

    pub(crate) fn is_in_view(&self, widget: &impl IsA<gtk::Widget>) -> bool {
        widget.compute_bounds(&self.shown).is_some_and(|bounds| {
            bounds.y() >= 0.0 && bounds.y() + bounds.height() <= height_of(&self.shown) + 1.0
        })
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.window.destroy();
    }
}

#[allow(clippy::cast_precision_loss)]
pub(crate) fn height_of(widget: &impl IsA<gtk::Widget>) -> f32 {
    widget.height() as f32
}

pub(crate) fn children(widget: &gtk::Widget) -> impl Iterator<Item = gtk::Widget> + use<> {
    std::iter::successors(widget.first_child(), WidgetExt::next_sibling)
}

pub(crate) fn descendants(widget: &gtk::Widget) -> Vec<gtk::Widget> {
    let mut found = Vec::new();
    for child in children(widget) {
        found.extend(descendants(&child));
        found.push(child);
    }
    found
}

/// The labels that are drawn.
pub(crate) fn labels(widget: &impl IsA<gtk::Widget>) -> Vec<gtk::Label> {
    descendants(widget.upcast_ref())
        .into_iter()
        .filter_map(|widget| widget.downcast::<gtk::Label>().ok())
        .filter(WidgetExt::is_mapped)
        .collect()
}

pub(crate) fn wait_until(what: &str, is_done: impl Fn() -> bool) {
    let context = glib::MainContext::default();
    let start = Instant::now();
    while !is_done() {
        assert!(start.elapsed() < PATIENCE, "waited in vain: {what}");
        if !context.iteration(false) {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Lets the main loop and the window work for a while.
pub(crate) fn let_work(duration: Duration) {
    let end = Instant::now() + duration;
    wait_until("time passes", || Instant::now() >= end);
}

pub(crate) fn theirs(text: &str) -> Content {
    Content::Theirs {
        speaker: Rc::new(Speaker {
            key: 1,
            label: "Ana".into(),
        }),
        text: text.into(),
        is_cut: false,
        mentions: false,
    }
}

pub(crate) fn ours(text: &str, delivery: Delivery) -> Content {
    Content::Ours {
        text: text.into(),
        to: None,
        delivery,
    }
}

pub(crate) fn event(text: &str, tone: Tone) -> Content {
    let text = text.into();
    Content::Event { text, tone }
}
