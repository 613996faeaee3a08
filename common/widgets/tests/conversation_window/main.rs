//! A conversation in a real window. Where there is no display these checks say so and pass; all of
//! them are one test, because GTK lives on one thread.

mod stage;

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::{Duration, Instant, SystemTime},
};

use adw::prelude::*;
use hallway_widgets::conversation::{self, Content, Delivery, Speaker, Tone};

use stage::{
    NARROW, Stage, children, descendants, event, labels, let_work, ours, theirs, wait_until,
};

#[test]
fn in_a_window() {
    if !hallway_widgets::program::has_display() {
        assert!(
            std::env::var_os("HALLWAY_NEEDS_DISPLAY").is_none(),
            "there is no display"
        );
        println!("skipped: there is no display");
        return;
    }
    adw::init().expect("GTK has started");
    hallway_widgets::init();
    rows_are_made_only_as_they_are_seen();
    hostile_texts_are_harmless();
    deliveries_are_told_and_acted_upon();
    the_end_is_followed_only_by_who_is_there();
    a_flood_shows_its_newest_lines_and_can_be_left();
    a_resized_window_stays_at_the_end();
    words_are_found();
    a_view_that_is_empty_says_so();
    a_conversation_becomes_a_file();
    a_mebibyte_is_shown_in_part();
    nothing_is_left_behind();
}

fn rows_are_made_only_as_they_are_seen() {
    let stage = Stage::new(200_000);
    let start = Instant::now();
    for n in 0..200_000 {
        stage.push(theirs(&format!("Line {n}")));
    }
    println!("200,000 lines pushed in {:?}", start.elapsed());
    stage.wait_for_end("Line 199999");
    println!("the last one seen after {:?}", start.elapsed());
    assert_eq!(stage.view.n_items(), 200_000);
    assert!(children(stage.list().upcast_ref()).count() < 1_000);
    stage.push(theirs("One more"));
    stage.wait_for_end("One more");
    assert_eq!(stage.view.n_items(), 200_001, "the mark and 200,000 lines");
    let_work(Duration::from_millis(200));
    wait_until("the mark is at the top", || {
        // Heights above were estimates until now.
        stage.adjustment().set_value(0.0);
        stage.has_label("1 earlier line is not held any more")
    });
}

fn hostile_texts_are_harmless() {
    let stage = Stage::new(100);
    let heap = format!("e{}x", "\u{301}".repeat(1_000));
    let texts = [
        "<b>x</b> & <a href=\"https://example.org\">y</a>",
        "&amp; &lt; <span size='99999'>",
        "turned \u{202E}around\u{202C} \u{2067}x\u{2069}",
        &"W".repeat(3_999),
        &"字".repeat(3_000),
        "https://example.org/?a=<b>&c=\"d\"'e' after",
        "javascript:alert(1) file:///etc/passwd",
        "\u{FFFC}\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}",
    ];
    for text in texts {
        for content in [
            theirs(text),
            ours(text, Delivery::Sent),
            event(text, Tone::Quiet),
            event(text, Tone::Failure),
        ] {
            stage.history.clear();
            stage.push(content);
            stage.label(text);
            check_sizes(&stage);
        }
        let label = Rc::from(text);
        stage.history.clear();
        stage.push(Content::Theirs {
            speaker: Rc::new(Speaker { key: 2, label }),
            text: "named".into(),
            is_cut: true,
            mentions: false,
        });
        stage.label("named");
        check_sizes(&stage);
        stage.label("The line was too long; this is its beginning.");
        stage.history.clear();
        let missing = Rc::from(text);
        stage.push(Content::Ours {
            text: "partly".into(),
            to: Some(text.into()),
            delivery: Delivery::Partly {
                received: 2,
                missing,
            },
        });
        stage.label("partly");
        check_sizes(&stage);
    }
    stage.history.clear();
    stage.push(theirs("above"));
    stage.push(theirs(&heap));
    stage.push(theirs("below"));
    stage.label("below");
    for row in stage.rows() {
        assert!(
            row.height() < 300,
            "a heap of marks is {} high",
            row.height()
        );
    }
    check_sizes(&stage);
    let long = "W".repeat(10_000);
    stage.history.clear();
    stage.push(theirs(&long));
    wait_until("a word of 10,000 letters", || {
        labels(&stage.shown)
            .iter()
            .any(|label| label.text().starts_with("WWW"))
    });
    check_sizes(&stage);
}

