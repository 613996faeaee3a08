//! What is no frame, or was one.

use proptest::prelude::*;

use super::*;
use crate::text::is_visible;

#[test]
fn what_is_deep_or_odd_is_refused_or_harmless() {
    let depth = limits::FRAME / 7;
    for inner in [
        "[".repeat(depth) + &"]".repeat(depth),
        r#"{"a":"#.repeat(depth) + "1" + &"}".repeat(depth),
    ] {
        // In a field that nobody reads it is skipped; where something else belongs it is refused.
        let line = format!(r#"{{"type":"ping","x":{inner}}}"#);
        assert_eq!(client(&line), Ok(Some(Frame::Ping)));
        let line = format!(r#"{{"type":"got","pos":{inner}}}"#);
        assert!(is_malformed(&client(&line)));
        assert!(is_malformed(&client(&inner)));
    }
    for line in [
        "",
        "null",
        "[]",
        "{}",
        "\"ping\"",
        r#"{"type":7}"#,
        r#"{"type":"ping"}{}"#,
        "{",
    ] {
        assert!(is_malformed(&client(line)), "{line}");
    }
    assert_eq!(
        parse(b"{\"type\":\"p\xFFng\"}", Side::Client),
        Err(FrameError::NotUtf8)
    );
    assert!(is_malformed(&client(r#"{"type":"ping","must":"yes"}"#)));
}

/// A frame's bytes with some of them changed, cut out or doubled.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let damage = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3), 0..6);
    (frames::frame(), damage).prop_map(|((frame, _), damage)| {
        let mut line = encode(&frame).unwrap();
        for (place, byte, how) in damage {
            if line.is_empty() {
                break;
            }
            let place = place.index(line.len());
            match how {
                0 => line[place] = byte,
                1 => line.truncate(place),
                _ => line.insert(place, line[place]),
            }
        }
        line
    })
}

proptest! {
    #[test]
    fn every_frame_comes_back((frame, side) in frames::frame()) {
        let line = encode(&frame).unwrap();
        let (end, json) = line.split_last().unwrap();
        prop_assert_eq!(*end, b'\n');
        prop_assert!(!json.contains(&b'\n'), "one line");
        prop_assert!(json.len() <= limits::FRAME);
        prop_assert_eq!(parse(json, side), Ok(Some(frame)));
    }

    #[test]
    fn no_bytes_do_harm(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(parse(&bytes, Side::Client).is_err());
    }

    #[test]
    fn damage_is_refused_or_gives_a_sound_frame(line in damaged(), side in 0..2_usize) {
        let side = [Side::Client, Side::Server][side];
        match parse(&line, side) {
            Ok(Some(frame)) => {
                prop_assert!(frame.may_come_from(side));
                let again = encode(&frame).unwrap();
                prop_assert_eq!(parse(&again[..again.len() - 1], side), Ok(Some(frame)));
            }
            Ok(None) => {}
            Err(error) => {
                let shown = error.to_string();
                prop_assert!(is_visible(&shown) && shown.len() < 3 * limits::REASON, "{}", shown);
            }
        }
    }
}
