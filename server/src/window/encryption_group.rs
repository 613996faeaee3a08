//! Whether people encrypt, and who of them may come in.

use std::cell::{Cell, OnceCell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;

use adw::prelude::*;
use adw::subclass::prelude::*;
use gtk::{CompositeTemplate, TemplateChild};
use hallway_core::net::Encryption;
use hallway_core::wire::{Password, limits};
use hallway_widgets::accessible;
use hallway_words::{gettext, gettext_f};

use super::password::{self, Saver};
use crate::archive::folder_or_default;

const ENCRYPTION_KEY: &str = "encryption";

/// What can be chosen, in the order of the rows, with the words of the settings.
const CHOICES: [(Encryption, &str); 3] = [
    (Encryption::Off, "off"),
    (Encryption::WhenBothCan, "when-both-can"),
    (Encryption::Only, "only"),
];

/// The class of what is wrong.
const ERROR: &str = "error";

/// Called when something is chosen, with what is wrong with it.
type Chosen = Rc<dyn Fn(Option<&str>)>;

/// The password of the room, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RoomPassword {
    /// What was kept is not read yet.
    Unread,
    /// This one, or none.
    Known(Option<Password>),
}

mod imp {
    use super::{
        Cell, Chosen, CompositeTemplate, OnceCell, PathBuf, RefCell, Saver, TemplateChild,
    };
    use adw::subclass::prelude::*;
    use glib::subclass::InitializingObject;

    #[derive(Default, CompositeTemplate)]
    #[template(file = "encryption_group.ui")]
    pub struct EncryptionGroup {
        #[template_child]
        pub(super) encryption: TemplateChild<adw::ComboRow>,
        #[template_child]
        pub(super) ask_row: TemplateChild<adw::ActionRow>,
        #[template_child]
        pub(super) password: TemplateChild<adw::PasswordEntryRow>,
        pub(super) settings: OnceCell<gio::Settings>,
        pub(super) told: OnceCell<Chosen>,
        /// Where the password is kept, if not in the usual folder.
        pub(super) folder: RefCell<Option<PathBuf>>,
        pub(super) saver: Saver,
        /// What was kept was read, or something was typed.
        pub(super) is_password_known: Cell<bool>,
        /// The program fills the rows in: nothing of it is remembered.
        pub(super) is_filling: Cell<bool>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for EncryptionGroup {
        const NAME: &'static str = "HallwayServerEncryptionGroup";
        type Type = super::EncryptionGroup;
        type ParentType = adw::PreferencesGroup;

        fn class_init(klass: &mut Self::Class) {
            klass.bind_template();
            klass.bind_template_instance_callbacks();
        }

        fn instance_init(object: &InitializingObject<Self>) {
            object.init_template();
        }
    }

    impl ObjectImpl for EncryptionGroup {}
    impl WidgetImpl for EncryptionGroup {}
    impl PreferencesGroupImpl for EncryptionGroup {}
}

glib::wrapper! {
    /// Rows in which it is decided who encrypts. What a person changes is remembered at once; the
    /// password in a file of the server's own.
    pub struct EncryptionGroup(ObjectSubclass<imp::EncryptionGroup>)
        @extends adw::PreferencesGroup, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget;
}

#[gtk::template_callbacks]
impl EncryptionGroup {
    /// Fills the rows in from what is remembered; once only. When something is chosen, `told` is
    /// called with what is wrong with it.
    pub(super) fn set_up(&self, settings: &gio::Settings, told: impl Fn(Option<&str>) + 'static) {
        let imp = self.imp();
        accessible::tell_entry(&*imp.password);
        imp.settings.get_or_init(|| settings.clone());
        self.fill(remembered(settings));
        imp.told.get_or_init(|| Rc::new(told));
    }

    /// Keeps the password in this folder; before anything is looked up.
    pub(super) fn set_folder(&self, folder: Option<PathBuf>) {
        self.imp().folder.replace(folder);
    }

