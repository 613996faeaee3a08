//! Events, notices and failures as translated sentences.

pub(crate) mod encrypted;
pub(crate) mod keeping;
pub(crate) mod service;

use std::net::SocketAddr;
use std::rc::Rc;

use hallway_core::net::address::shown;
use hallway_core::net::{Error, Refusal, Refused};
use hallway_core::text::Name;
use hallway_words::{gettext, gettext_f, name_error, ngettext_f, sentence};

use crate::hub::{Event, Leaving, NameRefused, Notices, Person};

/// People named at most where there are many.
const NAMES: usize = 10;

/// What the program says where it was built without its window.
#[cfg(not(feature = "gui"))]
pub(crate) fn no_window() -> String {
    gettext("This build has no window. Start it with --headless to open a room without one.")
}

/// What the program says where no window can be shown.
#[cfg(feature = "gui")]
pub(crate) fn no_display() -> String {
    gettext(
        "There is no display to show a window on. Start it with --headless to open a room without one.",
    )
}

/// What the program says where its settings are not known to the system.
#[cfg(feature = "gui")]
pub(crate) fn not_installed() -> String {
    gettext(
        "Hallway is not fully installed: its settings are missing. Install it, or start it with ./dev run.",
    )
}

/// The room cannot be opened for a reason of the system's.
pub(crate) fn cannot_start(why: &str) -> String {
    gettext_f("The server cannot start: {why}.", &[("why", why)])
}

/// Where others can reach the room: a network with this computer's address there.
pub(crate) fn reachable(place: &str, port: u16) -> String {
    gettext_f(
        "Others can reach it at {place}, port {port}",
        &[("place", place), ("port", &port.to_string())],
    )
}

/// A line of the host's was too long.
pub(crate) fn host_line_too_long() -> String {
    gettext("A line of the standard input was too long and was left out.")
}

/// So many lines of the conversation did not fit into the standard output.
pub(crate) fn left_out(count: u64) -> String {
    let number = count.to_string();
    ngettext_f(
        "{count} line was left out because nobody read the output",
        "{count} lines were left out because nobody read the output",
        count,
        &[("count", &number)],
    )
}

/// The host's name where none was given: the person's real name, else the login.
pub(crate) fn host_name() -> Name {
    let real = glib::real_name();
    let login = glib::user_name();
    // GLib says so where the system knows no name.
    let candidates = [real.to_string_lossy(), login.to_string_lossy()];
    candidates
        .iter()
        .filter(|name| *name != "Unknown")
        .find_map(|name| Name::parse(name).ok())
        .or_else(|| Name::parse(&gettext("Host")).ok())
        .unwrap_or_else(|| Name::parse("Host").expect("a plain word is a name"))
}

/// An event as a line of the conversation; lines that people say are not events.
pub(crate) fn event(event: &Event<'_>) -> Option<String> {
    let text = match event {
        Event::Listening(address) => listening(*address),
        Event::Stopped => gettext("Stopped listening"),
        Event::Joined(person) => {
            let (address, port) = address_and_port(person.address);
            gettext_f(
                "Connected: {address}, port {port}",
                &[("address", &address), ("port", &port)],
            )
        }
        Event::Left(person, why) => left(person, why),
        Event::Renamed { person, before } => gettext_f(
            "{before} is now {name}",
            &[("before", before), ("name", &person.label)],
        ),
        Event::Line {
            person,
            text,
            is_cut: true,
        } => gettext_f(
            "{name} sent a line that is too long; it begins: {text}",
            &[("name", &named(person)), ("text", text)],
        ),
        Event::Received {
            received, missing, ..
        } if !missing.is_empty() => not_received(*received, missing),
        Event::FallingBehind(person, bytes) => {
            let kib = bytes.div_ceil(1024).to_string();
            gettext_f(
                "{name} is falling behind: {kib} KiB waiting",
                &[("name", &named(person)), ("kib", &kib)],
            )
        }
        Event::CaughtUp(person) => gettext_f("{name} has caught up", &[("name", &named(person))]),
        Event::Refused(refused) => refused_event(*refused),
        Event::AcceptFailed(error) => sentence(error),
        Event::Asks(person) => encrypted::asks(person),
        Event::Welcomed { person, before } => encrypted::welcomed(person, before),
        Event::Direct { person, text } => encrypted::direct(person, text),
        Event::Compare { person, code } => encrypted::compare(person, *code),
        Event::Found { person, found } => encrypted::found(person, *found),
        Event::NotKept => encrypted::not_kept(),
        Event::NotStored(error) => encrypted::not_stored(error),
        Event::Line { is_cut: false, .. }
        | Event::Said { .. }
        | Event::Received { .. }
        | Event::Typing { .. } => {
            return None;
        }
    };
    Some(text)
}

