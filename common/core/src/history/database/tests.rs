use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt, symlink};

use proptest::prelude::*;
use rusqlite::Connection;

use super::*;
use crate::history::schema;
use crate::history::server::Said;
use crate::history::{Opened, ServerStore, Store};
use crate::wire::event::Kind;
use crate::wire::{At, Between, Hash, Person, Pos};

fn said(text: &str) -> Said {
    Said {
        from: Person {
            id: None,
            name: "Ana".parse().expect("a label"),
        },
        between: Between::Room,
        kind: Kind::Text,
        text: text.into(),
        at: At::ZERO,
    }
}

/// A database with some hundred lines at `path`, closed properly.
fn filled(path: &Path) -> Hash {
    let mut store = ServerStore::open(path).expect("a new one").store;
    store
        .commit(|store| {
            for number in 0..500 {
                store.insert_said(&said(&format!("line {number} of some length")))?;
            }
            Ok(store.head()?.hash)
        })
        .expect("there is room")
}

fn rights(path: &Path) -> u32 {
    fs::metadata(path)
        .expect("it is there")
        .permissions()
        .mode()
        & 0o777
}

#[test]
fn nobody_else_may_look_into_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a/b/server.db");
    let mut store = ServerStore::open(&path).expect("a new one").store;
    store
        .commit(|store| store.insert_said(&said("secret")))
        .expect("there is room");
    assert_eq!(rights(path.parent().expect("it has one")), 0o700);
    for end in ["", "-wal", "-shm"] {
        assert_eq!(rights(&beside(&path, end)), 0o600, "{end}");
    }
    drop(store);
    fs::set_permissions(&path, Permissions::from_mode(0o644)).expect("it is ours");
    ServerStore::open(&path).expect("as before");
    assert_eq!(rights(&path), 0o600);
}

#[test]
fn what_was_committed_is_there_again_and_nothing_is_set_aside() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("server.db");
    let hash = filled(&path);
    let again = ServerStore::open(&path).expect("as before");
    assert_eq!(again.set_aside, None);
    assert_eq!(again.store.head().expect("it can be read").hash, hash);
    let first = *again.store.epoch();
    let other = ServerStore::open(&folder.path().join("other.db")).expect("a new one");
    assert_ne!(*other.store.epoch(), first);
}

#[test]
fn it_is_as_durable_as_is_promised() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = ServerStore::open(&folder.path().join("server.db"))
        .expect("a new one")
        .store;
    let connection = store.connection();
    assert_eq!(
        pragma::<String>(connection, "journal_mode").expect("known"),
        "wal"
    );
    assert_eq!(pragma::<i32>(connection, "synchronous").expect("known"), 2);
    assert_eq!(pragma::<i32>(connection, "foreign_keys").expect("known"), 1);
    assert_eq!(
        pragma::<i32>(connection, "secure_delete").expect("known"),
        1
    );
    assert_eq!(
        pragma::<i32>(connection, "application_id").expect("known"),
        0x486c_5376
    );
}

#[test]
fn a_newer_version_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("server.db");
    filled(&path);
    let newer = schema::SERVER.version() + 1;
    let connection = Connection::open(&path).expect("a database");
    connection
        .pragma_update(None, "user_version", newer)
        .expect("it is ours");
    drop(connection);
    let before = fs::read(&path).expect("it is ours");
    let error = ServerStore::open(&path)
        .map(|_| ())
        .expect_err("it is newer");
    assert_eq!(
        error,
        Error::Newer {
            found: newer,
            known: newer - 1
        }
    );
    assert!(fs::read(&path).expect("it is ours") == before);
    assert_eq!(fs::read_dir(folder.path()).expect("it is ours").count(), 1);
}

#[test]
fn the_database_of_another_program_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("server.db");
    let connection = Connection::open(&path).expect("a database");
    connection
        .execute_batch("CREATE TABLE theirs (x)")
        .expect("it is new");
    drop(connection);
    let before = fs::read(&path).expect("it is ours");
    let error = ServerStore::open(&path)
        .map(|_| ())
        .expect_err("it is theirs");
    assert_eq!(error, Error::Foreign { path: path.clone() });
    assert!(fs::read(&path).expect("it is ours") == before);
}

#[test]
fn a_damaged_one_is_set_aside_each_under_a_name_of_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("server.db");
    let garbage: [&[u8]; 3] = [b"x", &[0xa5; 10_000], b"SQLite format 3\0 and no more"];
    for (number, bytes) in (1..).zip(garbage) {
        fs::write(&path, bytes).expect("there is room");
        let opened = ServerStore::open(&path).expect("a new one");
        let aside = beside(&path, &format!(".damaged-{number}"));
        assert_eq!(opened.set_aside.as_ref(), Some(&aside));
        assert!(fs::read(&aside).expect("it is kept") == bytes);
        assert_eq!(opened.store.head().expect("it is new").pos, Pos::ZERO);
        drop(opened);
        fs::remove_file(&path).expect("it is ours");
    }
}

