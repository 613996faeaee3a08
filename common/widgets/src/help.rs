//! The help: pages in Markdown that are packed into the program, in the person's language.
//!
//! ```text
//! window → page (text as widgets) → document (Markdown as blocks)
//!        → library (which pages there are, in which language)
//! ```
//!
//! The pages themselves are in `docs/help`.

mod document;
mod library;
mod page;
#[cfg(test)]
mod tests;
mod window;

use gtk::prelude::*;

pub use window::HelpWindow;

/// Opens the help of `application`, or brings it to the front. It goes with the last other window.
pub fn show(application: &impl IsA<gtk::Application>) {
    let windows = application.as_ref().windows().into_iter();
    let mut open = windows.filter_map(|window| window.downcast::<HelpWindow>().ok());
    let window = open.next().unwrap_or_else(|| HelpWindow::new(application));
    window.present();
}