fn listening(address: SocketAddr) -> String {
    let (ip, port) = address_and_port(address);
    if address.ip().is_unspecified() {
        gettext_f(
            "Listening on every network, port {port}",
            &[("port", &port)],
        )
    } else {
        gettext_f(
            "Listening on {address}, port {port}",
            &[("address", &ip), ("port", &port)],
        )
    }
}

/// Address and port apart, as people say them.
fn address_and_port(address: SocketAddr) -> (String, String) {
    let address = hallway_core::net::address::plain(address);
    (address.ip().to_string(), address.port().to_string())
}

/// A label with the address, where the label is not the address.
fn named(person: &Person) -> String {
    let address = shown(person.address);
    if person.is_named {
        // Translators: a person's name, and address and port in parentheses
        gettext_f(
            "{name} ({address})",
            &[("name", &person.label), ("address", &address)],
        )
    } else {
        address
    }
}

fn left(person: &Person, why: &Leaving) -> String {
    let name = named(person);
    let name = [("name", name.as_str())];
    match why {
        Leaving::ByPeer => gettext_f("Disconnected: {name}", &name),
        Leaving::Quit => gettext_f("Disconnected: {name} said goodbye", &name),
        Leaving::ByHost => gettext_f("Disconnected by you: {name}", &name),
        Leaving::Aborted => gettext_f("Broken off by you: {name}", &name),
        Leaving::KeptOut => gettext_f("Kept out by you: {name}", &name),
        Leaving::Stopped => gettext_f("Disconnected because the server stops: {name}", &name),
        Leaving::Http => gettext_f(
            "Refused: {name} sent a web request, and web pages cannot speak here",
            &name,
        ),
        Leaving::Encrypted => gettext_f(
            "Refused: {name} wanted encryption, which this server does not offer",
            &name,
        ),
        Leaving::Refused(code) => encrypted::refused(code, &name),
        Leaving::NotLetIn => gettext_f("Not let in by you: {name}", &name),
        Leaving::Failed(Error::TooSlow { .. }) => did_not_read(&name),
        Leaving::Failed(Error::Reset) => {
            gettext_f("Disconnected: {name} broke the connection off", &name)
        }
        Leaving::Failed(Error::PeerSilent) => gettext_f(
            "Disconnected: {name} stopped answering and timed out",
            &name,
        ),
        Leaving::Failed(Error::LineTooLong { limit }) => {
            let limit = limit.to_string();
            gettext_f(
                "Disconnected: {name} sent a line longer than {limit} bytes",
                &[name[0], ("limit", &limit)],
            )
        }
        Leaving::Failed(error) => {
            let why = sentence(error);
            gettext_f("Disconnected: {name}. {why}", &[name[0], ("why", &why)])
        }
    }
}

fn did_not_read(name: &[(&str, &str)]) -> String {
    gettext_f("Disconnected: {name} did not read what it was sent", name)
}

fn not_received(received: usize, missing: &[Rc<Person>]) -> String {
    let all = received + missing.len();
    let names = names(missing);
    gettext_f(
        "Sent to {received} of {all}; perhaps not received by {names}",
        &[
            ("received", &received.to_string()),
            ("all", &all.to_string()),
            ("names", &names),
        ],
    )
}

