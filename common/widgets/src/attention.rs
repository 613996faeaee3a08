//! How a person who looks elsewhere notices that something was said.
//!
//! ```text
//! windows → Notifier → Watch (what is told, and when) → notice (in which words) → the desktop
//!    └→ Front (what is looked at)                          backend (how the desktop reads them)
//! ```
//!
//! - `watch`: the rules, as a function of lines and time; needs no display. `news`: its values.
//! - `mention`: whether a line calls somebody by name; neither does this.
//! - `notice`: titles and bodies of notifications.
//! - `notifier`: sends, replaces and withdraws them; sound; counts for docks (`launcher`).
//! - `backend`: who shows notifications on this desktop, and whether it reads markup.
//! - `front`: whether a window is what the person looks at.

mod backend;
mod front;
mod launcher;
mod mention;
mod news;
mod notice;
mod notifier;
mod watch;

use hallway_words::{gettext_f, ngettext_f};

pub use front::Front;
pub use mention::Names;
pub use news::{Deed, News, Unread};
pub use notifier::{Notifier, Place};
pub use watch::{IN_SPAN, SPAN, SUMMARIES, UPDATES, Watch};

/// The actions of an application that notifications lead to. Each takes the parameter of a
/// [`Place`].
pub mod actions {
    /// Brings a conversation to the front.
    pub const SHOW: &str = "app.show-conversation";
    /// The same, ready to write.
    pub const REPLY: &str = "app.reply";
    /// Takes a conversation for read.
    pub const MARK_READ: &str = "app.mark-read";
}

/// Unread lines that are counted out; more are "99+".
const COUNTED_OUT: u64 = 99;

/// A count as it stands in a badge or a title; empty for none.
pub fn badge(count: u64) -> String {
    match count {
        0 => String::new(),
        count if count > COUNTED_OUT => format!("{COUNTED_OUT}+"),
        count => count.to_string(),
    }
}

/// The badge of lines that mention the person; empty for none.
pub fn mention_badge(count: u64) -> String {
    match &*badge(count) {
        "" => String::new(),
        count => format!("@{count}"),
    }
}

/// What a screen reader says of what is unread, in parts.
pub fn spoken(unread: Unread) -> Vec<String> {
    let counted = COUNTED_OUT.to_string();
    let lines = match unread.lines {
        0 => return Vec::new(),
        count if count > COUNTED_OUT => {
            gettext_f("more than {count} unread", &[("count", &counted)])
        }
        count => ngettext_f(
            "{count} unread",
            "{count} unread",
            count,
            &[("count", &count.to_string())],
        ),
    };
    let mentions = match unread.mentions {
        0 => return vec![lines],
        count if count > COUNTED_OUT => {
            gettext_f("more than {count} mention you", &[("count", &counted)])
        }
        count => ngettext_f(
            "{count} mentions you",
            "{count} mention you",
            count,
            &[("count", &count.to_string())],
        ),
    };
    vec![lines, mentions]
}

/// A window's title with the number of unread lines before it.
pub fn title(count: u64, title: &str) -> String {
    if count == 0 {
        return title.to_owned();
    }
    let values = [("count", &*badge(count)), ("title", title)];
    // Translators: the title of a window with unread messages, such as “(3) Hallway”
    gettext_f("({count}) {title}", &values)
}
