//! GNOME Shell on a screen that nobody sees: its overview, its notifications, its windows, and the
//! keyboard and mouse in front of it.
//!
//! `shell/eyes.js` answers from inside of the shell.

mod told;

use std::fmt::Debug;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use glib::variant::{FromVariant, ToVariant};

pub use told::{Entry, Notification, Region, Text, Window};

use super::app::pictures;
use super::hands::Hands;
use super::link::Link;
use super::screen::Place;
use super::settle;
use super::wayland::{MISSING, SOCKET, value_of};
use crate::program::Program;
use crate::wait::{PATIENCE, SILENCE, until};
use crate::world::foreign_with;

const NAME: &str = "org.gnome.Shell";
const EYES: &str = include_str!("shell/eyes.js");
const EYES_PATH: &str = "/chat/hallway/Tests/Shell";
const EYES_INTERFACE: &str = "chat.hallway.Tests.Shell";

/// How long the shell may take to start: 3 s, where the machine does nothing else.
const START: Duration = Duration::from_mins(1);

/// The one with Debian's modules, which another Python in the path does not have.
const PYTHON: &str = "/usr/bin/python3";

/// A GNOME Shell.
#[derive(Debug)]
pub struct Shell {
    link: Link,
    // In the order in which they go.
    _program: Program,
    _logind: Program,
    _system_bus: Program,
}

/// Four numbers, as D-Bus carries them.
type Numbers = (i32, i32, i32, i32);

impl Shell {
    #[track_caller]
    pub(super) fn new(variables: &[(String, String)], folder: &Path) -> Self {
        let mut variables = variables.to_owned();
        let start = |mut command: Command, variables: &[(String, String)]| {
            settle(&mut command, variables);
            Program::spawn(command)
        };
        let address = format!("--address=unix:path={}", folder.join("system").display());
        let mut command = Command::new("dbus-daemon");
        command.args([
            "--session",
            "--nofork",
            "--nopidfile",
            "--print-address=1",
            &address,
        ]);
        let system_bus = start(command, &variables);
        let address = system_bus.out().at_least(PATIENCE, 1).swap_remove(0);
        variables.push(("DBUS_SYSTEM_BUS_ADDRESS".to_owned(), address));
        // Where systemd runs, the shell asks it whose session this is.
        let mut command = Command::new(PYTHON);
        command.args(["-m", "dbusmock", "--system", "--template", "logind"]);
        let logind = start(command, &variables);
        let arguments = [
            "--headless",
            "--wayland",
            "--no-x11",
            "--virtual-monitor=1280x800",
            // Allows Eval and pictures.
            "--unsafe-mode",
        ];
        let mut command = foreign_with("gnome-shell", arguments).expect(MISSING);
        command.arg(format!("--wayland-display={SOCKET}"));
        let mut program = start(command, &variables);
        let link = Link::to(value_of(&variables, "DBUS_SESSION_BUS_ADDRESS"));
        until(START, "a GNOME Shell", || {
            let ended = program.ended();
            let said = || program.err().all();
            assert!(ended.is_none(), "GNOME Shell ends: {:#?}", said());
            open_eyes(&link).then_some(())
        });
        let shell = Self {
            link,
            _program: program,
            _logind: logind,
            _system_bus: system_bus,
        };
        // It begins with the overview, where no window has the keyboard.
        shell.show_overview(false);
        shell
    }

    /// What `eyes.js` answers.
    #[track_caller]
    fn ask<T: FromVariant>(&self, method: &str, arguments: impl ToVariant + Debug) -> T {
        let values = arguments.to_variant();
        let answer = self
            .link
            .call(NAME, EYES_PATH, EYES_INTERFACE, method, Some(&values));
        answer.unwrap_or_else(|error| panic!("the shell does not {method} {arguments:?}: {error}"))
    }

    /// Its windows, the ones in front last.
    #[track_caller]
    pub fn windows(&self) -> Vec<Window> {
        type Told = (u64, String, String, u32, bool, bool, Numbers);
        let (told,): (Vec<Told>,) = self.ask("Windows", ());
        let window = |(id, title, entry, pid, has_focus, is_minimized, numbers)| Window {
            id,
            title,
            entry,
            pid,
            has_focus,
            is_minimized,
            place: place(numbers),
        };
        told.into_iter().map(window).collect()
    }

