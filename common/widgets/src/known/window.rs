//! The window of those who are known.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin as Pinned;
use std::rc::Rc;
use std::sync::Arc;

use adw::prelude::*;
use adw::subclass::prelude::*;
use glib::clone;
use gtk::{gdk, glib};
use hallway_core::text::visible_str;
use hallway_core::trust::{Pin, Pins, Role};
use hallway_core::wire::Fingerprint;
use hallway_words::{gettext, gettext_f, ngettext_f};

use super::row::{Doings, row};
use crate::dialogs::{self, Choice};

/// Rows that are made at once: each is some ten widgets, and thousands may be known.
const AT_ONCE: usize = 50;

/// Pixels: no wider than a telephone.
const NARROWEST: i32 = 360;
const LOWEST: i32 = 294;
const COMFORTABLE: i32 = 560;
const HEIGHT: i32 = 620;

/// Has somebody forgotten; gives who is known then, or a sentence about why not.
pub type Forget =
    Rc<dyn Fn(Role, Fingerprint) -> Pinned<Box<dyn Future<Output = Result<Arc<Pins>, String>>>>>;

/// What a program says about those whom it knows.
#[derive(Clone, Debug)]
pub struct Words {
    /// The window's title.
    pub title: String,
    /// What there is to say where nobody is known.
    pub nobody: String,
}

mod imp {
    use super::{Arc, Cell, Forget, Pins, RefCell, Words, gdk, glib};
    use adw::subclass::prelude::*;

    #[derive(Default)]
    pub struct KnownWindow {
        pub(super) toasts: adw::ToastOverlay,
        pub(super) stack: gtk::Stack,
        pub(super) nobody: adw::StatusPage,
        pub(super) close: gtk::Button,
        pub(super) search: gtk::SearchEntry,
        pub(super) groups: gtk::Box,
        pub(super) words: RefCell<Option<Words>>,
        pub(super) pins: RefCell<Option<Arc<Pins>>>,
        pub(super) forget: RefCell<Option<Forget>>,
        /// Rows of a kind that may be made.
        pub(super) most: Cell<usize>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for KnownWindow {
        const NAME: &'static str = "HallwayKnownWindow";
        type Type = super::KnownWindow;
        type ParentType = adw::Window;

        fn class_init(klass: &mut Self::Class) {
            for (key, state) in [
                (gdk::Key::Escape, gdk::ModifierType::empty()),
                (gdk::Key::w, gdk::ModifierType::CONTROL_MASK),
            ] {
                klass.add_binding_action(key, state, "window.close");
            }
        }
    }

    impl ObjectImpl for KnownWindow {
        fn constructed(&self) {
            self.parent_constructed();
            self.obj().set_up();
        }
    }

    impl WidgetImpl for KnownWindow {}
    impl WindowImpl for KnownWindow {}
    impl AdwWindowImpl for KnownWindow {}
}

glib::wrapper! {
    /// Servers and people who are known by their certificates.
    pub struct KnownWindow(ObjectSubclass<imp::KnownWindow>)
        @extends adw::Window, gtk::Window, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget, gtk::Native, gtk::Root,
            gtk::ShortcutManager;
}

impl KnownWindow {
    /// Opens the window, which goes with `parent`. Who is known is given to it with
    /// [`list`](Self::list).
    pub fn open(parent: &impl IsA<gtk::Window>, words: Words) -> Self {
        let window: Self = glib::Object::builder()
            .property("application", parent.as_ref().application())
            .property("transient-for", parent)
            .property("destroy-with-parent", true)
            .property("title", &words.title)
            .build();
        window.imp().words.replace(Some(words));
        window.present();
        window
    }

    /// Lists those who are known; `forget` forgets one of them.
    pub fn list(&self, pins: Arc<Pins>, forget: Forget) {
        let imp = self.imp();
        imp.forget.replace(Some(forget));
        imp.pins.replace(Some(pins));
        self.fill();
    }

    /// Says why nobody can be listed.
    pub fn tell_unusable(&self, why: &str) {
        self.show_message(&gettext("The List Cannot Be Read"), why);
    }

