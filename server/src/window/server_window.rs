//! The window: one room, before, while and after it is open.

pub(super) mod asking;
mod attention;
mod closing;
mod comparing;
mod found;
mod notices;
mod opening;
mod people;
mod things;
mod unseen;
mod watching;

use std::cell::{Cell, OnceCell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;

use adw::prelude::*;
use adw::subclass::prelude::*;
use gtk::{CompositeTemplate, TemplateChild};
use hallway_core::net::addresses::Watcher;
use hallway_core::net::{Reactor, Timer, Wake, limits};
use hallway_widgets::attention::{Front, Notifier};
use hallway_widgets::preferences::HISTORY_LINES;
use hallway_widgets::{frames, settings};

use super::actions::{self, Switch};
use super::attention::Place;
use super::reach_button::Told;
use super::room_page::RoomPage;
use super::row::Row;
use super::setup_page::SetupPage;
use super::talk::{Talk, audience};
use crate::cli::Options;
use crate::hub::{Event, Hub, Settings};
use crate::words::Words;
use comparing::Comparing;
use notices::Notices;
use opening::Opening;

/// The pages of the window.
const WELCOME: &str = "welcome";
const SETUP: &str = "setup";
const ROOM: &str = "room";

const FIRST_RUN_KEY: &str = "first-run";

/// How far the room is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Closed,
    Open(SocketAddr),
    /// Everybody is being told; afterwards the window may go too.
    Closing {
        window_too: bool,
    },
}

impl Phase {
    fn told(self) -> Told {
        match self {
            Self::Closed => Told::Closed,
            Self::Open(bound) => Told::Open(bound),
            Self::Closing { .. } => Told::Closing,
        }
    }
}

mod imp {
    use super::{
        Cell, Comparing, CompositeTemplate, Front, Hub, Notices, Notifier, OnceCell, Opening,
        Phase, Place, Rc, RefCell, RoomPage, SetupPage, Talk, TemplateChild, Timer, Wake, Watcher,
        actions,
    };
    use adw::subclass::prelude::*;
    use glib::subclass::InitializingObject;
    use gtk::prelude::*;

    #[derive(Default, CompositeTemplate)]
    #[template(file = "server_window.ui")]
    pub struct ServerWindow {
        #[template_child]
        pub(super) toasts: TemplateChild<adw::ToastOverlay>,
        #[template_child]
        pub(super) stack: TemplateChild<gtk::Stack>,
        #[template_child]
        pub(super) welcome: TemplateChild<gtk::Box>,
        #[template_child]
        pub(super) get_started: TemplateChild<gtk::Button>,
        #[template_child]
        pub(super) setup: TemplateChild<SetupPage>,
        /// Made after the first frame, or when something needs it.
        pub(super) room: OnceCell<RoomPage>,
        pub(super) hub: OnceCell<Hub>,
        /// Since the first frame, or since the room is open.
        pub(super) watcher: OnceCell<Watcher>,
        pub(super) talk: OnceCell<Rc<Talk>>,
        pub(super) settings: OnceCell<gio::Settings>,
        pub(super) phase: Cell<Phase>,
        /// Whether the question of unsent texts is open.
        pub(super) is_asking: Cell<bool>,
        pub(super) traffic: RefCell<Option<Timer>>,
        pub(super) notifier: OnceCell<Notifier<Place>>,
        pub(super) front: OnceCell<Front>,
        /// While the room is open.
        pub(super) wake: RefCell<Option<Wake>>,
        /// The window was closed and the room goes on.
        pub(super) is_unseen: Cell<bool>,
        pub(super) opening: Opening,
        pub(super) notices: Notices,
        pub(super) comparing: Comparing,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for ServerWindow {
        const NAME: &'static str = "HallwayServerWindow";
        type Type = super::ServerWindow;
        type ParentType = adw::ApplicationWindow;

        fn class_init(klass: &mut Self::Class) {
            SetupPage::ensure_type();
            klass.bind_template();
        }

        fn instance_init(object: &InitializingObject<Self>) {
            object.init_template();
        }
    }

