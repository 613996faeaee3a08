use proptest::prelude::*;

use super::*;

fn id(byte: u8) -> Fingerprint {
    Fingerprint::from_bytes([byte; 32])
}

fn numbered(number: usize) -> Fingerprint {
    Fingerprint::of_der(&number.to_be_bytes())
}

fn at(host: &str) -> Address {
    Address::new(host, 4255).unwrap()
}

fn time(ms: u64) -> At {
    At::try_from(ms).unwrap()
}

fn label(name: &str) -> Label {
    name.parse().unwrap()
}

/// Meets a server as a client does.
fn meet(pins: &mut Pins, server: u8, host: &str) -> Result<Met, Refused> {
    pins.met(
        Role::Server,
        id(server),
        label("S"),
        Some(at(host)),
        time(5),
    )
}

/// The judgement in one word, and who was there before.
fn judged(pins: &Pins, server: u8, host: &str) -> (&'static str, Option<Fingerprint>) {
    match pins.judge(&id(server), &at(host)) {
        Judgement::FirstContact => ("first", None),
        Judgement::Known(pin) => ("known", (pin.id != id(server)).then_some(pin.id)),
        Judgement::AnotherKnown { here, before } => {
            assert_eq!(here.id, id(server));
            ("another", Some(before.id))
        }
        Judgement::Unknown { before } => ("unknown", Some(before.id)),
    }
}

#[test]
fn first_contact_pins() {
    let mut pins = Pins::default();
    assert_eq!(judged(&pins, 1, "a"), ("first", None));
    assert_eq!(meet(&mut pins, 1, "a"), Ok(Met::First));
    assert_eq!(judged(&pins, 1, "a"), ("known", None));
    assert_eq!(meet(&mut pins, 1, "a"), Ok(Met::Again));
}

#[test]
fn a_known_server_may_move_where_nobody_was() {
    let mut pins = Pins::default();
    meet(&mut pins, 1, "a").unwrap();
    assert_eq!(judged(&pins, 1, "b"), ("known", None));
    meet(&mut pins, 1, "b").unwrap();
    let pin = pins.get(Role::Server, &id(1)).unwrap();
    assert!(
        pin.addresses().eq([&at("b"), &at("a")]),
        "the last one first"
    );
}

#[test]
fn another_known_server_is_named() {
    let mut pins = Pins::default();
    meet(&mut pins, 1, "a").unwrap();
    meet(&mut pins, 2, "b").unwrap();
    assert_eq!(judged(&pins, 2, "a"), ("another", Some(id(1))));
    meet(&mut pins, 2, "a").unwrap();
    assert_eq!(judged(&pins, 2, "a"), ("known", None));
    assert_eq!(judged(&pins, 1, "a"), ("another", Some(id(2))));
}

#[test]
fn an_unknown_server_is_blocked_until_a_person_decides_and_the_old_pin_stays() {
    let mut pins = Pins::default();
    meet(&mut pins, 1, "a").unwrap();
    assert!(pins.set_verified(Role::Server, &id(1), true));
    let before = pins.clone();
    assert_eq!(judged(&pins, 2, "a"), ("unknown", Some(id(1))));
    assert_eq!(meet(&mut pins, 2, "a"), Err(Refused::Blocked));
    assert_eq!(pins, before, "nothing overrides a pin");
    assert_eq!(judged(&pins, 2, "elsewhere"), ("first", None));

    assert_eq!(
        pins.met_as_new(id(2), label("S"), at("a"), time(5)),
        Ok(Met::First)
    );
    assert_eq!(
        pins.get(Role::Server, &id(1)),
        before.get(Role::Server, &id(1))
    );
    assert!(!pins.get(Role::Server, &id(2)).unwrap().verified);
    assert_eq!(judged(&pins, 2, "a"), ("known", None));
    assert_eq!(judged(&pins, 3, "a"), ("unknown", Some(id(2))));
    // Whoever is forgotten leaves the address to the one before.
    pins.forget(Role::Server, &id(2)).unwrap();
    assert_eq!(judged(&pins, 2, "a"), ("unknown", Some(id(1))));
    pins.forget(Role::Server, &id(1)).unwrap();
    assert_eq!(judged(&pins, 2, "a"), ("first", None));
}

