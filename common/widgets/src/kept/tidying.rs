//! What is kept no longer goes: at the start, each day, when a person says so, and at the end.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use adw::prelude::*;
use glib::clone;
use hallway_core::history::retention::{self, Retention};
use hallway_core::history::{History, Store};
use hallway_core::wire::At;

/// The key of how long conversations are kept.
pub const KEEP: &str = "keep-history";

/// Seconds of a day.
const DAY: u32 = 24 * 60 * 60;

/// How long the end of a program may take for it. The next start does the rest.
const LONGEST_END: Duration = Duration::from_secs(5);

/// A history that is tidied for as long as this is held.
#[derive(Debug)]
pub struct Tidying {
    settings: gio::Settings,
    handler: Option<glib::SignalHandlerId>,
    timer: Option<glib::SourceId>,
}

impl Tidying {
    /// Removes now what the setting does not keep, and from now on.
    pub fn begin<S: Store>(history: &History<S>, settings: &gio::Settings) -> Self {
        let (history, running) = (history.clone(), Rc::new(RefCell::new(None)));
        let tidy = clone!(
            #[strong]
            settings,
            move |at_start: bool| {
                let retention = chosen(&settings);
                let history = history.clone();
                let tidying = glib::spawn_future_local(async move {
                    tell(retention::keep(&history, retention, now(), at_start).await);
                });
                // What was chosen before does not matter any more.
                let before: Option<glib::JoinHandle<()>> = running.borrow_mut().replace(tidying);
                if let Some(before) = before {
                    before.abort();
                }
            }
        );
        // A session that was killed has left what it should not.
        tidy(true);
        let tidy = Rc::new(tidy);
        let handler = settings.connect_changed(Some(KEEP), {
            let tidy = Rc::clone(&tidy);
            move |_, _| tidy(false)
        });
        let timer = glib::timeout_add_seconds_local(DAY, move || {
            tidy(false);
            glib::ControlFlow::Continue
        });
        Self {
            settings: settings.clone(),
            handler: Some(handler),
            timer: Some(timer),
        }
    }

    /// The program ends: removes what this session leaves, and closes the history. It waits for the
    /// disk, at most for some seconds.
    pub fn end<S: Store>(self, history: &History<S>) {
        let retention = chosen(&self.settings);
        let keep = retention::keep(history, retention, now(), true);
        let context = glib::MainContext::default();
        if let Ok(result) = context.block_on(glib::future_with_timeout(LONGEST_END, keep)) {
            tell(result);
        } else {
            tracing::warn!("what is not kept goes at the next start");
        }
        if let Err(error) = history.stop().wait() {
            tracing::warn!(%error, "the history was not closed");
        }
    }
}

impl Drop for Tidying {
    fn drop(&mut self) {
        if let Some(handler) = self.handler.take() {
            self.settings.disconnect(handler);
        }
        if let Some(timer) = self.timer.take() {
            timer.remove();
        }
    }
}

fn tell(result: Result<usize, hallway_core::history::Error>) {
    match result {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "lines are kept no longer"),
        Err(error) => tracing::warn!(%error, "what is not kept goes the next time"),
    }
}

/// How long conversations are kept. In doubt nothing goes.
fn chosen(settings: &gio::Settings) -> Retention {
    Retention::of_word(&settings.string(KEEP)).unwrap_or(Retention::Forever)
}

/// The time by the clock here.
fn now() -> At {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let ms = since
        .ok()
        .and_then(|since| u64::try_from(since.as_millis()).ok());
    ms.and_then(|ms| At::try_from(ms).ok()).unwrap_or_default()
}
