//! What is chosen before the room opens: where, on which port, under which name, with which options.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use adw::prelude::*;
use adw::subclass::prelude::*;
use gtk::{CompositeTemplate, TemplateChild};
use hallway_core::net::addresses::Watcher;
use hallway_core::net::{DEFAULT_PORT, ListenAddress};
use hallway_core::text::Name;
use hallway_widgets::accessible;
use hallway_words::gettext;

use super::addresses::{self, Choice};
use super::encryption_group::EncryptionGroup;
use crate::words;

const ADDRESS_KEY: &str = "address";
const PORT_KEY: &str = "port";
const NAME_KEY: &str = "name";

/// The class of what is wrong.
const ERROR: &str = "error";

/// Called when something is chosen, with what is wrong with it.
type Chosen = Rc<dyn Fn(Option<&str>)>;

/// The address that is remembered.
pub(super) fn remembered_address(settings: &gio::Settings) -> ListenAddress {
    settings.string(ADDRESS_KEY).parse().unwrap_or_default()
}

mod imp {
    use super::{
        Cell, Choice, Chosen, CompositeTemplate, EncryptionGroup, ListenAddress, OnceCell, RefCell,
        TemplateChild, Watcher,
    };
    use adw::subclass::prelude::*;
    use glib::subclass::InitializingObject;
    use gtk::prelude::*;

    #[derive(Default, CompositeTemplate)]
    #[template(file = "choices.ui")]
    pub struct Choices {
        #[template_child]
        pub(super) address: TemplateChild<adw::ComboRow>,
        #[template_child]
        pub(super) port_row: TemplateChild<adw::ActionRow>,
        #[template_child]
        pub(super) port: TemplateChild<gtk::SpinButton>,
        #[template_child]
        pub(super) name: TemplateChild<adw::EntryRow>,
        #[template_child]
        pub(super) encrypting: TemplateChild<EncryptionGroup>,
        pub(super) settings: OnceCell<gio::Settings>,
        pub(super) watcher: OnceCell<Watcher>,
        pub(super) handler: RefCell<Option<glib::SignalHandlerId>>,
        pub(super) addresses: RefCell<Vec<Choice>>,
        pub(super) chosen: Cell<ListenAddress>,
        pub(super) told: OnceCell<Chosen>,
        /// The program fills the rows in: nothing of it is remembered.
        pub(super) is_filling: Cell<bool>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for Choices {
        const NAME: &'static str = "HallwayServerChoices";
        type Type = super::Choices;
        type ParentType = gtk::Box;

        fn class_init(klass: &mut Self::Class) {
            EncryptionGroup::ensure_type();
            klass.bind_template();
            klass.bind_template_instance_callbacks();
        }

        fn instance_init(object: &InitializingObject<Self>) {
            object.init_template();
        }
    }

    impl ObjectImpl for Choices {
        fn dispose(&self) {
            if let (Some(watcher), Some(handler)) = (self.watcher.get(), self.handler.take()) {
                watcher.disconnect(handler);
            }
        }
    }

    impl WidgetImpl for Choices {}
    impl BoxImpl for Choices {}
}

glib::wrapper! {
    /// Rows in which the room is decided on. What a person changes is remembered at once.
    pub struct Choices(ObjectSubclass<imp::Choices>)
        @extends gtk::Box, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget, gtk::Orientable;
}

#[gtk::template_callbacks]
impl Choices {
    /// Rows filled in from what is remembered. When something is chosen, `told` is called with what
    /// is wrong with it.
    pub(crate) fn new(settings: &gio::Settings, told: impl Fn(Option<&str>) + 'static) -> Self {
        let choices: Self = glib::Object::new();
        let imp = choices.imp();
        // Enter opens the room from here as well; the spin button has no property for it yet.
        if let Some(text) = imp.port.delegate().and_downcast::<gtk::Text>() {
            text.set_activates_default(true);
        }
        accessible::tell_entry(&*imp.name);
        imp.settings.get_or_init(|| settings.clone());
        let address = remembered_address(settings);
        let port = u16::try_from(settings.uint(PORT_KEY)).unwrap_or(DEFAULT_PORT);
        let name = Name::parse(&settings.string(NAME_KEY)).ok();
        choices.fill(Some(address), Some(port), name.as_ref());
        let weak = choices.downgrade();
        imp.encrypting.set_up(settings, move |failure| {
            if let Some(choices) = weak.upgrade() {
                choices.tell(failure);
            }
        });
        imp.told.get_or_init(|| Rc::new(told));
        choices
    }

