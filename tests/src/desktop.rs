//! A desktop of a test's own: a screen that nobody sees, a window manager, a session bus with the
//! accessibility bus behind it, and settings that begin empty.
//!
//! - [`app`]: a program on it, seen and used as a screen reader does;
//! - [`node`]: a part of its windows;
//! - [`walk`]: going through windows by keyboard;
//! - [`windows`]: what is done with our two windows again and again;
//! - [`notices`]: notifications that programs send;
//! - [`session`]: settings, programs that the bus starts, what the desktop asks of them;
//! - `tree`, `link`: what AT-SPI tells, and the D-Bus calls for it;
//! - [`screen`]: X, its pictures, its keyboard and mouse;
//! - [`shell`]: GNOME Shell, and `weston`: two desktops of Wayland, on which the programs are
//!   installed (`wayland`);
//! - [`installed`]: programs that are installed, started as a person's desktop starts them;
//! - `front`: what the person looks at;
//! - `words`: what buttons are called in another language;
//! - `folder`: a home that goes when the desktop goes.

pub mod app;
mod folder;
mod front;
mod hands;
pub mod installed;
mod link;
pub mod node;
pub mod notices;
mod process;
pub mod screen;
pub mod session;
pub mod shell;
mod tree;
pub mod walk;
mod wayland;
mod weston;
pub mod windows;
mod words;

use std::ffi::OsStr;
use std::fmt::Write;
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
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a choice of its own, and most tests make none"
)]
pub struct Look {
    /// Variables for the programs on it, besides those that every desktop has.
    pub environment: Vec<(&'static str, String)>,
    /// Whether settings outlive the program that makes them.
    pub remembers: bool,
    /// Whether things appear at once instead of sliding in.
    pub is_still: bool,
    /// Whether nobody has ever started our programs, so that they say a word of welcome.
    pub is_first_run: bool,
    /// The language, where it is not English.
    pub language: Option<&'static str>,
    /// Settings that are made before: group (`chat/hallway/Server`), key, value as `GVariant` prints it.
    pub settings: Vec<(&'static str, &'static str, String)>,
    /// Whether the programs are installed, with all that belongs to them.
    pub is_installed: bool,
    /// Whether letters are twice as large.
    pub is_large: bool,
}

/// The language that nobody speaks: texts in ⟦…⟧, longer than English.
pub const PSEUDO: &str = "qps";

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

    /// From right to left, with English texts. (Where a program has no translation into a language,
    /// GLib does not translate GTK's words either, of which the direction is one.)
    #[must_use]
    pub fn from_right_to_left(self) -> Self {
        self.with("GTK_DEBUG", "invert-text-dir")
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
        let folder = Folder::new(look.is_still, look.is_large);
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
        if let Some(language) = look.language {
            variables.push(("LANGUAGE".to_owned(), language.to_owned()));
        }
        if !look.is_installed {
            not_installed(&folder, look, &mut variables)?;
        }
        let screen = Screen::new(&mut variables)?;
        let bus = bus(&mut variables)?;
        let link = Link::new(&variables);
        let accessibility = link.address().to_owned();
        variables.push(("AT_SPI_BUS_ADDRESS".to_owned(), accessibility));
        let wanted = &look.environment;
        variables.extend(wanted.iter().map(|(n, v)| ((*n).to_owned(), v.clone())));
        Some(Self {
            link,
            words: words(look, folder.path()),
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

    /// A variable for the programs on it.
    pub(crate) fn variable(&self, name: &str) -> &str {
        let mut known = self.variables.iter().filter(|(known, _)| known == name);
        known.next_back().map_or("", |(_, value)| value)
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

/// Lets programs find in this folder what belongs to them: settings and translations.
#[track_caller]
fn not_installed(
    folder: &Folder,
    look: &Look,
    variables: &mut Vec<(String, String)>,
) -> Option<()> {
    compile_schemas(folder.path(), look.is_first_run)?;
    variables.push(("GSETTINGS_SCHEMA_DIR".to_owned(), folder.string("")));
    if let Some(language) = look.language {
        compile_translation(language, folder.path())?;
    }
    variables.push(("HALLWAY_LOCALEDIR".to_owned(), folder.string("locale")));
    Some(())
}

#[track_caller]
fn compile_schemas(into: &Path, is_first_run: bool) -> Option<()> {
    let mut command = foreign("glib-compile-schemas")?;
    let mut overrides = String::new();
    for program in ["Client", "Server"] {
        let id = format!("chat.hallway.{program}");
        let schema = format!("{id}.gschema.xml");
        let from = source().join("data").join(&schema);
        fs::copy(from, into.join(&schema)).expect("the schemas are in the tree");
        // Writing to a string does not fail.
        let _ = writeln!(overrides, "[{id}]\nfirst-run={is_first_run}");
    }
    let file = into.join("chat.hallway.gschema.override");
    fs::write(file, overrides).expect("a folder of the test's own can be written");
    run(command.arg("--strict").arg(into));
    Some(())
}

#[track_caller]
fn compile_translation(language: &str, into: &Path) -> Option<()> {
    let folder = into.join("locale").join(language).join("LC_MESSAGES");
    fs::create_dir_all(&folder).expect("a folder of the test's own can be written");
    let mut command = foreign("msgfmt")?;
    command.arg(target("--output-file=", &folder.join("hallway.mo")));
    if language == PSEUDO {
        foreign("msgen")?;
        let po = run(&mut Command::new(source().join("po/pseudo")));
        fs::write(translation(language, into), po).expect("the folder can be written");
    }
    run(command.arg(translation(language, into)));
    Some(())
}

/// What our texts are in the language of a desktop.
fn words(look: &Look, made: &Path) -> Words {
    look.language
        .map(|language| Words::of(&translation(language, made)))
        .unwrap_or_default()
}

/// Where the texts of a language are: in the tree, unless they are made.
fn translation(language: &str, made: &Path) -> PathBuf {
    if language == PSEUDO {
        made.join("pseudo.po")
    } else {
        source().join(format!("po/{language}.po"))
    }
}

fn target(option: &str, path: &Path) -> std::ffi::OsString {
    let mut word = std::ffi::OsString::from(option);
    word.push(path);
    word
}

/// Runs a tool to its end, which must be a good one; gives what it prints.
///
/// # Panics
///
/// Where it does not start, or fails.
#[track_caller]
pub fn run(command: &mut Command) -> String {
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
