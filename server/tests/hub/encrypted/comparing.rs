//! The six digits.

use std::time::{Duration, Instant};

use hallway_core::trust::sas::{Committed, Found, Pair};
use hallway_core::wire::frame::{About, Problem, SasCommit, SasNonce};
use hallway_core::wire::values::Nonce;
use hallway_core::wire::{Code, Frame};
use hallway_server::hub::PeerId;

use super::guest::Guest;
use super::hall::{Hall, in_hall, settings};
use crate::world::Told;

fn begin(hall: &Hall<'_>, guest: &Guest) -> Committed {
    let pair = Pair {
        client: guest.id(),
        server: hall.server(),
    };
    let (committed, commit) = Committed::new(pair).unwrap();
    guest.forget();
    guest.send(&Frame::SasCommit(SasCommit { commit }));
    committed
}

fn until_nonce(hall: &Hall<'_>, guest: &Guest) -> Nonce {
    let told = hall.until(guest, "a nonce", |frame| {
        matches!(frame, Frame::SasNonce(_))
    });
    match told {
        Frame::SasNonce(told) => told.nonce,
        other => panic!("{other:?}"),
    }
}

fn until_refused(hall: &Hall<'_>, guest: &Guest, re: &str) {
    let refused = (Code::Unauthorized, re.to_owned(), false);
    hall.room
        .until("a refusal", || guest.refusals().contains(&refused));
}

/// A whole comparison; returns the digits that the guest sees.
fn compare(hall: &Hall<'_>, guest: &Guest) -> String {
    let committed = begin(hall, guest);
    let (nonce, code) = committed.reveal(&until_nonce(hall, guest));
    guest.send(&Frame::SasReveal(SasNonce { nonce }));
    code.to_string()
}

fn id(hall: &Hall<'_>) -> PeerId {
    hall.room.hub.people()[0].id
}

#[test]
fn both_see_the_same_digits() {
    in_hall(settings(), |hall| {
        let ana = hall.join("Ana");
        for _ in 0..5 {
            let digits = compare(hall, &ana);
            hall.room.until_told(&Told::Compare(id(hall), digits));
            assert!(hall.room.hub.compared(id(hall), Found::Same));
        }
        assert!(ana.refusals().is_empty(), "as often as they like");
    });
}

#[test]
fn three_failures_lock() {
    in_hall(settings(), |hall| {
        let eve = hall.join("Eve");
        // Another nonce than was committed to.
        begin(hall, &eve);
        until_nonce(hall, &eve);
        let nonce = Nonce::from_bytes([7; 32]);
        eve.send(&Frame::SasReveal(SasNonce { nonce }));
        until_refused(hall, &eve, "sas-reveal");
        // The host sees other digits.
        let digits = compare(hall, &eve);
        hall.room.until_told(&Told::Compare(id(hall), digits));
        assert!(hall.room.hub.compared(id(hall), Found::Different));
        until_refused(hall, &eve, "sas-reveal");
        // One that is given up for another.
        begin(hall, &eve);
        until_nonce(hall, &eve);
        begin(hall, &eve);
        until_refused(hall, &eve, "sas-commit");
        assert!(!eve.is_over(), "they may still talk");
        eve.say("hello");
        hall.until_acked(&eve, 1);
    });
}

#[test]
fn who_leaves_amid_a_comparison_has_failed_at_it() {
    in_hall(settings(), |hall| {
        let mut eve = hall.join("Eve");
        for _ in 0..3 {
            begin(hall, &eve);
            until_nonce(hall, &eve);
            eve.connection.abort();
            hall.room
                .until("she is gone", || hall.room.hub.people().is_empty());
            eve = hall.connect_as(eve.identity.clone());
            eve.hello("Eve");
            hall.until_caught_up(&eve);
        }
        begin(hall, &eve);
        until_refused(hall, &eve, "sas-commit");
        // And so is her place, whoever is there.
        let ana = hall.join("Ana");
        begin(hall, &ana);
        until_refused(hall, &ana, "sas-commit");
    });
}

