//! A program on a desktop, seen and used through AT-SPI, as a screen reader and its person do.

use std::cell::RefCell;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::node::{Kind, Node};
use super::process::Process;
use super::tree::Tree;
use super::{Desktop, source};
use crate::program::Program;
use crate::wait::{PATIENCE, SILENCE};

const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// What a program that is well does not write to stderr.
const TROUBLE: [&str; 4] = ["panicked", "CRITICAL", "WARNING", "ERROR"];

/// What it writes through no fault of its own.
const NOT_TROUBLE: [&str; 1] = ["Vulkan"];

/// A program with windows. It must be well until the end of the test.
#[derive(Debug)]
pub struct App<'a> {
    desktop: &'a Desktop,
    /// Its name on the accessibility bus.
    pub(super) name: String,
    process: Process<'a>,
    /// Whether it cannot tell X its process id, which is another one in there.
    is_in_sandbox: bool,
    /// A session bus that it has for itself. It goes after the program.
    _bus: Option<Program>,
}

impl<'a> App<'a> {
    /// A program that was started on this desktop; waits for its first window.
    #[track_caller]
    pub fn of(desktop: &'a Desktop, program: Program) -> Self {
        Self::with_bus(desktop, program, None)
    }

    #[track_caller]
    pub(super) fn with_bus(
        desktop: &'a Desktop,
        mut program: Program,
        bus: Option<Program>,
    ) -> Self {
        let pid = program.pid();
        let (name, speaker) = desktop.link().name_of(pid, || {
            if let Some(status) = program.ended() {
                let said = program.err().all().join("\n");
                panic!("it ended instead of opening a window, {status}: {said}");
            }
        });
        Self {
            desktop,
            name,
            process: Process::Started(RefCell::new(program)),
            is_in_sandbox: speaker != pid,
            _bus: bus,
        }
    }

    /// A program that the session bus of this desktop started; waits for its first window.
    #[track_caller]
    pub(super) fn activated(desktop: &'a Desktop, pid: u32) -> Self {
        let process = Process::Activated {
            pid,
            bus: desktop.bus(),
        };
        Self::of_process(desktop, process)
    }

    /// A program that is on this desktop; waits for its first window.
    #[track_caller]
    pub(super) fn of_process(desktop: &'a Desktop, process: Process<'a>) -> Self {
        let (name, _) = desktop.link().name_of(process.pid(), || {
            assert!(
                !process.has_ended(),
                "it ended instead of opening a window: {:#?}",
                process.said()
            );
        });
        Self {
            desktop,
            name,
            process,
            is_in_sandbox: false,
            _bus: None,
        }
    }

