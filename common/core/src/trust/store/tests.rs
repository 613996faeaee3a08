use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::thread;

use tempfile::{TempDir, tempdir};

use super::*;
use crate::trust::{Met, Refused, Role};
use crate::wire::{At, Fingerprint};

fn open(place: &TempDir) -> Store {
    let opened = Store::open(place.path()).unwrap();
    assert_eq!(opened.set_aside, None);
    opened.value
}

fn id(number: u32) -> Fingerprint {
    Fingerprint::of_der(&number.to_be_bytes())
}

fn meet(store: &mut Store, number: u32) -> Done<Result<Met, Refused>> {
    store
        .change(|pins| {
            let name = "Ana".parse().unwrap();
            pins.met(Role::Person, id(number), name, None, At::ZERO)
        })
        .unwrap()
}

fn known(store: &Store) -> usize {
    store.pins().iter(Role::Person).count()
}

#[test]
fn pins_are_there_at_the_next_start_and_closed_to_others() {
    let place = tempdir().unwrap();
    let mut store = open(&place);
    assert_eq!(meet(&mut store, 1).value, Ok(Met::First));
    let mode = fs::metadata(place.path().join(FILE))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o7777, 0o600);
    assert_eq!(open(&place).pins(), store.pins());
}

#[test]
fn what_others_pinned_meanwhile_stays() {
    let place = tempdir().unwrap();
    let (mut one, mut other) = (open(&place), open(&place));
    meet(&mut one, 1);
    meet(&mut other, 2);
    assert_eq!((known(&one), known(&other)), (1, 2));
    assert_eq!(one.refresh(), Ok(None));
    assert_eq!(one.pins(), other.pins());
    // And what they forgot is forgotten.
    let forgotten = other.change(|pins| pins.forget(Role::Person, &id(1)));
    assert!(forgotten.unwrap().value.is_some());
    assert_eq!(meet(&mut one, 3).value, Ok(Met::First));
    assert_eq!(
        (known(&one), one.pins().get(Role::Person, &id(1))),
        (2, None)
    );
}

#[test]
fn many_at_once_lose_nothing() {
    let place = tempdir().unwrap();
    thread::scope(|scope| {
        for writer in 0..4 {
            let place = &place;
            scope.spawn(move || {
                let mut store = open(place);
                for number in 0..10 {
                    assert_eq!(
                        meet(&mut store, writer * 100 + number).value,
                        Ok(Met::First)
                    );
                }
            });
        }
    });
    assert_eq!(known(&open(&place)), 40);
}

#[test]
fn a_damaged_file_is_set_aside_and_what_is_known_comes_back() {
    let place = tempdir().unwrap();
    let mut store = open(&place);
    meet(&mut store, 1);
    let path = place.path().join(FILE);
    let whole = fs::read(&path).unwrap();
    let half = whole[..whole.len() / 2].to_vec();
    let long = vec![b' '; LONGEST + 1];
    for (number, bytes) in (1..).zip([Vec::new(), half, b"\0\xFF".to_vec(), long]) {
        fs::write(&path, &bytes).unwrap();
        let aside = place.path().join(format!("{FILE}.damaged-{number}"));
        assert_eq!(store.refresh(), Ok(Some(aside.clone())));
        assert_eq!(fs::read(&aside).unwrap(), bytes);
        assert_eq!(fs::read(&path).unwrap(), whole);
    }
    fs::write(&path, b"{").unwrap();
    let changed = meet(&mut store, 2);
    assert_eq!(
        changed.set_aside,
        Some(place.path().join(format!("{FILE}.damaged-5")))
    );
    assert_eq!(known(&open(&place)), 2);
    // One that has seen nothing of it starts with nothing, and says so.
    fs::write(&path, b"{").unwrap();
    let opened = Store::open(place.path()).unwrap();
    assert_eq!(
        opened.set_aside,
        Some(place.path().join(format!("{FILE}.damaged-6")))
    );
    assert_eq!(known(&opened.value), 0);
}

#[test]
fn a_file_that_is_gone_is_written_again() {
    let place = tempdir().unwrap();
    let mut store = open(&place);
    meet(&mut store, 1);
    fs::remove_file(place.path().join(FILE)).unwrap();
    assert_eq!(store.refresh(), Ok(None));
    assert_eq!(known(&open(&place)), 1);
}

#[test]
fn a_file_of_a_newer_version_is_left_as_it_is() {
    let place = tempdir().unwrap();
    let mut store = open(&place);
    meet(&mut store, 1);
    let path = place.path().join(FILE);
    let newer = br#"{"version":2,"all":"new"}"#;
    fs::write(&path, newer).unwrap();
    let error = Error::Newer {
        path: path.clone(),
        version: 2,
    };
    assert_eq!(Store::open(place.path()).err(), Some(error.clone()));
    assert_eq!(store.refresh(), Err(error));
    assert_eq!(
        (fs::read(path).unwrap(), known(&store)),
        (newer.to_vec(), 1)
    );
}

#[test]
fn what_cannot_be_written_is_not_known_either() {
    let place = tempdir().unwrap();
    let mut store = open(&place);
    meet(&mut store, 1);
    fs::create_dir(place.path().join(format!("{FILE}.new"))).unwrap();
    let changed = store.change(|pins| pins.forget(Role::Person, &id(1)));
    assert!(matches!(
        changed,
        Err(Error::File(files::Error::System { .. }))
    ));
    assert_eq!((known(&store), known(&open(&place))), (1, 1));
}
