//! Exporting and deleting the conversation that is shown.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use adw::prelude::*;
use adw::subclass::prelude::*;
use glib::clone;
use gtk::glib;
use hallway_core::history::Error;
use hallway_core::history::export::Format;
use hallway_core::text::direction::without_isolates;
use hallway_words::{gettext, gettext_f, history_error};

use super::KeptWindow;
use super::imp::{DELETE, EXPORT_JSON, EXPORT_TEXT};
use crate::dialogs::{self, Choice, Progress};
use crate::kept::saving::Saving;
use crate::kept::source::Conversation;

/// Between two looks at how far an export is.
const LOOK: Duration = Duration::from_millis(100);

/// What no name of a file should have: some file systems take none of it.
const NOT_IN_NAMES: [char; 9] = ['/', '\\', ':', '*', '?', '"', '<', '>', '|'];

impl KeptWindow {
    pub(super) fn enable_doing(&self, is_possible: bool) {
        for action in [EXPORT_TEXT, EXPORT_JSON, DELETE] {
            self.action_set_enabled(action, is_possible);
        }
    }

    pub(super) fn export_text(&self) {
        self.export(Format::Text(glib::TimeZone::local()), "txt");
    }

    pub(super) fn export_json(&self) {
        self.export(Format::Json, "json");
    }

    fn export(&self, format: Format, ending: &'static str) {
        let shown = self.imp().shown.borrow().clone();
        let Some(conversation) = shown else { return };
        glib::spawn_future_local(clone!(
            #[weak(rename_to = window)]
            self,
            async move {
                if let Some(path) = window.ask_where(&conversation, ending).await {
                    window.save(&conversation, format, path).await;
                }
            }
        ));
    }

    async fn ask_where(&self, conversation: &Conversation, ending: &str) -> Option<PathBuf> {
        let chooser = gtk::FileChooserNative::builder()
            .title(gettext("Export Conversation"))
            .action(gtk::FileChooserAction::Save)
            .transient_for(self)
            .modal(true)
            .build();
        chooser.set_current_name(&file_name(&conversation.title.name, ending));
        let response = chooser.run_future().await;
        let file = chooser
            .file()
            .filter(|_| response == gtk::ResponseType::Accept);
        chooser.destroy();
        let path = file.as_ref().and_then(gio::prelude::FileExt::path);
        if file.is_some() && path.is_none() {
            let why = gettext("it is not on this computer");
            self.tell_not_saved(&why).await;
        }
        path
    }

    async fn save(&self, conversation: &Rc<Conversation>, format: Format, path: PathBuf) {
        let Some(source) = self.source() else { return };
        let saving = Arc::new(Saving::default());
        let cancel = Arc::clone(&saving);
        let progress = Progress::show(self, &gettext("Exporting the Conversation"), move || {
            cancel.cancel();
        });
        let looked = Arc::clone(&saving);
        let look = glib::timeout_add_local(LOOK, {
            let progress = progress.clone();
            move || {
                progress.set(looked.fraction());
                glib::ControlFlow::Continue
            }
        });
        let saved = source
            .history
            .save(conversation.id, format, path.clone(), saving);
        let saved = saved.await;
        look.remove();
        progress.close();
        match saved {
            Ok(_) => self.toast(&gettext_f(
                "Exported to {file}",
                &[("file", &shown_name(&path))],
            )),
            Err(Error::Cancelled) => self.toast(&gettext("The export was cancelled")),
            Err(Error::Io { detail }) => self.tell_not_saved(&detail).await,
            Err(error) => {
                dialogs::tell(self, &gettext("Export Failed"), &history_error(&error)).await;
            }
        }
    }

    async fn tell_not_saved(&self, why: &str) {
        let body = gettext_f(
            "The file could not be written: {why}. Choose another place and try again.",
            &[("why", why)],
        );
        dialogs::tell(self, &gettext("Export Failed"), &body).await;
    }

    pub(super) fn delete(&self) {
        let shown = self.imp().shown.borrow().clone();
        let Some(conversation) = shown else { return };
        glib::spawn_future_local(clone!(
            #[weak(rename_to = window)]
            self,
            async move {
                if window.is_sure(&conversation).await {
                    window.delete_now(&conversation).await;
                }
            }
        ));
    }

    async fn is_sure(&self, conversation: &Conversation) -> bool {
        let choices = [
            Choice {
                id: "cancel",
                label: &gettext("_Cancel"),
                appearance: adw::ResponseAppearance::Default,
            },
            Choice {
                id: "delete",
                label: &gettext("_Delete"),
                appearance: adw::ResponseAppearance::Destructive,
            },
        ];
        let heading = gettext("Delete This Conversation?");
        let body = gettext_f(
            "What was said with “{name}” is removed from this computer for good. That cannot be undone. The others keep what they have.",
            &[("name", &conversation.title.name)],
        );
        dialogs::ask(self, &heading, &body, &choices, "cancel").await == "delete"
    }

    async fn delete_now(&self, conversation: &Conversation) {
        let Some(source) = self.source() else { return };
        self.show_nothing(&gettext("Deleting…"), "");
        self.go_back();
        let deleted = source.history.delete(conversation.id).await;
        self.show_nothing(&gettext("No Conversation Chosen"), "");
        match deleted {
            Ok(_) => self.toast(&gettext("The conversation was deleted")),
            Err(error) => {
                let heading = gettext("Not Everything Was Deleted");
                dialogs::tell(self, &heading, &history_error(&error)).await;
            }
        }
        self.list_conversations(true);
        self.find();
        // What had the focus has gone.
        self.search();
    }
}

/// A file's name as it may be shown.
fn shown_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    hallway_core::text::visible_str(&name.to_string_lossy()).into_owned()
}

/// A name for the file, which whoever it is called after has not all in their hands.
fn file_name(conversation: &str, ending: &str) -> String {
    let day = glib::DateTime::now_local().and_then(|now| now.format("%Y-%m-%d"));
    let name = without_isolates(conversation).replace(NOT_IN_NAMES, "-");
    let name = name.trim_start_matches('.');
    format!("{name} {}.{ending}", day.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_after_the_conversation_and_lies_where_it_should() {
        let name = file_name("../[::1]:4255", "txt");
        assert!(name.starts_with("-[--1]-4255 "), "{name}");
        assert_eq!(Path::new(&name).extension(), Some("txt".as_ref()));
        assert_eq!(shown_name(Path::new("/x/a\u{1b}.txt")), "a␛.txt");
    }
}