    /// Reads the password that is kept, off the main loop.
    pub(super) fn look_around(&self) {
        let folder = folder_or_default(self.imp().folder.borrow().as_deref());
        let weak = self.downgrade();
        glib::spawn_future_local(async move {
            let loaded = gio::spawn_blocking(move || password::load(&folder)).await;
            // One that cannot be read is told of when the room is opened.
            if let (Some(group), Ok(Ok(password))) = (weak.upgrade(), loaded)
                && !group.imp().is_password_known.get()
            {
                group.fill_password(&password);
            }
        });
    }

    /// Chooses, without remembering it.
    pub(super) fn fill(&self, encryption: Encryption) {
        let imp = self.imp();
        let at = CHOICES.iter().position(|(choice, _)| *choice == encryption);
        let at = at.and_then(|at| u32::try_from(at).ok()).unwrap_or(0);
        let was_filling = imp.is_filling.replace(true);
        imp.encryption.set_selected(at);
        imp.is_filling.set(was_filling);
        self.explain();
    }

    /// Shows the password of the room, empty for none, without keeping it.
    pub(super) fn fill_password(&self, password: &str) {
        let imp = self.imp();
        imp.is_password_known.set(true);
        let was_filling = imp.is_filling.replace(true);
        imp.password.set_text(password);
        imp.is_filling.set(was_filling);
    }

    pub(super) fn encryption(&self) -> Encryption {
        let selected = self.imp().encryption.selected() as usize;
        let choice = CHOICES.get(selected);
        choice.map_or_else(Encryption::default, |(encryption, _)| *encryption)
    }

    /// The password of the room.
    ///
    /// # Errors
    /// Why what was typed is none.
    pub(super) fn password(&self) -> Result<RoomPassword, String> {
        let imp = self.imp();
        if !imp.is_password_known.get() {
            return Ok(RoomPassword::Unread);
        }
        let text = imp.password.text();
        if text.is_empty() {
            return Ok(RoomPassword::Known(None));
        }
        let password = text.parse().map_err(|_| too_long())?;
        Ok(RoomPassword::Known(Some(password)))
    }

    /// Says what the choice means, and offers what goes with it.
    fn explain(&self) {
        let imp = self.imp();
        let encryption = self.encryption();
        let subtitle = match encryption {
            Encryption::Off => gettext("Everything travels as plain text"),
            Encryption::WhenBothCan => {
                gettext("Hallway encrypts; other programs join in plain text")
            }
            Encryption::Only => gettext("Only Hallway gets in; plain text is refused"),
        };
        imp.encryption.set_subtitle(&subtitle);
        let is_possible = encryption != Encryption::Off;
        imp.ask_row.set_sensitive(is_possible);
        imp.password.set_sensitive(is_possible);
    }

    fn tell(&self, failure: Option<&str>) {
        if let Some(told) = self.imp().told.get() {
            told(failure);
        }
    }

    #[template_callback]
    fn on_selected(&self) {
        self.explain();
        if self.imp().is_filling.get() {
            return;
        }
        let chosen = self.encryption();
        let word = CHOICES.iter().find(|(choice, _)| *choice == chosen);
        if let (Some(settings), Some((_, word))) = (self.imp().settings.get(), word) {
            // A key that an administrator has locked stays as it is.
            let _ = settings.set_string(ENCRYPTION_KEY, word);
        }
        self.tell(None);
    }

    #[template_callback]
    fn on_password_changed(&self) {
        let imp = self.imp();
        let is_filling = imp.is_filling.get();
        if !is_filling {
            imp.is_password_known.set(true);
        }
        let sentence = self.password().err();
        if sentence.is_some() {
            imp.password.add_css_class(ERROR);
        } else {
            imp.password.remove_css_class(ERROR);
            if !is_filling {
                let folder = folder_or_default(imp.folder.borrow().as_deref());
                imp.saver.save(folder, &imp.password.text());
            }
        }
        self.tell(sentence.as_deref());
    }
}

/// What is remembered of encryption.
fn remembered(settings: &gio::Settings) -> Encryption {
    let word = settings.string(ENCRYPTION_KEY);
    let known = CHOICES.iter().find(|(_, known)| *known == word);
    known.map_or_else(Encryption::default, |(encryption, _)| *encryption)
}

fn too_long() -> String {
    gettext_f(
        "The password is too long: it has at most {count} bytes.",
        &[("count", &limits::PASSWORD.to_string())],
    )
}
