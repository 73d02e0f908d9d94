//! One connection: a host that is who it was, an account that may log in, and commands.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use russh::client::{self, Handle, KeyboardInteractiveAuthResponse, Msg};
use russh::keys::{
    Algorithm, EcdsaCurve, HashAlg, PrivateKey, PrivateKeyWithHashAlg, PublicKeyOrCertificate,
};
use russh::{ChannelMsg, ChannelReadHalf, ChannelWriteHalf, Disconnect};
use tokio::io::AsyncRead;
use zeroize::Zeroizing;

use super::shell::one_command;
use crate::model::worker::SshEndpoint;

/// A host that takes longer to let somebody in doesn't.
const PATIENCE: Duration = Duration::from_secs(20);

/// A small command that takes longer hangs.
const COMMAND_TIME: Duration = Duration::from_secs(60);

/// More than this is no answer to a small command.
const MAX_ANSWER_BYTES: usize = 64 << 10;

/// Prompts that a host may show instead of asking for a password.
const MAX_PROMPTS: usize = 8;

/// Who logs in.
#[derive(Clone)]
pub struct Login {
    pub username: String,
    pub secret: Secret,
}

/// What proves it.
#[derive(Clone)]
pub enum Secret {
    Password(Zeroizing<String>),
    Key(Arc<PrivateKey>),
}

/// What stands in the way, for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SshError {
    #[error("no connection to {address}: {why}")]
    Connect { address: String, why: String },
    #[error(
        "the key of {address} is not the pinned one: it shows {shown}, and {pinned} is pinned. Either the host was set up again, or somebody stands in between"
    )]
    HostKey {
        address: String,
        pinned: String,
        shown: String,
    },
    #[error("{address} doesn't let `{username}` in: {why}")]
    Login {
        address: String,
        username: String,
        why: String,
    },
    #[error("the connection was lost")]
    Lost,
    #[error("{what} on the machine failed: {said}")]
    Failed { what: &'static str, said: String },
    #[error("{0}")]
    Here(String),
}

/// What a small command said.
#[derive(Debug)]
pub(super) struct Said {
    pub code: Option<u32>,
    pub stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Said {
    /// Its output, if it ended well.
    pub(super) fn fine(self, what: &'static str) -> Result<Vec<u8>, SshError> {
        if self.code == Some(0) {
            return Ok(self.stdout);
        }
        let text = String::from_utf8_lossy(&self.stderr);
        let text: String = text.trim().chars().take(500).collect();
        let said = match (text.is_empty(), self.code) {
            (false, _) => text,
            (true, Some(code)) => format!("exit code {code}"),
            (true, None) => "it was ended by a signal".to_owned(),
        };
        Err(SshError::Failed { what, said })
    }
}

/// Accepts the pinned key, and nothing that the host offers beyond.
struct Pinned {
    fingerprint: String,
    shown: Arc<Mutex<Option<String>>>,
}

impl client::Handler for Pinned {
    type Error = russh::Error;

    async fn check_server_key(
        &mut self,
        key: &PublicKeyOrCertificate,
    ) -> Result<bool, Self::Error> {
        let shown = key.public_key().fingerprint(HashAlg::Sha256).to_string();
        let is_it = shown == self.fingerprint;
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(shown);
        Ok(is_it)
    }
}

/// Somebody is logged in. The connection ends when this is dropped.
pub struct Connection {
    handle: Handle<Pinned>,
    address: String,
}

/// A command that runs: what it says, and what it is told.
pub(super) struct Running {
    pub reading: ChannelReadHalf,
    pub writing: ChannelWriteHalf<Msg>,
}

impl Connection {
    /// Connects and logs in.
    ///
    /// # Errors
    /// [`SshError::Connect`], [`SshError::HostKey`] and [`SshError::Login`].
    pub async fn open(endpoint: &SshEndpoint, login: &Login) -> Result<Self, SshError> {
        let address = format!("{}:{}", endpoint.host, endpoint.port);
        let opening = async {
            let handle = reach(endpoint, &address).await?;
            let mut this = Self {
                handle,
                address: address.clone(),
            };
            this.log_in(login).await?;
            Ok(this)
        };
        match tokio::time::timeout(PATIENCE, opening).await {
            Ok(opened) => opened,
            Err(_) => Err(SshError::Connect {
                address: address.clone(),
                why: format!("no answer in {} seconds", PATIENCE.as_secs()),
            }),
        }
    }

