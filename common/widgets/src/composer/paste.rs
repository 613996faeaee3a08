//! Texts that come all at once.
//!
//! Whatever the way (a key, the menu, the middle button, dropped from elsewhere), many lines are
//! asked about, because each may become a message of its own, and too much is refused.

use adw::{prelude::*, subclass::prelude::*};
use glib::clone;
use hallway_words::{gettext, gettext_f, ngettext_f};

use super::imp::Composer;
use crate::dialogs::{self, Choice};

/// Lines that are inserted without a question.
const LINES_UNASKED: usize = 20;

/// Bytes that the field takes in all. Beyond this it is a file: no line on the wire is longer by
/// default than a quarter of it, and a text view stops answering for seconds over a paragraph of
/// 1 MiB (for half a second over this).
const BYTES_HIGHEST: usize = 256 * 1024;

/// Bytes read from the clipboard at a time.
const CHUNK: usize = 64 * 1024;

/// What a clipboard calls plain text.
const PLAIN_TEXT: [&str; 2] = ["text/plain;charset=utf-8", "text/plain"];

/// What to do with a text that comes all at once.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Insert,
    Ask { lines: usize },
    Refuse,
}

impl Composer {
    pub(super) fn watch_pastes(&self) {
        let composer = self.obj();
        self.view.connect_paste_clipboard(clone!(
            #[weak]
            composer,
            move |view| {
                view.stop_signal_emission_by_name("paste-clipboard");
                glib::spawn_future_local(async move { composer.imp().paste().await });
            }
        ));
        let buffer = self.view.buffer();
        buffer.connect_insert_text(clone!(
            #[weak]
            composer,
            move |buffer, _, text| {
                let imp = composer.imp();
                if imp.lets_all_in.get() || imp.judge(text) == Verdict::Insert {
                    return;
                }
                buffer.stop_signal_emission_by_name("insert-text");
                let text = text.to_owned();
                glib::spawn_future_local(clone!(
                    #[weak]
                    composer,
                    async move { composer.imp().insert_unless_refused(text).await }
                ));
            }
        ));
        // What undo and redo bring back was here before, however much it is.
        for signal in ["undo", "redo"] {
            for is_over in [false, true] {
                buffer.connect_local(
                    signal,
                    is_over,
                    clone!(
                        #[weak]
                        composer,
                        #[upgrade_or]
                        None,
                        move |_| {
                            composer.imp().lets_all_in.set(!is_over);
                            None
                        }
                    ),
                );
            }
        }
    }

    /// Pastes the clipboard, read no further than it can be taken.
    async fn paste(&self) {
        let clipboard = self.view.clipboard();
        match read_text(&clipboard).await {
            Ok(text) => self.insert_unless_refused(text).await,
            // There is no text in the clipboard, or its owner does not hand it over.
            Err(error) => {
                tracing::debug!(%error, "nothing to paste");
                self.view.error_bell();
            }
        }
    }

    async fn insert_unless_refused(&self, text: String) {
        match self.judge(&text) {
            Verdict::Insert => self.insert(&text),
            Verdict::Ask { lines } => {
                if self.may_insert(lines).await {
                    self.insert(&text);
                }
            }
            Verdict::Refuse => self.tell_too_long().await,
        }
    }

    fn judge(&self, text: &str) -> Verdict {
        // Characters stand for bytes here: near enough for a limit, and known without counting.
        let held = usize::try_from(self.view.buffer().char_count()).unwrap_or(0);
        judge(text, held)
    }

    async fn may_insert(&self, lines: usize) -> bool {
        const CANCEL: &str = "cancel";
        const INSERT: &str = "insert";
        let Some(window) = self.window() else {
            return false;
        };
        let heading = ngettext_f(
            "Insert {n} Line?",
            "Insert {n} Lines?",
            u64::try_from(lines).unwrap_or(u64::MAX),
            &[],
        );
        let choices = [
            Choice {
                id: CANCEL,
                label: &gettext("_Cancel"),
                appearance: adw::ResponseAppearance::Default,
            },
            Choice {
                id: INSERT,
                label: &gettext("_Insert"),
                appearance: adw::ResponseAppearance::Suggested,
            },
        ];
        let body = gettext("When you send them, each line becomes a message of its own.");
        dialogs::ask(&window, &heading, &body, &choices, INSERT).await == INSERT
    }

    async fn tell_too_long(&self) {
        let Some(window) = self.window() else {
            return;
        };
        let body = gettext_f(
            "A message can be {size} long at most. Longer texts are better sent as a file, by another program.",
            &[(
                "size",
                &glib::format_size_full(BYTES_HIGHEST as u64, glib::FormatSizeFlags::IEC_UNITS),
            )],
        );
        dialogs::tell(&window, &gettext("The Text Is Too Long"), &body).await;
    }

    fn window(&self) -> Option<gtk::Window> {
        WidgetExt::root(&*self.obj()).and_downcast()
    }
}

/// What to do with `text` in a field that holds `held` already.
fn judge(text: &str, held: usize) -> Verdict {
    if text.len().saturating_add(held) > BYTES_HIGHEST {
        return Verdict::Refuse;
    }
    match text.trim_end().lines().count() {
        lines if lines > LINES_UNASKED => Verdict::Ask { lines },
        _ => Verdict::Insert,
    }
}

/// The text in the clipboard; a little more than can be taken where it is longer. Its line ends are
/// ours.
async fn read_text(clipboard: &gtk::gdk::Clipboard) -> Result<String, glib::Error> {
    let (stream, _) = clipboard
        .read_future(&PLAIN_TEXT, glib::Priority::DEFAULT)
        .await?;
    let mut text = Vec::new();
    while text.len() <= BYTES_HIGHEST {
        let bytes = stream
            .read_bytes_future(CHUNK, glib::Priority::DEFAULT)
            .await?;
        if bytes.is_empty() {
            break;
        }
        text.extend_from_slice(&bytes);
    }
    Ok(String::from_utf8_lossy(&text).replace("\r\n", "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_lines_come_in_unasked() {
        assert_eq!(judge(&"line\n".repeat(20), 0), Verdict::Insert);
        assert_eq!(judge(&"line\r\n".repeat(21), 0), Verdict::Ask { lines: 21 });
        assert_eq!(judge(&"\n".repeat(100), 0), Verdict::Insert);
    }

    #[test]
    fn too_much_is_refused_whatever_is_there_already() {
        let text = "x".repeat(BYTES_HIGHEST);
        assert_eq!(judge(&text, 0), Verdict::Insert);
        assert_eq!(judge(&text, 1), Verdict::Refuse);
        assert_eq!(judge(&format!("{text}x"), 0), Verdict::Refuse);
    }
}
