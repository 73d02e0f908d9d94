//! What is special about certificates: they are read when they come, and sealed when they stay.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use zeroize::Zeroizing;

use super::resource::Managed;
use super::{App, Error};
use crate::certificate::{Bundle, Facts};
use crate::model::certificate::{Certificate, CertificateFacts, ChainLink};

/// PKCS#12 says itself how much work a password is; more than this is refused rather than waited for.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

impl Managed for Certificate {
    async fn complete(&mut self, app: &App, _stored: Option<&Self>) -> Result<(), Error> {
        self.extra.remove("IsExpired");
        let Some(data) = self.certificate_data.new_value.clone() else {
            return Ok(());
        };
        let data = Zeroizing::new(data);
        let password = Zeroizing::new(self.password.new_value.clone().unwrap_or_default());
        let bundle = app.read_certificate(data, password).await?;
        self.facts = facts(&bundle);
        // What opened another file is not kept for this one.
        if self.password.new_value.is_none() {
            self.password.has_value = false;
        }
        Ok(())
    }
}

impl App {
    /// Reads a file that is given in base64.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the reason.
    async fn read_certificate(
        &self,
        data: Zeroizing<String>,
        password: Zeroizing<String>,
    ) -> Result<Bundle, Error> {
        let reading = tokio::task::spawn_blocking(move || open(&data, &password));
        match tokio::time::timeout(PATIENCE, reading).await {
            Ok(Ok(read)) => {
                read.map_err(|problem| Error::invalid(format!("CertificateData: {problem}.")))
            }
            Ok(Err(_)) | Err(_) => Err(Error::invalid(
                "CertificateData: it takes too long to open; write it again with fewer iterations.",
            )),
        }
    }

    /// A stored certificate, opened.
    ///
    /// # Errors
    /// Why it can't be opened, for people.
    pub async fn certificate_bundle(&self, certificate: &Certificate) -> Result<Bundle, String> {
        let open_secret = |sealed: &Option<String>| match sealed {
            Some(sealed) => self.vault().open(sealed).map_err(|error| error.to_string()),
            None => Ok(Zeroizing::new(String::new())),
        };
        let data = open_secret(&certificate.certificate_data.sealed)?;
        let password = open_secret(&certificate.password.sealed)?;
        let reading = tokio::task::spawn_blocking(move || open(&data, &password));
        reading.await.map_err(|error| error.to_string())?
    }
}

fn open(data: &str, password: &str) -> Result<Bundle, String> {
    let compact: String = data.split_whitespace().collect();
    let bytes = BASE64.decode(Zeroizing::new(compact).as_bytes());
    let bytes = Zeroizing::new(bytes.map_err(|_| "it is not base64".to_owned())?);
    Bundle::read(&bytes, password).map_err(|error| error.to_string())
}

fn facts(bundle: &Bundle) -> CertificateFacts {
    let Facts {
        subject,
        subject_common_name,
        subject_organization,
        issuer,
        issuer_common_name,
        issuer_organization,
        thumbprint,
        serial_number,
        signature_algorithm,
        version: _,
        not_before,
        not_after,
        alternative_names,
        is_authority: _,
        public_key: _,
    } = bundle.facts().clone();
    let link = |facts: &Facts| ChainLink {
        subject_distinguished_name: facts.subject.clone(),
        subject_common_name: facts.subject_common_name.clone(),
        issuer_distinguished_name: facts.issuer.clone(),
        thumbprint: facts.thumbprint.clone(),
        not_before: facts.not_before.to_string(),
        not_after: facts.not_after.to_string(),
    };
    CertificateFacts {
        certificate_data_format: format!("{:?}", bundle.format),
        self_signed: subject == issuer,
        subject_distinguished_name: subject,
        subject_common_name,
        subject_organization,
        issuer_distinguished_name: issuer,
        issuer_common_name,
        issuer_organization,
        subject_alternative_names: alternative_names,
        thumbprint,
        serial_number,
        signature_algorithm_name: signature_algorithm,
        not_before: not_before.to_string(),
        not_after: not_after.to_string(),
        has_private_key: bundle.has_key(),
        certificate_chain: bundle.chain().map(link).collect(),
    }
}
