//! The GTK parts that both windows are made of.
//!
//! ```text
//! windows (server, client) → conversation, composer, bar, dialogs → hallway-words, hallway-core
//! ```
//!
//! - [`conversation`]: what was said, held in a bounded store and shown as bubbles.
//! - [`start_page`]: what a window begins with.
//! - [`composer`]: where a message is written.
//! - [`bar`]: one sentence below a header bar, with what to do about it.
//! - [`attention`]: what a person is told who looks elsewhere.
//! - [`preferences`]: the window of what a person may choose.
//! - [`dialogs`]: questions that must be answered before going on.
//! - [`help`]: the pages of the help, in a window of their own.
//! - [`kept`]: what was said earlier, in a window of its own.
//! - [`known`]: whom we know, in a window of its own.
//! - [`background`]: going on without a window; [`search`]: what the desktop's search finds.
//! - [`focus`]: where the keyboard goes.
//! - [`settings`], [`program`]: what both programs do around their windows.
//! - [`narrowing`]: how narrow a text may become; [`warming`]: what the first frame needs.
//! - [`raising`]: windows that come to the front; [`frames`]: how smoothly they are painted.
//! - [`time`]: days and times as the person writes them.
//! - [`accessible`]: names for screen readers that are known only at run time.
//!
//! Every function here is for the main thread, after [`init`] unless it says otherwise.

pub mod accessible;
pub mod attention;
pub mod background;
pub mod bar;
pub mod composer;
pub mod conversation;
pub mod dialogs;
pub mod focus;
pub mod frames;
pub mod help;
pub mod kept;
pub mod known;
pub mod narrowing;
pub mod preferences;
pub mod program;
pub mod raising;
pub mod search;
pub mod settings;
pub mod start_page;
pub mod time;
pub mod warming;

pub use background::Background;
pub use bar::Bar;
pub use composer::Composer;
pub use conversation::{Content, ConversationView, Delivery, History, LineId, Speaker, Tone, View};
pub use start_page::StartPage;

use gtk::{gdk, prelude::*};

/// Where our resources are inside the program.
const RESOURCES: &str = "/chat/hallway";

/// Makes style, icons and widget types known. Call it once, in the application's `startup` after
/// chaining up.
///
/// # Panics
///
/// Where the resources that were packed into the program are damaged.
pub fn init() {
    gio::resources_register_include!("hallway.gresource")
        .expect("the resources packed at build time are whole");
    gio::resources_register_include!("help.gresource")
        .expect("the pages packed at build time are whole");
    hallway_words::i18n::isolate_values();
    Bar::ensure_type();
    Composer::ensure_type();
    ConversationView::ensure_type();
    StartPage::ensure_type();
    let Some(display) = gdk::Display::default() else {
        return;
    };
    let settings = gtk::Settings::for_display(&display);
    // A text that can be copied is no field to fill in: the focus passes through it unmarked.
    settings.set_property("gtk-label-select-on-focus", false);
    gtk::IconTheme::for_display(&display).add_resource_path(&format!("{RESOURCES}/icons"));
    // What is known of icons is read again now, which GTK does on a thread where it is told that the
    // theme is another one, and otherwise where the first icon is shown.
    settings.notify("gtk-icon-theme-name");
    add_style(&display, &style("style.css"));
    let high_contrast = style("style-hc.css");
    let manager = adw::StyleManager::for_display(&display);
    let follow = move |manager: &adw::StyleManager| {
        if manager.is_high_contrast() {
            add_style(&display, &high_contrast);
        } else {
            gtk::style_context_remove_provider_for_display(&display, &high_contrast);
        }
    };
    follow(&manager);
    manager.connect_high_contrast_notify(follow);
}

fn add_style(display: &gdk::Display, style: &gtk::CssProvider) {
    gtk::style_context_add_provider_for_display(
        display,
        style,
        gtk::STYLE_PROVIDER_PRIORITY_APPLICATION,
    );
}

fn style(name: &str) -> gtk::CssProvider {
    let style = gtk::CssProvider::new();
    style.load_from_resource(&format!("{RESOURCES}/{name}"));
    style
}