    /// Where it runs.
    pub fn desktop(&self) -> &'a Desktop {
        self.desktop
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Waits until something of this kind and name is shown.
    #[track_caller]
    pub fn find(&self, kind: Kind, name: &str) -> Node<'_> {
        self.find_within(PATIENCE, kind, name)
    }

    /// [`App::find`] with a deadline of one's own.
    #[track_caller]
    pub fn find_within(&self, patience: Duration, kind: Kind, name: &str) -> Node<'_> {
        let names = self.desktop.words(name);
        let what = format!("{kind:?} {names:?}");
        self.wait(patience, &what, |tree| {
            self.first(tree, kind, |name| names.contains(&name))
        })
    }

    /// Whether there is one now.
    pub fn shows(&self, kind: Kind, name: &str) -> bool {
        let names = self.desktop.words(name);
        let tree = self.tree();
        self.first(&tree, kind, |name| names.contains(&name))
            .is_some()
    }

    /// Waits until there is none.
    #[track_caller]
    pub fn gone(&self, kind: Kind, name: &str) {
        let names = self.desktop.words(name);
        let what = format!("the end of {kind:?} {names:?}");
        self.wait(PATIENCE, &what, |tree| {
            let none = self
                .first(tree, kind, |name| names.contains(&name))
                .is_none();
            none.then_some(())
        });
    }

    /// Waits until this is read somewhere.
    #[track_caller]
    pub fn reads(&self, part: &str) -> Node<'_> {
        self.reads_within(PATIENCE, part)
    }

    /// [`App::reads`] with a deadline of one's own.
    #[track_caller]
    pub fn reads_within(&self, patience: Duration, part: &str) -> Node<'_> {
        let what = format!("“{part}”");
        self.wait(patience, &what, |tree| {
            self.first(tree, Kind::Label, |name| name.contains(part))
        })
    }

    /// Waits until this stands in a label, in sight or not: of a text that is taller than the
    /// window, the middle may be outside.
    #[track_caller]
    pub fn holds(&self, part: &str) {
        let what = format!("“{part}” anywhere");
        self.wait(PATIENCE, &what, |tree| {
            let mut labels = (0..tree.items.len()).filter(|&at| Kind::Label.takes(&tree.items[at]));
            labels
                .any(|at| Kind::Label.names(tree, at).any(|name| name.contains(part)))
                .then_some(())
        });
    }

    /// Nothing with this in it must be read, now or a moment later.
    #[track_caller]
    pub fn does_not_read(&self, part: &str) {
        let deadline = Instant::now() + SILENCE;
        while Instant::now() < deadline {
            let tree = self.tree();
            if self
                .first(&tree, Kind::Label, |name| name.contains(part))
                .is_some()
            {
                self.fail(&format!("“{part}” is read"));
            }
            thread::sleep(BETWEEN_LOOKS);
        }
    }

    /// Waits until nothing with this in it is read.
    #[track_caller]
    pub fn stops_reading(&self, part: &str) {
        self.wait(PATIENCE, &format!("an end of “{part}”"), |tree| {
            let found = self.first(tree, Kind::Label, |name| name.contains(part));
            found.is_none().then_some(())
        });
    }

    /// Clicks on what is of this kind and name, as soon as it is there and takes clicks.
    #[track_caller]
    pub fn click(&self, kind: Kind, name: &str) {
        let names = self.desktop.words(name);
        let what = format!("{kind:?} {names:?} that takes clicks");
        let node = self.wait(PATIENCE, &what, |tree| {
            self.first(tree, kind, |name| names.contains(&name))
                .filter(Node::is_sensitive)
        });
        node.click();
    }

    /// Everything of a kind that is shown now, from the top.
    pub fn all(&self, kind: Kind) -> Vec<Node<'_>> {
        let tree = self.tree();
        (0..tree.items.len())
            .filter(|&at| kind.takes(&tree.items[at]))
            .map(|at| Node::of(self, &tree, at))
            .filter(Node::is_shown)
            .collect()
    }

    /// All texts that are shown now, from the top.
    pub fn texts(&self) -> Vec<String> {
        let labels = self.all(Kind::Label).into_iter();
        labels.map(|label| label.name().to_owned()).collect()
    }

    /// The titles of its windows and dialogs.
    pub fn windows(&self) -> Vec<String> {
        let tree = self.tree();
        let windows = tree.items.iter().filter(|item| item.parent.is_none());
        windows.map(|item| item.name.clone()).collect()
    }

    /// Waits until `look` finds something.
    #[track_caller]
    pub fn until<T>(&self, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        self.wait(PATIENCE, what, |_| look())
    }

    fn first(&self, tree: &Tree, kind: Kind, wanted: impl Fn(&str) -> bool) -> Option<Node<'_>> {
        (0..tree.items.len())
            .filter(|&at| kind.takes(&tree.items[at]))
            .filter(|&at| kind.names(tree, at).any(&wanted))
            .map(|at| Node::of(self, tree, at))
            .find(Node::is_shown)
    }

    /// What its windows tell now.
    pub(super) fn tree(&self) -> Tree {
        // A program that is ending tells nothing.
        Tree::read(self.desktop.link(), &self.name).unwrap_or_default()
    }

    #[track_caller]
    fn wait<T>(
        &self,
        patience: Duration,
        what: &str,
        mut look: impl FnMut(&Tree) -> Option<T>,
    ) -> T {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(found) = look(&self.tree()) {
                return found;
            }
            if Instant::now() > deadline {
                self.fail(&format!("{patience:?} went by without {what}"));
            }
            thread::sleep(BETWEEN_LOOKS);
        }
    }

    /// Ends the test, with a picture and with all that the windows tell.
    #[track_caller]
    pub fn fail(&self, why: &str) -> ! {
        let thread = thread::current();
        let test = thread.name().unwrap_or("program").replace("::", "-");
        let file = pictures().join(format!("failed-{test}.png"));
        self.desktop.hands().picture(&file);
        let mut report = format!("{why}. A picture is in {}.\n", file.display());
        let said = self.process.said();
        // Writing to a string does not fail.
        let _ = writeln!(report, "The windows:\n{}stderr: {said:#?}", self.tree());
        panic!("{report}");
    }

    /// The window with this title, as the manager of windows calls it, whatever number of unread
    /// messages stands before it: that may be another in a moment.
    #[track_caller]
    pub fn window(&self, title: &str) -> String {
        let hands = self.desktop.hands();
        self.until(&format!("a window “{title}”"), || {
            let windows = self.x_windows();
            windows
                .into_iter()
                .find(|window| bare(&hands.title_of(window)) == bare(title))
        })
    }

    /// Its first window.
    #[track_caller]
    pub fn first_window(&self) -> String {
        self.until("a window", || self.x_windows().into_iter().next())
    }

    /// Its windows that have a title, as the manager of windows calls them: the newest last.
    pub fn x_windows(&self) -> Vec<String> {
        if self.is_in_sandbox {
            let titles = self.windows();
            return self.desktop.screen().windows_titled(&titles);
        }
        self.desktop.hands().windows_of(self.pid())
    }

    /// Presses keys in its first window.
    #[track_caller]
    pub fn press(&self, keys: &str) {
        let hands = self.desktop.hands();
        hands.activate(&self.first_window());
        hands.press(keys);
    }

    /// Asks the window manager to close its first window.
    #[track_caller]
    pub fn close(&self) {
        self.press("alt+F4");
    }

    /// Waits until the process has ended well; gives the exit code.
    #[track_caller]
    pub fn end(&self) -> Option<i32> {
        self.until("its end", || self.has_ended().then_some(()));
        let (code, said) = self.process.outcome(PATIENCE);
        assert!(!said.contains("panicked"), "it panicked: {said}");
        code
    }

    /// Whether it has ended.
    pub fn has_ended(&self) -> bool {
        self.process.has_ended()
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        self.process.signal(signal);
    }

    /// Kills it, without a word to anybody.
    pub fn kill(&self) {
        self.signal(Signal::KILL);
        self.process.end(PATIENCE);
    }

    /// It answers, and has not complained.
    #[track_caller]
    pub fn is_well(&self) {
        let complaints = self.complaints();
        assert!(complaints.is_empty(), "it complains: {complaints:#?}");
    }

    fn complaints(&self) -> Vec<String> {
        let said = self.process.said();
        let is_trouble = |line: &String| {
            TROUBLE.iter().any(|word| line.contains(word))
                && !NOT_TROUBLE.iter().any(|word| line.contains(word))
        };
        said.into_iter().filter(is_trouble).collect()
    }
}

/// A title without the number before it.
fn bare(title: &str) -> &str {
    let counted = title
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(") "));
    counted.map_or(title, |(_, title)| title)
}

impl Drop for App<'_> {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.is_well();
        }
    }
}

/// Where pictures go: `target/screenshots`.
pub fn pictures() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| source().join("target"), |target| source().join(target));
    let folder = target.join("screenshots");
    fs::create_dir_all(&folder).expect("the build folder can be written");
    folder
}
