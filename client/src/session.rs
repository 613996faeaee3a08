//! One conversation with one server, over plain lines or encrypted.
//!
//! ```text
//! plain:      send() → outbox → Connection → the server → Ear → line-received
//!                         └───────── states of messages ──┘ message-changed
//! encrypted:  say() → history → Talk → Connection → the server → Ear → Talk → history → told
//! ```
//!
//! Who makes a session decides how it speaks, and it never speaks otherwise.
//!
//! - [`target`]: which server, as people write it.
//! - `outbox`: plain messages until they are acknowledged; pure.
//! - `ear`: what the connection of the moment tells.
//! - `state`, `message`, `standing`: the values that a session gives out.
//! - [`talk`]: an encrypted conversation; pure. `encrypted`: what drives it.
//! - [`keeper`]: identity, pins and history. `speaking`: what people do with them.

mod ear;
mod encrypted;
mod imp;
pub mod keeper;
mod message;
mod outbox;
mod signals;
mod speaking;
mod standing;
mod state;
pub mod talk;
pub mod target;

use std::time::Duration;

use glib::subclass::prelude::*;
use hallway_core::net::{Connector, Reactor, limits};

pub use keeper::Keeper;
pub use message::{MessageId, MessageState, Received, Unsent};
pub use outbox::{LineEnding, OUTBOX_BYTES, OUTBOX_MESSAGES, SendError, lines};
pub use speaking::{CompareError, SayError};
pub use standing::Standing;
pub use state::{Reason, State};
pub use target::Target;

/// Bytes of the longest line taken from a server: the longest that it may take from somebody,
/// with the name that it puts in front.
pub const LONGEST_LINE: usize = limits::LINE_HIGHEST + limits::LINE_DRESS;

/// Seconds to wait before each attempt to connect again; the last holds for all that follow. Soon
/// enough for a server that was started anew, seldom enough for one that is off for the night.
pub const BACK_OFF: [u32; 6] = [1, 2, 4, 8, 16, 30];

/// A connection that held for this long was good: when it is lost, waiting begins from the front
/// of [`BACK_OFF`]. As long as its end, so that no server is asked more often than that.
pub const STEADY: Duration = Duration::from_secs(30);

glib::wrapper! {
    /// One conversation with one server.
    ///
    /// What is sent waits here until there is a connection and through all that come; each
    /// message tells how far it has come by `message-changed`, and the session by its `state`.
    /// Only an error of a connection that was there makes it connect again by itself.
    ///
    /// One that speaks encrypted has its outbox in its [`Keeper`]'s history instead, where it stays
    /// until the server has acknowledged it, and tells by its `standing` and by `told`.
    ///
    /// The last reference dropped closes the connection properly.
    pub struct Session(ObjectSubclass<imp::Session>);
}

impl Session {
    /// A conversation with `target` that has not begun. It lives on the reactor's main context.
    pub fn new(reactor: &Reactor, connector: Connector, target: Target) -> Self {
        let session: Self = glib::Object::new();
        session.imp().set_up(reactor.clone(), connector, target);
        session
    }

    /// The server.
    pub fn target(&self) -> &Target {
        self.imp().target()
    }

    /// Connects in this way from the next attempt on.
    pub fn set_connector(&self, connector: Connector) {
        self.imp().connector.replace(connector);
    }

    /// Connects, where there is no connection and none is made or being closed; cuts a countdown
    /// short. If this attempt fails, the session has failed and waits for the person.
    pub fn connect(&self) {
        self.imp().connect();
    }

    /// Ends the conversation properly: what is with the connection is still sent. What is not
    /// stays queued for the next [`connect`](Self::connect). Gives up connecting, and waiting to
    /// connect.
    pub fn close(&self) {
        self.imp().close();
    }

    /// Cuts the countdown to the next attempt short.
    pub fn reconnect_now(&self) {
        self.imp().reconnect_now();
    }

    /// This computer has woken, or its network is another one: a connection is asked whether it
    /// still is one, and a countdown is cut short.
    pub fn look_after_network(&self) {
        self.imp().look_after_network();
    }

    /// Gives up the countdown: the session has failed with the error that began it.
    pub fn cancel_reconnect(&self) {
        self.imp().cancel_reconnect();
    }

    /// Sends a text over plain lines, now or when there is a connection; an encrypted conversation
    /// has [`say`](Self::say), and takes nothing here. Each of its lines is one message. CR LF,
    /// LF and CR end a line; one at the very end begins no further message ([`lines`]).
    ///
    /// # Errors
    /// Too much is unsent, or a line is longer than any server takes. Nothing of it is sent.
    pub fn send(&self, text: &str) -> Result<Vec<MessageId>, SendError> {
        let imp = self.imp();
        if imp.encrypted().is_some() {
            tracing::error!("plain lines for an encrypted conversation");
            return Ok(Vec::new());
        }
        let ending = imp.line_ending.get();
        let ids = imp.outbox.borrow_mut().push(text, ending)?;
        imp.feed();
        Ok(ids)
    }

    /// Sends again what was perhaps not received, after everything that is queued. Returns whether
    /// there is such a message.
    pub fn retry(&self, id: MessageId) -> bool {
        let found = self.imp().outbox.borrow_mut().retry(id);
        if found {
            self.imp().tell([(id, MessageState::Queued)]);
            self.imp().feed();
        }
        found
    }

    /// Takes a message back that is queued or was perhaps not received. Returns whether that was
    /// possible: what is with the connection cannot be taken back.
    pub fn discard(&self, id: MessageId) -> bool {
        let found = self.imp().outbox.borrow_mut().discard(id);
        if found {
            self.imp().tell([(id, MessageState::Discarded)]);
        }
        found
    }

    /// How many messages are not acknowledged.
    pub fn unsent_count(&self) -> usize {
        self.imp().outbox.borrow().len()
    }

    /// The messages that are not acknowledged: first those that were perhaps not received, then
    /// the others in the order in which they go.
    pub fn unsent(&self) -> Vec<Unsent> {
        self.imp().outbox.borrow().unsent()
    }
}