    async fn log_in(&mut self, login: &Login) -> Result<(), SshError> {
        let refused = |why: String| SshError::Login {
            address: self.address.clone(),
            username: login.username.clone(),
            why,
        };
        let name = &login.username;
        let (is_in, why) = match &login.secret {
            Secret::Key(key) => {
                // Whoever has an RSA key must say with which digest it signs; hosts refuse the oldest one.
                let digest = match key.algorithm().is_rsa() {
                    true => {
                        let best = self.handle.best_supported_rsa_hash().await;
                        best.ok().flatten().unwrap_or(Some(HashAlg::Sha512))
                    }
                    false => None,
                };
                let key = PrivateKeyWithHashAlg::new(Arc::clone(key), digest);
                let tried = self.handle.authenticate_publickey(name, key).await;
                (
                    tried.is_ok_and(|tried| tried.success()),
                    "it doesn't accept the account's key",
                )
            }
            Secret::Password(password) => {
                let tried = self
                    .handle
                    .authenticate_password(name, password.as_str())
                    .await;
                let is_in = tried.is_ok_and(|tried| tried.success())
                    || answer_prompts(&mut self.handle, name, password)
                        .await
                        .unwrap_or(false);
                (is_in, "it doesn't accept the account's password")
            }
        };
        match is_in {
            true => Ok(()),
            false => Err(refused(why.to_owned())),
        }
    }

    /// Whether it was lost.
    pub fn is_lost(&self) -> bool {
        self.handle.is_closed()
    }

    /// Starts a shell's script with these words.
    ///
    /// # Errors
    /// [`SshError::Lost`], and [`SshError::Failed`] if the host starts nothing.
    pub(super) async fn start(&self, script: &str, words: &[&str]) -> Result<Running, SshError> {
        let failed = |error: &russh::Error| match self.is_lost() {
            true => SshError::Lost,
            false => SshError::Failed {
                what: "starting a command",
                said: error.to_string(),
            },
        };
        let channel = self.handle.channel_open_session().await;
        let channel = channel.map_err(|error| failed(&error))?;
        let (reading, writing) = channel.split();
        let command = one_command(script, words);
        writing
            .exec(false, command)
            .await
            .map_err(|error| failed(&error))?;
        Ok(Running { reading, writing })
    }

    /// Runs a shell's script that says little, with `input` as its standard input.
    ///
    /// # Errors
    /// [`SshError::Lost`], also if it takes too long.
    pub(super) async fn ask(
        &self,
        script: &str,
        words: &[&str],
        input: impl AsyncRead + Unpin,
        time: Duration,
    ) -> Result<Said, SshError> {
        let asking = async {
            let mut running = self.start(script, words).await?;
            let mut said = Said {
                code: None,
                stdout: Vec::new(),
                stderr: Vec::new(),
            };
            let reading = async {
                let mut is_over = false;
                while let Some(message) = running.reading.wait().await {
                    match message {
                        ChannelMsg::Data { data } => add(&mut said.stdout, &data),
                        ChannelMsg::ExtendedData { data, .. } => add(&mut said.stderr, &data),
                        ChannelMsg::ExitStatus { exit_status } => {
                            said.code = Some(exit_status);
                            is_over = true;
                        }
                        ChannelMsg::ExitSignal { .. } => is_over = true,
                        ChannelMsg::Close => break,
                        _ => {}
                    }
                }
                is_over
            };
            let writing = async {
                // What a command doesn't want to read is no failure of its own.
                running.writing.data(input).await.ok();
                running.writing.eof().await.ok();
                std::future::pending::<()>().await;
            };
            let is_over = tokio::select! {
                is_over = reading => is_over,
                () = writing => false,
            };
            match is_over {
                true => Ok(said),
                false => Err(SshError::Lost),
            }
        };
        tokio::time::timeout(time, asking)
            .await
            .unwrap_or(Err(SshError::Lost))
    }

    /// [`Self::ask`] without input, for what takes a moment.
    pub(super) async fn ask_quickly(&self, script: &str, words: &[&str]) -> Result<Said, SshError> {
        self.ask(script, words, tokio::io::empty(), COMMAND_TIME)
            .await
    }

