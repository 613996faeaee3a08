//! Hallway's programs run as their users run them, against programs that know nothing of Hallway.
//!
//! ```text
//! tests/*.rs → server (our server, running) ─┐
//!            → peer   (a bare socket)        ├→ program (a child process) → lines → wait
//!            → qt     (programs of Qt)       │
//!            → world  (what runs where) ─────┘
//!            → network (two computers on one machine)
//!            → desktop (windows, driven through AT-SPI)
//! ```
//!
//! - [`world`] finds our programs and the foreign ones, and free ports;
//! - [`program`] runs one of them, [`lines`] collects what it prints;
//! - [`server`] runs `hallway-server` and reads its conversation;
//! - [`peer`] is the plainest client there can be;
//! - [`qt`] builds a client and a server written with `QTcpSocket` and `QTcpServer`;
//! - [`desktop`] is a screen that nobody sees, where windows are used as people use them;
//! - [`network`] makes computers with a cable between them, in network namespaces;
//! - [`service`] is what a service manager is for a service;
//! - [`talker`] is our client without a window, which tells of every step of every message;
//! - [`user_manager`] is a real one, with units of ours;
//! - [`wait`] waits for what must come, with a deadline and without guessing how long it takes.
//!
//! What does not come in time panics, and says what came instead: that is how a test fails.
#![allow(
    clippy::missing_panics_doc,
    reason = "everything here panics, since that is how a test fails"
)]

pub mod desktop;
pub mod lines;
pub mod network;
pub mod peer;
pub mod program;
pub mod qt;
pub mod server;
pub mod service;
pub mod talker;
pub mod user_manager;
pub mod wait;
pub mod world;
