//! What a window is made of.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use adw::prelude::*;
use adw::subclass::prelude::*;
use gtk::glib;
use hallway_core::net::Connector;
use hallway_widgets::attention::Front;
use hallway_widgets::conversation::View;
use hallway_widgets::preferences::HISTORY_LINES;
use hallway_widgets::{StartPage, frames, narrowing, program};

use super::showing::Notice;
use crate::session::{LineEnding, Session, Target};
use crate::window::actions::{self, Action, TargetAction};
use crate::window::application::Application;
use crate::window::proxy_login::ProxyLogin;
use crate::window::recent::Recent;
use crate::window::server_list::ServerList;
use crate::window::talk::{Record, Talk};
use crate::window::talk_page::TalkPage;

/// Settings that a window begins with and that the one that is closed last leaves.
const SIZE: [(&str, &str); 3] = [
    ("window-width", "default-width"),
    ("window-height", "default-height"),
    ("window-maximized", "maximized"),
];

#[derive(Default, gtk::CompositeTemplate, glib::Properties)]
#[template(file = "../client_window.ui")]
#[properties(wrapper_type = super::ClientWindow)]
pub struct ClientWindow {
    #[template_child]
    pub(super) toasts: TemplateChild<adw::ToastOverlay>,
    #[template_child]
    pub(super) leaflet: TemplateChild<adw::Leaflet>,
    #[template_child]
    pub(super) sidebar: TemplateChild<gtk::Box>,
    #[template_child]
    pub(super) sidebar_header: TemplateChild<adw::HeaderBar>,
    #[template_child]
    pub(super) menu_button: TemplateChild<gtk::MenuButton>,
    #[template_child]
    primary_menu: TemplateChild<gio::Menu>,
    #[template_child]
    pub(super) sidebar_body: TemplateChild<gtk::ScrolledWindow>,
    #[template_child]
    pub(super) narrow_start: TemplateChild<StartPage>,
    #[template_child]
    pub(super) narrow_start_button: TemplateChild<gtk::Button>,
    #[template_child]
    pub(super) servers: TemplateChild<ServerList>,
    #[template_child]
    pub(super) no_servers: TemplateChild<gtk::Label>,
    #[template_child]
    pub(super) content: TemplateChild<gtk::Stack>,
    #[template_child]
    pub(super) start_header: TemplateChild<adw::HeaderBar>,
    #[template_child]
    pub(super) start: TemplateChild<StartPage>,
    #[template_child]
    pub(super) start_button: TemplateChild<gtk::Button>,
    /// Made after the first frame, or when a conversation begins before.
    pub(super) page: OnceCell<TalkPage>,

    pub(super) settings: OnceCell<gio::Settings>,
    pub(super) recent: OnceCell<Recent>,
    /// Since the first frame, or since a conversation began.
    pub(super) are_servers_listed: Cell<bool>,
    recent_handler: RefCell<Option<glib::SignalHandlerId>>,
    history_handler: RefCell<Option<glib::SignalHandlerId>>,
    /// One for all servers: look-ups that were given up do not pile up.
    pub(super) connector: RefCell<Connector>,
    pub(super) talk: RefCell<Option<Rc<Talk>>>,
    /// Counts servers that were chosen: one that is chosen later goes before.
    pub(super) round: Cell<u64>,
    /// The question for a password, or for another name, is open.
    pub(super) is_questioned: Cell<bool>,
    /// The person wants nothing of an unknown server in the place of a known one.
    pub(super) has_backed_off: Cell<bool>,
    /// What is shown of people changes at the end of this turn of the main loop.
    pub(super) are_people_due: Cell<bool>,
    /// Handlers of the current talk's session and view.
    pub(super) session_handlers: RefCell<Vec<(Session, glib::SignalHandlerId)>>,
    pub(super) view_handler: RefCell<Option<(View, glib::SignalHandlerId)>>,
    /// What was said with each server, so that coming back to one finds it.
    pub(super) records: RefCell<HashMap<Target, Record>>,
    pub(super) notice: Cell<Notice>,
    /// Why there is no connection, while it is being made again.
    pub(super) lost: RefCell<String>,
    /// A question about closing is open.
    pub(super) is_asked: Cell<bool>,
    pub(super) front: OnceCell<Front>,
    /// It was closed and its conversation goes on.
    pub(super) is_unseen: Cell<bool>,
    pub(super) proxy_login: glib::WeakRef<ProxyLogin>,

    /// What each line that is sent ends in.
    #[property(get, set = Self::set_line_ending, explicit_notify, builder(LineEnding::default()))]
    line_ending: Cell<LineEnding>,
}

#[glib::object_subclass]
impl ObjectSubclass for ClientWindow {
    const NAME: &'static str = "HallwayClientWindow";
    type Type = super::ClientWindow;
    type ParentType = adw::ApplicationWindow;

