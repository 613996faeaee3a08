//! A row of the sidebar: everyone, or one person and what was said with them.

use std::cell::{Cell, OnceCell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::OnceLock;

use glib::prelude::*;
use glib::subclass::Signal;
use glib::subclass::prelude::*;
use hallway_core::net::address::plain;
use hallway_core::wire::Fingerprint;
use hallway_widgets::attention;
use hallway_widgets::conversation::{Speaker, View};
use hallway_words::{gettext, gettext_f, ngettext_f};

use super::lock::Lock;
use super::writers::Writers;
use crate::hub::{PeerId, Person};

const CHANGED: &str = "changed";

/// Where a row stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Section {
    /// Everyone together; one row.
    #[default]
    Everyone,
    /// Who is here.
    Here,
    /// Who has gone and was spoken with.
    Gone,
}

/// Bytes that went to and came from a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traffic {
    pub(crate) received: u64,
    pub(crate) sent: u64,
}

mod imp {
    use super::{
        CHANGED, Cell, OnceCell, OnceLock, Person, Rc, RefCell, Section, Signal, Speaker, Traffic,
        View, Writers,
    };
    use glib::subclass::prelude::*;

    #[derive(Default)]
    pub struct Row {
        pub(super) view: OnceCell<View>,
        /// Nobody for everyone.
        pub(super) person: RefCell<Option<Rc<Person>>>,
        pub(super) speaker: RefCell<Option<Rc<Speaker>>>,
        pub(super) section: Cell<Section>,
        /// Whether it is the first of its section.
        pub(super) has_heading: Cell<bool>,
        pub(super) unread: Cell<u32>,
        /// Of those, the ones that mention the host.
        pub(super) mentions: Cell<u32>,
        /// Something was said with this person alone.
        pub(super) was_spoken_with: Cell<bool>,
        /// Unread lines that stand here and nowhere else.
        pub(super) directs: Cell<u32>,
        /// Somebody encrypted who waits for the host's word.
        pub(super) is_waiting: Cell<bool>,
        /// The six digits were the same.
        pub(super) is_verified: Cell<bool>,
        pub(super) writers: Writers,
        /// What the host was writing here.
        pub(super) draft: RefCell<String>,
        /// Bytes that wait for a person who is falling behind.
        pub(super) behind: Cell<Option<usize>>,
        pub(super) traffic: Cell<Traffic>,
        /// Of everyone: how many are here.
        pub(super) people: Cell<usize>,
        /// Its place in [`People`](super::super::people::People).
        pub(in super::super) order: Cell<u64>,
        pub(in super::super) is_touched: Cell<bool>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for Row {
        const NAME: &'static str = "HallwayServerRow";
        type Type = super::Row;
    }

    impl ObjectImpl for Row {
        fn signals() -> &'static [Signal] {
            static SIGNALS: OnceLock<[Signal; 1]> = OnceLock::new();
            SIGNALS.get_or_init(|| [Signal::builder(CHANGED).build()])
        }
    }
}

glib::wrapper! {
    /// What can be chosen in the sidebar, with its view of the conversation. Whoever changes it
    /// tells [`People`](super::people::People), which announces changes once a frame.
    pub struct Row(ObjectSubclass<imp::Row>);
}

impl Row {
    /// The row of everyone.
    pub(crate) fn everyone(view: View) -> Self {
        let row: Self = glib::Object::new();
        let _ = row.imp().view.set(view);
        row
    }

    /// The row of somebody who is here.
    pub(crate) fn of(person: Person, view: View) -> Self {
        let row = Self::everyone(view);
        row.imp().section.set(Section::Here);
        row.set_person(person);
        row
    }

    pub(crate) fn view(&self) -> &View {
        self.imp().view.get().expect("a row is made with its view")
    }

    pub(crate) fn person(&self) -> Option<Rc<Person>> {
        self.imp().person.borrow().clone()
    }

    pub(crate) fn id(&self) -> Option<PeerId> {
        self.imp().person.borrow().as_ref().map(|person| person.id)
    }

