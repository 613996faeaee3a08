//! Values in texts. (Beside the sources, not among them: these texts are not to be translated.)

use hallway_words::i18n::isolate_values;
use hallway_words::{gettext, gettext_f, ngettext_f};

#[test]
fn without_a_translation_texts_stay_as_they_are() {
    assert_eq!(gettext("Nobody translates this"), "Nobody translates this");
    assert_eq!(gettext_f("100 % of {x", &[("x", "y")]), "100 % of {x");
}

#[test]
fn values_are_put_in_once() {
    let filled = gettext_f("{a}, {b}, {a}", &[("a", "{b}"), ("b", "{a}")]);
    assert_eq!(filled, "{b}, {a}, {b}");
}

#[test]
fn what_has_no_value_stays() {
    let values = [("a", "1")];
    assert_eq!(gettext_f("{} {a} {b} {a", &values), "{} 1 {b} {a");
    assert_eq!(gettext_f("{{a}} }{", &values), "{1} }{");
    assert_eq!(gettext_f("你{a}好}", &values), "你1好}");
    assert_eq!(gettext_f("", &values), "");
}

#[test]
fn numbers_choose_the_form() {
    let lines = |n| {
        ngettext_f(
            "{n} line at {place}",
            "{n} lines at {place}",
            n,
            &[("place", "x")],
        )
    };
    assert_eq!(lines(0), "0 lines at x");
    assert_eq!(lines(1), "1 line at x");
    assert_eq!(lines(u64::MAX), format!("{} lines at x", u64::MAX));
    let shown = ngettext_f("{n} line", "{n} lines", 1000, &[("n", "1,000")]);
    assert_eq!(shown, "1,000 lines");
}

#[test]
fn a_name_of_the_other_direction_turns_nothing_around() {
    // The other tests' values are all of one direction, so it changes nothing for them.
    isolate_values();
    let said = gettext_f(
        "{name} left at {time}",
        &[("name", "דנה"), ("time", "14:03")],
    );
    assert_eq!(said, "\u{2068}דנה\u{2069} left at 14:03");
    let said = gettext_f("{name} עזב", &[("name", "Ana")]);
    assert_eq!(said, "\u{2068}Ana\u{2069} עזב");
    assert_eq!(gettext_f("{a}", &[("a", "陈伟 é")]), "陈伟 é");
}
