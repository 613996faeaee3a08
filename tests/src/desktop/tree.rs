//! All that a program's windows tell a screen reader at one moment.

use std::collections::HashMap;
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
        let mut children = HashMap::new();
        let mut level = vec![ROOT.to_owned()];
        // A program's cache has what somebody asked for once, and has it still when it has moved:
        // who belongs where is asked of each.
        while !level.is_empty() {
            let answers = link.children_of_all(program, &level);
            let paths = |answer: Vec<Reference>| -> Vec<String> {
                let paths = answer.into_iter().map(|(_, path)| path.to_string());
                paths.collect()
            };
            let below: Vec<_> = answers.into_iter().map(paths).collect();
            let next = below.concat();
            children.extend(level.into_iter().zip(below));
            level = next;
            level.retain(|path| !children.contains_key(path));
        }
        let interface = "org.a11y.atspi.Cache";
        let (told,): (Vec<Told>,) = link.call(program, CACHE, interface, "GetItems", None)?;
        let mut told = told
            .into_iter()
            .map(|one| (one.0.1.to_string(), one))
            .collect();
        let mut tree = Self::default();
        tree.take(&children, &mut told, ROOT, None, 0);
        Ok(tree)
    }

    fn take(
        &mut self,
        children: &HashMap<String, Vec<String>>,
        told: &mut HashMap<String, Told>,
        path: &str,
        parent: Option<usize>,
        level: usize,
    ) {
        for path in children.get(path).into_iter().flatten() {
            let Some(one) = told.remove(path) else {
                continue;
            };
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
            self.take(children, told, path, Some(place), level + 1);
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
