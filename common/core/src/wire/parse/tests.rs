mod bounds;
mod damage;
mod frames;

use super::*;
use crate::text::NameError;
use crate::wire::values::NotText;
use crate::wire::{Code, People, encode};

const CID: &str = "000102030405060708090a0b0c0d0e0f";
const ID: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

fn client(line: &str) -> Result<Option<Frame>, FrameError> {
    parse(line.as_bytes(), Side::Client)
}

fn server(line: &str) -> Result<Option<Frame>, FrameError> {
    parse(line.as_bytes(), Side::Server)
}

fn is_malformed(result: &Result<Option<Frame>, FrameError>) -> bool {
    matches!(result, Err(error @ FrameError::Malformed { .. }) if error.code() == Code::BadFrame)
}

fn written(frame: &Frame) -> String {
    String::from_utf8(encode(frame).unwrap()).unwrap()
}

/// Lines as they stand in the documents: what another program writes by hand.
#[test]
fn lines_of_the_documents_are_what_is_written() {
    let clients = [
        r#"{"type":"hello","name":"Ana","caps":[]}"#.to_owned(),
        format!(
            r#"{{"type":"hello","name":"Ana","caps":["e2e"],"epoch":"{CID}","pos":7,"hash":"{ID}"}}"#
        ),
        r#"{"type":"hello","name":"Ana","caps":[],"password":"open sesame"}"#.to_owned(),
        r#"{"type":"rename","name":"Ana Bo"}"#.to_owned(),
        format!(r#"{{"type":"msg","cid":"{CID}","n":1,"to":"room","text":"hello\nall"}}"#),
        r#"{"type":"got","pos":9007199254740991}"#.to_owned(),
        format!(r#"{{"type":"typing","to":"{ID}"}}"#),
        r#"{"type":"history","conv":"room","before":12,"limit":200}"#.to_owned(),
        format!(r#"{{"type":"sas-commit","commit":"{ID}"}}"#),
        format!(r#"{{"type":"sas-reveal","nonce":"{ID}"}}"#),
    ];
    let event = format!(
        r#""pos":5,"seq":2,"conv":"room","from":{{"name":"10.0.0.1:9"}},"kind":"text","text":"x","at":0,"hash":"{ID}""#
    );
    let servers = [
        format!(
            r#"{{"type":"welcome","id":"{ID}","name":"Hall","epoch":"{CID}","head":5,"n":{{"room":3,"{ID}":1}},"limits":{{"text":16384,"frame":262144,"rate":10,"burst":30}},"caps":[]}}"#
        ),
        format!(r#"{{"type":"people","list":[{{"id":"{ID}","name":"Ana"}}],"more":2}}"#),
        r#"{"type":"people","list":[]}"#.to_owned(),
        r#"{"type":"people","joined":[{"name":"Bo"}],"renamed":[{"was":"[::1]:9","name":"Di"}]}"#
            .to_owned(),
        format!(r#"{{"type":"ack","cid":"{CID}","conv":"room","seq":2,"pos":5,"at":1}}"#),
        format!(r#"{{"type":"event",{event}}}"#),
        r#"{"type":"waiting"}"#.to_owned(),
        r#"{"type":"caught-up","pos":5}"#.to_owned(),
        r#"{"type":"seen","conv":"room","seq":2,"count":4}"#.to_owned(),
        format!(r#"{{"type":"typing","to":"room","from":"{ID}"}}"#),
        format!(
            r#"{{"type":"past","conv":"room","events":[{{{event}}}],"more":true,"gap":false}}"#
        ),
        format!(r#"{{"type":"reset","epoch":"{CID}","head":5}}"#),
        format!(r#"{{"type":"sas-nonce","nonce":"{ID}"}}"#),
    ];
    let both = [
        r#"{"type":"ping"}"#.to_owned(),
        r#"{"type":"pong"}"#.to_owned(),
        format!(r#"{{"type":"err","code":"bad-cid","re":"{CID}","fatal":false}}"#),
        r#"{"type":"err","code":"name-taken","re":"rename","fatal":true}"#.to_owned(),
    ];
    for line in &clients {
        let frame = client(line).unwrap().unwrap();
        assert_eq!(written(&frame), format!("{line}\n"));
        // A client's line about writing is what a server's is without its writer.
        assert!(server(line).is_err(), "{line}");
    }
    for line in &servers {
        let frame = server(line).unwrap().unwrap();
        assert_eq!(written(&frame), format!("{line}\n"));
        if !line.contains("typing") {
            assert_eq!(client(line), Err(FrameError::WrongSide), "{line}");
        }
    }
    for line in &both {
        let frame = client(line).unwrap().unwrap();
        assert_eq!(written(&frame), format!("{line}\n"));
        assert_eq!(server(line), Ok(Some(frame)));
    }
}

#[test]
fn every_code_has_its_word() {
    let words: Vec<String> = Code::KNOWN.iter().map(ToString::to_string).collect();
    assert_eq!(
        words.join(", "),
        "bad-frame, too-long, rate, slow-consumer, version, unauthorized, password, superseded, \
         out-of-order, bad-cid, cursor-ahead, disk-full, busy, name-taken, not-found, internal"
    );
    for code in Code::KNOWN {
        assert_eq!(code.to_string().parse(), Ok(code.clone()));
    }
    assert!(matches!("from-the-future".parse(), Ok(Code::Other(_))));
    assert!("Bad Frame".parse::<Code>().is_err());
}

#[test]
fn unknown_fields_are_skipped_and_unknown_kinds_are_ignored() {
    assert_eq!(
        client(r#"{"x":[{"y":1e999}],"type":"ping","z":{"a":1,"a":2}}"#),
        Ok(Some(Frame::Ping))
    );
    assert_eq!(client(r#"{"type":"waltz","cid":7}"#), Ok(None));
    assert_eq!(client(r#"{"type":"waltz","must":false}"#), Ok(None));
    let error = client(r#"{"type":"waltz\u001b","must":true}"#).unwrap_err();
    assert_eq!(error, FrameError::unknown("waltz␛"));
    assert_eq!(error.code(), Code::Version);
    let long = "w".repeat(limits::FRAME - 40);
    match client(&format!(r#"{{"type":"{long}","must":true}}"#)) {
        Err(FrameError::Unknown { kind }) => assert!(kind.len() < 2 * limits::REASON),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_field_that_is_there_twice_is_refused() {
    for line in [
        r#"{"type":"ping","type":"pong"}"#.to_owned(),
        r#"{"type":"got","pos":1,"pos":2}"#.to_owned(),
        r#"{"type":"x","must":false,"must":true}"#.to_owned(),
        format!(r#"{{"type":"msg","cid":"{CID}","n":1,"to":"room","text":"a","text":"b"}}"#),
    ] {
        assert!(is_malformed(&client(&line)), "{line}");
    }
    let welcome = |n: &str, caps: &str| {
        format!(
            r#"{{"type":"welcome","id":"{ID}","name":"H","epoch":"{CID}","head":5,"n":{n},"limits":{{}},"caps":{caps}}}"#
        )
    };
    assert!(server(&welcome(r#"{"room":1}"#, r#"["a"]"#)).is_ok());
    assert!(is_malformed(&server(&welcome(
        r#"{"room":1,"room":2}"#,
        "[]"
    ))));
    assert!(is_malformed(&server(&welcome("{}", r#"["a","a"]"#))));
}

#[test]
fn names_of_clients_are_made_clean_or_refused() {
    let rename = |name: &str| client(&format!(r#"{{"type":"rename","name":"{name}"}}"#));
    let ana = Ok(Some(Frame::Rename(Rename {
        name: "Ana".parse().unwrap(),
    })));
    assert_eq!(rename(" A\\u202ena\\u200b"), ana);
    assert_eq!(rename(""), Err(FrameError::Name(NameError::Empty)));
    assert!(matches!(
        rename("10.0.0.1:9"),
        Err(FrameError::Name(NameError::LooksLikeAddress { .. }))
    ));
    assert!(is_malformed(&rename(&"a".repeat(limits::RAW_NAME + 1))));
    for label in ["", "a\\u001bb", "\\u202ea", &"a".repeat(limits::LABEL + 1)] {
        let line = format!(r#"{{"type":"people","list":[{{"name":"{label}"}}]}}"#);
        assert!(is_malformed(&server(&line)), "{line}");
    }
}

#[test]
fn a_cursor_is_whole_or_absent() {
    for part in [
        format!(r#""epoch":"{CID}""#),
        r#""pos":0"#.to_owned(),
        format!(r#""pos":0,"hash":"{ID}""#),
    ] {
        let line = format!(r#"{{"type":"hello","name":"A",{part}}}"#);
        assert!(is_malformed(&client(&line)), "{line}");
    }
}

#[test]
fn who_writes_is_told_by_the_server_alone() {
    let line = format!(r#"{{"type":"typing","to":"room","from":"{ID}"}}"#);
    let forged = client(&line).unwrap().unwrap();
    assert_eq!(client(r#"{"type":"typing","to":"room"}"#), Ok(Some(forged)));
    assert_eq!(
        server(r#"{"type":"typing","to":"room"}"#),
        Err(FrameError::WrongSide)
    );
}

#[test]
fn past_events_are_in_order_and_of_one_conversation() {
    let past = |events: &[(u64, u64, &str)]| {
        let events: Vec<String> = events
            .iter()
            .map(|(pos, seq, conv)| {
                format!(
                    r#"{{"pos":{pos},"seq":{seq},"conv":"{conv}","from":{{"name":"A"}},"kind":"text","text":"","at":0,"hash":"{ID}"}}"#
                )
            })
            .collect();
        server(&format!(
            r#"{{"type":"past","conv":"room","events":[{}],"more":false,"gap":false}}"#,
            events.join(",")
        ))
    };
    assert!(past(&[]).is_ok());
    assert!(past(&[(4, 1, "room"), (9, 3, "room")]).is_ok());
    assert!(is_malformed(&past(&[(4, 1, "room"), (9, 1, "room")])));
    assert!(is_malformed(&past(&[(9, 1, "room"), (4, 2, "room")])));
    assert!(is_malformed(&past(&[(4, 1, ID)])));
}
