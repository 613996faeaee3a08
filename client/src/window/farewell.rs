//! The end of a conversation that nobody looks at any more.

use std::time::Duration;

use futures_util::future::select;
use gio::prelude::*;
use hallway_core::net::limits;

use super::talk::Talk;
use crate::session::{Session, State};
use std::pin::pin;
use std::rc::Rc;

/// Closing has its own deadline; this is for what no deadline was thought of.
const LONGEST: Duration = limits::CLOSE.saturating_add(Duration::from_secs(1));

/// How long what was sent a moment ago may take to be acknowledged before anybody is asked about
/// it.
const MOMENT: Duration = Duration::from_millis(400);

/// Closes the conversation properly. The application stays as long as that takes.
pub(super) fn see_off(application: &impl IsA<gio::Application>, talk: Rc<Talk>) {
    let hold = application.hold();
    talk.session().close();
    glib::spawn_future_local(async move {
        until(talk.session(), LONGEST, |session| is_over(&session.state())).await;
        talk.give_up();
        drop(talk);
        drop(hold);
    });
}

fn is_over(state: &State) -> bool {
    matches!(
        state,
        State::Idle | State::Ended { .. } | State::Failed { .. }
    )
}

/// How many messages would be lost if the conversation ended now.
pub(super) async fn unsent(session: &Session) -> usize {
    if matches!(session.state(), State::Connected { .. }) {
        until(session, MOMENT, |session| session.unsent_count() == 0).await;
    }
    session.unsent_count()
}

/// Waits until a condition holds, looking whenever the session has news, and at most `longest`.
async fn until(session: &Session, longest: Duration, condition: impl Fn(&Session) -> bool) {
    let (bell, news) = async_channel::bounded::<()>(1);
    // Full: it has been rung and not been heard yet.
    let ring = move || {
        let _ = bell.try_send(());
    };
    let handlers = [
        session.connect_state_notify({
            let ring = ring.clone();
            move |_| ring()
        }),
        session.connect_message_changed(move |_, _, _| ring()),
    ];
    let met = async {
        while !condition(session) {
            // The bell lives as long as its handlers.
            let _ = news.recv().await;
        }
    };
    select(pin!(met), pin!(glib::timeout_future(longest))).await;
    for handler in handlers {
        session.disconnect(handler);
    }
}
