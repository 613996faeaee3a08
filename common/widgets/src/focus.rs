//! Where the keyboard goes: from one region of a window to the next, and on when what had the focus
//! has gone.

use std::cell::Cell;
use std::rc::Rc;

use adw::prelude::*;

/// Puts the focus somewhere; returns whether that was possible.
type Enter = Rc<dyn Fn() -> bool>;

/// A part of a window that F6 goes to.
#[derive(Clone)]
pub struct Region {
    widget: glib::WeakRef<gtk::Widget>,
    enter: Enter,
}

impl Region {
    /// A region that is entered at its first widget.
    pub fn new(widget: &impl IsA<gtk::Widget>) -> Self {
        let first = widget.as_ref().downgrade();
        Self::entered_by(widget, move || {
            let widget = first.upgrade();
            widget.is_some_and(|widget| widget.child_focus(gtk::DirectionType::TabForward))
        })
    }

    /// A region that has a better place to begin at.
    pub fn entered_by(widget: &impl IsA<gtk::Widget>, enter: impl Fn() -> bool + 'static) -> Self {
        Self {
            widget: widget.as_ref().downgrade(),
            enter: Rc::new(enter),
        }
    }

    fn has_focus(&self) -> bool {
        self.widget
            .upgrade()
            .is_some_and(|widget| contains(&widget))
    }

    /// What is on a page that is not shown cannot be entered.
    fn try_enter(&self) -> bool {
        let widget = self.widget.upgrade();
        widget.is_some_and(|widget| widget.is_mapped()) && (self.enter)()
    }
}

/// Goes to the next region that takes the focus, or to the one before, around the ends.
pub fn step(regions: &[Region], is_forward: bool) {
    let at = regions.iter().position(Region::has_focus);
    let count = regions.len();
    for distance in 1..=count {
        let next = match (at, is_forward) {
            (Some(at), true) => at + distance,
            (Some(at), false) => at + count - distance,
            (None, true) => distance - 1,
            (None, false) => count - distance,
        };
        if regions[next % count].try_enter() {
            return;
        }
    }
}

/// Whether the focus is on a widget or inside of it.
pub fn contains(widget: &impl IsA<gtk::Widget>) -> bool {
    let widget = widget.as_ref();
    let focus = widget.root().and_then(|root| root.focus());
    focus.is_some_and(|focus| focus == *widget || focus.is_ancestor(widget))
}

/// Moves the focus by Tab from one of these widgets to the next that takes it, or into the first of
/// them. (Left to itself, GTK 4.8 does not find the way back out of a text view in a scrolled
/// window in an overlay.) `None` where it is not Tab.
pub fn tab_through(stops: &[&gtk::Widget], direction: gtk::DirectionType) -> Option<bool> {
    let is_forward = match direction {
        gtk::DirectionType::TabForward => true,
        gtk::DirectionType::TabBackward => false,
        _ => return None,
    };
    let at = stops.iter().position(|stop| contains(*stop));
    let enter = |stop: &&gtk::Widget| stop.is_mapped() && stop.child_focus(direction);
    Some(if is_forward {
        stops[at.map_or(0, |at| at + 1)..].iter().any(enter)
    } else {
        stops[..at.unwrap_or(stops.len())].iter().rev().any(enter)
    })
}

/// Opens the menu of a button that does not have the focus. Closed, it gives the focus back, which GTK
/// would leave on the button.
pub fn open_menu(button: &gtk::MenuButton) {
    let before = button.root().and_then(|root| root.focus());
    button.popup();
    let (Some(before), Some(menu)) = (before, button.popover()) else {
        return;
    };
    let (before, button) = (before.downgrade(), button.downgrade());
    let handler = Rc::new(Cell::new(None));
    let own = Rc::clone(&handler);
    handler.set(Some(menu.connect_closed(move |menu| {
        if let Some(handler) = own.take() {
            menu.disconnect(handler);
        }
        let (before, button) = (before.clone(), button.clone());
        // What was chosen in it may put the focus elsewhere.
        glib::idle_add_local_once(move || {
            if let (Some(before), Some(button)) = (before.upgrade(), button.upgrade())
                && contains(&button)
            {
                before.grab_focus();
            }
        });
    })));
}

/// Calls `then` when what had the focus inside of `widget` has gone, as a row of `rows` that is
/// taken out or a button that cannot be used any more: GTK would leave the focus nowhere, or start
/// over at the first widget of the window.
pub fn connect_lost(
    widget: &impl IsA<gtk::Widget>,
    rows: Option<&gio::ListModel>,
    then: impl Fn() + 'static,
) {
    let widget = widget.as_ref();
    let is_inside = Rc::new(Cell::new(false));
    let (weak, then) = (widget.downgrade(), Rc::new(then));
    let look = move || {
        let (weak, then) = (weak.clone(), Rc::clone(&then));
        // Once the rows are what they will be, and before GTK looks itself, after painting.
        glib::idle_add_local_full(glib::Priority::HIGH_IDLE, move || {
            let root = weak.upgrade().and_then(|widget| widget.root());
            if root.is_some_and(|root| !has_focus(&root)) {
                then();
            }
            glib::ControlFlow::Break
        });
    };
    let controller = gtk::EventControllerFocus::new();
    let inside = Rc::clone(&is_inside);
    controller.connect_enter(move |_| inside.set(true));
    let (inside, on_leave) = (Rc::clone(&is_inside), look.clone());
    controller.connect_leave(move |controller| {
        // Also said when another window comes to the front: the focus of this one stays.
        if let Some(widget) = controller.widget()
            && widget.root().is_some_and(|root| has_focus(&root))
            && !contains(&widget)
        {
            inside.set(false);
        }
        on_leave();
    });
    if let Some(rows) = rows {
        rows.connect_items_changed(move |_, _, removed, _| {
            if removed > 0 && is_inside.get() {
                look();
            }
        });
    }
    widget.add_controller(controller);
}

/// Whether something that can be seen has the focus.
fn has_focus(root: &gtk::Root) -> bool {
    root.focus().is_some_and(|focus| focus.is_mapped())
}
