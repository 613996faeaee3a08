//! Which lines of a conversation are held, of how many it may have.

use std::collections::VecDeque;

use hallway_core::history::kept::Part;

/// Lines that are read at once: some screens full, in a few milliseconds.
pub(super) const PAGE: usize = 100;

/// Lines that are held: as many as can be looked at before the next page has come, in both
/// directions.
const HELD: usize = 600;

/// The numbers of the lines that are held, in order.
#[derive(Debug, Default)]
pub(super) struct Pages {
    held: VecDeque<u64>,
    has_older: bool,
    has_newer: bool,
}

impl Pages {
    /// Begins with `older` lines and the `newer` ones that follow them. Where there are no `newer`
    /// ones, the older ones are the newest.
    pub(super) fn begin(&mut self, older: &[u64], newer: &[u64]) {
        self.held = older.iter().chain(newer).copied().collect();
        self.has_older = older.len() >= PAGE;
        self.has_newer = newer.len() >= PAGE;
    }

    /// What stands before what is held, if there may be something.
    pub(super) fn before(&self) -> Option<Part> {
        let first = self.held.front().filter(|_| self.has_older)?;
        Some(Part::Before(*first))
    }

    /// What follows what is held, if there may be something.
    pub(super) fn after(&self) -> Option<Part> {
        let last = self.held.back().filter(|_| self.has_newer)?;
        Some(Part::From(last.saturating_add(1)))
    }

    /// What came since, if all was held.
    pub(super) fn news(&self) -> Option<Part> {
        let last = self.held.back()?;
        Some(Part::From(last.saturating_add(1)))
    }

    /// Holds a page that stood before. Returns how many lines at the end are held no more.
    pub(super) fn add_before(&mut self, page: &[u64]) -> usize {
        self.has_older = page.len() >= PAGE;
        for id in page.iter().rev() {
            self.held.push_front(*id);
        }
        let excess = self.held.len().saturating_sub(HELD);
        self.held.truncate(HELD);
        self.has_newer |= excess > 0;
        excess
    }

    /// Holds a page that followed. Returns how many lines at the front are held no more.
    pub(super) fn add_after(&mut self, page: &[u64]) -> usize {
        self.has_newer = page.len() >= PAGE;
        self.held.extend(page);
        let excess = self.held.len().saturating_sub(HELD);
        self.held.drain(..excess);
        self.has_older |= excess > 0;
        excess
    }

    /// Where a line is among those that are held.
    pub(super) fn position(&self, id: u64) -> Option<usize> {
        self.held.binary_search(&id).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A conversation of so many lines, with the odd numbers.
    struct All(u64);

    impl All {
        fn page(&self, part: Part) -> Vec<u64> {
            let all = (0..self.0).map(|number| 2 * number + 1);
            match part {
                Part::Newest => self.page(Part::Before(u64::MAX)),
                Part::Before(id) => {
                    let older: Vec<_> = all.filter(|number| *number < id).collect();
                    older[older.len().saturating_sub(PAGE)..].to_vec()
                }
                Part::From(id) => all.filter(|number| *number >= id).take(PAGE).collect(),
            }
        }
    }

    #[test]
    fn all_of_it_is_walked_through_in_both_directions_and_little_is_held() {
        let all = All(5_000);
        let mut pages = Pages::default();
        pages.begin(&all.page(Part::Newest), &[]);
        assert_eq!(pages.after().map(|_| ()), None);
        let mut seen = 0;
        while let Some(part) = pages.before() {
            let excess = pages.add_before(&all.page(part));
            assert!(excess <= PAGE && pages.held.len() <= HELD);
            seen += 1;
            assert!(seen <= 5_000 / PAGE, "it comes to an end");
        }
        assert_eq!(pages.held.front(), Some(&1));
        while let Some(part) = pages.after() {
            let excess = pages.add_after(&all.page(part));
            assert!(excess <= PAGE && pages.held.len() <= HELD);
        }
        assert_eq!(pages.held.back(), Some(&9_999));
        let is_in_order = pages.held.iter().zip(pages.held.iter().skip(1));
        assert!(is_in_order.into_iter().all(|(one, next)| *next == one + 2));
    }

    #[test]
    fn it_begins_in_the_middle_as_well() {
        let all = All(1_000);
        let mut pages = Pages::default();
        pages.begin(&all.page(Part::Before(1_001)), &all.page(Part::From(1_001)));
        assert_eq!(pages.position(1_001), Some(PAGE));
        assert_eq!(pages.position(1_002), None);
        assert_eq!(pages.before(), Some(Part::Before(801)));
        assert_eq!(pages.after(), Some(Part::From(1_200)));
    }

    #[test]
    fn a_short_one_has_nothing_more_but_what_comes_later() {
        let mut pages = Pages::default();
        assert_eq!(pages.news(), None);
        pages.begin(&[1, 5], &[]);
        assert_eq!((pages.before(), pages.after()), (None, None));
        assert_eq!(pages.news(), Some(Part::From(6)));
        assert_eq!(pages.add_after(&[7]), 0);
        assert_eq!(pages.position(7), Some(2));
    }
}