    /// Offers this computer's addresses from now on, and the person's name where none is filled in
    /// yet; once only. Both may take a moment to be looked up.
    pub(crate) fn look_around(&self, watcher: &Watcher) {
        let imp = self.imp();
        let weak = self.downgrade();
        let handler = watcher.connect_changed(move |_| {
            if let Some(page) = weak.upgrade() {
                page.show_addresses();
            }
        });
        imp.handler.replace(Some(handler));
        imp.watcher.get_or_init(|| watcher.clone());
        imp.encrypting.look_around();
        let name = imp.name.text().is_empty().then(words::host_name);
        self.fill(None, None, name.as_ref());
    }

    /// Fills in what is given, without remembering it.
    pub(crate) fn fill(
        &self,
        address: Option<ListenAddress>,
        port: Option<u16>,
        name: Option<&Name>,
    ) {
        let imp = self.imp();
        imp.is_filling.set(true);
        imp.chosen.set(address.unwrap_or(imp.chosen.get()));
        self.show_addresses();
        if let Some(port) = port {
            imp.port.set_value(port.into());
        }
        self.explain_port();
        if let Some(name) = name {
            imp.name.set_text(name.as_ref());
        }
        imp.is_filling.set(false);
    }

    /// Whether people encrypt, and who of them may come in.
    pub(crate) fn encrypting(&self) -> &EncryptionGroup {
        &self.imp().encrypting
    }

    pub(crate) fn address(&self) -> ListenAddress {
        self.imp().chosen.get()
    }

    pub(crate) fn port(&self) -> u16 {
        // What is typed counts before the field is left.
        self.imp().port.update();
        u16::try_from(self.imp().port.value_as_int()).unwrap_or(DEFAULT_PORT)
    }

    /// The host's name; where none is given, that of the person.
    ///
    /// # Errors
    /// Why what was typed is no name.
    pub(crate) fn name(&self) -> Result<Name, String> {
        let text = self.imp().name.text();
        if text.trim().is_empty() {
            return Ok(words::host_name());
        }
        Name::parse(&text).map_err(|error| hallway_words::name_error(&error))
    }

    fn tell(&self, failure: Option<&str>) {
        if let Some(told) = self.imp().told.get() {
            told(failure);
        }
    }

    fn show_addresses(&self) {
        let imp = self.imp();
        let chosen = imp.chosen.get();
        let interfaces = imp.watcher.get().map(Watcher::interfaces);
        let choices = addresses::choices(interfaces.as_deref(), chosen);
        let at = choices.iter().position(|choice| choice.address == chosen);
        let at = at.and_then(|at| u32::try_from(at).ok()).unwrap_or(0);
        let words: Vec<_> = choices.iter().map(|choice| &*choice.words).collect();
        let model = gtk::StringList::new(&words);
        // A new model selects its first row, which nobody has chosen.
        let was_filling = imp.is_filling.replace(true);
        imp.addresses.replace(choices);
        imp.address.set_model(Some(&model));
        imp.address.set_selected(at);
        imp.is_filling.set(was_filling);
    }

    fn explain_port(&self) {
        let imp = self.imp();
        let subtitle = if imp.port.value_as_int() == 0 {
            gettext("0 picks any free port")
        } else {
            String::new()
        };
        imp.port_row.set_subtitle(&subtitle);
    }

    #[template_callback]
    fn on_address_selected(&self) {
        let imp = self.imp();
        if imp.is_filling.get() {
            return;
        }
        let selected = imp.address.selected() as usize;
        let choice = imp.addresses.borrow().get(selected).cloned();
        if let Some(choice) = choice {
            imp.chosen.set(choice.address);
            self.remember(ADDRESS_KEY, &choice.stored);
            self.tell(None);
        }
    }

    #[template_callback]
    fn on_port_changed(&self) {
        self.explain_port();
        if !self.imp().is_filling.get() {
            let port = self.imp().port.value_as_int();
            self.remember(PORT_KEY, u32::try_from(port).unwrap_or(DEFAULT_PORT.into()));
            self.tell(None);
        }
    }

    #[template_callback]
    fn on_name_changed(&self) {
        let name = self.name();
        let sentence = name.as_ref().err().map(String::as_str);
        self.tell(sentence);
        if sentence.is_some() {
            self.imp().name.add_css_class(ERROR);
        } else {
            self.imp().name.remove_css_class(ERROR);
        }
        if let Ok(name) = name
            && !self.imp().is_filling.get()
        {
            // Whoever goes by the real name follows it when it changes.
            let is_usual = name == words::host_name();
            self.remember(NAME_KEY, if is_usual { "" } else { name.as_ref() });
        }
    }

    fn remember(&self, key: &str, value: impl Into<glib::Variant>) {
        if let Some(settings) = self.imp().settings.get() {
            // A key that an administrator has locked stays as it is.
            let _ = settings.set_value(key, &value.into());
        }
    }
}
