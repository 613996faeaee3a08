use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

/// A person at a desktop, and what came of it.
struct Desk {
    watch: Watch<u8>,
    now: Instant,
    next: Option<Instant>,
    /// Everything that was done, with its time.
    done: Vec<(Duration, Deed<u8>)>,
    start: Instant,
}

impl Desk {
    fn new() -> Self {
        let start = Instant::now();
        Self {
            watch: Watch::default(),
            now: start,
            next: None,
            done: Vec::new(),
            start,
        }
    }

    fn hear(&mut self, of: u8, text: &str) {
        let mentions = text.contains('@');
        let news = News {
            speaker: "Ana".into(),
            text: text.into(),
            mentions,
        };
        let now = self.now;
        if self.watch.hear(&of, &news, || now) {
            let soon = self.now + GATHERING;
            self.next = Some(self.next.map_or(soon, |next| next.min(soon)));
        }
    }

    fn note(&mut self, deeds: Vec<Deed<u8>>) {
        let at = self.now - self.start;
        self.done.extend(deeds.into_iter().map(|deed| (at, deed)));
    }

    fn read(&mut self, of: u8) {
        let deeds = self.watch.read(&of);
        self.note(deeds);
    }

    /// Time passes, and whatever is due is done when it is.
    fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(next) = self.next.filter(|next| *next <= end) {
            self.now = self.now.max(next);
            let (deeds, next) = self.watch.tell(self.now);
            if let Some(next) = next {
                assert!(next > self.now, "it would be asked for ever");
            }
            self.next = next;
            self.note(deeds);
        }
        self.now = end;
    }

    /// What was done but for counts, and no more of it.
    fn take(&mut self) -> Vec<Deed<u8>> {
        let done = std::mem::take(&mut self.done).into_iter();
        let done = done.map(|(_, deed)| deed);
        done.filter(|deed| !matches!(deed, Deed::Count(_)))
            .collect()
    }
}

