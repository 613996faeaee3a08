use std::time::Duration;

use super::*;

fn keeper() -> Keeper {
    Keeper::new(&Manners::default()).0
}

const ANA: Whose = Whose::Peer(PeerId(1));
const BO: Whose = Whose::Peer(PeerId(2));

/// Ana says lines. Returns how many are kept and whether the host is told of others.
fn say(keeper: &mut Keeper, count: usize, text: &str, now: Instant) -> (usize, bool) {
    say_as(keeper, ANA, count, text, now)
}

fn say_as(
    keeper: &mut Keeper,
    whose: Whose,
    count: usize,
    text: &str,
    now: Instant,
) -> (usize, bool) {
    let mut lines = keeper.lines(whose, 0, now);
    for _ in 0..count {
        lines.take(text);
    }
    (lines.texts.len(), keeper.settle(&lines, now))
}

#[test]
fn a_flood_has_one_gap_and_calm_ends_it() {
    let mut keeper = keeper();
    let mut now = Instant::now();
    assert_eq!(say(&mut keeper, 501, "x", now), (500, true));
    assert!(keeper.take_owed());
    // Four times as much as is kept, for a minute: nothing of it is kept, and it is one gap.
    for _ in 0..600 {
        now += Duration::from_millis(100);
        assert_eq!(say(&mut keeper, 10, "x", now), (0, false));
    }
    assert!(!keeper.take_owed());
    now += Duration::from_secs(1);
    assert_eq!(say(&mut keeper, 1, "x", now), (1, false));
    assert_eq!(say(&mut keeper, 100, "x", now), (24, true));
    assert!(keeper.take_owed());
    // And everything is forgotten in time.
    keeper.look(now + Duration::from_mins(1));
    assert!(keeper.peers.is_empty() && !keeper.is_told);
}

#[test]
fn a_flood_of_one_hides_nobody_elses_lines() {
    let mut keeper = keeper();
    let mut now = Instant::now();
    say(&mut keeper, 2_000, "x", now);
    assert!(keeper.take_owed());
    for _ in 0..60 {
        for _ in 0..10 {
            now += Duration::from_millis(100);
            assert_eq!(say(&mut keeper, 200, "x", now), (0, false));
            assert!(!keeper.take_owed(), "it is the same gap");
        }
        assert_eq!(say_as(&mut keeper, BO, 10, "x", now), (10, false));
        assert_eq!(say_as(&mut keeper, Whose::Host, 10, "x", now), (10, false));
        // What is missing after these is marked as well.
        say(&mut keeper, 1, "x", now);
        assert!(keeper.take_owed());
    }
}

#[test]
fn a_crowd_has_no_more_than_all_together_and_the_host_is_heard() {
    let mut keeper = keeper();
    let now = Instant::now();
    let mut kept = 0;
    for id in 0..100 {
        kept += say_as(&mut keeper, Whose::Peer(PeerId(id)), 100, "x", now).0;
    }
    assert_eq!(kept, 1_000);
    assert_eq!(say_as(&mut keeper, Whose::Host, 10, "x", now), (10, false));
}

#[test]
fn long_lines_count_for_more_and_a_busy_disk_ends_it() {
    let mut keeper = keeper();
    let now = Instant::now();
    let long = "x".repeat(9 * LINE_UNIT);
    assert_eq!(say(&mut keeper, 1_000, &long, now), (50, true));
    let mut keeper = self::keeper();
    let mut lines = keeper.lines(ANA, WAITING_PLAIN, now);
    lines.take("x");
    assert!(lines.texts.is_empty() && keeper.settle(&lines, now));
    assert!(keeper.take_owed());
    assert_eq!(
        say(&mut keeper, 1, "x", now),
        (1, false),
        "it is free again"
    );
}