    impl ObjectImpl for ServerWindow {
        fn constructed(&self) {
            self.parent_constructed();
            actions::add_to(&self.obj());
            hallway_widgets::narrowing::set_least_widths(&*self.stack);
        }

        fn dispose(&self) {
            self.traffic.take();
            self.wake.take();
        }
    }

    impl WidgetImpl for ServerWindow {}

    impl WindowImpl for ServerWindow {
        fn close_request(&self) -> glib::Propagation {
            self.obj().on_close_request()
        }
    }

    impl ApplicationWindowImpl for ServerWindow {}
    impl AdwApplicationWindowImpl for ServerWindow {}
}

glib::wrapper! {
    /// The window of the server: the setup page or the room, and the hub behind both.
    pub struct ServerWindow(ObjectSubclass<imp::ServerWindow>)
        @extends adw::ApplicationWindow, gtk::ApplicationWindow, gtk::Window, gtk::Widget,
        @implements gio::ActionGroup, gio::ActionMap, gtk::Buildable,
            gtk::ConstraintTarget, gtk::Native, gtk::Root, gtk::ShortcutManager;
}

impl ServerWindow {
    /// A window with a room that nobody can enter yet. `limits` are those of the room for as long
    /// as the window lives.
    pub fn new(
        application: &impl IsA<gtk::Application>,
        reactor: &Reactor,
        stored: &gio::Settings,
        limits: Settings,
    ) -> Self {
        let window: Self = glib::Object::builder()
            .property("application", application)
            .build();
        window.set_up(reactor, stored, limits);
        window.set_up_attention(application, stored);
        window
    }

    fn set_up(&self, reactor: &Reactor, stored: &gio::Settings, limits: Settings) {
        let imp = self.imp();
        settings::remember_size(self, stored);
        let hub = Hub::new(reactor, limits, Box::new(Words));
        let lines = stored.uint(HISTORY_LINES) as usize;
        let talk = Rc::new(Talk::new(lines));
        let history = talk.history().clone();
        stored.connect_changed(Some(HISTORY_LINES), move |stored, key| {
            history.set_cap(stored.uint(key) as usize);
        });
        for switch in actions::SWITCHES {
            switch.set(self, stored.boolean(switch.key));
        }
        imp.setup.set_up(stored);
        let weak = self.downgrade();
        hub.observe(move |event| {
            if let Some(window) = weak.upgrade() {
                window.on_event(event);
            }
        });
        imp.hub.get_or_init(|| hub);
        imp.talk.get_or_init(|| talk);
        imp.settings.get_or_init(|| stored.clone());
        self.set_up_unseen();
        let weak = self.downgrade();
        frames::after_first(self, move || {
            if let Some(window) = weak.upgrade() {
                window.look_around();
            }
        });
        self.set_phase(Phase::Closed);
        if stored.boolean(FIRST_RUN_KEY) {
            self.welcome();
        } else {
            self.show_setup();
        }
    }

    /// Learns the addresses of this computer and what the person is called, if it has not.
    fn look_around(&self) {
        let imp = self.imp();
        imp.watcher.get_or_init(|| {
            let watcher = Watcher::new();
            imp.setup.look_around(&watcher);
            self.room().look_around(&watcher);
            watcher
        });
        self.start_if_asked_to();
    }

    fn room(&self) -> &RoomPage {
        let imp = self.imp();
        imp.room.get_or_init(|| {
            let room = RoomPage::default();
            // Until it is shown it costs the window no style and no measuring.
            room.set_visible(false);
            imp.stack.add_named(&room, Some(ROOM));
            room.set_up(self.talk());
            room.set_told(imp.phase.get().told());
            let weak = self.downgrade();
            room.composer()
                .connect_send(move |_, text| weak.upgrade().is_some_and(|window| window.say(text)));
            let weak = self.downgrade();
            room.connect_turned(move || {
                if let Some(window) = weak.upgrade() {
                    window.look();
                    window.show_notice();
                }
            });
            room
        })
    }

    fn hub(&self) -> &Hub {
        self.imp().hub.get().expect("a window is made with its hub")
    }

