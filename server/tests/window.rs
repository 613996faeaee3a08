//! The window on a display: every template is built, and a room is opened, used and closed.
//!
//! One test, because GTK belongs to one thread.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use adw::prelude::*;
use hallway_core::net::Reactor;
use hallway_server::hub::Settings;
use hallway_server::window::ServerWindow;
use hallway_widgets::program;

/// After this long something does not happen any more.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn a_room_is_opened_used_and_closed() {
    if !program::has_display() {
        assert!(
            std::env::var_os("HALLWAY_NEEDS_DISPLAY").is_none(),
            "there is no display"
        );
        println!("skipped: there is no display");
        return;
    }
    let Some(settings) = settings() else {
        println!("skipped: glib-compile-schemas is not here");
        return;
    };
    // Else it would open what the person at this computer has kept.
    settings
        .set_string("encryption", "off")
        .expect("the key can be written");
    let application = adw::Application::new(None, gio::ApplicationFlags::NON_UNIQUE);
    application
        .register(gio::Cancellable::NONE)
        .expect("an application of its own needs nobody");
    hallway_widgets::init();
    let reactor = Reactor::new(program::io_priority()).expect("there is epoll");
    let window = ServerWindow::new(&application, &reactor, &settings, Settings::default());
    window.present();

    // Whoever has never been here is welcomed first.
    let _: gtk::Button = find(&window, |button: &gtk::Button| {
        button.label().as_deref() == Some("Get Started")
    });
    press(&window, "win.show-setup");
    assert!(!settings.boolean("first-run"));

    // A name that is none is refused where it was typed.
    let name: adw::EntryRow = find(&window, |_| true);
    name.set_text("10.0.0.1");
    press(&window, "win.start");
    let told = |text: &'static str| move |label: &gtk::Label| label.label().contains(text);
    let _: gtk::Label = find(&window, told("looks like an address"));
    name.set_text("Marta");

    let port: gtk::SpinButton = find(&window, |_| true);
    port.set_value(0.0);
    press(&window, "win.start");
    let bound = port_told(&window);
    assert_eq!(settings.uint("port"), 0, "what a person changes is kept");
    assert_eq!(settings.string("name"), "Marta");

    // Somebody comes, gets a name, says something and hears something.
    let mut ana = TcpStream::connect((Ipv4Addr::LOCALHOST, bound)).expect("it listens");
    ana.write_all(b"/name Ana\nhello <b>host</b>\n")
        .expect("it reads");
    let _: gtk::Label = find(&window, |label: &gtk::Label| label.label() == "Ana");
    let _: gtk::Label = find(&window, told("1 person hears this"));
    write(&window, "hello Ana");
    let mut lines = BufReader::new(ana.try_clone().expect("a socket can be shared"));
    assert_eq!(heard(&mut lines), "* You are now Ana.");
    assert_eq!(heard(&mut lines), "hello Ana");

    // The audience is the chosen row.
    press(&window, "win.next-row");
    let _: gtk::Label = find(&window, told("Only Ana hears this"));
    write(&window, "psst");
    assert_eq!(heard(&mut lines), "psst");

    // Stopping says so to everybody, and keeps what was said.
    press(&window, "win.stop");
    assert_eq!(heard(&mut lines), "* The server has stopped.");
    assert_eq!(heard(&mut lines), "");
    drop((ana, lines));
    let _: gtk::Button = find(&window, |button: &gtk::Button| {
        button.action_name().as_deref() == Some("win.show-conversation")
    });

    // The same port can be had again.
    port.set_value(bound.into());
    press(&window, "win.start");
    assert_eq!(port_told(&window), bound);
    let ana = TcpStream::connect((Ipv4Addr::LOCALHOST, bound)).expect("it listens again");
    let _: gtk::Label = find(&window, told("No name yet"));

    press(&window, "win.shortcuts");
    let shortcuts = gtk::Window::list_toplevels()
        .into_iter()
        .find_map(|toplevel| toplevel.downcast::<gtk::ShortcutsWindow>().ok());
    shortcuts.expect("the window of shortcuts is open").close();

    // Closing tells everybody, and only then the window goes.
    window.close();
    let mut lines = BufReader::new(ana);
    assert_eq!(heard(&mut lines), "* The server has stopped.");
    assert_eq!(heard(&mut lines), "");
    drop(lines);
    until(|| application.windows().is_empty().then_some(()));
}

/// Settings that are forgotten with the test.
fn settings() -> Option<gio::Settings> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
    let compiled = env!("CARGO_TARGET_TMPDIR");
    let status = Command::new("glib-compile-schemas")
        .arg(format!("--targetdir={compiled}"))
        .arg(data)
        .status();
    assert!(status.ok()?.success(), "the schemas are valid");
    let source = gio::SettingsSchemaSource::from_directory(compiled, None, true)
        .expect("the schemas were compiled");
    let schema = source.lookup("chat.hallway.Server", true)?;
    let memory = gio::memory_settings_backend_new();
    Some(gio::Settings::new_full(&schema, Some(&memory), None))
}

/// Does what a menu item does.
fn press(window: &ServerWindow, action: &str) {
    WidgetExt::activate_action(window, action, None).expect("the window has this action");
}

/// Writes a message and sends it.
fn write(window: &ServerWindow, text: &str) {
    let field: gtk::TextView = find(window, |_| true);
    field.buffer().set_text(text);
    let send: gtk::Button = find(window, |button: &gtk::Button| {
        button.tooltip_text().as_deref() == Some("Send")
    });
    until(|| send.is_sensitive().then_some(()));
    send.emit_clicked();
}

/// The next line a peer hears; empty at the end.
fn heard(lines: &mut BufReader<TcpStream>) -> String {
    lines
        .get_ref()
        .set_nonblocking(true)
        .expect("any socket can be");
    let mut line = String::new();
    until(|| match lines.read_line(&mut line) {
        Ok(_) => Some(()),
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => None,
        Err(error) => panic!("{error}"),
    });
    line.trim_end().to_owned()
}

/// The port in the title of the sidebar.
fn port_told(window: &ServerWindow) -> u16 {
    let title: gtk::Label = find(window, |label: &gtk::Label| {
        label.has_css_class("subtitle") && label.label().contains(", port ")
    });
    let title = title.label();
    let (_, port) = title.split_once(", port ").expect("it was looked for");
    port.parse().expect("a port is a number")
}

/// Waits for a widget that can be seen.
fn find<W: IsA<gtk::Widget>>(window: &ServerWindow, is_it: impl Fn(&W) -> bool) -> W {
    until(|| search(window.upcast_ref(), &is_it))
}

fn search<W: IsA<gtk::Widget>>(widget: &gtk::Widget, is_it: &impl Fn(&W) -> bool) -> Option<W> {
    if !widget.is_mapped() {
        return None;
    }
    if let Some(found) = widget.downcast_ref::<W>()
        && is_it(found)
    {
        return Some(found.clone());
    }
    let mut child = widget.first_child();
    while let Some(widget) = child {
        if let Some(found) = search(&widget, is_it) {
            return Some(found);
        }
        child = widget.next_sibling();
    }
    None
}

/// Lets the window live until `get` has something.
#[track_caller]
fn until<T>(mut get: impl FnMut() -> Option<T>) -> T {
    let context = glib::MainContext::default();
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = get() {
            return found;
        }
        assert!(Instant::now() < end, "it does not happen");
        if !context.iteration(false) {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}
