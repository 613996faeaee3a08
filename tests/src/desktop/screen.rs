//! A screen that nobody sees, with its keyboard and its mouse.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::{run, settle};
use crate::program::Program;
use crate::wait::{PATIENCE, SILENCE, until};
use crate::world::{foreign, foreign_with};

/// Larger than any window of ours is at first.
const SIZE: &str = "1440x900x24";

/// Pictures until one is like the one before it. A cursor may blink, and a spinner never rests.
const LOOKS: usize = 5;
const BETWEEN_LOOKS: Duration = Duration::from_millis(150);

/// A screen with a window manager, and with the compositor that makes popovers transparent.
#[derive(Debug)]
pub struct Screen {
    variables: Vec<(String, String)>,
    // In the order in which they go.
    _compositor: Program,
    _manager: Program,
    _server: Program,
}

/// Where something is on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// From the left.
    pub x: i32,
    /// From the top.
    pub y: i32,
    /// To the right of that.
    pub width: i32,
    /// Below that.
    pub height: i32,
}

impl Place {
    /// Its middle.
    pub fn middle(&self) -> (i32, i32) {
        (self.x + self.width / 2, self.y + self.height / 2)
    }
}

impl Screen {
    #[track_caller]
    pub(super) fn new(variables: &mut Vec<(String, String)>) -> Option<Self> {
        for tool in ["xdotool", "import"] {
            foreign(tool)?;
        }
        let arguments = [
            "-displayfd",
            "1",
            "-screen",
            "0",
            SIZE,
            "-nolisten",
            "tcp",
            "-noreset",
        ];
        let server = Program::spawn(foreign_with("Xvfb", arguments)?);
        let number = server.out().at_least(PATIENCE, 1).swap_remove(0);
        variables.push(("DISPLAY".to_owned(), format!(":{}", number.trim())));
        let start = |name, arguments: &[&str]| {
            let mut command = foreign_with(name, arguments)?;
            settle(&mut command, variables);
            Some(Program::spawn(command))
        };
        let manager = start("openbox", &["--sm-disable"])?;
        // All of the screen each time: newer ones (12) leave parts black where windows overlap.
        let whole = "--no-use-damage";
        let arguments = ["--backend", "xrender", "--config", "/dev/null", whole];
        let compositor = start("picom", &arguments)?;
        let screen = Self {
            variables: variables.clone(),
            _compositor: compositor,
            _manager: manager,
            _server: server,
        };
        until(PATIENCE, "a window manager and a compositor", || {
            // Without a manager there is no number of desktops.
            let desktops = screen.ask("xdotool", &["get_num_desktops"]);
            let compositor = screen.ask("xdotool", &["search", "--name", "^picom$"]);
            let ready = desktops.parse().is_ok_and(|count: u32| count > 0);
            (ready && !compositor.is_empty()).then_some(())
        });
        Some(screen)
    }

    /// What a tool prints, whether it ends well or not.
    fn ask(&self, tool: &str, arguments: &[&str]) -> String {
        let output = self.tool(tool, arguments).output();
        output.map_or_else(
            |_| String::new(),
            |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        )
    }

    fn tool(&self, tool: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(tool);
        settle(command.args(arguments), &self.variables);
        command
    }

    fn xdotool(&self, arguments: &[&str]) {
        run(&mut self.tool("xdotool", arguments));
    }

    /// Presses keys, in the words of xdotool: `ctrl+f`, `Escape`.
    pub fn press(&self, keys: &str) {
        self.xdotool(&["key", "--clearmodifiers", keys]);
    }

    /// Types on the keyboard of the screen, which has a US layout.
    pub fn type_text(&self, text: &str) {
        self.xdotool(&["type", "--clearmodifiers", "--delay", "2", "--", text]);
    }

    /// Clicks with a button of the mouse: 1 is the left one, 3 the right one.
    pub fn click(&self, (x, y): (i32, i32), button: u8) {
        let (x, y, button) = (x.to_string(), y.to_string(), button.to_string());
        self.xdotool(&["mousemove", &x, &y, "click", &button]);
    }

