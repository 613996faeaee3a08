//! A person's service manager (`systemd --user`), with units of ours, on a computer of its own.
//!
//! It is the real one, with no rights, as for somebody who logged in. It takes this machine for one that
//! systemd started, whether that is so or not, and sees neither its services nor its network.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::program::Program;
use crate::wait::{PATIENCE, until};
use crate::world::{foreign, foreign_with, is_root, ours, say_skipped, skip};

/// Where it is, beside where it was before `/usr` was one folder.
const SYSTEMD: [&str; 2] = ["/usr/lib/systemd/systemd", "/lib/systemd/systemd"];

/// Makes the computer and runs the manager on it, then does line by line what it reads, as the person.
/// `$1` is the folder of units, `$2` the server, `$3` the name of the control group.
const SCRIPT: &str = include_str!("user_manager.sh");

/// Where units find the server there.
const BIN: &str = "/run/bin";

/// What a service of ours prints there.
const OUTPUT: &str = "[Service]
StandardOutput=append:/run/log/%N
StandardError=append:/run/log/%N
";

/// A running one.
#[derive(Debug)]
pub struct UserManager {
    shell: Program,
    folder: PathBuf,
}

/// How a command ended, and its output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The exit code.
    pub code: i32,
    /// All it printed.
    pub said: String,
}

impl UserManager {
    /// Starts one that knows these units, by name and text. None where that cannot be done.
    #[track_caller]
    pub fn start(units: &[(&str, String)]) -> Option<Self> {
        if !is_root() {
            // Not even in CI: who runs it decides about that.
            say_skipped("only root may make a computer of its own for a service manager");
            return None;
        }
        for needed in ["ip", "setpriv", "systemctl", "nc"] {
            foreign(needed)?;
        }
        let Some(systemd) = SYSTEMD.iter().find(|path| Path::new(path).exists()) else {
            skip("systemd is not installed");
            return None;
        };
        let name = unique();
        let folder = env::temp_dir().join(&name);
        for (unit, text) in units {
            write(&folder.join(unit), text);
        }
        write(&folder.join("service.d/output.conf"), OUTPUT);
        let options = "--mount --net --pid --fork --kill-child --mount-proc --propagation private";
        let mut command = foreign_with("unshare", options.split(' '))?;
        command.args(["bash", "-c", SCRIPT, systemd]);
        command.arg(&folder);
        command.arg(ours("hallway-server").get_program()).arg(&name);
        let manager = Self {
            shell: Program::spawn(command),
            folder,
        };
        let first = manager.shell.out().at_least_or_end(PATIENCE, 1);
        if first != ["ready"] {
            let said = manager.shell.err().all();
            // What containers are allowed differs: no failure, even in CI.
            say_skipped(&format!(
                "no service manager can run here: {first:?} {said:?}"
            ));
            return None;
        }
        Some(manager)
    }

    /// Runs a line of shell as the person.
    #[track_caller]
    pub fn run(&mut self, line: &str) -> Outcome {
        let before = self.shell.out().all().len();
        self.shell.type_line(line);
        until(PATIENCE * 2, &format!("an end of: {line}"), || {
            let said = self.shell.out().all();
            let said = &said[before..];
            let code = said.last()?.strip_prefix("ended ")?.parse().ok()?;
            let lines: Vec<_> = said.iter().filter_map(|l| l.strip_prefix(": ")).collect();
            let said = lines.join("\n");
            Some(Outcome { code, said })
        })
    }

    /// `systemctl --user` with these arguments, which must do what it is told.
    #[track_caller]
    pub fn control(&mut self, arguments: &str) -> String {
        let outcome = self.run(&format!("systemctl --user {arguments}"));
        assert_eq!(outcome.code, 0, "systemctl {arguments}: {}", outcome.said);
        outcome.said
    }

    /// A property of a unit.
    #[track_caller]
    pub fn property(&mut self, unit: &str, name: &str) -> String {
        self.control(&format!("show --value --property={name} {unit}"))
    }

    /// Waits until a property of a unit is as `wanted`.
    #[track_caller]
    pub fn until_property(&mut self, unit: &str, name: &str, wanted: impl Fn(&str) -> bool) {
        let mut last = String::new();
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            last = self.property(unit, name);
            if wanted(&last) {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
        panic!("{name} of {unit} stayed “{last}”: {}", self.output(unit));
    }

    /// Adds to a unit's settings, as people do (`systemctl edit`).
    #[track_caller]
    pub fn add(&mut self, unit: &str, settings: &str) {
        let folder = format!("\"$HOME\"/.config/systemd/user/{unit}.d");
        let text = settings.replace('\n', "\\n");
        let outcome = self.run(&format!(
            "mkdir -p {folder} && printf '{text}' > {folder}/override.conf && systemctl --user daemon-reload"
        ));
        assert_eq!(outcome.code, 0, "{}", outcome.said);
    }

    /// What a unit printed.
    #[track_caller]
    pub fn output(&mut self, unit: &str) -> String {
        let name = unit.split('.').next().unwrap_or(unit);
        self.run(&format!("cat /run/log/{name} 2>/dev/null")).said
    }
}

impl Drop for UserManager {
    fn drop(&mut self) {
        // The script ends with its input, and takes its control groups with it.
        self.shell.end_input();
        let ended = |shell: &mut Program| shell.ended().is_some();
        let deadline = Instant::now() + PATIENCE;
        while !ended(&mut self.shell) && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(20));
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A name that no other test has.
fn unique() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("hallway-manager-{}-{number}", process::id())
}

/// A unit of this tree as it is installed there.
#[track_caller]
pub fn unit(file: &str) -> String {
    unit_for(file, BIN)
}

/// A unit of this tree as it is installed where the server is in `bin`.
#[track_caller]
pub fn unit_for(file: &str, bin: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/systemd");
    let text = fs::read_to_string(folder.join(file)).expect("the units are part of this tree");
    text.replace("@bindir@", bin)
}

#[track_caller]
fn write(path: &Path, text: &str) {
    let folder = path.parent().expect("it is in a folder of ours");
    fs::create_dir_all(folder).expect("there is room for a folder of the test's own");
    fs::write(path, text).expect("a folder of the test's own can be written");
}
