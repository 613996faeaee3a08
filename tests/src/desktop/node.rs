//! A part of a window.

use glib::variant::{FromVariant, ToVariant, Variant};

use super::app::App;
use super::link::Reference;
use super::screen::Place;
use super::tree::{Item, Tree, bits};

const ACCESSIBLE: &str = "org.a11y.atspi.Accessible";
const ACTION: &str = "org.a11y.atspi.Action";
const COMPONENT: &str = "org.a11y.atspi.Component";
const EDITABLE: &str = "org.a11y.atspi.EditableText";
const TEXT: &str = "org.a11y.atspi.Text";
const VALUE: &str = "org.a11y.atspi.Value";

/// Coordinates from the corner of the window (`AtspiCoordType`).
const IN_WINDOW: u32 = 1;

/// The path of no object at all.
const NOTHING: &str = "/org/a11y/atspi/null";

/// A part of a window has fewer parents than this.
const DEPTH: usize = 64;

/// States, as bits (`AtspiStateType`).
const CHECKED: u32 = 4;
const EXPANDED: u32 = 10;
const PRESSED: u32 = 20;
const SELECTED: u32 = 23;
const SENSITIVE: u32 = 24;
const SHOWING: u32 = 25;

/// Entries of a menu with a tick, and with a dot (`AtspiRole`).
const MARKED: [u32; 2] = [8, 45];

/// What something is, whatever this version of GTK calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Does something when it is clicked on.
    Button,
    /// Is read.
    Label,
    /// Takes text.
    Text,
    /// Takes a number.
    Number,
    /// Is on or off.
    Switch,
    /// Offers a choice of several.
    Choice,
    /// A row of a list.
    Row,
    /// An entry of a menu.
    Item,
    /// A window or a dialog.
    Window,
}

impl Kind {
    /// Roles by number (`AtspiRole`), since their names change and are translated.
    fn roles(self) -> &'static [u32] {
        match self {
            // Push button, toggle button, link, button with a menu.
            Self::Button => &[43, 62, 88, 129],
            // Label, static text, alert: a label that is read out by itself, heading.
            Self::Label => &[29, 116, 2, 83],
            // Text, entry, password text.
            Self::Text => &[61, 79, 40],
            Self::Number => &[52],
            // Check box, toggle button, switch.
            Self::Switch => &[7, 62, 130],
            Self::Choice => &[11],
            // List item, table row.
            Self::Row => &[32, 90],
            // Menu item, with a tick, with a dot.
            Self::Item => &[35, 8, 45],
            // Dialogs have one role or another.
            Self::Window => &[],
        }
    }

    pub(super) fn takes(self, item: &Item) -> bool {
        match self {
            Self::Window => item.parent.is_none(),
            _ => self.roles().contains(&item.role),
        }
    }

    /// All that it may be called by: its name, its tooltip, and the texts inside.
    pub(super) fn names(self, tree: &Tree, at: usize) -> impl Iterator<Item = &str> {
        let item = &tree.items[at];
        let has_texts = matches!(self, Self::Button | Self::Row | Self::Item);
        let inside = tree.inside(at).filter(move |_| has_texts);
        let labels = inside.map(|at| &tree.items[at]);
        let labels = labels.filter(|item| Self::Label.takes(item));
        [&item.name, &item.description]
            .into_iter()
            .chain(labels.map(|label| &label.name))
            .map(String::as_str)
    }
}

/// A part of a window, as it was when it was found.
#[derive(Clone, Debug)]
pub struct Node<'a> {
    app: &'a App<'a>,
    item: Item,
    window: Item,
    /// Where it stands.
    parent: Option<Item>,
    /// What is inside that can be clicked on.
    inside: Vec<Item>,
    /// The texts inside.
    texts: Vec<String>,
}

impl<'a> Node<'a> {
    pub(super) fn of(app: &'a App<'a>, tree: &Tree, at: usize) -> Self {
        let inside: Vec<_> = tree.inside(at).map(|at| &tree.items[at]).collect();
        let is = |kind: Kind| move |item: &&&Item| kind.takes(item);
        Self {
            app,
            item: tree.items[at].clone(),
            window: tree.window_of(at).clone(),
            parent: tree.items[at].parent.map(|at| tree.items[at].clone()),
            inside: inside
                .iter()
                .filter(is(Kind::Button))
                .map(|&item| item.clone())
                .collect(),
            texts: inside
                .iter()
                .filter(is(Kind::Label))
                .map(|item| item.name.clone())
                .collect(),
        }
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.item.name
    }