/// No row is wider than the window or has no end, and none drew a link that is not one.
fn check_sizes(stage: &Stage) {
    assert!(
        stage.shown.width() <= NARROW,
        "{} wide",
        stage.shown.width()
    );
    for row in stage.rows() {
        assert!(row.width() <= NARROW, "a row is {} wide", row.width());
        assert!(row.height() < 20_000, "a row is {} high", row.height());
        for label in labels(&row) {
            let bounds = label.compute_bounds(&stage.shown).expect("both are drawn");
            let right = bounds.x() + bounds.width();
            assert!(
                bounds.x() >= 0.0 && right <= 360.0,
                "{bounds:?}: {}",
                label.text()
            );
        }
    }
}

fn deliveries_are_told_and_acted_upon() {
    let stage = Stage::new(100);
    let asked = Rc::new(RefCell::new(Vec::new()));
    let retried = asked.clone();
    stage
        .shown
        .connect_retry(move |_, id| retried.borrow_mut().push(("retry", id)));
    let discarded = asked.clone();
    stage
        .shown
        .connect_discard(move |_, id| discarded.borrow_mut().push(("discard", id)));
    let id = stage.push(ours("Hello", Delivery::Queued));
    stage.label("Hello");
    for delivery in [
        Delivery::OnTheWay,
        Delivery::Sent,
        Delivery::PerhapsNotReceived,
    ] {
        assert!(stage.button("Discard").is_none());
        stage.history.set_delivery(id, delivery);
    }
    wait_until("there are choices", || stage.button("Discard").is_some());
    for label in ["Send Again", "Discard"] {
        stage.button(label).expect("both are there").emit_clicked();
    }
    assert_eq!(*asked.borrow(), [("retry", id), ("discard", id)]);
    stage.history.set_delivery(id, Delivery::Discarded);
    wait_until("the choices are gone", || stage.button("Discard").is_none());
    stage.label("Not sent");
    let missing = Rc::from("Ben");
    let partly = Delivery::Partly {
        received: 2,
        missing,
    };
    stage.push(ours("Hello again", partly));
    wait_until("who misses it is told", || {
        labels(&stage.shown)
            .iter()
            .any(|label| label.text().contains("Ben"))
    });
}

fn the_end_is_followed_only_by_who_is_there() {
    let stage = Stage::new(5_000);
    for burst in 0..20 {
        for n in 0..300 {
            stage.push(theirs(&format!("Burst {burst}, line {n}")));
        }
        let_work(Duration::from_millis(40));
    }
    stage.wait_for_end("Burst 19, line 299");
    // What the program moves is told from what new lines move once they have their place.
    let_work(Duration::from_millis(200));
    let adjustment = stage.adjustment();
    adjustment.set_value(adjustment.value() - 400.0);
    let_work(Duration::from_millis(100));
    let value = adjustment.value();
    for n in 0..3 {
        stage.push(theirs(&format!("Unseen {n}")));
        let_work(Duration::from_millis(60));
    }
    wait_until("new messages are counted", || {
        stage.button("3 new messages").is_some()
    });
    assert!(!stage.has_label("Unseen 2") || !stage.is_at_end());
    assert!(
        (adjustment.value() - value).abs() < 400.0,
        "the reader was moved away"
    );
    stage
        .button("3 new messages")
        .expect("just seen")
        .emit_clicked();
    stage.wait_for_end("Unseen 2");
    wait_until("nothing is new", || {
        stage.button("3 new messages").is_none()
    });
    stage.push(ours("At the end again", Delivery::Sent));
    stage.wait_for_end("At the end again");
}

