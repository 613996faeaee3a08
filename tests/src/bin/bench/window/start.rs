//! From the start of a program to the first frame of its window.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::frames::{Frames, VARIABLE, milliseconds};
use super::program;
use super::screen::{Running, Screen};
use crate::effort::Effort;
use crate::section::Section;
use crate::table::Table;

const ABOUT: &str = "From the start of the process until its first frame was painted, in turn; \
“empty” is a window of libadwaita with nothing in it, “page” one with a picture, a title, a sentence \
and a button: the least that a program can begin with. “cpu” is the processor time of all its threads \
until then, which a busy machine changes less. Medians, and × the empty one of the same round.";

/// What is started: its name here, its file, its arguments.
const PROGRAMS: [(&str, &str, &[&str]); 4] = [
    ("empty", "examples/stage", &["empty"]),
    ("page", "examples/stage", &["page"]),
    ("server", "hallway-server", &[]),
    ("client", "hallway", &[]),
];

/// How often each is started.
const ROUNDS: usize = 21;
const SHORT_ROUNDS: usize = 2;

/// How long a program may take to paint.
const PATIENCE: Duration = Duration::from_secs(20);

/// Short, so that little of what comes after the first frame is counted.
const BETWEEN_LOOKS: Duration = Duration::from_millis(1);

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
    let mut starts = PROGRAMS.map(|_| Vec::new());
    // The first round fills the caches of the system.
    for round in 0..=rounds {
        for ((_, file, arguments), starts) in PROGRAMS.iter().zip(&mut starts) {
            let start = first_frame(&screen, file, arguments)?;
            if round > 0 {
                starts.push(start);
            }
        }
    }
    let mut table = Table::new("window-start", "Start to first frame");
    for (kind, of) in [("", 0), ("_cpu", 1)] {
        let empty: Vec<f64> = starts[0].iter().map(|start| start[of]).collect();
        for ((name, ..), starts) in PROGRAMS.iter().zip(&starts) {
            let times: Vec<f64> = starts.iter().map(|start| start[of]).collect();
            let [least, median, most] = spread(times.clone());
            table.push(format!("{name}{kind}_ms"), median);
            table.push(format!("{name}{kind}_least_ms"), least);
            table.push(format!("{name}{kind}_most_ms"), most);
            if *name == "empty" {
                continue;
            }
            let ratios = times.iter().zip(&empty).map(|(time, empty)| time / empty);
            let [_, ratio_value, _] = spread(ratios.collect());
            let ratio = format!("{name}{kind}_ratio");
            table.push(&*ratio, ratio_value);
            if kind.is_empty() && *name != "page" {
                let goal = format!("{name}, × the empty window: 1.3");
                table.goal(&ratio, &goal, |ratio| ratio <= 1.3);
            }
        }
    }
    Ok(table.section(ABOUT))
}

/// The least, the median and the most.
fn spread(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [
        values[0],
        values[values.len() / 2],
        values[values.len() - 1],
    ]
}

/// Milliseconds until a program has painted, by the clock and of the processor.
fn first_frame(screen: &Screen, file: &str, arguments: &[&str]) -> Result<[f64; 2]> {
    let frames = screen.file("frames");
    // Of the program before.
    let _ = fs::remove_file(&frames);
    let mut command = Command::new(program(file)?);
    screen.settle(command.args(arguments).env(VARIABLE, &frames));
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let begun = glib::monotonic_time();
    let mut running = Running::start(&mut command)?;
    let has_frame = || Frames::read(&frames).is_ok_and(|frames| !frames.frames.is_empty());
    let end = Instant::now() + PATIENCE;
    while !has_frame() {
        ensure!(running.is_running(), "{file} ends by itself");
        ensure!(Instant::now() < end, "{file} paints nothing");
        thread::sleep(BETWEEN_LOOKS);
    }
    let cpu = cpu(running.pid())?;
    let all = Frames::read(&frames)?;
    let first = all.frames.first().context("a frame was there")?;
    Ok([milliseconds(first.painted - begun), cpu])
}

/// Milliseconds that a process was run, all its threads together.
fn cpu(pid: u32) -> Result<f64> {
    let mut nanoseconds = 0.0;
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        // One that has ended meanwhile is not counted.
        let told = fs::read_to_string(thread?.path().join("schedstat")).unwrap_or_default();
        let time = told.split_whitespace().next().unwrap_or_default();
        nanoseconds += time.parse::<f64>().unwrap_or_default();
    }
    Ok(nanoseconds / 1e6)
}
