//! Certificates: what a variable of that kind means to scripts, and the step that writes one into a directory.
//!
//! The directory is opened as the policy grants it, and the file is made beneath it: a link in the directory can't
//! lead out of it. A file that is there is replaced whole, or not at all.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt as _};
use zeroize::Zeroizing;

use super::Done;
use crate::certificate::{Bundle, Finding, report};
use crate::dispatch::Error;
use crate::dispatch::attempt::Run;
use crate::dispatch::variables::evaluate;
use crate::model::certificate::Certificate;
use crate::plan::own::{ImportCertificate, WrittenAs};
use crate::policy::{Access, FileSource, Grants, HostPath};
use crate::worker::{Sensitive, Variables};

/// Adds what scripts find beside a certificate variable: `Name.Thumbprint`, `Name.PrivateKeyPem` … as in Octopus
/// (documentation: "Certificate variables").
///
/// # Errors
/// [`Error::Store`].
pub(in crate::dispatch) async fn expand(
    run: &Run,
    name: &str,
    certificate_id: &str,
    variables: &mut Variables,
) -> Result<(), Error> {
    let Ok((certificate, bundle)) = load(run, certificate_id).await? else {
        return Ok(());
    };
    let facts = &certificate.facts;
    for (property, value) in [
        ("Type", "X.509"),
        ("Name", &certificate.name),
        ("Thumbprint", &facts.thumbprint),
        ("Subject", &facts.subject_distinguished_name),
        ("SubjectCommonName", &facts.subject_common_name),
        ("Issuer", &facts.issuer_distinguished_name),
        ("IssuerCommonName", &facts.issuer_common_name),
        ("NotBefore", &facts.not_before),
        ("NotAfter", &facts.not_after),
        ("CertificatePem", &bundle.certificate_pem()),
        ("ChainPem", &bundle.chain_pem()),
    ] {
        let name = format!("{name}.{property}");
        variables.set(&name, value.to_owned(), Sensitive::No);
    }
    if let Some(key) = bundle.key_pem() {
        let name = format!("{name}.PrivateKeyPem");
        variables.set(&name, key.to_string(), Sensitive::Yes);
    }
    Ok(())
}

async fn load(run: &Run, id: &str) -> Result<Result<(Certificate, Bundle), String>, Error> {
    let app = &run.inner.app;
    let found = app.store().document_by_id::<Certificate>(id).await?;
    let Some(found) = found else {
        return Ok(Err(format!("the certificate `{id}` was deleted")));
    };
    let bundle = app.certificate_bundle(&found.record).await;
    Ok(bundle.map(|bundle| (found.record, bundle)))
}

/// Writes it.
///
/// # Errors
/// What kept the server from trying.
pub(super) async fn import(
    run: &Run,
    import: &ImportCertificate,
    variables: &Variables,
) -> Result<Done, Error> {
    let policy = run.plan.policies.get(&import.policy);
    let Some(policy) = policy else {
        return Err(Error::Missing {
            task_id: run.task.id.clone(),
            what: "a policy",
        });
    };
    let (certificate, bundle) = match load(run, &import.certificate_id).await? {
        Ok(loaded) => loaded,
        Err(problem) => return Ok(Done::failed(problem)),
    };
    let mut done = Done::default();
    let text = format!(
        "{}: {}, SHA-1 {}",
        certificate.name,
        bundle.facts().subject,
        bundle.facts().thumbprint
    );
    done.say(run, "Info", &text);
    for finding in report(&bundle, run.inner.app.now()) {
        match finding {
            Finding::Fine(text) => done.say(run, "Info", &text),
            Finding::Doubtful(text) => done.say(run, "Warning", &text),
            Finding::Broken(text) => {
                done.say(run, "Error", &text);
                done.failure = Some(format!("the certificate can't be used: {text}"));
            }
        }
    }
    if done.failure.is_some() {
        return Ok(done);
    }
    let file = match &import.written_as {
        WrittenAs::Pem => Ok(Zeroizing::new(bundle.to_pem().as_bytes().to_vec())),
        WrittenAs::Pkcs12 { password } => pkcs12(bundle, password, variables).await,
    };
    let grants = policy.grants.clone();
    let path = import.path.as_str().to_owned();
    let written = match file {
        Ok(file) => {
            let writing = tokio::task::spawn_blocking(move || write(&grants, &path, &file));
            writing.await.unwrap_or_else(|error| Err(error.to_string()))
        }
        Err(problem) => Err(problem),
    };
    match written {
        Ok(host) => done.say(run, "Info", &format!("Written to {} ({host})", import.path)),
        Err(problem) => done.failure = Some(problem),
    }
    Ok(done)
}