/// In a flood the list has a few rows, which show the newest lines in turn.
fn a_flood_shows_its_newest_lines_and_can_be_left() {
    let stage = Stage::new(3_000);
    let pour = |from: usize| {
        for n in from..from + 1_000 {
            stage.push(theirs(&format!("Line {n}")));
        }
        let last = format!("Line {}", from + 999);
        stage.label(&last);
    };
    let rows = || stage.list().model().expect("a list has lines").n_items();
    let mut fewest = u32::MAX;
    for round in 0..6 {
        pour(1_000 * round);
        fewest = fewest.min(rows());
    }
    assert!(fewest < 200, "rows that nobody sees are bound");
    let in_view = || -> Vec<usize> {
        let said = labels(&stage.shown).into_iter();
        let said = said.filter(|label| stage.is_in_view(label));
        said.filter_map(|label| label.text().strip_prefix("Line ")?.parse().ok())
            .collect()
    };
    wait_until("the newest lines, none missing", || {
        let mut numbers = in_view();
        numbers.sort_unstable();
        numbers.last() == Some(&5_999)
            && numbers.len() > 5
            && numbers.windows(2).all(|pair| pair[1] == pair[0] + 1)
    });

    // Whoever looks for something stays there, whatever comes.
    stage.shown.find("line 5500", None);
    wait_until("what was found", || in_view().contains(&5_500));
    assert!(rows() > 2_000, "all lines are there again");
    for n in 6_000..6_500 {
        stage.push(theirs(&format!("Line {n}")));
        if n % 100 == 0 {
            let_work(Duration::from_millis(50));
        }
    }
    let_work(Duration::from_millis(300));
    assert!(in_view().contains(&5_500), "the reader was moved away");
    stage.shown.set_search_mode(false);

    // At the end again, the list has all lines when none come any more.
    stage.shown.scroll_to_end();
    for round in 0..4 {
        pour(7_000 + 1_000 * round);
    }
    wait_until("all lines are back", || rows() == stage.view.n_items());
    stage.wait_for_end("Line 10999");
    stage.push(theirs("And one more"));
    stage.wait_for_end("And one more");
}

fn a_resized_window_stays_at_the_end() {
    let stage = Stage::new(1_000);
    for n in 0..200 {
        stage.push(theirs(&format!(
            "{n}: {}",
            "some words of a longer line ".repeat(n % 9)
        )));
    }
    stage.push(theirs("The last"));
    stage.wait_for_end("The last");
    for (width, height) in [(700, 300), (400, 500), (360, 250), (900, 700)] {
        stage.window.set_default_size(width, height);
        wait_until("the window has another size", || {
            (stage.shown.width() - width).abs() < 60
        });
        stage.wait_for_end("The last");
        let_work(Duration::from_millis(100));
        stage.wait_for_end("The last");
    }
}

fn words_are_found() {
    let stage = Stage::new(100_000);
    for n in 0..30_000 {
        let text = if n % 10_000 == 17 { "a Needle" } else { "hay" };
        stage.push(theirs(&format!("{text} {n}")));
    }
    stage.wait_for_end("hay 29999");
    stage.shown.set_property("search-mode", true);
    let entry = descendants(stage.shown.upcast_ref())
        .into_iter()
        .find_map(|widget| widget.downcast::<gtk::SearchEntry>().ok())
        .expect("there is an entry");
    entry.set_text("needle");
    stage.label("3 of 3");
    wait_until("the newest is in view", || {
        let label = stage.find_label("a Needle 20017");
        label.is_some_and(|label| stage.is_in_view(&label))
    });
    for (line, count) in [(10_017, "2 of 3"), (17, "1 of 3"), (20_017, "3 of 3")] {
        entry.emit_by_name::<()>("previous-match", &[]);
        stage.label(count);
        wait_until("the one before is in view", || {
            let label = stage.find_label(&format!("a Needle {line}"));
            label.is_some_and(|label| stage.is_in_view(&label))
        });
    }
    entry.emit_by_name::<()>("next-match", &[]);
    stage.label("1 of 3");
    entry.emit_by_name::<()>("stop-search", &[]);
    wait_until("the bar is closed", || {
        !stage.shown.property::<bool>("search-mode")
    });
}

