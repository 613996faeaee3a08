//! From the start of a program to the first frame of its window.

use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::frames::{Frames, VARIABLE, milliseconds};
use super::program;
use super::screen::{Running, Screen, until};
use super::table::Table;
use crate::effort::Effort;
use crate::section::Section;

const ABOUT: &str = "From the start of the process until its first frame was painted, in turn; \
“empty” is a window of libadwaita with nothing in it. Medians, and × that of the empty one.";

/// What is started: its name here, its file, its arguments.
const PROGRAMS: [(&str, &str, &[&str]); 3] = [
    ("empty", "examples/stage", &["empty"]),
    ("server", "hallway-server", &[]),
    ("client", "hallway", &[]),
];

/// How often each is started.
const ROUNDS: usize = 11;
const SHORT_ROUNDS: usize = 2;

/// Measures it.
///
/// # Errors
/// A program does not start, or opens no window.
pub(super) fn measure(effort: Effort) -> Result<Section> {
    let rounds = match effort {
        Effort::Full => ROUNDS,
        Effort::Short => SHORT_ROUNDS,
    };
    let screen = Screen::new()?;
    let mut times = PROGRAMS.map(|_| Vec::new());
    // The first round fills the caches of the system.
    for round in 0..=rounds {
        for ((_, file, arguments), times) in PROGRAMS.iter().zip(&mut times) {
            let time = first_frame(&screen, file, arguments)?;
            if round > 0 {
                times.push(time);
            }
        }
    }
    let mut table = Table::new("window-start", "Start to first frame");
    let mut medians = Vec::new();
    for ((name, ..), mut times) in PROGRAMS.iter().zip(times) {
        times.sort_by(f64::total_cmp);
        let median = times[times.len() / 2];
        table.push(format!("{name}_ms"), median);
        table.push(format!("{name}_least_ms"), times[0]);
        table.push(format!("{name}_most_ms"), times[times.len() - 1]);
        medians.push((*name, median));
    }
    let empty = medians[0].1;
    for (name, median) in &medians[1..] {
        let ratio = format!("{name}_ratio");
        table.push(&*ratio, median / empty);
        table.goal(&ratio, &format!("{name}, × the empty window: 1.3"), |ratio| {
            ratio <= 1.3
        });
    }
    Ok(table.section(ABOUT))
}

/// Milliseconds until a program has painted.
fn first_frame(screen: &Screen, file: &str, arguments: &[&str]) -> Result<f64> {
    let frames = screen.file("frames");
    // Of the program before.
    let _ = fs::remove_file(&frames);
    let mut command = Command::new(program(file)?);
    screen.settle(command.args(arguments).env(VARIABLE, &frames));
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let begun = glib::monotonic_time();
    let mut running = Running::start(&mut command)?;
    until("a first frame", || {
        ensure!(running.is_running(), "{file} ends by itself");
        Ok(Frames::read(&frames).is_ok_and(|frames| !frames.frames.is_empty()))
    })?;
    let all = Frames::read(&frames)?;
    let first = all.frames.first().context("a frame was there")?;
    Ok(milliseconds(first.painted - begun))
}
