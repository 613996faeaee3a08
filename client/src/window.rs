//! The window: conversations with servers, one in each.
//!
//! ```text
//! Application → ClientWindow → Talk → Session (crate::session)
//!     │             ├→ ServerList, ConnectDialog, ProxyLogin
//!     │             └→ ConversationView, Composer, Bar (hallway-widgets)
//!     └→ Recent, proxy (settings)
//! ```
//!
//! - [`application`]: starts, links, quitting; what all windows share.
//! - [`client_window`]: a window; its parts are split by what they do.
//! - `talk`: a session as lists of lines; `hearing` tells who says a plain one.
//! - `keeping`: what encrypted conversations are kept by; `plain_servers`: where there are none.
//! - `naming`: what the person is called; `people_list`: who else there is; [`blocked`]: what is
//!   shown where an unknown server is in the place of a known one.
//! - `farewell`: sees that a conversation that nobody looks at any more ends properly.
//! - `attention`: what a person is told who looks elsewhere.
//! - [`server_list`], [`connect_dialog`], [`proxy_login`]: the other widgets.
//! - `keeping`: identity, pins and history, opened once; `plain_keeping`: plain lines on their way there.
//! - `kept`, `known`: what is kept, and who is known, each in a window; how long it is kept.
//! - `actions`: every action with its keys.
//! - `recent`, `proxy`: what is remembered.
//! - `unseen`: conversations that go on without a window; `search`: what the desktop finds here.
//! - `words`: states of a session for people.

mod actions;
pub mod application;
mod attention;
pub mod blocked;
pub mod client_window;
mod comparing;
pub mod connect_dialog;
mod farewell;
mod hearing;
mod keeping;
mod kept;
mod known;
mod naming;
mod people_list;
mod plain_keeping;
mod plain_servers;
mod proxy;
pub mod proxy_login;
mod recent;
mod search;
pub mod server_list;
pub mod server_row;
mod talk;
mod talk_page;
mod unseen;
mod words;

use std::process::ExitCode;

use gio::prelude::*;
use hallway_widgets::{program, settings, warming};
use hallway_words::gettext;

pub use application::Application;

/// The name on the bus, in the desktop menu and of the settings.
pub const ID: &str = "chat.hallway.Client";

/// Runs until the last window is closed and its conversation has ended.
///
/// # Errors
/// A sentence about why there can be no window.
pub(crate) fn run() -> Result<ExitCode, String> {
    warming::warm_up();
    if !program::has_display() {
        return Err(gettext(
            "There is no display to open a window on. Send a message without one: hallway send HOST[:PORT] TEXT",
        ));
    }
    let Some(settings) = settings::open(ID) else {
        return Err(gettext(
            "Hallway is not fully installed: its settings are missing. Install it again, or send a message without a window: hallway send HOST[:PORT] TEXT",
        ));
    };
    let application = Application::new(&settings).map_err(|error| {
        hallway_words::gettext_f(
            "The system has nothing to make connections of: {reason}.",
            &[("reason", &error.to_string())],
        )
    })?;
    let status = application.run();
    application.finish_keeping();
    Ok(ExitCode::from(status.get()))
}