    /// The certificate of somebody who encrypts.
    pub(crate) fn identity(&self) -> Option<Fingerprint> {
        let person = self.imp().person.borrow();
        person.as_ref().and_then(|person| person.identity)
    }

    pub(crate) fn set_person(&self, person: Person) {
        let speaker = Speaker {
            key: person.id.number(),
            label: Rc::clone(&person.label),
        };
        self.imp().speaker.replace(Some(Rc::new(speaker)));
        self.imp().person.replace(Some(Rc::new(person)));
    }

    /// Who says what this person says.
    pub(crate) fn speaker(&self) -> Option<Rc<Speaker>> {
        self.imp().speaker.borrow().clone()
    }

    pub(crate) fn section(&self) -> Section {
        self.imp().section.get()
    }

    pub(crate) fn set_section(&self, section: Section) {
        self.imp().section.set(section);
    }

    pub(crate) fn is_here(&self) -> bool {
        self.section() == Section::Here
    }

    pub(crate) fn unread(&self) -> u32 {
        self.imp().unread.get()
    }

    /// One more line is unread.
    pub(crate) fn add_unread(&self, mentions: bool) {
        let imp = self.imp();
        imp.unread.set(self.unread().saturating_add(1));
        let more = u32::from(mentions);
        imp.mentions.set(imp.mentions.get().saturating_add(more));
    }

    /// Nothing is unread any more.
    pub(crate) fn forget_unread(&self) {
        self.imp().unread.set(0);
        self.imp().mentions.set(0);
        self.imp().directs.set(0);
    }

    /// One of the unread lines stands nowhere else.
    pub(crate) fn add_direct(&self) {
        let directs = &self.imp().directs;
        directs.set(directs.get().saturating_add(1));
    }

    /// Whether something is unread that stands nowhere else.
    pub(crate) fn has_directs(&self) -> bool {
        self.imp().directs.get() > 0
    }

    /// Whether somebody encrypted waits for the host's word.
    pub(crate) fn is_waiting(&self) -> bool {
        self.imp().is_waiting.get()
    }

    pub(crate) fn set_waiting(&self, is_waiting: bool) {
        self.imp().is_waiting.set(is_waiting);
    }

    /// Whether the six digits were the same.
    pub(crate) fn is_verified(&self) -> bool {
        self.imp().is_verified.get()
    }

    pub(crate) fn set_verified(&self, is_verified: bool) {
        self.imp().is_verified.set(is_verified);
    }

    /// Who writes here now.
    pub(crate) fn writers(&self) -> &Writers {
        &self.imp().writers
    }

    /// How what is said with the person travels; none for everyone.
    pub(crate) fn lock(&self) -> Option<Lock> {
        let person = self.imp().person.borrow();
        let lock = match person.as_ref()? {
            person if !person.is_encrypted => Lock::Open,
            _ if self.is_verified() => Lock::Verified,
            _ => Lock::Closed,
        };
        Some(lock)
    }

    pub(crate) fn was_spoken_with(&self) -> bool {
        self.imp().was_spoken_with.get()
    }

    pub(crate) fn set_was_spoken_with(&self, was: bool) {
        self.imp().was_spoken_with.set(was);
    }

    /// What the host was writing here: it must not go to anybody else.
    pub(crate) fn draft(&self) -> String {
        self.imp().draft.borrow().clone()
    }

    pub(crate) fn set_draft(&self, draft: String) {
        self.imp().draft.replace(draft);
    }

    pub(crate) fn behind(&self) -> Option<usize> {
        self.imp().behind.get()
    }

    pub(crate) fn set_behind(&self, bytes: Option<usize>) {
        self.imp().behind.set(bytes);
    }

    /// Notes the traffic. Returns whether it is another.
    pub(crate) fn set_traffic(&self, traffic: Traffic) -> bool {
        self.imp().traffic.replace(traffic) != traffic
    }

    pub(crate) fn people(&self) -> usize {
        self.imp().people.get()
    }

