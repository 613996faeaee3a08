//! The room without a window: the conversation on the standard output, the host on the standard
//! input.

mod keeping;
mod transcript;

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use glib::ControlFlow;
use hallway_core::net::{DEFAULT_PORT, Encryption, Reactor, Wake, descriptors, limits};

use self::transcript::Transcript;
use crate::archive::{self, NotOpened};
use crate::cli::Options;
use crate::host::{self, Said};
use crate::hub::{Audience, Event, Hub};
use crate::reach::Reach;
use crate::service::{Passed, Service};
use crate::words::{self, Words};

/// Where nobody asked for anything else: the service manager is told in between.
const PRIORITY: glib::Priority = glib::Priority::DEFAULT;

/// Whether people encrypt where nobody said so.
const ENCRYPTION: Encryption = Encryption::Off;

/// Signals that end the server properly (signal(7)).
const END_SIGNALS: [i32; 3] = [1, 2, 15];

/// Runs a room until a signal ends it.
///
/// # Errors
/// A sentence for people: the address, or what the system passed, cannot be listened on.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let passed = Passed::from_environment()?;
    descriptors::raise_limit();
    let reactor =
        Reactor::new(PRIORITY).map_err(|error| words::cannot_start(&error.to_string()))?;
    let mut settings = options.settings.clone();
    let host = settings.host.unwrap_or_else(words::host_name);
    settings.host = Some(host.clone());
    if let Some(path) = &options.password_file {
        settings.password = Some(archive::password::read(path)?);
    }
    settings.encryption = options.encryption.unwrap_or(ENCRYPTION);
    let archive = if settings.encryption == Encryption::Off {
        None
    } else {
        let opened = archive::open(options.data.as_deref(), &host, 0);
        or_without(opened, options.encryption.is_some())?
    };
    let transcript = Transcript::new(settings.host.clone(), options.quiet);
    let hub = Hub::new(&reactor, settings, Box::new(Words));
    let main_loop = glib::MainLoop::new(None, false);
    let service = Service::from_environment(PRIORITY);
    observe(&hub, &transcript, service.as_ref(), &main_loop);
    if let Some(opened) = &archive {
        let given = hub.set_archive(opened.archive.clone());
        given.map_err(|error| words::cannot_start(&error.to_string()))?;
        // Also where the conversation is left out.
        for warning in &opened.warnings {
            crate::complain(warning);
        }
    }
    let tidying = archive
        .as_ref()
        .map(|opened| keeping::begin(opened.archive.history(), options.keep));
    open(&hub, options, passed)?;
    if let Some(service) = &service {
        service.ready();
    }
    tell_reach(&hub, &transcript);
    if let Some(opened) = &archive {
        let known_by = words::keeping::known_by(opened.archive.fingerprint());
        transcript.write_note(&known_by);
    }
    end_on_signals(&hub, service.as_ref(), &main_loop);
    take_host_lines(&hub);
    // Whoever is gone unnoticed is found out.
    let _wake = Wake::new(move || hub.probe());
    main_loop.run();
    if let Some(tidying) = tidying {
        tidying.remove();
    }
    if let Some(opened) = &archive {
        keeping::end(opened.archive.history(), options.keep);
    }
    // Sources of the main loop hold the room, and the room holds the transcript: it is not dropped.
    transcript.finish();
    Ok(())
}

/// What was opened. Where nobody asked for encryption, the room does without, and says so.
fn or_without<T>(opened: Result<T, NotOpened>, is_asked_for: bool) -> Result<Option<T>, String> {
    match opened {
        Ok(opened) => Ok(Some(opened)),
        Err(why) if is_asked_for => Err(words::keeping::not_opened(&why)),
        Err(why) => {
            crate::complain(&words::keeping::open_without(&why));
            Ok(None)
        }
    }
}

/// Opens the room on what the system passed, else where the options say.
fn open(hub: &Hub, options: &Options, passed: Option<Passed>) -> Result<(), String> {
    let Some(passed) = passed else {
        let address = options.address.unwrap_or_default();
        let port = options.port.unwrap_or(DEFAULT_PORT);
        let opened = hub.start(address, port);
        return opened.map(drop).map_err(|e| hallway_words::sentence(&e));
    };
    if options.address.is_some() || options.port.is_some() {
        crate::complain(&words::service::sockets_were_passed());
    }
    let (sockets, names) = passed.into_parts();
    let opened = hub.start_on(sockets);
    opened.map(drop).map_err(|error| names.sentence(&error))
}

/// Says where others can reach the room, now and when that changes.
fn tell_reach(hub: &Hub, transcript: &Rc<Transcript>) {
    if transcript.is_quiet() {
        return;
    }
    let Some(reach) = Reach::new(hub.listener().bound()).map(Rc::new) else {
        return;
    };
    let tell = move |reach: &Reach, transcript: &Transcript| {
        for sentence in reach.news() {
            transcript.write_note(&sentence);
        }
    };
    tell(&reach, transcript);
    let transcript = Rc::clone(transcript);
    let watched = Rc::clone(&reach);
    // Held by its own watcher until the program ends, as the room is.
    reach.connect_changed(move || tell(&watched, &transcript));
}

fn observe(
    hub: &Hub,
    transcript: &Rc<Transcript>,
    service: Option<&Rc<Service>>,
    main_loop: &glib::MainLoop,
) {
    let transcript = Rc::clone(transcript);
    let service = service.cloned();
    let main_loop = main_loop.clone();
    hub.observe(move |event| {
        transcript.write(event);
        if let Some(service) = &service {
            service.take_note(event);
        }
        if *event == Event::Stopped {
            main_loop.quit();
        }
    });
}

/// The first signal closes everything properly, the second ends at once.
fn end_on_signals(hub: &Hub, service: Option<&Rc<Service>>, main_loop: &glib::MainLoop) {
    let has_begun = Rc::new(Cell::new(false));
    for signal in END_SIGNALS {
        let (hub, main_loop) = (hub.clone(), main_loop.clone());
        let (has_begun, service) = (Rc::clone(&has_begun), service.cloned());
        glib_unix::unix_signal_add_local(signal, move || {
            if has_begun.replace(true) {
                main_loop.quit();
            } else {
                if let Some(service) = &service {
                    service.stopping();
                }
                hub.stop(limits::CLOSE);
            }
            ControlFlow::Continue
        });
    }
}

/// Says what comes on the standard input, as fast as the room reads it. However fast that is, everybody
/// else has a turn as well.
fn take_host_lines(hub: &Hub) {
    let hub = hub.clone();
    let input = host::listen();
    glib::MainContext::ref_thread_default().spawn_local(async move {
        let mut turn = Instant::now();
        while let Ok(said) = input.recv().await {
            match said {
                Said::Lines(lines) => {
                    for line in lines {
                        while hub.is_crowded() {
                            glib::timeout_future(limits::TICK.0).await;
                        }
                        if turn.elapsed() >= limits::TURN {
                            glib::timeout_future(Duration::ZERO).await;
                            turn = Instant::now();
                        }
                        hub.say(Audience::Everyone, &hallway_core::text::visible(&line));
                    }
                }
                Said::TooLong => crate::complain(&words::host_line_too_long()),
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_does_without_only_what_nobody_asked_for() {
        let in_use = || Err::<(), _>(NotOpened::InUse("/somewhere".into()));
        let refused = or_without(in_use(), true);
        assert!(refused.is_err_and(|sentence| sentence.contains("/somewhere")));
        assert_eq!(or_without(in_use(), false), Ok(None));
        assert_eq!(or_without(Ok(1), true), Ok(Some(1)));
    }
}