    /// What is said about it: its tooltip, mostly.
    pub fn description(&self) -> &str {
        &self.item.description
    }

    /// The texts inside, shown or not.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    /// Whether it takes clicks.
    pub fn is_sensitive(&self) -> bool {
        self.has(SENSITIVE)
    }

    /// Whether it is switched on or pressed in.
    pub fn is_on(&self) -> bool {
        self.has(CHECKED) || self.has(PRESSED)
    }

    /// Whether it is an entry of a menu that is on or off, or one of several.
    pub fn is_switch(&self) -> bool {
        MARKED.contains(&self.item.role)
    }

    /// Whether it is the chosen one of a list.
    pub fn is_selected(&self) -> bool {
        self.has(SELECTED)
    }

    /// Whether what belongs to it is open.
    pub fn is_expanded(&self) -> bool {
        self.has(EXPANDED)
    }

    /// Asks anew, since a state changes while something stays where it is.
    fn has(&self, state: u32) -> bool {
        let nothing = ().to_variant();
        let answer = self.call::<(Vec<u32>,)>(&self.item.path, ACCESSIBLE, "GetState", &nothing);
        let states = answer.map_or(self.item.states, |(parts,)| bits(&parts));
        states & (1 << state) != 0
    }

    fn call<T: FromVariant>(
        &self,
        path: &str,
        interface: &str,
        method: &str,
        arguments: &Variant,
    ) -> Result<T, glib::Error> {
        let link = self.app.desktop().link();
        link.call(&self.app.name, path, interface, method, Some(arguments))
    }

    fn property<T: FromVariant>(&self, interface: &str, name: &str) -> Result<T, glib::Error> {
        let link = self.app.desktop().link();
        link.property(&self.app.name, &self.item.path, interface, name)
    }

    #[track_caller]
    fn must<T>(&self, outcome: Result<T, glib::Error>) -> T {
        outcome.unwrap_or_else(|error| {
            let Item { role, name, .. } = &self.item;
            self.app
                .fail(&format!("{role} “{name}” does not do that: {error}"))
        })
    }

    /// Where it is in its window; none where it is not shown.
    fn place_in_window(&self) -> Option<Place> {
        self.place_of(&self.item.path)
    }

    fn place_of(&self, path: &str) -> Option<Place> {
        let arguments = (IN_WINDOW,).to_variant();
        let answer = self.call(path, COMPONENT, "GetExtents", &arguments);
        let ((x, y, width, height),): ((i32, i32, i32, i32),) = answer.ok()?;
        // What is not shown has no size, or that of a widget that nobody placed.
        (width > 0 && height > 0).then_some(Place {
            x,
            y,
            width,
            height,
        })
    }

    /// Whether it has a place in the window. (It may be scrolled out of sight.)
    pub fn is_shown(&self) -> bool {
        if self.item.parent.is_none() {
            return true;
        }
        // GTK 4.18 tells it of everything that the window shows, and GTK 4.8 of the window alone;
        // what the mouse finds, GTK 4.18 does not tell.
        if self.item.states & (1 << SHOWING) != 0 {
            return self.place_in_window().is_some();
        }
        // A page that was turned keeps its place, but the mouse no longer finds it there. What it
        // finds in the middle may be a part that screen readers are not told of: a picture in a
        // button, all that is in an entry. At the edge of that, or above it in the padding, is the
        // button itself.
        let is_found = |place: Place| {
            let (x, y) = place.middle();
            // The mouse goes through what takes no clicks, to what it stands in.
            let path = match &self.parent {
                Some(parent) if !self.is_sensitive() => &parent.path,
                _ => &self.item.path,
            };
            let bottom = place.y + place.height - 2;
            let mut heights = [y, place.y + 1, place.y - 1, bottom].into_iter();
            self.takes_text() || heights.any(|y| self.is_at(path, (x, y)))
        };
        self.place_in_window().is_some_and(is_found)
    }

