mod model;

use tempfile::TempDir;

use super::*;
use crate::history::kept::{self, KeptLine, Part};
use crate::history::server::{Inserted, Message, Standing};
use crate::history::tests::number;
use crate::history::{Entry, ServerStore, limits};
use crate::wire::event::Event;
use crate::wire::limits::TEXT;
use crate::wire::values::Numbers;
use crate::wire::{Between, Cid, Hash, N, Pos};

const SERVER: Fingerprint = Fingerprint::from_bytes([9; 32]);
const OTHER_SERVER: Fingerprint = Fingerprint::from_bytes([8; 32]);
const BO: Fingerprint = Fingerprint::from_bytes([7; 32]);
const ME: Fingerprint = Fingerprint::from_bytes([1; 32]);

fn client() -> (TempDir, ClientStore) {
    let folder = tempfile::tempdir().expect("a folder");
    let opened = ClientStore::open(&folder.path().join("client.db")).expect("a new one");
    (folder, opened.store)
}

fn server() -> (TempDir, ServerStore) {
    let folder = tempfile::tempdir().expect("a folder");
    let opened = ServerStore::open(&folder.path().join("server.db")).expect("a new one");
    (folder, opened.store)
}

fn outgoing(cid: u8, text: &str) -> Outgoing {
    Outgoing {
        cid: Cid::from_bytes([cid; 16]),
        to: Conv::Room,
        text: text.parse().expect("a text"),
        at: number(5),
    }
}

/// As a server takes it.
fn take(server: &mut ServerStore, sender: Fingerprint, sent: &Outgoing, n: N) -> Inserted {
    let message = Message {
        sender,
        name: "Ana".parse().expect("a label"),
        cid: sent.cid,
        n,
        between: Between::of(sent.to, sender),
        text: sent.text.clone(),
        at: number(1_000),
    };
    server
        .commit(|server| server.insert(&message))
        .expect("there is room")
}

fn say(server: &mut ServerStore, cid: u8, text: &str) -> Event {
    let n = server
        .last(&BO, &Between::Room)
        .expect("it can be read")
        .next()
        .expect("it is small");
    match take(server, BO, &outgoing(cid, text), n) {
        Inserted::New(entry) => entry.seen_by(&ME).expect("it is for all"),
        other => panic!("{other:?}"),
    }
}

/// Reads what the server has after the client's cursor, as a session does.
fn read(client: &mut ClientStore, server: &ServerStore) -> Stored {
    let held = client
        .held(&SERVER)
        .expect("it can be read")
        .expect("it was met");
    let cursor = server.judge(&held).expect("it can be read");
    let (mut pos, mut lost) = (held.pos, None);
    if cursor != Standing::Continues {
        let newest = server.head().expect("it can be read").pos;
        let reset = |client: &ClientStore| client.reset(&SERVER, server.epoch(), newest);
        lost = client.commit(reset).expect("there is room");
        pos = Pos::ZERO;
    }
    let page = server.after(pos, Some(&ME)).expect("it can be read");
    assert!(!page.more);
    let mut stored = client
        .commit(|client| client.store(&SERVER, &told(&page.entries)))
        .expect("there is room");
    stored.lost = stored.lost.or(lost);
    stored
}

fn stored(pos: u64, new: usize, lost: Option<u64>) -> Stored {
    let pos = number(pos);
    Stored { pos, new, lost }
}

fn told(entries: &[Entry]) -> Vec<Event> {
    let told = entries.iter().map(|entry| entry.seen_by(&ME));
    told.collect::<Option<_>>().expect("they are for this one")
}

fn meet(client: &mut ClientStore, server: &ServerStore) {
    client
        .commit(|client| client.meet(&SERVER, server.epoch()))
        .expect("there is room");
}

fn room(client: &ClientStore) -> Vec<KeptLine> {
    let owner = Owner::Server(SERVER);
    let id = kept::number(client, Some(&owner), &Conv::Room).expect("it can be read");
    id.map_or_else(Vec::new, |id| {
        kept::lines(client, id, Part::Newest, 200).expect("it can be read")
    })
}

fn texts(lines: &[KeptLine]) -> Vec<&str> {
    lines.iter().map(|line| line.text.as_str()).collect()
}

