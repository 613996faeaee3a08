//! Who we are: a certificate of our own and its key.
//!
//! It is made at the first start, self-signed with P-256, and stays. People know each other by its
//! [`Fingerprint`], so a file that is damaged is set aside and its name told, and never overwritten.
//! Who has a certificate and a key of their own may use these.

mod error;
mod pem;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_ECDSA_P256_SHA256};

use crate::files::{Folder, Found, read_of_user};
use crate::wire::Fingerprint;

pub use error::{Error, Unusable};
pub use pem::fingerprint_of_pem;

/// Bytes of a file of certificates, or of a key: ours have one, a long chain has ten times it.
pub const LONGEST: usize = 64 * 1024;

/// The name of the file in the folder of an identity: its fingerprint, the certificate, its key.
pub const FILE: &str = "identity.pem";

/// The name of the file by which two starts wait for each other.
const LOCK: &str = "identity.lock";

/// How long a start waits for another one, which makes a key and writes it to the disk.
const LOCK_WAIT: Duration = Duration::from_secs(3);

/// What our certificates are issued to: the same for all, for it is shown to whoever connects.
const COMMON_NAME: &str = "Hallway";

/// A certificate and its key.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// One certificate, or a chain that begins with ours.
    certificate: String,
    key: String,
    fingerprint: Fingerprint,
}

/// An identity that was loaded or made, and what is to be told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The identity.
    pub identity: Identity,
    /// It is new: nobody knows it yet.
    pub is_new: bool,
    /// Where the file went that was there and could not be read.
    pub set_aside: Option<PathBuf>,
}

impl Identity {
    /// Makes a new one, which is kept nowhere.
    ///
    /// # Errors
    /// The system has no random bytes.
    pub fn make() -> Result<Self, Error> {
        let made = || -> Result<_, rcgen::Error> {
            let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
            let mut params = CertificateParams::new(Vec::new())?;
            params.distinguished_name = DistinguishedName::new();
            params
                .distinguished_name
                .push(DnType::CommonName, COMMON_NAME);
            let certificate = params.self_signed(&key)?;
            Ok((certificate, key))
        };
        let (certificate, key) = made().map_err(|error| Error::NotMade {
            detail: error.to_string(),
        })?;
        Ok(Self {
            fingerprint: Fingerprint::of_der(certificate.der()),
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        })
    }

    /// The identity that is kept in this folder; makes it where there is none.
    ///
    /// Of two starts at once one makes it and the other loads it. It waits for the disk, and for
    /// the other start at most three seconds.
    ///
    /// # Errors
    /// The folder or the file cannot be used as they are, or no identity could be made.
    pub fn load_or_make(folder: &Path) -> Result<Loaded, Error> {
        let folder = Folder::open(folder)?;
        let lock = folder.lock(LOCK, LOCK_WAIT)?;
        let kept = match folder.read(FILE, LONGEST)? {
            Found::Nothing => None,
            Found::Bytes(bytes) => Some(Self::from_one_file(&bytes)),
            Found::TooLong => Some(Err(Unusable::TooLong)),
        };
        if let Some(Ok(identity)) = kept {
            return Ok(Loaded {
                identity,
                is_new: false,
                set_aside: None,
            });
        }
        // Made first: where that fails, the file is left where it was.
        let identity = Self::make()?;
        let set_aside = kept.map(|_| lock.set_aside(FILE)).transpose()?;
        lock.make(FILE, identity.to_one_file().as_bytes())?;
        Ok(Loaded {
            identity,
            is_new: true,
            set_aside,
        })
    }

    /// A certificate (or a chain that begins with it) and a key of the user's own, both PEM; they
    /// may be one file.
    ///
    /// # Errors
    /// A file cannot be read, others may read the key, one is not what it should be, or the key is
    /// not the certificate's.
    pub fn from_files(certificate: &Path, key: &Path) -> Result<Self, Error> {
        /// What others may do with a key. A group may read it: services share keys that way.
        const TOO_WIDE: u32 = 0o027;

        let read = |path: &Path| -> Result<_, Error> {
            let (found, stat) = read_of_user(path, LONGEST)?;
            let text = match found {
                Found::Bytes(bytes) => String::from_utf8(bytes).map_err(|_| Unusable::NotPem),
                Found::TooLong | Found::Nothing => Err(Unusable::TooLong),
            };
            let path = path.to_owned();
            text.map(|text| (text, stat.st_mode))
                .map_err(|reason| Error::Unusable { path, reason })
        };
        let (certificate_pem, _) = read(certificate)?;
        let (key_pem, mode) = read(key)?;
        if mode & TOO_WIDE != 0 {
            let path = key.to_owned();
            let mode = mode & 0o7777;
            return Err(crate::files::Error::OpenToOthers { path, mode }.into());
        }
        Self::from_pem(&certificate_pem, &key_pem).map_err(|reason| {
            let is_of_certificate = matches!(reason, Unusable::NoCertificate);
            let path = if is_of_certificate { certificate } else { key };
            let path = path.to_owned();
            Error::Unusable { path, reason }
        })
    }

    /// A certificate (or a chain that begins with it) and its key, both PEM.
    ///
    /// Whether they belong together is checked for keys in PKCS #8; of others the handshake tells.
    ///
    /// # Errors
    /// One is not what it should be, or the key is not the certificate's.
    pub fn from_pem(certificate: &str, key: &str) -> Result<Self, Unusable> {
        let der = pem::certificate(certificate)?;
        pem::check_key(key, &der)?;
        Ok(Self {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            fingerprint: Fingerprint::of_der(&der),
        })
    }

    /// The fingerprint, the certificate, its key. Readers of PEM skip what stands before it.
    fn to_one_file(&self) -> String {
        format!("{}\n{}{}", self.fingerprint, self.certificate, self.key)
    }

    /// Reads what [`Identity::to_one_file`] wrote. A certificate that is damaged and still one
    /// would be somebody else's to all who know us.
    fn from_one_file(bytes: &[u8]) -> Result<Self, Unusable> {
        let text = std::str::from_utf8(bytes).map_err(|_| Unusable::NotPem)?;
        let (fingerprint, pem) = text.split_once('\n').ok_or(Unusable::NotPem)?;
        let (certificate, key) = pem::divide(pem)?;
        let identity = Self::from_pem(certificate, key)?;
        if fingerprint.parse() != Ok(identity.fingerprint) {
            return Err(Unusable::NotAsWritten);
        }
        Ok(identity)
    }

    /// Who we are to others.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The certificate, to be shown to whoever asks.
    pub fn certificate_pem(&self) -> &str {
        &self.certificate
    }

    /// The key, for nobody but our own handshakes.
    pub(crate) fn key_pem(&self) -> &str {
        &self.key
    }
}

impl fmt::Debug for Identity {
    /// Without the key, which has no place in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Identity").field(&self.fingerprint).finish()
    }
}

#[cfg(test)]
mod tests;