    /// Moves the mouse there.
    pub fn point_at(&self, (x, y): (i32, i32)) {
        self.xdotool(&["mousemove", &x.to_string(), &y.to_string()]);
    }

    /// The windows of a process that have a title: the newest last.
    pub fn windows_of(&self, pid: u32) -> Vec<String> {
        let pid = pid.to_string();
        let wanted = [
            "search",
            "--all",
            "--onlyvisible",
            "--pid",
            &pid,
            "--name",
            ".",
        ];
        let found = self.ask("xdotool", &wanted);
        found.lines().map(str::to_owned).collect()
    }

    /// The windows with one of these titles, whosever they are: the newest last.
    pub fn windows_titled(&self, titles: &[String]) -> Vec<String> {
        let found = self.ask("xdotool", &["search", "--onlyvisible", "--name", "."]);
        let windows = found.lines().map(str::to_owned);
        windows
            .filter(|window| titles.contains(&self.title_of(window)))
            .collect()
    }

    /// The title of a window.
    pub fn title_of(&self, window: &str) -> String {
        self.ask("xdotool", &["getwindowname", window])
    }

    /// Where a window is; none when it is gone. (It has a thin border of its own, and no shadow:
    /// openbox knows nothing of shadows.)
    pub fn place_of(&self, window: &str) -> Option<Place> {
        let geometry = self.ask("xdotool", &["getwindowgeometry", "--shell", window]);
        let number = |name: &str| {
            let mut lines = geometry.lines();
            let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            value?.parse::<i32>().ok()
        };
        Some(Place {
            x: number("X")?,
            y: number("Y")?,
            width: number("WIDTH")?,
            height: number("HEIGHT")?,
        })
    }

    /// Gives a window another size.
    pub fn resize(&self, window: &str, width: i32, height: i32) {
        let (width, height) = (width.to_string(), height.to_string());
        self.xdotool(&["windowsize", "--sync", window, &width, &height]);
    }

    /// Puts a window elsewhere.
    pub fn move_to(&self, window: &str, x: i32, y: i32) {
        self.xdotool(&["windowmove", window, &x.to_string(), &y.to_string()]);
    }

    /// Brings a window to the front and gives it the keyboard.
    pub fn activate(&self, window: &str) {
        // The manager may know better, while a dialog is open: then the dialog has the keyboard.
        self.xdotool(&["windowactivate", window]);
        let deadline = Instant::now() + SILENCE;
        while self.ask("xdotool", &["getactivewindow"]) != window && Instant::now() < deadline {}
    }

    /// The window that has the keyboard.
    pub fn front(&self) -> String {
        self.ask("xdotool", &["getactivewindow"])
    }

    /// Takes a picture of everything.
    pub fn picture(&self, file: &Path) {
        let file = file.to_str().expect("pictures go where the build goes");
        run(&mut self.tool("import", &["-window", "root", file]));
    }

    /// Takes a picture of a part of it once that has come to rest, or has not for a while.
    pub fn still_picture_of(&self, place: Place, file: &Path) {
        let read = || {
            self.picture_of(place, file);
            std::fs::read(file).unwrap_or_default()
        };
        let mut before = read();
        for _ in 0..LOOKS {
            std::thread::sleep(BETWEEN_LOOKS);
            let now = read();
            if now == before {
                return;
            }
            before = now;
        }
    }

    /// Takes a picture of a part of it.
    pub fn picture_of(&self, place: Place, file: &Path) {
        let Place {
            x,
            y,
            width,
            height,
        } = place;
        let crop = format!("{width}x{height}+{x}+{y}");
        let file = file.to_str().expect("pictures go where the build goes");
        run(&mut self.tool(
            "import",
            &[
                "-window",
                "root",
                "-crop",
                &crop,
                "+repage",
                "-define",
                "png:exclude-chunks=date,time",
                file,
            ],
        ));
    }
}
