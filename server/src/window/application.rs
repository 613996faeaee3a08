//! The program with its one window.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use adw::prelude::*;
use adw::subclass::prelude::*;
use hallway_core::net::Reactor;
use hallway_core::net::descriptors;
use hallway_widgets::search::Provider;
use hallway_widgets::{Background, frames};

use super::keeping::{Keeping, Kept};
use super::server_window::{ServerWindow, asking};
use super::{actions, attention};
use crate::archive::Opened;
use crate::cli::{self, Options};
use crate::hub::Settings;

/// Signals that end the program properly (signal(7)).
const END_SIGNALS: [i32; 3] = [1, 2, 15];

/// Bad usage, as on the command line.
const EXIT_USAGE: u8 = 2;

mod imp {
    use super::super::search;
    use super::{
        Background, Cell, EXIT_USAGE, Keeping, OnceCell, Opened, Options, Provider, Rc, Reactor,
        ServerWindow, Settings, actions, asking, attention, cli, descriptors, frames,
    };
    use adw::prelude::*;
    use adw::subclass::prelude::*;

    #[derive(Default)]
    pub struct Application {
        pub(super) reactor: OnceCell<Reactor>,
        pub(in crate::window) settings: OnceCell<gio::Settings>,
        pub(super) was_told_to_end: Cell<bool>,
        /// Known from startup on.
        pub(super) background: OnceCell<Background>,
        provider: Cell<Option<Provider>>,
        /// The certificate and the history, since they are open.
        pub(super) opened: OnceCell<Rc<Opened>>,
        pub(in crate::window) keeping: Keeping,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for Application {
        const NAME: &'static str = "HallwayServerApplication";
        type Type = super::Application;
        type ParentType = adw::Application;
    }

    impl ObjectImpl for Application {}

    impl ApplicationImpl for Application {
        fn startup(&self) {
            self.parent_startup();
            hallway_widgets::init();
            descriptors::raise_limit();
            let application = self.obj();
            frames::record(&*application);
            self.background
                .get_or_init(|| Background::new(&*application));
            application.add_actions();
            actions::add_keys_to(&*application);
            attention::add_to(&*application);
            asking::add_to(&*application);
            application.end_on_signals();
        }

        fn activate(&self) {
            self.parent_activate();
            self.window(&Settings::default()).present();
        }

        fn dbus_register(&self, bus: &gio::DBusConnection, path: &str) -> Result<(), glib::Error> {
            self.parent_dbus_register(bus, path)?;
            self.provider.set(search::export(&self.obj(), bus));
            Ok(())
        }

        fn dbus_unregister(&self, bus: &gio::DBusConnection, path: &str) {
            if let Some(provider) = self.provider.take() {
                provider.withdraw();
            }
            self.parent_dbus_unregister(bus, path);
        }

        fn command_line(&self, command_line: &gio::ApplicationCommandLine) -> glib::ExitCode {
            // Whoever started the program has read them already, and complained.
            let Ok(mut options) = cli::parse_from(command_line.arguments()) else {
                return glib::ExitCode::from(EXIT_USAGE);
            };
            // Files are named from where the start was, which may have been another process.
            if let Some(cwd) = command_line.cwd() {
                for path in [&mut options.data, &mut options.password_file] {
                    *path = path.take().map(|path| cwd.join(path));
                }
            }
            self.open(&options);
            glib::ExitCode::SUCCESS
        }
    }

    impl GtkApplicationImpl for Application {}
    impl AdwApplicationImpl for Application {}

    impl Application {
        fn open(&self, options: &Options) {
            let window = self.window(&options.settings);
            window.apply(options);
            window.present();
            if options.start {
                // A window that is shown moves the focus on by one, also from where it belongs.
                window.write();
            }
        }

