use tempfile::TempDir;

use super::*;
use crate::history::client::PlainLine;
use crate::history::server::Said;
use crate::history::{ClientStore, Owner, ServerStore};
use crate::wire::{Between, Conv, Person};

const CHRISTMAS: u64 = 1_703_505_600_123;

fn client() -> (TempDir, ClientStore, i64) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("client.db");
    let mut store = ClientStore::open(&path).expect("a new one").store;
    let line = |text: &str, at, state| PlainLine {
        is_outgoing: state != State::Received,
        name: "Bo".parse().expect("a label"),
        kind: Kind::Text,
        text: text.into(),
        at: At::try_from(at).expect("it is exact"),
        state,
    };
    let lines = [
        line("你好 \"all\"", CHRISTMAS, State::Received),
        line("two\nlines\u{1b}", CHRISTMAS + 1_000, State::Perhaps),
        line("never", At::MAX.get(), State::Failed),
    ];
    store
        .commit(|store| {
            lines
                .iter()
                .try_for_each(|line| store.keep_plain("a:1", line).map(|_| ()))
        })
        .expect("there is room");
    let owner = Owner::Address("a:1".into());
    let id = kept::number(&store, Some(&owner), &Conv::Room).expect("it can be read");
    (folder, store, id.expect("it is kept"))
}

fn exported(store: &ClientStore, id: i64, format: &Format) -> String {
    let mut out = Vec::new();
    let count = export(
        store,
        id,
        format,
        &mut out,
        |_, _| ControlFlow::Continue(()),
    );
    assert_eq!(count, Ok(3));
    String::from_utf8(out).expect("it is text")
}

#[test]
fn as_text_it_can_be_read() {
    let (_folder, store, id) = client();
    let zone = glib::TimeZone::from_offset(8 * 60 * 60);
    let text = exported(&store, id, &Format::Text(zone));
    let expected = format!(
        "2023-12-25 20:00:00 Bo: 你好 \"all\"\n2023-12-25 20:00:01 Bo: two\n    lines␛\n{} Bo: never\n",
        At::MAX
    );
    assert_eq!(text, expected);
}

#[test]
fn as_json_it_is_what_it_was() {
    let (_folder, store, id) = client();
    let json = exported(&store, id, &Format::Json);
    let lines: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    let expected = serde_json::json!([
        {
            "at": CHRISTMAS, "time": "2023-12-25T12:00:00.123000Z", "name": "Bo",
            "kind": "text", "text": "你好 \"all\"",
        },
        {
            "at": CHRISTMAS + 1_000, "time": "2023-12-25T12:00:01.123000Z", "name": "Bo",
            "kind": "text", "text": "two\nlines\u{1b}", "outgoing": true,
            "state": "perhaps not received",
        },
        {
            "at": At::MAX, "name": "Bo", "kind": "text", "text": "never", "outgoing": true,
            "state": "failed",
        },
    ]);
    assert_eq!(lines, expected);
    assert_eq!(json.lines().count(), 5);
}

#[test]
fn it_tells_how_far_it_is_and_can_be_broken_off() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("server.db");
    let mut store = ServerStore::open(&path).expect("a new one").store;
    let said = Said {
        from: Person {
            id: Some(Fingerprint::from_bytes([1; 32])),
            name: "Ana".parse().expect("a label"),
        },
        between: Between::Room,
        kind: Kind::Text,
        text: "a".into(),
        at: At::ZERO,
    };
    let total = limits::EXPORT_STEP * 3 + 1;
    store
        .commit(|store| (0..total).try_for_each(|_| store.insert_said(&said).map(|_| ())))
        .expect("there is room");
    let mut told = Vec::new();
    let count = export(&store, 1, &Format::Json, &mut Vec::new(), |done, of| {
        told.push((done, of));
        ControlFlow::Continue(())
    });
    assert_eq!(count, Ok(total));
    let step = limits::EXPORT_STEP;
    let expected = [0, step, 2 * step, 3 * step, total].map(|done| (done, total));
    assert_eq!(told, expected);
    let mut out = Vec::new();
    let broken = export(&store, 1, &Format::Json, &mut out, |done, _| {
        if done > 0 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    assert_eq!(broken, Err(Error::Cancelled));
    let written = memchr::memchr_iter(b'{', &out).count();
    assert_eq!(written as u64, step);
    // Nothing holds the database up afterwards.
    store
        .commit(|store| store.insert_said(&said))
        .expect("it is free");
}

#[test]
fn a_full_disk_is_told() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let (_folder, store, id) = client();
    for format in [Format::Json, Format::Text(glib::TimeZone::utc())] {
        let result = export(&store, id, &format, &mut Full, |_, _| {
            ControlFlow::Continue(())
        });
        assert_eq!(result, Err(Error::DiskFull));
    }
}

#[test]
fn nothing_is_an_empty_file() {
    let (_folder, store, _) = client();
    let mut out = Vec::new();
    let count = export(&store, 99, &Format::Json, &mut out, |_, _| {
        ControlFlow::Continue(())
    });
    assert_eq!((count, out.as_slice()), (Ok(0), b"[\n]\n".as_slice()));
}
