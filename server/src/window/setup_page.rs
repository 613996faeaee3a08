//! The page before listening: what the room will be, and the button that opens it.

use std::cell::OnceCell;

use adw::prelude::*;
use adw::subclass::prelude::*;
use gtk::{CompositeTemplate, TemplateChild};
use hallway_core::net::ListenAddress;
use hallway_core::net::addresses::Watcher;
use hallway_core::text::Name;
use hallway_widgets::focus::{self, Region};
use hallway_widgets::{accessible, program};

use super::addresses;
use super::choices::{Choices, remembered_address};
use super::encryption_group::EncryptionGroup;

mod imp {
    use super::{Choices, CompositeTemplate, OnceCell, TemplateChild, program};
    use adw::subclass::prelude::*;
    use glib::subclass::InitializingObject;

    #[derive(Default, CompositeTemplate)]
    #[template(file = "setup_page.ui")]
    pub struct SetupPage {
        #[template_child]
        pub(super) header: TemplateChild<adw::HeaderBar>,
        #[template_child]
        pub(super) choices_side: TemplateChild<gtk::ScrolledWindow>,
        #[template_child]
        pub(super) footer: TemplateChild<adw::Clamp>,
        #[template_child]
        pub(super) menu_button: TemplateChild<gtk::MenuButton>,
        #[template_child]
        menu: TemplateChild<gio::Menu>,
        #[template_child]
        pub(super) body: TemplateChild<gtk::Box>,
        #[template_child]
        pub(super) invitation: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) failure: TemplateChild<gtk::Box>,
        #[template_child]
        pub(super) failure_label: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) start: TemplateChild<gtk::Button>,
        #[template_child]
        pub(super) show_conversation: TemplateChild<gtk::Button>,
        pub(super) settings: OnceCell<gio::Settings>,
        /// Made after the first frame, or when something needs them: a dozen rows take as long as
        /// all the rest of the page.
        pub(super) choices: OnceCell<Choices>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for SetupPage {
        const NAME: &'static str = "HallwayServerSetupPage";
        type Type = super::SetupPage;
        type ParentType = adw::Bin;

        fn class_init(klass: &mut Self::Class) {
            klass.bind_template();
        }

        fn instance_init(object: &InitializingObject<Self>) {
            object.init_template();
        }
    }

    impl ObjectImpl for SetupPage {
        fn constructed(&self) {
            self.parent_constructed();
            program::fill_when_opened(&self.menu_button, &*self.menu);
        }
    }

    impl WidgetImpl for SetupPage {}
    impl BinImpl for SetupPage {}
}

glib::wrapper! {
    /// What is decided before the room opens.
    pub struct SetupPage(ObjectSubclass<imp::SetupPage>)
        @extends adw::Bin, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget;
}

impl SetupPage {
    /// Takes what is remembered; once only.
    pub(crate) fn set_up(&self, settings: &gio::Settings) {
        self.imp().settings.get_or_init(|| settings.clone());
        self.invite(remembered_address(settings));
    }

    fn choices(&self) -> &Choices {
        let imp = self.imp();
        imp.choices.get_or_init(|| {
            let settings = imp.settings.get().expect("the page was set up");
            let weak = self.downgrade();
            let choices = Choices::new(settings, move |failure| {
                if let Some(page) = weak.upgrade() {
                    page.invite(page.address());
                    page.set_failure(failure);
                }
            });
            imp.body.append(&choices);
            choices
        })
    }

    /// Offers this computer's addresses from now on, and the person's name where none is filled in
    /// yet; once only. Both may take a moment to be looked up.
    pub(crate) fn look_around(&self, watcher: &Watcher) {
        self.choices().look_around(watcher);
    }

    /// Whether people encrypt, and who of them may come in.
    pub(crate) fn encrypting(&self) -> &EncryptionGroup {
        self.choices().encrypting()
    }

    /// Fills in what is given, without remembering it.
    pub(crate) fn fill(
        &self,
        address: Option<ListenAddress>,
        port: Option<u16>,
        name: Option<&Name>,
    ) {
        self.choices().fill(address, port, name);
        self.invite(self.address());
    }

    pub(crate) fn address(&self) -> ListenAddress {
        self.choices().address()
    }

    pub(crate) fn port(&self) -> u16 {
        self.choices().port()
    }

    /// The host's name; where none is given, that of the person.
    ///
    /// # Errors
    /// Why what was typed is no name.
    pub(crate) fn name(&self) -> Result<Name, String> {
        self.choices().name()
    }

    /// Says what is in the way, or that nothing is.
    pub(crate) fn set_failure(&self, sentence: Option<&str>) {
        let imp = self.imp();
        imp.failure_label.set_label(sentence.unwrap_or_default());
        imp.failure.set_visible(sentence.is_some());
        if let Some(sentence) = sentence {
            accessible::announce(self, sentence);
        }
    }

    /// Offers the way back to what was said, or not.
    pub(crate) fn set_has_conversation(&self, has: bool) {
        self.imp().show_conversation.set_visible(has);
    }

    pub(crate) fn start_button(&self) -> &gtk::Button {
        &self.imp().start
    }

    pub(crate) fn open_menu(&self) {
        focus::open_menu(&self.imp().menu_button);
    }

    /// The parts of the page, in the order in which they are read.
    pub(crate) fn regions(&self) -> [Region; 3] {
        let imp = self.imp();
        [
            Region::new(&*imp.header),
            Region::new(&*imp.choices_side),
            Region::new(&*imp.footer),
        ]
    }

    /// Puts the focus where the person goes on.
    pub(crate) fn grab(&self) {
        self.imp().start.grab_focus();
    }

    fn invite(&self, address: ListenAddress) {
        let invitation = addresses::invitation(address);
        self.imp().invitation.set_label(&invitation);
    }
}
