//! Attackers: in the middle, in plain text, with old protocols, with others' names, and in crowds.
//!
//! - `middle`: a relay with a certificate of its own, and servers that are others than they were.
//! - `plain`: whoever would have people speak plainly, or with less than TLS 1.3.
//! - `frames`: frames that nobody should send, and what plain people hear of it.
//! - `scene`: our programs; `relay` and `openssl`: everybody else.

mod frames;
mod middle;
mod openssl;
mod plain;
mod relay;
mod scene;
