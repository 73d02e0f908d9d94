//! Certificates that the server keeps for steps: what a file said, and the file itself, sealed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::resource::{Extra, Invalid, Kind, Reference, Resource, name_problems, named_resource};
use super::variable::SensitiveValue;

/// A certificate, as Octopus's clients read and write it. What isn't written by clients is read out of the file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Certificate {
    pub id: String,
    pub space_id: String,
    pub name: String,
    pub slug: String,
    pub notes: String,
    /// The file in base64: PEM, DER or PKCS#12.
    pub certificate_data: SensitiveValue,
    /// Of a PKCS#12 file.
    pub password: SensitiveValue,
    /// Where it may be used; empty means everywhere.
    pub environment_ids: Vec<String>,
    #[serde(flatten)]
    pub facts: CertificateFacts,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

/// What the server read out of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct CertificateFacts {
    /// `Pem`, `Der` or `Pkcs12`.
    pub certificate_data_format: String,
    pub subject_distinguished_name: String,
    pub subject_common_name: String,
    pub subject_organization: String,
    pub issuer_distinguished_name: String,
    pub issuer_common_name: String,
    pub issuer_organization: String,
    pub subject_alternative_names: Vec<String>,
    pub self_signed: bool,
    /// SHA-1 in upper-case hexadecimal.
    pub thumbprint: String,
    pub serial_number: String,
    pub signature_algorithm_name: String,
    /// Times in RFC 3339.
    pub not_before: String,
    pub not_after: String,
    pub has_private_key: bool,
    /// Of those that vouch for it, the nearest first.
    pub certificate_chain: Vec<ChainLink>,
}

/// One that vouches.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct ChainLink {
    pub subject_distinguished_name: String,
    pub subject_common_name: String,
    pub issuer_distinguished_name: String,
    pub thumbprint: String,
    pub not_before: String,
    pub not_after: String,
}

impl Resource for Certificate {
    named_resource!(Certificate);

    fn problems(&self) -> Vec<String> {
        let mut problems = name_problems(&self.name);
        let has_data = |value: &SensitiveValue| {
            value.has_value || value.new_value.as_ref().is_some_and(|new| !new.is_empty())
        };
        if !has_data(&self.certificate_data) {
            problems.push("Please provide the file in base64 as CertificateData.NewValue.".into());
        }
        problems
    }

    fn references(&self) -> Vec<Reference> {
        let environments = self.environment_ids.iter();
        environments
            .map(|id| Reference::new(Kind::Environment, id, "EnvironmentIds"))
            .collect()
    }

    fn keep_from(&mut self, stored: &Self) -> Result<(), Invalid> {
        self.facts.clone_from(&stored.facts);
        Ok(())
    }
}
