//! How long what is said is kept, where there is no window.

use std::time::Duration;

use glib::ControlFlow;
use hallway_core::history::retention::keep;
use hallway_core::history::{Error, History, Retention, ServerStore};
use hallway_core::wire::At;

/// Seconds of a day.
const DAY: u32 = 24 * 60 * 60;

/// How long the end of the program may take for it: service managers wait for more. The next start
/// does the rest.
const LONGEST_END: Duration = Duration::from_secs(10);

/// Removes now what is not kept any longer, and each day.
pub(super) fn begin(history: &History<ServerStore>, retention: Retention) -> glib::SourceId {
    let context = glib::MainContext::ref_thread_default();
    let tidy = {
        let history = history.clone();
        move |at_start| {
            let history = history.clone();
            context.spawn_local(async move {
                tell(keep(&history, retention, At::now(), at_start).await);
            });
        }
    };
    // A session that was killed has left what it should not.
    tidy(true);
    glib::timeout_add_seconds_local(DAY, move || {
        tidy(false);
        ControlFlow::Continue
    })
}

/// The room is closed: removes what this session leaves, and closes the history.
pub(super) fn end(history: &History<ServerStore>, retention: Retention) {
    let context = glib::MainContext::ref_thread_default();
    let kept = keep(history, retention, At::now(), true);
    if let Ok(result) = context.block_on(glib::future_with_timeout(LONGEST_END, kept)) {
        tell(result);
    } else {
        tracing::warn!("what is not kept goes at the next start");
    }
    if let Err(error) = history.stop().wait() {
        tracing::warn!("the history was not closed: {error}");
    }
}

fn tell(result: Result<usize, Error>) {
    match result {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "lines are kept no longer"),
        Err(error) => tracing::warn!(%error, "what is not kept goes the next time"),
    }
}
