//! A conversation as a text file.

use std::fmt::Write;

use adw::prelude::*;
use hallway_core::text::direction::without_isolates;
use hallway_words::{gettext, gettext_f};

use super::content::Content;
use super::history::Line;
use super::view::View;
use crate::{dialogs, time};

/// Stands for the speaker of an event, as in the transcripts of the programs without windows.
const EVENT: &str = "*";

/// Lines that are put into words before the window gets its turn.
const AT_ONCE: usize = 5_000;

impl View {
    /// The lines that are held, as text: time, speaker and words, a line each.
    pub async fn to_text(&self) -> String {
        let mut text = String::new();
        let ours = gettext("You");
        let mut after = None;
        loop {
            let ids = self.ids_after(after, AT_ONCE);
            let Some(last) = ids.last() else { return text };
            after = Some(*last);
            for id in ids {
                self.history()
                    .with_line(id, |line| push_line(&mut text, line, &ours));
            }
            glib::timeout_future(std::time::Duration::ZERO).await;
        }
    }
}

fn push_line(text: &mut String, line: &Line, ours: &str) {
    let speaker = match &line.content {
        Content::Theirs { speaker, .. } => &speaker.label,
        Content::Ours { .. } => ours,
        Content::Event { .. } => EVENT,
    };
    text.push_str(&time::stamp(line.at));
    let (before, after) = match &line.content {
        Content::Event { .. } => ("  ", " "),
        _ => ("  ", ": "),
    };
    for part in [before, speaker] {
        text.push_str(part);
    }
    if let Content::Ours { to: Some(to), .. } = &line.content {
        // Writing to a string does not fail.
        let _ = write!(text, " → {to}");
    }
    text.push_str(after);
    for (count, words) in line.content.text().split('\n').enumerate() {
        if count > 0 {
            // Indented, so that no line of somebody's passes for another one's.
            text.push_str("    ");
        }
        text.push_str(words);
        text.push('\n');
    }
}

/// Writes what a view holds to a file, in place of what it held.
///
/// # Errors
/// The file cannot be written, in the system's words.
pub async fn write(view: &View, file: &gio::File) -> Result<(), glib::Error> {
    let text = view.to_text().await;
    let written = file.replace_contents_future(
        text.into_bytes(),
        None,
        false,
        gio::FileCreateFlags::REPLACE_DESTINATION,
    );
    written.await.map(drop).map_err(|(_, error)| error)
}

/// Asks for a file and writes what a view holds there. What goes wrong is said in a dialog.
pub async fn export(parent: &impl IsA<gtk::Window>, view: &View, suggested_name: &str) {
    let parent = parent.upcast_ref::<gtk::Window>();
    let chooser = gtk::FileChooserNative::builder()
        .title(gettext("Export Conversation"))
        .action(gtk::FileChooserAction::Save)
        .transient_for(parent)
        .modal(true)
        .build();
    chooser.set_current_name(&without_isolates(suggested_name));
    let response = chooser.run_future().await;
    let file = chooser
        .file()
        .filter(|_| response == gtk::ResponseType::Accept);
    chooser.destroy();
    let Some(file) = file else { return };
    if let Err(error) = write(view, &file).await {
        let body = gettext_f(
            "The file could not be written: {why}. Choose another place and try again.",
            &[("why", error.message())],
        );
        dialogs::tell(parent, &gettext("Export Failed"), &body).await;
    }
}
