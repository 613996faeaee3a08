//! Sentences for encryption that did not come about, or did not last.

use hallway_core::net::Error;
use hallway_core::net::tls::Failure;

use super::clause;
use crate::i18n::{gettext, gettext_f};

/// What to tell about `error`, if it is one of encryption.
pub(super) fn sentence(error: &Error) -> Option<String> {
    Some(match error {
        Error::NoCommonProtocol => gettext(
            "The other side encrypts, but speaks no protocol that Hallway does. Check the address and the port, or connect with plain text.",
        ),
        Error::CertificateRefused { by_peer: true } => gettext(
            "The other side refused this computer’s certificate. Ask there whether you are to be let in.",
        ),
        Error::CertificateRefused { by_peer: false } => gettext(
            "The other side’s certificate was refused here, so nothing was said to it. Ask there whether the certificate is theirs, then try again.",
        ),
        Error::HandshakeTimedOut => gettext(
            "The other side did not finish setting up encryption in time. Check that it speaks TLS on this port, then try again.",
        ),
        Error::HandshakeFailed { what } => handshake(what),
        Error::NotEncrypted => gettext(
            "The other side does not encrypt, and only encrypted connections are taken here. Switch encryption on there, or allow plain text here.",
        ),
        Error::EncryptionBroken { what } => gettext_f(
            "The encrypted connection was damaged and had to be closed: {detail}. Try again; if it happens again, look at what is between the two computers.",
            &[("detail", &clause(&what.to_string()))],
        ),
        Error::Truncated => gettext(
            "The encrypted connection was cut off, so the last of what the other side said may be missing. Check the network, then try again.",
        ),
        Error::NoIdentity => gettext(
            "There is no certificate to encrypt with. Choose a certificate and its key, or switch encryption off.",
        ),
        _ => return None,
    })
}

fn handshake(what: &Failure) -> String {
    match what {
        Failure::NotTls => gettext(
            "The other side does not encrypt, so nothing was said to it. Check the address and the port, or connect with plain text.",
        ),
        Failure::OldVersion => gettext(
            "The other side does not speak TLS 1.3, the only encryption that Hallway takes. Update the program there, or connect with plain text.",
        ),
        Failure::NoCertificate => gettext(
            "The other side showed no certificate. Give the program there a certificate and its key, then try again.",
        ),
        Failure::BadCertificate => gettext(
            "The other side showed a certificate that cannot be used. Give the program there another one, then try again.",
        ),
        Failure::Closed => gettext(
            "The other side closed the connection while encryption was being set up. Look at the program there, then try again.",
        ),
        other => gettext_f(
            "Encryption could not be set up: {detail}. Look at the program there, then try again.",
            &[("detail", &clause(&other.to_string()))],
        ),
    }
}

/// Every error of encryption, with this wherever text comes from outside.
#[cfg(test)]
pub(super) fn every(detail: &str) -> Vec<Error> {
    let detail = detail.to_owned();
    let failures = [
        Failure::NotTls,
        Failure::OldVersion,
        Failure::NoCommonProtocol,
        Failure::NoCertificate,
        Failure::BadCertificate,
        Failure::CertificateRefused,
        Failure::Damaged,
        Failure::Closed,
        Failure::Alert { code: 80 },
        Failure::Other { detail },
    ];
    let mut all = vec![
        Error::NoCommonProtocol,
        Error::CertificateRefused { by_peer: true },
        Error::CertificateRefused { by_peer: false },
        Error::HandshakeTimedOut,
        Error::NotEncrypted,
        Error::Truncated,
        Error::NoIdentity,
    ];
    for what in failures {
        all.push(Error::EncryptionBroken { what: what.clone() });
        all.push(Error::HandshakeFailed { what });
    }
    all
}
