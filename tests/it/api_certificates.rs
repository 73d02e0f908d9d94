//! Certificates: read when they come, never shown, given to scripts, and written where a policy lets them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use serde_json::{Value, json};

use super::deploying::{Deploying, script};

struct Made {
    /// Certificate, key and chain in one file.
    pem: String,
    key: String,
}

/// A certificate for `web.example.com` that a root of its own signed, valid until this year's end or long ago.
fn made(until: i32) -> Made {
    let root_key = KeyPair::generate().expect("a key");
    let mut root = CertificateParams::new(Vec::new()).expect("parameters");
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    root.distinguished_name
        .push(DnType::CommonName, "Test Root");
    let root_pem = root.self_signed(&root_key).expect("a root").pem();
    let issuer = Issuer::new(root, root_key);
    let leaf_key = KeyPair::generate().expect("a key");
    let mut leaf = CertificateParams::new(vec!["web.example.com".into()]).expect("parameters");
    leaf.not_before = date_time_ymd(2000, 1, 1);
    leaf.not_after = date_time_ymd(until, 1, 1);
    leaf.distinguished_name
        .push(DnType::CommonName, "web.example.com");
    let leaf = leaf.signed_by(&leaf_key, &issuer).expect("a leaf").pem();
    let key = leaf_key.serialize_pem();
    Made {
        pem: format!("{leaf}{key}{root_pem}"),
        key,
    }
}

fn store(deploying: &Deploying, name: &str, file: &[u8]) -> Value {
    let data = BASE64.encode(file);
    let body = json!({ "Name": name, "CertificateData": { "NewValue": data } });
    deploying.server.post("/api/certificates", body)
}

