//! Every value at its bound, and beyond it.

use super::*;
use crate::wire::frame::Taken;
use crate::wire::values::{Fingerprint, Label, Numbers};
use crate::wire::{Person, Renamed};

#[test]
fn numbers_are_whole_and_exact() {
    for number in ["0", "1", "9007199254740991"] {
        let line = format!(r#"{{"type":"got","pos":{number}}}"#);
        assert!(matches!(client(&line), Ok(Some(Frame::Got(_)))), "{line}");
    }
    let digits = "9".repeat(10_000);
    for number in [
        "9007199254740992",
        "18446744073709551615",
        "18446744073709551616",
        "-1",
        "-0",
        "1.0",
        "1e3",
        "1e400",
        "01",
        "\"1\"",
        "null",
        "true",
        "NaN",
        &digits,
    ] {
        let line = format!(r#"{{"type":"got","pos":{number}}}"#);
        assert!(is_malformed(&client(&line)), "{line}");
    }
}

#[test]
fn identities_are_hexadecimal_and_whole() {
    for cid in [
        "",
        "00",
        &CID[1..],
        ID,
        &CID.to_uppercase(),
        "000102030405060708090a0b0c0d0e0ä",
    ] {
        let line = format!(r#"{{"type":"msg","cid":"{cid}","n":1,"to":"room","text":"a"}}"#);
        assert!(is_malformed(&client(&line)), "{line}");
    }
    for to in ["", "Room", "everyone", CID, &ID.to_uppercase()] {
        let line = format!(r#"{{"type":"msg","cid":"{CID}","n":1,"to":"{to}","text":"a"}}"#);
        assert!(is_malformed(&client(&line)), "{line}");
    }
}

#[test]
fn a_text_at_the_limit_passes_and_one_byte_more_does_not() {
    let msg = |text: &str| {
        client(&format!(
            r#"{{"type":"msg","cid":"{CID}","n":1,"to":"room","text":"{text}"}}"#
        ))
    };
    // Written in the longest way there is.
    let longest = "\\u0001".repeat(limits::TEXT);
    assert!(matches!(msg(&longest), Ok(Some(Frame::Msg(_)))));
    let error = msg(&"x".repeat(limits::TEXT + 1)).unwrap_err();
    assert_eq!(error, FrameError::Text(NotText::TooLong(limits::TEXT + 1)));
    assert_eq!(error.code(), Code::TooLong);
    assert_eq!(msg("a\\u0000"), Err(FrameError::Text(NotText::Nul)));
    assert_eq!(msg(""), Err(FrameError::NoText));
    assert!(is_malformed(&msg("\\ud800")));
}

#[test]
fn a_frame_at_the_limit_passes_and_one_byte_more_does_not() {
    let frame = r#"{"type":"ping"}"#;
    let padded = frame.to_owned() + &" ".repeat(limits::FRAME - frame.len());
    assert_eq!(client(&padded), Ok(Some(Frame::Ping)));
    let error = client(&(padded + " ")).unwrap_err();
    assert_eq!(error, FrameError::TooLong(limits::FRAME + 1));
    assert_eq!(error.code(), Code::TooLong);
}

#[test]
fn lists_end_where_they_must() {
    let people = |count: usize, list: &str| {
        let all = vec![r#"{"name":"A"}"#; count].join(",");
        server(&format!(r#"{{"type":"people","{list}":[{all}]}}"#))
    };
    for list in ["list", "joined", "left"] {
        assert!(people(limits::PEOPLE, list).is_ok());
        assert!(is_malformed(&people(limits::PEOPLE + 1, list)));
    }
    let caps = |count: usize| {
        let all: Vec<String> = (0..count).map(|cap| format!("\"c{cap}\"")).collect();
        client(&format!(
            r#"{{"type":"hello","name":"A","caps":[{}]}}"#,
            all.join(",")
        ))
    };
    assert!(caps(limits::CAPS).is_ok());
    assert!(is_malformed(&caps(limits::CAPS + 1)));
    assert!(is_malformed(&client(
        r#"{"type":"hello","name":"A","caps":["a cap"]}"#
    )));
    for limit in ["0", "201", "65536"] {
        let line = format!(r#"{{"type":"history","conv":"room","before":1,"limit":{limit}}}"#);
        assert!(is_malformed(&client(&line)), "{line}");
    }
}

#[test]
fn the_longest_of_everything_fits_into_a_frame() {
    let id = ID.parse().unwrap();
    // Each of these is written with two bytes.
    let name: Label = "\"".repeat(limits::LABEL).parse().unwrap();
    let person = Person {
        id: Some(id),
        name: name.clone(),
    };
    let list = vec![person.clone(); limits::PEOPLE];
    let more = u32::MAX;
    assert!(
        encode(&Frame::People(People::Here {
            list: list.clone(),
            more
        }))
        .is_ok()
    );
    let renamed = Renamed {
        id: Some(id),
        was: name.clone(),
        name,
    };
    let changes = People::Changes {
        joined: list.clone(),
        left: list.clone(),
        renamed: vec![renamed; limits::PEOPLE],
    };
    let line = encode(&Frame::People(changes)).unwrap();
    assert!(parse(&line[..line.len() - 1], Side::Server).is_ok());
    let list = vec![person; limits::PEOPLE + 1];
    assert!(encode(&Frame::People(People::Here { list, more: 0 })).is_err());

    let conversations = (0..=limits::CONVERSATIONS).map(|number| {
        let mut bytes = [0xFF; 32];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        (Conv::With(Fingerprint::from_bytes(bytes)), N::MAX)
    });
    let line = format!(
        r#"{{"type":"welcome","id":"{ID}","name":"H","epoch":"{CID}","head":5,"n":{{}},"limits":{{}}}}"#
    );
    let Ok(Some(Frame::Welcome(mut welcome))) = server(&line) else {
        panic!("no welcome");
    };
    welcome.n = Numbers::new(conversations);
    assert_eq!(welcome.n.iter().count(), limits::CONVERSATIONS);
    let line = encode(&Frame::Welcome(welcome)).unwrap();
    assert!(parse(&line[..line.len() - 1], Side::Server).is_ok());
}

#[test]
fn a_server_may_take_less_than_we_may_send_and_never_more() {
    let limits = |limits: &str| {
        let line = format!(
            r#"{{"type":"welcome","id":"{ID}","name":"H","epoch":"{CID}","head":5,"n":{{}},"limits":{limits}}}"#
        );
        match server(&line) {
            Ok(Some(Frame::Welcome(welcome))) => Ok(welcome.limits),
            Ok(other) => panic!("{other:?}"),
            Err(error) => Err(error),
        }
    };
    let ours = Taken::default();
    assert_eq!(limits("{}"), Ok(ours));
    assert_eq!(limits(r#"{"text":4294967295,"frame":300000}"#), Ok(ours));
    assert_eq!(limits(r#"{"text":10}"#).unwrap().text, 10);
    assert!(matches!(
        limits(r#"{"text":0}"#),
        Err(FrameError::Malformed { .. })
    ));
}
