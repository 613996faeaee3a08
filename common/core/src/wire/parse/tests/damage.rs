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

/// Values that do not belong where they are put.
const ODD: [&str; 12] = [
    "null",
    "true",
    "-1",
    "1.5",
    "1e400",
    "18446744073709551615",
    "\"\"",
    "\"\\u0000\\u202e\"",
    "[]",
    "[[[[[[[[1]]]]]]]]",
    "{}",
    "{\"type\":\"ping\",\"id\":7}",
];

/// A frame with something odd in place of one of its values, however deep that is.
fn odd() -> impl Strategy<Value = String> {
    let value = prop::sample::select(&ODD[..]);
    (frames::frame(), any::<prop::sample::Index>(), value).prop_map(|((frame, _), place, odd)| {
        let json = String::from_utf8(encode(&frame).unwrap()).unwrap();
        // A value begins after a colon, a bracket or a comma that is in no string; some places are
        // in one, and give what is no JSON at all.
        let places: Vec<usize> = json
            .match_indices([':', '[', ','])
            .map(|(at, _)| at)
            .collect();
        let Some(at) = (!places.is_empty()).then(|| places[place.index(places.len())]) else {
            return json;
        };
        let (before, after) = json.split_at(at + 1);
        let length = match after.as_bytes()[0] {
            b'"' => after[1..].find('"').map_or(after.len(), |end| end + 2),
            b'{' => after.find('}').map_or(after.len(), |end| end + 1),
            _ => after.find([',', '}', ']']).unwrap_or(after.len()),
        };
        format!("{before}{odd}{}", &after[length..])
    })
}

/// Whatever it is, it is refused in words that may be shown, or gives a frame that may be sent.
fn is_harmless(line: &[u8], side: Side) -> Result<(), TestCaseError> {
    match parse(line, side) {
        Ok(Some(frame)) => {
            prop_assert!(frame.may_come_from(side));
            let again = encode(&frame).unwrap();
            prop_assert_eq!(parse(&again[..again.len() - 1], side), Ok(Some(frame)));
        }
        Ok(None) => {}
        Err(error) => {
            let shown = error.to_string();
            prop_assert!(
                is_visible(&shown) && shown.len() < 3 * limits::REASON,
                "{}",
                shown
            );
        }
    }
    Ok(())
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
        is_harmless(&line, [Side::Client, Side::Server][side])?;
    }

    #[test]
    fn odd_values_are_refused_or_give_a_sound_frame(line in odd(), side in 0..2_usize) {
        is_harmless(line.trim_end().as_bytes(), [Side::Client, Side::Server][side])?;
    }
}
