//! The signals of a session.

use std::sync::LazyLock;

use glib::prelude::*;
use glib::subclass::Signal;
use hallway_core::net::connector::Authenticator;

use super::Session;
use super::message::{MessageId, MessageState, Received};
use super::talk::values::News;

const LINE_RECEIVED: &str = "line-received";
const MESSAGE_CHANGED: &str = "message-changed";
const TOLD: &str = "told";
const PROXY_AUTHENTICATION_REQUIRED: &str = "proxy-authentication-required";

/// News, as a signal carries it.
#[derive(Clone, Debug, glib::Boxed)]
#[boxed_type(name = "HallwayNews")]
pub(super) struct Told(News);

pub(super) static SIGNALS: LazyLock<Vec<Signal>> = LazyLock::new(|| {
    let signal = |name, arguments: &[glib::Type]| {
        let arguments = arguments.iter().copied();
        Signal::builder(name).param_types(arguments).build()
    };
    vec![
        signal(LINE_RECEIVED, &[Received::static_type()]),
        signal(
            MESSAGE_CHANGED,
            &[u64::static_type(), MessageState::static_type()],
        ),
        signal(TOLD, &[Told::static_type()]),
        signal(
            PROXY_AUTHENTICATION_REQUIRED,
            &[Authenticator::static_type()],
        ),
    ]
});

impl Session {
    /// The server sent a line.
    pub fn connect_line_received(
        &self,
        handler: impl Fn(&Self, &Received) + 'static,
    ) -> glib::SignalHandlerId {
        self.connect_closure(
            LINE_RECEIVED,
            false,
            glib::closure_local!(move |session: Session, line: Received| handler(&session, &line)),
        )
    }

    pub(super) fn emit_line_received(&self, line: &Received) {
        self.emit_by_name::<()>(LINE_RECEIVED, &[line]);
    }

    /// A message has come further, or fell back. After [`MessageState::Sent`] and
    /// [`MessageState::Discarded`] the session knows nothing of it any more.
    pub fn connect_message_changed(
        &self,
        handler: impl Fn(&Self, MessageId, MessageState) + 'static,
    ) -> glib::SignalHandlerId {
        self.connect_closure(
            MESSAGE_CHANGED,
            false,
            glib::closure_local!(move |session: Session, id: u64, state: MessageState| {
                handler(&session, MessageId(id), state);
            }),
        )
    }

    pub(super) fn emit_message_changed(&self, id: MessageId, state: MessageState) {
        self.emit_by_name::<()>(MESSAGE_CHANGED, &[&id.0, &state]);
    }

    /// An encrypted conversation has something to tell.
    pub fn connect_told(&self, handler: impl Fn(&Self, &News) + 'static) -> glib::SignalHandlerId {
        self.connect_closure(
            TOLD,
            false,
            glib::closure_local!(move |session: Session, news: Told| handler(&session, &news.0)),
        )
    }

    pub(super) fn emit_told(&self, news: &News) {
        self.emit_by_name::<()>(TOLD, &[&Told(news.clone())]);
    }

    /// The proxy wants a name and a password. Answer the authenticator now or later; dropped
    /// unanswered, connecting fails.
    pub fn connect_proxy_authentication_required(
        &self,
        handler: impl Fn(&Self, &Authenticator) + 'static,
    ) -> glib::SignalHandlerId {
        self.connect_closure(
            PROXY_AUTHENTICATION_REQUIRED,
            false,
            glib::closure_local!(move |session: Session, question: Authenticator| {
                handler(&session, &question);
            }),
        )
    }

    pub(super) fn emit_proxy_authentication_required(&self, question: &Authenticator) {
        self.emit_by_name::<()>(PROXY_AUTHENTICATION_REQUIRED, &[question]);
    }
}
