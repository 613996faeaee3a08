//! When two names look alike.

use unicode_normalization::UnicodeNormalization;
use unicode_security::confusable_detection::skeleton;

/// How often look-alikes are replaced at most. A look-alike may have to be folded, and what comes
/// of that may have one in turn; for all of Unicode a few rounds are enough (tested), and a bound
/// keeps a later version of the tables from going in circles.
const MAX_ROUNDS: usize = 8;

/// The skeleton of a text whose case is folded first.
pub(super) fn of_small_letters(text: &str) -> String {
    settle(fold(text))
}

/// The skeleton of a text in which capitals are compared as capitals, case folded afterwards.
pub(super) fn as_written(text: &str) -> String {
    let compatible: String = text.nfkc().collect();
    settle(skeleton(&compatible).collect())
}

fn settle(mut text: String) -> String {
    for _ in 0..MAX_ROUNDS {
        let folded = fold(&text);
        let next = fold(&skeleton(&folded).collect::<String>());
        if next == text {
            break;
        }
        text = next;
    }
    text
}

/// Normal form KC with case folded. By way of capitals, so that ß is ss and both small sigmas are
/// one; not with the context that `str::to_lowercase` has for the last of them.
fn fold(text: &str) -> String {
    let small: String = text
        .nfkc()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect();
    small.nfkc().collect()
}

#[cfg(test)]
mod tests {
    use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

    use super::*;

    /// Each assigned character alone; what it becomes must not change any more.
    #[test]
    fn every_character_settles() {
        for character in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
            if character.general_category_group() == GeneralCategoryGroup::Other {
                continue;
            }
            let text = character.to_string();
            if fold(&text) == text && skeleton(&text).eq([character]) {
                continue;
            }
            for key in [of_small_letters(&text), as_written(&text)] {
                assert_eq!(settle(key.clone()), key, "U+{:04X}", u32::from(character));
            }
        }
    }
}
