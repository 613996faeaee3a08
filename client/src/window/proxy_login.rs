//! A proxy's question for a name and a password.

use std::cell::RefCell;

use adw::prelude::*;
use adw::subclass::prelude::*;
use gtk::glib;
use hallway_core::net::connector::Authenticator;
use hallway_core::text::{cut, visible_str};
use hallway_widgets::accessible;
use hallway_words::gettext_f;

/// The most bytes of a proxy's address that are shown.
const LONGEST_ADDRESS: usize = 128;

const LOG_IN: &str = "log-in";

mod imp {
    use adw::prelude::*;
    use adw::subclass::prelude::*;
    use gtk::glib;

    use super::{Authenticator, LOG_IN, RefCell, accessible};

    #[derive(Default, gtk::CompositeTemplate)]
    #[template(file = "proxy_login.ui")]
    pub struct ProxyLogin {
        #[template_child]
        pub(super) user: TemplateChild<adw::EntryRow>,
        #[template_child]
        pub(super) password: TemplateChild<adw::PasswordEntryRow>,
        /// Dropped unanswered, it fails the attempt.
        pub(super) question: RefCell<Option<Authenticator>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for ProxyLogin {
        const NAME: &'static str = "HallwayProxyLogin";
        type Type = super::ProxyLogin;
        type ParentType = adw::MessageDialog;

        fn class_init(klass: &mut Self::Class) {
            klass.bind_template();
        }

        fn instance_init(obj: &glib::subclass::InitializingObject<Self>) {
            obj.init_template();
        }
    }

    impl ObjectImpl for ProxyLogin {
        fn constructed(&self) {
            self.parent_constructed();
            let weak = self.obj().downgrade();
            self.user.connect_changed(move |user| {
                if let Some(dialog) = weak.upgrade() {
                    dialog.set_response_enabled(LOG_IN, !user.text().is_empty());
                }
            });
            let password: &adw::EntryRow = self.password.upcast_ref();
            for row in [&*self.user, password] {
                accessible::tell_entry(row);
            }
        }

        fn dispose(&self) {
            self.question.take();
        }
    }

    impl WidgetImpl for ProxyLogin {}
    impl WindowImpl for ProxyLogin {}

    impl MessageDialogImpl for ProxyLogin {
        fn response(&self, response: &str) {
            let question = self.question.take();
            if let (Some(question), LOG_IN) = (question, response) {
                question.answer(&self.user.text(), &self.password.text());
            }
        }
    }
}

glib::wrapper! {
    /// Asks for the name and the password that a proxy wants. Closed, it gives the attempt up.
    pub struct ProxyLogin(ObjectSubclass<imp::ProxyLogin>)
        @extends adw::MessageDialog, gtk::Window, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget, gtk::Native,
            gtk::Root, gtk::ShortcutManager;
}

impl ProxyLogin {
    /// Asks; the answer goes to `question`.
    pub fn ask(parent: &impl IsA<gtk::Window>, question: &Authenticator) -> Self {
        let dialog: Self = glib::Object::new();
        dialog.set_transient_for(Some(parent));
        let proxy = cut(question.proxy(), LONGEST_ADDRESS);
        let proxy = [("proxy", &*visible_str(&proxy))];
        let body = if question.is_refused() {
            gettext_f(
                "The proxy {proxy} did not accept the name and password. Check both.",
                &proxy,
            )
        } else {
            gettext_f("The proxy {proxy} wants a name and a password.", &proxy)
        };
        dialog.set_body(&body);
        dialog.imp().question.replace(Some(question.clone()));
        dialog.present();
        dialog.imp().user.grab_focus();
        dialog
    }
}
