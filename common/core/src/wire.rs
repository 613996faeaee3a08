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
//! - [`event`], [`people`]: the larger parts of frames.
//! - [`chain`]: the running hash over everything that is kept.
//! - [`limits`]: every cap on a frame.
//!
//! As they are written, with `ID` for 64 hexadecimal digits and `CID` for 32; `pos`, `seq`, `n` and
//! `at` are whole numbers up to 2⁵³ − 1, `at` in milliseconds since 1970, UTC:
//!
//! ```text
//! {"type":"hello","name":"Ana","caps":["e2e"],"epoch":"CID","pos":7,"hash":"ID",
//!  "password":"open sesame"}
//! {"type":"waiting"}
//! {"type":"welcome","id":"ID","name":"Hall","epoch":"CID","head":5,"n":{"room":3,"ID":1},
//!  "limits":{"text":16384,"frame":262144,"rate":10,"burst":30},"caps":[]}
//! {"type":"people","list":[{"id":"ID","name":"Ana"},{"name":"10.0.0.7:40112"}],"more":2}
//! {"type":"people","joined":[{"name":"Bo"}],"left":[],"renamed":[{"id":"ID","was":"A","name":"B"}]}
//! {"type":"rename","name":"Ana Bo"}
//! {"type":"msg","cid":"CID","n":1,"to":"room","text":"hello"}
//! {"type":"ack","cid":"CID","conv":"room","seq":2,"pos":5,"at":1764000000000}
//! {"type":"event","pos":5,"seq":2,"conv":"room","from":{"id":"ID","name":"Ana"},"kind":"text",
//!  "text":"hello","at":1764000000000,"hash":"ID"}
//! {"type":"caught-up","pos":5}
//! {"type":"got","pos":5}
//! {"type":"seen","conv":"room","seq":2,"count":4}
//! {"type":"typing","to":"ID"}                        from a server also "from":"ID"
//! {"type":"history","conv":"room","before":12,"limit":200}
//! {"type":"past","conv":"room","events":[],"more":true,"gap":false}
//! {"type":"reset","epoch":"CID","head":5}
//! {"type":"sas-commit","commit":"ID"}
//! {"type":"sas-nonce","nonce":"ID"}
//! {"type":"sas-reveal","nonce":"ID"}
//! {"type":"ping"}
//! {"type":"pong"}
//! {"type":"err","code":"bad-cid","re":"CID","fatal":false}
//! ```
//!
//! A person without `id` speaks plain text. A hello of somebody who has read nothing has no
//! `epoch`, `pos` and `hash`; a password is there only once one was asked for. `re` is a message or the type of a frame. What a field means is said
//! where its type is.
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
pub use values::{
    At, Between, Caps, Cid, Conv, Cursor, Epoch, Fingerprint, Hash, N, Password, Pos, Seq, Text,
};
