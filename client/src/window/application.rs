//! Starts, links and quitting; what all windows share.

use std::cell::OnceCell;

use adw::prelude::*;
use adw::subclass::prelude::*;
use hallway_core::net::{Reactor, Wake};
use hallway_widgets::attention::Notifier;
use hallway_widgets::kept::Tidying;
use hallway_widgets::program::io_priority;
use hallway_widgets::search::Provider;
use hallway_widgets::{Background, frames};
use rustix::process::Signal;

use super::attention::Spot;
use super::client_window::ClientWindow;
use super::keeping::Keeping;
use super::{ID, actions, attention};
use crate::cli::{self, Opening, Task};
use crate::session::Target;
use crate::way::Way;

/// Signals that end the program properly (signal(7)).
const END_SIGNALS: [Signal; 3] = [Signal::HUP, Signal::INT, Signal::TERM];

/// Bad usage, as shells and clap have it.
const EXIT_USAGE: u8 = 2;

mod imp {
    use adw::prelude::*;
    use adw::subclass::prelude::*;

    use super::super::search;
    use super::{
        Background, EXIT_USAGE, ID, Keeping, Notifier, OnceCell, Opening, Provider, Reactor, Spot,
        Task, Tidying, Wake, actions, attention, cli, frames,
    };

    #[derive(Default)]
    pub struct Application {
        pub(super) settings: OnceCell<gio::Settings>,
        pub(super) reactor: OnceCell<Reactor>,
        pub(super) notifier: OnceCell<Notifier<Spot>>,
        /// A signal to end has come.
        pub(super) is_ending: std::cell::Cell<bool>,
        /// Known from startup on.
        pub(super) background: OnceCell<Background>,
        /// Since the first conversation.
        pub(super) wake: OnceCell<Wake>,
        provider: std::cell::Cell<Option<Provider>>,
        pub(in crate::window) keeping: Keeping,
        /// Since the keeper is open.
        pub(in crate::window) tidying: std::cell::Cell<Option<Tidying>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for Application {
        const NAME: &'static str = "HallwayClientApplication";
        type Type = super::Application;
        type ParentType = adw::Application;
    }

    impl ObjectImpl for Application {}

    impl ApplicationImpl for Application {
        fn startup(&self) {
            self.parent_startup();
            hallway_widgets::init();
            frames::record(&*self.obj());
            gtk::Window::set_default_icon_name(ID);
            self.background
                .get_or_init(|| Background::new(&*self.obj()));
            self.obj().follow_windows();
            actions::add(&self.obj());
            attention::follow(&self.obj());
            self.obj().end_on_signals();
        }

        fn activate(&self) {
            self.obj().open_with(Opening::Any);
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

        fn open(&self, files: &[gio::File], _hint: &str) {
            for file in files {
                self.obj().open_link(&file.uri());
            }
        }

        fn command_line(&self, command_line: &gio::ApplicationCommandLine) -> glib::ExitCode {
            match cli::parse(command_line.arguments()) {
                Ok(Task::Window(opening)) => {
                    self.obj().open_with(opening);
                    glib::ExitCode::SUCCESS
                }
                // The program itself does that, before there is an application.
                Ok(Task::Send { .. }) => glib::ExitCode::FAILURE,
                // Nor does it hand over what it cannot read; another version of it might.
                Err(error) => {
                    crate::complain(&error.to_string());
                    glib::ExitCode::from(EXIT_USAGE)
                }
            }
        }
    }

