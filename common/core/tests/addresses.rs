//! The watcher against the kernel, in a network namespace made for the test.

use std::{
    fs,
    io::{self, Write},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use glib::prelude::*;
use hallway_core::net::addresses::{Interface, Watcher};

#[path = "support/namespace.rs"]
mod namespace;

use namespace::in_namespaces;

/// How soon the watcher has to notice.
const SOON: Duration = Duration::from_secs(2);

#[test]
fn addresses_come_and_go() {
    in_namespaces("addresses_come_and_go", &[], inside);
}

fn ip(batch: &str) {
    let mut child = Command::new("ip")
        .args(["-batch", "-"])
        .stdin(Stdio::piped())
        .spawn()
        .expect("ip has just worked");
    let mut stdin = child.stdin.take().expect("it was asked for");
    stdin
        .write_all(batch.as_bytes())
        .expect("ip reads its commands");
    drop(stdin);
    assert!(
        child.wait().expect("it is our child").success(),
        "{batch:.200}"
    );
}

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd")
        .expect("Linux lists descriptors")
        .count()
}

fn has(watcher: &Watcher, address: &str) -> bool {
    let has = |interface: &Interface| {
        interface
            .addresses
            .iter()
            .any(|it| it.to_string() == address)
    };
    watcher.interfaces().iter().any(has)
}

/// Turns the main loop until it is so, at most [`SOON`].
fn soon(done: impl Fn() -> bool) -> bool {
    let tick = glib::timeout_add_local(Duration::from_millis(5), || glib::ControlFlow::Continue);
    let end = Instant::now() + SOON;
    while !done() && Instant::now() < end {
        glib::MainContext::default().iteration(true);
    }
    tick.remove();
    done()
}

fn inside() {
    // The main loop opens descriptors of its own first.
    assert!(soon(|| true));
    glib::MainContext::default().iteration(false);
    let before = descriptors();

    let watcher = Watcher::new();
    assert_eq!(descriptors(), before + 1);
    assert!(
        watcher.interfaces().is_empty(),
        "loopback is down: {:?}",
        watcher.interfaces()
    );

    ip("link set lo up\n");
    assert!(soon(|| has(&watcher, "127.0.0.1")));
    ip("addr add 192.0.2.7/24 dev lo label lo:test\n");
    assert!(soon(|| has(&watcher, "192.0.2.7")));
    assert_eq!(watcher.interfaces().len(), 1, "a label is no interface");
    ip("addr del 192.0.2.7/24 dev lo\n");
    assert!(soon(|| !has(&watcher, "192.0.2.7")));

    storm(&watcher);
    a_cable(&watcher);

    let weak = watcher.downgrade();
    drop(watcher);
    assert!(weak.upgrade().is_none());
    assert_eq!(descriptors(), before);
}

/// More announcements than the socket holds, while the loop stands still.
fn storm(watcher: &Watcher) {
    let many: String = (0..4000)
        .map(|_| "addr add 192.0.2.8/24 dev lo\naddr del 192.0.2.8/24 dev lo\n")
        .collect();
    ip(&many);
    ip("addr add 192.0.2.9/24 dev lo\n");
    assert!(soon(|| has(watcher, "192.0.2.9")));
    ip("addr del 192.0.2.9/24 dev lo\n");
    assert!(soon(|| !has(watcher, "192.0.2.9")), "it goes on listening");
}

/// An interface that appears, loses its carrier and is removed.
fn a_cable(watcher: &Watcher) {
    let made = Command::new("ip")
        .args([
            "link", "add", "hall0", "type", "veth", "peer", "name", "hall1",
        ])
        .stderr(Stdio::null())
        .status();
    if !made.is_ok_and(|status| status.success()) {
        let _ = writeln!(
            io::stderr(),
            "addresses_come_and_go: cable skipped: no veth here"
        );
        return;
    }
    ip("link set hall0 up\nlink set hall1 up\naddr add 198.51.100.1/24 dev hall0\n");
    assert!(soon(|| has(watcher, "198.51.100.1")));
    let first = watcher.interfaces().into_iter().next();
    assert_eq!(
        first.map(|interface| interface.name).as_deref(),
        Some("hall0")
    );
    let link_local = || {
        let all = watcher.interfaces();
        let mut addresses = all.iter().flat_map(|interface| &interface.addresses);
        addresses.any(|address| address.to_string().ends_with("%hall0"))
    };
    assert!(soon(link_local), "{:?}", watcher.interfaces());
    ip("link set hall1 down\n");
    assert!(
        soon(|| !has(watcher, "198.51.100.1")),
        "nobody is reached without a carrier"
    );
    ip("link set hall1 up\n");
    assert!(soon(|| has(watcher, "198.51.100.1")));
    ip("link del hall0\n");
    assert!(soon(|| !has(watcher, "198.51.100.1")));
}
