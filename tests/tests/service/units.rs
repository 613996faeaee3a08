//! The units: read over by systemd's own tools, and run by a real service manager.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::{self, Command, Output};

use hallway_tests::user_manager::{UserManager, unit, unit_for};
use hallway_tests::world::{foreign, target_directory};

const SERVICE: &str = "hallway-server.service";
const SOCKET: &str = "hallway-server.socket";

/// The most that the service may be exposed, in tenths. docs/service.md has the figure of one version of
/// systemd; each counts a little differently.
const EXPOSURE: &str = "25";

/// A folder with the units as they are installed, for tools that read files.
struct Units(PathBuf);

impl Units {
    fn new(what: &str, change: impl Fn(String) -> String) -> Self {
        let folder = env::temp_dir().join(format!("hallway-units-{what}-{}", process::id()));
        fs::create_dir_all(&folder).expect("there is room for a folder of the test's own");
        let bin = target_directory();
        let bin = bin.to_str().expect("the path of this tree is UTF-8");
        let service = change(unit_for("hallway-server.service.in", bin));
        for (name, text) in [(SERVICE, service), (SOCKET, unit_for(SOCKET, bin))] {
            fs::write(folder.join(name), text).expect("a folder of the test's own can be written");
        }
        Self(folder)
    }

    /// `systemd-analyze` with these arguments over them. None where it is not installed.
    fn analyze(&self, arguments: &[&str], names: &[&str]) -> Option<Output> {
        let mut command: Command = foreign("systemd-analyze")?;
        command.args(arguments);
        command.args(names.iter().map(|name| self.0.join(name)));
        command.env("XDG_RUNTIME_DIR", &self.0);
        Some(
            command
                .output()
                .expect("a program that is there can be run"),
        )
    }
}

