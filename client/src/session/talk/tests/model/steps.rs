//! What may happen.

use proptest::prelude::*;

#[derive(Clone, Debug)]
pub(super) enum Step {
    Connect,
    Write(bool),
    ToServer(usize),
    ToClient(usize),
    Work(usize),
    Cut(bool),
    Late(usize),
    Kill,
    DiskFull(u32),
    Other,
    Pass(u64),
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Connect),
        6 => any::<bool>().prop_map(Step::Write),
        8 => (1..6_usize).prop_map(Step::ToServer),
        8 => (1..6_usize).prop_map(Step::ToClient),
        8 => (1..6_usize).prop_map(Step::Work),
        2 => any::<bool>().prop_map(Step::Cut),
        3 => (1..4_usize).prop_map(Step::Late),
        1 => Just(Step::Kill),
        1 => (1..3_u32).prop_map(Step::DiskFull),
        2 => Just(Step::Other),
        2 => (0..8000_u64).prop_map(Step::Pass),
    ]
}
