//! Frames of every kind, with anything in them that may be. What is large is boxed: a test has a
//! stack of 2 MiB.

use proptest::prelude::*;

use crate::text::Name;
use crate::wire::event::{Event, Kind, Past};
use crate::wire::frame::*;
use crate::wire::people::{People, Person, Renamed};
use crate::wire::values::*;
use crate::wire::{Code, limits};

fn cid() -> impl Strategy<Value = Cid> {
    any::<[u8; 16]>().prop_map(Cid::from_bytes)
}

fn epoch() -> impl Strategy<Value = Epoch> {
    any::<[u8; 16]>().prop_map(Epoch::from_bytes)
}

fn id() -> impl Strategy<Value = Fingerprint> {
    any::<[u8; 32]>().prop_map(Fingerprint::from_bytes)
}

fn hash() -> impl Strategy<Value = Hash> {
    any::<[u8; 32]>().prop_map(Hash::from_bytes)
}

fn nonce() -> impl Strategy<Value = Nonce> {
    any::<[u8; 32]>().prop_map(Nonce::from_bytes)
}

fn number<T: TryFrom<u64> + std::fmt::Debug>() -> impl Strategy<Value = T> {
    prop_oneof![Just(0), Just(limits::NUMBER), 0..=limits::NUMBER]
        .prop_map(|number| T::try_from(number).ok().expect("within the bounds"))
}

fn conv() -> BoxedStrategy<Conv> {
    prop_oneof![Just(Conv::Room), id().prop_map(Conv::With)].boxed()
}

fn text() -> BoxedStrategy<Text> {
    prop_oneof![
        "[^\0]{0,60}",
        Just("\u{1}".repeat(limits::TEXT)),
        Just("走\n".repeat(limits::TEXT / 4)),
    ]
    .prop_map(|text| text.parse().expect("a text"))
    .boxed()
}

fn name() -> impl Strategy<Value = Name> {
    "[A-Za-zäß走廊❤️ ]{1,12}".prop_filter_map("no name", |raw| Name::parse(&raw).ok())
}

fn label() -> BoxedStrategy<Label> {
    prop_oneof![
        name().prop_map(|name| Label::from(&name)),
        any::<std::net::SocketAddr>().prop_map(Label::from),
        "[ -~]{1,64}".prop_map(|text| text.parse().expect("a label")),
    ]
    .boxed()
}

fn word() -> impl Strategy<Value = Word> {
    "x-[a-z0-9-]{0,20}".prop_map(|word| word.parse().expect("a word"))
}

fn caps() -> impl Strategy<Value = Caps> {
    prop::collection::vec(word(), 0..5).prop_map(|words| words.into_iter().collect())
}

fn numbers() -> impl Strategy<Value = Numbers> {
    prop::collection::vec((conv(), number()), 0..5).prop_map(Numbers::new)
}

fn person() -> BoxedStrategy<Person> {
    (prop::option::of(id()), label())
        .prop_map(|(id, name)| Person { id, name })
        .boxed()
}

fn renamed() -> impl Strategy<Value = Renamed> {
    (prop::option::of(id()), label(), label()).prop_map(|(id, was, name)| Renamed { id, was, name })
}

fn people() -> BoxedStrategy<People> {
    let some = || prop::collection::vec(person(), 0..4);
    prop_oneof![
        (some(), any::<u32>()).prop_map(|(list, more)| People::Here { list, more }),
        (some(), some(), prop::collection::vec(renamed(), 0..4)).prop_map(
            |(joined, left, renamed)| People::Changes {
                joined,
                left,
                renamed
            }
        ),
    ]
    .boxed()
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        Just(Kind::Text),
        Just(Kind::Mark),
        word().prop_map(Kind::Other)
    ]
}

fn event() -> BoxedStrategy<Event> {
    let place = (number(), number(), conv(), number(), hash());
    (place, person(), kind(), text())
        .prop_map(|((pos, seq, conv, at, hash), from, kind, text)| Event {
            pos,
            seq,
            conv,
            from,
            kind,
            text,
            at,
            hash,
        })
        .boxed()
}

fn past() -> BoxedStrategy<Past> {
    let events = prop::collection::vec(event(), 0..5);
    (conv(), events, any::<bool>(), any::<bool>())
        .prop_map(|(conv, mut events, more, gap)| {
            for (place, event) in (1..).zip(events.iter_mut()) {
                event.conv = conv;
                event.seq = Seq::try_from(place).expect("a small number");
                event.pos = Pos::try_from(place * 7).expect("a small number");
            }
            Past::fitting(conv, events.into_iter().rev(), more, gap)
        })
        .boxed()
}

