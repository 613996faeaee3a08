//! The room in a window.
//!
//! ```text
//! Application → ServerWindow → SetupPage ← addresses
//!                    │            ├ what is chosen → Hub::start
//!                    ├→ Hub → Event → Talk → rows of People, lines of History
//!                    └→ RoomPage → Sidebar (People), ReachButton, ConversationView, Composer
//! ```
//!
//! - `application`: one process, what a second start asks for, signals that end it.
//! - `server_window`: the phases of the room, and what the actions do.
//! - `actions`: every action with its keys; `menus`: those of a person.
//! - `setup_page`: where, which port, which name, which options; `addresses`: what there is to
//!   choose from; `encryption_group`: who encrypts; `password`: where that of the room is kept.
//! - `room_page`, `sidebar`, `person_row`, `reach_button`: what is seen while listening; `meeting`:
//!   where others join.
//! - `kept`: what is kept and who is known, in windows; `keeping`: where from, and how long.
//! - `search`: what the desktop's search finds here.
//! - `talk`: events as lines and rows; `people`, `row`: the rows; `lock`: how what is
//!   said travels; `writers`: who is writing.
//! - `attention`: what is told of conversations that nobody looks at.
//!
//! The hub knows nothing of all this. Everything here runs on the main thread.

mod actions;
mod addresses;
mod application;
mod attention;
mod choices;
mod copying;
mod encryption_group;
mod keeping;
mod kept;
mod lock;
mod meeting;
mod menus;
mod password;
mod people;
mod person_row;
mod reach_button;
mod room_page;
mod row;
mod search;
mod server_window;
mod setup_page;
mod sidebar;
mod talk;
mod writers;

use std::process::ExitCode;

use adw::prelude::*;
use hallway_core::net::Reactor;
use hallway_widgets::{program, settings, warming};

use crate::words;

use application::Application;
pub use server_window::ServerWindow;

/// The name of the program on the bus, of its settings and of its icon.
const APPLICATION_ID: &str = "chat.hallway.Server";

/// Runs the program until its window has gone.
///
/// # Errors
/// A sentence for people: there is no display, or the program is not installed whole.
pub(crate) fn run() -> Result<ExitCode, String> {
    warming::warm_up();
    if !program::has_display() {
        return Err(words::no_display());
    }
    let settings = settings::open(APPLICATION_ID).ok_or_else(words::not_installed)?;
    let reactor = Reactor::new(program::io_priority())
        .map_err(|error| words::cannot_start(&error.to_string()))?;
    let application = Application::new(reactor, settings);
    let code = application.run();
    application.finish_keeping();
    application.finish();
    Ok(ExitCode::from(code.get()))
}
