//! Programs built with points at which they kill themselves, and with faults.

use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use hallway_tests::world::target_directory;

use crate::room::Programs;

/// Builds them, beside what `./dev test` builds without a window: what they are made of is there.
static BUILT: LazyLock<PathBuf> = LazyLock::new(|| {
    let target = target_directory();
    let target = target.parent().expect("it is two directories deep");
    let target = target.join("no-default-features");
    let built = Command::new(env!("CARGO"))
        .args(["build", "--locked", "--package", "hallway-tests"])
        .args(["--features", "faults"])
        .args(["--bin", "talker", "--bin", "faulty-server"])
        .env("CARGO_TARGET_DIR", &target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs, as it runs this");
    let said = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "{said}");
    target.join("debug")
});

/// They.
pub(crate) fn programs() -> Programs {
    Programs {
        server: BUILT.join("faulty-server"),
        talker: BUILT.join("talker"),
    }
}
