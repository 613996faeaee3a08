//! A proxy's question for a name and a password.

use std::cell::RefCell;
use std::rc::Rc;

/// Credentials for a proxy.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Credentials {
    pub(super) user: String,
    pub(super) password: String,
}

/// Answers `proxy-authentication-required`, now or later (Qt: `QAuthenticator`). Clones are the
/// same question; when the last one is dropped unanswered, the connection fails.
#[derive(Clone, glib::Boxed)]
#[boxed_type(name = "HallwayAuthenticator")]
pub struct Authenticator(Rc<Question>);

struct Question {
    proxy: String,
    refused: bool,
    answer: RefCell<Option<async_channel::Sender<Credentials>>>,
}

impl Authenticator {
    /// A question about `proxy`, and where its answer comes out.
    pub(super) fn ask(proxy: &str, refused: bool) -> (Self, async_channel::Receiver<Credentials>) {
        let (sender, receiver) = async_channel::bounded(1);
        let question = Question {
            proxy: proxy.to_owned(),
            refused,
            answer: RefCell::new(Some(sender)),
        };
        (Self(Rc::new(question)), receiver)
    }

    /// The proxy that asks, as a URI without credentials.
    pub fn proxy(&self) -> &str {
        &self.0.proxy
    }

    /// Whether credentials were sent and the proxy did not accept them.
    pub fn is_refused(&self) -> bool {
        self.0.refused
    }

    /// Connects again with these credentials. Only the first answer counts.
    pub fn answer(&self, user: &str, password: &str) {
        let Some(sender) = self.0.answer.take() else {
            return;
        };
        let credentials = Credentials {
            user: user.to_owned(),
            password: password.to_owned(),
        };
        // Nobody waits any more where the connection was given up meanwhile.
        drop(sender.try_send(credentials));
    }
}

impl std::fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Authenticator").field(&self.0.proxy).finish()
    }
}
