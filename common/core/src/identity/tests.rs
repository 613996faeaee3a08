use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use proptest::prelude::*;
use tempfile::tempdir;

use super::*;
use crate::files;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn write(path: &Path, text: &str, mode: u32) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn openssl_reads_it_and_it_tells_nothing_of_anybody() {
    let identity = Identity::make().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("certificate.pem");
    write(&path, &identity.certificate, 0o600);
    let told = Command::new("openssl")
        .args([
            "x509",
            "-noout",
            "-subject",
            "-dates",
            "-fingerprint",
            "-sha256",
        ])
        .arg("-in")
        .arg(&path)
        .output()
        .unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    let value = |name: &str| {
        let line = told.lines().find(|line| line.starts_with(name));
        let (_, value) = line.unwrap().split_once('=').unwrap();
        value.to_owned()
    };
    let fingerprint = value("sha256 Fingerprint").replace(':', "").to_lowercase();
    assert_eq!(fingerprint, identity.fingerprint().to_string());
    assert_eq!(value("subject").replace(' ', ""), "CN=Hallway");
    let year = |date: String| -> u32 { date.split(' ').nth_back(1).unwrap().parse().unwrap() };
    let (from, until) = (year(value("notBefore")), year(value("notAfter")));
    assert!(from < 2000 && until > 3000, "any clock will do");
}

#[test]
fn it_is_made_once_and_kept_to_oneself() {
    let place = tempdir().unwrap();
    let folder = place.path().join("hallway");
    let made = Identity::load_or_make(&folder).unwrap();
    assert!(made.is_new && made.set_aside.is_none());
    assert_eq!((mode(&folder), mode(&folder.join(FILE))), (0o700, 0o600));
    let kept = Identity::load_or_make(&folder).unwrap();
    assert_eq!(kept.identity, made.identity);
    assert!(!kept.is_new && kept.set_aside.is_none());
    assert_eq!(
        format!("{:?}", kept.identity),
        format!("Identity({:?})", made.identity.fingerprint())
    );
    // Wider permissions are mended.
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(folder.join(FILE), fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(
        Identity::load_or_make(&folder).unwrap().identity,
        made.identity
    );
    assert_eq!((mode(&folder), mode(&folder.join(FILE))), (0o700, 0o600));
}

#[test]
fn many_starts_at_once_end_with_one_identity() {
    let place = tempdir().unwrap();
    let loaded: Vec<Loaded> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| Identity::load_or_make(place.path()).unwrap()))
            .collect();
        starts
            .into_iter()
            .map(|start| start.join().unwrap())
            .collect()
    });
    assert_eq!(loaded.iter().filter(|loaded| loaded.is_new).count(), 1);
    assert!(loaded.iter().all(|one| one.identity == loaded[0].identity));
}

#[test]
fn a_damaged_file_is_set_aside_and_told() {
    let place = tempdir().unwrap();
    let path = place.path().join(FILE);
    let whole = {
        Identity::load_or_make(place.path()).unwrap();
        fs::read_to_string(&path).unwrap()
    };
    let other = Identity::make().unwrap();
    let key_at = whole.find("-----BEGIN PRIVATE KEY-----").unwrap();
    let damaged = [
        String::new(),
        "not a certificate".to_owned(),
        whole[..whole.len() / 2].to_owned(),
        whole[..key_at].to_owned(),
        whole[key_at..].to_owned(),
        whole[..key_at].to_owned() + &other.key,
        other.key.clone(),
        "x".repeat(LONGEST + 1),
    ];
    for (number, text) in (1..).zip(&damaged) {
        write(&path, text, 0o600);
        let loaded = Identity::load_or_make(place.path()).unwrap();
        let aside = place.path().join(format!("{FILE}.damaged-{number}"));
        assert_eq!(loaded.set_aside.as_ref(), Some(&aside));
        assert!(loaded.is_new);
        assert_eq!(&fs::read_to_string(aside).unwrap(), text);
        assert_eq!(
            Identity::load_or_make(place.path()).unwrap().identity,
            loaded.identity
        );
    }
}

#[test]
fn a_file_of_somebody_else_or_no_file_is_refused_and_left() {
    let place = tempdir().unwrap();
    fs::create_dir(place.path().join(FILE)).unwrap();
    let path = place.path().join(FILE);
    let error = Identity::load_or_make(place.path()).unwrap_err();
    assert_eq!(error, Error::File(files::Error::NotAFile { path }));
    if rustix::process::geteuid().is_root() {
        let place = tempdir().unwrap();
        let path = place.path().join(FILE);
        write(&path, "theirs", 0o600);
        std::os::unix::fs::chown(&path, Some(65534), None).unwrap();
        let error = Identity::load_or_make(place.path()).unwrap_err();
        assert_eq!(
            error,
            Error::File(files::Error::NotOurs { path: path.clone() })
        );
        assert_eq!(fs::read_to_string(path).unwrap(), "theirs");
    }
}

