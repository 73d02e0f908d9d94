//! Whether a certificate holds: its dates, the signatures of its chain, its key.
//!
//! The report is for people. It trusts no root: whoever uses the certificate decides whom they trust.

use jiff::{SignedDuration, Timestamp};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;

use super::{Bundle, Facts};

/// Certificates that end sooner than this are worth a warning.
const SOON: SignedDuration = SignedDuration::from_hours(24 * 20);

/// One thing that is so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    Fine(String),
    Doubtful(String),
    /// It can't be used.
    Broken(String),
}

/// Everything that can be said about `bundle` at `now`.
pub fn report(bundle: &Bundle, now: Timestamp) -> Vec<Finding> {
    let mut findings = vec![validity(bundle.facts(), now)];
    let others = bundle.chain().map(|facts| validity(facts, now));
    findings.extend(others.filter(|finding| !matches!(finding, Finding::Fine(_))));
    findings.push(chain(bundle));
    findings.push(key(bundle));
    findings
}

fn validity(facts: &Facts, now: Timestamp) -> Finding {
    let Facts {
        subject,
        not_before,
        not_after,
        ..
    } = facts;
    if now < *not_before {
        return Finding::Broken(format!("{subject} is not valid before {not_before}"));
    }
    if now > *not_after {
        return Finding::Broken(format!("{subject} expired at {not_after}"));
    }
    let left = not_after.duration_since(now);
    let days = left.as_hours() / 24;
    let text = format!("{subject} is valid until {not_after}, {days} days from now");
    if left < SOON {
        Finding::Doubtful(text)
    } else {
        Finding::Fine(text)
    }
}

/// Whether each certificate was signed by the next.
fn chain(bundle: &Bundle) -> Finding {
    let parsed: Vec<X509Certificate<'_>> = bundle
        .ders()
        .filter_map(|der| X509Certificate::from_der(der).ok())
        .map(|(_, certificate)| certificate)
        .collect();
    let all: Vec<&Facts> = std::iter::once(bundle.facts())
        .chain(bundle.chain())
        .collect();
    for (index, pair) in parsed.windows(2).enumerate() {
        let (signed, signer) = (&pair[0], &pair[1]);
        let (name, issuer) = (&all[index].subject, &all[index + 1].subject);
        if !all[index + 1].is_authority {
            return Finding::Broken(format!(
                "{issuer} may not vouch for {name}: it is no authority"
            ));
        }
        if signed.verify_signature(Some(signer.public_key())).is_err() {
            return Finding::Broken(format!("{name} was not signed by {issuer}"));
        }
    }
    let last = all[all.len() - 1];
    let is_signed = parsed
        .last()
        .is_some_and(|last| last.verify_signature(None).is_ok());
    match (all.len(), last.is_self_issued()) {
        (_, true) if !is_signed => {
            Finding::Broken(format!("{} was not signed by itself", last.subject))
        }
        (1, true) => Finding::Doubtful(format!(
            "{} is signed by itself: nobody vouches for it",
            last.subject
        )),
        (n, true) => Finding::Fine(format!(
            "the chain of {n} certificates is complete, up to {}",
            last.subject
        )),
        (1, false) => Finding::Doubtful(format!(
            "the chain is not in the file: {} vouches for it",
            last.issuer
        )),
        (n, false) => Finding::Fine(format!(
            "the chain of {n} certificates is right; {} vouches for its last, and is not in the file",
            last.issuer
        )),
    }
}

fn key(bundle: &Bundle) -> Finding {
    match (bundle.has_key(), bundle.is_key_right()) {
        (false, _) => Finding::Doubtful("it has no private key".into()),
        (true, Some(true)) => Finding::Fine("its private key is the certificate's".into()),
        (true, Some(false)) => Finding::Broken("its private key is not the certificate's".into()),
        (true, None) => Finding::Doubtful("the kind of its private key is not known".into()),
    }
}