    /// Waits for a window.
    #[track_caller]
    pub fn window(&self, what: &str, wanted: impl Fn(&Window) -> bool) -> Window {
        until(PATIENCE, what, || self.windows().into_iter().find(&wanted))
    }

    /// What the overview has for an application. It must be there.
    #[track_caller]
    pub fn entry(&self, id: &str) -> Entry {
        let ((name, icon, actions, windows),) = self.ask("App", (id,));
        Entry {
            name,
            icon,
            actions,
            windows,
        }
    }

    /// Starts an application, or brings it to the front.
    #[track_caller]
    pub fn launch(&self, id: &str) {
        self.ask::<()>("Launch", (id, ""));
    }

    /// Takes an entry of the menu of an application.
    #[track_caller]
    pub fn launch_action(&self, id: &str, action: &str) {
        self.ask::<()>("Launch", (id, action));
    }

    /// All that a part of the shell says now.
    #[track_caller]
    pub fn read(&self, region: Region) -> Vec<Text> {
        let (told,): (Vec<(String, Numbers)>,) = self.ask("Read", (region.name(),));
        let text = |(text, numbers)| Text {
            text,
            place: place(numbers),
        };
        told.into_iter().map(text).collect()
    }

    /// Waits until a part of the shell says exactly this.
    #[track_caller]
    pub fn find(&self, region: Region, text: &str) -> Text {
        self.find_where(region, text, |one| one == text)
    }

    /// Waits until a part of the shell says something that is wanted, and stays as it is for a
    /// moment: what is found while somebody types moves.
    #[track_caller]
    pub fn find_where(&self, region: Region, what: &str, wanted: impl Fn(&str) -> bool) -> Text {
        let deadline = Instant::now() + PATIENCE;
        let mut before = Vec::new();
        while Instant::now() < deadline {
            let read = self.read(region);
            let found = read.iter().find(|one| wanted(&one.text));
            match found {
                Some(found) if read == before => return found.clone(),
                _ => {}
            }
            before = read;
            thread::sleep(2 * SILENCE);
        }
        let file = pictures().join("failed-shell.png");
        self.picture(&file);
        let file = file.display();
        panic!("no “{what}” that stays in {region:?}, but {before:#?}. A picture is in {file}.");
    }

    /// Waits until a part of the shell says nothing.
    #[track_caller]
    pub fn is_empty(&self, region: Region) {
        let what = format!("an empty {region:?}");
        until(PATIENCE, &what, || {
            self.read(region).is_empty().then_some(())
        });
    }

    /// Whether a part of the shell says this now.
    #[track_caller]
    pub fn says(&self, region: Region, text: &str) -> bool {
        self.read(region).iter().any(|one| one.text == text)
    }

    /// Clicks in the middle of a text.
    #[track_caller]
    pub fn click_on(&self, text: &Text) {
        self.click(text.place.middle(), 1);
    }

    /// Moves the mouse there.
    #[track_caller]
    pub fn point_at(&self, (x, y): (i32, i32)) {
        self.ask::<()>("Point", (x, y));
    }

    /// What nobody has dealt with.
    #[track_caller]
    pub fn notifications(&self) -> Vec<Notification> {
        type Told = (String, String, String, Vec<String>);
        let (told,): (Vec<Told>,) = self.ask("Notifications", ());
        let notification = |(app, title, body, buttons)| Notification {
            app,
            title,
            body,
            buttons,
        };
        told.into_iter().map(notification).collect()
    }

    /// Shows the overview, or goes back to the windows.
    #[track_caller]
    pub fn show_overview(&self, shown: bool) {
        until(PATIENCE, "a turn of the overview", || {
            let (arrived,) = self.ask("Overview", (shown,));
            bool::then_some(arrived, ())
        });
    }