    fn takes_text(&self) -> bool {
        self.item.interfaces.iter().any(|name| name == EDITABLE)
    }

    fn is_at(&self, path: &str, point: (i32, i32)) -> bool {
        // Newer versions of GTK answer well only if the window is asked: with the innermost part
        // that is there.
        self.found_by(path, point).is_some() || {
            let mut found = self.found_by(&self.window.path, point);
            let mut levels = 0..DEPTH;
            while found.as_deref().is_some_and(|found| found != path) && levels.next().is_some() {
                found = found.and_then(|found| self.parent_of(&found));
            }
            found.as_deref() == Some(path)
        }
    }

    /// What the mouse finds at a point of the window, in the words of something that stands there.
    fn found_by(&self, path: &str, (x, y): (i32, i32)) -> Option<String> {
        let arguments = (x, y, IN_WINDOW).to_variant();
        let answer = self.call::<(Reference,)>(path, COMPONENT, "GetAccessibleAtPoint", &arguments);
        let ((_, found),) = answer.ok()?;
        (found.as_str() != NOTHING).then(|| found.to_string())
    }

    fn parent_of(&self, path: &str) -> Option<String> {
        let link = self.app.desktop().link();
        let parent = link.property::<Reference>(&self.app.name, path, ACCESSIBLE, "Parent");
        parent.ok().map(|(_, path)| path.to_string())
    }

    /// Where it is on the screen.
    #[track_caller]
    pub fn place(&self) -> Place {
        let hands = self.app.desktop().hands();
        let whole = self.place_of(&self.window.path);
        let window = self.app.window(&self.window.name);
        let places = (self.place_in_window(), whole, hands.place_of(&window));
        let (Some(inner), Some(whole), Some(outer)) = places else {
            self.app.fail(&format!("“{}” is not shown", self.item.name))
        };
        // Where a window has no shadow it has a border, which widgets do not count.
        Place {
            x: outer.x + (outer.width - whole.width) / 2 + inner.x,
            y: outer.y + (outer.height - whole.height) / 2 + inner.y,
            ..inner
        }
    }

    /// Clicks on it: does what it does, or else what the first button inside does, or else clicks
    /// with the mouse.
    #[track_caller]
    pub fn click(&self) {
        let acts = |item: &&Item| item.interfaces.iter().any(|name| name == ACTION);
        let buttons = self.inside.iter();
        for item in std::iter::once(&self.item).chain(buttons).filter(acts) {
            let first = (0_i32,).to_variant();
            if let Ok((true,)) = self.call::<(bool,)>(&item.path, ACTION, "DoAction", &first) {
                return;
            }
        }
        self.click_with_mouse(1);
    }

    /// Clicks in its middle with a button of the mouse: 1 is the left one, 3 the right one.
    #[track_caller]
    pub fn click_with_mouse(&self, button: u8) {
        let middle = self.place().middle();
        let hands = self.app.desktop().hands();
        hands.activate(&self.app.window(&self.window.name));
        hands.click(middle, button);
    }

    /// What stands in it, where text can be typed.
    #[track_caller]
    pub fn text(&self) -> String {
        let count: i32 = self.must(self.property(TEXT, "CharacterCount"));
        let range = (0, count).to_variant();
        let (text,) = self.must(self.call(&self.item.path, TEXT, "GetText", &range));
        text
    }

    /// Types this in the place of what stands in it.
    #[track_caller]
    pub fn set_text(&self, text: &str) {
        let arguments = (text,).to_variant();
        let path = &self.item.path;
        let (taken,): (bool,) = self.must(self.call(path, EDITABLE, "SetTextContents", &arguments));
        if !taken {
            self.app
                .fail(&format!("“{}” takes no text", self.item.name));
        }
    }

    /// The number in it.
    #[track_caller]
    pub fn number(&self) -> f64 {
        self.must(self.property(VALUE, "CurrentValue"))
    }

    /// Puts a number in it.
    #[track_caller]
    pub fn set_number(&self, number: f64) {
        let arguments = (VALUE, "CurrentValue", number.to_variant()).to_variant();
        let properties = "org.freedesktop.DBus.Properties";
        let answer = self.call::<()>(&self.item.path, properties, "Set", &arguments);
        self.must(answer);
    }
}