    pub(crate) fn set_people(&self, count: usize) {
        self.imp().people.set(count);
    }

    /// Puts the heading of its section above it. Returns whether that is new.
    pub(crate) fn set_has_heading(&self, has: bool) -> bool {
        self.imp().has_heading.replace(has) != has
    }

    /// What stands above it, if it is the first of its section.
    pub(crate) fn heading(&self) -> Option<String> {
        if !self.imp().has_heading.get() {
            return None;
        }
        match self.section() {
            Section::Everyone => None,
            Section::Here => Some(gettext("People")),
            // Translators: heading above people who have left
            Section::Gone => Some(gettext("Gone")),
        }
    }

    /// Its name.
    pub(crate) fn label(&self) -> String {
        match &*self.imp().person.borrow() {
            Some(person) => person.label.to_string(),
            None => gettext("Everyone"),
        }
    }

    /// Where the person is.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        let person = self.imp().person.borrow();
        person.as_ref().map(|person| plain(person.address))
    }

    /// What distinguishes it from others of its name: an address, or how many people there are.
    pub(crate) fn place(&self) -> String {
        match &*self.imp().person.borrow() {
            Some(person) if person.is_named => plain(person.address).ip().to_string(),
            // The label is the address.
            Some(_) => gettext("No name yet"),
            None => people(self.people()),
        }
    }

    /// The line below its name.
    pub(crate) fn detail(&self) -> String {
        if self.is_waiting() {
            return gettext("Wants to come in");
        }
        if !self.is_here() {
            return self.place();
        }
        let Traffic { received, sent } = self.imp().traffic.get();
        gettext_f(
            // Translators: where a person is, the bytes received from there, the bytes sent there
            "{place} · ↓ {received} ↑ {sent}",
            &[
                ("place", &self.place()),
                ("received", &glib::format_size(received)),
                ("sent", &glib::format_size(sent)),
            ],
        )
    }

    /// What is wrong with it.
    pub(crate) fn trouble(&self) -> Option<String> {
        let kib = self.behind()?.div_ceil(1024).to_string();
        Some(gettext_f(
            "Falling behind: {kib} KiB waiting",
            &[("kib", &kib)],
        ))
    }

    /// The number in its badge, empty for none.
    pub(crate) fn badge(&self) -> String {
        attention::badge(self.unread().into())
    }

    /// The number in the badge of lines that mention the host, empty for none.
    pub(crate) fn mention_badge(&self) -> String {
        attention::mention_badge(self.imp().mentions.get().into())
    }

    /// What a screen reader calls it: "Ana, 192.168.1.31, encrypted, 2 unread". Traffic is left out, as it
    /// would never be silent.
    pub(crate) fn spoken(&self) -> String {
        let mut parts = vec![self.label(), self.place()];
        parts.extend(self.lock().map(Lock::short));
        if self.is_waiting() {
            parts.push(gettext("wants to come in"));
        }
        if self.section() == Section::Gone {
            parts.push(gettext("gone"));
        }
        let mentions = self.imp().mentions.get().into();
        let lines = self.unread().into();
        parts.extend(attention::spoken(attention::Unread { lines, mentions }));
        if self.behind().is_some() {
            parts.push(gettext("falling behind"));
        }
        // Translators: between the parts of what a screen reader says
        parts.join(&gettext(", "))
    }

    /// Calls `then` when something that is shown has changed, at most once a frame.
    pub(crate) fn connect_changed(&self, then: impl Fn(&Self) + 'static) -> glib::SignalHandlerId {
        self.connect_closure(
            CHANGED,
            false,
            glib::closure_local!(move |row: &Self| then(row)),
        )
    }

    pub(super) fn emit_changed(&self) {
        self.emit_by_name::<()>(CHANGED, &[]);
    }
}

/// So many people.
pub(crate) fn people(count: usize) -> String {
    if count == 0 {
        return gettext("Nobody is here");
    }
    let number = count.to_string();
    ngettext_f(
        "{count} person",
        "{count} people",
        count as u64,
        &[("count", &number)],
    )
}