#[test]
fn a_folder_that_is_there_keeps_its_rights() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("it is ours");
    let path = folder.path().join("server.db");
    ServerStore::open(&path).expect("a new one");
    assert_eq!((rights(folder.path()), rights(&path)), (0o755, 0o600));
}

#[test]
fn what_only_links_to_a_file_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, other) = (folder.path().join("server.db"), folder.path().join("other"));
    fs::write(&other, "not a database").expect("there is room");
    symlink(&other, &path).expect("it is ours");
    let error = ServerStore::open(&path).map(|_| ()).expect_err("a link");
    assert!(matches!(error, Error::Io { .. }), "{error}");
    assert_eq!(fs::read(&other).expect("it is ours"), b"not a database");
}

/// Another program met the damage first, and has made a new one meanwhile.
#[test]
fn what_another_program_made_in_place_of_a_damaged_one_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, made) = (folder.path().join("server.db"), folder.path().join("made"));
    let hash = filled(&made);
    fs::write(&path, [0xa5; 10_000]).expect("there is room");
    let place = Place::of(&path).expect("a folder");
    let lock = place.folder.lock("server.db-lock", limits::LOCK);
    let lock = lock.expect("nobody has it");
    let opened = std::thread::scope(|scope| {
        let opening = scope.spawn(|| ServerStore::open(&path));
        // Long enough for it to meet the damage.
        std::thread::sleep(std::time::Duration::from_millis(300));
        assert!(!opening.is_finished(), "it does not wait");
        fs::rename(&made, &path).expect("it is ours");
        drop(lock);
        opening.join().expect("it does not panic")
    });
    let opened = opened.expect("it is whole");
    assert_eq!(opened.set_aside, None);
    assert_eq!(opened.store.head().expect("it can be read").hash, hash);
}

#[test]
fn a_truncated_one_is_set_aside_however_large_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("server.db");
    filled(&path);
    let whole = fs::read(&path).expect("it is ours");
    for length in [whole.len() - 1, whole.len() / 2, 5_000, 4_096, 100, 17] {
        fs::write(&path, &whole[..length]).expect("there is room");
        let opened = ServerStore::open(&path).expect("a new one");
        let aside = opened.set_aside.expect("it was damaged");
        assert!(
            fs::read(aside).expect("it is kept") == whole[..length],
            "{length}"
        );
    }
}

#[test]
fn damage_that_was_met_leads_to_a_full_check() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("server.db");
    filled(&path);
    let mark = beside(&path, "-check");
    remember_damage(&path);
    assert!(mark.exists());
    assert_eq!(
        ServerStore::open(&path).expect("it is whole").set_aside,
        None
    );
    assert!(!mark.exists());
}

#[test]
fn a_folder_without_rights_is_an_error_and_nothing_is_set_aside() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("server.db");
    fs::create_dir(&path).expect("it is ours");
    let error = ServerStore::open(&path)
        .map(|_| ())
        .expect_err("it is a folder");
    assert!(matches!(error, Error::Io { .. }), "{error}");
    assert_eq!(fs::read_dir(folder.path()).expect("it is ours").count(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever is in the file, it opens, and what was there is there still.
    #[test]
    fn any_damage_is_survived(
        flips in prop::collection::vec((0.0..1.0_f64, 1_u8..), 1..40),
        cut in prop::option::of(0.0..1.0_f64),
    ) {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("server.db");
        let hash = filled(&path);
        let mut bytes = fs::read(&path)?;
        for (place, flip) in flips {
            let place = place_in(bytes.len(), place);
            bytes[place] ^= flip;
        }
        if let Some(cut) = cut {
            bytes.truncate(place_in(bytes.len(), cut).max(1));
        }
        fs::write(&path, &bytes)?;
        match ServerStore::open(&path) {
            Ok(Opened { store, set_aside: Some(aside) }) => {
                prop_assert!(fs::read(aside)? == bytes);
                prop_assert_eq!(store.head().expect("it is new").pos, Pos::ZERO);
            }
            // A flip within a text is no damage that a database can see.
            Ok(Opened { store, set_aside: None }) => {
                let _ = store.head().is_ok_and(|head| head.hash == hash);
                let _ = store.after(Pos::ZERO, None);
            }
            Err(Error::Foreign { .. } | Error::Newer { .. } | Error::Io { .. }) => {
                prop_assert!(fs::read(&path)? == bytes);
            }
            Err(error) => prop_assert!(false, "{error}"),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a place in a small file"
)]
fn place_in(length: usize, part: f64) -> usize {
    (length as f64 * part) as usize
}
