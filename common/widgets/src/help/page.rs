//! A page of the help as widgets.

use gtk::{pango, prelude::*};
use hallway_words::gettext;

use super::document::Block;
use super::window::HelpWindow;
use crate::accessible;

/// Between two blocks, in pixels.
const SPACING: i32 = 12;

/// Above a heading inside a page, in pixels.
const ABOVE_HEADING: i32 = 12;

/// Where links lead and what is copied is the window's affair.
pub(super) fn build(blocks: &[Block], window: &HelpWindow) -> gtk::Box {
    let page = gtk::Box::new(gtk::Orientation::Vertical, SPACING);
    for block in blocks {
        match block {
            Block::Heading { level, markup, .. } => page.append(&heading(*level, markup)),
            Block::Paragraph(markup) => page.append(&paragraph(markup, window)),
            Block::Items(first, items) => page.append(&list(*first, items, window)),
            Block::Code { text, wanted } => page.append(&listing(text, wanted, window)),
        }
    }
    page
}

fn text() -> gtk::builders::LabelBuilder {
    gtk::Label::builder()
        .xalign(0.0)
        .wrap(true)
        .wrap_mode(pango::WrapMode::WordChar)
        .selectable(true)
}

fn heading(level: u8, markup: &str) -> gtk::Label {
    let style = match level {
        1 => "title-1",
        2 => "title-3",
        _ => "heading",
    };
    let label = text()
        .label(markup)
        .use_markup(true)
        .css_classes(["help-heading", style])
        .margin_top(if level == 1 { 0 } else { ABOVE_HEADING })
        .accessible_role(gtk::AccessibleRole::Heading)
        .build();
    accessible::set_level(&label, level.into());
    label
}

fn paragraph(markup: &str, window: &HelpWindow) -> gtk::Label {
    let label = text().label(markup).use_markup(true).build();
    let window = window.downgrade();
    label.connect_activate_link(move |_, link| {
        if let Some(window) = window.upgrade() {
            window.follow(link);
        }
        glib::Propagation::Stop
    });
    label
}

fn list(first: Option<u64>, items: &[Vec<Block>], window: &HelpWindow) -> gtk::Box {
    let list = gtk::Box::builder()
        .orientation(gtk::Orientation::Vertical)
        .spacing(SPACING / 2)
        .accessible_role(gtk::AccessibleRole::List)
        .build();
    for (at, item) in (0..).zip(items) {
        let row = gtk::Box::builder()
            .spacing(SPACING / 2)
            .accessible_role(gtk::AccessibleRole::ListItem)
            .build();
        let mark = gtk::Label::builder().valign(gtk::Align::Start);
        let mark = match first {
            Some(first) => mark.label(format!("{}.", first + at)),
            None => mark
                .label("•")
                .accessible_role(gtk::AccessibleRole::Presentation),
        };
        row.append(&mark.build());
        let content = build(item, window);
        content.set_hexpand(true);
        row.append(&content);
        list.append(&row);
    }
    list
}

/// Lines of code keep their ends: what is wider than the page scrolls.
fn listing(text: &str, wanted: &str, window: &HelpWindow) -> gtk::Box {
    let frame = gtk::Box::builder().css_classes(["help-code"]).build();
    let label = gtk::Label::builder()
        .label(text)
        .xalign(0.0)
        .selectable(true)
        .css_classes(["monospace"])
        .build();
    let scroller = gtk::ScrolledWindow::builder()
        .child(&label)
        .hexpand(true)
        .vscrollbar_policy(gtk::PolicyType::Never)
        .build();
    let name = gettext("Copy");
    let copy = gtk::Button::builder()
        .icon_name("edit-copy-symbolic")
        .tooltip_text(&name)
        .valign(gtk::Align::Start)
        .css_classes(["flat"])
        .build();
    accessible::set_label(&copy, &name);
    // There are many such buttons on a page.
    accessible::set_description(&copy, wanted.lines().next().unwrap_or_default());
    let (window, wanted) = (window.downgrade(), wanted.to_owned());
    copy.connect_clicked(move |_| {
        if let Some(window) = window.upgrade() {
            window.copy(&wanted);
        }
    });
    frame.append(&scroller);
    frame.append(&copy);
    frame
}
