//! Sends notifications, replaces them and takes them back.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::hash::Hash;
use std::rc::Rc;
use std::time::{Duration, Instant};

use gio::prelude::*;
use glib::variant::ToVariant;
use gtk::gdk;
use gtk::prelude::*;
use hallway_core::net::Timer;
use hallway_words::gettext;

use super::backend::{self, Reading};
use super::news::{Deed, News, Unread};
use super::watch::{GATHERING, Watch};
use super::{actions, launcher, notice};

/// The settings.
const NOTIFICATIONS: &str = "notifications";
const WITH_TEXT: &str = "notification-text";
const SOUND: &str = "sound";

/// The notification of all conversations together.
const SUMMARY: &str = "conversations";

/// How long it is taken for granted who shows notifications.
const CERTAIN: Duration = Duration::from_mins(1);

/// The desktop is given this long to say that it shows a notification. GIO forgets one that it
/// withdraws before that, and it would stay.
const SETTLING: Duration = Duration::from_secs(1);

/// The alert sound is played at most once in this time.
const SOUNDS: Duration = Duration::from_secs(5);

/// Before sockets are read (125) and the window is painted (120): a flood must not hold it up.
const TELLING: i32 = 110;

/// What desktops sort notifications by; "im.received" is theirs for messages.
const CATEGORY: &str = "im.received";

/// A conversation that can be told of.
pub trait Place: Clone + Eq + Hash + 'static {
    /// It as the parameter of the [`actions`].
    fn parameter(&self) -> String;
    /// The name of its notification.
    fn notification(&self) -> String;
    /// What it is called, where that is not clear from who speaks.
    fn label(&self) -> Option<String>;
}

/// Tells of conversations by the application's notifications. Clones are the same one; when the
/// last of them goes, so do the notifications.
pub struct Notifier<P: Place>(Rc<Inner<P>>);

impl<P: Place> Clone for Notifier<P> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

/// Is told how much is unread.
type Counted = Rc<dyn Fn(Unread)>;

struct Inner<P: Place> {
    application: glib::WeakRef<gio::Application>,
    settings: gio::Settings,
    handler: RefCell<Option<glib::SignalHandlerId>>,
    watch: RefCell<Watch<P>>,
    timer: RefCell<Option<(Instant, Timer)>>,
    reading: Cell<Option<(Reading, Instant)>>,
    is_asking: Cell<bool>,
    /// When the notifications of late were sent.
    sent: RefCell<HashMap<String, Instant>>,
    played_at: Cell<Option<Instant>>,
    counted: RefCell<Option<Counted>>,
}

impl<P: Place> Notifier<P> {
    /// One for the conversations of `application`, as `settings` want it.
    pub fn new(application: &impl IsA<gio::Application>, settings: &gio::Settings) -> Self {
        let inner = Rc::new(Inner {
            application: application.as_ref().downgrade(),
            settings: settings.clone(),
            handler: RefCell::default(),
            watch: RefCell::default(),
            timer: RefCell::default(),
            reading: Cell::default(),
            is_asking: Cell::default(),
            sent: RefCell::default(),
            played_at: Cell::default(),
            counted: RefCell::default(),
        });
        let weak = Rc::downgrade(&inner);
        let handler = settings.connect_changed(Some(NOTIFICATIONS), move |_, _| {
            if let Some(inner) = weak.upgrade() {
                inner.adopt_settings();
            }
        });
        inner.handler.replace(Some(handler));
        inner.adopt_settings();
        Self(inner)
    }

    /// Somebody said something in a conversation that the person does not look at.
    pub fn hear(&self, at: &P, news: &News) {
        let is_new = self.0.watch.borrow_mut().hear(at, news, Instant::now);
        if is_new {
            self.0.wake(Instant::now() + GATHERING);
        }
    }

    /// The person looks at a conversation or takes it for read, or it is no more.
    pub fn read(&self, at: &P) {
        let deeds = self.0.watch.borrow_mut().read(at);
        self.0.perform(deeds);
    }

    /// The person looks at all of them.
    pub fn read_all(&self) {
        let deeds = self.0.watch.borrow_mut().read_all();
        self.0.perform(deeds);
    }

    /// How much is unread in a conversation.
    pub fn unread(&self, at: &P) -> Unread {
        self.0.watch.borrow().unread(at)
    }

    /// How much is unread in all of them.
    pub fn total(&self) -> Unread {
        self.0.watch.borrow().total()
    }

    /// Calls `then` with all that is unread when it is another number: at most once a second
    /// while it grows. There is one listener.
    pub fn connect_counted(&self, then: impl Fn(Unread) + 'static) {
        self.0.counted.replace(Some(Rc::new(then)));
    }
}

impl<P: Place> Inner<P> {
    fn adopt_settings(self: &Rc<Self>) {
        let notifies = self.settings.boolean(NOTIFICATIONS);
        let deeds = self.watch.borrow_mut().set_notifies(notifies);
        self.perform(deeds);
    }

    /// Looks what is to be done at that time, or before.
    fn wake(self: &Rc<Self>, at: Instant) {
        let mut timer = self.timer.borrow_mut();
        if timer.as_ref().is_some_and(|(before, _)| *before <= at) {
            return;
        }
        let weak = Rc::downgrade(self);
        let then = move || {
            if let Some(inner) = weak.upgrade() {
                inner.timer.take();
                inner.tell();
            }
        };
        let delay = at.saturating_duration_since(Instant::now());
        // A timer of milliseconds may be early by less than one.
        let delay = delay + Duration::from_millis(1);
        *timer = Some((at, Timer::once(delay, TELLING.into(), then)));
    }

