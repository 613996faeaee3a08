//! Words found in all conversations.

use std::ops::Range;
use std::rc::Rc;

use adw::prelude::*;
use adw::subclass::prelude::*;
use glib::{BoxedAnyObject, clone};
use gtk::{glib, pango};
use hallway_core::history::search::{Found, Query, Results};
use hallway_core::text::visible_str;
use hallway_words::gettext;

use super::listing::{label, two_lines};
use super::{FOUND, KeptWindow};
use crate::accessible;
use crate::kept::{Source, told};

/// Results that are held: more of them nobody looks through.
const MOST: u32 = 2_000;

/// Pixels above and below a result.
const MARGIN: i32 = 8;

/// Lines of the excerpt.
const EXCERPT: i32 = 2;

impl KeptWindow {
    pub(super) fn set_up_found(&self) {
        let imp = self.imp();
        let selection = gtk::SingleSelection::new(Some(imp.results.clone()));
        selection.set_autoselect(false);
        selection.set_can_unselect(true);
        let factory = gtk::SignalListItemFactory::new();
        factory.connect_bind(clone!(
            #[weak(rename_to = window)]
            self,
            move |_, item| {
                let item = item.downcast_ref::<gtk::ListItem>();
                let found = item.and_then(gtk::ListItem::item);
                let found = found.as_ref().and_then(found_of);
                if let (Some(item), Some(found), Some(source)) = (item, found, window.source()) {
                    window.fill_result(item, &found, &source);
                }
            }
        ));
        imp.found.set_factory(Some(&factory));
        imp.found.set_model(Some(&selection));
    }

    fn fill_result(&self, item: &gtk::ListItem, found: &Found, source: &Source) {
        let speaker = told::speaker(source, &found.line);
        let row = two_lines(&speaker, &told::when(found.line.at));
        row.set_margin_top(MARGIN);
        row.set_margin_bottom(MARGIN);
        let (text, mark) = excerpt(found);
        let words = label(&text, &[]);
        words.set_wrap(true);
        words.set_wrap_mode(pango::WrapMode::WordChar);
        words.set_lines(EXCERPT);
        if let Some(mark) = mark {
            words.set_attributes(Some(&emphasis(&mark)));
        }
        row.append(&words);
        let place = self
            .conversation(found.conversation)
            .map(|one| one.title.name.clone());
        if let Some(place) = &place {
            row.append(&label(place, &["caption", "dim-label"]));
        }
        item.set_child(Some(&row));
        accessible::set_label_of_row(&row, &told::spoken(&speaker, &found.line, &text));
    }

    /// Looks for what is in the entry.
    pub(super) fn find(&self) {
        let imp = self.imp();
        self.stop_finding();
        imp.is_hurried.set(false);
        let typed = imp.search.text();
        if typed.is_empty() {
            imp.results.remove_all();
            return self.show_list();
        }
        match Query::parse(&typed) {
            Some(query) => self.ask_for(query, None),
            None => self.show_results(Results {
                found: Vec::new(),
                more: false,
            }),
        }
    }

    /// Looks on where the list ends.
    pub(super) fn find_older(&self) {
        let imp = self.imp();
        let last = imp.results.n_items().checked_sub(1);
        let last = last.and_then(|last| found_of(&imp.results.item(last)?));
        if let (Some(last), Some(query)) = (last, Query::parse(&imp.search.text()))
            && imp.has_older.get()
            && imp.finding.borrow().is_none()
            && imp.results.n_items() < MOST
        {
            self.ask_for(query, Some(last.line.id));
        }
    }

    fn ask_for(&self, query: Query, before: Option<u64>) {
        let Some(source) = self.source() else { return };
        let answer = source.history.find(query, before);
        let finding = glib::spawn_future_local(clone!(
            #[weak(rename_to = window)]
            self,
            async move {
                let answer = answer.await;
                window.imp().finding.take();
                match answer {
                    Ok(results) if before.is_none() => window.show_results(results),
                    Ok(results) => window.add_results(results),
                    Err(error) => window.complain(&error),
                }
            }
        ));
        self.imp().finding.replace(Some(finding));
    }

    fn stop_finding(&self) {
        if let Some(finding) = self.imp().finding.take() {
            finding.abort();
        }
    }

    fn show_results(&self, results: Results) {
        let imp = self.imp();
        imp.results.remove_all();
        self.add_results(results);
        if imp.results.n_items() == 0 {
            self.show_message(
                "edit-find-symbolic",
                &gettext("Nothing Found"),
                &gettext("Try fewer words, or only how one begins."),
            );
            accessible::announce(self, &gettext("Nothing Found"));
        } else {
            imp.lists.set_visible_child_name(FOUND);
            if imp.is_hurried.take() {
                self.go_to_found(0);
            }
        }
    }

