//! A guest who says anything.

use std::time::{Duration, Instant};

use hallway_core::wire::{Frame, Password, encode};

use super::{Action, Door, Guest};
use crate::hub::manners::{Manners, WRONG_PASSWORDS};

/// What the room's password is; lines of the corpus say so too.
const RIGHT: &str = "open sesame";

/// The longest that time goes by at once, in milliseconds.
const LONGEST_WAIT: u64 = 120_000;

/// Each line of the input is a line of a guest's, but for those that begin with `!`: `!wait MS`,
/// `!password` (the room has one from then on), `!in` (the host or the history lets them in), `!told`
/// (what they asked for was looked up).
///
/// # Panics
/// Something was done for somebody who is not here, or after the last word.
pub fn guest(input: &[u8]) {
    let mut now = Instant::now();
    let right: Password = RIGHT.parse().expect("a password");
    let mut door = Door::default();
    let mut guest = Guest::new(Manners::default(), now);
    let (mut is_welcome, mut is_entering, mut is_over) = (false, false, false);
    for line in input.split(|&byte| byte == b'\n') {
        let words = std::str::from_utf8(line).unwrap_or_default();
        let (word, number) = words.split_once(' ').unwrap_or((words, ""));
        let action = match word {
            "!wait" => {
                let ms: u64 = number.parse().unwrap_or(0);
                now += Duration::from_millis(ms.min(LONGEST_WAIT));
                guest.look(now)
            }
            "!password" => {
                door.password = Some(&right);
                None
            }
            "!in" if is_entering && !is_over => {
                guest.let_in();
                guest.welcome();
                (is_welcome, is_entering) = (true, false);
                None
            }
            "!told" => {
                guest.answered();
                None
            }
            _ if is_entering => None,
            _ => guest.hear(line, door, now),
        };
        let Some(action) = action else { continue };
        assert!(!is_over, "after the end: {action:?}");
        match action {
            Action::Enter(_) => {
                assert!(!is_welcome);
                is_entering = true;
            }
            Action::Send(frame) => {
                assert!(encode(&frame).is_ok(), "{frame:?}");
                assert!(!matches!(frame, Frame::Err(problem) if problem.fatal));
            }
            Action::End(last_word, _) => {
                assert!(last_word.is_none_or(|word| word.fatal));
                assert!(guest.is_over());
                is_over = true;
            }
            _ => assert!(is_welcome, "{action:?}"),
        }
        assert!(guest.wrong_passwords() <= WRONG_PASSWORDS);
    }
}
