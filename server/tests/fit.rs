//! Words that are longer than English have room: in the translation that nobody speaks, no text is cut
//! off in a window of the usual size, and in the smallest one only what may be.
//!
//! GTK belongs to one thread, and a program to one language, so the one test starts itself again.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use adw::prelude::*;
use hallway_core::net::Reactor;
use hallway_server::hub::Settings;
use hallway_server::window::ServerWindow;
use hallway_widgets::program;

/// The usual width of a window, and the smallest.
const WIDTHS: [i32; 2] = [980, 360];

/// Without a window manager a window has a border of its own, which may count.
const BORDER: i32 = 10;

/// Where the smallest window may cut a text off: titles in header bars, and where the room can be
/// reached, which a click tells in full.
const CUT_WHERE_NARROW: [&str; 2] = ["title", "subtitle"];

/// How long a window is looked at: until it has come to rest, even on a busy machine.
const RESTING: Duration = Duration::from_secs(2);

const AGAIN: &str = "HALLWAY_TEST_FIT";

#[test]
fn longer_words_fit() {
    if std::env::var_os(AGAIN).is_some() {
        return look();
    }
    if !program::has_display() {
        assert!(
            std::env::var_os("HALLWAY_NEEDS_DISPLAY").is_none(),
            "there is no display"
        );
        println!("skipped: there is no display");
        return;
    }
    let Some(locale) = translation() else {
        println!("skipped: gettext's tools are not here");
        return;
    };
    let program = std::env::current_exe().expect("this program runs");
    let status = Command::new(program)
        .envs([(AGAIN, "1"), ("LC_ALL", "C.UTF-8"), ("LANGUAGE", "qps")])
        .env("HALLWAY_LOCALEDIR", locale)
        .arg("--nocapture")
        .status();
    assert!(status.expect("it can be started").success());
}

/// The folder of the translation that nobody speaks.
fn translation() -> Option<String> {
    let locale = format!("{}/locale-fit", env!("CARGO_TARGET_TMPDIR"));
    let folder = format!("{locale}/qps/LC_MESSAGES");
    std::fs::create_dir_all(&folder).expect("the build folder can be written");
    let po = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("../po/pseudo")).output();
    let po = po.ok().filter(|po| po.status.success())?;
    let file = format!("{folder}/hallway.po");
    std::fs::write(&file, po.stdout).expect("the build folder can be written");
    let compiled = Command::new("msgfmt")
        .arg(format!("--output-file={folder}/hallway.mo"))
        .arg(file)
        .status();
    compiled.ok()?.success().then_some(locale)
}

fn look() {
    hallway_words::init();
    assert!(hallway_words::gettext("Open a Room").contains('⟦'));
    assert!(program::has_display());
    let application = adw::Application::new(None, gio::ApplicationFlags::NON_UNIQUE);
    application
        .register(gio::Cancellable::NONE)
        .expect("an application of its own needs nobody");
    hallway_widgets::init();
    let reactor = Reactor::new(program::io_priority()).expect("there is epoll");
    for width in WIDTHS {
        let settings = settings();
        for (key, value) in [("window-width", width), ("window-height", 700)] {
            settings.set_int(key, value).expect("it is no one's");
        }
        settings.set_uint("port", 0).expect("it is no one's");
        settings
            .set_string("address", "localhost")
            .expect("it is no one's");
        let window = ServerWindow::new(&application, &reactor, &settings, Settings::default());
        window.present();
        rest();
        fits(&window, width, "setup");
        WidgetExt::activate_action(&window, "win.start", None).expect("it has this action");
        rest();
        fits(&window, width, "room");
        window.destroy();
    }
}

#[track_caller]
fn fits(window: &ServerWindow, width: i32, page: &str) {
    let is = window.width();
    assert!((is - width).abs() <= BORDER, "{page}: {is} px, not {width}");
    let mut found = Vec::new();
    cut_off(window.upcast_ref(), &mut found);
    let may_be_cut = |label: &gtk::Label| {
        width < WIDTHS[0]
            && CUT_WHERE_NARROW
                .iter()
                .any(|class| label.has_css_class(class))
    };
    found.retain(|label| !may_be_cut(label));
    let texts: Vec<_> = found.iter().map(gtk::Label::text).collect();
    assert!(texts.is_empty(), "{page}, {width} px, cut off: {texts:?}");
}

/// The labels of which an end is not there.
fn cut_off(widget: &gtk::Widget, found: &mut Vec<gtk::Label>) {
    if !widget.is_mapped() {
        return;
    }
    if let Some(label) = widget.downcast_ref::<gtk::Label>()
        && label.layout().is_ellipsized()
    {
        found.push(label.clone());
    }
    let mut child = widget.first_child();
    while let Some(next) = child {
        cut_off(&next, found);
        child = next.next_sibling();
    }
}

fn rest() {
    let end = Instant::now() + RESTING;
    while Instant::now() < end {
        if !glib::MainContext::default().iteration(false) {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// Settings that are forgotten with the test.
fn settings() -> gio::Settings {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
    let compiled = concat!(env!("CARGO_TARGET_TMPDIR"), "/schemas-fit");
    std::fs::create_dir_all(compiled).expect("the build folder can be written");
    let status = Command::new("glib-compile-schemas")
        .arg(format!("--targetdir={compiled}"))
        .arg(data)
        .status();
    assert!(status.is_ok_and(|status| status.success()));
    let source = gio::SettingsSchemaSource::from_directory(compiled, None, true)
        .expect("the schemas were compiled");
    let schema = source.lookup("chat.hallway.Server", true);
    let schema = schema.expect("the schema is there");
    let memory = gio::memory_settings_backend_new();
    gio::Settings::new_full(&schema, Some(&memory), None)
}