fn a_view_that_is_empty_says_so() {
    let stage = Stage::new(10);
    stage
        .shown
        .set_property("empty-title", "Nothing <yet> & quiet");
    stage
        .shown
        .set_property("empty-description", "Say <i>something</i>");
    stage.label("Nothing <yet> & quiet");
    stage.label("Say <i>something</i>");
    stage.push(event("Something happened", Tone::Quiet));
    stage.label("Something happened");
    assert!(!stage.has_label("Nothing <yet> & quiet"));
    stage.history.clear();
    stage.label("Nothing <yet> & quiet");
}

fn a_conversation_becomes_a_file() {
    let stage = Stage::new(100_000);
    let at = SystemTime::UNIX_EPOCH + Duration::from_hours(24 * 365 * 50);
    let into = [&stage.view];
    stage.history.push_at(at, theirs("first\nsecond"), &into);
    stage
        .history
        .push_at(at, ours("你好", Delivery::Sent), &into);
    stage
        .history
        .push_at(at, event("Ana left", Tone::Quiet), &into);
    for n in 0..20_000 {
        stage.push(theirs(&n.to_string()));
    }
    let folder = std::env::temp_dir().join(format!("hallway-export-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder can be made");
    let path = folder.join("said.txt");
    std::fs::write(&path, "before").expect("a temporary file can be written");
    let turns = Rc::new(Cell::new(0));
    let written = Rc::new(Cell::new(None));
    let (result, view) = (written.clone(), stage.view.clone());
    let file = gio::File::for_path(&path);
    glib::spawn_future_local(async move {
        result.set(Some(conversation::write(&view, &file).await.is_ok()));
    });
    wait_until("it is written", || {
        turns.set(turns.get() + 1);
        written.get().is_some()
    });
    assert_eq!(written.get(), Some(true));
    let text = std::fs::read_to_string(&path).expect("it is text");
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[0].ends_with("Ana: first"), "{}", lines[0]);
    assert!(lines[0].starts_with("20"), "{}", lines[0]);
    assert_eq!(lines[1].trim_start(), "second");
    assert!(lines[1].starts_with(' '));
    assert!(lines[2].ends_with("You: 你好"), "{}", lines[2]);
    assert!(lines[3].ends_with("* Ana left"), "{}", lines[3]);
    assert_eq!(lines.len(), 20_004);
    assert!(turns.get() > 2, "the window got no turn meanwhile");
    std::fs::remove_dir_all(&folder).expect("what was made can be removed");
}

fn a_mebibyte_is_shown_in_part() {
    let stage = Stage::new(100);
    stage.push(theirs("before"));
    stage.label("before");
    let start = Instant::now();
    stage.push(theirs(&"words of a very long line ".repeat(40_330)));
    wait_until("there is more", || stage.button("Show All").is_some());
    println!("a mebibyte was shown in part after {:?}", start.elapsed());
    let start = Instant::now();
    stage.button("Show All").expect("just seen").emit_clicked();
    wait_until("it is all there is", || stage.button("Show All").is_none());
    let_work(Duration::from_millis(50));
    println!("and whole after {:?}", start.elapsed());
    check_sizes_of_width(&stage);
}

fn check_sizes_of_width(stage: &Stage) {
    for row in stage.rows() {
        assert!(row.width() <= NARROW, "a row is {} wide", row.width());
    }
}

fn nothing_is_left_behind() {
    let stage = Stage::new(100);
    stage.push(ours("x", Delivery::PerhapsNotReceived));
    stage.label("x");
    let weak = (stage.shown.downgrade(), stage.view.downgrade());
    drop(stage);
    wait_until("all of it is gone", || {
        weak.0.upgrade().is_none() && weak.1.upgrade().is_none()
    });
}
