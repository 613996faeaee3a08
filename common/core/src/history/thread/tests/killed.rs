//! A child process is killed amid its writes; what it had acknowledged is there.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write, stdout};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::*;
use crate::history::ClientStore;
use crate::history::client::{Acknowledged, Outgoing};
use crate::wire::{Conv, Epoch, Event, chain};

const KILLS: u32 = 24;

/// How long a child may take to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Names the database to the child.
const PATH: &str = "HALLWAY_TEST_HISTORY";

const SERVER: Fingerprint = Fingerprint::from_bytes([9; 32]);

fn path() -> Option<PathBuf> {
    std::env::var_os(PATH).map(PathBuf::from)
}

/// Tells the parent, as an acknowledgement would.
fn acknowledge(n: u64) {
    let mut out = stdout().lock();
    let written = writeln!(out, "acknowledged {n}");
    written
        .and_then(|()| out.flush())
        .expect("the parent reads");
}

/// Writes without end, as quickly as it is taken.
fn write_from<S: Store, T: std::fmt::Debug + Send + 'static>(
    history: &History<S>,
    first: u64,
    work: impl Fn(&S, u64) -> Result<T, Error> + Clone + Send + 'static,
) {
    for n in first.. {
        loop {
            let work = work.clone();
            let then = move |result: Result<T, Error>| {
                result.expect("there is room");
                acknowledge(n);
            };
            if history.write(move |store| work(store, n), then).is_ok() {
                break;
            }
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Not a test by itself: what the test below starts and kills.
#[test]
#[ignore = "is started by acknowledged_messages_survive_a_kill"]
fn server_child() {
    let Some(path) = path() else {
        return;
    };
    let opened = ServerStore::open(&path).expect("a kill damages nothing");
    assert_eq!(opened.set_aside, None);
    let last = opened
        .store
        .last(&ANA, &Between::Room)
        .expect("it can be read");
    let history = History::start(opened.store).expect("a thread");
    // The last one again, as after a lost acknowledgement.
    write_from(&history, last.get().max(1), |store, n| {
        let inserted = store.insert(&message(n, &format!("text {n}")))?;
        assert!(
            matches!(inserted, Inserted::New(_) | Inserted::Again(_)),
            "{inserted:?}"
        );
        Ok(())
    });
}

/// Not a test by itself: what the test below starts and kills.
#[test]
#[ignore = "is started by events_and_their_cursor_survive_a_kill_together"]
fn client_child() {
    let Some(path) = path() else {
        return;
    };
    let mut opened = ClientStore::open(&path).expect("a kill damages nothing");
    assert_eq!(opened.set_aside, None);
    opened
        .store
        .commit(|store| store.meet(&SERVER, &Epoch::from_bytes([5; 16])))
        .expect("there is room");
    let held = opened
        .store
        .held(&SERVER)
        .expect("it can be read")
        .expect("it was met");
    let history = History::start(opened.store).expect("a thread");
    // The last one again, as after a lost `got`; its message is written and acknowledged anew.
    write_from(&history, held.pos.get().max(1), |store, n| {
        store.store(&SERVER, &[event(n)])?;
        if n > 1 {
            let acknowledged = Acknowledged {
                cid: cid(n - 1),
                pos: event(n - 1).pos,
            };
            store.acknowledge(&SERVER, &acknowledged)?;
        }
        let outgoing = Outgoing {
            cid: cid(n),
            to: Conv::Room,
            text: format!("mine {n}").parse().expect("a text"),
            at: At::ZERO,
        };
        store.post(&SERVER, &outgoing)
    });
}

fn cid(n: u64) -> Cid {
    message(n, "").cid
}

/// An event whose hash is not the chain's, which a client does not ask.
fn event(n: u64) -> Event {
    Event {
        pos: n.try_into().expect("it is exact"),
        seq: n.try_into().expect("it is exact"),
        conv: Conv::Room,
        from: Person {
            id: Some(ANA),
            name: "Ana".parse().expect("a label"),
        },
        kind: Kind::Text,
        text: format!("text {n}").parse().expect("a text"),
        at: At::ZERO,
        hash: chain::start(&Epoch::from_bytes(*cid(n).as_bytes())),
    }
}

/// Starts the child again and again, kills it at random times, and has what it left checked
/// against what it had acknowledged.
fn kill_again_and_again(child: &str, path: &Path, check: impl Fn(&HashSet<u64>)) {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("it is after 1970");
    let mut random = now.as_nanos();
    eprintln!("seed {random}");
    let mut acknowledged: HashSet<u64> = HashSet::new();
    for round in 0..KILLS {
        let mut child = Command::new(std::env::current_exe().expect("the test has a name"))
            .args([
                "--exact",
                &format!("history::thread::tests::killed::{child}"),
            ])
            .args(["--ignored", "--nocapture"])
            .env(PATH, path)
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let out = BufReader::new(child.stdout.take().expect("it is piped"));
        let (begins, has_begun) = mpsc::channel();
        let reading = thread::spawn(move || {
            out.lines()
                .map_while(Result::ok)
                .filter_map(|line| line.strip_prefix("acknowledged ")?.parse().ok())
                .inspect(|_| {
                    // The parent may have ceased to wait for it.
                    let _ = begins.send(());
                })
                .collect::<Vec<u64>>()
        });
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        // One in four is killed while it opens the database, or soon after.
        if round % 4 > 0 {
            has_begun.recv_timeout(PATIENCE).expect("the child writes");
        }
        let wait = u64::try_from((random >> 40) % 60).expect("it is small");
        thread::sleep(Duration::from_millis(wait));
        child.kill().expect("it runs");
        child.wait().expect("it was ours");
        // A line that the kill has cut may name a smaller number, which is there as well.
        acknowledged.extend(reading.join().expect("it reads to the end"));
        check(&acknowledged);
    }
    assert!(acknowledged.len() > 100, "{}", acknowledged.len());
}

/// The numbers of the lines that are there, each once.
fn numbers(store: &impl Store) -> HashSet<u64> {
    let connection = store.connection();
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
    let numbers: HashSet<u64> = texts
        .iter()
        .map(|text| {
            text.strip_prefix("text ")
                .and_then(|n| n.parse().ok())
                .expect("a number")
        })
        .collect();
    assert_eq!(numbers.len(), texts.len(), "one is there twice");
    numbers
}

#[test]
fn acknowledged_messages_survive_a_kill() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("server.db");
    kill_again_and_again("server_child", &path, |acknowledged| {
        let opened = ServerStore::open(&path).expect("a kill damages nothing");
        assert_eq!(opened.set_aside, None);
        assert!(acknowledged.is_subset(&numbers(&opened.store)));
    });
}

#[test]
fn events_and_their_cursor_survive_a_kill_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("client.db");
    kill_again_and_again("client_child", &path, |acknowledged| {
        let opened = ClientStore::open(&path).expect("a kill damages nothing");
        assert_eq!(opened.set_aside, None);
        let numbers = numbers(&opened.store);
        assert!(acknowledged.is_subset(&numbers));
        let Some(held) = opened.store.held(&SERVER).expect("it can be read") else {
            assert!(numbers.is_empty());
            return;
        };
        assert_eq!(numbers, (1..=held.pos.get()).collect());
        let unsent = opened.store.unsent(&SERVER, 0).expect("it can be read");
        let texts: Vec<String> = unsent
            .into_iter()
            .map(|unsent| unsent.message.text.to_string())
            .collect();
        let expected: Vec<String> = (held.pos.get().max(1)..=held.pos.get())
            .map(|n| format!("mine {n}"))
            .collect();
        assert_eq!(texts, expected);
    });
}
