//! Times as people of the place write them.

use std::time::{SystemTime, UNIX_EPOCH};

use glib::DateTime;
use hallway_words::gettext;

/// The time of day: `14:03`.
pub fn of_day(at: SystemTime) -> String {
    // Translators: the time of day for g_date_time_format; with %I:%M %p for twelve hours
    formatted(at, &gettext("%H:%M"))
}

/// The day: "Today", "Yesterday" or the date.
pub fn day(at: SystemTime) -> String {
    let (Some(then), Ok(now)) = (local(at), DateTime::now_local()) else {
        return String::new();
    };
    if then.ymd() == now.ymd() {
        return gettext("Today");
    }
    if now
        .add_days(-1)
        .is_ok_and(|yesterday| yesterday.ymd() == then.ymd())
    {
        return gettext("Yesterday");
    }
    if then.year() == now.year() {
        // Translators: a day of this year for g_date_time_format, such as “12 November”
        return formatted(at, &gettext("%-d %B"));
    }
    // Translators: a day of another year for g_date_time_format, such as “12 November 2026”
    formatted(at, &gettext("%-d %B %Y"))
}

/// Date and time to the second, in an order that sorts: `2026-11-22 14:03:07`.
pub fn stamp(at: SystemTime) -> String {
    formatted(at, "%Y-%m-%d %H:%M:%S")
}

pub(crate) fn is_same_day(one: SystemTime, other: SystemTime) -> bool {
    match (local(one), local(other)) {
        (Some(one), Some(other)) => one.ymd() == other.ymd(),
        _ => true,
    }
}

fn local(at: SystemTime) -> Option<DateTime> {
    let seconds = at.duration_since(UNIX_EPOCH).ok()?.as_secs();
    DateTime::from_unix_local(i64::try_from(seconds).ok()?).ok()
}

fn formatted(at: SystemTime, format: &str) -> String {
    local(at)
        .and_then(|time| time.format(format).ok())
        .map_or_else(String::new, String::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn days_are_named_near_and_dated_far() {
        let now = SystemTime::now();
        assert_eq!(day(now), "Today");
        assert!(is_same_day(now, now));
        let year = Duration::from_hours(24 * 366);
        let long_ago = day(now - year);
        assert!(long_ago.chars().any(|c| c.is_ascii_digit()), "{long_ago}");
        assert!(!is_same_day(now, now - year));
    }

    #[test]
    fn a_stamp_sorts_as_time_does() {
        let now = SystemTime::now();
        assert!(stamp(now) > stamp(now - Duration::from_secs(2)));
        assert_eq!(stamp(now).len(), "2026-11-22 14:03:07".len());
    }
}