#[test]
fn a_step_that_nobody_waits_for_is_none() {
    in_hall(settings(), |hall| {
        let ana = hall.join("Ana");
        assert!(!hall.room.hub.compared(id(hall), Found::Same));
        let nonce = Nonce::from_bytes([7; 32]);
        ana.send(&Frame::SasReveal(SasNonce { nonce }));
        hall.room.until("a refusal", || !ana.refusals().is_empty());
        let refused = (Code::BadFrame, "sas-reveal".to_owned(), false);
        assert_eq!(ana.refusals(), [refused]);
    });
}

/// The guest tells what they found.
fn tell(guest: &Guest, found: Found) {
    let code = found.code().expect("nothing is told of the same");
    let re = Some(About::Frame("sas-reveal".parse().unwrap()));
    let fatal = false;
    guest.send(&Frame::Err(Problem { code, re, fatal }));
}

#[test]
fn what_the_guest_finds_is_told_and_counts_as_a_failure() {
    in_hall(settings(), |hall| {
        let eve = hall.join("Eve");
        for found in [Found::Different, Found::Nothing] {
            let digits = compare(hall, &eve);
            hall.room.until_told(&Told::Compare(id(hall), digits));
            tell(&eve, found);
            hall.room.until_told(&Told::Found(id(hall), found));
            assert!(!hall.room.hub.compared(id(hall), Found::Same), "it is over");
        }
        // The host was quicker, and has to be told all the same.
        let digits = compare(hall, &eve);
        hall.room.until_told(&Told::Compare(id(hall), digits));
        assert!(hall.room.hub.compared(id(hall), Found::Same));
        tell(&eve, Found::Nothing);
        tell(&eve, Found::Different);
        let different = Told::Found(id(hall), Found::Different);
        hall.room
            .until("told again", || hall.room.count(&different) == 2);
        let nothing = Told::Found(id(hall), Found::Nothing);
        assert_eq!(hall.room.count(&nothing), 1, "the host has found something");
        // Nothing is compared any more.
        tell(&eve, Found::Different);
        eve.say("hello");
        hall.until_acked(&eve, 1);
        assert_eq!(hall.room.count(&different), 2);
    });
}

#[test]
fn who_closes_the_question_has_not_said_that_somebody_is_between() {
    in_hall(settings(), |hall| {
        let ana = hall.join("Ana");
        let digits = compare(hall, &ana);
        hall.room.until_told(&Told::Compare(id(hall), digits));
        assert!(hall.room.hub.compared(id(hall), Found::Nothing));
        let refused = (Code::NotFound, "sas-reveal".to_owned(), false);
        hall.room
            .until("a refusal", || ana.refusals().contains(&refused));
    });
}

#[test]
fn a_comparison_that_nobody_ends_is_over_after_a_while() {
    let mut settings = settings();
    settings.manners.comparing = Duration::from_millis(300);
    in_hall(settings, |hall| {
        let ana = hall.join("Ana");
        let digits = compare(hall, &ana);
        hall.room.until_told(&Told::Compare(id(hall), digits));
        hall.room.until_told(&Told::Found(id(hall), Found::Nothing));
        let refused = (Code::NotFound, "sas-reveal".to_owned(), false);
        hall.room
            .until("a refusal", || ana.refusals().contains(&refused));
        // What was found in time stays.
        let digits = compare(hall, &ana);
        hall.room.until_told(&Told::Compare(id(hall), digits));
        assert!(hall.room.hub.compared(id(hall), Found::Same));
        let later = Instant::now() + Duration::from_millis(900);
        hall.room.until("later", || Instant::now() > later);
        let nothing = Told::Found(id(hall), Found::Nothing);
        assert_eq!(hall.room.count(&nothing), 1);
    });
}
