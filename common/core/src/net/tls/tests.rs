use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::*;
use crate::identity::Identity;

static SERVER: LazyLock<Identity> = LazyLock::new(|| Identity::make().unwrap());
static CLIENT: LazyLock<Identity> = LazyLock::new(|| Identity::make().unwrap());

fn client() -> Session {
    Session::client(&Client::hallway(&CLIENT).unwrap()).unwrap()
}

fn client_of_lines() -> Session {
    Session::client(&Client::lines().unwrap()).unwrap()
}

fn server(takes_lines: bool) -> Session {
    Session::server(&Server::new(&SERVER, takes_lines).unwrap())
}

fn output(session: &mut Session) -> Vec<u8> {
    let mut cipher = Vec::new();
    session.take_output(&mut cipher);
    cipher
}

/// Carries bytes both ways, cut into pieces of so many bytes, until both are silent.
fn shake(client: &mut Session, server: &mut Session, piece: usize) -> Result<(), Failure> {
    let carry = |from: &mut Session, to: &mut Session| {
        let cipher = output(from);
        let mut plain = Vec::new();
        for piece in cipher.chunks(piece) {
            to.receive(piece, &mut plain)?;
        }
        to.begin(&mut plain)?;
        assert!(plain.is_empty());
        Ok(!cipher.is_empty())
    };
    while carry(client, server)? | carry(server, client)? {}
    Ok(())
}

fn pair() -> (Session, Session) {
    let (mut client, mut server) = (client(), server(false));
    shake(&mut client, &mut server, usize::MAX).unwrap();
    (client, server)
}

#[test]
fn both_know_each_other_by_their_certificates() {
    for piece in [1, 7, 100, usize::MAX] {
        let (mut client, mut server) = (client(), server(true));
        shake(&mut client, &mut server, piece).unwrap();
        let of = |identity: &Identity| Peer {
            protocol: Protocol::Hallway,
            fingerprint: Some(identity.fingerprint()),
        };
        assert_eq!(client.peer(), Some(&of(&SERVER)));
        assert_eq!(server.peer(), Some(&of(&CLIENT)));
    }
}

#[test]
fn both_send_at_once_what_is_longer_than_a_record() {
    let (mut client, mut server) = pair();
    let long = vec![7; 1024 * 1024];
    let carry = |from: &mut Session, to: &mut Session| {
        let (mut cipher, mut plain) = (Vec::new(), Vec::new());
        from.send(&long, &mut cipher).unwrap();
        to.receive(&cipher, &mut plain).unwrap();
        assert!(plain == long, "{} bytes came", plain.len());
    };
    carry(&mut client, &mut server);
    carry(&mut server, &mut client);
}

#[test]
fn lines_need_no_certificate_of_the_client() {
    let (mut client, mut server) = (client_of_lines(), server(true));
    shake(&mut client, &mut server, 50).unwrap();
    let peer = server.peer().unwrap();
    assert_eq!((peer.protocol, peer.fingerprint), (Protocol::Lines, None));
    let peer = client.peer().unwrap();
    assert_eq!(peer.protocol, Protocol::Lines);
    assert_eq!(peer.fingerprint, Some(SERVER.fingerprint()));
}

#[test]
fn lines_are_refused_with_a_reason_where_they_are_not_taken() {
    let (mut client, mut server) = (client_of_lines(), server(false));
    let failed = shake(&mut client, &mut server, usize::MAX);
    assert_eq!(failed, Err(Failure::NoCommonProtocol));
    let alert = output(&mut server);
    let told = client.receive(&alert, &mut Vec::new());
    assert_eq!(told, Err(Failure::NoCommonProtocol));
    assert_eq!((client.peer(), server.peer()), (None, None));
}

#[test]
fn a_server_reckons_only_when_it_is_told_to() {
    let (mut client, mut server) = (client(), server(false));
    let hello = output(&mut client);
    let mut plain = Vec::new();
    let (start, end) = hello.split_at(hello.len() - 1);
    server.receive(start, &mut plain).unwrap();
    assert!(!server.is_waiting());
    server.receive(end, &mut plain).unwrap();
    assert!(server.is_waiting());
    assert!(output(&mut server).is_empty());
    server.begin(&mut plain).unwrap();
    assert!(!output(&mut server).is_empty());
}

#[test]
fn nothing_is_sent_before_the_handshake_is_over() {
    let mut client = client();
    output(&mut client);
    let mut cipher = Vec::new();
    assert_eq!(client.send(b"secret", &mut cipher), Err(Failure::Closed));
    client.end(&mut cipher);
    assert!(cipher.is_empty());
}

#[test]
fn text_is_no_tls() {
    let mut server = server(true);
    let failed = server.receive(b"hello, who is there?\n", &mut Vec::new());
    assert_eq!(failed, Err(Failure::NotTls));
    let mut client = client();
    let failed = client.receive(b"welcome to this room\n", &mut Vec::new());
    assert_eq!(failed, Err(Failure::NotTls));
}

#[test]
fn an_end_is_told_and_what_follows_is_ignored() {
    let (mut client, mut server) = pair();
    let mut cipher = Vec::new();
    client.send(b"last words", &mut cipher).unwrap();
    client.end(&mut cipher);
    cipher.extend(b"garbage");
    let mut plain = Vec::new();
    assert!(!server.has_ended());
    server.receive(&cipher, &mut plain).unwrap();
    assert_eq!(plain, b"last words");
    assert!(server.has_ended());
    // It may go on itself.
    let mut answer = Vec::new();
    server.send(b"and mine", &mut answer).unwrap();
    plain.clear();
    client.receive(&answer, &mut plain).unwrap();
    assert_eq!(plain, b"and mine");
}