    fn add_results(&self, results: Results) {
        let imp = self.imp();
        imp.has_older.set(results.more);
        let found = results.found.into_iter();
        let found: Vec<_> = found
            .map(|found| BoxedAnyObject::new(Rc::new(found)))
            .collect();
        imp.results.splice(imp.results.n_items(), 0, &found);
    }

    /// Goes to the newest line that has what was typed.
    pub(super) fn go_to_first(&self) {
        let imp = self.imp();
        // What was typed a moment ago is looked for a moment later.
        self.find();
        imp.is_hurried.set(!imp.search.text().is_empty());
    }

    /// Shows a line that was found, where it was said.
    pub(super) fn go_to_found(&self, position: u32) {
        let found = self.imp().results.item(position);
        let Some(found) = found.as_ref().and_then(found_of) else {
            return;
        };
        if let Some(conversation) = self.conversation(found.conversation) {
            if let Some(model) = self.imp().found.model() {
                model.select_item(position, true);
            }
            self.show_conversation(&conversation, Some(found.line.id));
            self.read_on();
        } else {
            // It began after the list was made.
            self.list_conversations(false);
            self.toast(&gettext(
                "The list of conversations was out of date. Choose again.",
            ));
        }
    }
}

fn found_of(object: &glib::Object) -> Option<Rc<Found>> {
    let boxed = object.downcast_ref::<BoxedAnyObject>()?;
    let held = boxed.try_borrow::<Rc<Found>>().ok()?;
    Some(Rc::clone(&held))
}

/// The excerpt as it is shown, and where what was looked for is in it, in bytes.
fn excerpt(found: &Found) -> (String, Option<Range<usize>>) {
    let text = &found.line.text;
    let shown = |part: &str| {
        let line = part.replace('\n', " ");
        visible_str(&line).into_owned()
    };
    let mut all = String::new();
    if found.is_cut.0 {
        all.push('…');
    }
    let mark = found.mark.clone().and_then(|mark| {
        let (before, rest) = text.split_at_checked(mark.start)?;
        let (marked, after) = rest.split_at_checked(mark.len())?;
        Some((before, marked, after))
    });
    let place = if let Some((before, marked, after)) = mark {
        all.push_str(&shown(before));
        let start = all.len();
        all.push_str(&shown(marked));
        let end = all.len();
        all.push_str(&shown(after));
        Some(start..end)
    } else {
        all.push_str(&shown(text));
        None
    };
    if found.is_cut.1 {
        all.push('…');
    }
    (all, place)
}

/// Bold, and underlined as bold Chinese is hard to tell. Attributes and no markup: what somebody
/// wrote means nothing here.
fn emphasis(mark: &Range<usize>) -> pango::AttrList {
    let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let attributes = pango::AttrList::new();
    let mut bold = pango::AttrInt::new_weight(pango::Weight::Bold);
    bold.set_start_index(place(mark.start));
    bold.set_end_index(place(mark.end));
    attributes.insert(bold);
    let mut line = pango::AttrInt::new_underline(pango::Underline::Single);
    line.set_start_index(place(mark.start));
    line.set_end_index(place(mark.end));
    attributes.insert(line);
    attributes
}

#[cfg(test)]
mod tests {
    use super::*;
    use hallway_core::history::client::State;
    use hallway_core::history::kept::KeptLine;
    use hallway_core::wire::event::Kind;
    use hallway_core::wire::{At, Person};

    fn found(text: &str, mark: Option<Range<usize>>, is_cut: (bool, bool)) -> Found {
        Found {
            conversation: 1,
            line: KeptLine {
                id: 1,
                seq: None,
                from: Person {
                    id: None,
                    name: "Ana".parse().expect("a label"),
                },
                kind: Kind::Text,
                text: text.into(),
                at: At::ZERO,
                is_outgoing: false,
                state: State::Received,
                is_lost: false,
            },
            is_cut,
            mark,
        }
    }

    #[test]
    fn the_mark_is_where_the_words_are_shown() {
        let shown = |found: &Found| {
            let (text, mark) = excerpt(found);
            let marked = mark.map(|mark| text[mark].to_owned());
            (text, marked)
        };
        assert_eq!(
            shown(&found("三楼的打印机", Some(9..15), (true, false))),
            ("…三楼的打印机".to_owned(), Some("打印".to_owned()))
        );
        // What must be made visible before it takes more bytes then.
        assert_eq!(
            shown(&found("\u{1b}<b>\nword", Some(5..9), (false, true))),
            ("␛<b> word…".to_owned(), Some("word".to_owned()))
        );
        assert_eq!(
            shown(&found("a", None, (false, false))),
            ("a".to_owned(), None)
        );
        // A mark that does not fit is none.
        assert_eq!(shown(&found("é", Some(1..2), (false, false))).1, None);
    }
}
