//! Markdown as blocks with Pango markup in them: what a page of the help is made of.

use glib::markup_escape_text as escape;
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag};

/// A part of a page, from the top to the bottom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Block {
    Heading {
        /// 1 is the title of the page.
        level: u8,
        plain: String,
        markup: String,
    },
    /// Pango markup.
    Paragraph(String),
    /// The number of the first one, where they are numbered.
    Items(Option<u64>, Vec<Vec<Block>>),
    /// Lines of a program or a terminal, without the last one's end.
    Code {
        text: String,
        /// What of it one wants to have elsewhere: of a terminal, the commands.
        wanted: String,
    },
}

/// What a block of code is called that shows a terminal, and what its commands begin with.
const TERMINAL: &str = "console";
const PROMPT: &str = "$ ";

/// Reads a page. Of what is no heading, paragraph, list or code, the words are kept.
pub(super) fn parse(markdown: &str) -> Vec<Block> {
    Reader(Parser::new(markdown)).blocks()
}

/// Each method reads up to the end of what it began in.
struct Reader<'a>(Parser<'a>);

/// Text that is being read.
#[derive(Default)]
struct Text {
    plain: String,
    markup: String,
}

impl Text {
    fn push(&mut self, text: &str) {
        self.plain.push_str(text);
        self.markup.push_str(&escape(text));
    }
}

impl Reader<'_> {
    fn blocks(&mut self) -> Vec<Block> {
        let mut blocks = Vec::new();
        // An item of a list without empty lines has its words bare.
        let mut bare = Text::default();
        while let Some(event) = self.0.next() {
            let block = match event {
                Event::End(_) => break,
                Event::Start(Tag::Heading { level, .. }) => {
                    let Text { plain, markup } = self.text();
                    Block::Heading {
                        level: level as u8,
                        plain,
                        markup,
                    }
                }
                Event::Start(Tag::Paragraph) => Block::Paragraph(self.text().markup),
                Event::Start(Tag::List(first)) => Block::Items(first, self.items()),
                Event::Start(Tag::CodeBlock(kind)) => self.code(&kind),
                other => {
                    self.add(other, &mut bare);
                    continue;
                }
            };
            end(&mut bare, &mut blocks);
            blocks.push(block);
        }
        end(&mut bare, &mut blocks);
        blocks
    }

    fn items(&mut self) -> Vec<Vec<Block>> {
        let mut items = Vec::new();
        while let Some(Event::Start(_)) = self.0.next() {
            items.push(self.blocks());
        }
        items
    }

    fn code(&mut self, kind: &CodeBlockKind<'_>) -> Block {
        let mut text = self.text().plain;
        text.truncate(text.trim_end_matches('\n').len());
        let wanted = match kind {
            CodeBlockKind::Fenced(language) if &**language == TERMINAL => commands(&text),
            _ => text.clone(),
        };
        Block::Code { text, wanted }
    }

    fn text(&mut self) -> Text {
        let mut text = Text::default();
        while let Some(event) = self.0.next() {
            if matches!(event, Event::End(_)) {
                break;
            }
            self.add(event, &mut text);
        }
        text
    }

    fn add(&mut self, event: Event<'_>, text: &mut Text) {
        match event {
            Event::Text(words) => text.push(&words),
            Event::Code(words) => {
                text.plain.push_str(&words);
                text.markup
                    .push_str(&["<tt>", &*escape(&words), "</tt>"].concat());
            }
            Event::SoftBreak => text.push(" "),
            Event::HardBreak => text.push("\n"),
            Event::Start(tag) => {
                let inner = self.text();
                let (before, after) = marks(&tag);
                text.plain.push_str(&inner.plain);
                text.markup
                    .push_str(&[&before, &*inner.markup, after].concat());
            }
            _ => {}
        }
    }
}

/// What stands around marked words in markup.
fn marks(tag: &Tag<'_>) -> (String, &'static str) {
    match tag {
        Tag::Strong => ("<b>".to_owned(), "</b>"),
        Tag::Emphasis => ("<i>".to_owned(), "</i>"),
        Tag::Link { dest_url, .. } => (format!("<a href=\"{}\">", escape(dest_url)), "</a>"),
        _ => (String::new(), ""),
    }
}

/// What a person types in a terminal, of all that stands there.
fn commands(terminal: &str) -> String {
    let typed = terminal
        .lines()
        .filter_map(|line| line.strip_prefix(PROMPT));
    typed.collect::<Vec<_>>().join("\n")
}

fn end(bare: &mut Text, blocks: &mut Vec<Block>) {
    let Text { markup, .. } = std::mem::take(bare);
    if !markup.is_empty() {
        blocks.push(Block::Paragraph(markup));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paragraph(markup: &str) -> Block {
        Block::Paragraph(markup.to_owned())
    }

    #[test]
    fn headings_and_paragraphs() {
        let blocks = parse("# A & *b*\n\nOne\ntwo `x < y` **bold** [there](a.md?b&c).\n");
        assert_eq!(
            blocks,
            [
                Block::Heading {
                    level: 1,
                    plain: "A & b".to_owned(),
                    markup: "A &amp; <i>b</i>".to_owned(),
                },
                paragraph(
                    "One two <tt>x &lt; y</tt> <b>bold</b> <a href=\"a.md?b&amp;c\">there</a>."
                ),
            ]
        );
    }

    #[test]
    fn lists_with_and_without_paragraphs() {
        let blocks =
            parse("- one\n- two\n  - inner\n\n3. third\n\n   more\n\n   ```\n   a\n   ```\n");
        let inner = Block::Items(None, vec![vec![paragraph("inner")]]);
        let items = vec![vec![paragraph("one")], vec![paragraph("two"), inner]];
        let code = Block::Code {
            text: "a".to_owned(),
            wanted: "a".to_owned(),
        };
        let third = vec![paragraph("third"), paragraph("more"), code];
        assert_eq!(
            blocks,
            [
                Block::Items(None, items),
                Block::Items(Some(3), vec![third])
            ]
        );
    }

    #[test]
    fn code_is_kept_to_the_letter() {
        let blocks = parse("```python\nif a < b:\n\n    print(\"*no*\")\n```\n");
        let code = "if a < b:\n\n    print(\"*no*\")";
        let text = code.to_owned();
        let wanted = text.clone();
        assert_eq!(blocks, [Block::Code { text, wanted }]);
    }

    #[test]
    fn of_a_terminal_the_commands_are_wanted() {
        let blocks = parse("```console\n$ nc lab 4255\n* You are now Nell.\n$ exit\n```\n");
        let text = "$ nc lab 4255\n* You are now Nell.\n$ exit".to_owned();
        let wanted = "nc lab 4255\nexit".to_owned();
        assert_eq!(blocks, [Block::Code { text, wanted }]);
    }

    #[test]
    fn what_is_not_known_keeps_its_words() {
        assert_eq!(parse("> said\n"), [paragraph("said")]);
        assert_eq!(parse(""), []);
    }
}
