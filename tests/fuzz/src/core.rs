//! What is pure in the engine.

use std::cell::RefCell;
use std::fs;
use std::ops::ControlFlow;

use hallway_core::net::lines::{Ending, Splitter, TooLong};
use hallway_core::text::{Name, visible};
use hallway_core::trust::{Error, Store};
use hallway_core::wire::{Side, encode, parse};
use tempfile::TempDir;

/// Bytes of the longest line: short, so that many are longer.
const LONGEST: usize = 32;

/// The file of pins in its folder.
const PINS: &str = "pins.json";

/// Lines, as they were split.
fn split<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<(Vec<u8>, Ending)>, Option<TooLong>) {
    let mut splitter = Splitter::new(LONGEST);
    let mut lines = Vec::new();
    for piece in pieces {
        let pushed = splitter.push(piece, |line| {
            assert!(line.bytes.len() <= LONGEST);
            assert!(!line.visible().contains(['\n', '\r', '\u{1b}']));
            lines.push((line.bytes.to_vec(), line.ending));
            ControlFlow::Continue(())
        });
        if let Err(too_long) = pushed {
            return (lines, Some(too_long));
        }
        assert!(splitter.pending() <= LONGEST + 1);
    }
    let rest = splitter.finish();
    lines.extend(rest.map(|line| (line.bytes.to_vec(), line.ending)));
    (lines, None)
}

/// The first byte says where the others are split: the lines are the same.
pub(crate) fn lines(data: &[u8]) {
    let Some((&width, bytes)) = data.split_first() else {
        return;
    };
    let whole = split(std::iter::once(bytes));
    let split = split(bytes.chunks(usize::from(width).max(1)));
    assert_eq!(whole, split);
}

/// What is a frame is one again once it is written.
pub(crate) fn frames(data: &[u8]) {
    for side in [Side::Client, Side::Server] {
        if let Ok(Some(frame)) = parse(data, side)
            && let Ok(line) = encode(&frame)
        {
            let again = parse(line.trim_ascii_end(), side);
            assert_eq!(again.as_ref(), Ok(&Some(frame)));
        }
    }
}

/// What is a name keeps to the rules, and is one again as it is.
pub(crate) fn names(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let shown = visible(data);
    assert!(!shown.contains(['\n', '\r', '\u{202e}', '\u{1b}']));
    if let Ok(name) = Name::parse(&text) {
        let written: &str = name.as_ref();
        assert!(!written.is_empty() && written.len() <= 64);
        assert!(!written.chars().any(char::is_control));
        let again = Name::parse(written).expect("a name is one");
        assert_eq!(again.as_ref() as &str, written);
        assert_eq!(again.skeletons(), name.skeletons());
    }
}

/// Whatever is in the file, it is opened, or set aside and never overwritten.
pub(crate) fn pins(data: &[u8]) {
    thread_local! {
        static FOLDER: RefCell<TempDir> = RefCell::new(
            tempfile::tempdir_in("/dev/shm").expect("a folder in memory"),
        );
    }
    FOLDER.with_borrow(|folder| {
        let path = folder.path().join(PINS);
        fs::write(&path, data).expect("it is written");
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        fs::set_permissions(&path, permissions).expect("it is ours");
        match Store::open(folder.path()) {
            Ok(opened) => {
                if let Some(aside) = opened.set_aside {
                    assert_eq!(fs::read(&aside).expect("it is there"), data);
                    fs::remove_file(aside).expect("it goes");
                }
            }
            // A newer program wrote it: it is not touched.
            Err(Error::Newer { .. }) => assert_eq!(fs::read(&path).expect("it is there"), data),
            Err(error) => panic!("damaged is no reason not to open: {error}"),
        }
    });
}
