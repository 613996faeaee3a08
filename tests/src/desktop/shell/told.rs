//! What the shell tells of itself.

use crate::desktop::screen::Place;

/// A window as the shell knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its number.
    pub id: u64,
    /// What stands in its header, or would.
    pub title: String,
    /// The desktop file that the shell takes it to belong to.
    pub entry: String,
    /// The process that it belongs to.
    pub pid: u32,
    /// Whether the keyboard writes there.
    pub has_focus: bool,
    /// Whether it is put away.
    pub is_minimized: bool,
    /// Where it is, without its shadow.
    pub place: Place,
}

impl Window {
    pub(super) fn is(&self, name: &str) -> bool {
        self.id.to_string() == name
    }
}

/// An entry of the overview.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is called.
    pub name: String,
    /// The file that its icon is drawn from.
    pub icon: String,
    /// What its menu offers besides, by the names in the desktop file.
    pub actions: Vec<String>,
    /// How many windows it has.
    pub windows: u32,
}

/// A notification that nobody has dealt with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// The id of the application.
    pub app: String,
    /// Its first line.
    pub title: String,
    /// What stands below.
    pub body: String,
    /// What its buttons say.
    pub buttons: Vec<String>,
}

/// A part of the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    /// The grid of everything that is installed.
    Apps,
    /// The notification that has come just now.
    Banner,
    /// What runs, and favourites.
    Dash,
    /// All, with the menus that are open.
    Everything,
    /// What was found.
    Search,
}

impl Region {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Apps => "apps",
            Self::Banner => "banner",
            Self::Dash => "dash",
            Self::Everything => "everything",
            Self::Search => "search",
        }
    }
}

/// A text that the shell shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// What it says.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}
