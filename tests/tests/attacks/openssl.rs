//! Programs of `OpenSSL`'s, which know nothing of Hallway.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use hallway_core::identity::fingerprint_of_pem;
use hallway_core::wire::Fingerprint;
use hallway_tests::program::Program;
use hallway_tests::world::foreign;

/// A certificate of somebody's, and its key.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    file: PathBuf,
    key: PathBuf,
    pub(crate) fingerprint: Fingerprint,
}

impl Certificate {
    /// Makes one in a folder that is there. None where `OpenSSL` is not.
    #[track_caller]
    pub(crate) fn make(folder: &Path) -> Option<Self> {
        let (certificate, key) = (folder.join("certificate"), folder.join("key"));
        let mut openssl = foreign("openssl")?;
        openssl
            .args([
                "req", "-x509", "-newkey", "ec", "-nodes", "-subj", "/CN=Eve",
            ])
            .args(["-pkeyopt", "ec_paramgen_curve:prime256v1", "-keyout"])
            .arg(&key)
            .arg("-out")
            .arg(&certificate);
        let output = openssl.output().expect("it can be started");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        let pem = std::fs::read_to_string(&certificate).expect("it was made");
        Some(Self {
            fingerprint: fingerprint_of_pem(&pem).expect("it is a certificate"),
            file: certificate,
            key,
        })
    }

    fn show(&self, command: &mut Command) {
        command.arg("-cert").arg(&self.file);
        command.arg("-key").arg(&self.key);
    }
}

/// `openssl s_client` with these options besides, as somebody or as nobody.
#[track_caller]
pub(crate) fn client(server: SocketAddr, who: Option<&Certificate>, options: &[&str]) -> Command {
    let mut openssl = foreign("openssl").expect("it was there");
    openssl.args(["s_client", "-quiet", "-connect", &server.to_string()]);
    if let Some(who) = who {
        who.show(&mut openssl);
    }
    openssl.args(options);
    openssl
}

/// `openssl s_server` on this port of this computer. Whoever connects may show any certificate.
#[track_caller]
pub(crate) fn server(port: u16, who: &Certificate, options: &[&str]) -> Command {
    let mut openssl = foreign("openssl").expect("it was there");
    openssl.args(["s_server", "-quiet", "-4", "-accept", &port.to_string()]);
    openssl.args(["-verify", "1"]);
    who.show(&mut openssl);
    openssl.args(options);
    openssl
}

/// One of us, who speaks as Hallway does.
#[track_caller]
pub(crate) fn speaker(server: SocketAddr, who: &Certificate) -> Program {
    Program::spawn(client(server, Some(who), &["-alpn", "hallway/1"]))
}