    fn tell(self: &Rc<Self>) {
        let known = self.reading.get();
        let is_known = known.is_some_and(|(_, at)| at.elapsed() < CERTAIN);
        if !is_known && self.watch.borrow().has_news() {
            return self.ask();
        }
        let (deeds, next) = self.watch.borrow_mut().tell(Instant::now());
        self.perform(deeds);
        if let Some(next) = next {
            self.wake(next);
        }
    }

    /// Asks how notifications will be read, and tells then.
    fn ask(self: &Rc<Self>) {
        if self.is_asking.replace(true) {
            return;
        }
        let application = self.application.upgrade();
        let bus = application.and_then(|application| application.dbus_connection());
        let weak = Rc::downgrade(self);
        glib::spawn_future_local(async move {
            let reading = match &bus {
                Some(bus) => backend::reading(bus).await,
                None => Reading::Never,
            };
            if let Some(inner) = weak.upgrade() {
                inner.reading.set(Some((reading, Instant::now())));
                inner.is_asking.set(false);
                inner.tell();
            }
        });
    }

    fn perform(self: &Rc<Self>, deeds: Vec<Deed<P>>) {
        for deed in deeds {
            match deed {
                Deed::Show { of, news, unread } => self.show(&of, &news, unread),
                Deed::Summarize {
                    newest,
                    unread,
                    conversations,
                } => {
                    let words = notice::of_all(unread, conversations);
                    let notification = self.notification(&words);
                    lead_to(&notification, &newest);
                    self.send(SUMMARY, &notification);
                }
                Deed::Withdraw(of) => self.withdraw(of.notification()),
                Deed::WithdrawSummary => self.withdraw(SUMMARY.to_owned()),
                Deed::Count(unread) => self.count(unread),
            }
        }
    }

    fn show(&self, of: &P, news: &News, unread: Unread) {
        let with_text = self.settings.boolean(WITH_TEXT);
        let place = of.label();
        let words = notice::of_conversation(news, unread, place.as_deref(), with_text);
        let notification = self.notification(&words);
        if news.mentions {
            notification.set_priority(gio::NotificationPriority::High);
        }
        lead_to(&notification, of);
        let target = of.parameter().to_variant();
        for (label, action) in [
            (gettext("Reply"), actions::REPLY),
            (gettext("Mark as Read"), actions::MARK_READ),
        ] {
            notification.add_button_with_target_value(&label, action, Some(&target));
        }
        self.send(&of.notification(), &notification);
    }

    fn notification(&self, words: &notice::Words) -> gio::Notification {
        let notification = gio::Notification::new(&words.title);
        let reading = self.reading.get();
        let reading = reading.map_or(Reading::Plain, |(reading, _)| reading);
        if !words.body.is_empty() {
            notification.set_body(Some(&reading.body(&words.body)));
        }
        notification.set_category(Some(CATEGORY));
        let application = self.application.upgrade();
        if let Some(id) = application.and_then(|application| application.application_id()) {
            notification.set_icon(&gio::ThemedIcon::new(&id));
        }
        notification
    }

    fn send(&self, id: &str, notification: &gio::Notification) {
        self.play();
        let is_seen = self
            .reading
            .get()
            .is_some_and(|(reading, _)| reading != Reading::Never);
        let Some(application) = self.application.upgrade().filter(|_| is_seen) else {
            return;
        };
        application.send_notification(Some(id), notification);
        let mut sent = self.sent.borrow_mut();
        sent.retain(|_, at| at.elapsed() < SETTLING);
        sent.insert(id.to_owned(), Instant::now());
    }

    /// Takes a notification back as soon as the desktop has it.
    fn withdraw(self: &Rc<Self>, id: String) {
        let Some(application) = self.application.upgrade() else {
            return;
        };
        let sent_at = self.sent.borrow().get(&id).copied();
        let age = sent_at.map_or(SETTLING, |at| at.elapsed());
        let rest = SETTLING.saturating_sub(age);
        if rest.is_zero() {
            application.withdraw_notification(&id);
            return;
        }
        let weak = Rc::downgrade(self);
        glib::timeout_add_local_once(rest, move || {
            // Another one of that name may have come meanwhile.
            let is_same = weak
                .upgrade()
                .is_none_or(|inner| inner.sent.borrow().get(&id).copied() == sent_at);
            if is_same {
                application.withdraw_notification(&id);
            }
        });
    }

    fn play(&self) {
        let is_soon = self.played_at.get().is_some_and(|at| at.elapsed() < SOUNDS);
        if is_soon || !self.settings.boolean(SOUND) {
            return;
        }
        if let Some(display) = gdk::Display::default() {
            self.played_at.set(Some(Instant::now()));
            display.beep();
        }
    }

    fn count(&self, unread: Unread) {
        if let Some(application) = self.application.upgrade() {
            launcher::tell(&application, unread);
        }
        let counted = self.counted.borrow().clone();
        if let Some(counted) = counted {
            counted(unread);
        }
    }
}

impl<P: Place> Drop for Inner<P> {
    fn drop(&mut self) {
        if let Some(handler) = self.handler.take() {
            self.settings.disconnect(handler);
        }
        let Some(application) = self.application.upgrade() else {
            return;
        };
        // What is left would lead to conversations that are no more.
        for deed in self.watch.get_mut().read_all() {
            match deed {
                Deed::Withdraw(of) => application.withdraw_notification(&of.notification()),
                Deed::WithdrawSummary => application.withdraw_notification(SUMMARY),
                Deed::Count(unread) => launcher::tell(&application, unread),
                Deed::Show { .. } | Deed::Summarize { .. } => {}
            }
        }
    }
}

/// A click on it leads to a conversation.
fn lead_to(notification: &gio::Notification, place: &impl Place) {
    let target = place.parameter().to_variant();
    notification.set_default_action_and_target_value(actions::SHOW, Some(&target));
}