fn unsent(client: &ClientStore) -> Vec<String> {
    let unsent = client.unsent(&SERVER, 0).expect("it can be read");
    unsent
        .into_iter()
        .map(|unsent| unsent.message.text.to_string())
        .collect()
}

#[test]
fn a_message_is_in_the_outbox_until_the_server_has_it() {
    let (folder, mut client) = client();
    for (cid, text) in [(1, "a"), (2, "b"), (1, "a")] {
        let sent = outgoing(cid, text);
        client
            .commit(|client| client.post(&SERVER, &sent))
            .expect("there is room");
    }
    drop(client);
    let path = folder.path().join("client.db");
    let mut client = ClientStore::open(&path).expect("as before").store;
    assert_eq!(unsent(&client), ["a", "b"]);
    let first = client.unsent(&SERVER, 0).expect("it can be read")[0].place;
    assert_eq!(
        client.unsent(&SERVER, first).expect("it can be read").len(),
        1
    );
    assert!(
        client
            .unsent(&OTHER_SERVER, 0)
            .expect("it can be read")
            .is_empty()
    );
    let told = Acknowledged {
        cid: Cid::from_bytes([1; 16]),
        pos: number(1),
    };
    let acknowledge = |client: &ClientStore| client.acknowledge(&SERVER, &told);
    assert_eq!(client.commit(acknowledge), Ok(true));
    assert_eq!(unsent(&client), ["b"]);
    // What was acknowledged cannot be taken back.
    assert_eq!(
        client.commit(|client| client.withdraw(&SERVER, &Cid::from_bytes([1; 16]))),
        Ok(false)
    );
    assert_eq!(
        client.commit(|client| client.withdraw(&SERVER, &Cid::from_bytes([2; 16]))),
        Ok(true)
    );
    assert_eq!(unsent(&client), [""; 0]);
}

#[test]
fn the_outbox_has_an_end() {
    let (_folder, mut client) = client();
    let full = client.commit(|client| {
        let text = "x".repeat(TEXT);
        for number in 0_u128.. {
            let sent = Outgoing {
                cid: Cid::from_bytes(number.to_be_bytes()),
                ..outgoing(0, &text)
            };
            if let Err(error) = client.post(&SERVER, &sent) {
                return Ok((number, error));
            }
        }
        unreachable!("numbers end after the outbox")
    });
    let count = (limits::OUTBOX_BYTES / TEXT) as u128;
    assert_eq!(full, Ok((count, Error::OutboxFull)));
    // The one of another server is another one.
    let sent = outgoing(1, "a");
    assert!(
        client
            .commit(|client| client.post(&OTHER_SERVER, &sent))
            .is_ok()
    );
    assert_eq!(
        client.unsent(&SERVER, 0).expect("it can be read").len(),
        limits::OUTBOX_PAGE
    );
}

#[test]
fn numbers_begin_after_what_the_server_has() {
    let direct = Conv::With(SERVER);
    let last = Numbers::new([(Conv::Room, number(7)), (direct, N::MAX)]);
    let mut numbering = Numbering::new(&last);
    let mut next = |conv| numbering.next(&conv).map(N::get);
    assert_eq!(next(Conv::Room), Some(8));
    assert_eq!(next(Conv::Room), Some(9));
    assert_eq!(next(Conv::With(ME)), Some(1));
    assert_eq!(next(direct), None);
    assert_eq!(next(direct), None);
}

#[test]
fn events_and_the_cursor_move_together() {
    let ((_a, mut client), (_b, mut server)) = (client(), server());
    meet(&mut client, &server);
    let events = [say(&mut server, 1, "a"), say(&mut server, 2, "b")];
    let failed: Result<Stored, Error> = client.commit(|client| {
        client.store(&SERVER, &events)?;
        Err(Error::Cancelled)
    });
    assert_eq!(failed, Err(Error::Cancelled));
    assert_eq!(
        client
            .held(&SERVER)
            .expect("it can be read")
            .expect("it was met")
            .pos,
        Pos::ZERO
    );
    assert!(room(&client).is_empty());
    assert_eq!(read(&mut client, &server), stored(2, 2, None));
    // The same once more, as after a lost `got`.
    let again = client.commit(|client| client.store(&SERVER, &events));
    assert_eq!(again, Ok(stored(2, 0, None)));
    assert_eq!(texts(&room(&client)), ["a", "b"]);
    let held = client
        .held(&SERVER)
        .expect("it can be read")
        .expect("it was met");
    assert_eq!(held.hash, events[1].hash);
    let other = Event {
        hash: Hash::from_bytes([0; 32]),
        ..events[1].clone()
    };
    let diverged = client.commit(|client| client.store(&SERVER, &[other]));
    assert_eq!(diverged, Err(Error::Diverged { pos: number(2) }));
}

