//! Tests that need a network of their own.

use std::env;
use std::fs;
use std::io::{self, Write};
use std::process::{Command, Stdio};

/// Set for the copy of a test inside its namespaces, to the network namespace it left.
const OUTSIDE: &str = "HALLWAY_TEST_OUTSIDE";

/// Runs `inside` in a copy of this test program that has a network namespace of its own and those
/// that `more` asks for (`--mount`). `test` is the name of the calling test. Where no namespace can
/// be made, says so and does nothing.
pub(crate) fn in_namespaces(test: &str, more: &[&str], inside: impl FnOnce()) {
    if let Ok(outside) = env::var(OUTSIDE) {
        assert_ne!(
            namespace(),
            outside,
            "the test must not touch the real network"
        );
        return inside();
    }
    // Root may make namespaces; others may where the system lets them be root in their own.
    let ways: [&[&str]; 2] = [&["--net"], &["--user", "--map-root-user", "--net"]];
    let ways = ways.map(|way| [way, more].concat());
    let Some(way) = ways.iter().find(|way| works(way)) else {
        // Directly, since the harness swallows what a passing test prints.
        let _ = writeln!(
            io::stderr(),
            "{test}: skipped: not permitted to make namespaces (or no unshare and ip here)"
        );
        return;
    };
    let status = Command::new("unshare")
        .args(way)
        .arg(env::current_exe().expect("a test has an executable"))
        .args(["--exact", test, "--nocapture"])
        .env(OUTSIDE, namespace())
        .status()
        .expect("unshare has just worked");
    assert!(status.success());
}

fn namespace() -> String {
    let link = fs::read_link("/proc/self/ns/net").expect("Linux has network namespaces");
    link.to_string_lossy().into_owned()
}

fn works(way: &[&str]) -> bool {
    Command::new("unshare")
        .args(way)
        .args(["ip", "link", "set", "lo", "up"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