    /// Says in the window what somebody should know.
    pub fn toast(&self, text: &str) {
        let toast = adw::Toast::new(&glib::markup_escape_text(text));
        self.imp().toasts.add_toast(toast);
    }

    fn set_up(&self) {
        let imp = self.imp();
        self.set_default_size(COMFORTABLE, HEIGHT);
        self.set_size_request(NARROWEST, LOWEST);
        imp.most.set(AT_ONCE);
        let what = gettext("Search by name, address or fingerprint");
        imp.search.set_placeholder_text(Some(&what));
        crate::accessible::set_label(&imp.search, &what);
        imp.search.connect_search_changed(clone!(
            #[weak(rename_to = window)]
            self,
            move |_| {
                window.imp().most.set(AT_ONCE);
                window.fill();
            }
        ));
        imp.search.connect_stop_search(clone!(
            #[weak(rename_to = window)]
            self,
            move |search| if search.text().is_empty() {
                window.close();
            } else {
                search.set_text("");
            }
        ));
        imp.groups.set_orientation(gtk::Orientation::Vertical);
        imp.groups.set_spacing(18);
        let column = gtk::Box::new(gtk::Orientation::Vertical, 18);
        for (set, pixels) in [
            (gtk::Box::set_margin_top as fn(&gtk::Box, i32), 12),
            (gtk::Box::set_margin_bottom, 24),
            (gtk::Box::set_margin_start, 12),
            (gtk::Box::set_margin_end, 12),
        ] {
            set(&column, pixels);
        }
        column.append(&imp.search);
        column.append(&imp.groups);
        let clamp = adw::Clamp::builder().child(&column).build();
        let scroller = gtk::ScrolledWindow::builder()
            .hscrollbar_policy(gtk::PolicyType::Never)
            .vexpand(true)
            .child(&clamp)
            .build();
        imp.nobody.set_vexpand(true);
        // Without anything to do in it the focus would have nowhere to be.
        imp.close.set_label(&gettext("Close"));
        imp.close.set_halign(gtk::Align::Center);
        imp.close.add_css_class("pill");
        imp.close.set_action_name(Some("window.close"));
        imp.close.set_visible(false);
        imp.nobody.set_child(Some(&imp.close));
        imp.stack.add_child(&scroller);
        imp.stack.add_named(&imp.nobody, Some("nobody"));
        // Until it is known who is known, nothing is to be done.
        imp.stack.set_visible_child(&imp.nobody);
        let content = gtk::Box::new(gtk::Orientation::Vertical, 0);
        content.append(&adw::HeaderBar::new());
        content.append(&imp.stack);
        imp.toasts.set_child(Some(&content));
        self.set_content(Some(&imp.toasts));
    }

    fn fill(&self) {
        let imp = self.imp();
        while let Some(child) = imp.groups.first_child() {
            imp.groups.remove(&child);
        }
        let Some(pins) = imp.pins.borrow().clone() else {
            return;
        };
        let sought = imp.search.text().to_lowercase();
        let kinds = [
            (Role::Server, gettext("Servers")),
            (Role::Person, gettext("People")),
        ];
        let mut count = 0;
        for (role, title) in kinds {
            let mut known: Vec<_> = pins
                .iter(role)
                .filter(|pin| is_sought(pin, &sought))
                .collect();
            known.sort_by_key(|pin| std::cmp::Reverse(pin.last_seen));
            count += known.len();
            if !known.is_empty() {
                imp.groups.append(&self.group(&title, &known));
            }
        }
        if count > 0 {
            let is_first = imp.stack.visible_child().as_ref() == Some(imp.nobody.upcast_ref());
            if let Some(list) = imp.stack.first_child() {
                imp.stack.set_visible_child(&list);
            }
            if is_first {
                imp.search.grab_focus();
            }
        } else if sought.is_empty() {
            let nobody = imp
                .words
                .borrow()
                .as_ref()
                .map(|words| words.nobody.clone());
            self.show_message(&gettext("Nobody Is Known Yet"), &nobody.unwrap_or_default());
        } else {
            let nothing = gtk::Label::builder()
                .label(gettext("Nothing Found"))
                .css_classes(["dim-label"])
                .build();
            imp.groups.append(&nothing);
        }
    }

