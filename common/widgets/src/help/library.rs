//! Which pages there are, and in which language.

use gio::ResourceLookupFlags;

use super::document::{self, Block};
use crate::RESOURCES;

/// The pages, as they stand in the list: names of files without `.md`.
pub(super) const PAGES: [&str; 7] = [
    "first-conversation",
    "joining",
    "service",
    "firewall",
    "troubleshooting",
    "notifications",
    "keyboard",
];

/// The language that every page was written in first.
pub(super) const ENGLISH: &str = "en";

/// A page, read.
pub(super) struct Page {
    pub(super) title: String,
    pub(super) blocks: Vec<Block>,
}

/// The page of this name in this language; empty where there is none.
pub(super) fn read(language: &str, name: &str) -> Page {
    let path = format!("{}/{language}/{name}.md", folder());
    let data = gio::resources_lookup_data(&path, ResourceLookupFlags::NONE);
    let text = data.map(|data| String::from_utf8_lossy(&data).into_owned());
    let blocks = document::parse(&text.unwrap_or_default());
    let title = blocks.iter().find_map(|block| match block {
        Block::Heading { plain, .. } => Some(plain.clone()),
        _ => None,
    });
    Page {
        title: title.unwrap_or_else(|| name.to_owned()),
        blocks,
    }
}

/// The number of the page that a link such as `firewall.md` leads to.
pub(super) fn page_of_link(link: &str) -> Option<usize> {
    let name = link.strip_suffix(".md")?;
    PAGES.iter().position(|page| *page == name)
}

/// The person's language, as far as there is help in it.
pub(super) fn language() -> String {
    choose(&glib::language_names(), &languages())
}

/// The languages that there is help in.
pub(super) fn languages() -> Vec<String> {
    let children = gio::resources_enumerate_children(&folder(), ResourceLookupFlags::NONE);
    let children = children.unwrap_or_default().into_iter();
    children
        .map(|child| child.trim_end_matches('/').to_owned())
        .collect()
}

/// The first of the wanted languages that is there. `C` is what stands at the end of every list.
fn choose(wanted: &[glib::GString], there: &[String]) -> String {
    let found = wanted.iter().find(|name| there.iter().any(|t| t == *name));
    found.map_or(ENGLISH, |name| name.as_str()).to_owned()
}

fn folder() -> String {
    format!("{RESOURCES}/help")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn chosen(wanted: &[&str]) -> String {
        let wanted: Vec<glib::GString> = wanted.iter().map(|&name| name.into()).collect();
        choose(&wanted, &["de", "en", "zh_CN"].map(str::to_owned))
    }

    #[test]
    fn the_first_language_that_there_is() {
        assert_eq!(
            chosen(&["de_AT.UTF-8", "de_AT", "de.UTF-8", "de", "C"]),
            "de"
        );
        assert_eq!(chosen(&["zh_CN.UTF-8", "zh_CN", "zh", "C"]), "zh_CN");
        assert_eq!(chosen(&["fr", "de", "C"]), "de");
        // Simplified and traditional are not the same to read.
        assert_eq!(chosen(&["zh_TW", "zh", "C"]), ENGLISH);
        assert_eq!(chosen(&["C"]), ENGLISH);
        assert_eq!(chosen(&[]), ENGLISH);
    }

    #[test]
    fn links_between_pages() {
        assert_eq!(page_of_link("joining.md"), Some(1));
        assert_eq!(page_of_link("joining"), None);
        assert_eq!(page_of_link("https://example.org/joining.md"), None);
    }
}
