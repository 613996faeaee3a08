//! Pictures of every page and dialog, in every look: `./dev screenshots [NAME]`.
//!
//! ```text
//! main → stage (a desktop in one look, where pictures are taken)
//!      → server, client, encrypted (what is shown, one after the other)
//!      → first (what is read first: welcome and help)
//!      → together (both windows, for README), catalogue (each alone, for the metainfo)
//! ```

mod catalogue;
mod client;
mod encrypted;
mod first;
mod server;
mod stage;
mod together;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use hallway_tests::desktop::{Look, PSEUDO};
use stage::Stage;

/// A name for a look, and the size of windows in it where it is not the usual one.
type Named = (&'static str, Look, Option<(i32, i32)>);

/// What is shown of one program.
type Play = fn(&Stage);

/// What is read first.
const FIRST: &str = "first run";

fn looks() -> Vec<Named> {
    let still = || Look {
        is_still: true,
        ..Look::default()
    };
    let dark = || still().with("ADW_DEBUG_COLOR_SCHEME", "prefer-dark");
    let large = || Look {
        is_large: true,
        ..still()
    };
    let contrast = || still().with("ADW_DEBUG_HIGH_CONTRAST", "1");
    vec![
        ("light", still(), None),
        ("dark", dark(), None),
        ("contrast", contrast(), None),
        ("narrow", still(), Some((360, 640))),
        ("chinese", still().in_language("zh_CN"), None),
        ("german", still().in_language("de"), None),
        ("pseudo", still().in_language(PSEUDO), Some((360, 640))),
        ("rtl", still().from_right_to_left(), None),
        ("large", large(), None),
        ("large-narrow", large(), Some((360, 640))),
    ]
}

fn main() -> ExitCode {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let mut failures = 0;
    let mut looks = looks();
    if looks.iter().any(|(name, ..)| wanted.ends_with(name)) {
        looks.retain(|(name, ..)| wanted.ends_with(name));
    }
    // Those for `docs` have no looks.
    if wanted.starts_with("hallway") {
        looks.clear();
    }
    for (name, look, size) in looks {
        let parts: [(&str, Play); 4] = [
            ("server", server::show),
            ("client", client::show),
            ("encrypted", encrypted::show),
            (FIRST, first::show),
        ];
        for (part, show) in parts {
            let look = Look {
                is_first_run: part == FIRST,
                ..look.clone()
            };
            let play = || Stage::set(name, &look, size, &wanted).as_ref().map(show);
            if !matches!(catch_unwind(AssertUnwindSafe(play)), Ok(Some(()))) {
                eprintln!("{part}, {name}: not all pictures could be taken");
                failures += 1;
            }
        }
    }
    for show in [together::show, catalogue::show] {
        if (wanted.starts_with("hallway") || wanted.is_empty()) && catch_unwind(show).is_err() {
            failures += 1;
        }
    }
    ExitCode::from(u8::from(failures > 0))
}
