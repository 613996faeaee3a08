//! The room without a window: the conversation on the standard output, the host on the standard
//! input.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{SystemTime, UNIX_EPOCH};

use glib::ControlFlow;
use hallway_core::net::address::shown;
use hallway_core::net::{DEFAULT_PORT, Reactor, Wake, descriptors, limits};
use hallway_core::text::Name;

use crate::cli::Options;
use crate::host::{self, Said};
use crate::hub::{Audience, Event, Hub};
use crate::log::Log;
use crate::reach::Reach;
use crate::words::{self, Words};

/// Signals that end the server properly (signal(7)).
const END_SIGNALS: [i32; 3] = [1, 2, 15];

/// Stands for the speaker of an event.
const EVENT: &str = "*";

/// Runs a room until a signal ends it.
///
/// # Errors
/// A sentence for people: the address cannot be listened on.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    descriptors::raise_limit();
    let reactor = Reactor::new(glib::Priority::DEFAULT)
        .map_err(|error| words::cannot_start(&error.to_string()))?;
    let mut settings = options.settings.clone();
    settings.host = Some(settings.host.unwrap_or_else(words::host_name));
    let transcript = Transcript::new(settings.host.clone(), options.quiet);
    let hub = Hub::new(&reactor, settings, Box::new(Words));
    let main_loop = glib::MainLoop::new(None, false);
    observe(&hub, &transcript, &main_loop);
    let bound = hub
        .start(
            options.address.unwrap_or_default(),
            options.port.unwrap_or(DEFAULT_PORT),
        )
        .map_err(|error| hallway_words::sentence(&error))?;
    tell_reach(&transcript, bound);
    end_on_signals(&hub, &main_loop);
    take_host_lines(&hub);
    // Whoever is gone unnoticed is found out.
    let _wake = Wake::new(move || hub.probe());
    main_loop.run();
    Ok(())
}

/// Says where others can reach the room, now and when that changes.
fn tell_reach(transcript: &Rc<Transcript>, bound: SocketAddr) {
    if transcript.is_quiet {
        return;
    }
    let Some(reach) = Reach::new(bound).map(Rc::new) else {
        return;
    };
    let tell = move |reach: &Reach, transcript: &Transcript| {
        for sentence in reach.news() {
            transcript.write_line(EVENT, &sentence);
        }
    };
    tell(&reach, transcript);
    let transcript = Rc::clone(transcript);
    let watched = Rc::clone(&reach);
    // Held by its own watcher until the program ends, as the room is.
    reach.connect_changed(move || tell(&watched, &transcript));
}

fn observe(hub: &Hub, transcript: &Rc<Transcript>, main_loop: &glib::MainLoop) {
    let transcript = Rc::clone(transcript);
    let main_loop = main_loop.clone();
    hub.observe(move |event| {
        transcript.write(event);
        if *event == Event::Stopped {
            main_loop.quit();
        }
    });
}

/// The first signal closes everything properly, the second ends at once.
fn end_on_signals(hub: &Hub, main_loop: &glib::MainLoop) {
    let has_begun = Rc::new(Cell::new(false));
    for signal in END_SIGNALS {
        let (hub, main_loop) = (hub.clone(), main_loop.clone());
        let has_begun = Rc::clone(&has_begun);
        glib_unix::unix_signal_add_local(signal, move || {
            if has_begun.replace(true) {
                main_loop.quit();
            } else {
                hub.stop(limits::CLOSE);
            }
            ControlFlow::Continue
        });
    }
}

/// Says what comes on the standard input, as fast as the room reads it.
fn take_host_lines(hub: &Hub) {
    let hub = hub.clone();
    let input = host::listen();
    glib::MainContext::ref_thread_default().spawn_local(async move {
        while let Ok(said) = input.recv().await {
            match said {
                Said::Lines(lines) => {
                    for line in lines {
                        while hub.is_crowded() {
                            glib::timeout_future(limits::TICK.0).await;
                        }
                        hub.say(Audience::Everyone, &hallway_core::text::visible(&line));
                    }
                }
                Said::TooLong => crate::complain(&words::host_line_too_long()),
            }
        }
    });
}

/// The conversation as lines: time, tab, speaker, tab, text.
struct Transcript {
    log: Log,
    host: String,
    is_quiet: bool,
    clock: Clock,
    line: RefCell<String>,
}

impl Transcript {
    fn new(host: Option<Name>, is_quiet: bool) -> Rc<Self> {
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

    fn write(&self, event: &Event<'_>) {
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
            } => self.write_line(&person.label, text),
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
