//! The window with real widgets: every template is built, and a conversation is had.
//!
//! GTK belongs to one thread, so this is one test. It needs a display and skips where there is
//! none.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use adw::prelude::*;
use gtk::glib;
use hallway::window::client_window::ClientWindow;
use hallway::window::connect_dialog::ConnectDialog;
use hallway::window::proxy_login::ProxyLogin;
use hallway::window::server_list::ServerList;
use hallway::window::server_row::ServerRow;
use hallway::window::{Application, ID};
use hallway_widgets::{Composer, program};

/// Longer than anything here takes, even on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn the_window() {
    if !program::has_display() {
        assert!(
            std::env::var_os("HALLWAY_NEEDS_DISPLAY").is_none(),
            "there is no display"
        );
        eprintln!("skipped: there is no display");
        return;
    }
    let settings = settings();
    let application = Application::new(&settings).expect("there are descriptors");
    // Whoever runs the tests may have the program open.
    application.set_flags(application.flags() | gio::ApplicationFlags::NON_UNIQUE);
    let none = None::<&gio::Cancellable>;
    application.register(none).expect("nobody has to be asked");

    templates(&settings);
    addresses_come_apart(&settings);
    a_conversation(&application, &settings);
    servers_are_changed(&application, &settings);
}

/// The settings as they are without anybody's, from the schema of this tree.
fn settings() -> gio::Settings {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("window-schemas");
    std::fs::create_dir_all(&folder).expect("the folder for tests can be written");
    let compiled = Command::new("glib-compile-schemas")
        .arg("--targetdir")
        .args([&folder, &data])
        .status();
    assert!(compiled.is_ok_and(|status| status.success()));
    let source = gio::SettingsSchemaSource::from_directory(&folder, None, false)
        .expect("it was compiled a moment ago");
    let schema = source.lookup(ID, false).expect("the schema is there");
    let memory = gio::memory_settings_backend_new();
    gio::Settings::new_full(&schema, Some(&memory), None)
}

fn templates(settings: &gio::Settings) {
    let target = "lab:80".parse().expect("an address");
    ServerRow::new(&target);
    glib::Object::new::<ServerList>();
    glib::Object::new::<ProxyLogin>().destroy();
    ConnectDialog::new(settings).destroy();
}

fn addresses_come_apart(settings: &gio::Settings) {
    let dialog = ConnectDialog::new(settings);
    dialog.present();
    let address = find::<adw::EntryRow>(&dialog);
    let port = find::<gtk::SpinButton>(&dialog);
    let connect = find_where::<gtk::Button>(&dialog, &|button| {
        button.label().is_some_and(|label| label == "Connect")
    });
    assert!(!connect.is_sensitive());
    address.set_text(" hallway://[::1]:80/ ");
    until("the port has moved", || address.text() == "::1");
    assert_eq!(port.value_as_int(), 80);
    assert!(connect.is_sensitive());
    address.set_text("http://lab");
    connect.emit_clicked();
    assert!(dialog.is_visible() && address.has_css_class("error"));
    address.set_text("lab");
    connect.emit_clicked();
    until("the dialog is gone", || !dialog.is_visible());
    assert_eq!(settings.string("last-address"), "lab:80");
}

fn a_conversation(application: &Application, settings: &gio::Settings) {
    let (listener, server) = listen();
    speak_plainly(settings, &[&server]);
    let window = ClientWindow::new(application);
    window.present();
    act(&window, "win.choose-server", Some(&server.to_variant()));
    let mut peer = accept(&listener);
    until("it is remembered", || {
        let recent = settings.strv("recent-servers");
        recent
            .iter()
            .map(glib::GStringPtr::as_str)
            .eq([server.as_str()])
    });
    let composer = composer_of(&window);
    let send = find_where::<gtk::Button>(&composer, &|button| {
        button.tooltip_text().is_some_and(|text| text == "Send")
    });
    composer.set_text("你好\n<b>&amp;");
    send.emit_clicked();
    let mut heard = BufReader::new(peer.try_clone().expect("a second descriptor"));
    for expected in ["你好\n", "<b>&amp;\n"] {
        assert_eq!(read_line(&mut heard), expected);
    }
    assert_eq!(composer.text(), "");
    peer.write_all("Ana: <b>hi\n* notice\n\u{202E}bare\n".as_bytes())
        .expect("it reads");
    let shows = |text: &str| {
        let found = |label: &gtk::Label| label.text().contains(text);
        search::<gtk::Label>(window.upcast_ref(), &found).is_some()
    };
    for text in ["Ana", "<b>hi", "notice", "⟨U+202E⟩bare"] {
        until(text, || shows(text));
    }

    // It ends properly, which the other side sees.
    peer.shutdown(std::net::Shutdown::Write).expect("open");
    until("the end is told", || {
        shows("The server ended the conversation")
    });
    composer.set_text("later");
    send.emit_clicked();
    act(&window, "win.reconnect", None);
    let mut peer = accept(&listener);
    let mut heard = BufReader::new(peer.try_clone().expect("a second descriptor"));
    assert_eq!(read_line(&mut heard), "later\n");
    peer.write_all(b"bye\n").expect("it reads");
    until("the last words", || shows("bye"));
    window.close();
    assert_eq!(read_to_end(&mut peer), 0);
    assert!(!window.is_visible());
}