fn import(path: &str, more: Value) -> Value {
    let mut properties = json!({
        "Octopus.Action.Certificate.Variable": "Web.Certificate",
        "Seawall.Certificate.Path": path,
        "Seawall.Policy": "certificates",
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        properties[key] = value.clone();
    }
    json!({ "Name": "Import", "Actions": [{ "Name": "Import", "ActionType": "Octopus.Certificate.Import",
        "Properties": properties }]})
}

/// Lets `/certs` be a directory of the host.
fn grant(deploying: &Deploying, access: &str) -> std::path::PathBuf {
    let directory = deploying.directory.path().join("certs");
    fs::create_dir_all(&directory).expect("a directory");
    let policy = format!(
        "schema = 1\nname = \"certificates\"\n[[files]]\nmount = \"/certs\"\nfrom = \"host:{}\"\naccess = \"{access}\"\n",
        directory.display()
    );
    let body = json!({ "Text": policy });
    deploying.server.put("/api/policies/certificates", body);
    directory
}

fn with_variable(deploying: &Deploying, certificate: &Value) {
    let id = certificate["Id"].as_str().expect("an id");
    deploying.set_variables(&[
        ("Web.Certificate", id, json!({ "Type": "Certificate" })),
        (
            "Web.Password",
            "open sesame",
            json!({ "IsSensitive": true }),
        ),
    ]);
}

#[test]
fn a_certificate_says_what_it_is_and_never_its_key() {
    let deploying = Deploying::new(&[]);
    let made = made(2100);
    let stored = store(&deploying, "Web", made.pem.as_bytes());
    assert_eq!(stored["SubjectCommonName"], "web.example.com");
    assert_eq!(
        stored["SubjectAlternativeNames"],
        json!(["web.example.com"])
    );
    assert_eq!(stored["CertificateDataFormat"], "Pem");
    assert_eq!(stored["HasPrivateKey"], true);
    assert_eq!(
        stored["CertificateChain"][0]["SubjectCommonName"],
        "Test Root"
    );
    assert_eq!(stored["CertificateData"], json!({ "HasValue": true }));
    let line = made.key.lines().nth(1).expect("a line");
    let everything = deploying.server.get("/api/certificates").to_string();
    assert!(!everything.contains(line) && !everything.contains("$sealed"));
    let database = fs::read(deploying.directory.path().join("seawall.db")).expect("the database");
    let text = BASE64.encode(&made.pem);
    let needle = &text.as_bytes()[..200];
    assert!(
        !database
            .windows(needle.len())
            .any(|window| window == needle)
    );
    // Reading and writing back keeps it.
    let path = format!(
        "/api/certificates/{}",
        stored["Id"].as_str().expect("an id")
    );
    let mut again = deploying.server.get(&path);
    again["Notes"] = "For the website".into();
    again["Thumbprint"] = "made up".into();
    let kept = deploying.server.put(&path, again);
    assert_eq!(
        (&kept["Thumbprint"], &kept["Notes"]),
        (&stored["Thumbprint"], &json!("For the website"))
    );
    for (data, expected) in [
        (json!({ "NewValue": "!!!" }), "it is not base64"),
        (
            json!({ "NewValue": BASE64.encode("hello") }),
            "neither PEM, DER nor PKCS#12",
        ),
        (
            json!({ "NewValue": BASE64.encode([0x30, 0x82, 0xff]) }),
            "is the password right?",
        ),
        (json!({}), "Please provide the file"),
    ] {
        let body = json!({ "Name": "Bad", "CertificateData": data });
        let refused = deploying
            .server
            .ask("POST", "/api/certificates", Some(body))
            .expect(400);
        assert!(
            refused["Errors"].to_string().contains(expected),
            "{refused}"
        );
    }
}

#[test]
fn a_script_gets_a_certificate_in_parts_and_its_key_is_masked() {
    let body = "echo \"subject $(get_octopusvariable Web.Certificate.Subject)\"\necho \"$(get_octopusvariable Web.Certificate.PrivateKeyPem)\"";
    let deploying = Deploying::new(&[script("Show", "Bash", body)]);
    let policy =
        "schema = 1\nname = \"default\"\n[variables]\nread = [\"Web.**\", \"Web.Certificate.*\"]\n";
    deploying
        .server
        .put("/api/policies/default", json!({ "Text": policy }));
    let made = made(2100);
    let stored = store(&deploying, "Web", made.pem.as_bytes());
    with_variable(&deploying, &stored);
    deploying.release("1.0.0");
    let task = deploying.deploy("1.0.0", "Dev");
    let log = deploying.succeeded(&task);
    assert!(log.contains("subject CN=web.example.com"), "{log}");
    let line = made.key.lines().nth(1).expect("a line");
    assert!(!log.contains(line) && log.contains("****"), "{log}");
}

#[test]
fn a_certificate_is_written_where_the_policy_grants_it() {
    let deploying = Deploying::new(&[import("/certs/web.pem", json!({}))]);
    let directory = grant(&deploying, "read-write");
    let made = made(2100);
    with_variable(&deploying, &store(&deploying, "Web", made.pem.as_bytes()));
    deploying.release("1.0.0");
    let task = deploying.deploy("1.0.0", "Dev");
    deploying.succeeded(&task);
    let file = directory.join("web.pem");
    let written = fs::read_to_string(&file).expect("the file");
    assert!(
        written.starts_with(&made.key),
        "the key is not first: {written}"
    );
    assert_eq!(written.matches("BEGIN CERTIFICATE").count(), 2);
    let mode = fs::metadata(&file).expect("metadata").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let log = deploying.log(&task);
    assert!(
        log.contains("the chain of 2 certificates is complete"),
        "{log}"
    );
    // The same as PKCS#12, which the server reads again.
    let pkcs12 = json!({ "Seawall.Certificate.Format": "Pkcs12", "Seawall.Certificate.Password": "#{Web.Password}" });
    deploying.set_steps(&[import("/certs/tls/web.pfx", pkcs12)]);
    deploying.release("1.0.1");
    let task = deploying.deploy("1.0.1", "Dev");
    deploying.succeeded(&task);
    assert!(!deploying.log(&task).contains("open sesame"));
    let pfx = fs::read(directory.join("tls/web.pfx")).expect("the file");
    let again = deploying.server.post("/api/certificates", json!({ "Name": "Again",
        "CertificateData": { "NewValue": BASE64.encode(pfx) }, "Password": { "NewValue": "open sesame" } }));
    assert_eq!(
        (&again["CertificateDataFormat"], &again["HasPrivateKey"]),
        (&json!("Pkcs12"), &json!(true))
    );
}

#[test]
fn what_the_policy_does_not_grant_is_refused_before_anything_is_written() {
    let deploying = Deploying::new(&[import("/certs/web.pem", json!({}))]);
    let directory = grant(&deploying, "read");
    with_variable(
        &deploying,
        &store(&deploying, "Web", made(2100).pem.as_bytes()),
    );
    deploying.release("1.0.0");
    assert!(
        deploying
            .refused("1.0.0", "Dev")
            .contains("its policy forbids it"),
        "{}",
        deploying.refused("1.0.0", "Dev")
    );
    grant(&deploying, "read-write");
    for (path, expected) in [
        ("/elsewhere/web.pem", "its policy forbids it"),
        ("/certs", "the mount itself"),
        ("/certs/../web.pem", "`.` or `..`"),
        ("", "doesn't say where"),
    ] {
        deploying.set_steps(&[import(path, json!({}))]);
        let path = format!(
            "/api/Spaces-1/releases/{}",
            deploying.server.get("/api/releases")["Items"][0]["Id"]
                .as_str()
                .expect("an id")
        );
        deploying.server.ask("DELETE", &path, None).expect(200);
        deploying.release("1.0.0");
        assert!(
            deploying.refused("1.0.0", "Dev").contains(expected),
            "{expected}: {}",
            deploying.refused("1.0.0", "Dev")
        );
    }
    assert_eq!(fs::read_dir(directory).expect("a list").count(), 0);
}

#[test]
fn an_expired_certificate_fails_the_step_and_nothing_is_written() {
    let deploying = Deploying::new(&[import("/certs/web.pem", json!({}))]);
    let directory = grant(&deploying, "read-write");
    with_variable(
        &deploying,
        &store(&deploying, "Web", made(2020).pem.as_bytes()),
    );
    deploying.release("1.0.0");
    let task = deploying.deploy("1.0.0", "Dev");
    assert_eq!(deploying.wait(&task)["State"], "Failed");
    assert!(
        deploying
            .log(&task)
            .contains("CN=web.example.com expired at 2020-01-01"),
        "{}",
        deploying.log(&task)
    );
    assert_eq!(fs::read_dir(directory).expect("a list").count(), 0);
}