    /// Says goodbye.
    pub async fn close(self) {
        let goodbye = self.handle.disconnect(Disconnect::ByApplication, "", "en");
        goodbye.await.ok();
    }
}

fn add(to: &mut Vec<u8>, data: &[u8]) {
    let left = MAX_ANSWER_BYTES.saturating_sub(to.len());
    to.extend_from_slice(&data[..data.len().min(left)]);
}

/// Host keys of one kind after the other: a host has several, and one of them is pinned.
fn kinds() -> [Vec<Algorithm>; 3] {
    let ecdsa = |curve| Algorithm::Ecdsa { curve };
    let rsa = |digest| Algorithm::Rsa { hash: Some(digest) };
    [
        vec![Algorithm::Ed25519],
        vec![
            ecdsa(EcdsaCurve::NistP256),
            ecdsa(EcdsaCurve::NistP384),
            ecdsa(EcdsaCurve::NistP521),
        ],
        vec![rsa(HashAlg::Sha512), rsa(HashAlg::Sha256)],
    ]
}

/// The fingerprint of the key that a host shows, the kind it likes best.
///
/// # Errors
/// [`SshError::Connect`] if nothing with a key answers.
pub async fn host_key(host: &str, port: u16) -> Result<String, SshError> {
    let endpoint = SshEndpoint {
        host: host.to_owned(),
        port,
        // No key has it, so that none is accepted and each is shown.
        fingerprint: String::new(),
        account_id: String::new(),
        directory: String::new(),
    };
    let address = format!("{host}:{port}");
    match reach(&endpoint, &address).await {
        Err(SshError::HostKey { shown, .. }) => {
            let first = shown.split(" and ").next();
            Ok(first.unwrap_or_default().to_owned())
        }
        Err(error) => Err(error),
        Ok(_) => Err(SshError::Here(
            "a key without a fingerprint was accepted".to_owned(),
        )),
    }
}

/// A connection to the host whose key is pinned.
async fn reach(endpoint: &SshEndpoint, address: &str) -> Result<Handle<Pinned>, SshError> {
    let mut shown = Vec::new();
    let mut last = String::new();
    for kind in kinds() {
        let mut config = client::Config {
            nodelay: true,
            keepalive_interval: Some(super::super::KEEP_ALIVE),
            keepalive_max: 2,
            ..client::Config::default()
        };
        config.preferred.key = Cow::Owned(kind);
        let seen = Arc::new(Mutex::new(None));
        let pinned = Pinned {
            fingerprint: endpoint.fingerprint.clone(),
            shown: Arc::clone(&seen),
        };
        let to = (endpoint.host.as_str(), endpoint.port);
        match client::connect(Arc::new(config), to, pinned).await {
            Ok(handle) => return Ok(handle),
            Err(error @ russh::Error::IO(_)) => {
                last = error.to_string();
                break;
            }
            Err(error) => last = error.to_string(),
        }
        shown.extend(seen.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
    let address = address.to_owned();
    match shown.is_empty() {
        true => Err(SshError::Connect { address, why: last }),
        false => Err(SshError::HostKey {
            address,
            pinned: endpoint.fingerprint.clone(),
            shown: shown.join(" and "),
        }),
    }
}

/// Some hosts ask for a password in their own words.
async fn answer_prompts(
    handle: &mut Handle<Pinned>,
    username: &str,
    password: &str,
) -> Result<bool, russh::Error> {
    let mut response = handle
        .authenticate_keyboard_interactive_start(username, None::<String>)
        .await?;
    for _ in 0..MAX_PROMPTS {
        let prompts = match response {
            KeyboardInteractiveAuthResponse::Success => return Ok(true),
            KeyboardInteractiveAuthResponse::Failure { .. } => return Ok(false),
            KeyboardInteractiveAuthResponse::InfoRequest { prompts, .. } => prompts,
        };
        // What is typed in the open is no password.
        let answer = |prompt: &client::Prompt| match prompt.echo {
            true => String::new(),
            false => password.to_owned(),
        };
        let answers = prompts.iter().map(answer).collect();
        response = handle
            .authenticate_keyboard_interactive_respond(answers)
            .await?;
    }
    Ok(false)
}