async fn pkcs12(
    bundle: Bundle,
    password: &str,
    variables: &Variables,
) -> Result<Zeroizing<Vec<u8>>, String> {
    let (password, missing) = evaluate(password, variables)?;
    let password = Zeroizing::new(password);
    if !missing.is_empty() || password.is_empty() {
        return Err("the password of the PKCS#12 file has no value".to_owned());
    }
    let writing = tokio::task::spawn_blocking(move || bundle.to_pkcs12(&password));
    let written = writing.await.map_err(|error| error.to_string())?;
    written
        .map(Zeroizing::new)
        .map_err(|error| error.to_string())
}

/// Writes the file beneath the directory that the policy grants, and says where that is on the host.
fn write(grants: &Grants, path: &str, bytes: &[u8]) -> Result<String, String> {
    let mount_path = crate::policy::MountPath::parse(path).map_err(|error| error.to_string())?;
    let grant = grants.files.decide(&mount_path, Access::ReadWrite);
    let grant = grant.map_err(|denial| denial.to_string())?;
    let FileSource::Host(directory) = &grant.source else {
        return Err(format!("{} is not a directory of the host", grant.source));
    };
    let inner = path
        .strip_prefix(grant.mount.as_str())
        .unwrap_or_default()
        .trim_start_matches('/');
    replace(directory, inner, bytes)
        .map_err(|error| format!("the certificate can't be written to {path}: {error}"))?;
    Ok(format!("{}/{inner}", directory.as_str()))
}

fn replace(directory: &HostPath, inner: &str, bytes: &[u8]) -> std::io::Result<()> {
    let root = Dir::open_ambient_dir(directory.as_str(), ambient_authority())?;
    if let Some((parent, _)) = inner.rsplit_once('/') {
        root.create_dir_all(parent)?;
    }
    let mut random = [0_u8; 9];
    let source = ring::rand::SystemRandom::new();
    ring::rand::SecureRandom::fill(&source, &mut random)
        .map_err(|_| std::io::Error::other("the operating system has no random numbers"))?;
    let name = BASE64.encode(random).replace('/', "_");
    let temporary = format!("{inner}.{name}.new");
    let mut options = OpenOptions::new();
    // It may hold a private key: nobody else reads it, not even for a moment.
    let options = options.write(true).create_new(true).mode(0o600);
    let written = root.open_with(&temporary, options).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        root.rename(&temporary, &root, inner)
    });
    if written.is_err() {
        root.remove_file(&temporary).ok();
    }
    written
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn host(path: &std::path::Path) -> HostPath {
        HostPath::parse(path.to_str().expect("text")).expect("a path")
    }

    #[test]
    fn a_file_is_replaced_whole_and_is_the_owners_alone() {
        let directory = tempfile::tempdir().expect("a directory");
        for text in ["one", "two"] {
            replace(&host(directory.path()), "tls/web.pem", text.as_bytes()).expect("written");
        }
        let file = directory.path().join("tls/web.pem");
        assert_eq!(std::fs::read_to_string(&file).expect("text"), "two");
        let mode = std::fs::metadata(&file)
            .expect("metadata")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        let left = std::fs::read_dir(directory.path().join("tls")).expect("a list");
        assert_eq!(left.count(), 1, "a temporary file is left");
    }

    #[test]
    fn a_link_does_not_lead_out_of_the_directory() {
        let directory = tempfile::tempdir().expect("a directory");
        let outside = tempfile::tempdir().expect("a directory");
        symlink(outside.path(), directory.path().join("tls")).expect("a link");
        assert!(replace(&host(directory.path()), "tls/web.pem", b"x").is_err());
        assert_eq!(
            std::fs::read_dir(outside.path()).expect("a list").count(),
            0
        );
    }
}
