//! A desktop of a test's own: a screen that nobody sees, a window manager, a session bus with the
//! accessibility bus behind it, and settings that begin empty.
//!
//! - [`app`]: a program on it, seen and used as a screen reader does;
//! - [`node`]: a part of its windows;
//! - [`windows`]: what is done with our two windows again and again;
//! - `tree`, `link`: what AT-SPI tells, and the D-Bus calls for it;
//! - [`screen`]: X, its pictures, its keyboard and mouse;
//! - [`shell`]: GNOME Shell, and `weston`: two desktops of Wayland, on which the programs are
//!   installed (`wayland`);
//! - `words`: what buttons are called in another language;
//! - `folder`: a home that goes when the desktop goes.

pub mod app;
mod folder;
mod hands;
mod link;
pub mod node;
mod process;
pub mod screen;
pub mod shell;
mod tree;
mod wayland;
mod weston;
pub mod windows;
mod words;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Condvar, Mutex};

use app::App;
use folder::Folder;
use hands::Hands;
use link::Link;
use screen::Screen;
use shell::Shell;
use wayland::Stragglers;
use weston::Weston;
use words::Words;

use crate::program::Program;
use crate::wait::PATIENCE;
use crate::world::{foreign, foreign_with, ours};

/// Desktops at once: more of them than processors only make each other slow.
const AT_ONCE: usize = 2;

/// Where a person's own surroundings would reach into a test.
const NOT_OURS: [&str; 11] = [
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "GTK_THEME",
    "GTK_A11Y",
    "AT_SPI_BUS_ADDRESS",
    "NO_AT_BRIDGE",
    "ADW_DEBUG_COLOR_SCHEME",
    "ADW_DEBUG_HIGH_CONTRAST",
    "GDK_SCALE",
    "XDG_STATE_HOME",
    "XDG_CACHE_HOME",
];

/// What a desktop is to be like.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// Variables for the programs on it, besides those that every desktop has.
    pub environment: Vec<(&'static str, String)>,
    /// Whether settings outlive the program that makes them.
    pub remembers: bool,
    /// Whether things appear at once instead of sliding in.
    pub is_still: bool,
    /// The language, where it is not English.
    pub language: Option<&'static str>,
    /// Settings that are made before: group (`chat/hallway/Server`), key, value as GVariant text.
    pub settings: Vec<(&'static str, &'static str, String)>,
}

impl Look {
    /// In this language, with the translations of this tree.
    #[must_use]
    pub fn in_language(mut self, language: &'static str) -> Self {
        self.language = Some(language);
        self
    }

    /// With this setting made, of a desktop of Wayland.
    #[must_use]
    pub fn set(mut self, group: &'static str, key: &'static str, value: &str) -> Self {
        self.settings.push((group, key, value.to_owned()));
        self
    }

    /// With this variable.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.environment.push((name, value.to_owned()));
        self
    }
}

/// A desktop. Everything on it ends with it.
#[derive(Debug)]
pub struct Desktop {
    link: Link,
    words: Words,
    variables: Vec<(String, String)>,
    // In the order in which they go.
    bus: Program,
    stage: Stage,
    _stragglers: Option<Stragglers>,
    folder: Folder,
    _place: Place,
}

/// Who shows the windows.
#[derive(Debug)]
enum Stage {
    X(Screen),
    Shell(Shell),
    Weston(Weston),
}

impl Desktop {
    /// A light one, in English, that forgets its settings. None where that cannot be done: see
    /// [`skip`](crate::world::skip).
    #[track_caller]
    pub fn new() -> Option<Self> {
        Self::with(&Look::default())
    }

    /// One that looks like this.
    #[track_caller]
    pub fn with(look: &Look) -> Option<Self> {
        let place = Place::wait();
        let folder = Folder::new(look.is_still);
        let mut variables = folder.variables();
        let backend = if look.remembers { "keyfile" } else { "memory" };
        for (name, value) in [
            ("GSETTINGS_BACKEND", backend),
            ("GSK_RENDERER", "cairo"),
            ("GDK_BACKEND", "x11"),
            ("GDK_DEBUG", "gl-disable"),
            ("XDG_CURRENT_DESKTOP", "GNOME"),
        ] {
            variables.push((name.to_owned(), value.to_owned()));
        }
        compile_schemas(folder.path())?;
        variables.push(("GSETTINGS_SCHEMA_DIR".to_owned(), folder.string("")));
        if let Some(language) = look.language {
            compile_translation(language, folder.path())?;
            variables.push(("LANGUAGE".to_owned(), language.to_owned()));
        }
        variables.push(("HALLWAY_LOCALEDIR".to_owned(), folder.string("locale")));
        let screen = Screen::new(&mut variables)?;
        let bus = bus(&mut variables)?;
        let link = Link::new(&variables);
        let accessibility = link.address().to_owned();
        variables.push(("AT_SPI_BUS_ADDRESS".to_owned(), accessibility));
        let wanted = &look.environment;
        variables.extend(wanted.iter().map(|(n, v)| ((*n).to_owned(), v.clone())));
        Some(Self {
            link,
            words: look.language.map(Words::of).unwrap_or_default(),
            variables,
            bus,
            stage: Stage::X(screen),
            _stragglers: None,
            folder,
            _place: place,
        })
    }