#[test]
fn a_certificate_and_key_of_the_users_own_are_loaded() {
    let place = tempdir().unwrap();
    let (certificate, key) = (place.path().join("cert.pem"), place.path().join("key.pem"));
    let own = Identity::make().unwrap();
    write(&certificate, &own.certificate, 0o644);
    write(&key, &own.key, 0o640);
    assert_eq!(Identity::from_files(&certificate, &key), Ok(own.clone()));
    // Both in one file, with words before them as OpenSSL writes them.
    let both = place.path().join("both.pem");
    write(
        &both,
        &format!("subject=CN = Ana\n{}{}", own.certificate, own.key),
        0o600,
    );
    let loaded = Identity::from_files(&both, &both).unwrap();
    assert_eq!(loaded.fingerprint(), own.fingerprint());

    for open in [0o604, 0o602, 0o620] {
        write(&key, &own.key, open);
        let error = Identity::from_files(&certificate, &key).unwrap_err();
        let (path, mode) = (key.clone(), open);
        assert_eq!(error, files::Error::OpenToOthers { path, mode }.into());
    }
    let unusable = |certificate_pem: &str, key_pem: &str| {
        write(&certificate, certificate_pem, 0o644);
        write(&key, key_pem, 0o600);
        match Identity::from_files(&certificate, &key) {
            Err(Error::Unusable { path, reason }) => (path, reason),
            other => panic!("{other:?}"),
        }
    };
    let locked = own.key.replace(" PRIVATE", " ENCRYPTED PRIVATE");
    let other = Identity::make().unwrap();
    for (pem, reason) in [
        ("", Unusable::NoKey),
        (&own.certificate, Unusable::NoKey),
        (&locked, Unusable::Locked),
        (&other.key, Unusable::NotTogether),
        (&"x".repeat(LONGEST + 1), Unusable::TooLong),
    ] {
        assert_eq!(unusable(&own.certificate, pem), (key.clone(), reason));
    }
    assert_eq!(
        unusable(&own.key, &own.key),
        (certificate.clone(), Unusable::NoCertificate)
    );
    let missing = place.path().join("missing");
    assert!(matches!(
        Identity::from_files(&missing, &key),
        Err(Error::File(files::Error::System { path, .. })) if path == missing
    ));
}

/// What people have from elsewhere: made by OpenSSL, in each way it writes keys.
#[test]
fn keys_that_openssl_made_are_taken() {
    let place = tempdir().unwrap();
    let (certificate, key) = (place.path().join("cert.pem"), place.path().join("key.pem"));
    let openssl = |arguments: &[&str]| {
        let output = std::process::Command::new("openssl")
            .args(arguments)
            .current_dir(place.path())
            .output()
            .expect("openssl is there: packaging/packages asks for it");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    let kinds: [&[&str]; 3] = [
        &[
            "genpkey",
            "-algorithm",
            "EC",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-out",
            "key.pem",
        ],
        &[
            "genpkey",
            "-algorithm",
            "RSA",
            "-pkeyopt",
            "rsa_keygen_bits:2048",
            "-out",
            "key.pem",
        ],
        &[
            "ecparam",
            "-name",
            "prime256v1",
            "-genkey",
            "-out",
            "key.pem",
        ],
    ];
    for kind in kinds {
        openssl(kind);
        openssl(&[
            "req", "-x509", "-key", "key.pem", "-subj", "/CN=Ana", "-out", "cert.pem",
        ]);
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        let identity = Identity::from_files(&certificate, &key).unwrap();
        openssl(&[
            "x509", "-in", "cert.pem", "-outform", "DER", "-out", "cert.der",
        ]);
        let der = fs::read(place.path().join("cert.der")).unwrap();
        assert_eq!(
            identity.fingerprint(),
            Fingerprint::of_der(&der),
            "{kind:?}"
        );
    }
}

proptest! {
    #[test]
    fn no_text_does_harm(bytes in prop::collection::vec(any::<u8>(), 0..200), at: prop::sample::Index) {
        prop_assert!(Identity::from_one_file(&bytes).is_err());
        let both = {
            let identity = Identity::make().unwrap();
            identity.certificate + &identity.key
        };
        let mut damaged = both.clone().into_bytes();
        damaged.truncate(at.index(both.len()));
        damaged.extend(bytes);
        // Whatever is made of it, nothing panics, and no other key than its own passes.
        if let Ok(identity) = Identity::from_one_file(&damaged) {
            prop_assert!(crate::net::tls::Client::hallway(&identity).is_ok());
        }
    }
}
