use super::*;
use crate::history::ClientStore;
use crate::history::client::PlainLine;

fn line(name: &str, text: &str, at: u64) -> PlainLine {
    PlainLine {
        is_outgoing: false,
        name: name.parse().expect("a label"),
        kind: Kind::Text,
        text: text.into(),
        at: at.try_into().expect("it is small"),
        state: State::Received,
    }
}

#[test]
fn the_newest_line_decides_which_conversation_comes_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let opened = ClientStore::open(&folder.path().join("client.db")).expect("a new one");
    let mut store = opened.store;
    assert_eq!(overview(&store), Ok(Vec::new()));
    let said = [
        ("a:1", "Ana", 1),
        ("b:1", "Ben", 2),
        ("a:1", "Cy", 3),
        ("a:1", "Ana", 4),
    ];
    let keep = |store: &ClientStore| {
        for (address, name, at) in said {
            store.keep_plain(address, &line(name, "hello", at))?;
        }
        Ok(())
    };
    store.commit(keep).expect("there is room");
    let all = overview(&store).expect("it can be read");
    let seen: Vec<_> = all
        .iter()
        .map(|one| {
            let names = one.people.iter().map(|person| person.name.as_ref());
            (one.kept.owner.clone(), one.last, names.collect::<Vec<_>>())
        })
        .collect();
    let owner = |address: &str| Some(Owner::Address(address.into()));
    let at = |at: u64| At::try_from(at).expect("it is small");
    assert_eq!(
        seen,
        [
            (owner("a:1"), (4, at(4)), vec!["Ana", "Cy"]),
            (owner("b:1"), (2, at(2)), vec!["Ben"]),
        ]
    );
    assert_eq!(count(&store, all[0].kept.id), Ok(3));
    assert_eq!(count(&store, 99), Ok(0));
}
