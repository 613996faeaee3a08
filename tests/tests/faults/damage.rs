//! Databases that are cut, altered, or older than they were.

use std::fs::{self, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use hallway_tests::talker::told;
use hallway_tests::wait::{PATIENCE, until};
use rustix::process::Signal;

use crate::disk::{copy_database, settle};
use crate::random::Random;
use crate::room::Room;

/// Bytes of a page of a database, unless asked for otherwise.
const PAGE: u64 = 4096;

/// Messages before and after something happens.
const SOME: usize = 3;

/// Everybody says something, one after the other.
fn talk(room: &mut Room) -> Vec<String> {
    let mut texts = Vec::new();
    for _ in 0..SOME {
        for person in room
            .people
            .iter_mut()
            .filter(|person| person.program.is_some())
        {
            let text = person.says();
            person.is_acknowledged(&text);
            texts.push(text);
        }
    }
    texts
}

/// A room where some was said, and whose server is no more.
fn talked() -> (Room, Vec<String>) {
    let mut room = Room::new(&["Ana", "Bo"]);
    let texts = talk(&mut room);
    room.is_in_order();
    room.end_server(Signal::TERM);
    settle(&room.database);
    (room, texts)
}

/// What the server lost is told of, kept and marked by everybody; what is said then is on both sides.
#[track_caller]
fn lost_and_kept(room: &mut Room, lost: &[String]) {
    let count = lost.len().to_string();
    for person in &room.people {
        person.hears(told::LOST, |rest| rest == count);
    }
    let texts = talk(room);
    let evidence = until(PATIENCE, "an agreement", || {
        let evidence = room.evidence();
        let agree = |held: &crate::checker::Held| {
            held.rows == evidence.server.rows && held.outbox.is_empty()
        };
        let all = evidence.people.iter().all(|person| agree(&person.held));
        all.then_some(evidence)
    });
    for person in &evidence.people {
        assert_eq!(person.held.lost, lost, "{}", person.name);
    }
    for text in &texts {
        let rows = evidence.server.rows.iter();
        assert_eq!(rows.filter(|row| row.text == *text).count(), 1, "{text}");
    }
    for database in [&room.database, &room.people[0].database] {
        assert_eq!(crate::disk::integrity(database), "ok");
    }
}

/// Files beside the server's database that were set aside.
fn set_aside(room: &Room) -> usize {
    let folder = fs::read_dir(room.data()).expect("a folder of ours can be read");
    let names = folder.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let aside = names.filter(|name| name.starts_with("history") && name.contains("damaged"));
    aside.count()
}

fn starts_with_a_warning(room: &mut Room) {
    room.start_server();
    assert_eq!(set_aside(room), 1, "it is not overwritten");
    let server = room.server.as_mut().expect("it runs");
    let said = server.program().err();
    said.find(PATIENCE, "the new name of the damaged history", |line| {
        line.contains("damaged")
    });
}

#[test]
fn the_history_of_a_server_is_cut_short() {
    let (mut room, texts) = talked();
    let length = fs::metadata(&room.database).expect("it is there").len();
    let file = OpenOptions::new().write(true).open(&room.database);
    file.and_then(|file| file.set_len(length / 2))
        .expect("it is ours");
    starts_with_a_warning(&mut room);
    lost_and_kept(&mut room, &texts);
}

#[test]
fn bits_of_the_history_of_a_server_are_flipped() {
    let mut random = Random::new("bits_of_the_history_of_a_server_are_flipped");
    let (mut room, texts) = talked();
    flip(&room.database, &mut random);
    starts_with_a_warning(&mut room);
    lost_and_kept(&mut room, &texts);
}

/// Alters the beginning of each page but the first, which tells what is in it.
fn flip(database: &Path, random: &mut Random) {
    let length = fs::metadata(database).expect("it is there").len();
    let mut file = OpenOptions::new()
        .write(true)
        .open(database)
        .expect("it is ours");
    for page in 1..length / PAGE {
        file.seek(SeekFrom::Start(page * PAGE))
            .expect("it is a file");
        let noise: [u8; 8] = (random.below(u64::MAX) | 0x8080_8080_8080_8080).to_le_bytes();
        file.write_all(&noise).expect("it is ours");
    }
}

/// Somebody whose own history is damaged reads all of it again.
#[test]
fn bits_of_the_history_of_a_client_are_flipped() {
    let mut random = Random::new("bits_of_the_history_of_a_client_are_flipped");
    let mut room = Room::new(&["Ana", "Bo"]);
    let texts = talk(&mut room);
    room.is_in_order();
    room.people[0].leaves();
    settle(&room.people[0].database);
    flip(&room.people[0].database, &mut random);
    room.people[0].start();
    let aside = room.people[0].hears(told::SET_ASIDE, |_| true);
    assert!(Path::new(&aside).exists(), "{aside}");
    for text in &texts {
        room.people[0].hears(told::SHOWN, |rest| rest.ends_with(&format!("\t{text}")));
    }
    let text = room.people[0].says();
    room.people[0].is_acknowledged(&text);
    room.people[1].hears(told::SHOWN, |rest| rest.ends_with(&text));
}

#[test]
fn an_older_backup_of_a_server_comes_back() {
    let mut room = Room::new(&["Ana", "Bo"]);
    talk(&mut room);
    room.end_server(Signal::TERM);
    let backup = room.data().join("backup");
    copy_database(&room.database, &backup);
    room.start_server();
    let lost = talk(&mut room);
    room.is_in_order();
    room.end_server(Signal::TERM);
    copy_database(&backup, &room.database);
    room.start_server();
    lost_and_kept(&mut room, &lost);
}

/// It has grown past what the others had read, by what somebody else said: only the hashes tell.
#[test]
fn an_older_backup_of_a_server_comes_back_and_has_grown() {
    let mut room = Room::new(&["Ana", "Bo"]);
    talk(&mut room);
    room.end_server(Signal::TERM);
    let backup = room.data().join("backup");
    copy_database(&room.database, &backup);
    room.start_server();
    let lost = talk(&mut room);
    room.is_in_order();
    for person in &mut room.people {
        person.end(Signal::TERM);
    }
    room.end_server(Signal::TERM);
    copy_database(&backup, &room.database);
    room.start_server();
    let mut other = room.newcomer("Cy");
    other.start();
    for _ in 0..lost.len() * 2 {
        let text = other.says();
        other.is_acknowledged(&text);
    }
    for person in &mut room.people {
        person.start();
    }
    lost_and_kept(&mut room, &lost);
}
