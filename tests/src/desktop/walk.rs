//! Going through windows by keyboard, stop by stop, and what is told at each.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::app::App;
use super::node::{Kind, Node};
use super::tree::{Item, Tree};
use crate::wait::PATIENCE;

/// States, as bits (`AtspiStateType`).
const ACTIVE: u32 = 1;
const FOCUSED: u32 = 12;

/// What is done something with has a name, whatever it is.
const USED: [Kind; 7] = [
    Kind::Button,
    Kind::Text,
    Kind::Number,
    Kind::Switch,
    Kind::Choice,
    Kind::Row,
    Kind::Item,
];

/// How long the keyboard has to go nowhere to count as staying: the machine may be busy.
const STAYING: Duration = Duration::from_secs(2);

const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

/// Where the keyboard is.
#[derive(Clone, Debug)]
pub struct Stop {
    path: String,
    /// What it is (`AtspiRole`).
    pub role: u32,
    /// What it is called; empty where nobody could tell.
    pub name: String,
    /// The title of its window.
    pub window: String,
}

impl PartialEq for Stop {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path
    }
}

impl App<'_> {
    /// What has the keyboard in the window in front.
    pub fn focus(&self) -> Option<Stop> {
        let tree = self.tree();
        let has = |item: &Item, state: u32| item.states & (1 << state) != 0;
        let windows = (0..tree.items.len()).filter(|&at| tree.items[at].parent.is_none());
        let windows: Vec<_> = windows.collect();
        let active = windows
            .iter()
            .copied()
            .find(|&at| has(&tree.items[at], ACTIVE));
        // A dialog is told after the window that it stands over.
        let window = active.or(windows.last().copied())?;
        let focused = tree
            .inside(window)
            .filter(|&at| has(&tree.items[at], FOCUSED));
        // An entry has the focus together with the text in it.
        let at = focused.last()?;
        Some(stop(&tree, at))
    }

    /// Waits until the keyboard is at something of this name.
    #[track_caller]
    pub fn focuses(&self, name: &str) -> Stop {
        let names = self.desktop().words(name);
        let mut last = None;
        let deadline = Instant::now() + PATIENCE;
        loop {
            last = self.focus().or(last);
            if let Some(stop) = &last
                && names.iter().any(|name| fits(&stop.name, name))
            {
                return stop.clone();
            }
            if Instant::now() > deadline {
                self.fail(&format!("the focus is at {last:?}, not at “{name}”"));
            }
            std::thread::sleep(BETWEEN_LOOKS);
        }
    }

    /// Presses a key, and tells where the keyboard is when it has gone there, or has stayed.
    pub fn focus_after(&self, keys: &str) -> Option<Stop> {
        let before = self.focus();
        self.desktop().screen().press(keys);
        let deadline = Instant::now() + STAYING;
        loop {
            let now = self.focus();
            if now.is_some() && now != before || Instant::now() > deadline {
                return now;
            }
            std::thread::sleep(BETWEEN_LOOKS);
        }
    }

    /// Presses a key until the keyboard is where it was at first, and tells all the stops from
    /// there. Fails where it is trapped: where it does not come back within `most` presses.
    #[track_caller]
    pub fn round(&self, keys: &str, most: usize) -> Vec<Stop> {
        let mut stops = vec![self.until("something that has the focus", || self.focus())];
        loop {
            let Some(next) = self.focus_after(keys) else {
                self.fail(&format!("the focus is lost after {:?}", names(&stops)));
            };
            if next == stops[0] {
                return stops;
            }
            stops.push(next);
            if stops.len() > most {
                let been = names(&stops);
                self.fail(&format!("{keys} does not come back: {been:#?}"));
            }
        }
    }

    /// What can be used in the windows now and is called nothing.
    pub fn unnamed(&self) -> Vec<String> {
        let tree = self.tree();
        let used =
            (0..tree.items.len()).filter(|&at| USED.iter().any(|kind| kind.takes(&tree.items[at])));
        used.filter(|&at| name_of(&tree, at).is_empty() && !is_a_part(&tree, at))
            .filter(|&at| Node::of(self, &tree, at).is_shown())
            .map(|at| described(&tree, at))
            .collect()
    }

    /// Names that several things of one window have which do something, with how many they are.
    pub fn ambiguous(&self) -> BTreeMap<String, usize> {
        let tree = self.tree();
        let mut counts = BTreeMap::new();
        for at in 0..tree.items.len() {
            let item = &tree.items[at];
            let acts = [
                Kind::Button,
                Kind::Switch,
                Kind::Choice,
                Kind::Text,
                Kind::Number,
            ];
            if acts.iter().any(|kind| kind.takes(item))
                && !is_a_part(&tree, at)
                && Node::of(self, &tree, at).is_shown()
            {
                *counts.entry(name_of(&tree, at)).or_default() += 1;
            }
        }
        counts.retain(|_, count| *count > 1);
        counts
    }

    /// All that a person reads in the windows: names, descriptions, texts.
    pub fn read_out(&self) -> Vec<String> {
        let tree = self.tree();
        let shown = (0..tree.items.len())
            .filter(|&at| tree.items[at].parent.is_none() || Node::of(self, &tree, at).is_shown());
        shown
            .flat_map(|at| {
                let item = &tree.items[at];
                [item.name.clone(), item.description.clone()]
            })
            .filter(|text| !text.is_empty())
            .collect()
    }
}

/// The names of stops.
pub fn names(stops: &[Stop]) -> Vec<&str> {
    stops.iter().map(|stop| stop.name.as_str()).collect()
}

/// Whether a name is this one, in which `…` stands for anything.
pub fn fits(name: &str, pattern: &str) -> bool {
    // An ellipsis belongs to many names.
    if name == pattern {
        return true;
    }
    let Some((start, others)) = pattern.split_once('…') else {
        return false;
    };
    let Some(mut rest) = name.strip_prefix(start) else {
        return false;
    };
    let mut parts: Vec<_> = others.split('…').collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(end)
}

fn stop(tree: &Tree, at: usize) -> Stop {
    let item = &tree.items[at];
    Stop {
        path: item.path.clone(),
        role: item.role,
        name: name_of(tree, at),
        window: tree.window_of(at).name.clone(),
    }
}

/// What something is called, as a screen reader finds out: by its name, by what is said of it, by
/// the texts inside.
fn name_of(tree: &Tree, at: usize) -> String {
    let item = &tree.items[at];
    let inside = tree.inside(at).map(|at| &tree.items[at]);
    let texts = inside.filter(|item| Kind::Label.takes(item));
    [&item.name, &item.description]
        .into_iter()
        .chain(texts.map(|item| &item.name))
        .find(|name| !name.is_empty())
        .cloned()
        .unwrap_or_default()
}

/// Whether something is the inside of another control, which has the name: the button in a button
/// with a menu, the text of an entry.
fn is_a_part(tree: &Tree, at: usize) -> bool {
    let Some(parent) = tree.items[at].parent else {
        return false;
    };
    let is_used = USED[..5].iter().any(|kind| kind.takes(&tree.items[parent]));
    is_used && !name_of(tree, parent).is_empty()
}

fn described(tree: &Tree, at: usize) -> String {
    let mut parents = vec![at];
    while let Some(parent) = tree.items[parents[0]].parent {
        parents.insert(0, parent);
    }
    let words = parents.iter().map(|&at| {
        let Item { role, name, .. } = &tree.items[at];
        format!("{role} “{name}”")
    });
    words.collect::<Vec<_>>().join(" › ")
}
