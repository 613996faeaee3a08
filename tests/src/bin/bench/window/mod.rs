//! The windows under load: what a person feels of it.
//!
//! - [`start()`]: from the start of a program to its first frame, beside an empty window;
//! - [`million()`]: a conversation of a million lines, gone through (`common/widgets/examples/stage`);
//! - [`flood()`]: fifty [`peers`] that talk as fast as they can into a room with a window.
//!
//! All of it happens on a [`screen`] that nobody sees. [`frames`] reads what the programs write of
//! their frames, [`table`](crate::table) makes a chapter of the report of it.

mod flood;
mod frames;
mod million;
mod peers;
mod screen;
mod start;

use std::env;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use crate::effort::Effort;
use crate::section::Section;

/// From the start to the first frame.
///
/// # Errors
/// A program does not start, or opens no window.
pub(crate) fn start(effort: Effort) -> Result<Section> {
    start::measure(effort)
}

/// A conversation of a million lines.
///
/// # Errors
/// The stage is missing, or does not show what it should.
pub(crate) fn million(effort: Effort) -> Result<Section> {
    million::measure(effort)
}

/// A flood into a room with a window.
///
/// # Errors
/// Something does not start, or a line is lost.
pub(crate) fn flood(effort: Effort) -> Result<Section> {
    flood::measure(effort)
}

/// A program of this build.
fn program(name: &str) -> Result<PathBuf> {
    let this = env::current_exe().context("the path of this program")?;
    let path = this.with_file_name(name);
    ensure!(
        path.is_file(),
        "there is no {}; `./dev bench` builds it",
        path.display()
    );
    Ok(path)
}

/// Resident memory of a process that no file backs, in megabytes (`proc_pid_status`(5)).
fn memory(pid: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let kib: f64 = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"))
        .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .context("the kernel does not tell the memory; has the program ended?")?;
    Ok(kib * 1024.0 / 1e6)
}
