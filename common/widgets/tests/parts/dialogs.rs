//! Questions and their answers.

use std::{cell::RefCell, rc::Rc};

use adw::prelude::*;
use hallway_core::trust::sas::Found;
use hallway_widgets::dialogs::{self, Choice, Digits};

use crate::screen::{dialog, gone, part, wait_until, window};

pub(crate) fn a_question_is_answered() {
    let window = window(&gtk::Label::new(None));
    for answer in ["keep", "close"] {
        let question = ask(&window);
        let shown = dialog();
        assert_eq!(shown.body(), "<b>&");
        assert!(!shown.is_body_use_markup());
        assert_eq!(shown.default_response().as_deref(), Some("keep"));
        shown.response(answer);
        wait_until("the answer arrives", || question.borrow().is_some());
        assert_eq!(question.take().as_deref(), Some(answer));
        gone(&shown);
    }
    let question = ask(&window);
    dialog().close();
    wait_until("closing is the first choice", || {
        question.borrow().is_some()
    });
    assert_eq!(question.take().as_deref(), Some("close"));
    window.destroy();
}

pub(crate) fn a_question_ends_with_its_window() {
    let window = window(&gtk::Label::new(None));
    let question = ask(&window);
    let shown = dialog();
    window.destroy();
    wait_until("the answer arrives", || question.borrow().is_some());
    assert_eq!(question.take().as_deref(), Some("close"));
    gone(&shown);
}

pub(crate) fn a_question_that_nobody_waits_for_goes_away() {
    let window = window(&gtk::Label::new(None));
    let parent = window.clone();
    let task = glib::spawn_future_local(async move { dialogs::tell(&parent, "News", "").await });
    let shown = dialog();
    task.abort();
    // A future lives as long as its handle, even when aborted.
    drop(task);
    gone(&shown);
    window.destroy();
}

pub(crate) fn a_text_is_taken_only_when_it_is_good() {
    let window = window(&gtk::Label::new(None));
    let result = Rc::new(RefCell::new(None));
    let (parent, slot) = (window.clone(), result.clone());
    glib::spawn_future_local(async move {
        let check = |text: &str| match text {
            "" => Err("A name is needed.".to_owned()),
            _ => Ok(()),
        };
        let text = dialogs::ask_text(&parent, "Rename", "", "Name", "", "_Rename", check).await;
        slot.replace(Some(text));
    });
    let shown = dialog();
    let content = shown.extra_child().expect("there is an entry");
    let entry = part::<gtk::Entry>(&content);
    let complaint = content.last_child().and_downcast::<gtk::Label>();
    let complaint = complaint.expect("there is a complaint under the entry");
    assert!(!shown.is_response_enabled("accept"));
    assert!(!complaint.is_visible());
    entry.set_text("Ana");
    assert!(shown.is_response_enabled("accept"));
    entry.set_text("");
    assert!(!shown.is_response_enabled("accept"));
    assert!(complaint.is_visible());
    assert_eq!(complaint.text(), "A name is needed.");
    entry.set_text("陈伟");
    shown.response("accept");
    wait_until("the text arrives", || result.borrow().is_some());
    assert_eq!(result.take(), Some(Some("陈伟".to_owned())));
    window.destroy();
}

fn ask(parent: &gtk::Window) -> Rc<RefCell<Option<String>>> {
    let answer = Rc::new(RefCell::new(None));
    let (parent, slot) = (parent.clone(), answer.clone());
    glib::spawn_future_local(async move {
        let choice = |id, label| Choice {
            id,
            label,
            appearance: adw::ResponseAppearance::Default,
        };
        let choices = [choice("close", "_Close"), choice("keep", "_Keep")];
        let answer = dialogs::ask(&parent, "Close?", "<b>&", &choices, "keep").await;
        slot.replace(Some(answer));
    });
    answer
}

pub(crate) fn digits_are_answered_by_nobody_by_accident() {
    let window = window(&gtk::Label::new(None));
    for (response, expected) in [
        (Some("same"), Some(Found::Same)),
        (Some("different"), Some(Found::Different)),
        (None, None),
    ] {
        let digits = Digits::new(&window, "Compare", "<b>&", "040719");
        let (asked, answer) = (digits.clone(), Rc::new(RefCell::new(None)));
        let slot = Rc::clone(&answer);
        glib::spawn_future_local(async move {
            let compared = asked.show().await;
            slot.replace(Some(compared));
        });
        let shown = dialog();
        assert_eq!(shown.default_response(), None);
        assert!(!shown.is_response_enabled("same") && !shown.is_response_enabled("different"));
        let label = shown.extra_child().and_downcast::<gtk::Label>();
        let label = label.expect("the digits are a label");
        assert_eq!(label.text(), "040\u{2002}719");
        wait_until("the digits are where one begins", || {
            GtkWindowExt::focus(&shown).as_ref() == Some(label.upcast_ref())
        });
        match response {
            Some(response) => {
                wait_until("they can be answered", || {
                    shown.is_response_enabled(response)
                });
                shown.response(response);
            }
            None => digits.close(),
        }
        wait_until("what came of it", || answer.borrow().is_some());
        assert_eq!(answer.take(), Some(expected));
        gone(&shown);
    }
    let digits = Digits::new(&window, "Compare", "", "040719");
    let answer = Rc::new(RefCell::new(None));
    let slot = Rc::clone(&answer);
    glib::spawn_future_local(async move {
        let compared = digits.show().await;
        slot.replace(Some(compared));
    });
    dialog().close();
    wait_until("closing is no comparison", || answer.borrow().is_some());
    assert_eq!(answer.take(), Some(Some(Found::Nothing)));
    window.destroy();
}
