//! How the room is opened, and before it what encrypted people need.
//!
//! That waits for the disk, so it happens on a thread, once for as long as the program runs. Where it
//! cannot be, a room in which people may encrypt is open without them, and one in which they must
//! stays closed.

use std::cell::{Cell, OnceCell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;

use adw::prelude::*;
use adw::subclass::prelude::*;
use hallway_core::net::Encryption;
use hallway_core::text::Name;
use hallway_core::trust::Role;
use hallway_widgets::conversation::Tone;
use hallway_words::{gettext, sentence};

use super::{Phase, ServerWindow};
use crate::archive::{self, NotOpened, Opened, password};
use crate::cli::Options;
use crate::hub::{Known, Settings};
use crate::window::actions;
use crate::window::application::Application;
use crate::window::encryption_group::RoomPassword;
use crate::window::password as kept_password;
use crate::words::keeping as words;

/// Lines of the room that are shown from before: some screens of them, read in a few milliseconds.
const EARLIER: usize = 100;

/// What has come of opening so far.
#[derive(Default)]
pub(super) struct Opening {
    /// What is open, until the end of the program.
    opened: OnceCell<Rc<Opened>>,
    /// A thread is opening it.
    is_busy: Cell<bool>,
    /// The room is to be opened after the first frame.
    is_asked_for: Cell<bool>,
    /// The folder that was named.
    folder: RefCell<Option<PathBuf>>,
    /// The file of the password that was named.
    password_file: RefCell<Option<PathBuf>>,
}

/// What a thread is to open.
struct Wanted {
    folder: Option<PathBuf>,
    host: Name,
    /// None: it is known.
    password: Option<Source>,
    is_to_open: bool,
}

/// Where the password of the room is.
enum Source {
    Kept,
    Named(PathBuf),
}

/// What it found.
struct Found {
    /// Empty where there is none. None: it was not looked for.
    password: Option<String>,
    /// None: it was open already.
    opened: Option<Result<Opened, NotOpened>>,
}

impl Wanted {
    /// # Errors
    /// A sentence for people: there is a password, and it cannot be read.
    fn find(self) -> Result<Found, String> {
        let folder = archive::folder_or_default(self.folder.as_deref());
        let password = match self.password {
            None => None,
            Some(Source::Kept) => Some(kept_password::load(&folder)?),
            Some(Source::Named(path)) => Some(password::text(&path)?),
        };
        let open = || archive::open(Some(&folder), &self.host, EARLIER);
        Ok(Found {
            password,
            opened: self.is_to_open.then(open),
        })
    }
}

impl ServerWindow {
    /// What a start of the program says of encryption.
    pub(super) fn apply_of_encryption(&self, options: &Options) {
        let imp = self.imp();
        if options.data.is_some() {
            imp.opening.folder.replace(options.data.clone());
            imp.setup.encrypting().set_folder(options.data.clone());
            if let (Some(application), Some(folder)) = (self.hallway(), options.data.clone()) {
                application.set_folder(folder);
            }
        }
        if options.password_file.is_some() {
            let path = options.password_file.clone();
            imp.opening.password_file.replace(path);
        }
        if let Some(encryption) = options.encryption {
            imp.setup.encrypting().fill(encryption);
        }
    }

    /// Lets the room be opened where it can be.
    pub(super) fn enable_start(&self) {
        let imp = self.imp();
        let can_start = imp.phase.get() == Phase::Closed && !imp.opening.is_busy.get();
        actions::set_enabled(self, actions::START, can_start);
    }

    /// Opens the room as the setup page says.
    pub(crate) fn start(&self) {
        let imp = self.imp();
        if matches!(imp.phase.get(), Phase::Open(_)) || imp.opening.is_busy.get() {
            return;
        }
        let asked = imp.setup.name().and_then(|host| {
            let password = imp.setup.encrypting().password()?;
            Ok((host, password))
        });
        let (host, password) = match asked {
            Ok(asked) => asked,
            Err(sentence) => return self.refuse_to_start(&sentence),
        };
        if imp.setup.encrypting().encryption() == Encryption::Off {
            return self.listen(host, None, None);
        }
        // The first frame waits for nothing, and shows the room already.
        if imp.watcher.get().is_none() {
            imp.opening.is_asked_for.set(true);
            return self.show_conversation();
        }
        let named = imp.opening.password_file.take().map(Source::Named);
        let source = match password {
            RoomPassword::Unread => named.or(Some(Source::Kept)),
            RoomPassword::Known(_) => named,
        };
        let wanted = Wanted {
            folder: imp.opening.folder.borrow().clone(),
            host,
            password: source,
            is_to_open: !self.take_over(),
        };
        self.find_then_listen(wanted);
    }

    /// The first frame is there.
    pub(super) fn start_if_asked_to(&self) {
        if self.imp().opening.is_asked_for.take() {
            self.start();
        }
    }

    /// Takes what a window before this one has opened. Returns whether it is open.
    fn take_over(&self) -> bool {
        let opening = &self.imp().opening;
        let kept = self.hallway().and_then(|application| application.opened());
        if let (None, Some(kept)) = (opening.opened.get(), kept)
            && self.hub().set_archive(kept.archive.clone()).is_ok()
        {
            opening.opened.get_or_init(|| kept);
        }
        opening.opened.get().is_some()
    }

    fn find_then_listen(&self, wanted: Wanted) {
        if wanted.password.is_none() && !wanted.is_to_open {
            return self.listen(wanted.host, None, None);
        }
        self.imp().opening.is_busy.set(true);
        self.enable_start();
        let host = wanted.host.clone();
        let weak = self.downgrade();
        glib::spawn_future_local(async move {
            let found = gio::spawn_blocking(move || wanted.find()).await;
            let Some(window) = weak.upgrade() else { return };
            window.imp().opening.is_busy.set(false);
            window.enable_start();
            // It may have been closed meanwhile.
            if window.application().is_none() {
                return;
            }
            match found {
                Ok(Ok(found)) => window.listen_with(host, found),
                Ok(Err(sentence)) => window.refuse_to_start(&sentence),
                Err(_panic) => {
                    tracing::error!("opening the history panicked");
                    window.refuse_to_start(&gettext(
                        "The history cannot be opened because of a mistake in Hallway. Turn encryption off to listen without it.",
                    ));
                }
            }
        });
    }

    fn listen_with(&self, host: Name, found: Found) {
        let imp = self.imp();
        if let Some(password) = &found.password {
            imp.setup.encrypting().fill_password(password);
        }
        let (opened, without) = match found.opened {
            None => (None, None),
            Some(Ok(opened)) => match self.hub().set_archive(opened.archive.clone()) {
                Ok(()) => (Some(opened), None),
                Err(error) => {
                    let folder = imp.opening.folder.borrow().clone();
                    let folder = archive::folder_or_default(folder.as_deref());
                    let why = error.to_string();
                    (None, Some(NotOpened::Failed { folder, why }))
                }
            },
            Some(Err(why)) => (None, Some(why)),
        };
        if let Some(why) = &without
            && imp.setup.encrypting().encryption() == Encryption::Only
        {
            return self.refuse_to_start(&words::closed_without(why));
        }
        self.listen(host, opened, without.as_ref());
    }

    /// Opens the room. The event of it does the rest.
    fn listen(&self, host: Name, opened: Option<Opened>, without: Option<&NotOpened>) {
        let imp = self.imp();
        let mut news = Vec::new();
        if let Some(opened) = opened {
            self.talk()
                .recall(&opened.earlier, &opened.archive.fingerprint());
            let pins = opened.archive.known().map(Known::pins);
            for person in pins.iter().flat_map(|pins| pins.iter(Role::Person)) {
                self.talk().set_verified(person.id, person.verified);
            }
            news.clone_from(&opened.warnings);
            let opened = Rc::new(opened);
            if let Some(application) = self.hallway() {
                application.keep_open(&opened);
            }
            imp.opening.opened.get_or_init(|| opened);
        }
        let adopted = self.adopt_options(host);
        let (address, port) = (imp.setup.address(), imp.setup.port());
        let started = adopted.and_then(|()| {
            let bound = self.hub().start(address, port);
            bound.map_err(|error| sentence(&error))
        });
        match started {
            Ok(_) => imp.setup.set_failure(None),
            Err(sentence) => self.refuse_to_start(&sentence),
        }
        news.extend(without.map(words::open_without));
        for sentence in &news {
            self.talk().tell(sentence, Tone::Failure);
        }
        if !news.is_empty() {
            self.warn(&news.join("\n"));
        }
    }

    /// Hands the options to the hub, with the host's name and the password of the room.
    fn adopt_options(&self, host: Name) -> Result<(), String> {
        let encrypting = self.imp().setup.encrypting();
        let password = match encrypting.password()? {
            RoomPassword::Known(password) => password,
            // It is read before anybody can encrypt.
            RoomPassword::Unread => None,
        };
        self.listen_for(&host);
        let settings = Settings {
            host: Some(host),
            encryption: encrypting.encryption(),
            password,
            ..self.options()
        };
        self.talk().set_passes_on(settings.relay);
        self.hub().set_settings(settings);
        Ok(())
    }

    fn refuse_to_start(&self, sentence: &str) {
        self.imp().setup.set_failure(Some(sentence));
        self.show_setup();
    }

    fn hallway(&self) -> Option<Application> {
        self.application().and_downcast()
    }
}
