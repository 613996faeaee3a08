//! A conversation: what is held of it, and the widget that shows it.
//!
//! ```text
//! window → History → View (a list model, rows made lazily) → ConversationView → Row → text
//!                       └→ find, export
//! ```
//!
//! - `content`: what a line says; `history`: the newest lines of all views together.
//! - `view`, `entry`: the list model and its items; none of these four needs a display.
//! - `text`: what of a line is shown, and how; pure.
//! - `row`, `list`: the widgets; `find`: finding in what is held; `export`: keeping it as a file.

mod content;
mod entry;
mod export;
mod find;
mod history;
mod list;
mod row;
mod text;
mod view;

pub use content::{Content, Delivery, LineId, Speaker, Tone};
pub use entry::Entry;
pub use export::{export, write};
pub use history::{HELD_BYTES, History};
pub use list::ConversationView;
pub use text::preview;
pub use view::View;