fn problem() -> BoxedStrategy<Problem> {
    let code = prop_oneof![
        prop::sample::select(Code::KNOWN),
        word().prop_map(Code::Other)
    ];
    let about = prop_oneof![
        cid().prop_map(About::Message),
        word().prop_map(About::Frame)
    ];
    (code, prop::option::of(about), any::<bool>())
        .prop_map(|(code, re, fatal)| Problem { code, re, fatal })
        .boxed()
}

fn hello() -> BoxedStrategy<Hello> {
    let cursor =
        (epoch(), number(), hash()).prop_map(|(epoch, pos, hash)| Cursor { epoch, pos, hash });
    let password = "\\PC{1,40}".prop_map(|text| text.parse().expect("a password"));
    let parts = (
        name(),
        caps(),
        prop::option::of(cursor),
        prop::option::of(password),
    );
    parts
        .prop_map(|(name, caps, cursor, password)| Hello {
            name,
            caps,
            cursor,
            password,
        })
        .boxed()
}

fn welcome() -> BoxedStrategy<Welcome> {
    let taken = (1..=16_384_u32, 1..=262_144_u32, any::<u32>(), any::<u32>()).prop_map(
        |(text, frame, rate, burst)| Taken {
            text,
            frame,
            rate,
            burst,
        },
    );
    (id(), label(), epoch(), number(), numbers(), taken, caps())
        .prop_map(|(id, name, epoch, head, n, limits, caps)| Welcome {
            id,
            name,
            epoch,
            head,
            n,
            limits,
            caps,
        })
        .boxed()
}

fn from_client() -> BoxedStrategy<Frame> {
    let asked = (conv(), number(), 1..=200_u16);
    prop_oneof![
        hello().prop_map(Frame::Hello),
        name().prop_map(|name| Frame::Rename(Rename { name })),
        (cid(), number(), conv(), text())
            .prop_filter("a message has a text", |(.., text)| !text
                .as_ref()
                .is_empty())
            .prop_map(|(cid, n, to, text)| Frame::Msg(Msg { cid, n, to, text })),
        number().prop_map(|pos| Frame::Got(Got { pos })),
        conv().prop_map(|to| Frame::Typing(Typing { to, from: None })),
        asked.prop_map(|(conv, before, limit)| Frame::History(History {
            conv,
            before,
            limit
        })),
        hash().prop_map(|commit| Frame::SasCommit(SasCommit { commit })),
        nonce().prop_map(|nonce| Frame::SasReveal(SasNonce { nonce })),
    ]
    .boxed()
}

fn from_server() -> BoxedStrategy<Frame> {
    let ack = (cid(), conv(), number(), number(), number());
    prop_oneof![
        Just(Frame::Waiting),
        welcome().prop_map(Frame::Welcome),
        number().prop_map(|pos| Frame::CaughtUp(CaughtUp { pos })),
        people().prop_map(Frame::People),
        ack.prop_map(|(cid, conv, seq, pos, at)| Frame::Ack(Ack {
            cid,
            conv,
            seq,
            pos,
            at
        })),
        event().prop_map(Frame::Event),
        (conv(), number(), any::<u32>()).prop_map(|(conv, seq, count)| Frame::Seen(Seen {
            conv,
            seq,
            count
        })),
        (conv(), id()).prop_map(|(to, from)| Frame::Typing(Typing {
            to,
            from: Some(from)
        })),
        past().prop_map(Frame::Past),
        (epoch(), number()).prop_map(|(epoch, head)| Frame::Reset(Reset { epoch, head })),
        nonce().prop_map(|nonce| Frame::SasNonce(SasNonce { nonce })),
    ]
    .boxed()
}

fn from_both() -> BoxedStrategy<Frame> {
    prop_oneof![
        Just(Frame::Ping),
        Just(Frame::Pong),
        problem().prop_map(Frame::Err)
    ]
    .boxed()
}

/// A frame and who may send it.
pub(super) fn frame() -> impl Strategy<Value = (Frame, Side)> {
    let side = prop_oneof![Just(Side::Client), Just(Side::Server)];
    prop_oneof![
        from_client().prop_map(|frame| (frame, Side::Client)),
        from_server().prop_map(|frame| (frame, Side::Server)),
        (from_both(), side),
    ]
}
