//! Servers and people who are known, in a window.

use std::rc::Rc;

use adw::prelude::*;
use hallway_widgets::dialogs::tell;
use hallway_widgets::known::{Forget, KnownWindow, Words, forgetting, trouble};
use hallway_words::{gettext, set_aside};

use super::application::Application;
use super::kept::{open_window, sentence};
use crate::session::Keeper;

impl Application {
    /// Opens the window of those who are known, or shows the one that is open.
    pub(super) fn show_known(&self) {
        if let Some(window) = open_window::<KnownWindow>(self) {
            return window.present();
        }
        let Some(parent) = self.active_window() else {
            return;
        };
        let words = Words {
            title: gettext("Known Servers"),
            nobody: gettext("Servers that you talk to encrypted are remembered here."),
        };
        let window = KnownWindow::open(&parent, words);
        let application = self.clone();
        glib::spawn_future_local(async move {
            let keeper = match application.keeper().await {
                Ok(keeper) => keeper,
                Err(error) => return window.tell_unusable(&sentence(&error)),
            };
            application.tell_set_aside(&window).await;
            let looked = keeper.clone();
            let looked = gio::spawn_blocking(move || looked.look_again()).await;
            match looked.unwrap_or_else(|panic| std::panic::resume_unwind(panic)) {
                Ok((pins, aside)) => {
                    window.list(pins, forget(&application, keeper));
                    if let Some(path) = aside {
                        let heading = gettext("A File Was Damaged");
                        tell(&window, &heading, &set_aside(&path)).await;
                    }
                }
                Err(error) => window.tell_unusable(&trouble(&error)),
            }
        });
    }
}

fn forget(application: &Application, keeper: Keeper) -> Forget {
    let forget = forgetting(move |role, id| {
        keeper.forget(role, id)?;
        Ok(keeper.pins())
    });
    let application = application.downgrade();
    Rc::new(move |role, id| {
        let (forgotten, application) = (forget(role, id), application.clone());
        Box::pin(async move {
            let pins = forgotten.await?;
            let windows = application.upgrade().map(|it| it.client_windows());
            // One may be talking to it.
            for window in windows.iter().flatten() {
                window.show_state();
            }
            Ok(pins)
        })
    })
}
