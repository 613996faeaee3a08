//! Encrypted people who wait for the host's word.

use adw::prelude::*;
use adw::subclass::prelude::*;
use glib::VariantTy;
use hallway_core::wire::Fingerprint;
use hallway_widgets::attention::Front;
use hallway_words::{gettext, gettext_f};

use super::ServerWindow;
use super::notices::name_and_place;
use crate::window::row::Row;

/// The settings of notifications.
const NOTIFICATIONS: &str = "notifications";
const WITH_TEXT: &str = "notification-text";

/// Actions of the application that a notification leads to. They name an identity: numbers begin anew
/// with the program, and a notification of before must let nobody else in.
const LET_IN: &str = "let-in";
const DECLINE: &str = "decline";
const SHOW: &str = "show-window";

type Run = fn(&ServerWindow, &Row);

/// Gives the application the actions that notifications lead to.
pub(in crate::window) fn add_to(application: &impl IsA<gtk::Application>) {
    let application = application.as_ref();
    let actions: [(&str, Run); 2] = [
        (LET_IN, ServerWindow::let_in),
        (DECLINE, ServerWindow::decline),
    ];
    for (name, run) in actions {
        let action = gio::SimpleAction::new(name, Some(VariantTy::STRING));
        let weak = application.downgrade();
        action.connect_activate(move |_, identity| {
            let identity: Option<Fingerprint> = identity.and_then(|text| text.str()?.parse().ok());
            let windows = weak.upgrade().map(|it| it.windows()).unwrap_or_default();
            let mut windows = windows.into_iter();
            let window = windows.find_map(|window| window.downcast::<ServerWindow>().ok());
            if let (Some(window), Some(identity)) = (window, identity) {
                let waiting = window.talk().waiting();
                let who = waiting.iter().find(|row| row.identity() == Some(identity));
                if let Some(row) = who {
                    run(&window, row);
                }
            }
        });
        application.add_action(&action);
    }
}

fn notification_id(identity: &Fingerprint) -> String {
    format!("asks-{identity}")
}

impl ServerWindow {
    pub(in crate::window) fn let_in(&self, row: &Row) {
        self.answer(row, true);
    }

    pub(in crate::window) fn decline(&self, row: &Row) {
        self.answer(row, false);
    }

    fn answer(&self, row: &Row, is_welcome: bool) {
        if let Some(id) = row.id().filter(|_| row.is_waiting()) {
            row.set_waiting(false);
            self.hub().let_in(id, is_welcome);
            self.stop_notifying(row);
            self.show_notice();
            self.leave_notice();
        }
    }

    /// Somebody waits: who looks elsewhere is told by a notification.
    pub(super) fn notify_of_asking(&self, row: &Row) {
        let imp = self.imp();
        let is_looked_at = imp.front.get().is_some_and(Front::is_active) && self.is_room_shown();
        let settings = imp.settings.get();
        let is_wanted = settings.is_some_and(|settings| settings.boolean(NOTIFICATIONS));
        let (Some(application), Some(identity)) = (self.application(), row.identity()) else {
            return;
        };
        if is_looked_at || !is_wanted {
            return;
        }
        let with_text = settings.is_some_and(|settings| settings.boolean(WITH_TEXT));
        let title = if with_text {
            gettext_f("{name} wants to come in", &[("name", &name_and_place(row))])
        } else {
            gettext("Somebody wants to come in")
        };
        let notification = gio::Notification::new(&title);
        notification.set_priority(gio::NotificationPriority::High);
        notification.set_default_action(&format!("app.{SHOW}"));
        let target = identity.to_string().to_variant();
        for (label, action) in [(gettext("Let In"), LET_IN), (gettext("Decline"), DECLINE)] {
            let action = format!("app.{action}");
            notification.add_button_with_target_value(&label, &action, Some(&target));
        }
        application.send_notification(Some(&notification_id(&identity)), &notification);
    }

    /// They were answered, or have gone.
    pub(super) fn stop_notifying(&self, row: &Row) {
        if let (Some(application), Some(identity)) = (self.application(), row.identity()) {
            application.withdraw_notification(&notification_id(&identity));
        }
    }
}
