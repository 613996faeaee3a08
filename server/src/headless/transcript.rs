//! The conversation on the standard output.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{SystemTime, UNIX_EPOCH};

use hallway_core::net::address::shown;
use hallway_core::text::Name;

use crate::hub::Event;
use crate::log::Log;
use crate::words;

/// Stands for the speaker of an event.
const EVENT: &str = "*";

/// The conversation as lines: time, tab, speaker, tab, text.
pub(super) struct Transcript {
    log: Log,
    host: String,
    is_quiet: bool,
    clock: Clock,
    line: RefCell<String>,
}

impl Transcript {
    pub(super) fn new(host: Option<Name>, is_quiet: bool) -> Rc<Self> {
        let left_out = |count| {
            let text = words::left_out(count);
            format!("{}\t{EVENT}\t{text}\n", Clock::default().now())
        };
        Rc::new(Self {
            log: Log::new(std::io::stdout(), left_out),
            host: host.map_or_else(String::new, |name| name.to_string()),
            is_quiet,
            clock: Clock::default(),
            line: RefCell::default(),
        })
    }

    pub(super) fn write(&self, event: &Event<'_>) {
        if let Event::Listening(address) = event {
            // The one line that programs wait for: never translated, never left out.
            self.log
                .line(&format!("Listening on {}\n", shown(*address)));
        }
        if self.is_quiet {
            return;
        }
        match event {
            Event::Line {
                person,
                text,
                is_cut: false,
            } if person.is_encrypted => {
                for line in text.split('\n') {
                    self.write_line(&person.label, line);
                }
            }
            Event::Line {
                person,
                text,
                is_cut: false,
            } => self.write_line(&person.label, text),
            Event::Direct { person, text } => {
                for line in text.split('\n') {
                    self.write_line(EVENT, &words::encrypted::direct(person, line));
                }
            }
            Event::Said { text, .. } => {
                for line in text.split('\n') {
                    self.write_line(&self.host, line);
                }
            }
            event => {
                if let Some(text) = words::event(event) {
                    self.write_line(EVENT, &text);
                }
            }
        }
    }

    /// Gives the reader of the last lines a little time.
    pub(super) fn finish(&self) {
        self.log.finish();
    }

    /// Whether the conversation is left out.
    pub(super) fn is_quiet(&self) -> bool {
        self.is_quiet
    }

    /// Writes what is no event of the room's.
    pub(super) fn write_note(&self, text: &str) {
        if !self.is_quiet {
            self.write_line(EVENT, text);
        }
    }

    fn write_line(&self, speaker: &str, text: &str) {
        let mut line = self.line.borrow_mut();
        line.clear();
        self.clock.push_now(&mut line);
        for piece in ["\t", speaker, "\t", text, "\n"] {
            line.push_str(piece);
        }
        self.log.line(&line);
    }
}

/// The time of day as ISO 8601 with the zone, to the second; formatted once a second.
#[derive(Default)]
struct Clock {
    second: Cell<u64>,
    text: RefCell<String>,
}

impl Clock {
    fn push_now(&self, line: &mut String) {
        let second = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        let mut text = self.text.borrow_mut();
        if second != self.second.replace(second) || text.is_empty() {
            *text = glib::DateTime::now_local()
                .and_then(|now| now.format("%Y-%m-%dT%H:%M:%S%:z"))
                .map_or_else(|_| second.to_string(), String::from);
        }
        line.push_str(&text);
    }

    fn now(&self) -> String {
        let mut text = String::new();
        self.push_now(&mut text);
        text
    }
}
