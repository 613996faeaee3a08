//! Whose certificates are known, and how two people make sure of them.
//!
//! - [`Pins`]: the servers and people that were met, by fingerprint, and how an address is judged
//!   where a certificate shows up; pure.
//! - [`Store`]: pins in a file that several programs use at once.
//! - [`sas`]: six digits that two people compare; pure.
//! - [`Lockout`]: who failed at that too often, and [`WrongPasswords`]: at a password; pure.
//!
//! A pin belongs to a fingerprint and never to an address: an address only says who was there.

pub mod address;
pub mod limits;
mod lockout;
mod pins;
pub mod sas;
mod store;

pub use address::{Address, NotAnAddress};
pub use lockout::{Lockout, WrongPasswords};
pub use pins::{Judgement, Met, Pin, Pins, Refused, Role};
pub use store::{Done, Error, Store};
