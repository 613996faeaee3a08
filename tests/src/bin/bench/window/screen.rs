//! A screen that nobody sees, with a window manager and a session of its own.

use std::env;
use std::fs::{self, DirBuilder};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// How long a helper may take to be there.
const PATIENCE: Duration = Duration::from_secs(20);
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// Larger than the windows are at first.
const SIZE: &str = "1280x800x24";

/// Nobody has asked for a welcome, and a million lines are held.
const SETTINGS: &str = "\
[chat/hallway/Server]
first-run=false
history-lines=uint32 1000000

[chat/hallway/Client]
first-run=false
";

/// The buttons of windows as GNOME has them, so that others are where they are there.
const BUTTONS: &str = "[Settings]\ngtk-decoration-layout=:close\n";

/// What would reach into the session from that of the person.
const NOT_OURS: [&str; 5] = [
    "WAYLAND_DISPLAY",
    "GTK_THEME",
    "GTK_A11Y",
    "AT_SPI_BUS_ADDRESS",
    "LANGUAGE",
];

/// A program that ends with its owner.
#[derive(Debug)]
pub(super) struct Running(Child);

impl Running {
    pub(super) fn start(command: &mut Command) -> Result<Self> {
        let child = command.spawn();
        let child =
            child.with_context(|| format!("{} does not start", command.get_program().display()))?;
        Ok(Self(child))
    }

    pub(super) fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Whether it runs still.
    pub(super) fn is_running(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(None))
    }

    /// The first line that it prints.
    fn first_line(&mut self) -> Result<String> {
        let stdout = self.0.stdout.take().context("its output goes elsewhere")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Where windows are opened to be measured. All of it ends when it is dropped.
#[derive(Debug)]
pub(super) struct Screen {
    folder: PathBuf,
    variables: Vec<(&'static str, String)>,
    // In the order in which they end.
    manager: Option<Running>,
    _bus: Running,
    _display: Running,
}

impl Screen {
    /// # Errors
    /// Something that is needed is not installed (`./dev bench` installs it).
    pub(super) fn new() -> Result<Self> {
        let folder = env::temp_dir().join(format!("hallway-bench-{}", process::id()));
        let settings = folder.join("config/glib-2.0/settings");
        for part in ["run", "home", "data", "cache", "state", "config/gtk-4.0"] {
            make(&folder.join(part))?;
        }
        make(&settings)?;
        fs::write(settings.join("keyfile"), SETTINGS)?;
        fs::write(folder.join("config/gtk-4.0/settings.ini"), BUTTONS)?;
        let mut display = Running::start(
            Command::new("Xvfb")
                .args(["-displayfd", "1", "-screen", "0", SIZE])
                .args(["-nolisten", "tcp", "-noreset"])
                .stdout(Stdio::piped())
                .stderr(Stdio::null()),
        )?;
        let number = display.first_line()?;
        ensure!(!number.is_empty(), "Xvfb has no display");
        let mut variables = vec![
            ("DISPLAY", format!(":{number}")),
            ("GDK_BACKEND", "x11".to_owned()),
            ("GSK_RENDERER", "cairo".to_owned()),
            ("GDK_DEBUG", "gl-disable".to_owned()),
            ("GSETTINGS_BACKEND", "keyfile".to_owned()),
            ("LC_ALL", "C.UTF-8".to_owned()),
        ];
        for (name, part) in [
            ("HOME", "home"),
            ("XDG_RUNTIME_DIR", "run"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_STATE_HOME", "state"),
        ] {
            variables.push((name, folder.join(part).to_string_lossy().into_owned()));
        }
        let mut command = Command::new("dbus-daemon");
        settle(&mut command, &variables);
        command.args(["--session", "--nofork", "--nopidfile", "--print-address=1"]);
        let mut bus = Running::start(command.stdout(Stdio::piped()).stderr(Stdio::null()))?;
        variables.push(("DBUS_SESSION_BUS_ADDRESS", bus.first_line()?));
        let mut screen = Self {
            folder,
            variables,
            manager: None,
            _bus: bus,
            _display: display,
        };
        let mut command = Command::new("openbox");
        screen.settle(command.arg("--sm-disable"));
        screen.manager = Some(Running::start(
            command.stdout(Stdio::null()).stderr(Stdio::null()),
        )?);
        until("a window manager", || {
            let desktops = screen.ask("xdotool", &["get_num_desktops"])?;
            Ok(desktops.parse().is_ok_and(|count: u32| count > 0))
        })?;
        Ok(screen)
    }

    /// Lets a program run here.
    pub(super) fn settle(&self, command: &mut Command) {
        settle(command, &self.variables);
    }

    /// A file that goes with the screen.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// What a tool prints.
    pub(super) fn ask(&self, tool: &str, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new(tool);
        self.settle(command.args(arguments));
        let output = command.stderr(Stdio::null()).output();
        let output = output.with_context(|| format!("{tool} does not start"))?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // What is left of it is in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn settle(command: &mut Command, variables: &[(&'static str, String)]) {
    for name in NOT_OURS {
        command.env_remove(name);
    }
    command.envs(variables.iter().map(|(name, value)| (name, value)));
}

fn make(folder: &Path) -> Result<()> {
    let mut builder = DirBuilder::new();
    let made = builder.recursive(true).mode(0o700).create(folder);
    made.with_context(|| format!("{} cannot be made", folder.display()))
}

/// Waits until something is so.
pub(super) fn until(what: &str, mut is_so: impl FnMut() -> Result<bool>) -> Result<()> {
    let end = Instant::now() + PATIENCE;
    while !is_so()? {
        if Instant::now() > end {
            bail!("{PATIENCE:?} went by without {what}");
        }
        thread::sleep(BETWEEN_LOOKS);
    }
    Ok(())
}