/// Several people, each with the address; of a crowd only some.
pub(crate) fn names(people: &[Rc<Person>]) -> String {
    let names = people.iter().take(NAMES).map(|person| named(person));
    let names = names.collect::<Vec<_>>().join(", ");
    let more = people.len().saturating_sub(NAMES);
    if more == 0 {
        return names;
    }
    gettext_f(
        // Translators: some names, and how many there are besides
        "{names} and {more} more",
        &[("names", &names), ("more", &more.to_string())],
    )
}

fn refused_event(Refused { peer, why }: Refused) -> String {
    let (address, port) = address_and_port(peer);
    let count = match why {
        Refusal::Full { limit } | Refusal::FullForAddress { limit } => limit.to_string(),
        Refusal::Unwanted => String::new(),
    };
    let values = [
        ("address", address.as_str()),
        ("port", &port),
        ("count", &count),
    ];
    match why {
        Refusal::Full { .. } => gettext_f(
            "Refused: {address}, port {port}, because of the limit of {count} in all",
            &values,
        ),
        Refusal::FullForAddress { .. } => gettext_f(
            "Refused: {address}, port {port}, because of the limit of {count} from one address",
            &values,
        ),
        Refusal::Unwanted => gettext_f(
            "Refused because you keep the address out: {address}, port {port}",
            &values[..2],
        ),
    }
}

/// What plain peers are told.
pub(crate) struct Words;

impl Notices for Words {
    fn help(&self) -> String {
        // Translators: keep the words that begin with a slash as they are
        gettext(
            "/name NAME gives you a name\n/who tells who is here\n/quit says goodbye\n//who says “/who” to the room",
        )
    }

    fn who(&self, labels: &[&str], total: usize) -> String {
        let names = labels.join(", ");
        let count = total.to_string();
        let more = (total - labels.len().min(total)).to_string();
        let values = [
            ("count", count.as_str()),
            ("names", names.as_str()),
            ("more", more.as_str()),
        ];
        let number = total as u64;
        if labels.len() < total {
            ngettext_f(
                "{count} person is here: {names} and {more} more",
                "{count} people are here: {names} and {more} more",
                number,
                &values,
            )
        } else {
            ngettext_f(
                "{count} person is here: {names}",
                "{count} people are here: {names}",
                number,
                &values,
            )
        }
    }

    fn called(&self, label: &str) -> String {
        gettext_f("You are {name}. /name NAME changes it.", &[("name", label)])
    }

    fn renamed(&self, label: &str) -> String {
        gettext_f("You are now {name}.", &[("name", label)])
    }

    fn name_refused(&self, why: &NameRefused) -> String {
        match why {
            NameRefused::Taken => {
                gettext("Somebody has this name, or one that looks like it. Choose another.")
            }
            NameRefused::Rules(error) => name_error(error),
            NameRefused::Gone => gettext("This person has gone."),
        }
    }

    fn goodbye(&self) -> String {
        gettext("Goodbye.")
    }

    fn line_too_long(&self, limit: usize) -> String {
        gettext_f(
            "Your line was longer than {limit} bytes. The connection is closed.",
            &[("limit", &limit.to_string())],
        )
    }

    fn refused(&self, refusal: Refusal) -> String {
        match refusal {
            Refusal::Full { .. } => gettext("This server is full. Try again later."),
            Refusal::FullForAddress { .. } => {
                gettext("There are too many connections from your address. Close one first.")
            }
            Refusal::Unwanted => gettext("The host keeps your address out."),
        }
    }

    fn needs_encryption(&self) -> String {
        gettext("Only encrypted connections are taken here.")
    }

    fn disconnected(&self) -> String {
        gettext("The host ended this connection.")
    }

    fn stopped(&self) -> String {
        gettext("The server has stopped.")
    }
}