fn show(of: u8, text: &str, lines: u64) -> Deed<u8> {
    let mentions = text.contains('@');
    Deed::Show {
        of,
        news: News {
            speaker: "Ana".into(),
            text: text.into(),
            mentions,
        },
        unread: Unread {
            lines,
            mentions: u64::from(mentions),
        },
    }
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn a_line_is_told_and_the_next_ones_replace_it() {
    let mut desk = Desk::new();
    desk.hear(1, "one");
    desk.wait(seconds(1));
    assert_eq!(desk.take(), [show(1, "one", 1)]);
    desk.hear(1, "two");
    desk.hear(1, "three");
    desk.wait(seconds(3));
    assert_eq!(desk.take(), [], "one reads the first one still");
    desk.wait(seconds(3));
    assert_eq!(desk.take(), [show(1, "three", 3)]);
    desk.wait(SPAN * 3);
    assert_eq!(desk.take(), [], "nothing is told twice");
}

#[test]
fn a_text_of_several_lines_is_told_at_once() {
    let mut desk = Desk::new();
    for text in ["one", "two", "three"] {
        desk.hear(1, text);
    }
    desk.wait(seconds(1));
    assert_eq!(desk.take(), [show(1, "three", 3)]);
}

#[test]
fn what_is_read_is_taken_back() {
    let mut desk = Desk::new();
    desk.hear(1, "one");
    desk.hear(2, "two");
    desk.wait(seconds(1));
    desk.take();
    desk.read(1);
    assert_eq!(desk.take(), [Deed::Withdraw(1)]);
    assert_eq!(desk.watch.total().lines, 1);
    desk.hear(2, "again");
    desk.read(2);
    assert_eq!(desk.take(), [Deed::Withdraw(2)]);
    desk.wait(SPAN);
    assert_eq!(desk.take(), [], "it was read before it was told");
}

#[test]
fn what_is_read_at_once_is_never_told() {
    let mut desk = Desk::new();
    desk.hear(1, "one");
    desk.read(1);
    desk.wait(SPAN);
    assert_eq!(desk.take(), []);
}

#[test]
fn a_mention_stays_what_is_told_until_it_is_read() {
    let mut desk = Desk::new();
    desk.hear(1, "@you");
    desk.wait(seconds(1));
    assert_eq!(desk.take(), [show(1, "@you", 1)]);
    desk.hear(1, "something else");
    desk.wait(seconds(6));
    assert_eq!(desk.take(), [show(1, "@you", 2)]);
    desk.read(1);
    desk.hear(1, "later");
    desk.wait(seconds(6));
    assert_eq!(desk.take(), [Deed::Withdraw(1), show(1, "later", 1)]);
}

#[test]
fn a_flood_in_one_conversation_is_summarized() {
    let mut desk = Desk::new();
    for _ in 0..600 {
        for _ in 0..100 {
            desk.hear(1, "spam");
        }
        desk.wait(Duration::from_millis(100));
    }
    let done = desk.take();
    let shown = |deed: &&Deed<u8>| matches!(deed, Deed::Show { .. });
    assert_eq!(done.iter().filter(shown).count(), EACH_IN_SPAN);
    let summaries = |deed: &&Deed<u8>| matches!(deed, Deed::Summarize { .. });
    assert_eq!(
        done.iter().filter(summaries).count(),
        IN_SPAN - EACH_IN_SPAN
    );
    assert!(done.contains(&Deed::Withdraw(1)), "one or the other");
    desk.wait(SPAN * 2);
    let last = desk.take();
    assert_eq!(
        last,
        [Deed::Summarize {
            newest: 1,
            unread: Unread {
                lines: 60_000,
                mentions: 0
            },
            conversations: 1
        }]
    );
    desk.hear(1, "calm again");
    desk.wait(seconds(1));
    assert_eq!(
        desk.take(),
        [Deed::WithdrawSummary, show(1, "calm again", 60_001)]
    );
}

#[test]
fn many_conversations_at_once_are_summarized_at_once() {
    let mut desk = Desk::new();
    for of in 0..200 {
        desk.hear(of, "hello");
    }
    desk.wait(seconds(1));
    let unread = Unread {
        lines: 200,
        mentions: 0,
    };
    let [
        Deed::Summarize {
            unread: told,
            conversations: 200,
            ..
        },
    ] = desk.take()[..]
    else {
        panic!("one notification, for all of them")
    };
    assert_eq!(told, unread);
    for of in 0..199 {
        desk.read(of);
    }
    assert_eq!(desk.take(), []);
    desk.read(199);
    assert_eq!(desk.take(), [Deed::WithdrawSummary]);
    desk.hear(3, "calm");
    desk.wait(seconds(1));
    assert_eq!(desk.take(), [show(3, "calm", 1)]);
}

#[test]
fn without_notifications_lines_are_counted() {
    let mut desk = Desk::new();
    desk.hear(1, "one");
    desk.wait(seconds(1));
    desk.take();
    let deeds = desk.watch.set_notifies(false);
    desk.note(deeds);
    assert_eq!(desk.take(), [Deed::Withdraw(1)]);
    desk.hear(1, "two");
    desk.wait(seconds(10));
    assert_eq!(desk.take(), []);
    assert_eq!(desk.watch.unread(&1).lines, 2);
    assert!(desk.watch.set_notifies(true).is_empty());
    desk.hear(1, "three");
    desk.wait(seconds(10));
    assert_eq!(desk.take(), [show(1, "three", 3)]);
}

#[test]
fn everything_can_be_read() {
    let mut desk = Desk::new();
    desk.hear(1, "one");
    desk.wait(seconds(1));
    desk.take();
    let deeds = desk.watch.read_all();
    assert_eq!(deeds, [Deed::Withdraw(1), Deed::Count(Unread::default())]);
    assert!(desk.watch.read_all().is_empty());
}

#[test]
fn counts_are_told_once_a_second() {
    let mut desk = Desk::new();
    for _ in 0..100 {
        desk.hear(1, "line");
        desk.wait(Duration::from_millis(50));
    }
    desk.wait(seconds(2));
    let counts: Vec<_> = desk
        .done
        .iter()
        .filter_map(|(at, deed)| match deed {
            Deed::Count(unread) => Some((*at, unread.lines)),
            _ => None,
        })
        .collect();
    assert!(counts.len() <= 8, "{counts:?}");
    assert_eq!(counts.last().map(|(_, lines)| *lines), Some(100));
    for pair in counts.windows(2) {
        assert!(pair[1].0 >= pair[0].0 + COUNTS);
    }
}

#[derive(Clone, Debug)]
enum Step {
    Hear(u8, bool),
    Read(u8),
    ReadAll,
    Notify(bool),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0_u8..24, any::<bool>()).prop_map(|(of, mentions)| Step::Hear(of, mentions)),
        2 => (0_u8..24).prop_map(Step::Read),
        1 => Just(Step::ReadAll),
        1 => prop::bool::weighted(0.8).prop_map(Step::Notify),
        4 => (0_u64..20_000).prop_map(Step::Wait),
    ]
}