#[test]
fn an_older_backup_loses_nothing_that_is_held_here() {
    let ((_a, mut client), (folder, mut server)) = (client(), server());
    let path = folder.path().join("server.db");
    meet(&mut client, &server);
    say(&mut server, 1, "a");
    say(&mut server, 2, "b");
    drop(server);
    let backup = std::fs::read(&path).expect("it is ours");
    let mut server = ServerStore::open(&path).expect("as before").store;
    say(&mut server, 3, "lost");
    say(&mut server, 4, "lost too");
    // Acknowledged, but its event was not seen before the backup came back.
    let mine = outgoing(5, "mine");
    client
        .commit(|client| client.post(&SERVER, &mine))
        .expect("there is room");
    read(&mut client, &server);
    take(&mut server, ME, &mine, number(1));
    let told = Acknowledged {
        cid: mine.cid,
        pos: number(5),
    };
    client
        .commit(|client| client.acknowledge(&SERVER, &told))
        .expect("there is room");
    drop(server);
    std::fs::write(&path, backup).expect("there is room");
    let mut server = ServerStore::open(&path).expect("a backup").store;
    for (cid, text) in [(6, "new"), (7, "newer"), (8, "newest")] {
        say(&mut server, cid, text);
    }
    assert_eq!(read(&mut client, &server), stored(5, 3, Some(2)));
    let lines = room(&client);
    assert_eq!(
        texts(&lines),
        ["a", "b", "lost", "lost too", "new", "newer", "newest"]
    );
    let lost: Vec<bool> = lines.iter().map(|line| line.is_lost).collect();
    assert_eq!(lost, [false, false, true, true, false, false, false]);
    assert_eq!(client.lost(&SERVER), Ok(2));
    assert_eq!(unsent(&client), ["mine"]);
    take(&mut server, ME, &mine, number(1));
    read(&mut client, &server);
    assert_eq!(texts(&room(&client))[7..], ["mine"]);
    assert_eq!(client.lost(&SERVER), Ok(2));
}

#[test]
fn a_new_history_keeps_the_old_one_as_lost() {
    let ((_a, mut client), (_b, mut server)) = (client(), server());
    meet(&mut client, &server);
    say(&mut server, 1, "a");
    read(&mut client, &server);
    let (_folder, mut other) = self::server();
    let refused = client.commit(|client| client.meet(&SERVER, other.epoch()));
    assert_eq!(refused, Err(Error::Diverged { pos: number(1) }));
    assert_eq!(read(&mut client, &other).lost, Some(1));
    say(&mut other, 2, "b");
    read(&mut client, &other);
    let lines = room(&client);
    assert_eq!(texts(&lines), ["a", "b"]);
    assert_eq!((lines[0].is_lost, lines[1].is_lost), (true, false));
}

#[test]
fn what_is_for_others_does_not_keep_a_reset_from_ending() {
    let ((_a, mut client), (_b, mut server)) = (client(), server());
    meet(&mut client, &server);
    let event = say(&mut server, 1, "a");
    read(&mut client, &server);
    let reset = |client: &ClientStore| client.reset(&SERVER, server.epoch(), number(9));
    assert_eq!(client.commit(reset), Ok(None));
    let came = client.commit(|client| client.store(&SERVER, &[event]));
    assert_eq!(came, Ok(stored(1, 0, None)));
    assert_eq!(
        client.commit(|client| client.caught_up(&SERVER)),
        Ok(Some(0))
    );
    assert_eq!(client.commit(|client| client.caught_up(&SERVER)), Ok(None));
}
