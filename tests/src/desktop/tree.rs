//! All that a program's windows tell a screen reader at one moment.

use std::collections::{HashMap, HashSet};
use std::fmt;

use super::link::{Link, ROOT, Reference};

const CACHE: &str = "/org/a11y/atspi/cache";

/// What the cache of a program tells of an object: itself, its program, its parent, its place
/// there, how many children, its interfaces, name, role, description, and states.
type Told = (
    Reference,
    Reference,
    Reference,
    i32,
    i32,
    Vec<String>,
    String,
    u32,
    String,
    Vec<u32>,
);

/// An object at that moment.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) path: String,
    pub(crate) role: u32,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) interfaces: Vec<String>,
    pub(crate) states: u64,
    /// The place of its parent in the tree, which is before its own.
    pub(crate) parent: Option<usize>,
    level: usize,
}

/// The objects, each after its parent and the older brothers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    pub(crate) items: Vec<Item>,
}

impl Tree {
    /// Reads it all. What goes while it is read is left out.
    pub(crate) fn read(link: &Link, program: &str) -> Result<Self, glib::Error> {
        let mut asked = HashSet::new();
        loop {
            let interface = "org.a11y.atspi.Cache";
            let (told,): (Vec<Told>,) = link.call(program, CACHE, interface, "GetItems", None)?;
            if !ask_further(link, program, &told, &mut asked) {
                return Ok(Self::of(told));
            }
        }
    }

    fn of(told: Vec<Told>) -> Self {
        let mut children: HashMap<String, Vec<Told>> = HashMap::new();
        for one in told {
            children.entry(one.2.1.to_string()).or_default().push(one);
        }
        for brothers in children.values_mut() {
            brothers.sort_by_key(|one| one.3);
        }
        let mut tree = Self::default();
        tree.take(&mut children, ROOT, None, 0);
        tree
    }

    fn take(
        &mut self,
        children: &mut HashMap<String, Vec<Told>>,
        path: &str,
        parent: Option<usize>,
        level: usize,
    ) {
        for one in children.remove(path).unwrap_or_default() {
            let path = one.0.1.to_string();
            if path == ROOT {
                continue;
            }
            let place = self.items.len();
            self.items.push(Item {
                path: path.clone(),
                role: one.7,
                name: one.6,
                description: one.8,
                interfaces: one.5,
                states: bits(&one.9),
                parent,
                level,
            });
            self.take(children, &path, Some(place), level + 1);
        }
    }

    /// The places of everything inside of `place`.
    pub(crate) fn inside(&self, place: usize) -> impl Iterator<Item = usize> {
        let level = self.items[place].level;
        (place + 1..self.items.len()).take_while(move |&other| self.items[other].level > level)
    }

    /// The window that it stands in.
    pub(crate) fn window_of(&self, mut place: usize) -> &Item {
        while let Some(parent) = self.items[place].parent {
            place = parent;
        }
        &self.items[place]
    }
}

/// Asks for what is not in the cache, since only what somebody asked for is there. Says whether
/// there was any of that.
fn ask_further(link: &Link, program: &str, told: &[Told], asked: &mut HashSet<String>) -> bool {
    let known: HashSet<&str> = told.iter().map(|one| one.0.1.as_str()).collect();
    let mut children: HashMap<&str, i32> = HashMap::new();
    for one in told {
        *children.entry(one.2.1.as_str()).or_default() += 1;
    }
    let lacks = |one: &&Told| {
        let path = one.0.1.as_str();
        children.get(path).copied().unwrap_or_default() != one.4
    };
    let mut open: Vec<String> = told
        .iter()
        .filter(lacks)
        .map(|one| one.0.1.to_string())
        .filter(|path| !asked.contains(path))
        .collect();
    let news = !open.is_empty();
    while let Some(path) = open.pop() {
        // It may be gone by now.
        let found = link.children(program, &path).unwrap_or_default();
        asked.insert(path);
        let found = found.into_iter().map(|(_, path)| path.to_string());
        open.extend(found.filter(|path| !known.contains(path.as_str()) && !asked.contains(path)));
    }
    news
}

/// States as AT-SPI tells them: 32 in each number, the first ones first.
pub(crate) fn bits(parts: &[u32]) -> u64 {
    let parts = parts.iter().rev();
    parts.fold(0, |all, &part| (all << 32) | u64::from(part))
}

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for item in &self.items {
            let Item { role, name, .. } = item;
            let indent = item.level * 2;
            write!(f, "{:indent$}{role} “{name}”", "")?;
            if !item.description.is_empty() {
                write!(f, " ({})", item.description)?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