    impl GtkApplicationImpl for Application {}
    impl AdwApplicationImpl for Application {}
}

glib::wrapper! {
    /// The program with its windows. A second start opens a window in the first.
    pub struct Application(ObjectSubclass<imp::Application>)
        @extends adw::Application, gtk::Application, gio::Application,
        @implements gio::ActionGroup, gio::ActionMap;
}

impl Application {
    /// An application with the settings of [`ID`], on the main context of this thread.
    ///
    /// # Errors
    /// The system has no descriptor or no memory left.
    pub fn new(settings: &gio::Settings) -> std::io::Result<Self> {
        let flags =
            gio::ApplicationFlags::HANDLES_COMMAND_LINE | gio::ApplicationFlags::HANDLES_OPEN;
        let application: Self = glib::Object::builder()
            .property("application-id", ID)
            .property("flags", flags)
            .build();
        let imp = application.imp();
        // It was made a moment ago, so it has neither yet.
        let _ = imp.settings.set(settings.clone());
        let _ = imp.reactor.set(Reactor::new(io_priority())?);
        Ok(application)
    }

    /// What is remembered.
    pub(super) fn settings(&self) -> &gio::Settings {
        let settings = self.imp().settings.get();
        settings.expect("set by the constructor")
    }

    /// What is told of the conversations of all windows.
    pub(super) fn notifier(&self) -> &Notifier<Spot> {
        let notifier = &self.imp().notifier;
        notifier.get_or_init(|| Notifier::new(self, self.settings()))
    }

    /// Where all connections live.
    pub(super) fn reactor(&self) -> &Reactor {
        let reactor = self.imp().reactor.get();
        reactor.expect("set by the constructor")
    }

    pub(super) fn open_with(&self, opening: Opening) {
        if self.show_instead(&opening) {
            return;
        }
        let window = ClientWindow::new(self);
        window.present();
        window.begin_with(opening);
    }

    pub(super) fn open_window(&self) {
        self.open_with(Opening::Empty);
    }

    /// The person chose a server.
    pub(super) fn open_server(&self, target: &Target) {
        self.open_with(Opening::Server(target.clone(), Way::AsKnown));
    }

    /// Somebody hands over a link.
    fn open_link(&self, link: &str) {
        match link.parse() {
            Ok(target) => self.open_with(Opening::Link(target, Way::AsKnown)),
            Err(error) => {
                let window = ClientWindow::new(self);
                window.present();
                window.tell_bad_link(&error);
            }
        }
    }

    pub(super) fn client_windows(&self) -> Vec<ClientWindow> {
        let windows = self.windows().into_iter();
        windows
            .filter_map(|window| window.downcast().ok())
            .collect()
    }

    /// Closes all windows, if the person agrees to what is lost.
    pub(super) fn ask_and_quit(&self) {
        let application = self.downgrade();
        glib::spawn_future_local(async move {
            let Some(application) = application.upgrade() else {
                return;
            };
            for window in application.client_windows() {
                if !window.may_leave().await {
                    return;
                }
            }
            application.leave_all();
        });
    }

    /// Going on without windows.
    pub(super) fn background(&self) -> Option<&Background> {
        self.imp().background.get()
    }

    /// From now on conversations are looked after when this computer wakes or its network changes.
    pub(super) fn watch_network(&self) {
        let application = self.downgrade();
        self.imp().wake.get_or_init(|| {
            Wake::new(move || {
                let windows = application.upgrade().map(|this| this.client_windows());
                for window in windows.unwrap_or_default() {
                    window.look_after_network();
                }
            })
        });
    }

    /// Ends all conversations properly, then the program.
    fn leave_all(&self) {
        for window in self.client_windows() {
            window.leave();
            window.destroy();
        }
    }

    /// The first signal ends everything properly, the second at once.
    fn end_on_signals(&self) {
        for signal in END_SIGNALS {
            let application = self.downgrade();
            glib_unix::unix_signal_add_local(signal.as_raw(), move || {
                let Some(application) = application.upgrade() else {
                    return glib::ControlFlow::Break;
                };
                if application.imp().is_ending.replace(true) {
                    application.quit();
                } else {
                    application.end();
                }
                glib::ControlFlow::Continue
            });
        }
    }

    fn end(&self) {
        let was_empty = self.client_windows().is_empty();
        self.leave_all();
        if was_empty {
            // A service that waits for somebody to want a window.
            self.quit();
        }
    }
}