    fn group(&self, title: &str, known: &[&Pin]) -> adw::PreferencesGroup {
        let group = adw::PreferencesGroup::builder().title(title).build();
        let most = self.imp().most.get();
        for pin in known.iter().take(most) {
            group.add(&self.row(pin));
        }
        let rest = known.len().saturating_sub(most);
        if rest > 0 {
            let label = ngettext_f(
                "Show {n} More",
                "Show {n} More",
                rest.min(AT_ONCE) as u64,
                &[],
            );
            let button = gtk::Button::builder().label(label).margin_top(12).build();
            button.connect_clicked(clone!(
                #[weak(rename_to = window)]
                self,
                move |_| {
                    window.imp().most.set(most + AT_ONCE);
                    window.fill();
                }
            ));
            group.add(&button);
        }
        group
    }

    fn row(&self, pin: &Pin) -> adw::ExpanderRow {
        let (role, id) = (pin.role, pin.id);
        let name = visible_str(pin.name.as_ref()).into_owned();
        let copy = clone!(
            #[weak(rename_to = window)]
            self,
            move |fingerprint: &str| {
                window.clipboard().set_text(fingerprint);
                window.toast(&gettext("Copied"));
            }
        );
        let forget = clone!(
            #[weak(rename_to = window)]
            self,
            move || {
                let name = name.clone();
                let weak = window.downgrade();
                glib::spawn_future_local(async move {
                    if let Some(window) = weak.upgrade() {
                        window.ask_and_forget(role, id, &name).await;
                    }
                });
            }
        );
        row(
            pin,
            Doings {
                copy: Box::new(copy),
                forget: Box::new(forget),
            },
        )
    }

    async fn ask_and_forget(&self, role: Role, id: Fingerprint, name: &str) {
        let choices = [
            Choice {
                id: "cancel",
                label: &gettext("_Cancel"),
                appearance: adw::ResponseAppearance::Default,
            },
            Choice {
                id: "forget",
                label: &gettext("_Forget"),
                appearance: adw::ResponseAppearance::Destructive,
            },
        ];
        let heading = gettext_f("Forget {name}?", &[("name", name)]);
        let body = match role {
            Role::Server => gettext(
                "Whoever is at its address the next time is taken for new. Conversations stay until you delete them.",
            ),
            Role::Person => {
                gettext("They are not verified any more. Conversations stay until you delete them.")
            }
        };
        if dialogs::ask(self, &heading, &body, &choices, "cancel").await != "forget" {
            return;
        }
        let forget = self.imp().forget.borrow().clone();
        let Some(forget) = forget else { return };
        match forget(role, id).await {
            Ok(pins) => {
                self.imp().pins.replace(Some(pins));
                self.fill();
                self.toast(&gettext_f("{name} is forgotten", &[("name", name)]));
            }
            Err(why) => dialogs::tell(self, &gettext("Not Forgotten"), &why).await,
        }
    }

    fn show_message(&self, title: &str, description: &str) {
        let imp = self.imp();
        imp.nobody.set_icon_name(Some("avatar-default-symbolic"));
        imp.nobody.set_title(&glib::markup_escape_text(title));
        imp.nobody
            .set_description(Some(&glib::markup_escape_text(description)));
        imp.stack.set_visible_child(&imp.nobody);
        imp.close.set_visible(true);
        imp.close.grab_focus();
    }
}

/// Whether somebody has a text, in small letters, in their name, an address or the fingerprint.
fn is_sought(pin: &Pin, sought: &str) -> bool {
    pin.name.as_ref().to_lowercase().contains(sought)
        || pin.id.to_string().starts_with(&sought.replace(' ', ""))
        || pin
            .addresses()
            .any(|address| address.to_string().contains(sought))
}
