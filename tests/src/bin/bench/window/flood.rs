//! A flood into a room with a window, and into one without.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::frames::{Frames, MOVING, VARIABLE, percentile};
use super::peers::Peers;
use super::screen::{Running, Screen, until};
use super::{memory, program};
use crate::effort::Effort;
use crate::section::Section;
use crate::table::Table;

const ABOUT: &str = "50 peers talk to each other as fast as they can, with 40 lines of each under \
way, in a room without a window, in one with a window, and once more without. Every line is \
checked by everybody.";

/// How long they talk to a window.
const TIME: Duration = Duration::from_secs(30);
const SHORT_TIME: Duration = Duration::from_secs(4);

/// To compare with: before and after.
const HEADLESS: Duration = Duration::from_secs(5);
const SHORT_HEADLESS: Duration = Duration::from_secs(2);

/// Until the window is painted at its pace.
const WARM_UP: Duration = Duration::from_secs(1);

const BETWEEN_CLICKS: Duration = Duration::from_millis(700);

/// Pixels from the right edge and the top edge of the window to the button that finds words.
const BUTTON: (i32, i32) = (108, 28);

/// Measures it.
///
/// # Errors
/// Something does not start, or a line is lost.
pub(super) fn measure(effort: Effort) -> Result<Section> {
    let (time, headless) = match effort {
        Effort::Full => (TIME, HEADLESS),
        Effort::Short => (SHORT_TIME, SHORT_HEADLESS),
    };
    let mut table = Table::new("window-flood", "A flood into a window");
    let before = without_window(headless)?;
    with_window(time, &mut table)?;
    let after = without_window(headless)?;
    table.push("headless_before_lines_per_s", before);
    table.push("headless_after_lines_per_s", after);
    let rate = table.get("lines_per_s").unwrap_or(f64::NAN);
    table.push("rate_to_headless", rate / before.midpoint(after));
    table.goal("frames_per_s", "frames a second: 30", |rate| rate >= 30.0);
    table.goal("click_most_ms", "a click answered in ms: 100", |time| {
        time <= 100.0
    });
    table.goal(
        "rate_to_headless",
        "lines a second, to those without a window: 0.7",
        |ratio| ratio >= 0.7,
    );
    Ok(table.section(ABOUT))
}

fn without_window(time: Duration) -> Result<f64> {
    let mut command = Command::new(program("hallway-server")?);
    command.args(["--headless", "--quiet"]);
    let (address, _server) = listen(&mut command)?;
    let mut peers = Peers::connect(address)?;
    peers.talk(WARM_UP)?;
    let (start, before) = (Instant::now(), peers.sent());
    peers.talk(time)?;
    let rate = rate(peers.sent() - before, start.elapsed());
    peers.finish()?;
    Ok(rate)
}

fn with_window(time: Duration, table: &mut Table) -> Result<()> {
    let screen = Screen::new()?;
    let file = screen.file("frames");
    let mut command = Command::new(program("hallway-server")?);
    // As the one without a window: nothing is kept.
    command.args(["--start", "--encryption", "off"]);
    screen.settle(command.env(VARIABLE, &file).env(MOVING, "1"));
    let (address, mut server) = listen(&mut command)?;
    until("a frame of the window", || {
        Ok(Frames::read(&file).is_ok_and(|frames| !frames.frames.is_empty()))
    })?;
    let is_over = AtomicBool::new(false);
    let mut peers = Peers::connect(address)?;
    peers.talk(WARM_UP)?;
    let (begun, start, before) = (glib::monotonic_time(), Instant::now(), peers.sent());
    thread::scope(|scope| {
        let clicking = scope.spawn(|| click(&screen, &is_over));
        let talked = peers.talk(time);
        is_over.store(true, Ordering::Relaxed);
        let clicked = clicking.join().expect("the clicks end");
        talked.and(clicked)
    })?;
    let (elapsed, end) = (start.elapsed(), glib::monotonic_time());
    table.push("lines_per_s", rate(peers.sent() - before, elapsed));
    peers.finish()?;
    ensure!(server.is_running(), "the program has ended");
    let frames = Frames::read(&file)?.between(begun, end);
    table.push(
        "frames_per_s",
        count(frames.frames.len()) / elapsed.as_secs_f64(),
    );
    for (name, times) in [
        ("frame_work", frames.work()),
        ("frame_apart", frames.apart()),
        ("click", frames.answers()),
    ] {
        for (word, percent) in [("p50", 50), ("p99", 99), ("most", 100)] {
            let value = percentile(&times, percent).context("nothing was painted, or clicked")?;
            table.push(format!("{name}_{word}_ms"), value);
        }
    }
    table.push("clicks", count(frames.clicks.len()));
    table.push("memory_mb", memory(server.pid())?);
    Ok(())
}

/// Starts a server on this computer alone and waits until it listens.
fn listen(command: &mut Command) -> Result<(SocketAddr, Running)> {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    command
        .args(["--address", "127.0.0.1", "--port", &port.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    let mut server = Running::start(command)?;
    until("a server that listens", || {
        ensure!(server.is_running(), "the server ends by itself");
        Ok(TcpStream::connect(address).is_ok())
    })?;
    Ok((address, server))
}

/// Clicks on a button again and again.
fn click(screen: &Screen, is_over: &AtomicBool) -> Result<()> {
    let window = screen.ask("xdotool", &["search", "--onlyvisible", "--name", "Hallway"])?;
    let window = window.lines().next().context("there is no window")?;
    let geometry = screen.ask("xdotool", &["getwindowgeometry", "--shell", window])?;
    let number = |name: &str| {
        let mut lines = geometry.lines();
        let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        value
            .and_then(|value| value.parse::<i32>().ok())
            .with_context(|| format!("{name} of the window is not known"))
    };
    let x = number("X")? + number("WIDTH")? - BUTTON.0;
    let y = number("Y")? + BUTTON.1;
    screen.ask("xdotool", &["mousemove", &x.to_string(), &y.to_string()])?;
    while !is_over.load(Ordering::Relaxed) {
        thread::sleep(BETWEEN_CLICKS);
        screen.ask("xdotool", &["click", "1"])?;
    }
    Ok(())
}

fn rate(lines: u64, time: Duration) -> f64 {
    count(usize::try_from(lines).unwrap_or(usize::MAX)) / time.as_secs_f64()
}

#[allow(clippy::cast_precision_loss)]
fn count(number: usize) -> f64 {
    number as f64
}