#[test]
fn clocks_do_not_decide_who_was_last() {
    let mut pins = Pins::default();
    let mut meet = |server, ms| {
        pins.met_as_new(id(server), label("S"), at("a"), time(ms))
            .unwrap();
    };
    meet(1, 1000);
    meet(2, 10);
    assert_eq!(pins.at(&at("a")).unwrap().id, id(2));
    let pin = pins.get(Role::Server, &id(2)).unwrap();
    assert_eq!((pin.first_seen, pin.last_seen), (time(10), time(10)));
}

#[test]
fn people_are_known_by_identity_and_never_blocked_by_address() {
    let mut pins = Pins::default();
    meet(&mut pins, 1, "a").unwrap();
    let mut person =
        |byte, name| pins.met(Role::Person, id(byte), label(name), Some(at("a")), time(7));
    assert_eq!(person(2, "Ana"), Ok(Met::First));
    assert_eq!(person(3, "Bo"), Ok(Met::First));
    assert_eq!(person(2, "Anna"), Ok(Met::Again));
    assert_eq!(pins.get(Role::Person, &id(2)).unwrap().name, label("Anna"));
    assert!(
        pins.get(Role::Person, &id(1)).is_none(),
        "a server is no person"
    );
    assert_eq!(judged(&pins, 1, "a"), ("known", None));
    assert!(!pins.set_verified(Role::Person, &id(9), true));
    assert_eq!(pins.forget(Role::Person, &id(9)), None);
}

#[test]
fn a_full_list_of_servers_refuses_and_one_of_people_lets_the_stalest_go() {
    let mut pins = Pins::default();
    let meet =
        |pins: &mut Pins, role, number| pins.met(role, numbered(number), label("X"), None, time(5));
    for number in 0..limits::SERVERS {
        meet(&mut pins, Role::Server, number).unwrap();
    }
    assert_eq!(
        meet(&mut pins, Role::Server, limits::SERVERS),
        Err(Refused::Full)
    );
    assert_eq!(meet(&mut pins, Role::Server, 0), Ok(Met::Again));

    for number in 0..limits::PEOPLE {
        meet(&mut pins, Role::Person, number).unwrap();
    }
    pins.set_verified(Role::Person, &numbered(0), true);
    meet(&mut pins, Role::Person, 1).unwrap();
    meet(&mut pins, Role::Person, limits::PEOPLE).unwrap();
    let here = |pins: &Pins, number| pins.get(Role::Person, &numbered(number)).is_some();
    // The first one is verified, the second one was here again: the third one goes.
    assert_eq!(
        [0, 1, 2, 3].map(|number| here(&pins, number)),
        [true, true, false, true]
    );
    for number in 0..=limits::PEOPLE {
        pins.set_verified(Role::Person, &numbered(number), true);
    }
    assert_eq!(meet(&mut pins, Role::Person, 2), Err(Refused::Full));
}

#[test]
fn the_longest_of_everything_is_read_again() {
    let mut pins = Pins::default();
    let name = label(&"\"".repeat(crate::wire::limits::LABEL));
    for (role, count) in [
        (Role::Server, limits::SERVERS),
        (Role::Person, limits::PEOPLE),
    ] {
        for number in 0..count {
            let (id, name) = (numbered(number), name.clone());
            pins.met(role, id, name, None, At::MAX).unwrap();
        }
    }
    for round in 0..=limits::ADDRESSES {
        let host = format!("{round}{}", "ä".repeat(126));
        let address = Address::new(&host, u16::MAX).unwrap();
        for pin in pins.pins.values_mut() {
            pins.turn += 1;
            let turn = pins.turn;
            pin.turn = turn;
            pin.addresses.truncate(limits::ADDRESSES - 1);
            let address = address.clone();
            pin.addresses.insert(0, Sighting { address, turn });
        }
    }
    let json = pins.to_json();
    assert!(json.len() < limits::FILE, "{}", json.len());
    assert_eq!(Pins::from_json(&json), Ok(pins));
}

#[test]
fn only_so_many_addresses_are_remembered() {
    let mut pins = Pins::default();
    for host in 0..=limits::ADDRESSES {
        meet(&mut pins, 1, &format!("host{host}")).unwrap();
    }
    let pin = pins.get(Role::Server, &id(1)).unwrap();
    assert_eq!(pin.addresses().count(), limits::ADDRESSES);
    assert_eq!(judged(&pins, 2, "host0"), ("first", None));
    assert_eq!(judged(&pins, 2, "host1"), ("unknown", Some(id(1))));
}

