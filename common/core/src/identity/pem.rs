//! Certificates and keys as text (RFC 7468).

use memchr::memmem;
use rcgen::{KeyPair, PublicKeyData};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::Unusable;
use crate::wire::Fingerprint;

const KEY_BEGINS: &str = "-----BEGIN PRIVATE KEY-----";

/// How files begin, or say in their head, that a password is needed.
const LOCKED: [&str; 2] = [
    "-----BEGIN ENCRYPTED PRIVATE KEY-----",
    "Proc-Type: 4,ENCRYPTED",
];

/// The tag of a sequence in DER, which every certificate is.
const SEQUENCE: u8 = 0x30;

/// The fingerprint of the first certificate in a text.
///
/// # Errors
/// There is none, or it is broken.
pub fn fingerprint_of_pem(text: &str) -> Result<Fingerprint, Unusable> {
    certificate(text).map(|der| Fingerprint::of_der(&der))
}

/// The first certificate in a text.
pub(super) fn certificate(text: &str) -> Result<CertificateDer<'static>, Unusable> {
    CertificateDer::from_pem_slice(text.as_bytes())
        .ok()
        .filter(|der| der.first() == Some(&SEQUENCE))
        .ok_or(Unusable::NoCertificate)
}

/// Whether there is a key in a text, and it is this certificate's.
pub(super) fn check_key(text: &str, certificate: &[u8]) -> Result<(), Unusable> {
    if LOCKED.iter().any(|mark| text.contains(mark)) {
        return Err(Unusable::Locked);
    }
    let key = PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|_| Unusable::NoKey)?;
    if !matches!(key, PrivateKeyDer::Pkcs8(_)) {
        return Ok(());
    }
    let Ok(key) = KeyPair::try_from(&key) else {
        return Err(Unusable::NoKey);
    };
    // A certificate holds the public key as it is, once.
    let public = key.subject_public_key_info();
    match memmem::find(certificate, &public) {
        Some(_) => Ok(()),
        None => Err(Unusable::NotTogether),
    }
}

/// The certificate and the key of a file as we write it.
pub(super) fn divide(text: &str) -> Result<(&str, &str), Unusable> {
    let at = text.find(KEY_BEGINS).ok_or(Unusable::NoKey)?;
    Ok(text.split_at(at))
}
