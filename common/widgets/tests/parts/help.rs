//! The help: pages, links and the way back.

use adw::prelude::*;
use hallway_widgets::help::{self, HelpWindow};

use crate::screen::{find, parts, settle, wait_until};

fn pages(window: &HelpWindow) -> Vec<gtk::ListBoxRow> {
    parts(window.upcast_ref())
}

/// The title that stands above the page.
fn title(window: &HelpWindow) -> String {
    let titles: Vec<adw::WindowTitle> = parts(window.upcast_ref());
    let mut titles = titles.iter().map(|title| title.title().to_string());
    // That of the list is the window's.
    titles
        .find(|title| *title != "Help")
        .expect("a page is shown")
}

/// Clicks on a link to `link` in the first label that links to a page.
fn click(window: &HelpWindow, page: &str, link: &str) {
    let labels: Vec<gtk::Label> = parts(window.upcast_ref());
    let href = format!("href=\"{page}\"");
    let mut found = labels.into_iter().filter(|l| l.label().contains(&href));
    let label = found.next().expect("the page links there");
    let is_handled: bool = label.emit_by_name("activate-link", &[&link]);
    assert!(is_handled, "GTK would open {link}");
}

pub(crate) fn links_lead_to_pages_and_back() {
    let application = adw::Application::new(None, gio::ApplicationFlags::NON_UNIQUE);
    application
        .register(gio::Cancellable::NONE)
        .expect("an application of its own needs nobody");
    let other = gtk::ApplicationWindow::new(&application);
    help::show(&application);
    let window = find::<HelpWindow>("the help");
    help::show(&application);
    assert_eq!(application.windows().len(), 2, "there is one help");

    let rows = pages(&window);
    let first = title(&window);
    for row in &rows {
        window.set_focus_visible(true);
        row.activate();
        settle();
        assert!(row.is_selected());
        assert_eq!(title(&window) == first, *row == rows[0]);
    }
    rows[0].activate();
    assert_eq!(title(&window), first);

    let back = || window.activate_action("help.back", None).is_ok();
    click(&window, "joining.md", "joining.md");
    wait_until("the page", || title(&window) != first);
    assert!(rows[1].is_selected());
    let second = title(&window);
    click(&window, "troubleshooting.md", "troubleshooting.md");
    assert_ne!(title(&window), second);
    assert!(back());
    assert_eq!(title(&window), second);
    assert!(back());
    assert_eq!(title(&window), first);
    assert!(rows[0].is_selected());

    // What is no page and not on the web leads nowhere.
    for link in [
        "hallway://192.168.1.20",
        "file:///etc/passwd",
        "no-such-page.md",
    ] {
        click(&window, "joining.md", link);
        assert_eq!(title(&window), first);
    }

    let weak = window.downgrade();
    drop((window, rows));
    other.destroy();
    wait_until("the help is gone", || weak.upgrade().is_none());
}