#[test]
fn what_was_not_written_so_is_not_read() {
    let mut pins = Pins::default();
    meet(&mut pins, 1, "a").unwrap();
    meet(&mut pins, 1, "b").unwrap();
    let json = String::from_utf8(pins.to_json()).unwrap();
    assert_eq!(Pins::from_json(json.as_bytes()), Ok(pins));
    let newer = json.replace("\"version\": 1", "\"version\": 2");
    assert_eq!(Pins::from_json(newer.as_bytes()), Err(Unreadable::Newer(2)));
    let (start, end) = (
        json.find("{\n      \"role\"").unwrap(),
        json.rfind("\n  ]").unwrap(),
    );
    let pin = &json[start..end];
    for (from, to) in [
        ("\"turn\": 2", "\"turn\": 1".to_owned()),
        ("\"b:4255\"", "\"a:4255\"".to_owned()),
        ("\"b:4255\"", "\"nowhere\"".to_owned()),
        ("\"server\"", "\"friend\"".to_owned()),
        ("\"S\"", "\"\"".to_owned()),
        (pin, format!("{pin},{pin}")),
        (
            "\"turn\": 2,\n  \"pins\"",
            "\"turn\": 1,\n  \"pins\"".to_owned(),
        ),
        (
            "\"turn\": 2,\n  \"pins\"",
            format!("\"turn\": {},\n  \"pins\"", u64::MAX),
        ),
        ("\"version\": 1,", String::new()),
        (
            "\"verified\": false",
            "\"verified\": false, \"verified\": true".to_owned(),
        ),
    ] {
        let damaged = json.replacen(from, &to, 1);
        assert_ne!(damaged, json, "{from}");
        let read = Pins::from_json(damaged.as_bytes());
        assert!(
            matches!(read, Err(Unreadable::Damaged(_))),
            "{from} → {to}: {read:?}"
        );
    }
}

proptest! {
    #[test]
    fn whatever_happened_is_read_again_and_pins_hold(
        steps in prop::collection::vec((0..6_u8, 0..4_usize, any::<u32>(), 0..5), 0..40)
    ) {
        let mut pins = Pins::default();
        for (server, host, ms, what) in steps {
            let address = at(["a", "b", "c", "d"][host]);
            let known = pins.get(Role::Server, &id(server)).is_some();
            let taken = pins.at(&address).map(|pin| pin.id);
            match what {
                0 => {
                    let met = pins.met_as_new(id(server), label("N"), address.clone(), time(ms.into()));
                    prop_assert_eq!(met, Ok(if known { Met::Again } else { Met::First }));
                    prop_assert_eq!(pins.at(&address).map(|pin| pin.id), Some(id(server)));
                    prop_assert!(taken.is_none_or(|old| pins.get(Role::Server, &old).is_some()));
                }
                1 => prop_assert_eq!(pins.forget(Role::Server, &id(server)).is_some(), known),
                2 => prop_assert_eq!(pins.set_verified(Role::Server, &id(server), true), known),
                _ => {
                    let met = meet(&mut pins, server, ["a", "b", "c", "d"][host]);
                    let expected = match (known, taken) {
                        (false, Some(_)) => Err(Refused::Blocked),
                        (false, None) => Ok(Met::First),
                        (true, _) => Ok(Met::Again),
                    };
                    prop_assert_eq!(met, expected);
                }
            }
            prop_assert_eq!(Pins::from_json(&pins.to_json()), Ok(pins.clone()));
        }
    }

    #[test]
    fn no_bytes_do_harm(
        bytes in prop::collection::vec(any::<u8>(), 0..100),
        place: prop::sample::Index,
    ) {
        prop_assert!(Pins::from_json(&bytes).is_err());
        let mut pins = Pins::default();
        meet(&mut pins, 1, "a").unwrap();
        meet(&mut pins, 2, "b").unwrap();
        let mut json = pins.to_json();
        json.truncate(place.index(json.len()));
        json.extend(bytes);
        prop_assert!(Pins::from_json(&json).is_err(), "half of it passes for all");
    }
}
