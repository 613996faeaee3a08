use tempfile::TempDir;

use super::*;
use crate::history::kept::{self, KeptLine, Part};
use crate::history::tests::number;
use crate::history::{Error, History};

const ADDRESS: &str = "192.168.1.20:4255";

fn client(folder: &TempDir) -> ClientStore {
    let opened = ClientStore::open(&folder.path().join("client.db")).expect("it can be used");
    opened.store
}

fn line(is_outgoing: bool, text: &str, state: State) -> PlainLine {
    PlainLine {
        is_outgoing,
        name: "Bo".parse().expect("a label"),
        kind: Kind::Text,
        text: text.into(),
        at: number(7),
        state,
    }
}

fn keep(client: &mut ClientStore, line: &PlainLine) -> u64 {
    client
        .commit(|client| client.keep_plain(ADDRESS, line))
        .expect("there is room")
}

fn lines(client: &ClientStore, part: Part, count: usize) -> Vec<KeptLine> {
    let owner = Owner::Address(ADDRESS.into());
    let id = kept::number(client, Some(&owner), &Conv::Room).expect("it can be read");
    kept::lines(client, id.expect("it is kept"), part, count).expect("it can be read")
}

fn states(client: &ClientStore) -> Vec<State> {
    let lines = lines(client, Part::Newest, 200);
    lines.iter().map(|line| line.state).collect()
}

fn texts(lines: &[KeptLine]) -> Vec<&str> {
    lines.iter().map(|line| line.text.as_ref()).collect()
}

#[test]
fn a_second_program_leaves_the_states_of_the_first_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut first = client(&folder);
    assert_eq!(first.settle_states(), Ok(0));
    keep(&mut first, &line(true, "on its way", State::Queued));
    assert_eq!(first.settle_states(), Ok(0), "it is its own");
    let mut second = client(&folder);
    assert_eq!(second.settle_states(), Ok(0));
    assert_eq!(states(&second), [State::Queued]);
    // Whoever is left, it may be that one's.
    keep(&mut second, &line(true, "another", State::Queued));
    drop(first);
    let mut third = client(&folder);
    assert_eq!(third.settle_states(), Ok(0));
    drop((second, third));
    let mut alone = client(&folder);
    assert_eq!(alone.settle_states(), Ok(2));
    assert_eq!(states(&alone), [State::Perhaps, State::Perhaps]);
}

#[test]
fn who_keeps_no_plain_lines_is_no_second_program() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut before = client(&folder);
    keep(&mut before, &line(true, "on its way", State::Queued));
    // As `hallway send` has it open.
    let mut client = client(&folder);
    assert_eq!(client.settle_states(), Ok(1));
    assert_eq!(states(&before), [State::Perhaps]);
}

#[test]
fn of_many_that_begin_at_once_one_settles() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut before = client(&folder);
    keep(&mut before, &line(true, "on its way", State::Queued));
    let begun: Vec<_> = (0..8)
        .map(|_| History::start(client(&folder)).expect("a thread"))
        .collect();
    let settled: Vec<_> = begun
        .iter()
        .map(|history| history.between(ClientStore::settle_states))
        .collect();
    let settled: Result<usize, Error> = settled
        .into_iter()
        .map(|answer| answer.expect("there is room").wait())
        .sum();
    assert_eq!(settled, Ok(1));
    assert_eq!(states(&before), [State::Perhaps]);
    for history in begun {
        history.stop().wait().expect("nothing is to be written");
    }
}

#[test]
fn a_plain_conversation_keeps_what_became_of_its_lines() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut client = self::client(&folder);
    let lines = [
        line(false, "hello", State::Received),
        line(true, "on its way", State::Queued),
        line(true, "sent", State::Queued),
        line(true, "failed", State::Failed),
    ];
    let numbers: Vec<u64> = lines.iter().map(|line| keep(&mut client, line)).collect();
    assert_eq!(
        client.commit(|client| client.set_state(numbers[2], State::Sent)),
        Ok(true)
    );
    assert_eq!(
        client.commit(|client| client.set_state(u32::MAX.into(), State::Sent)),
        Ok(false)
    );
    drop(client);
    let mut client = self::client(&folder);
    assert_eq!(client.settle_states(), Ok(1));
    assert_eq!(
        states(&client),
        [State::Received, State::Perhaps, State::Sent, State::Failed]
    );
    let kept = self::lines(&client, Part::Newest, 200);
    assert!(!kept[0].is_outgoing && kept[1].is_outgoing);
    let before = self::lines(&client, Part::Before(numbers[2]), 1);
    assert_eq!(texts(&before), ["on its way"]);
    let from = self::lines(&client, Part::From(numbers[2]), 200);
    assert_eq!(texts(&from), ["sent", "failed"]);
    let conversations = kept::conversations(&client).expect("it can be read");
    assert_eq!(conversations[0].owner, Some(Owner::Address(ADDRESS.into())));
}
