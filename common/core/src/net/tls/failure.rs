//! Why a session came to nothing, typed.

use std::fmt;

use rustls::{AlertDescription, Error, PeerIncompatible};

/// Why there is no encrypted session, or no longer one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// What came is no TLS: plain text, for example.
    #[error("what came is no TLS")]
    NotTls,
    /// The peer speaks no TLS 1.3.
    #[error("the peer speaks no TLS 1.3")]
    OldVersion,
    /// The peer does not speak the protocol that we do (ALPN).
    #[error("no protocol that both speak")]
    NoCommonProtocol,
    /// The peer showed no certificate.
    #[error("the peer showed no certificate")]
    NoCertificate,
    /// The peer's certificate cannot be read, is too large, or is not its own.
    #[error("the peer's certificate is of no use")]
    BadCertificate,
    /// The peer does not take our certificate, or wanted one.
    #[error("the peer refused our certificate")]
    CertificateRefused,
    /// The server has no room for another connection.
    #[error("the server has no room")]
    NoRoom,
    /// The server lets nobody in from here.
    #[error("the server lets nobody in from here")]
    Unwanted,
    /// The peer, or somebody on the way, sent bytes that do not belong to the session.
    #[error("what came was damaged on its way")]
    Damaged,
    /// The peer closed the connection amid it.
    #[error("the peer closed the connection")]
    Closed,
    /// The peer broke it off.
    #[error("the peer broke it off (alert {code})")]
    Alert {
        /// The number of its reason (RFC 8446, 6).
        code: u8,
    },
    /// Anything else.
    #[error("{detail}")]
    Other {
        /// What the library said.
        detail: String,
    },
}

impl Failure {
    pub(super) fn other(error: &impl fmt::Display) -> Self {
        Self::Other {
            detail: error.to_string(),
        }
    }

    /// What `error` means once the handshake is over.
    pub(super) fn amid(error: &Error) -> Self {
        match Self::of(error) {
            Self::NotTls => Self::Damaged,
            other => other,
        }
    }

    /// What `error` means for a client's handshake: no certificate of ours was shown yet.
    pub(super) fn of_client(error: &Error) -> Self {
        match error {
            Error::AlertReceived(AlertDescription::InternalError) => Self::NoRoom,
            Error::AlertReceived(AlertDescription::AccessDenied) => Self::Unwanted,
            error => Self::of(error),
        }
    }

    /// What `error` means for a handshake.
    pub(super) fn of(error: &Error) -> Self {
        match error {
            Error::AlertReceived(alert) => Self::of_alert(*alert),
            Error::NoApplicationProtocol => Self::NoCommonProtocol,
            Error::NoCertificatesPresented => Self::NoCertificate,
            Error::InvalidCertificate(_) => Self::BadCertificate,
            Error::InvalidMessage(_) | Error::PeerSentOversizedRecord => Self::NotTls,
            Error::DecryptError => Self::Damaged,
            Error::PeerIncompatible(
                PeerIncompatible::ServerDoesNotSupportTls12Or13
                | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
                | PeerIncompatible::SupportedVersionsExtensionRequired
                | PeerIncompatible::Tls12NotOffered
                | PeerIncompatible::Tls12NotOfferedOrEnabled
                | PeerIncompatible::Tls13RequiredForQuic,
            ) => Self::OldVersion,
            other => Self::other(other),
        }
    }

    fn of_alert(alert: AlertDescription) -> Self {
        use AlertDescription as Alert;
        match alert {
            Alert::NoApplicationProtocol => Self::NoCommonProtocol,
            Alert::ProtocolVersion => Self::OldVersion,
            Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateExpired
            | Alert::CertificateUnknown
            | Alert::CertificateRequired
            | Alert::UnknownCA
            | Alert::AccessDenied => Self::CertificateRefused,
            other => Self::Alert { code: other.into() },
        }
    }
}