    pub(super) fn talk(&self) -> &Rc<Talk> {
        let talk = self.imp().talk.get();
        talk.expect("a window is made with its conversation")
    }

    /// Does what a start of the program asks for. Once the room is open only a look at it is
    /// left.
    pub(crate) fn apply(&self, options: &Options) {
        if !matches!(self.imp().phase.get(), Phase::Open(_)) {
            let Settings {
                relay,
                echo,
                commands,
                host,
                ..
            } = &options.settings;
            if !relay {
                actions::PASS_ON.set(self, false);
            }
            if *echo {
                actions::ECHO.set(self, true);
            }
            if !commands {
                actions::COMMANDS.set(self, false);
            }
            self.apply_of_encryption(options);
            let setup = &self.imp().setup;
            if options.address.is_some() || options.port.is_some() || host.is_some() {
                setup.fill(options.address, options.port, host.as_ref());
            }
            if options.start {
                self.start();
            }
        }
    }

    /// What the hub does now, with the switches as they are.
    fn options(&self) -> Settings {
        Settings {
            relay: actions::PASS_ON.is_on(self),
            echo: actions::ECHO.is_on(self),
            commands: actions::COMMANDS.is_on(self),
            ask: actions::ASK.is_on(self),
            ..self.hub().settings()
        }
    }

    /// A person has switched an option.
    pub(super) fn on_switched(&self, switch: &Switch, is_on: bool) {
        if let Some(settings) = self.imp().settings.get() {
            // A key that an administrator has locked stays as it is.
            let _ = settings.set_boolean(switch.key, is_on);
        }
        let settings = self.options();
        self.talk().set_passes_on(settings.relay);
        self.hub().set_settings(settings);
    }

    /// Closes the room properly.
    pub(crate) fn stop(&self) {
        if matches!(self.imp().phase.get(), Phase::Open(_)) {
            self.set_phase(Phase::Closing { window_too: false });
            self.hub().stop(limits::CLOSE);
        }
    }

    fn on_event(&self, event: &Event<'_>) {
        if let Event::Left(person, _) = event {
            self.room().save_draft();
            self.stop_comparing(person.id);
            if let Some(row) = self.talk().row(person.id).filter(Row::is_waiting) {
                self.stop_notifying(&row);
            }
        }
        // Also without the host's word, where that is not asked for any more.
        if let Event::Welcomed { person, .. } = event
            && let Some(row) = self.talk().row(person.id).filter(Row::is_waiting)
        {
            self.stop_notifying(&row);
        }
        self.talk().take(event);
        match event {
            Event::Listening(bound) => {
                self.look_around();
                self.set_phase(Phase::Open(*bound));
                self.show_conversation();
            }
            Event::Stopped => self.on_stopped(),
            Event::Asks(person) => {
                if let Some(row) = self.talk().row(person.id) {
                    self.notify_of_asking(&row);
                }
                self.show_notice();
            }
            Event::Welcomed { .. } | Event::Left(..) => self.show_notice(),
            Event::Compare { person, code } => self.compare(person, *code),
            Event::Found { person, .. } => self.stop_comparing(person.id),
            _ => {}
        }
    }

    fn set_phase(&self, phase: Phase) {
        let imp = self.imp();
        imp.phase.set(phase);
        if let Some(room) = imp.room.get() {
            room.set_told(phase.told());
        }
        self.enable_start();
        actions::set_enabled(self, actions::STOP, matches!(phase, Phase::Open(_)));
        self.watch_traffic(matches!(phase, Phase::Open(_)));
        self.watch_network(matches!(phase, Phase::Open(_)));
        if phase == Phase::Closed {
            self.forget_warning();
        }
        self.show_notice();
        self.tell_status();
    }

    /// Says what the host wrote, to whoever is chosen. Returns whether that was possible.
    fn say(&self, text: &str) -> bool {
        let audience = self.room().shown().and_then(|row| audience(&row));
        match (self.imp().phase.get(), audience) {
            (Phase::Open(_), Some(audience)) => {
                self.hub().say(audience, text);
                true
            }
            _ => false,
        }
    }
}
