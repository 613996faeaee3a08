//! Handshakes, beside a loop that does nothing else.

use std::cell::Cell;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;

use anyhow::{Context, Result};
use hallway_core::identity::Identity;
use hallway_core::net::tls;
use rustix::process::{Signal, set_parent_process_death_signal};
use rustls::crypto::{CryptoProvider, ring, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::version::TLS13;
use rustls::{
    DigitallySignedStruct, DistinguishedName, Error, ServerConfig, ServerConnection,
    SignatureScheme, Stream,
};

use super::messages;
use super::people::World;
use crate::effort::Effort;
use crate::servers::{self, Server};
use crate::table::Table;

/// Handshakes under way at once.
const AT_ONCE: usize = 16;

/// The same for both, in turn: the median of the ratios of the same round.
///
/// # Errors
/// A server does not start.
pub(super) fn measure(effort: Effort, table: &mut Table) -> Result<()> {
    let count = match effort {
        Effort::Full => 2_000,
        Effort::Short => 100,
    };
    let (mut ours, mut bare, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..effort.rounds() {
        let folder = servers::folder()?;
        let real = shake(&messages::server(folder.path())?, count)?;
        let limit = shake(&Server::of_this_program(&["handshakes"])?, count)?;
        ours.push(1e6 / real);
        bare.push(1e6 / limit);
        ratios.push(limit / real);
    }
    table.push_median("handshakes_per_cpu_second", ours);
    table.push_median("handshakes_per_cpu_second_of_the_bare_loop", bare);
    table.push_median("handshake_rate_ratio", ratios);
    Ok(())
}

/// Microseconds of the server's time for each of so many handshakes.
fn shake(server: &Server, count: usize) -> Result<f64> {
    World::with(server.address(), |world| {
        let client = tls::Client::hallway(&Identity::make()?)?;
        let (done, begun) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let before = server.cpu()?;
        let mut open = Vec::new();
        world.until("all handshakes", || {
            while begun.get() < count && begun.get() - done.get() < AT_ONCE {
                begun.set(begun.get() + 1);
                let connection = world.connect(Some(client.clone()));
                let done = Rc::clone(&done);
                connection.connect_encrypted(move |connection| {
                    done.set(done.get() + 1);
                    connection.abort();
                });
                open.push(connection);
            }
            open.retain(|connection| connection.state() != hallway_core::net::State::Unconnected);
            done.get() == count
        })?;
        let time = server.cpu()?.saturating_sub(before);
        Ok(time.as_secs_f64() * 1e6 / f64::from(u32::try_from(count)?))
    })
}

/// The limit: accepts, shakes hands, waits for the end, one after the other.
///
/// # Errors
/// The system refuses a socket.
pub(crate) fn run() -> Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let config = Arc::new(config()?);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address: SocketAddr = listener.local_addr()?;
    println!("Listening on {address}");
    std::io::stdout().flush()?;
    for socket in listener.incoming() {
        let mut socket = socket?;
        let mut session = ServerConnection::new(Arc::clone(&config))?;
        // It ends when the client does, one way or another.
        let _ = Stream::new(&mut session, &mut socket).read(&mut [0; 1]);
    }
    Ok(())
}

fn config() -> Result<ServerConfig> {
    let folder = tempfile::tempdir()?;
    Identity::load_or_make(folder.path())?;
    let file = folder.path().join("identity.pem");
    let chain = CertificateDer::pem_file_iter(&file)?.collect::<Result<_, _>>()?;
    let key = PrivateKeyDer::from_pem_file(&file).context("its key")?;
    let provider = Arc::new(ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(Arc::new(Anybody(provider)))
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"hallway/1".to_vec()];
    config.send_tls13_tickets = 0;
    Ok(config)
}

/// Takes every certificate whose owner has its key.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ClientCertVerifier for Anybody {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _certificate: &CertificateDer<'_>,
        _others: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.3 only".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
