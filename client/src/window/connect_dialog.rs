//! The question for a server's address.

use std::cell::{Cell, OnceCell, RefCell};

use adw::prelude::*;
use adw::subclass::prelude::*;
use gtk::glib;
use hallway_core::net::DEFAULT_PORT;
use hallway_widgets::accessible;
use hallway_words::gettext;

use super::{plain_servers, proxy};
use crate::session::Target;
use crate::session::target::read;
use crate::way::Way;
use crate::words::not_an_address;

/// The second of the ways that can be chosen.
const PLAIN: u32 = 1;

/// The setting of what was connected to last.
const LAST_ADDRESS: &str = "last-address";

mod imp {
    use adw::prelude::*;
    use adw::subclass::prelude::*;
    use gtk::{gdk, glib};

    use super::{
        Cell, DEFAULT_PORT, LAST_ADDRESS, OnceCell, PLAIN, RefCell, Target, Way, accessible,
        gettext, not_an_address, plain_servers, proxy, read,
    };

    #[derive(Default, gtk::CompositeTemplate)]
    #[template(file = "connect_dialog.ui")]
    pub struct ConnectDialog {
        #[template_child]
        pub(super) address: TemplateChild<adw::EntryRow>,
        #[template_child]
        pub(super) port: TemplateChild<gtk::SpinButton>,
        #[template_child]
        pub(super) address_problem: TemplateChild<gtk::Label>,
        #[template_child]
        hint: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) way: TemplateChild<adw::ComboRow>,
        #[template_child]
        pub(super) proxy: TemplateChild<adw::ComboRow>,
        #[template_child]
        pub(super) proxy_address: TemplateChild<adw::EntryRow>,
        #[template_child]
        proxy_problem: TemplateChild<gtk::Label>,
        #[template_child]
        connect_button: TemplateChild<gtk::Button>,

        pub(super) settings: OnceCell<gio::Settings>,
        /// Where the answer goes; gone when the dialog is.
        pub(super) answer: RefCell<Option<async_channel::Sender<(Target, Way)>>>,
        /// The person chose a way: it is not changed by itself any more.
        is_way_chosen: Cell<bool>,
        /// The way is being shown, which is no choice.
        is_showing_way: Cell<bool>,
        /// Characters in the address before the last change.
        length: Cell<usize>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for ConnectDialog {
        const NAME: &'static str = "HallwayConnectDialog";
        type Type = super::ConnectDialog;
        type ParentType = adw::Window;

        fn class_init(klass: &mut Self::Class) {
            klass.bind_template();
            klass.bind_template_callbacks();
            let none = gdk::ModifierType::empty();
            klass.add_binding_action(gdk::Key::Escape, none, "window.close");
        }

        fn instance_init(obj: &glib::subclass::InitializingObject<Self>) {
            obj.init_template();
        }
    }

    impl ObjectImpl for ConnectDialog {
        fn constructed(&self) {
            self.parent_constructed();
            self.port.set_value(DEFAULT_PORT.into());
            let focus = gtk::EventControllerFocus::new();
            let weak = self.obj().downgrade();
            focus.connect_leave(move |_| {
                if let Some(dialog) = weak.upgrade() {
                    dialog.imp().move_port();
                }
            });
            self.address.add_controller(focus);
            // A spin button itself has this from GTK 4.14 on.
            if let Some(text) = self.port.delegate().and_downcast::<gtk::Text>() {
                text.set_activates_default(true);
            }
            for row in [&self.address, &self.proxy_address] {
                accessible::tell_entry(&**row);
            }
        }

        fn dispose(&self) {
            self.answer.take();
        }
    }

    impl WidgetImpl for ConnectDialog {}

    impl WindowImpl for ConnectDialog {
        fn close_request(&self) -> glib::Propagation {
            self.answer.take();
            self.parent_close_request()
        }
    }

    impl AdwWindowImpl for ConnectDialog {}

    #[gtk::template_callbacks]
    impl ConnectDialog {
        #[template_callback]
        fn on_address_changed(&self) {
            let length = self.address.text().chars().count();
            let before = self.length.replace(length);
            self.show_way();
            self.show_problem(&self.address_problem, None);
            self.hint.set_visible(true);
            self.address.remove_css_class("error");
            let is_empty = self.address.text().trim().is_empty();
            self.connect_button.set_sensitive(!is_empty);
            // More than a key gives at once was pasted, and is whole.
            if length > before + 1 {
                let weak = self.obj().downgrade();
                // The entry does not like its text to change while it tells of a change.
                glib::idle_add_local_once(move || {
                    if let Some(dialog) = weak.upgrade() {
                        dialog.imp().move_port();
                    }
                });
            }
        }

        #[template_callback]
        fn on_way_chosen(&self) {
            if !self.is_showing_way.get() {
                self.is_way_chosen.set(true);
            }
        }

