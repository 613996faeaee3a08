use proptest::prelude::*;
use unicode_normalization::is_nfc;
use unicode_segmentation::UnicodeSegmentation;

use super::*;

fn name(raw: &str) -> String {
    match Name::parse(raw) {
        Ok(name) => name.to_string(),
        Err(error) => panic!("{raw:?} is refused: {error}"),
    }
}

fn refusal(raw: &str) -> NameError {
    match Name::parse(raw) {
        Ok(name) => panic!("{raw:?} is taken as {name:?}"),
        Err(error) => error,
    }
}

fn alike(one: &str, other: &str) -> bool {
    let (one, other) = (Name::parse(one).unwrap(), Name::parse(other).unwrap());
    one.skeletons()
        .iter()
        .any(|key| other.skeletons().contains(key))
}

#[test]
fn names_of_many_scripts_survive() {
    for raw in [
        "Ana",
        "J. R. R. Tolkien",
        "O’Brien-Müller",
        "Nguyễn Văn Ước",
        "张三",
        "ノア・丿一",
        "Łukasz Żółć",
        "محمد عبد الله",
        "דוד בן־גוריון",
        "देवनागरी शर्मा",
        "रामः",
        "दुःख",
        "தமிழ்ச்செல்வி",
        "มะลิ",
        "မျှို့",
        "김철수",
        "Ελένη",
        "a:b",
        "12:30",
        "Ana 2.0",
        "¯\\_(ツ)_/¯",
    ] {
        assert_eq!(name(raw), raw);
    }
}

#[test]
fn emoji_survive_whole() {
    for raw in [
        "👩‍👩‍👧",
        "🇩🇪",
        "1️⃣",
        "#️⃣ Ana",
        "👍🏽",
        "🏳️‍🌈",
        "👩🏽‍🚀 Ana",
        "❤️‍🔥",
        "☺️",
        "🏴‍☠️",
        "👁️‍🗨️",
        "🙂‍↔️",
    ] {
        assert_eq!(name(raw), raw);
    }
}

#[test]
fn white_space_is_single_and_within() {
    assert_eq!(name("  Ana \u{A0}\u{3000}\t Bo\u{2003}"), "Ana Bo");
    assert_eq!(name("Ana \u{200B} \u{301} Bo"), "Ana Bo");
}

#[test]
fn what_is_unseen_is_dropped() {
    assert_eq!(name("A\u{200B}n\u{AD}a\u{202E}\u{1B}\u{85}\u{2028}"), "Ana");
    assert_eq!(name("A\u{200D}n\u{FE0F}a\u{200C}\u{FEFF}"), "Ana");
    assert_eq!(name("\u{3164}A\u{115F}n\u{2800}a\u{FFA0}\u{34F}"), "Ana");
    assert_eq!(
        name("A\u{E000}n\u{F0000}a\u{10FFFF}\u{378}\u{E0041}"),
        "Ana"
    );
    assert_eq!(name("e\u{301}"), "\u{E9}");
    assert_eq!(name("e\u{200B}\u{301}"), "\u{E9}");
    assert_eq!(name("\u{301}Ana"), "Ana");
    // Joiners and selectors that join nothing.
    assert_eq!(name("👩\u{200D}"), "👩");
    assert_eq!(name("👩\u{200D}a"), "👩a");
    assert_eq!(name("a\u{200D}👩"), "a👩");
    assert_eq!(name("👩\u{200D}\u{200B}\u{200D}👧"), "👩\u{200D}👧");
    assert_eq!(name("👩\u{200D} \u{200D}👧"), "👩 👧");
    assert_eq!(name("↔\u{200D}↔\u{200D}\u{338}"), "↔\u{21AE}");
    assert_eq!(name("1\u{FE0F}a"), "1a");
    assert_eq!(name("☺\u{FE0E}"), "☺");
    assert_eq!(name("☺\u{FE0F}\u{FE0F}"), "☺\u{FE0F}");
}

#[test]
fn nothing_to_see_is_no_name() {
    for raw in [
        "",
        " ",
        "\t\u{3000}",
        "\u{200B}\u{200D}",
        "\u{301}\u{302}",
        "\u{3164}",
        "\u{2800} \u{FE0F}",
    ] {
        assert_eq!(refusal(raw), NameError::Empty, "{raw:?}");
    }
}

