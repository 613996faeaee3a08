//! What is printed: the first word of a line, and what follows it.

use std::io::{self, Write};

use hallway::session::Standing;
use hallway::session::talk::values::{Fate, News};
use hallway_core::wire::Cid;

/// A text was read and given to the session: `said CID TEXT`. It may be gone with the program yet.
pub const SAID: &str = "said";
/// A message is in the outbox, on the disk: `queued CID`.
pub const QUEUED: &str = "queued";
/// The server has it on its disk: `acknowledged CID SEQ`.
pub const ACKNOWLEDGED: &str = "acknowledged";
/// The server does not take it, or there is no room for it here: `refused CID WHY`.
pub const REFUSED: &str = "refused";
/// An event is stored here, and shown for the first time: `shown POS SEQ TEXT`.
pub const SHOWN: &str = "shown";
/// Everything that was kept has been told: `caught-up`.
pub const CAUGHT_UP: &str = "caught-up";
/// The server has lost what is held here: `lost COUNT`.
pub const LOST: &str = "lost";
/// The server reads from another history: `reset`.
pub const RESET: &str = "reset";
/// The server did not do what it was asked: `answer CODE`.
pub const ANSWER: &str = "answer";
/// Digits to compare: `digits NUMBER`.
pub const DIGITS: &str = "digits";
/// A server was met for the first time: `met FINGERPRINT`.
pub const MET: &str = "met";
/// How we stand with the server: `standing WHAT`.
pub const STANDING: &str = "standing";
/// A damaged file has another name now: `set-aside PATH`.
pub const SET_ASIDE: &str = "set-aside";

/// Prints a line at once, so that it is there whenever the program is killed after it.
pub(crate) fn tell(parts: &[&str]) {
    let mut out = io::stdout().lock();
    // Whoever does not read any more has seen enough.
    let _ = writeln!(out, "{}", parts.join("\t")).and_then(|()| out.flush());
}

pub(crate) fn news(news: &News) {
    match news {
        News::Message(cid, fate) => message(cid, fate),
        News::Events(events) => {
            for event in events.iter() {
                let (pos, seq) = (event.pos.to_string(), event.seq.to_string());
                tell(&[SHOWN, &pos, &seq, event.text.as_ref()]);
            }
        }
        News::CaughtUp => tell(&[CAUGHT_UP]),
        News::Lost(count) => tell(&[LOST, &count.to_string()]),
        News::Reset => tell(&[RESET]),
        News::Refused { code, .. } => tell(&[ANSWER, &code.to_string()]),
        News::Compare(code) => tell(&[DIGITS, &code.to_string()]),
        News::FirstContact(id) => tell(&[MET, &id.to_string()]),
        _ => {}
    }
}

fn message(cid: &Cid, fate: &Fate) {
    let cid = cid.to_string();
    match fate {
        Fate::Queued => tell(&[QUEUED, &cid]),
        Fate::Delivered(seq) => tell(&[ACKNOWLEDGED, &cid, &seq.to_string()]),
        Fate::Refused(code) => tell(&[REFUSED, &cid, &code.to_string()]),
        Fate::TooLong => tell(&[REFUSED, &cid, "too-long"]),
        Fate::NotKept(error) => tell(&[REFUSED, &cid, &error.to_string()]),
        Fate::Sent | Fate::SeenBy(_) | Fate::TakenBack { .. } => {}
    }
}

pub(crate) fn standing(standing: &Standing) {
    let what = match standing {
        Standing::Away => "away".to_owned(),
        Standing::Greeting => "greeting".to_owned(),
        Standing::PasswordWanted { .. } => "password wanted".to_owned(),
        Standing::NameWanted => "name wanted".to_owned(),
        Standing::WaitingToBeLetIn => "waiting".to_owned(),
        Standing::Here { .. } => "here".to_owned(),
        Standing::Blocked { here, .. } => format!("blocked by {here}"),
        Standing::Over(end) => format!("over: {end}"),
    };
    tell(&[STANDING, &what]);
}
