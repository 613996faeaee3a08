//! What the two sides of a session are made of.

use std::fmt;
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, ring};
use rustls::server::{ClientHello, NoServerSessionStorage};
use rustls::version::TLS13;
use rustls::{ClientConfig, ClientConnection, ServerConfig};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};

use super::verifier::AnyCertificate;
use super::{Failure, HALLWAY, Protocol};
use crate::identity::Identity;

/// A certificate or its key cannot be used for TLS.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no certificate for TLS: {detail}")]
pub struct Unusable {
    /// What the library said.
    pub detail: String,
}

impl Unusable {
    fn of(error: impl fmt::Display) -> Self {
        Self {
            detail: error.to_string(),
        }
    }
}

/// A client's side, for any number of sessions. Clones are the same.
#[derive(Clone)]
pub struct Client {
    pub(super) config: Arc<ClientConfig>,
    protocol: Protocol,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("protocol", &self.protocol)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// For our own kind, and shown as this identity.
    ///
    /// # Errors
    /// The certificate or its key cannot be used.
    pub fn hallway(identity: &Identity) -> Result<Self, Unusable> {
        let (chain, key) = certificate_and_key(identity)?;
        let config = client_builder()?
            .with_client_auth_cert(chain, key)
            .map_err(Unusable::of)?;
        Ok(Self::of(config, Protocol::Hallway))
    }

    /// For lines over TLS. No certificate is shown.
    ///
    /// # Errors
    /// The library was built without what is needed.
    pub fn lines() -> Result<Self, Unusable> {
        let config = client_builder()?.with_no_client_auth();
        Ok(Self::of(config, Protocol::Lines))
    }

    fn of(mut config: ClientConfig, protocol: Protocol) -> Self {
        if protocol == Protocol::Hallway {
            config.alpn_protocols = vec![HALLWAY.to_vec()];
        }
        config.resumption = Resumption::disabled();
        // It would tell everybody on the way what name was typed.
        config.enable_sni = false;
        Self {
            config: Arc::new(config),
            protocol,
        }
    }

    pub(super) fn connect(&self) -> Result<ClientConnection, Failure> {
        // It is not sent, and nothing is compared with it.
        let name = ServerName::try_from("hallway").map_err(|error| Failure::other(&error))?;
        let mut connection = ClientConnection::new(Arc::clone(&self.config), name)
            .map_err(|error| Failure::other(&error))?;
        connection.set_buffer_limit(None);
        Ok(connection)
    }

    /// What is to be spoken inside.
    pub(super) fn protocol(&self) -> Protocol {
        self.protocol
    }
}

/// A server's side, for any number of sessions. Clones are the same.
#[derive(Clone)]
pub struct Server {
    pub(super) hallway: Arc<ServerConfig>,
    lines: Arc<ServerConfig>,
    takes_lines: bool,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("takes_lines", &self.takes_lines)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// Shown as this identity. With `takes_lines`, clients without our ALPN speak lines.
    ///
    /// # Errors
    /// The certificate or its key cannot be used.
    pub fn new(identity: &Identity, takes_lines: bool) -> Result<Self, Unusable> {
        let (chain, key) = certificate_and_key(identity)?;
        let builder = || {
            ServerConfig::builder_with_provider(provider())
                .with_protocol_versions(&[&TLS13])
                .map_err(Unusable::of)
        };
        let verifier = Arc::new(AnyCertificate::new(&provider()));
        let mut hallway = builder()?
            .with_client_cert_verifier(verifier)
            .with_single_cert(chain.clone(), key.clone_key())
            .map_err(Unusable::of)?;
        hallway.alpn_protocols = vec![HALLWAY.to_vec()];
        let lines = builder()?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(Unusable::of)?;
        Ok(Self {
            hallway: Arc::new(without_memory(hallway)),
            lines: Arc::new(without_memory(lines)),
            takes_lines,
        })
    }

    /// The same, taking lines or not.
    #[must_use]
    pub fn taking_lines(self, takes_lines: bool) -> Self {
        Self {
            takes_lines,
            ..self
        }
    }

    /// How to answer a client, if it can be answered.
    pub(super) fn for_client(&self, hello: &ClientHello<'_>) -> Option<Arc<ServerConfig>> {
        match hello.alpn() {
            Some(mut offered) => offered
                .any(|protocol| protocol == HALLWAY)
                .then(|| Arc::clone(&self.hallway)),
            None => self.takes_lines.then(|| Arc::clone(&self.lines)),
        }
    }
}

/// Nothing of a session is of use to another one.
fn without_memory(mut config: ServerConfig) -> ServerConfig {
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    config.max_early_data_size = 0;
    config
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn client_builder()
-> Result<rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert>, Unusable> {
    let verifier = Arc::new(AnyCertificate::new(&provider()));
    Ok(ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13])
        .map_err(Unusable::of)?
        .dangerous()
        .with_custom_certificate_verifier(verifier))
}

type CertificateAndKey = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn certificate_and_key(identity: &Identity) -> Result<CertificateAndKey, Unusable> {
    let chain = CertificateDer::pem_slice_iter(identity.certificate_pem().as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(Unusable::of)?;
    let key = PrivateKeyDer::from_pem_slice(identity.key_pem().as_bytes());
    Ok((chain, key.map_err(Unusable::of)?))
}
