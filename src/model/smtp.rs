//! How e-mail leaves the server. One record for the whole server, as Octopus's clients read and write it.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::variable::SensitiveValue;

/// The port of SMTP with TLS from the first byte (RFC 8314).
const IMPLICIT_TLS_PORT: u16 = 465;

/// The SMTP server that e-mail is handed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct SmtpConfiguration {
    /// Empty means that no e-mail can be sent.
    pub smtp_host: String,
    pub smtp_port: u16,
    /// Whom e-mail is from: an address, or `Name <address>`.
    pub send_email_from: String,
    /// Empty means that the server asks for no login.
    pub smtp_login: String,
    pub smtp_password: SensitiveValue,
    /// Whether the connection must be encrypted.
    pub enable_ssl: bool,
    /// Milliseconds that handing over an e-mail may take.
    pub timeout: u64,
    /// Certificates in PEM that the SMTP server's may be signed by, beside those of the system. Seawall's own.
    pub certificate_authority: String,
}

impl Default for SmtpConfiguration {
    fn default() -> Self {
        Self {
            smtp_host: String::new(),
            smtp_port: 25,
            send_email_from: String::new(),
            smtp_login: String::new(),
            smtp_password: SensitiveValue::default(),
            enable_ssl: false,
            timeout: 12_000,
            certificate_authority: String::new(),
        }
    }
}

/// How a connection to the SMTP server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    None,
    /// STARTTLS, before anything else is said; without it nothing is sent.
    StartTls,
    /// TLS from the first byte.
    Implicit,
}

impl SmtpConfiguration {
    /// Whether e-mail can be sent at all.
    pub fn is_configured(&self) -> bool {
        !self.smtp_host.is_empty()
    }

    /// How a connection is protected: port 465 means TLS from the first byte.
    pub fn protection(&self) -> Protection {
        match (self.enable_ssl, self.smtp_port) {
            (false, _) => Protection::None,
            (true, IMPLICIT_TLS_PORT) => Protection::Implicit,
            (true, _) => Protection::StartTls,
        }
    }

    /// How long handing over an e-mail may take.
    pub fn patience(&self) -> Duration {
        Duration::from_millis(self.timeout)
    }

    /// Everything that is wrong with it by itself.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if !self.is_configured() {
            return problems;
        }
        if self.smtp_port == 0 {
            problems.push("SmtpPort must be from 1 to 65535.".to_owned());
        }
        if self.send_email_from.trim().is_empty() {
            problems.push("Please provide a value for SendEmailFrom.".to_owned());
        }
        if !(1_000..=600_000).contains(&self.timeout) {
            problems.push("Timeout is in milliseconds, from 1000 to 600000.".to_owned());
        }
        if !self.smtp_login.is_empty() && !self.enable_ssl {
            problems.push(
                "A login would be sent in clear: set EnableSsl, or leave SmtpLogin empty."
                    .to_owned(),
            );
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_in_clear_is_never_a_password() {
        let configured = SmtpConfiguration {
            smtp_host: "mail".into(),
            send_email_from: "seawall@example.com".into(),
            ..SmtpConfiguration::default()
        };
        assert!(configured.problems().is_empty());
        let with_login = SmtpConfiguration {
            smtp_login: "seawall".into(),
            ..configured
        };
        assert_eq!(with_login.problems().len(), 1);
        let encrypted = SmtpConfiguration {
            enable_ssl: true,
            ..with_login
        };
        assert!(encrypted.problems().is_empty());
        assert_eq!(encrypted.protection(), Protection::StartTls);
    }
}
