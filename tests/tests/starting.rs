//! What stands in the way of a server that starts, said in one sentence.

use std::fs;
use std::net::TcpListener;
use std::process::Command;

use hallway_tests::network::Computer;
use hallway_tests::program::Program;
use hallway_tests::server::{Server, command};
use hallway_tests::wait::PATIENCE;
use hallway_tests::world::{foreign, is_root, say_skipped};

/// Exit code and stderr of a server that does not start.
#[track_caller]
fn refusal(command: Command) -> (Option<i32>, String) {
    let (code, out, said) = Program::spawn(command).outcome(PATIENCE);
    assert_eq!(
        out, "",
        "nothing for a program that waits for a ready server"
    );
    assert!(!said.contains("panicked"), "{said}");
    (code, said)
}

/// It ends with 1 and one sentence that has all these words.
#[track_caller]
fn fails(command: Command, words: &[&str]) {
    let (code, said) = refusal(command);
    assert_eq!(code, Some(1), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    for word in words {
        assert!(said.contains(word), "“{word}” is not in: {said}");
    }
}

#[test]
fn the_port_is_in_use() {
    let mut first = Server::start(&[]);
    let port = first.address().port().to_string();
    fails(
        command(&["--port", &port]),
        &["127.0.0.1", &port, "hallway-server"],
    );
    first.serves();
}

/// "Every network" includes the address that somebody has.
#[test]
fn the_port_is_in_use_at_one_of_all_addresses() {
    let mut first = Server::start(&[]);
    let port = first.address().port().to_string();
    fails(command(&["--address", "::", "--port", &port]), &[&port]);
    fails(
        command(&["--address", "0.0.0.0", "--port", &port]),
        &[&port],
    );
    first.serves();
}

#[test]
fn the_port_is_in_use_by_another_program() {
    let other = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let port = other
        .local_addr()
        .expect("it listens somewhere")
        .port()
        .to_string();
    // The program is this test; Linux tells the first 15 bytes of its name.
    fails(
        command(&["--port", &port]),
        &["127.0.0.1", &port, "starting"],
    );
}

#[test]
fn the_port_needs_a_right_that_is_not_there() {
    let port = "80";
    let lowest = fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start");
    let anybody_may = lowest.is_ok_and(|lowest| lowest.trim().parse().is_ok_and(|p: u16| p <= 80));
    let arguments = ["--port", port];
    if !is_root() {
        if anybody_may {
            say_skipped("anybody may listen on port 80 here");
            return;
        }
        fails(command(&arguments), &["127.0.0.1", port]);
        return;
    }
    // Containers let anybody have every port; a new network does not.
    let Some(computer) = Computer::new() else {
        return;
    };
    let Some(mut without) = foreign("setpriv") else {
        return;
    };
    without.args([
        "--bounding-set=-net_bind_service",
        "--inh-caps=-net_bind_service",
    ]);
    let wanted = command(&arguments);
    without.arg(wanted.get_program()).args(wanted.get_args());
    computer.run(|| fails(without, &["127.0.0.1", port]));
    // With the right it is possible.
    computer.run(|| {
        let mut server = Server::start(&arguments);
        assert_eq!(server.address().port(), 80);
        server.serves();
    });
}

#[test]
fn the_address_is_not_ours() {
    // Of networks that there are only in documents (RFC 5737, RFC 3849).
    for address in ["192.0.2.1", "2001:db8::1"] {
        let wanted = command(&["--address", address, "--port", "24255"]);
        fails(wanted, &[address, "24255"]);
    }
}

#[test]
fn bad_usage() {
    for arguments in [
        &["--port", "65536"][..],
        &["--port", "http"],
        &["--address", "nowhere at all"],
        &["--max-line", "much"],
        &["--max-line", "1048577"],
        &["--name", "10.0.0.1"],
        &["--nonsense"],
        &["surplus"],
    ] {
        let (code, said) = refusal(command(arguments));
        assert_eq!(code, Some(2), "{arguments:?}: {said}");
        assert!(
            said.contains(arguments.last().expect("there is one")),
            "{said}"
        );
    }
}

#[test]
fn every_network_means_both_kinds_of_addresses() {
    let mut wanted = command(&[]);
    // Not the loopback address alone.
    let arguments: Vec<_> = wanted.get_args().map(std::ffi::OsStr::to_owned).collect();
    let at = arguments
        .iter()
        .position(|word| word == "--address")
        .expect("it is always given");
    wanted = Command::new(wanted.get_program());
    wanted.args(&arguments[..at]).args(&arguments[at + 2..]);
    let mut server = Server::of(Program::spawn(wanted));
    let port = server.address().port();
    let mut six = hallway_tests::peer::Peer::connect(([0, 0, 0, 0, 0, 0, 0, 1], port).into());
    let mut four = hallway_tests::peer::Peer::connect(([127, 0, 0, 1], port).into());
    server.knows(&six);
    server.knows(&four);
    six.line("from IPv6");
    four.hears(&format!("[::1]:{}: from IPv6", six.address().port()));
    four.line("from IPv4");
    six.hears(&format!("127.0.0.1:{}: from IPv4", four.address().port()));
    server.is_well();
}

#[test]
fn nothing_of_a_display_is_needed() {
    let mut wanted = command(&[]);
    wanted
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("XDG_RUNTIME_DIR");
    let mut server = Server::of(Program::spawn(wanted));
    server.serves();
}
