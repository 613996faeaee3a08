use std::net::SocketAddr;

use super::*;
use crate::wire::limits;

#[test]
fn a_fingerprint_is_that_of_the_bytes() {
    // FIPS 180-2, B.1.
    assert_eq!(
        Fingerprint::of_der(b"abc").to_string(),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    assert_eq!(
        format!("{:?}", Cid::from_bytes([0xAB; 16])),
        "Cid(abababababababababababababababab)"
    );
}

#[test]
fn numbers_go_up_to_their_end() {
    assert_eq!(Pos::ZERO.next().map(Pos::get), Some(1));
    assert_eq!(Pos::MAX.next(), None);
    assert_eq!(Seq::try_from(u64::MAX), Err(NotExact(u64::MAX)));
    assert_eq!(At::try_from(limits::NUMBER), Ok(At::MAX));
}

#[test]
fn every_address_is_a_label() {
    for address in [
        "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff1%4294967295]:65535",
        "[::ffff:10.0.0.1]:1",
        "255.255.255.255:65535",
    ] {
        let address: SocketAddr = address.parse().unwrap();
        let label = Label::from(address);
        assert_eq!(label.as_ref().parse(), Ok(label.clone()));
    }
    assert_eq!("".parse::<Label>(), Err(NotLabel));
    assert_eq!("a\nb".parse::<Label>(), Err(NotLabel));
}

#[test]
fn words_and_texts_are_bounded() {
    assert!("a-9".repeat(10).parse::<Word>().is_ok());
    for wrong in ["", "A", "a b", "ä", "a_b", &"a".repeat(limits::WORD + 1)] {
        assert_eq!(wrong.parse::<Word>(), Err(NotWord), "{wrong:?}");
    }
    assert!("x".repeat(limits::TEXT).parse::<Text>().is_ok());
    assert_eq!(
        "x".repeat(limits::TEXT + 1).parse::<Text>(),
        Err(NotText::TooLong(limits::TEXT + 1))
    );
    assert_eq!("a\0".parse::<Text>(), Err(NotText::Nul));
}

#[test]
fn capabilities_and_conversations_are_looked_up() {
    let caps: Caps = ["e2e", "e2e", "files"]
        .iter()
        .map(|word| word.parse().unwrap())
        .collect();
    assert!(caps.has("e2e") && caps.has("files") && !caps.has("e2"));
    let other = Conv::With(Fingerprint::of_der(b"x"));
    let numbers = Numbers::new([(Conv::Room, N::MAX)]);
    assert_eq!(
        (numbers.get(&Conv::Room), numbers.get(&other)),
        (N::MAX, N::ZERO)
    );
    for conv in [Conv::Room, other] {
        assert_eq!(conv.to_string().parse(), Ok(conv));
    }
}

#[test]
fn as_much_of_a_line_as_fits_is_a_text() {
    let whole = "x".repeat(limits::TEXT);
    assert_eq!(Text::fitting(&whole).as_ref(), whole);
    let cut = Text::fitting(&format!("{whole}x"));
    assert_eq!(cut.as_ref(), format!("{}…", &whole[3..]));
    for line in [
        "",
        "a\0b",
        &"\0".repeat(limits::TEXT),
        &"走".repeat(limits::TEXT),
    ] {
        let text = Text::fitting(line);
        assert_eq!(text.as_ref().parse(), Ok(text));
    }
    assert_eq!(Text::fitting("a\0b").as_ref(), "a␀b");
}

#[test]
fn a_password_is_compared_and_never_shown() {
    let password = |text: &str| text.parse::<Password>().unwrap();
    assert_eq!(password("open sesame"), password("open sesame"));
    for other in ["open sesamf", "open sesame ", "Open sesame", "o"] {
        assert_ne!(password("open sesame"), password(other));
    }
    assert_eq!(format!("{:?}", password("open sesame")), "Password");
    assert!("".parse::<Password>().is_err());
    assert!("x".repeat(257).parse::<Password>().is_err());
}