#[test]
fn what_is_sealed_is_no_longer_than_said() {
    let (mut client, mut server) = pair();
    for length in [0, 1, RECORD - 1, RECORD, RECORD + 1, 5 * RECORD, 100_000] {
        let text = vec![b'x'; length];
        let mut cipher = Vec::new();
        client.send(&text, &mut cipher).unwrap();
        assert!(cipher.len() <= sealed(length), "{length}");
        let mut plain = Vec::new();
        server.receive(&cipher, &mut plain).unwrap();
        assert_eq!(plain, text);
    }
    assert_eq!(sealed(usize::MAX), usize::MAX);
}

#[test]
fn records_without_text_and_new_keys_end_in_bounded_memory() {
    let (client, mut server) = pair();
    let Stage::Open(mut connection) = client.stage else {
        panic!("the handshake is over");
    };
    let mut answers = Vec::new();
    let failed = (0..10_000).find_map(|_| {
        connection.refresh_traffic_keys().unwrap();
        let mut cipher = Vec::new();
        while let Ok(1..) = connection.write_tls(&mut cipher) {}
        let result = server.receive(&cipher, &mut Vec::new());
        server.take_output(&mut answers);
        result.err()
    });
    assert!(failed.is_some(), "new keys without end");
    assert!(answers.len() < 10_000, "{} bytes of answers", answers.len());
}

/// The certificate of one with the key of another, as a thief would show it.
fn stolen(certificate: &Identity, key: &Identity) -> Arc<SingleCertAndKey> {
    let der = CertificateDer::from_pem_slice(certificate.certificate_pem().as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(key.key_pem().as_bytes()).unwrap();
    let key = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
    Arc::new(CertifiedKey::new(vec![der], key).into())
}

#[test]
fn who_shows_a_certificate_must_hold_its_key() {
    let thief = Identity::make().unwrap();
    let mut config = Client::hallway(&thief).unwrap();
    Arc::make_mut(&mut config.config).client_auth_cert_resolver = stolen(&CLIENT, &thief);
    let (mut client, mut server) = (Session::client(&config).unwrap(), server(false));
    let failed = shake(&mut client, &mut server, usize::MAX);
    assert_eq!(failed, Err(Failure::BadCertificate));
    assert_eq!(server.peer(), None);

    let mut config = Server::new(&thief, false).unwrap();
    Arc::make_mut(&mut config.hallway).cert_resolver = stolen(&SERVER, &thief);
    let mut server = Session::server(&config);
    let mut client = self::client();
    let failed = shake(&mut client, &mut server, usize::MAX);
    assert_eq!(failed, Err(Failure::BadCertificate));
    assert_eq!(client.peer(), None);
}

#[test]
fn a_certificate_that_was_changed_on_its_way_is_refused() {
    let mut client = client();
    let mut server = server(false);
    // The client's last flight, with a bit of the certificate's record turned.
    let mut plain = Vec::new();
    let hello = output(&mut client);
    server.receive(&hello, &mut plain).unwrap();
    server.begin(&mut plain).unwrap();
    let flight = output(&mut server);
    client.receive(&flight, &mut plain).unwrap();
    let mut flight = output(&mut client);
    let middle = flight.len() / 2;
    flight[middle] ^= 1;
    assert_eq!(server.receive(&flight, &mut plain), Err(Failure::Damaged));
    assert_eq!(server.peer(), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_split_of_the_cipher_gives_the_same_text(
        texts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..3000), 0..8),
        mut cuts in prop::collection::vec(0_usize..30_000, 0..40),
    ) {
        let (mut client, mut server) = pair();
        let mut cipher = Vec::new();
        for text in &texts {
            client.send(text, &mut cipher).unwrap();
        }
        client.end(&mut cipher);
        for cut in &mut cuts {
            *cut = (*cut).min(cipher.len());
        }
        cuts.extend([0, cipher.len()]);
        cuts.sort_unstable();
        let mut plain = Vec::new();
        for cut in cuts.windows(2) {
            server.receive(&cipher[cut[0]..cut[1]], &mut plain).unwrap();
        }
        prop_assert_eq!(plain, texts.concat());
        prop_assert!(server.has_ended());
    }

    #[test]
    fn damage_never_becomes_text(
        text in prop::collection::vec(any::<u8>(), 1..200),
        at in any::<prop::sample::Index>(),
        bit in 0_u8..8,
        more in prop::collection::vec(any::<u8>(), 0..50),
    ) {
        let (mut client, mut server) = pair();
        let mut cipher = Vec::new();
        client.send(&text, &mut cipher).unwrap();
        let at = at.index(cipher.len());
        cipher[at] ^= 1 << bit;
        cipher.extend(more);
        let mut plain = Vec::new();
        let result = server.receive(&cipher, &mut plain);
        // The version in a record's head means nothing (RFC 8446, 5.1).
        prop_assert!(plain.is_empty() || (plain == text && (1..3).contains(&at)));
        if result.is_err() {
            let again = server.receive(b"more", &mut plain);
            prop_assert_eq!(again, result);
            output(&mut server);
        }
    }

    #[test]
    fn no_first_bytes_panic(
        hello in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        noise in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let mut bytes = if hello { output(&mut client()) } else { noise };
        for (at, byte) in changes {
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
        }
        let mut plain = Vec::new();
        for mut session in [server(true), client()] {
            if session.receive(&bytes, &mut plain).is_ok() {
                let _ = session.begin(&mut plain);
            }
            output(&mut session);
        }
        prop_assert!(plain.is_empty());
    }
}
