//! A conversation of a million lines, gone through.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use super::program;
use super::screen::Screen;
use crate::effort::Effort;
use crate::section::Section;
use crate::table::Table;

const ABOUT: &str = "A conversation in a window of its own: opened, scrolled as with a wheel, \
dragged through by its bar, jumped through to top and end, resized, searched. “frame” is from the \
end of one frame to the end of the next (16.7 ms where nothing is late), “work” what a frame takes \
by itself.";

const LINES: u32 = 1_000_000;
const SHORT_LINES: u32 = 200_000;

/// The scenes in which somebody scrolls.
const SCROLLING: [&str; 3] = ["wheel", "drag", "jump"];

/// Measures it.
///
/// # Errors
/// The stage is missing, or does not show what it should.
pub(super) fn measure(effort: Effort) -> Result<Section> {
    let lines = match effort {
        Effort::Full => LINES,
        Effort::Short => SHORT_LINES,
    };
    let screen = Screen::new()?;
    let mut command = Command::new(program("examples/stage")?);
    screen.settle(command.args(["lines", &lines.to_string()]));
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output();
    let output = output.context("the stage does not start")?;
    ensure!(
        output.status.success(),
        "the stage ended: {}",
        output.status
    );
    let mut table = Table::new("window-million", "A million lines in a window");
    table.push("lines", lines.into());
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let (name, value) = line.split_once(' ').unwrap_or_default();
        match value.parse() {
            Ok(value) => table.push(name, value),
            Err(_) => bail!("the stage says: {line}"),
        }
    }
    ensure!(
        table.get("memory_mb").is_some(),
        "the stage did not come to its end"
    );
    table.goal("first_frame_ms", "first frame in ms: 300", |time| {
        time <= 300.0
    });
    for scene in SCROLLING {
        let name = format!("{scene}_frame_p99_ms");
        table.goal(&name, &format!("{scene}, frames in ms, p99: 50"), |time| {
            time < 50.0
        });
    }
    table.goal("memory_mb", "memory in MB: 300", |memory| memory <= 300.0);
    Ok(table.section(ABOUT))
}
