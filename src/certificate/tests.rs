//! Certificates made for the tests, through every format, and hostile bytes.

use jiff::Timestamp;
use proptest::prelude::*;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};

use super::*;

struct Made {
    leaf: String,
    leaf_key: KeyPair,
    root: String,
}

/// A root, and a certificate for `web.example.com` that it signed.
fn made() -> Made {
    let root_key = KeyPair::generate().expect("a key");
    let mut root = CertificateParams::new(Vec::new()).expect("parameters");
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    root.distinguished_name
        .push(rcgen::DnType::CommonName, "Test Root");
    let root_pem = root.self_signed(&root_key).expect("a root").pem();
    let issuer = Issuer::new(root, root_key);
    let leaf_key = KeyPair::generate().expect("a key");
    let mut leaf = CertificateParams::new(vec!["web.example.com".into()]).expect("parameters");
    leaf.not_before = date_time_ymd(2026, 1, 1);
    leaf.not_after = date_time_ymd(2027, 1, 1);
    leaf.distinguished_name
        .push(rcgen::DnType::CommonName, "Web");
    let leaf = leaf.signed_by(&leaf_key, &issuer).expect("a leaf").pem();
    Made {
        leaf,
        leaf_key,
        root: root_pem,
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn broken(bundle: &Bundle, now: &str) -> Vec<String> {
    let found = report(bundle, at(now)).into_iter();
    let text = |finding| match finding {
        Finding::Broken(text) => Some(text),
        Finding::Fine(_) | Finding::Doubtful(_) => None,
    };
    found.filter_map(text).collect()
}

#[test]
fn a_chain_in_any_order_is_put_right_and_goes_through_every_format() {
    let made = made();
    // The root first, as some tools write it.
    let pem = made.root.clone() + &made.leaf_key.serialize_pem() + &made.leaf;
    let bundle = Bundle::read(pem.as_bytes(), "").expect("a bundle");
    assert_eq!(bundle.facts().subject, "CN=Web");
    assert_eq!(bundle.facts().alternative_names, ["web.example.com"]);
    assert_eq!(bundle.chain().count(), 1);
    assert_eq!(bundle.is_key_right(), Some(true));
    assert_eq!(broken(&bundle, "2026-06-01T00:00:00Z"), [""; 0]);
    let pfx = bundle.to_pkcs12("hunter2").expect("PKCS#12");
    assert!(matches!(Bundle::read(&pfx, "wrong"), Err(Error::Pkcs12(_))));
    let again = Bundle::read(&pfx, "hunter2").expect("the same");
    assert_eq!(again.format, Format::Pkcs12);
    assert_eq!(*again.to_pem(), *bundle.to_pem());
    assert_eq!(again.facts(), bundle.facts());
}

#[test]
fn what_is_wrong_is_found() {
    let (made, other) = (made(), made());
    let read = |parts: &[&str]| Bundle::read(parts.concat().as_bytes(), "").expect("a bundle");
    let whole = read(&[&made.leaf, &made.root]);
    assert!(broken(&whole, "2028-01-01T00:00:00Z")[0].contains("expired"));
    assert!(broken(&whole, "2025-01-01T00:00:00Z")[0].contains("not valid before"));
    let now = "2026-06-01T00:00:00Z";
    assert!(
        broken(&read(&[&made.leaf, &other.root]), now)[0].contains("not signed by CN=Test Root")
    );
    let wrong_key = read(&[&made.leaf, &other.leaf_key.serialize_pem()]);
    assert!(broken(&wrong_key, now)[0].contains("not the certificate's"));
    assert_eq!(broken(&read(&[&made.leaf]), now), [""; 0]);
}

#[test]
fn what_is_no_certificate_is_refused_with_the_reason() {
    let made = made();
    let key = made.leaf_key.serialize_pem();
    for (text, expected) in [
        ("hello", Error::Unknown),
        (key.as_str(), Error::NoCertificate),
        (&(made.leaf.clone() + &key + &key), Error::ManyKeys),
        (
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n",
            Error::Key,
        ),
    ] {
        assert_eq!(
            Bundle::read(text.as_bytes(), "").err(),
            Some(expected),
            "{text}"
        );
    }
}

proptest! {
    #[test]
    fn bytes_never_make_it_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..400), is_der in any::<bool>()) {
        if is_der {
            bytes.insert(0, 0x30);
        }
        Bundle::read(&bytes, "x").ok();
    }

    #[test]
    fn a_changed_byte_never_makes_it_panic(at in 0_usize..1500, byte in any::<u8>()) {
        let made = made();
        let mut pem = (made.leaf + &made.leaf_key.serialize_pem() + &made.root).into_bytes();
        let at = at % pem.len();
        pem[at] = byte;
        if let Ok(bundle) = Bundle::read(&pem, "") {
            report(&bundle, Timestamp::UNIX_EPOCH);
        }
    }
}
