//! Sends an e-mail over SMTP, with `lettre`.
//!
//! Values of secrets are not in it: whoever gets an e-mail may be anybody.

use std::error::Error as _;

use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MessageBuilder};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};

use super::Done;
use crate::dispatch::Error;
use crate::dispatch::attempt::Run;
use crate::dispatch::variables::{evaluate, without_secrets};
use crate::model::smtp::{Protection, SmtpConfiguration};
use crate::model::user::{Team, User};
use crate::plan::own::{Email, Priority, Recipients};
use crate::worker::Variables;

/// More recipients than this are a list's work.
const MAX_RECIPIENTS: usize = 200;

/// The header that mail programs show as urgency.
#[derive(Clone)]
struct XPriority(String);

impl Header for XPriority {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("X-Priority")
    }

    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}

/// Sends it.
///
/// # Errors
/// What kept the server from trying.
pub(super) async fn send(run: &Run, email: &Email, variables: Variables) -> Result<Done, Error> {
    let smtp = match run.inner.app.smtp().await {
        Ok(smtp) if smtp.is_configured() => smtp,
        Ok(_) => return Ok(Done::failed("no SMTP server is configured any more")),
        Err(error) => return Ok(Done::failed(error.to_string())),
    };
    let variables = without_secrets(variables);
    let written = match write(run, email, &smtp, &variables).await? {
        Ok(written) => written,
        Err(problem) => return Ok(Done::failed(problem)),
    };
    let transport = match transport(run, &smtp)? {
        Ok(transport) => transport,
        Err(problem) => return Ok(Done::failed(problem)),
    };
    let mut done = Done::default();
    for name in &written.missing {
        let text = format!(
            "This variable doesn't exist, and stays as it is written in the e-mail: {name}"
        );
        done.say(run, "Warning", &text);
    }
    let recipients = written.message.envelope().to().len();
    let server = format!("{}:{}", smtp.smtp_host, smtp.smtp_port);
    // The library bounds the connection alone; a server that then says nothing must not keep the step.
    let sending = tokio::time::timeout(smtp.patience(), transport.send(written.message));
    let Ok(sent) = sending.await else {
        done.failure = Some(format!(
            "{server} didn't take the e-mail: it took longer than {} ms",
            smtp.timeout
        ));
        return Ok(done);
    };
    match sent {
        Ok(_) => done.say(
            run,
            "Info",
            &format!("{server} took the e-mail for {recipients} recipients."),
        ),
        Err(error) => {
            done.failure = Some(format!(
                "{server} didn't take the e-mail: {}",
                chain(&error)
            ));
        }
    }
    Ok(done)
}

struct Written {
    message: Message,
    /// Variables that don't exist.
    missing: Vec<String>,
}

async fn write(
    run: &Run,
    email: &Email,
    smtp: &SmtpConfiguration,
    variables: &Variables,
) -> Result<Result<Written, String>, Error> {
    let mut recipients = Vec::new();
    for list in [&email.to, &email.cc, &email.bcc] {
        match mailboxes(run, list, variables).await? {
            Ok(found) => recipients.push(found),
            Err(problem) => return Ok(Err(problem)),
        }
    }
    Ok(compose(run, email, smtp, variables, recipients))
}

fn compose(
    run: &Run,
    email: &Email,
    smtp: &SmtpConfiguration,
    variables: &Variables,
    recipients: Vec<Vec<Mailbox>>,
) -> Result<Written, String> {
    let from = mailbox(&smtp.send_email_from)
        .map_err(|problem| format!("the server's SendEmailFrom is not usable: {problem}"))?;
    let (subject, mut missing) = evaluate(&email.subject, variables)?;
    let (body, missing_in_body) = evaluate(&email.body, variables)?;
    missing.extend(missing_in_body);
    let add: [fn(MessageBuilder, Mailbox) -> MessageBuilder; 3] =
        [MessageBuilder::to, MessageBuilder::cc, MessageBuilder::bcc];
    // Trying again must not look like another e-mail to programs that compare ids.
    let id = format!(
        "<{}.{}@{}>",
        run.task.id,
        run.job.index,
        run.inner.app.installation_id()
    );
    let mut builder = Message::builder()
        .from(from)
        .subject(subject.replace(['\r', '\n'], " "))
        .message_id(Some(id));
    let n_recipients: usize = recipients.iter().map(Vec::len).sum();
    if n_recipients == 0 {
        return Err("nobody would get the e-mail: its recipients are empty".to_owned());
    }
    if n_recipients > MAX_RECIPIENTS {
        return Err(format!(
            "the e-mail has {n_recipients} recipients; the most are {MAX_RECIPIENTS}"
        ));
    }
    for (add, list) in add.into_iter().zip(recipients) {
        builder = list.into_iter().fold(builder, add);
    }
    builder = match email.priority {
        Priority::High => builder.header(XPriority("1".into())),
        Priority::Low => builder.header(XPriority("5".into())),
        Priority::Normal => builder,
    };
    let kind = match email.is_html {
        true => ContentType::TEXT_HTML,
        false => ContentType::TEXT_PLAIN,
    };
    let message = builder.header(kind).body(body);
    let message = message.map_err(|error| format!("the e-mail can't be written: {error}"))?;
    Ok(Written { message, missing })
}

