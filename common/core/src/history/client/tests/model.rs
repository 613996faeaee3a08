//! A client and a server against whatever may happen between them.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    /// The client writes.
    Post,
    /// It sends so many of its outbox, and so many of the acknowledgements come.
    Send(usize, usize),
    /// Somebody else writes.
    Say,
    Read,
    Reopen,
    /// The server is as it was when it was last backed up.
    Backup,
    Restore,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => Just(Step::Post),
        4 => (0..4_usize, 0..4_usize).prop_map(|(sent, told)| Step::Send(sent, told)),
        3 => Just(Step::Say),
        4 => Just(Step::Read),
        1 => Just(Step::Reopen),
        1 => Just(Step::Backup),
        1 => Just(Step::Restore),
    ];
    prop::collection::vec(step, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever is lost on the way, and whichever backup comes back: in the end the server has
    /// each message of the client once, unless the client holds it as lost, and the client holds
    /// what the server has, in its order.
    #[test]
    fn nothing_is_lost_and_nothing_is_doubled(steps in steps()) {
        let ((client_folder, mut client), (folder, mut server)) = (client(), server());
        let path = folder.path().join("server.db");
        let mut backup = None;
        let (mut written, mut said) = (Vec::new(), 100_u8);
        meet(&mut client, &server);
        for step in steps.into_iter().chain([Step::Read, Step::Send(99, 99), Step::Read]) {
            match step {
                Step::Post => {
                    let cid = u8::try_from(written.len()).expect("they are few");
                    let sent = outgoing(cid, &format!("mine {cid}"));
                    client.commit(|client| client.post(&SERVER, &sent)).expect("there is room");
                    written.push(sent.text.to_string());
                }
                Step::Send(count, told) => {
                    let last = server.numbers(&ME).expect("it can be read");
                    let mut numbering = Numbering::new(&last);
                    let waiting = client.unsent(&SERVER, 0).expect("it can be read");
                    let mut answers = Vec::new();
                    for Unsent { message, .. } in waiting.iter().take(count) {
                        let mut n = numbering.next(&message.to).expect("they are few");
                        let pos = loop {
                            match take(&mut server, ME, message, n) {
                                Inserted::New(event) => break event.pos,
                                Inserted::Again(receipt) => {
                                    let last = server.numbers(&ME).expect("it can be read");
                                    numbering = Numbering::new(&last);
                                    break receipt.pos;
                                }
                                Inserted::OutOfOrder { expected } => n = expected,
                                Inserted::BadCid => prop_assert!(false, "{message:?}"),
                            }
                        };
                        answers.push(Acknowledged { cid: message.cid, pos });
                    }
                    for answer in answers.iter().take(told) {
                        client
                            .commit(|client| client.acknowledge(&SERVER, answer))
                            .expect("there is room");
                    }
                }
                Step::Say => {
                    say(&mut server, said, &format!("said {said}"));
                    said += 1;
                }
                Step::Read => {
                    read(&mut client, &server);
                }
                Step::Reopen => {
                    drop(client);
                    let path = client_folder.path().join("client.db");
                    client = ClientStore::open(&path).expect("as before").store;
                }
                Step::Backup => {
                    drop(server);
                    backup = Some(std::fs::read(&path)?);
                    server = ServerStore::open(&path).expect("as before").store;
                }
                Step::Restore => {
                    if let Some(backup) = &backup {
                        drop(server);
                        std::fs::write(&path, backup)?;
                        server = ServerStore::open(&path).expect("a backup").store;
                        // A session begins, before anything is sent.
                        read(&mut client, &server);
                        meet(&mut client, &server);
                    }
                }
            }
        }
        let events = server.after(Pos::ZERO, Some(&ME)).expect("it can be read").entries;
        let lines = room(&client);
        let held: Vec<&str> = texts(&lines)
            .into_iter()
            .zip(&lines)
            .filter_map(|(text, line)| (!line.is_lost).then_some(text))
            .collect();
        let there: Vec<&str> = events.iter().map(|event| event.text.as_ref()).collect();
        prop_assert_eq!(&held, &there);
        for text in &written {
            let count = there.iter().filter(|there| *there == text).count();
            let is_lost = lines.iter().any(|line| line.is_lost && line.text == *text);
            prop_assert!(count == 1 || is_lost && count == 0, "{text}: {count}");
        }
        prop_assert_eq!(unsent(&client), [""; 0]);
    }
}
