//! A process that runs out of descriptors goes on. Alone in its program: the limit is the
//! process's.

mod support;

use std::fs::File;
use std::rc::Rc;
use std::time::Duration;

use hallway_core::net::Error;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use support::{Bench, CpuClock, Heard, Peer, Recorder, descriptors, localhost, on_loop};

#[test]
fn accepting_pauses_without_descriptors_and_resumes() {
    on_loop(|bench| {
        running_out(bench);
        room_is_kept(bench);
    });
}

fn set_limit(descriptors: usize) {
    let maximum = getrlimit(Resource::Nofile).maximum;
    let current = Some(descriptors as u64);
    setrlimit(Resource::Nofile, Rlimit { current, maximum }).unwrap();
}

/// Others of the process take every descriptor there is.
fn running_out(bench: &Bench) {
    set_limit(300);
    let listener = bench.listener();
    listener.pause_accepting();
    let errors = Heard::default();
    let told = errors.clone();
    listener.connect_accept_error(move |_, error| told.add(error));
    let address = listener.local().unwrap();
    let mut peers: Vec<_> = (0..5).map(|_| Peer::connect(address)).collect();
    let clock = CpuClock::start();
    let mut files = Vec::new();
    while let Ok(file) = File::open("/dev/null") {
        files.push(file);
    }
    assert!(files.len() > 100);

    listener.resume_accepting();
    bench.until("the first error", || errors.len() == 1);
    assert_eq!(errors.all(), [Error::TooManyOpenFiles]);
    assert_eq!(listener.connections(), 0);
    bench.linger(Duration::from_millis(1800));
    let used = clock.used();
    assert!(used < Duration::from_millis(500), "it spins: {used:?}");
    // Twice a second, not as often as the loop turns.
    assert!((2..=6).contains(&errors.len()), "{}", errors.len());
    assert!(listener.listening());

    // Two are enough for two; the file system needs one meanwhile.
    files.truncate(files.len() - 2);
    bench.until("two come in", || listener.connections() == 2);
    bench.linger(Duration::from_millis(700));
    assert_eq!(listener.connections(), 2);
    drop(files);
    bench.until("all come in", || listener.connections() == 5);
    for peer in &mut peers {
        assert!(!peer.is_over(), "nobody was turned away");
    }
}

/// With nobody else, accepting stops before the last descriptor and goes on when somebody leaves.
fn room_is_kept(bench: &Bench) {
    let reserved = hallway_core::net::limits::DESCRIPTORS_RESERVED;
    let sink = Rc::new(Recorder::default());
    // Peers take descriptors too: they are connected beforehand, and the rest is measured.
    let server = hallway_core::net::Listener::new(&bench.reactor);
    server.set_sink(sink.as_sink());
    server.pause_accepting();
    set_limit(descriptors() + reserved + 12);
    server.listen(support::here(), 0).unwrap();
    let port = u16::try_from(server.port()).unwrap();
    set_limit(1000);
    let mut peers: Vec<_> = (0..30).map(|_| Peer::connect(localhost(port))).collect();
    server.resume_accepting();
    bench.until("some come in", || server.connections() > 5);
    bench.linger(Duration::from_millis(200));
    let inside = server.connections();
    assert!((8..=13).contains(&inside), "{inside}");
    let clock = CpuClock::start();
    bench.linger(Duration::from_millis(700));
    assert!(clock.used() < Duration::from_millis(300), "it spins");
    assert_eq!(server.connections(), inside);
    // The first ones leave; others take their places.
    drop(peers.drain(..4));
    bench.until("their places are taken", || {
        sink.accepted.get() == inside + 4
    });
    assert_eq!(server.connections(), inside);
}
