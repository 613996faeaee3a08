//! Bytes from outside, bred by which way the program went.
//!
//! `HALLWAY_FUZZ` names the target. Each holds for all inputs what a property test of the same part
//! holds for random ones, and none may panic, hang or grow without bound. `./dev fuzz` runs them.
#![no_main]

mod core;
mod guest;
mod opening;
mod session;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

/// A target: takes any bytes.
type Target = fn(&[u8]);

/// Their names, as folders of the corpus have them.
const TARGETS: [(&str, Target); 7] = [
    ("lines", core::lines),
    ("frames", core::frames),
    ("names", core::names),
    ("pins", core::pins),
    ("opening", opening::opening),
    ("session", session::session),
    ("guest", guest::guest),
];

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("HALLWAY_FUZZ").unwrap_or_default();
    let found = TARGETS.iter().find(|(known, _)| *known == name);
    let known: Vec<_> = TARGETS.iter().map(|(known, _)| *known).collect();
    found
        .unwrap_or_else(|| panic!("HALLWAY_FUZZ must be one of {}", known.join(", ")))
        .1
});

fuzz_target!(|data: &[u8]| TARGET(data));
