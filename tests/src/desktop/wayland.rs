//! Desktops of Wayland, on which Hallway is installed: as a package would, in a folder that
//! `HALLWAY_PREFIX` names. `./dev test --desktop` makes that folder.

use std::env;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};

use super::app::App;
use super::folder::Folder;
use super::link::Link;
use super::shell::Shell;
use super::weston::Weston;
use super::{Desktop, Look, Place, Stage, bus_with, words};
use crate::wait::{PATIENCE, until};

/// Names the folder with `bin` and `share` that Hallway is installed in.
const PREFIX: &str = "HALLWAY_PREFIX";

/// Why a test fails here where it could be skipped elsewhere.
pub(super) const MISSING: &str = "./dev test --desktop installs what these tests need";

/// The socket of the compositor, in `XDG_RUNTIME_DIR`. It is told before it is there: what the
/// session bus starts has the surroundings that the bus began with.
pub(super) const SOCKET: &str = "hallway-wayland";

/// Of the services that this machine has, a session here has this one: any other would have a part
/// in the test on some machines and not on others.
const ACCESSIBILITY: &str = "dbus-1/services/org.a11y.Bus.service";

impl Desktop {
    /// GNOME Shell, the real one, on a screen that nobody sees. Here it must be: such tests run
    /// where they are asked for.
    #[track_caller]
    pub fn in_gnome_shell(look: &Look) -> Self {
        Self::on_wayland(look, |variables, folder| {
            Stage::Shell(Shell::new(variables, folder.path()))
        })
    }

    /// Weston, which draws what is in front of it and manages little.
    #[track_caller]
    pub fn in_weston(look: &Look) -> Self {
        Self::on_wayland(look, |variables, folder| {
            Stage::Weston(Weston::new(variables, folder.path()))
        })
    }

    /// Starts a program by its name on the session bus, as a menu would, and waits for its window.
    #[track_caller]
    pub fn open(&self, id: &str) -> App<'_> {
        self.activate(id);
        self.activated(id)
    }

    /// Waits for a program that the session bus starts by this name, and for its window.
    #[track_caller]
    pub fn activated(&self, id: &str) -> App<'_> {
        let session = self.session();
        let pid = until(PATIENCE, &format!("{id} on the bus"), || session.pid_of(id));
        App::activated(self, pid)
    }

    #[track_caller]
    fn on_wayland(look: &Look, stage: impl FnOnce(&[(String, String)], &Folder) -> Stage) -> Self {
        let place = Place::wait();
        let folder = Folder::new(look.is_still, look.is_large);
        let stragglers = Stragglers(folder.path().to_owned());
        let mut variables = folder.variables();
        variables.extend(surroundings(look));
        write_settings(look, folder.path());
        let configuration = configure_bus(folder.path());
        let argument = format!("--config-file={}", configuration.display());
        let bus = bus_with(&argument, &mut variables).expect(MISSING);
        let link = Link::new(&variables);
        let stage = stage(&variables, &folder);
        Self {
            link,
            words: words(look, folder.path()),
            variables,
            stage,
            bus,
            _stragglers: Some(stragglers),
            folder,
            _place: place,
        }
    }
}

/// The variables that every program here has.
#[track_caller]
fn surroundings(look: &Look) -> Vec<(String, String)> {
    let prefix = prefix();
    let under = |name: &str| {
        let path = prefix.join(name);
        path.to_str().expect("paths here are UTF-8").to_owned()
    };
    let path = env::var("PATH").unwrap_or_default();
    let mut variables: Vec<_> = [
        ("PATH", format!("{}:{path}", under("bin"))),
        (
            "XDG_DATA_DIRS",
            format!("{}:/usr/local/share:/usr/share", under("share")),
        ),
        ("HALLWAY_LOCALEDIR", under("share/locale")),
        ("GSETTINGS_BACKEND", "keyfile".to_owned()),
        ("XDG_CURRENT_DESKTOP", "GNOME".to_owned()),
        ("XDG_SESSION_TYPE", "wayland".to_owned()),
        ("WAYLAND_DISPLAY", SOCKET.to_owned()),
        ("GDK_BACKEND", "wayland".to_owned()),
        // There is no graphics card where nobody looks.
        ("LIBGL_ALWAYS_SOFTWARE", "1".to_owned()),
        ("GSK_RENDERER", "cairo".to_owned()),
        ("GDK_DEBUG", "gl-disable".to_owned()),
        // What the bus starts speaks English as well.
        ("LC_ALL", "C.UTF-8".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec();
    if let Some(language) = look.language {
        variables.push(("LANGUAGE".to_owned(), language.to_owned()));
    }
    let wanted = look.environment.iter();
    variables.extend(wanted.map(|(name, value)| ((*name).to_owned(), value.clone())));
    variables
}

/// The value of a variable that was set before.
#[track_caller]
pub(super) fn value_of<'a>(variables: &'a [(String, String)], name: &str) -> &'a str {
    let found = variables.iter().find(|(one, _)| one == name);
    let (_, value) = found.unwrap_or_else(|| panic!("{name} was set before"));
    value
}