/// The addresses of a list, and those of the members of its teams.
async fn mailboxes(
    run: &Run,
    list: &Recipients,
    variables: &Variables,
) -> Result<Result<Vec<Mailbox>, String>, Error> {
    let text = match evaluate(&list.addresses, variables) {
        Ok((text, _)) => text,
        Err(problem) => return Ok(Err(problem)),
    };
    let mut found: Vec<Mailbox> = Vec::new();
    let addresses = text.split([',', ';', '\n']).map(str::trim);
    for address in addresses.filter(|address| !address.is_empty()) {
        match mailbox(address) {
            Ok(mailbox) => found.push(mailbox),
            Err(problem) => return Ok(Err(problem)),
        }
    }
    let store = run.inner.app.store();
    for id in &list.team_ids {
        let Some(team) = store.document_by_id::<Team>(id).await? else {
            return Ok(Err(format!("there is no team `{id}`")));
        };
        for user_id in &team.record.member_user_ids {
            let user = store.document_by_id::<User>(user_id).await?;
            let address = user.map(|user| user.record.email_address);
            found.extend(address.and_then(|address| mailbox(&address).ok()));
        }
    }
    found.dedup_by(|left, right| left.email == right.email);
    Ok(Ok(found))
}

fn mailbox(text: &str) -> Result<Mailbox, String> {
    text.parse()
        .map_err(|error| format!("`{text}` is not an e-mail address: {error}"))
}

fn transport(
    run: &Run,
    smtp: &SmtpConfiguration,
) -> Result<Result<AsyncSmtpTransport<Tokio1Executor>, String>, Error> {
    let tls = match protection(smtp) {
        Ok(tls) => tls,
        Err(error) => {
            return Ok(Err(format!(
                "a protected connection to {} can't be made: {error}",
                smtp.smtp_host
            )));
        }
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&smtp.smtp_host)
        .port(smtp.smtp_port)
        .timeout(Some(smtp.patience()))
        .tls(tls);
    if !smtp.smtp_login.is_empty() {
        let password = match &smtp.smtp_password.sealed {
            Some(sealed) => {
                let opened = run.inner.app.vault().open(sealed);
                let opened = opened.map_err(|source| Error::Secret {
                    task_id: run.task.id.clone(),
                    source,
                })?;
                opened.to_string()
            }
            None => String::new(),
        };
        builder = builder.credentials(Credentials::new(smtp.smtp_login.clone(), password));
    }
    Ok(Ok(builder.build()))
}

fn protection(smtp: &SmtpConfiguration) -> Result<Tls, lettre::transport::smtp::Error> {
    let protection = smtp.protection();
    if protection == Protection::None {
        return Ok(Tls::None);
    }
    let mut parameters = TlsParameters::builder(smtp.smtp_host.clone());
    if !smtp.certificate_authority.trim().is_empty() {
        let authority = Certificate::from_pem(smtp.certificate_authority.as_bytes())?;
        parameters = parameters.add_root_certificate(authority);
    }
    let parameters = parameters.build()?;
    Ok(match protection {
        Protection::Implicit => Tls::Wrapper(parameters),
        Protection::StartTls | Protection::None => Tls::Required(parameters),
    })
}

/// An error with everything that led to it, in one line.
fn chain(error: &lettre::transport::smtp::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        source = error.source();
    }
    text
}