    /// Starts a program of ours on it and waits for its window.
    #[track_caller]
    pub fn start(&self, name: &str, arguments: &[&str]) -> App<'_> {
        App::of(self, self.spawn(name, arguments))
    }

    /// Starts a program of ours on it, which may never open a window.
    #[track_caller]
    pub fn spawn(&self, name: &str, arguments: &[&str]) -> Program {
        let mut command = ours(name);
        command.args(arguments);
        self.settle(&mut command);
        Program::spawn(command)
    }

    /// [`Desktop::start`] as if nothing of its kind ran yet: a second start of a program does
    /// nothing but ask the first one for a window.
    #[track_caller]
    pub fn start_apart(&self, name: &str, arguments: &[&str]) -> App<'_> {
        let mut variables = self.variables.clone();
        let bus = bus(&mut variables).expect("there is one already");
        let mut command = ours(name);
        settle(command.args(arguments), &variables);
        App::with_bus(self, Program::spawn(command), Some(bus))
    }

    /// Lets a program run on this desktop.
    pub fn settle(&self, command: &mut Command) {
        settle(command, &self.variables);
    }

    /// The screen, of a desktop of X.
    #[track_caller]
    pub fn screen(&self) -> &Screen {
        match &self.stage {
            Stage::X(screen) => screen,
            other => panic!("this desktop is not one of X, but {other:?}"),
        }
    }

    /// The shell, of a desktop of GNOME.
    #[track_caller]
    pub fn shell(&self) -> &Shell {
        match &self.stage {
            Stage::Shell(shell) => shell,
            other => panic!("this desktop is not one of GNOME, but {other:?}"),
        }
    }

    /// What every desktop can do.
    fn hands(&self) -> &dyn Hands {
        match &self.stage {
            Stage::X(screen) => screen,
            Stage::Shell(shell) => shell,
            Stage::Weston(weston) => weston,
        }
    }

    /// Takes a picture of everything.
    pub fn picture(&self, file: &Path) {
        self.hands().picture(file);
    }

    /// The folder with everything that programs here write.
    pub fn home(&self) -> &Path {
        self.folder.path()
    }

    /// What this English text may be called here. (Texts with values in them are not known.)
    pub fn words<'a>(&'a self, english: &'a str) -> Vec<&'a str> {
        self.words.get(english)
    }

    /// The session bus.
    pub(crate) fn bus(&self) -> &Program {
        &self.bus
    }

    pub(crate) fn link(&self) -> &Link {
        &self.link
    }
}

/// Gives a program these variables in the place of what a person's desktop says.
pub(crate) fn settle(command: &mut Command, variables: &[(String, String)]) {
    for name in NOT_OURS {
        command.env_remove(name);
    }
    command.envs(variables.iter().map(|(name, value)| (name, value)));
}

/// The session bus. The accessibility bus is started by it, and ends with it.
#[track_caller]
fn bus(variables: &mut Vec<(String, String)>) -> Option<Program> {
    bus_with("--session", variables)
}

#[track_caller]
fn bus_with(configuration: &str, variables: &mut Vec<(String, String)>) -> Option<Program> {
    let arguments = [
        configuration,
        "--nofork",
        "--nopidfile",
        "--print-address=1",
    ];
    let mut command = foreign_with("dbus-daemon", arguments)?;
    settle(&mut command, variables);
    let bus = Program::spawn(command);
    let address = bus.out().at_least(PATIENCE, 1).swap_remove(0);
    variables.push(("DBUS_SESSION_BUS_ADDRESS".to_owned(), address));
    Some(bus)
}

/// The folder of this source tree.
pub fn source() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests
        .parent()
        .expect("the tests are a folder of the tree")
        .to_owned()
}

#[track_caller]
fn compile_schemas(into: &Path) -> Option<()> {
    let mut command = foreign("glib-compile-schemas")?;
    command.arg(source().join("data"));
    run(command.arg("--strict").arg(target("--targetdir=", into)));
    Some(())
}

#[track_caller]
fn compile_translation(language: &str, into: &Path) -> Option<()> {
    let folder = into.join("locale").join(language).join("LC_MESSAGES");
    fs::create_dir_all(&folder).expect("a folder of the test's own can be written");
    let mut command = foreign("msgfmt")?;
    command.arg(target("--output-file=", &folder.join("hallway.mo")));
    run(command.arg(source().join(format!("po/{language}.po"))));
    Some(())
}

fn target(option: &str, path: &Path) -> std::ffi::OsString {
    let mut word = std::ffi::OsString::from(option);
    word.push(path);
    word
}

/// Runs a tool to its end, which must be a good one; gives what it prints.
#[track_caller]
pub(crate) fn run(command: &mut Command) -> String {
    let name = command.get_program().to_owned();
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{} does not start: {error}", name.display()));
    let said = String::from_utf8_lossy(&output.stderr);
    let arguments: Vec<&OsStr> = command.get_args().collect();
    assert!(
        output.status.success(),
        "{} {arguments:?} fails: {said}",
        name.display()
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A place among the desktops that may be there at once.
#[derive(Debug)]
struct Place;

static TAKEN: Mutex<usize> = Mutex::new(0);
static LEFT: Condvar = Condvar::new();

impl Place {
    fn wait() -> Self {
        let taken = TAKEN.lock().expect("no holder of the lock panics");
        let mut taken = LEFT
            .wait_while(taken, |taken| *taken >= AT_ONCE)
            .expect("no holder of the lock panics");
        *taken += 1;
        Self
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        *TAKEN.lock().expect("no holder of the lock panics") -= 1;
        LEFT.notify_one();
    }
}