#[test]
fn too_long_is_refused_and_not_cut() {
    assert_eq!(name(&"a".repeat(32)).len(), 32);
    assert_eq!(
        refusal(&"a".repeat(33)),
        NameError::TooLong {
            graphemes: 33,
            bytes: 33
        }
    );
    assert_eq!(name(&"я".repeat(32)).len(), 64);
    assert_eq!(
        refusal(&"张".repeat(22)),
        NameError::TooLong {
            graphemes: 22,
            bytes: 66
        }
    );
    assert_eq!(name(&format!("Ana{}", " ".repeat(5_000))), "Ana");
}

#[test]
fn heaps_of_marks_are_refused() {
    let heap = |marks: usize| format!("Z{}", "\u{335}".repeat(marks));
    assert_eq!(
        refusal(&heap(300)),
        NameError::TooLong {
            graphemes: 1,
            bytes: 601
        }
    );
    assert_eq!(refusal(&heap(20)), NameError::TooManyMarks { marks: 20 });
    assert_eq!(
        refusal("Z\u{338}\u{322}\u{31B}\u{347}\u{335}a\u{337}l\u{336}g\u{335}o\u{338}"),
        NameError::TooManyMarks { marks: 5 }
    );
    assert_eq!(name(&heap(4)), heap(4));
}

#[test]
fn no_prefix_can_be_forged() {
    for raw in [
        "Ana: hello",
        "Ana:",
        "Ana :",
        ":",
        "Ana: ",
        "Ana:\u{A0}hello",
        "Ana:\thello",
        "Ana:\u{200B} hello",
        "Ana:\u{200B}",
        "Ana: \u{202E}hello",
        "Ana:\u{323} hello",
        "Ana： hello",
        "Ana：",
        "Ana：hello",
        "Ana∶ hello",
        "Anaː hello",
        "Ana꞉ hello",
        "Ana\u{903} hello",
        "Ana\u{903}",
        "1\u{903}",
        "राम\u{903} नमः",
        "राम\u{2D0}",
        "张三ː",
        "Ana\u{5C3}",
        "Ana⦂ x",
        "Ana∷ x",
    ] {
        assert_eq!(refusal(raw), NameError::HasColon, "{raw:?}");
    }
    for raw in [
        "* Ana",
        "*",
        "＊ Ana",
        "٭Ana",
        "\u{200B}* Ana",
        "\u{301}* Ana",
        "∗",
        "✱ x",
        "*️⃣",
    ] {
        assert_eq!(refusal(raw), NameError::StartsWithStar, "{raw:?}");
    }
    for raw in [
        "/who",
        " /who",
        "／who",
        "\u{2044}who",
        "\u{2215}",
        "//who",
        "\u{AD}/quit",
    ] {
        assert_eq!(refusal(raw), NameError::StartsWithSlash, "{raw:?}");
    }
}

#[test]
fn addresses_are_not_names() {
    for raw in [
        "192.168.1.5",
        "192.168.1.5:4255",
        "192.168.001.005",
        "999.1.1.1",
        "１９２.１６８.１.５",
        "192。168。1。5",
        "192․168․1․5：4255",
        "١٩٢.١٦٨.١.٥",
        "l92.l68.O.I",
        "192.168.1.\u{200B}5",
        "Ana 10.0.0.1",
        "(10.0.0.1)",
        "::1",
        "::",
        "fe80::1%eth0",
        "FE80::1",
        "[::1]",
        "[::1]:4255",
        "[fe80::1%eth0]:4255",
        "［::1］：4255",
        "::ffff:10.0.0.1",
        "2001:db8:0:0:0:0:0:1",
        "laptop.local:4255",
        "LOCALHOST:80",
        "localhost:80",
        "l0calhоst:80",
        "host.name:４２５５",
    ] {
        assert!(
            matches!(refusal(raw), NameError::LooksLikeAddress { .. }),
            "{raw:?}"
        );
    }
    assert_eq!(
        refusal("１0.0.0.1"),
        NameError::LooksLikeAddress {
            word: "10.0.0.1".to_owned()
        }
    );
}

