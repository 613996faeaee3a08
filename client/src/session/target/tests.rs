//! What people write as an address, and what is none.

use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Result<String, ParseError> {
    text.parse::<Target>().map(|target| target.to_string())
}

#[test]
fn the_port_is_told_where_it_was_written() {
    for (text, host, port) in [
        (" lab ", "lab", None),
        ("lab:", "lab", None),
        ("lab:80", "lab", Some(80)),
        ("hallway://[::1]:80/", "::1", Some(80)),
        ("::1", "::1", None),
    ] {
        assert_eq!(super::read(text), Ok((host.to_owned(), port)), "{text:?}");
    }
    let target = |text, port| Target::with_port(text, port).map(|t| t.to_string());
    assert_eq!(target("lab", 80), Ok("lab:80".to_owned()));
    assert_eq!(target("lab:81", 80), Ok("lab:81".to_owned()));
    assert_eq!(target("lab", 0), Err(ParseError::Port("0".to_owned())));
}

#[test]
fn links_are_told_from_addresses() {
    assert!(is_link(" hallway://lab"));
    assert!(is_link("HALLWAY：／／lab"));
    assert!(!is_link("lab:80"));
    assert!(!is_link("https://lab"));
}

#[test]
fn what_people_write() {
    for (text, expected) in [
        ("lab", "lab:4255"),
        ("lab:80", "lab:80"),
        ("  lab.local. \n", "lab.local.:4255"),
        ("my_printer-2", "my_printer-2:4255"),
        ("打印机.local", "打印机.local:4255"),
        ("192.168.1.20", "192.168.1.20:4255"),
        ("192.168.1.20:65535", "192.168.1.20:65535"),
        ("192.168.1.20 80", "192.168.1.20:80"),
        ("192.168.1.20 : 80", "192.168.1.20:80"),
        ("192.168.1.20: 80", "192.168.1.20:80"),
        ("lab :80", "lab:80"),
        ("192。168。1。20：４２５５", "192.168.1.20:4255"),
        ("lab:", "lab:4255"),
        ("::1", "[::1]:4255"),
        ("::1 80", "[::1]:80"),
        ("::1:4255", "[::1:4255]:4255"),
        ("[::1]", "[::1]:4255"),
        ("[::1]:80", "[::1]:80"),
        ("[::1] 80", "[::1]:80"),
        ("FE80:0::1%eth0", "[fe80::1%eth0]:4255"),
        ("[fe80::1%3]:80", "[fe80::1%3]:80"),
        ("hallway://lab", "lab:4255"),
        ("HALLWAY://lab:80/", "lab:80"),
        ("hallway://[fe80::1%25eth0]:80", "[fe80::1%eth0]:80"),
        ("hallway：／／lab", "lab:4255"),
    ] {
        assert_eq!(read(text), Ok(expected.to_owned()), "{text:?}");
    }
}

#[test]
fn what_is_no_address_is_told_apart() {
    use ParseError as Wrong;
    type Kind = fn(String) -> ParseError;
    let cases: [(Kind, &[&str]); 4] = [
        (Wrong::Scheme, &["http", "irc", ""]),
        (Wrong::Port, &["0", "65536", "+1", "-1", "x", "99999999999"]),
        (
            Wrong::Address,
            &["192.168.1", "300.1.1.1", "1.2.3.4.5", "4255", "1::2::3"],
        ),
        (
            Wrong::Name,
            &[
                "a b",
                "a/b",
                "a..b",
                ".a",
                "*",
                "a@b",
                "a%b",
                "a\0b",
                "a\u{202E}b",
            ],
        ),
    ];
    for (kind, parts) in cases {
        for part in parts {
            let text = match kind(String::new()) {
                Wrong::Scheme(_) => format!("{part}://lab"),
                Wrong::Port(_) => format!("lab:{part}"),
                _ => (*part).to_owned(),
            };
            assert_eq!(read(&text), Err(kind((*part).to_owned())), "{text:?}");
        }
    }
    for empty in ["", "  ", ":80", "hallway://", "hallway:///"] {
        assert_eq!(read(empty), Err(Wrong::Empty), "{empty:?}");
    }
    for bad in [
        "[::1",
        "[::1]x",
        "[::1]80",
        "[lab]",
        "fe80::1%",
        "[::1%a/b]",
        "a:b:c",
    ] {
        assert!(matches!(read(bad), Err(Wrong::Address(_))), "{bad:?}");
    }
    for bad in [
        "lab:80 90",
        "hallway://user@lab",
        "hallway://lab/room",
        "hallway://lab?x",
        &"a".repeat(254),
    ] {
        assert!(matches!(read(bad), Err(Wrong::Name(_))), "{bad:?}");
    }
}

fn likely() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "[0-9]{1,3}",
        "[a-z\u{4e00}-\u{4e10}]{1,4}",
        prop::sample::select(vec![
            ":",
            "::",
            ".",
            "[",
            "]",
            "%",
            "%25",
            " ",
            "hallway://",
            "fe80",
            "/",
            "@",
            "：",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(part, 0..9).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn anything_parses_or_is_refused(text: String) {
        let _ = text.parse::<Target>();
    }

    #[test]
    fn what_is_shown_reads_as_the_same(text in likely()) {
        if let Ok(target) = text.parse::<Target>() {
            prop_assert_eq!(target.to_string().parse(), Ok(target.clone()));
            let link = format!("hallway://{}", target.to_string().replacen('%', "%25", 1));
            prop_assert_eq!(link.parse(), Ok(target));
        }
    }

    #[test]
    fn every_address_reads(v4: Ipv4Addr, v6: Ipv6Addr, port in 1..=u16::MAX) {
        prop_assert_eq!(read(&format!("{v4}:{port}")), Ok(format!("{v4}:{port}")));
        prop_assert_eq!(read(&format!("[{v6}]:{port}")), Ok(format!("[{v6}]:{port}")));
        prop_assert_eq!(read(&v6.to_string()), Ok(format!("[{v6}]:{DEFAULT_PORT}")));
    }
}