fn act(window: &ClientWindow, action: &str, parameter: Option<&glib::Variant>) {
    let widget: &gtk::Widget = window.upcast_ref();
    widget
        .activate_action(action, parameter)
        .expect("the window has the action");
}

fn servers_are_changed(application: &Application, settings: &gio::Settings) {
    let [(one, at_one), (other, at_other)] = [listen(), listen()];
    speak_plainly(settings, &[&at_one, &at_other]);
    let window = ClientWindow::new(application);
    window.present();
    let composer = composer_of(&window);
    let shows = |text: &str| {
        let found = |label: &gtk::Label| label.text() == text;
        search::<gtk::Label>(window.upcast_ref(), &found).is_some()
    };
    let choose = |at: &str| act(&window, "win.choose-server", Some(&at.to_variant()));
    choose(&at_one);
    let mut peer = accept(&one);
    peer.write_all(b"said before\n").expect("it reads");
    until("the line", || shows("said before"));
    composer.set_text("a draft");

    choose(&at_other);
    let _other_peer = accept(&other);
    assert_eq!(read_to_end(&mut peer), 0);
    until("it is gone", || !shows("said before"));
    assert_eq!(composer.text(), "");

    choose(&at_one);
    let _peer = accept(&one);
    until("it is back", || shows("said before"));
    assert_eq!(composer.text(), "a draft");

    let is_remembered = |at: &str| {
        let recent = settings.strv("recent-servers");
        recent.iter().any(|other| other.as_str() == at)
    };
    until("both are remembered", || {
        is_remembered(&at_one) && is_remembered(&at_other)
    });
    act(&window, "win.forget-server", Some(&at_other.to_variant()));
    assert!(is_remembered(&at_one) && !is_remembered(&at_other));
    window.close();
}

/// Plain text was chosen for these servers.
fn speak_plainly(settings: &gio::Settings, servers: &[&str]) {
    settings
        .set_strv("plain-servers", servers)
        .expect("nothing is locked in memory");
}

/// How many bytes came before the other side said that there are no more.
fn read_to_end(peer: &mut TcpStream) -> usize {
    peer.set_nonblocking(true).expect("a socket");
    let mut rest = Vec::new();
    until("the end of stream", || peer.read_to_end(&mut rest).is_ok());
    rest.len()
}

fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
    listener.set_nonblocking(true).expect("a socket");
    let address = listener.local_addr().expect("it listens");
    (listener, address.to_string())
}

fn accept(listener: &TcpListener) -> TcpStream {
    let mut peer = None;
    until("somebody connects", || {
        peer = listener.accept().ok();
        peer.is_some()
    });
    let (peer, _) = peer.expect("it was waited for");
    peer
}

fn read_line(heard: &mut BufReader<TcpStream>) -> String {
    heard.get_ref().set_nonblocking(true).expect("a socket");
    let mut line = String::new();
    until("a line", || {
        // What was read of a line before it would block stays in `line`.
        heard.read_line(&mut line).is_ok() && line.ends_with('\n')
    });
    line
}

/// Runs the main loop until `condition` holds.
#[track_caller]
fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let context = glib::MainContext::default();
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "{what}");
        if !context.iteration(false) {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// It is made after the window's first frame.
fn composer_of(window: &ClientWindow) -> Composer {
    let found = || search::<Composer>(window.upcast_ref(), &|_| true);
    until("a composer", || found().is_some());
    found().expect("it was there")
}

fn find<T: IsA<gtk::Widget>>(root: &impl IsA<gtk::Widget>) -> T {
    find_where(root, &|_| true)
}

fn find_where<T: IsA<gtk::Widget>>(
    root: &impl IsA<gtk::Widget>,
    condition: &dyn Fn(&T) -> bool,
) -> T {
    search(root.upcast_ref(), condition).expect("the template has it")
}

/// The first such widget in `root`, in the order of the tree.
fn search<T: IsA<gtk::Widget>>(root: &gtk::Widget, condition: &dyn Fn(&T) -> bool) -> Option<T> {
    if let Some(widget) = root.downcast_ref::<T>()
        && condition(widget)
    {
        return Some(widget.clone());
    }
    let mut children = std::iter::successors(root.first_child(), WidgetExt::next_sibling);
    children.find_map(|child| search(&child, condition))
}