    fn class_init(klass: &mut Self::Class) {
        ServerList::ensure_type();
        klass.bind_template();
        for Action { name, run, .. } in actions::WINDOW {
            klass.install_action(name, None, |window, _, _| run(window));
        }
        for TargetAction { name, run } in actions::WINDOW_TARGET {
            let parameter = Some(glib::VariantTy::STRING);
            klass.install_action(name, parameter, |window, _, parameter| {
                if let Some(target) = actions::target(parameter) {
                    run(window, &target);
                }
            });
        }
        klass.install_action(
            actions::TURN_TO,
            Some(glib::VariantTy::STRING),
            |window, _, parameter| {
                let conv = parameter.and_then(|text| text.str()?.parse().ok());
                if let Some(conv) = conv {
                    window.turn_to(conv);
                }
            },
        );
        klass.install_property_action("win.line-ending", "line-ending");
    }

    fn instance_init(obj: &glib::subclass::InitializingObject<Self>) {
        obj.init_template();
    }
}

#[glib::derived_properties]
impl ObjectImpl for ClientWindow {
    fn constructed(&self) {
        self.parent_constructed();
        let window = self.obj();
        let weak = window.downgrade();
        self.leaflet.connect_folded_notify(move |_| {
            if let Some(window) = weak.upgrade() {
                window.show_fold();
            }
        });
        program::fill_when_opened(&self.menu_button, &*self.primary_menu);
        narrowing::set_least_widths(&*self.start);
        let weak = window.downgrade();
        frames::after_first(&*window, move || {
            if let Some(window) = weak.upgrade() {
                window.show_servers();
                window.page();
            }
        });
        window.connect_visible_notify(|window| {
            if window.is_visible() {
                window.come_back();
            }
        });
    }

    fn dispose(&self) {
        self.forget_handlers();
        if let (Some(recent), Some(handler)) = (self.recent.get(), self.recent_handler.take()) {
            recent.disconnect(handler);
        }
        if let (Some(settings), Some(handler)) = (self.settings.get(), self.history_handler.take())
        {
            settings.disconnect(handler);
        }
        self.talk.take();
    }
}

impl WidgetImpl for ClientWindow {}

impl WindowImpl for ClientWindow {
    fn close_request(&self) -> glib::Propagation {
        if self.obj().goes_on_unseen() {
            self.remember_size();
            self.obj().go_on_unseen();
            glib::Propagation::Stop
        } else if self.obj().wants_to_leave() {
            self.remember_size();
            self.parent_close_request()
        } else {
            glib::Propagation::Stop
        }
    }
}

impl ApplicationWindowImpl for ClientWindow {}
impl AdwApplicationWindowImpl for ClientWindow {}

impl ClientWindow {
    pub(super) fn set_up(&self, application: &Application) {
        let settings = application.settings();
        let recent = Recent::new(settings);
        let weak = self.obj().downgrade();
        let handler = recent.connect_changed(move || {
            if let Some(window) = weak.upgrade() {
                window.show_servers();
            }
        });
        self.recent_handler.replace(Some(handler));
        let weak = self.obj().downgrade();
        let handler = settings.connect_changed(Some(HISTORY_LINES), move |settings, _| {
            if let Some(window) = weak.upgrade() {
                window.adopt_history_lines(settings);
            }
        });
        self.history_handler.replace(Some(handler));
        // Each window is set up once, by its constructor.
        let _ = self.settings.set(settings.clone());
        let _ = self.recent.set(recent);
        for (key, property) in SIZE {
            // Once: while two windows are open, each has its own size.
            settings
                .bind(key, &*self.obj(), property)
                .get()
                .get_no_changes()
                .build();
        }
        self.obj().set_up_attention();
        // The list of servers waits for the first frame.
        self.obj().show_fold();
    }

    pub(super) fn remember_size(&self) {
        let (Some(settings), window) = (self.settings.get(), self.obj()) else {
            return;
        };
        for (key, property) in SIZE {
            let value = window.property_value(property);
            let written = match value.get::<i32>() {
                Ok(size) => settings.set_int(key, size),
                Err(_) => settings.set_boolean(key, value.get().unwrap_or_default()),
            };
            if let Err(error) = written {
                tracing::warn!(%error, key, "the window's size is not written");
            }
        }
    }

    fn set_line_ending(&self, ending: LineEnding) {
        if ending == self.line_ending.replace(ending) {
            return;
        }
        if let Some(talk) = self.obj().talk() {
            talk.session().set_line_ending(ending);
        }
        self.obj().notify_line_ending();
    }

    /// The current talk is not followed any more.
    pub(super) fn forget_handlers(&self) {
        for (session, handler) in self.session_handlers.take() {
            session.disconnect(handler);
        }
        if let Some((view, handler)) = self.view_handler.take() {
            view.disconnect(handler);
        }
    }
}