proptest! {
    #[test]
    fn whatever_happens_there_is_order(steps in prop::collection::vec(step(), 0..300)) {
        let mut desk = Desk::new();
        let mut unread = HashMap::<u8, Unread>::new();
        let mut notifies = true;
        for step in steps {
            match step {
                Step::Hear(of, mentions) => {
                    desk.hear(of, if mentions { "@you" } else { "hello" });
                    unread.entry(of).or_default().add(mentions);
                }
                Step::Read(of) => {
                    desk.read(of);
                    unread.remove(&of);
                }
                Step::ReadAll => {
                    let deeds = desk.watch.read_all();
                    desk.note(deeds);
                    unread.clear();
                }
                Step::Notify(on) => {
                    let deeds = desk.watch.set_notifies(on);
                    desk.note(deeds);
                    notifies = on;
                }
                Step::Wait(milliseconds) => desk.wait(Duration::from_millis(milliseconds)),
            }
            let total: u64 = unread.values().map(|unread| unread.lines).sum();
            prop_assert_eq!(desk.watch.total().lines, total);
            for (of, unread) in &unread {
                prop_assert_eq!(desk.watch.unread(of), *unread);
            }
            prop_assert!(desk.watch.pending.len() <= EACH_IN_SPAN + 1);
            let standing = standing(&desk.done);
            let is_unread = |of: &u8| unread.contains_key(of);
            prop_assert!(standing.0.iter().all(is_unread), "what is read is not shown");
            prop_assert!(standing.0.is_empty() || !standing.1, "one way or the other");
            prop_assert!(!unread.is_empty() || !standing.1, "nothing is left to sum up");
            prop_assert!(notifies || (standing.0.is_empty() && !standing.1));
        }
        desk.wait(SPAN * 3);
        prop_assert!(!desk.watch.has_news(), "in the end everything is told");
        prop_assert_eq!(desk.watch.counted, desk.watch.total);
        let sent = desk.done.iter().filter(|(_, deed)| {
            matches!(deed, Deed::Show { .. } | Deed::Summarize { .. })
        });
        let sent: Vec<_> = sent.map(|(at, _)| *at).collect();
        for many in sent.windows(IN_SPAN + 1) {
            prop_assert!(many[IN_SPAN] >= many[0] + SPAN, "{:?}", many);
        }
    }
}

/// The notifications that are shown after all this, and whether there is a summary.
fn standing(done: &[(Duration, Deed<u8>)]) -> (HashSet<u8>, bool) {
    let (mut shown, mut summary) = (HashSet::new(), false);
    for (_, deed) in done {
        match deed {
            Deed::Show { of, .. } => drop(shown.insert(*of)),
            Deed::Withdraw(of) => assert!(shown.remove(of), "it is shown"),
            Deed::Summarize { .. } => summary = true,
            Deed::WithdrawSummary => assert!(std::mem::take(&mut summary), "it is shown"),
            Deed::Count(_) => {}
        }
    }
    (shown, summary)
}
