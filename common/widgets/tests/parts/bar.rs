//! The sentence below a header bar.

use std::{cell::Cell, rc::Rc};

use gtk::prelude::*;
use hallway_widgets::{Bar, bar::Tone};

use crate::screen::{part, parts, settle, wait_until, window};

pub(crate) fn a_bar_comes_and_goes() {
    let bar = Bar::new();
    let window = window(&bar);
    assert!(!bar.is_visible());
    let activated = Rc::new(Cell::new(0));
    let actions = gio::SimpleActionGroup::new();
    let action = gio::SimpleAction::new("now", None);
    let counter = activated.clone();
    action.connect_activate(move |_, _| counter.set(counter.get() + 1));
    actions.add_action(&action);
    window.insert_action_group("test", Some(&actions));

    bar.show(
        Tone::Failure,
        "<b>Gone</b> &",
        &[("_Now", "test.now"), ("_Later", "test.later")],
    );
    assert!(bar.is_visible());
    let label = part::<gtk::Label>(&bar);
    assert_eq!(label.label(), "<b>Gone</b> &");
    assert!(!label.uses_markup());
    let buttons: Vec<gtk::Button> = parts(bar.upcast_ref());
    assert_eq!(buttons.len(), 2);
    wait_until("the action is there", || buttons[0].is_sensitive());
    buttons[0].emit_clicked();
    assert_eq!(activated.get(), 1);
    assert!(!buttons[1].is_sensitive());

    bar.set_sentence("Trying again in 3 s.");
    assert_eq!(label.label(), "Trying again in 3 s.");
    assert_eq!(parts::<gtk::Button>(bar.upcast_ref()), buttons);

    bar.hide_bar();
    wait_until("the bar is out of the way", || !bar.is_visible());
    bar.show(Tone::Info, "Back", &[]);
    assert!(bar.is_visible());
    assert!(parts::<gtk::Button>(bar.upcast_ref()).is_empty());
    // Shown again while it slides away it stays.
    bar.hide_bar();
    bar.show(Tone::Info, "Back again", &[]);
    settle();
    assert!(bar.is_visible());
    window.destroy();

    // Without a window there is nothing to slide.
    let alone = Bar::new();
    alone.show(Tone::Info, "Alone", &[]);
    alone.hide_bar();
    wait_until("it is hidden", || !alone.is_visible());
}

pub(crate) fn a_bar_puts_its_buttons_under_a_long_sentence() {
    let bar = Bar::new();
    bar.show(Tone::Info, &"word ".repeat(20), &[("_Reconnect", "win.x")]);
    let height = |width| bar.measure(gtk::Orientation::Vertical, width).1;
    let (minimum, _, _, _) = bar.measure(gtk::Orientation::Horizontal, -1);
    assert!(minimum <= 360, "{minimum} px is too wide for a telephone");
    assert!(height(360) > height(900));
}
