//! The programs at home on a desktop: installed, launched and noticed in the real GNOME Shell, and
//! the windows on another Wayland.
//!
//! `./dev test --desktop` runs these: they need Hallway installed in a folder, a GNOME Shell and
//! weston, and fail without.

mod entries;
mod launching;
mod notifications;
mod search;
mod talking;
mod weston;
mod windows;

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;

use hallway_tests::desktop::app::App;
use hallway_tests::desktop::node::Kind;
use hallway_tests::desktop::shell::Window;
use hallway_tests::desktop::windows::is_connected;
use hallway_tests::desktop::{Desktop, Look, source};

const CLIENT: &str = "chat.hallway.Client";
const SERVER: &str = "chat.hallway.Server";

/// Where pictures of this go: `target/desktop`.
fn picture(desktop: &Desktop, name: &str) {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| source().join("target"), |target| source().join(target));
    let folder: PathBuf = target.join("desktop");
    fs::create_dir_all(&folder).expect("the build folder can be written");
    desktop.picture(&folder.join(format!("{name}.png")));
}

/// A server that will listen on this port, of this computer alone.
fn on_port(port: u16) -> Look {
    Look::default()
        .set("chat/hallway/Server", "address", "'localhost'")
        .set("chat/hallway/Server", "name", "'Hana'")
        .set("chat/hallway/Server", "port", &format!("uint32 {port}"))
}

/// A client window that talks to this address.
#[track_caller]
fn join(desktop: &Desktop, address: SocketAddr) -> App<'_> {
    let client = desktop.start("hallway", &["--plain", &address.to_string()]);
    client.until("a connection", || is_connected(&client).then_some(()));
    client
}

/// Waits until a program has the keyboard.
#[track_caller]
fn in_front(desktop: &Desktop, app: &App<'_>) -> Window {
    let what = "its window in front";
    let shell = desktop.shell();
    shell.window(what, |window| window.pid == app.pid() && window.has_focus)
}

/// Presses the button that begins listening.
#[track_caller]
fn listen(server: &App<'_>, port: u16) {
    server.click(Kind::Button, "Start Listening");
    server.reads(&format!("port {port}"));
    hallway_tests::world::listening(port);
}
