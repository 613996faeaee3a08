//! Names of people.

use hallway_core::text::name::{MAX_BYTES, MAX_GRAPHEMES};
use hallway_core::text::{NameError, visible_str};

use crate::{gettext, gettext_f};

/// Why what was typed is not the name of a person.
pub fn name_error(error: &NameError) -> String {
    match error {
        NameError::Empty => gettext("A name needs letters that can be seen."),
        NameError::TooLong { .. } => gettext_f(
            "A name has at most {characters} characters and {bytes} bytes.",
            &[
                ("characters", &MAX_GRAPHEMES.to_string()),
                ("bytes", &MAX_BYTES.to_string()),
            ],
        ),
        NameError::TooManyMarks { .. } => gettext("A name has only a few marks on a letter."),
        NameError::LooksLikeAddress { word } => gettext_f(
            "“{word}” looks like an address, and a name must not.",
            &[("word", &visible_str(word))],
        ),
        NameError::HasColon => gettext("A name has no colon at its end or before a space."),
        NameError::StartsWithStar => gettext("A name does not begin with an asterisk."),
        NameError::StartsWithSlash => gettext("A name does not begin with a slash."),
    }
}
