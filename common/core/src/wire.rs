//! Frames of `hallway/1`.
//!
//! ```text
//! a line → parse → Frame → whoever asked        Frame → encode → a line
//! ```
//!
//! - [`Opening`]: what the first byte of a connection says.
//! - [`Frame`]: what travels, one JSON object a line, with a kind in `type`; [`parse()`], [`encode()`].
//! - [`values`]: what is in frames. Each has its bounds and is checked when it is read, so that
//!   whoever has a value has a good one.
//! - [`chain`]: the running hash over everything that is kept.
//! - [`limits`]: every cap on a frame.
//!
//! Everything here is a function of its arguments: no sockets, no main loop, no settings.

pub mod chain;
mod encode;
mod error;
pub mod event;
pub mod frame;
mod hex;
pub mod limits;
pub(crate) mod list;
mod opening;
mod parse;
pub mod people;
pub mod values;

pub use encode::{TooLarge, encode};
pub use error::{Code, FrameError};
pub use event::{Event, Past};
pub use frame::{Frame, Side};
pub use opening::{Opening, TLS_HANDSHAKE};
pub use parse::parse;
pub use people::{People, Person, Renamed};
pub use values::{At, Caps, Cid, Conv, Cursor, Epoch, Fingerprint, Hash, N, Pos, Seq, Text};