#[track_caller]
fn prefix() -> PathBuf {
    let prefix = env::var_os(PREFIX).map(PathBuf::from);
    prefix.expect("HALLWAY_PREFIX says where Hallway is installed: run ./dev test --desktop")
}

/// Writes the settings where the programs look for them.
fn write_settings(look: &Look, folder: &Path) {
    // Nobody is welcomed who is not here for the first time.
    let old = |group| (group, "first-run", "false".to_owned());
    let welcomed = ["chat/hallway/Client", "chat/hallway/Server"].map(old);
    // A busy machine holds a key down for longer than fingers do.
    let group = "org/gnome/desktop/peripherals/keyboard";
    let steady = [(group, "repeat", "false".to_owned())];
    let all = welcomed.iter().chain(&steady).chain(&look.settings);
    let mut text = String::new();
    for (group, key, value) in all {
        // A group may be named more than once; writing to a string does not fail.
        let _ = writeln!(text, "[{group}]\n{key}={value}");
    }
    let settings = folder.join("config/glib-2.0/settings");
    fs::create_dir_all(&settings).expect("a folder of the test's own can be written");
    fs::write(settings.join("keyfile"), text).expect("a folder of the test's own can be written");
}

/// Writes what the session bus is to be like: it starts what is installed in the prefix, and the
/// accessibility bus.
#[track_caller]
fn configure_bus(folder: &Path) -> PathBuf {
    let services = folder.join("services");
    fs::create_dir(&services).expect("a folder of the test's own can be written");
    let accessibility = Path::new("/usr/share").join(ACCESSIBILITY);
    let name = accessibility.file_name().expect("it names a file");
    fs::copy(&accessibility, services.join(name)).expect("at-spi2-core is installed");
    let ours = prefix().join("share/dbus-1/services");
    let file = folder.join("session.conf");
    let text = format!(
        r#"<busconfig>
  <type>session</type>
  <listen>unix:dir={}</listen>
  <servicedir>{}</servicedir>
  <servicedir>{}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#,
        folder.join("run").display(),
        ours.display(),
        services.display(),
    );
    fs::write(&file, text).expect("a folder of the test's own can be written");
    file
}

/// Programs in a desktop that no test started: what the bus and the compositor did. They are told
/// by the folder that is their home, and killed when nobody holds this any more.
#[derive(Debug)]
pub(super) struct Stragglers(PathBuf);

impl Stragglers {
    fn all(&self) -> Vec<Pid> {
        let home = format!("XDG_RUNTIME_DIR={}", self.0.join("run").display());
        let is_ours = |pid: &i32| {
            let surroundings = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            let mut variables = surroundings.split(|&byte| byte == 0);
            variables.any(|variable| variable == home.as_bytes())
        };
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        pids.filter(is_ours).filter_map(Pid::from_raw).collect()
    }
}

impl Drop for Stragglers {
    fn drop(&mut self) {
        let kill = || {
            let left = self.all();
            for &pid in &left {
                // It may have ended meanwhile.
                let _ = kill_process(pid, Signal::KILL);
            }
            left.is_empty().then_some(())
        };
        // While it is killed, one may start another.
        if thread::panicking() {
            let _ = (0..3).find_map(|_| kill());
        } else {
            until(PATIENCE, "an end of what a desktop started", kill);
        }
    }
}
