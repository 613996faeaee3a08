//! What is kept and who is known, opened once, when it is first needed.

use std::cell::RefCell;
use std::path::PathBuf;

use adw::subclass::prelude::*;
use hallway_core::history::{History, ServerStore};
use hallway_core::wire::Fingerprint;
use hallway_widgets::kept::Tidying;

use super::application::Application;
use crate::archive;
use crate::hub::Known;
use crate::words::keeping as words;

/// What is open.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) history: History<ServerStore>,
    pub(super) known: Known,
    /// Who the server is.
    pub(super) own: Option<Fingerprint>,
}

/// What is kept by an application.
#[derive(Debug, Default)]
pub(super) struct Keeping {
    kept: RefCell<Option<Kept>>,
    tidying: RefCell<Option<Tidying>>,
    /// What people were not told of yet, as sentences.
    warnings: RefCell<Vec<String>>,
    /// The folder that was named.
    folder: RefCell<Option<PathBuf>>,
}

impl Application {
    /// What is kept, opened at the first call. The main loop goes on meanwhile.
    ///
    /// # Errors
    /// A sentence for people. The next call tries again.
    pub(super) async fn kept(&self) -> Result<Kept, String> {
        let keeping = &self.imp().keeping;
        if let Some(kept) = keeping.kept.borrow().clone() {
            return Ok(kept);
        }
        let folder = keeping.folder.borrow().clone();
        let opened = gio::spawn_blocking(move || archive::look_into(folder.as_deref())).await;
        let opened = opened
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            .map_err(|why| words::not_looked_into(&why))?;
        // Somebody else may have been quicker.
        if let Some(kept) = keeping.kept.borrow().clone() {
            return Ok(kept);
        }
        let kept = Kept {
            history: opened.history,
            known: opened.known,
            own: opened.own,
        };
        keeping.warnings.borrow_mut().extend(opened.warnings);
        self.set_kept(kept.clone());
        Ok(kept)
    }

    /// What is kept is in this folder.
    pub(super) fn set_folder(&self, folder: PathBuf) {
        self.imp().keeping.folder.replace(Some(folder));
    }

    /// This is what is kept, from now on until the end.
    pub(super) fn set_kept(&self, kept: Kept) {
        let keeping = &self.imp().keeping;
        if let Some(settings) = self.imp().settings.get() {
            let tidying = Tidying::begin(&kept.history, settings);
            keeping.tidying.replace(Some(tidying));
        }
        keeping.kept.replace(Some(kept));
    }

    /// What people were not told of until now, as sentences.
    pub(super) fn take_warnings(&self) -> Vec<String> {
        self.imp().keeping.warnings.take()
    }

    /// The program ends: what is not to be kept goes.
    pub(super) fn finish_keeping(&self) {
        let keeping = &self.imp().keeping;
        if let (Some(tidying), Some(kept)) = (keeping.tidying.take(), keeping.kept.take()) {
            tidying.end(&kept.history);
        }
    }
}
