//! A child process is killed amid its writes; what it had acknowledged is there.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write, stdout};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::*;

const KILLS: u32 = 24;

/// Names the database to the child.
const PATH: &str = "HALLWAY_TEST_HISTORY";

/// Not a test by itself: what the test below starts and kills.
#[test]
#[ignore = "is started by acknowledged_messages_survive_a_kill"]
fn child() {
    let Some(path) = std::env::var_os(PATH) else {
        return;
    };
    let opened = ServerStore::open(Path::new(&path)).expect("a kill damages nothing");
    assert_eq!(opened.set_aside, None);
    let last = opened
        .store
        .last(&[1; 32], &Conversation::Room)
        .expect("it can be read");
    let history = History::start(opened.store).expect("a thread");
    // The last one again, as after a lost acknowledgement.
    for n in last.max(1).. {
        let sent = message(n, &format!("text {n}"));
        let then = move |result: Result<Inserted, Error>| match result {
            Ok(Inserted::New(_) | Inserted::Again(_)) => {
                let mut out = stdout().lock();
                let written = writeln!(out, "acknowledged {n}");
                written
                    .and_then(|()| out.flush())
                    .expect("the parent reads");
            }
            // The one before it was not taken, as the queue was full.
            other => panic!("{other:?}"),
        };
        let insert = move |store: &ServerStore| store.insert(&sent);
        while history.write(insert.clone(), then).is_err() {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

#[test]
fn acknowledged_messages_survive_a_kill() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("server.db");
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("it is after 1970");
    let mut random = now.as_nanos();
    eprintln!("seed {random}");
    let mut acknowledged: HashSet<u64> = HashSet::new();
    for _ in 0..KILLS {
        let mut child = Command::new(std::env::current_exe().expect("the test has a name"))
            .args(["--exact", "history::thread::tests::killed::child"])
            .args(["--ignored", "--nocapture"])
            .env(PATH, &path)
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let out = BufReader::new(child.stdout.take().expect("it is piped"));
        let reading = thread::spawn(move || {
            // A line cut by the kill was still acknowledged, but which one is not known.
            out.lines()
                .map_while(Result::ok)
                .filter_map(|line| line.strip_prefix("acknowledged ")?.parse().ok())
                .collect::<Vec<u64>>()
        });
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let wait = u64::try_from((random >> 40) % 120).expect("it is small");
        thread::sleep(Duration::from_millis(20 + wait));
        child.kill().expect("it runs");
        child.wait().expect("it was ours");
        acknowledged.extend(reading.join().expect("it reads to the end"));
        check(&path, &acknowledged);
    }
    assert!(acknowledged.len() > 100, "{}", acknowledged.len());
}

fn check(path: &Path, acknowledged: &HashSet<u64>) {
    let opened = ServerStore::open(path).expect("a kill damages nothing");
    assert_eq!(opened.set_aside, None);
    let connection = opened.store.connection();
    let told: String = connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .expect("it can be read");
    assert_eq!(told, "ok");
    let mut statement = connection
        .prepare("SELECT text FROM line")
        .expect("it is ours");
    let texts: Vec<String> = statement
        .query_map([], |row| row.get(0))
        .and_then(Iterator::collect)
        .expect("it can be read");
    let kept: HashSet<u64> = texts
        .iter()
        .map(|text| {
            text.strip_prefix("text ")
                .and_then(|n| n.parse().ok())
                .expect("a number")
        })
        .collect();
    assert_eq!(kept.len(), texts.len(), "one is there twice");
    assert!(acknowledged.is_subset(&kept));
}
