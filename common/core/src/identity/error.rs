//! What can go wrong with an identity, typed.

use std::path::PathBuf;

use crate::files;

/// Why there is no identity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or a folder.
    #[error(transparent)]
    File(#[from] files::Error),
    /// A file of the user's own is not what it should be.
    #[error("{}: {reason}", .path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: Unusable,
    },
    /// No key or certificate could be made.
    #[error("no certificate could be made: {detail}")]
    NotMade {
        /// What the library said.
        detail: String,
    },
}

/// Why some text is no certificate with its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// It is longer than [`LONGEST`](super::LONGEST).
    #[error("longer than any certificate")]
    TooLong,
    /// It is not text.
    #[error("not PEM")]
    NotPem,
    /// There is no certificate in it, or a broken one.
    #[error("no certificate in it")]
    NoCertificate,
    /// There is no key in it, or a broken one.
    #[error("no key in it")]
    NoKey,
    /// The key can be read with a password only, which nobody is asked for.
    #[error("the key needs a password")]
    Locked,
    /// The certificate is not the one that was written.
    #[error("the certificate is not as it was written")]
    NotAsWritten,
    /// The key is another certificate's.
    #[error("the key is not the certificate's")]
    NotTogether,
}