impl Drop for Units {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The man page is not installed where this is tested.
const VERIFY: [&str; 3] = ["verify", "--user", "--man=no"];

#[test]
fn systemd_has_nothing_to_say_against_them() {
    let units = Units::new("right", |text| text);
    let Some(output) = units.analyze(&VERIFY, &[SERVICE, SOCKET]) else {
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{said}");
    // It would say something.
    let wrong = Units::new("wrong", |text| text.replace("PrivateTmp=", "PrivateTemp="));
    let output = wrong.analyze(&VERIFY, &[SERVICE]).expect("it was there");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("PrivateTemp"), "{said}");
}

#[test]
fn the_service_is_exposed_as_little_as_is_told() {
    let rate = ["security", "--offline=true", "--no-pager"];
    let units = Units::new("rated", |text| text);
    let threshold = format!("--threshold={EXPOSURE}");
    let with_threshold = [&rate[..], &[&threshold]].concat();
    let Some(output) = units.analyze(&with_threshold, &[SERVICE]) else {
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    // Without its settings it would be.
    let bare = Units::new("bare", |text| {
        let kept = text
            .lines()
            .filter(|line| !line.contains("Restrict") && !line.contains("Protect"));
        kept.collect::<Vec<_>>().join("\n")
    });
    let output = bare
        .analyze(&with_threshold, &[SERVICE])
        .expect("it was there");
    assert!(!output.status.success());
}

/// A manager that knows the units.
fn manager() -> Option<UserManager> {
    let service = unit("hallway-server.service.in");
    UserManager::start(&[(SERVICE, service), (SOCKET, unit(SOCKET))])
}

/// What somebody says at this port, and what comes back.
fn say(text: &str, port: u16) -> String {
    format!(
        "{{ printf '{text}\\n/who\\n'; sleep 1; printf '/quit\\n'; }} | nc -w 10 127.0.0.1 {port}"
    )
}

#[test]
fn it_runs_hardened_and_keeps_conversations_to_itself() {
    let Some(mut manager) = manager() else { return };
    // Comes back when it is ready.
    manager.control(&format!("start {SERVICE}"));
    let status = manager.property(SERVICE, "StatusText");
    assert_eq!(
        status,
        "Listening on every network, port 4255; nobody is here"
    );
    let heard = manager.run(&say("a secret of ours", 4255)).said;
    assert!(heard.contains("1 person is here"), "{heard}");
    manager.until_property(SERVICE, "StatusText", |text| {
        text.ends_with("; nobody is here")
    });

    let pid = manager.property(SERVICE, "MainPID");
    let status = manager.run(&format!("cat /proc/{pid}/status")).said;
    for wanted in [
        "NoNewPrivs:\t1",
        "Seccomp:\t2",
        "CapEff:\t0000000000000000",
        "CapBnd:\t0000000000000000",
    ] {
        assert!(status.contains(wanted), "{wanted} is not in: {status}");
    }
    // What it sees of the system.
    let mounts = manager.run(&format!("cat /proc/{pid}/mountinfo")).said;
    let is_kept = |place: &str, how: &str| {
        mounts.lines().any(|line| {
            let mut fields = line.split(' ').skip(4);
            fields.next() == Some(place) && fields.next().is_some_and(|o| o.starts_with(how))
        })
    };
    for place in ["/", "/proc/sys", "/sys"] {
        assert!(is_kept(place, "ro"), "{place} can be written: {mounts}");
    }
    for place in ["/home", "/root", "/run/user", "/tmp"] {
        assert!(
            mounts.contains(&format!(" {place} ")),
            "{place} is as ever: {mounts}"
        );
    }

    manager.control(&format!("stop {SERVICE}"));
    assert_eq!(manager.property(SERVICE, "Result"), "success");
    assert_eq!(manager.output(SERVICE), "Listening on [::]:4255");
}

#[test]
fn it_fails_with_a_sentence_where_it_cannot_listen() {
    let Some(mut manager) = manager() else { return };
    manager.add(SERVICE, "[Service]\nExecStart=\nExecStart=/run/bin/hallway-server --headless --quiet --address 192.0.2.1\n");
    let outcome = manager.run(&format!("systemctl --user start {SERVICE}"));
    assert_ne!(outcome.code, 0);
    assert_eq!(manager.property(SERVICE, "ActiveState"), "failed");
    assert_eq!(manager.property(SERVICE, "NRestarts"), "0");
    let said = manager.output(SERVICE);
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(
        said.starts_with("hallway-server: This computer cannot listen"),
        "{said}"
    );
}

/// The settings of docs/service.md that begin so.
fn documented(beginning: &str) -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/service.md");
    let text = fs::read_to_string(path).expect("the documentation is part of this tree");
    let blocks = text.split("```ini\n").skip(1);
    let mut blocks = blocks.filter_map(|rest| rest.split_once("```").map(|(block, _)| block));
    let block = blocks.find(|block| block.starts_with(beginning));
    let block = block.unwrap_or_else(|| panic!("docs/service.md tells nothing of {beginning}"));
    block.replace("/usr/bin/", "/run/bin/")
}

#[test]
fn it_listens_on_the_port_that_was_chosen() {
    let Some(mut manager) = manager() else { return };
    manager.add(SERVICE, &documented("[Service]\nExecStart="));
    manager.control(&format!("start {SERVICE}"));
    let status = manager.property(SERVICE, "StatusText");
    assert!(
        status.starts_with("Listening on every network, port 5000; "),
        "{status}"
    );
}

#[test]
fn it_runs_where_people_may_not_make_user_namespaces() {
    let Some(mut manager) = manager() else { return };
    manager.add(SERVICE, &documented("[Service]\nPrivateUsers=no"));
    manager.control(&format!("start {SERVICE}"));
    let pid = manager.property(SERVICE, "MainPID");
    for kind in ["user", "mnt", "ipc", "uts"] {
        let ours = manager.run(&format!("readlink /proc/self/ns/{kind}"));
        let its = manager.run(&format!("readlink /proc/{pid}/ns/{kind}"));
        assert_eq!(its, ours);
    }
    // What needs no rights is still there.
    let status = manager.run(&format!("cat /proc/{pid}/status")).said;
    assert!(
        status.contains("NoNewPrivs:\t1") && status.contains("Seccomp:\t2"),
        "{status}"
    );
    let heard = manager.run(&say("hello", 4255)).said;
    assert!(heard.contains("1 person is here"), "{heard}");
}

#[test]
fn who_connects_starts_it_on_the_port_that_was_chosen() {
    let Some(mut manager) = manager() else { return };
    manager.add(SOCKET, &documented("[Socket]"));
    manager.control(&format!("start {SOCKET}"));
    assert_eq!(manager.property(SERVICE, "ActiveState"), "inactive");
    let heard = manager.run(&say("am I the first?", 5000)).said;
    assert!(heard.contains("1 person is here"), "{heard}");
    assert_eq!(manager.property(SERVICE, "ActiveState"), "active");
    let status = manager.property(SERVICE, "StatusText");
    assert!(
        status.starts_with("Listening on every network, port 5000; "),
        "{status}"
    );
    // Over IPv6 it is the same room, and the same server.
    let pid = manager.property(SERVICE, "MainPID");
    let six = say("and from IPv6?", 5000).replace("127.0.0.1", "::1");
    let heard = manager.run(&six).said;
    assert!(heard.contains("1 person is here"), "{heard}");
    assert_eq!(manager.property(SERVICE, "MainPID"), pid);
    // It ends, and the next one who connects starts it again.
    manager.control(&format!("stop {SERVICE}"));
    assert_eq!(manager.property(SOCKET, "ActiveState"), "active");
    let heard = manager.run(&say("anybody?", 5000)).said;
    assert!(heard.contains("1 person is here"), "{heard}");
    assert_ne!(manager.property(SERVICE, "MainPID"), pid);
    manager.control(&format!("stop {SOCKET} {SERVICE}"));
    let refused = manager.run("nc -z 127.0.0.1 5000");
    assert_ne!(refused.code, 0);
}

#[test]
fn a_server_that_crashes_or_hangs_starts_again() {
    let Some(mut manager) = manager() else { return };
    manager.add(SERVICE, "[Service]\nWatchdogSec=1\n");
    manager.control(&format!("start {SERVICE}"));
    let pid = manager.property(SERVICE, "MainPID");
    manager.control(&format!("kill --signal=ABRT {SERVICE}"));
    manager.until_property(SERVICE, "NRestarts", |count| count == "1");
    manager.until_property(SERVICE, "ActiveState", |state| state == "active");
    let second = manager.property(SERVICE, "MainPID");
    assert_ne!(second, pid);
    // It lives on for more than the time of the watchdog…
    manager.run("sleep 2.5");
    assert_eq!(manager.property(SERVICE, "MainPID"), second);
    // …unless it hangs.
    manager.control(&format!("kill --signal=STOP {SERVICE}"));
    manager.until_property(SERVICE, "NRestarts", |count| count == "2");
    manager.until_property(SERVICE, "ActiveState", |state| state == "active");
    let heard = manager.run(&say("back again?", 4255)).said;
    assert!(heard.contains("1 person is here"), "{heard}");
}