#[test]
fn names_that_look_alike_have_one_skeleton() {
    let ana = Name::parse("Ana").unwrap().skeleton();
    for raw in [
        "ana",
        "ANA",
        "Аnа",
        "Ana ",
        "Ａｎａ",
        "𝐀𝐧𝐚",
        "A\u{200B}na",
        "αna",
    ] {
        assert_eq!(Name::parse(raw).unwrap().skeleton(), ana, "{raw:?}");
    }
    assert_ne!(Name::parse("Anna").unwrap().skeleton(), ana);
    assert_ne!(Name::parse("Aná").unwrap().skeleton(), ana);
    for (one, other) in [
        ("Нина", "нина"),
        ("Hans", "Нans"),
        ("Ivan", "lvan"),
        ("Bill", "BiII"),
        ("Bob", "B0b"),
        ("modem", "rnodern"),
        ("ΣΑΣ", "σας"),
        ("Straße", "STRASSE"),
        ("paypal", "раураl"),
        ("ΝΙΚΗ", "NIKH"),
    ] {
        assert!(alike(one, other), "{one:?} and {other:?}");
    }
    for (one, other) in [
        ("Eva", "Ena"),
        ("Ali", "All"),
        ("Guy", "Guu"),
        ("Ana Bo", "AnaBo"),
    ] {
        assert!(!alike(one, other), "{one:?} and {other:?}");
    }
}

/// Text in which the characters that matter here are likely to meet.
fn troubled() -> impl Strategy<Value = String> {
    let pool: Vec<char> = "aZlO019.:/*[]% \t\r\n\u{A0}\u{3000}\u{200B}\u{200D}\u{200D}\u{FE0F}\u{FE0F}\
                           \u{20E3}\u{301}\u{338}\u{335}\u{903}\u{2D0}：＊／↔☺👩👧🏽🇩🇪रामНвνه\u{1160}ᄀ\u{1161}\
                           \u{1B}\u{202E}\u{2028}\u{E000}\u{10FFFF}\u{340}\u{2000}´ﷺ½"
        .chars()
        .collect();
    let character = prop_oneof![4 => prop::sample::select(pool), 1 => any::<char>()];
    prop::collection::vec(character, 0..24).prop_map(|characters| characters.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn cleaning_is_done_once(raw in troubled()) {
        let once = clean::clean(&raw);
        prop_assert_eq!(clean::clean(&once), once.clone());
        prop_assert!(is_nfc(&once));
    }

    #[test]
    fn a_name_obeys_every_rule(raw in troubled()) {
        let Ok(name) = Name::parse(&raw) else { return Ok(()) };
        let text = name.as_ref();
        prop_assert_eq!(Name::parse(text), Ok(name.clone()));
        prop_assert!(is_nfc(text));
        prop_assert!(!text.is_empty() && text.len() <= MAX_BYTES);
        prop_assert!(text.graphemes(true).count() <= MAX_GRAPHEMES);
        prop_assert!(crate::text::is_visible(text));
        prop_assert!(!text.chars().any(|c| c.is_whitespace() && c != ' '));
        prop_assert!(!text.starts_with([' ', '*', '/', '＊', '／']));
        prop_assert!(!text.ends_with([' ', ':', '：']));
        prop_assert!(!text.contains("  ") && !text.contains(": ") && !text.contains('：'));
        prop_assert!(text.parse::<std::net::IpAddr>().is_err());
        prop_assert!(text.parse::<std::net::SocketAddr>().is_err());
    }

    #[test]
    fn any_text_is_judged(raw: String) {
        if let Ok(name) = Name::parse(&raw) {
            prop_assert_eq!(Name::parse(name.as_ref()), Ok(name));
        }
    }

    #[test]
    fn a_skeleton_is_its_own(raw in troubled()) {
        let Ok(name) = Name::parse(&raw) else { return Ok(()) };
        for key in name.skeletons() {
            prop_assert!(!key.is_empty());
            prop_assert_eq!(skeleton::of_small_letters(&key), key);
        }
    }

    #[test]
    fn case_does_not_matter(raw in troubled()) {
        let Ok(name) = Name::parse(&raw) else { return Ok(()) };
        if let Ok(other) = Name::parse(&raw.to_lowercase()) {
            prop_assert_eq!(name.skeleton(), other.skeleton());
        }
    }
}