    /// Types on the keyboard, which has a US layout.
    #[track_caller]
    pub fn type_text(&self, text: &str) {
        self.ask::<()>("Type", (text,));
    }

    /// Puts a text where it can be pasted from.
    #[track_caller]
    pub fn copy(&self, text: &str) {
        self.ask::<()>("Copy", (text,));
    }

    /// What can be pasted.
    #[track_caller]
    pub fn copied(&self) -> String {
        let (text,) = self.ask("Copied", ());
        text
    }

    /// Brings a window to the front and gives it the keyboard.
    #[track_caller]
    pub fn raise(&self, window: &Window) {
        let _: () = self.ask("Activate", (window.id,));
        until(PATIENCE, "the keyboard in that window", || {
            let mut windows = self.windows().into_iter();
            let raised = |one: Window| one.id == window.id && one.has_focus;
            windows.any(raised).then_some(())
        });
    }

    /// Puts a window away.
    #[track_caller]
    pub fn minimize(&self, window: &Window) {
        self.ask::<()>("Minimize", (window.id,));
    }

    /// Asks a window to close.
    #[track_caller]
    pub fn close(&self, window: &Window) {
        self.ask::<()>("Close", (window.id,));
    }

    /// Gives a window another size.
    #[track_caller]
    pub fn resize(&self, window: &Window, width: i32, height: i32) {
        self.ask::<()>("Resize", (window.id, width, height));
    }

    /// Presses keys, as in `ctrl+f`.
    #[track_caller]
    pub fn press(&self, keys: &str) {
        self.ask::<()>("Press", (keys,));
    }

    /// Clicks with a button of the mouse: 1 is the left one, 3 the right one.
    #[track_caller]
    pub fn click(&self, (x, y): (i32, i32), button: u8) {
        self.ask::<()>("Click", (x, y, u32::from(button)));
    }

    /// Takes a picture of everything.
    #[track_caller]
    pub fn picture(&self, file: &Path) {
        let file = file.to_str().expect("pictures go where the build goes");
        let arguments = (false, false, file).to_variant();
        let path = "/org/gnome/Shell/Screenshot";
        let interface = "org.gnome.Shell.Screenshot";
        let outcome = self
            .link
            .call(NAME, path, interface, "Screenshot", Some(&arguments));
        let (taken, _): (bool, String) =
            outcome.unwrap_or_else(|error| panic!("the shell takes no picture: {error}"));
        assert!(taken, "the shell takes no picture");
    }
}

/// Lets `eyes.js` in, as soon as the shell is ready for it.
fn open_eyes(link: &Link) -> bool {
    let arguments = (EYES,).to_variant();
    let path = "/org/gnome/Shell";
    let outcome = link.call(NAME, path, NAME, "Eval", Some(&arguments));
    let (done, answer): (bool, String) = match outcome {
        Ok(answer) => answer,
        // Its name is not there yet.
        Err(_) => return false,
    };
    assert!(done, "GNOME Shell does not take eyes.js: {answer}");
    answer == "true"
}

fn place((x, y, width, height): Numbers) -> Place {
    Place {
        x,
        y,
        width,
        height,
    }
}

impl Hands for Shell {
    fn windows_of(&self, pid: u32) -> Vec<String> {
        let windows = self.windows().into_iter();
        let ours = windows.filter(|window| window.pid == pid);
        ours.map(|window| window.id.to_string()).collect()
    }

    fn title_of(&self, window: &str) -> String {
        let found = self.windows().into_iter().find(|one| one.is(window));
        found.map(|one| one.title).unwrap_or_default()
    }

    fn place_of(&self, window: &str) -> Option<Place> {
        let found = self.windows().into_iter().find(|one| one.is(window));
        found.map(|one| one.place)
    }

    fn activate(&self, window: &str) {
        let found = self.windows().into_iter().find(|one| one.is(window));
        self.raise(&found.expect("a window that is there is activated"));
    }

    fn press(&self, keys: &str) {
        self.press(keys);
    }

    fn click(&self, place: (i32, i32), button: u8) {
        self.click(place, button);
    }

    fn picture(&self, file: &Path) {
        self.picture(file);
    }
}
