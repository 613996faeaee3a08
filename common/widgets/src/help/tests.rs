//! The pages as they are packed: the same ones in every language, and all of them whole.

use super::document::Block;
use super::library::{self, ENGLISH, PAGES};

fn register() {
    gio::resources_register_include!("help.gresource").expect("the pages are packed whole");
}

/// Every page of every language, with what to call it in a failure.
fn every_page() -> Vec<(String, Vec<Block>)> {
    register();
    let languages = library::languages();
    assert!(languages.len() >= 3, "{languages:?}");
    let pages = languages.iter().flat_map(|language| {
        PAGES.map(|name| {
            (
                format!("{language}/{name}"),
                library::read(language, name).blocks,
            )
        })
    });
    pages.collect()
}

/// Calls `f` with all blocks, those inside of lists too.
fn walk(blocks: &[Block], f: &mut impl FnMut(&Block)) {
    for block in blocks {
        f(block);
        if let Block::Items(_, items) = block {
            for item in items {
                walk(item, f);
            }
        }
    }
}

/// What must be the same in every language: kinds and their order, depths, counts, and code but for
/// its comments.
fn shape(blocks: &[Block]) -> Vec<String> {
    let mut shape = Vec::new();
    walk(blocks, &mut |block| {
        shape.push(match block {
            Block::Heading { level, .. } => format!("heading {level}"),
            Block::Paragraph(markup) => format!("paragraph {:?}", links(markup)),
            Block::Items(first, items) => format!("{} items from {first:?}", items.len()),
            Block::Code { text, .. } => without_comments(text),
        });
    });
    shape
}

fn without_comments(code: &str) -> String {
    let lines = code.lines().map(|line| match line.split_once("  # ") {
        Some((code, _)) => code,
        None => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Where the links in a paragraph lead, whatever their order in a sentence.
fn links(markup: &str) -> Vec<&str> {
    let ends = markup.split("href=\"").skip(1);
    let mut links: Vec<_> = ends.filter_map(|end| end.split('"').next()).collect();
    links.sort_unstable();
    links
}

#[test]
fn every_language_has_the_same_pages() {
    register();
    for language in library::languages() {
        for name in PAGES {
            let english = library::read(ENGLISH, name);
            let page = library::read(&language, name);
            assert!(english.blocks.len() > 3, "{name} is missing");
            assert_eq!(
                shape(&english.blocks),
                shape(&page.blocks),
                "{language}/{name} is not built like the English page"
            );
            assert!(
                language == ENGLISH || page.title != english.title || name == "firewall",
                "{language}/{name} is not translated"
            );
        }
    }
}

#[test]
fn no_page_is_missing_in_the_list() {
    register();
    for language in library::languages() {
        let folder = format!("{}/help/{language}", crate::RESOURCES);
        let flags = gio::ResourceLookupFlags::NONE;
        let mut packed: Vec<_> = gio::resources_enumerate_children(&folder, flags)
            .expect("the folder was listed")
            .iter()
            .map(|file| file.trim_end_matches(".md").to_owned())
            .collect();
        packed.sort_unstable();
        let mut listed = PAGES;
        listed.sort_unstable();
        assert_eq!(packed, listed, "{language}");
    }
}

#[test]
fn every_file_of_the_folder_is_packed() {
    register();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/help");
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .expect("the pages are in the tree")
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.is_dir())
        .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
        .collect();
    found.sort_unstable();
    let mut packed = library::languages();
    packed.sort_unstable();
    assert_eq!(found, packed);
}

#[test]
fn links_lead_somewhere() {
    for (page, blocks) in every_page() {
        walk(&blocks, &mut |block| {
            let Block::Paragraph(markup) = block else {
                return;
            };
            for link in links(markup) {
                assert!(
                    library::page_of_link(link).is_some() || link.starts_with("https://"),
                    "{page} leads to {link}"
                );
            }
        });
    }
}

/// What Markdown does not take for a mark stays in the text: around words without spaces, as in
/// Chinese, that happens easily.
#[test]
fn no_marks_are_left_in_the_words() {
    for (page, blocks) in every_page() {
        walk(&blocks, &mut |block| {
            let (Block::Paragraph(markup) | Block::Heading { markup, .. }) = block else {
                return;
            };
            let outside = markup.split("<tt>").map(|part| part.split("</tt>").last());
            for words in outside.flatten() {
                for mark in ["*", "`", "](", "#"] {
                    assert!(!words.contains(mark), "{page}: {markup}");
                }
            }
        });
    }
}

#[test]
fn all_markup_can_be_read() {
    for (page, blocks) in every_page() {
        walk(&blocks, &mut |block| {
            let (Block::Paragraph(markup) | Block::Heading { markup, .. }) = block else {
                return;
            };
            // Links are GtkLabel's affair; Pango does not know them.
            let mut plain = markup.replace("</a>", "");
            while let Some((before, rest)) = plain.split_once("<a ") {
                let (_, after) = rest.split_once('>').expect("a link ends");
                plain = format!("{before}{after}");
            }
            if let Err(error) = gtk::pango::parse_markup(&plain, '\0') {
                panic!("{page}: {markup}: {error}");
            }
        });
    }
}
