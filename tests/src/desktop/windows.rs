//! What is done with our two windows again and again.

use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Deref;

use super::Desktop;
use super::app::App;
use super::node::{Kind, Node};
use crate::peer::Peer;
use crate::world::free_port;

/// The host's name, which is nobody's.
pub const HOST: &str = "Hana";

/// A server window that listens.
#[derive(Debug)]
pub struct Room<'a> {
    app: App<'a>,
    port: u16,
}

impl<'a> Room<'a> {
    /// One on this computer alone, on a port that was free.
    #[track_caller]
    pub fn open(desktop: &'a Desktop) -> Self {
        Self::open_with(desktop, &[])
    }

    /// One with these arguments.
    #[track_caller]
    pub fn open_with(desktop: &'a Desktop, more: &[&str]) -> Self {
        Self::open_on(desktop, free_port(), more)
    }

    /// One on this port.
    #[track_caller]
    pub fn open_on(desktop: &'a Desktop, port: u16, more: &[&str]) -> Self {
        let number = port.to_string();
        let mut arguments = vec!["--address", "127.0.0.1", "--port", &number];
        arguments.extend(["--name", HOST, "--start"]);
        arguments.extend(more);
        let app = desktop.start("hallway-server", &arguments);
        crate::world::listening(port);
        Self { app, port }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A bare socket in the room, that the window shows.
    #[track_caller]
    pub fn peer(&self) -> Peer {
        let peer = Peer::connect(self.address());
        self.person(&peer.address().to_string());
        peer
    }

    /// A bare socket in the room, that the window shows by this name.
    #[track_caller]
    pub fn peer_named(&self, name: &str) -> Peer {
        let mut peer = self.peer();
        peer.line(&format!("/name {name}"));
        peer.answer();
        self.person(name);
        peer
    }

    /// Waits for somebody in the list of people, or for everyone.
    #[track_caller]
    pub fn person(&self, name: &str) -> Node<'_> {
        person(self, name)
    }

    /// Chooses a row of the list of people.
    #[track_caller]
    pub fn choose(&self, name: &str) {
        self.person(name).click_with_mouse(1);
        self.until(&format!("“{name}” chosen"), || {
            self.person(name).is_selected().then_some(())
        });
    }

    /// Opens the menu of a person and takes an entry.
    #[track_caller]
    pub fn do_with(&self, name: &str, entry: &str) {
        self.person(name).click_with_mouse(3);
        self.click(Kind::Item, entry);
    }
}

/// Waits for somebody in the list of people of a server window, or for everyone.
#[track_caller]
pub fn person<'a>(server: &'a App<'_>, name: &str) -> Node<'a> {
    let names = server.desktop().words(name);
    let is_named = |text: &str| names.contains(&text);
    server.until(&format!("“{name}” among the people"), || {
        let rows = server.all(Kind::Row).into_iter();
        // What a person says is a row as well, with the time.
        let mut people = rows.filter(|row| !has_time(row.name()));
        people.find(|row| is_named(row.name()) || row.texts().iter().any(|text| is_named(text)))
    })
}

impl<'a> Deref for Room<'a> {
    type Target = App<'a>;

    fn deref(&self) -> &App<'a> {
        &self.app
    }
}

/// A client window that talks to this address in plain lines.
#[track_caller]
pub fn join(desktop: &Desktop, address: SocketAddr) -> App<'_> {
    let client = desktop.start_apart("hallway", &["--plain", &address.to_string()]);
    client.until("a connection", || is_connected(&client).then_some(()));
    client
}

/// Whether the header tells of a connection.
pub fn is_connected(client: &App<'_>) -> bool {
    let told = client.desktop().words("Connected to {place}");
    let begins = |text: &String| {
        let mut starts = told.iter().filter_map(|told| told.split('{').next());
        starts.any(|start| text.starts_with(start))
    };
    client.texts().iter().any(begins)
}

/// What stands in a conversation, for the eyes of a person.
pub fn conversation(app: &App<'_>) -> Vec<String> {
    let rows = app.all(Kind::Row).into_iter();
    let names = rows.map(|row| row.name().to_owned());
    names.filter(|name| has_time(name)).collect()
}

/// Whether a time such as 14:03 stands in a text. Rows of people have none.
fn has_time(text: &str) -> bool {
    let words = text.split(|c: char| c != ':' && !c.is_ascii_digit());
    // In English a colon follows the time, too.
    words.map(|word| word.trim_end_matches(':')).any(|word| {
        let parts = word.split_once(':');
        parts.is_some_and(|(hour, minute)| hour.len() == 2 && minute.len() == 2)
    })
}

/// Writes in the composer and sends it.
#[track_caller]
pub fn say(app: &App<'_>, text: &str) {
    write(app, text);
    app.click(Kind::Button, "Send");
    app.until("an empty composer", || {
        app.find(Kind::Text, "Message")
            .text()
            .is_empty()
            .then_some(())
    });
}

/// Closes a dialog that tells something with this in it.
#[track_caller]
pub fn close_dialog(app: &App<'_>, part: &str) {
    app.reads(part);
    // GTK 4.8 reads the key of a button aloud, and the window below it has a button to close it, too.
    app.until("a button that closes it", || {
        let buttons = app.all(Kind::Button).into_iter();
        let close = buttons.filter(|button| button.name().ends_with("Close"));
        close.last().map(|close| close.click())
    });
    app.stops_reading(part);
}

/// Writes in the composer.
#[track_caller]
pub fn write(app: &App<'_>, text: &str) {
    app.find(Kind::Text, "Message").set_text(text);
}
