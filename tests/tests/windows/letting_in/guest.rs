//! Somebody who encrypts: frames by hand, through openssl, which is none of ours.

use std::fmt::Write;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use hallway_tests::program::Program;
use hallway_tests::wait::PATIENCE;
use hallway_tests::world::foreign;

/// Somebody with a certificate, connected.
#[derive(Debug)]
pub(crate) struct Guest {
    openssl: Program,
    /// SHA-256 of the certificate.
    identity: [u8; 32],
    /// Messages that were written.
    written: u32,
    /// Comparisons that were begun.
    compared: usize,
}

impl Guest {
    /// Connects, and says hello with a name. Keeps key and certificate in `folder`. None where there is
    /// no openssl.
    pub(crate) fn hello(folder: &Path, room: SocketAddr, name: &str) -> Option<Self> {
        let mut guest = Self::connect(folder, room, name)?;
        guest.says(&format!(r#"{{"type":"hello","name":"{name}","caps":[]}}"#));
        Some(guest)
    }

    fn connect(folder: &Path, room: SocketAddr, name: &str) -> Option<Self> {
        let mut openssl = foreign("openssl")?;
        let (key, certificate) = (
            folder.join(format!("{name}.key")),
            folder.join(format!("{name}.pem")),
        );
        if !certificate.exists() {
            make_certificate(&key, &certificate);
        }
        openssl
            .args(["s_client", "-quiet", "-alpn", "hallway/1", "-connect"])
            .arg(room.to_string())
            .arg("-key")
            .arg(&key)
            .arg("-cert")
            .arg(&certificate);
        Some(Self {
            openssl: Program::spawn(openssl),
            identity: fingerprint(&certificate),
            written: 0,
            compared: 0,
        })
    }

    /// Sends a frame.
    pub(crate) fn says(&mut self, frame: &str) {
        self.openssl.type_line(frame);
    }

    /// Says a text in the room, or to somebody alone.
    pub(crate) fn writes(&mut self, n: u32, to: &str, text: &str) {
        self.written += 1;
        let cid = format!("{:032x}", self.written);
        self.says(&format!(
            r#"{{"type":"msg","cid":"{cid}","n":{n},"to":"{to}","text":"{text}"}}"#
        ));
    }

    /// Waits for a frame that has all these words, and returns it.
    #[track_caller]
    pub(crate) fn hears(&self, words: &[&str]) -> String {
        let what = format!("a frame with {words:?}");
        let has_all = |line: &str| words.iter().all(|word| line.contains(word));
        self.openssl.out().find(PATIENCE, &what, has_all)
    }

    /// Waits to be welcomed. Returns who the server is.
    #[track_caller]
    pub(crate) fn is_welcome(&self) -> String {
        let welcome = self.hears(&[r#""type":"welcome""#]);
        value(&welcome, "id")
    }

    /// Compares six digits, as the protocol has it. Returns those that are to be seen there.
    #[track_caller]
    pub(crate) fn compares_with(&mut self, server: &str) -> String {
        let server = bytes(server);
        // It need not be random to be a number used once.
        let nonce = [7; 32];
        let commit = sha256(&[b"c", &nonce, &self.identity, &server]);
        let commit = hex(&commit);
        self.says(&format!(r#"{{"type":"sas-commit","commit":"{commit}"}}"#));
        let mut before = self.compared;
        self.compared += 1;
        let answer = self.openssl.out().find(PATIENCE, "a nonce", |line| {
            let is_nonce = line.contains(r#""type":"sas-nonce""#);
            if is_nonce && before > 0 {
                before -= 1;
                return false;
            }
            is_nonce
        });
        let theirs = bytes(&value(&answer, "nonce"));
        let reveal = hex(&nonce);
        self.says(&format!(r#"{{"type":"sas-reveal","nonce":"{reveal}"}}"#));
        let hash = sha256(&[b"sas1", &self.identity, &server, &nonce, &theirs]);
        let (first, _) = hash.split_at(8);
        let number = first
            .iter()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        format!("{:06}", number % 1_000_000)
    }
}

fn make_certificate(key: &Path, certificate: &Path) {
    let mut openssl = foreign("openssl").expect("it was there");
    openssl.args([
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-nodes",
        "-subj",
        "/CN=guest",
    ]);
    openssl.args(["-pkeyopt", "ec_paramgen_curve:prime256v1"]);
    openssl.arg("-keyout").arg(key).arg("-out").arg(certificate);
    output(openssl);
    assert!(fs::metadata(key).is_ok_and(|key| key.len() > 0));
}

fn fingerprint(certificate: &Path) -> [u8; 32] {
    let mut openssl = foreign("openssl").expect("it was there");
    openssl
        .args(["x509", "-outform", "der", "-in"])
        .arg(certificate);
    sha256(&[&output(openssl)])
}

fn output(mut command: Command) -> Vec<u8> {
    let output = command.output().expect("it can be started");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    output.stdout
}

fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut checksum = glib::Checksum::new(glib::ChecksumType::Sha256).expect("GLib knows it");
    for part in parts {
        checksum.update(part);
    }
    let digest = checksum.digest();
    digest.try_into().expect("it has 32 bytes")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a string takes all");
        hex
    })
}

fn bytes(hex: &str) -> [u8; 32] {
    let byte = |at: usize| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16);
    std::array::from_fn(|at| byte(at).expect("64 hexadecimal digits"))
}

/// A string in a frame.
fn value(frame: &str, name: &str) -> String {
    let start = format!(r#""{name}":""#);
    let (_, rest) = frame.split_once(&start).expect("the frame has it");
    let (value, _) = rest.split_once('"').expect("a string ends");
    value.to_owned()
}
