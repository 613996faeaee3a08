//! A disk that is full, and then is not.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::*;

/// Names the small disk to the child.
const DISK: &str = "HALLWAY_TEST_DISK";

/// Not a test by itself: it runs where the folder is a small disk of its own.
#[test]
#[ignore = "is started by a_full_disk_is_told_and_works_again_when_it_is_not"]
fn child() {
    let Some(disk) = std::env::var_os(DISK) else {
        return;
    };
    let disk = Path::new(&disk);
    let ballast = disk.join("ballast");
    fs::write(&ballast, vec![0; 256 * 1024]).expect("there is room yet");
    let opened = ServerStore::open(&disk.join("history/server.db")).expect("there is room yet");
    let history = History::start(opened.store).expect("a thread");
    let text = "x".repeat(4_000);
    let insert = |n| {
        let sent = message(n, &text);
        history
            .ask(move |store| store.insert(&sent))
            .expect("there is room in the queue")
            .wait()
    };
    let mut n = 1;
    let error = loop {
        match insert(n) {
            Ok(Inserted::New(event)) => assert_eq!(event.pos.get(), n),
            Ok(other) => panic!("{other:?}"),
            Err(error) => break error,
        }
        n += 1;
        assert!(n < 10_000, "the disk is never full");
    };
    assert_eq!(error, Error::DiskFull);
    assert_eq!(insert(n), Err(Error::DiskFull));
    let head = history
        .read(ServerStore::head)
        .expect("there is room in the queue")
        .wait();
    assert_eq!(head.expect("it can be read").pos.get(), n - 1);
    fs::remove_file(&ballast).expect("it is ours");
    assert!(matches!(insert(n), Ok(Inserted::New(event)) if event.pos.get() == n));
    // The index has what the database has, and nothing of what was taken back.
    let indexed = history.read(|store| {
        let sql = "SELECT count(*) FROM search WHERE search MATCH 'x*'";
        Ok(store
            .connection()
            .query_row(sql, [], |row| row.get::<_, u64>(0))?)
    });
    assert_eq!(indexed.expect("there is room in the queue").wait(), Ok(n));
    history.stop().wait().expect("it ends");
    let again = ServerStore::open(&disk.join("history/server.db")).expect("it is whole");
    assert_eq!(again.set_aside, None);
    assert_eq!(again.store.head().expect("it can be read").pos.get(), n);
    println!("taken {n}");
}

#[test]
fn a_full_disk_is_told_and_works_again_when_it_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let child = std::env::current_exe().expect("the test has a name");
    // A disk in a namespace of its own, which goes with its last process.
    let script = "mount -t tmpfs -o size=2m tmpfs \"$1\" || exit 77; shift; exec \"$@\"";
    let output = Command::new("unshare")
        .args([
            "--mount",
            "--user",
            "--map-root-user",
            "sh",
            "-c",
            script,
            "sh",
        ])
        .arg(folder.path())
        .arg(child)
        .args(["--exact", "history::thread::tests::full::child"])
        .args(["--ignored", "--nocapture"])
        .env(DISK, folder.path())
        .output();
    let output = match output {
        Ok(output) => output,
        Err(error) => {
            eprintln!("skipped: no unshare here: {error}");
            return;
        }
    };
    let told = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(77) || errors.starts_with("unshare:") {
        eprintln!("skipped: no disk may be mounted here: {errors}");
        return;
    }
    assert!(output.status.success(), "{told}{errors}");
    assert!(told.contains("taken "), "{told}{errors}");
}
