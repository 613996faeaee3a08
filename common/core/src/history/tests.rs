//! What the tests share.

/// A number of any kind.
pub(super) fn number<T: TryFrom<u64, Error: std::fmt::Debug>>(number: u64) -> T {
    number.try_into().expect("it is exact")
}