        /// The port is another one.
        #[template_callback]
        fn on_port_changed(&self) {
            self.show_way();
        }

        /// The way that was chosen for the address last.
        pub(super) fn show_way(&self) {
            let Some(settings) = self.settings.get().filter(|_| !self.is_way_chosen.get()) else {
                return;
            };
            let target = Target::with_port(&self.address.text(), self.port());
            let is_plain = target.is_ok_and(|target| plain_servers::contains(settings, &target));
            self.is_showing_way.set(true);
            self.way.set_selected(if is_plain { PLAIN } else { 0 });
            self.is_showing_way.set(false);
        }

        fn port(&self) -> u16 {
            u16::try_from(self.port.value_as_int()).unwrap_or(DEFAULT_PORT)
        }

        #[template_callback]
        fn on_proxy_changed(&self) {
            let is_manual = self.proxy.selected() == proxy::MANUAL;
            self.proxy_address.set_visible(is_manual);
            self.proxy_address.remove_css_class("error");
            self.show_problem(&self.proxy_problem, None);
        }

        #[template_callback]
        fn on_connect(&self) {
            self.move_port();
            self.port.update();
            let target = match Target::with_port(&self.address.text(), self.port()) {
                Ok(target) => target,
                Err(error) => {
                    self.hint.set_visible(false);
                    self.show_problem(&self.address_problem, Some(&not_an_address(&error)));
                    self.address.add_css_class("error");
                    self.address.grab_focus();
                    return;
                }
            };
            let proxy_address = self.proxy_address.text();
            if self.proxy.selected() == proxy::MANUAL && proxy::read(&proxy_address).is_none() {
                let sentence = gettext(
                    "This is not the address of a proxy. Write it like socks5://192.168.1.2:1080 or http://proxy:3128.",
                );
                self.show_problem(&self.proxy_problem, Some(&sentence));
                self.proxy_address.add_css_class("error");
                self.proxy_address.grab_focus();
                return;
            }
            self.accept(target);
        }

        fn accept(&self, target: Target) {
            if let Some(settings) = self.settings.get() {
                proxy::store(settings, self.proxy.selected(), &self.proxy_address.text());
                let written = settings.set_string(LAST_ADDRESS, &target.to_string());
                if let Err(error) = written {
                    tracing::warn!(%error, "the last address is not written");
                }
            }
            if let Some(answer) = self.answer.take() {
                // Whoever asked may have gone.
                let way = if self.way.selected() == PLAIN {
                    Way::Plain
                } else {
                    Way::Encrypted
                };
                drop(answer.try_send((target, way)));
            }
            self.obj().close();
        }

        /// A port that was written with the address goes where ports are.
        fn move_port(&self) {
            if let Ok((host, Some(port))) = read(&self.address.text()) {
                self.port.set_value(port.into());
                self.address.set_text(&host);
                self.address.set_position(-1);
            }
        }

        fn show_problem(&self, label: &gtk::Label, sentence: Option<&str>) {
            label.set_text(sentence.unwrap_or_default());
            label.set_visible(sentence.is_some());
            if let Some(sentence) = sentence {
                accessible::announce(&*self.obj(), sentence);
            }
        }
    }
}

glib::wrapper! {
    /// Asks for an address, a port and the way there.
    pub struct ConnectDialog(ObjectSubclass<imp::ConnectDialog>)
        @extends adw::Window, gtk::Window, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget, gtk::Native,
            gtk::Root, gtk::ShortcutManager;
}

impl ConnectDialog {
    /// A dialog in which stands what the settings remember.
    pub fn new(settings: &gio::Settings) -> Self {
        let dialog: Self = glib::Object::new();
        let imp = dialog.imp();
        // It was made a moment ago, so it has none yet.
        let _ = imp.settings.set(settings.clone());
        if let Ok(last) = settings.string(LAST_ADDRESS).parse::<Target>() {
            imp.address.set_text(last.host());
            imp.port.set_value(last.port().into());
        }
        imp.show_way();
        let (number, address) = proxy::stored(settings);
        imp.proxy_address.set_text(&address);
        imp.proxy.set_selected(number);
        dialog
    }

    /// Asks, and waits for the answer; none where the dialog is closed. A chosen proxy is in the
    /// settings then.
    pub(super) async fn ask(
        parent: &impl IsA<gtk::Window>,
        settings: &gio::Settings,
    ) -> Option<(Target, Way)> {
        let dialog = Self::new(settings);
        dialog.set_transient_for(Some(parent));
        // No wider than a narrow window, such as a phone has.
        let width = dialog.default_width().min(parent.as_ref().width());
        dialog.set_default_width(width);
        let (answer, answered) = async_channel::bounded(1);
        dialog.imp().answer.replace(Some(answer));
        dialog.present();
        dialog.imp().address.grab_focus();
        answered.recv().await.ok()
    }
}