        /// The one window, which is made the first time; `limits` are those of its room.
        pub(super) fn window(&self, limits: &Settings) -> ServerWindow {
            if let Some(window) = self.obj().window() {
                window.keep();
                return window;
            }
            let reactor = self.reactor.get().expect("the program is made with one");
            let settings = self.settings.get().expect("the program is made with them");
            ServerWindow::new(&*self.obj(), reactor, settings, limits.clone())
        }
    }
}

glib::wrapper! {
    /// One process and one window for each person; a second start raises it.
    pub struct Application(ObjectSubclass<imp::Application>)
        @extends adw::Application, gtk::Application, gio::Application,
        @implements gio::ActionGroup, gio::ActionMap;
}

impl Application {
    /// The program, with what its window needs.
    pub(crate) fn new(reactor: Reactor, settings: gio::Settings) -> Self {
        let application: Self = glib::Object::builder()
            .property("application-id", super::APPLICATION_ID)
            .property("flags", gio::ApplicationFlags::HANDLES_COMMAND_LINE)
            .build();
        let imp = application.imp();
        imp.reactor.get_or_init(|| reactor);
        imp.settings.get_or_init(|| settings);
        application
    }

    /// The window, if there is one.
    pub(super) fn window(&self) -> Option<ServerWindow> {
        let mut windows = self.windows().into_iter();
        windows.find_map(|window| window.downcast().ok())
    }

    /// What is open, for another window.
    pub(super) fn opened(&self) -> Option<Rc<Opened>> {
        self.imp().opened.get().cloned()
    }

    /// Holds what was opened until the end.
    pub(super) fn keep_open(&self, opened: &Rc<Opened>) {
        self.imp().opened.get_or_init(|| Rc::clone(opened));
        let archive = &opened.archive;
        if let Some(known) = archive.known() {
            self.set_kept(Kept {
                history: archive.history().clone(),
                known: known.clone(),
                own: Some(archive.fingerprint()),
            });
        }
    }

    /// Waits until all is written; after the last window has gone.
    pub(super) fn finish(&self) {
        if let Some(opened) = self.imp().opened.get()
            && let Err(error) = opened.archive.history().stop().wait()
        {
            tracing::warn!("the history was not closed: {error}");
        }
    }

    /// Going on without the window.
    pub(super) fn background(&self) -> Option<&Background> {
        self.imp().background.get()
    }

    fn add_actions(&self) {
        let quit = gio::ActionEntry::builder("quit")
            .activate(|application: &Self, _, _| match application.window() {
                // It may have to ask.
                Some(window) => window.quit(),
                None => application.quit(),
            })
            .build();
        let show = gio::ActionEntry::builder("show-window")
            .activate(|application: &Self, _, _| application.activate())
            .build();
        let start = gio::ActionEntry::builder("start-listening")
            .activate(|application: &Self, _, _| application.start_listening())
            .build();
        let help = gio::ActionEntry::builder("help")
            .activate(|application: &Self, _, _| hallway_widgets::help::show(application))
            .build();
        let history = gio::ActionEntry::builder("history")
            .activate(|application: &Self, _, _| application.show_history())
            .build();
        let known = gio::ActionEntry::builder("known")
            .activate(|application: &Self, _, _| application.show_known())
            .build();
        self.add_action_entries([quit, show, start, help, history, known]);
    }

    /// Opens the room as it was set up last, and shows it.
    fn start_listening(&self) {
        let window = self.imp().window(&Settings::default());
        window.start();
        window.present();
    }

    /// The first signal closes everything properly, the second ends at once.
    fn end_on_signals(&self) {
        for signal in END_SIGNALS {
            let weak = self.downgrade();
            glib_unix::unix_signal_add_local(signal, move || {
                if let Some(application) = weak.upgrade() {
                    application.end();
                }
                glib::ControlFlow::Continue
            });
        }
    }

    fn end(&self) {
        let is_first = !self.imp().was_told_to_end.replace(true);
        match self.window() {
            Some(window) if is_first => window.close_properly(),
            _ => self.quit(),
        }
    }
}
