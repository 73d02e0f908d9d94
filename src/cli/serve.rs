//! `seawall serve`: the deployment server, until SIGINT or SIGTERM.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::native::NativeArguments;
use super::{Exit, Failure, home};
use crate::api;
use crate::api::server::Connections;
use crate::api::tls::Certificate;
use crate::app::vault::Vault;
use crate::app::{App, FeedFiles, Installed, Policies, first_start};
use crate::blob::Blobs;
use crate::dispatch::Dispatch;
use crate::link::hub::Hub;
use crate::link::identity::Thumbprint;
use crate::store::Store;
use crate::worker::process::Native;
use crate::worker::{Language, Worker};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Where everything is kept. Made at the first start; one server at a time.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Where to listen. Port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// The master keys that seal secrets: 32 bytes in base64 a line, the newest first.
    #[arg(long, value_name = "FILE", help_heading = "Secrets")]
    master_key: Option<PathBuf>,
    /// The directory of policy files; `ceiling.toml` is what none may exceed. Read again when a file changes
    /// [default: `policies` in the data directory].
    #[arg(long, value_name = "DIR")]
    policies: Option<PathBuf>,
    /// The most that a package may have, in MiB.
    #[arg(long, value_name = "MIB", default_value_t = 2048)]
    max_package: u64,
    /// What must be free on the disk of the data directory, in MiB: with less, nothing is added any more, and there
    /// is room to delete.
    #[arg(long, value_name = "MIB", default_value_t = 64)]
    min_free_disk: u64,
    /// Connections that are open at once; clients beyond them wait.
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    max_connections: u32,
    /// Wrong API keys that one address may send in a minute; then it waits until the minute is over, unless it has sent
    /// a right one lately. A misconfigured build retries a few times, and a guesser doesn't stop: more is for servers
    /// that see many people under one address.
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    max_failed_logins: u32,
    /// The certificate chain, in PEM. Read again on SIGHUP.
    #[arg(long, value_name = "FILE", requires = "tls_key", help_heading = "TLS")]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert", help_heading = "TLS")]
    tls_key: Option<PathBuf>,
    /// Serve TLS with a certificate that the server signs itself, for development.
    #[arg(long, conflicts_with = "tls_cert", help_heading = "TLS")]
    tls_self_signed: bool,
    /// Where to wait for external workers, as in 0.0.0.0:10943. Nowhere without it.
    #[arg(long, value_name = "ADDRESS", help_heading = "Workers")]
    workers: Option<SocketAddr>,
    /// Never run a script on this server: steps need external workers.
    #[arg(long, help_heading = "Workers")]
    no_builtin_worker: bool,
    /// Seconds that a worker may be away before the steps that it runs are lost.
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 60,
        help_heading = "Workers"
    )]
    worker_lease: u64,
    /// A directory that deployment targets may name as NAME or NAME/some/path, to have bundles for offline drops put
    /// there. May be given several times.
    #[arg(long, value_name = "NAME=DIR", value_parser = drop_directory, help_heading = "Offline drops")]
    offline_drop_dir: Vec<(String, PathBuf)>,
    #[command(flatten)]
    native: NativeArguments,
}

/// `NAME=DIR`, of a directory that is there.
fn drop_directory(text: &str) -> Result<(String, PathBuf), String> {
    let (name, path) = text
        .split_once('=')
        .ok_or_else(|| "write NAME=DIR".to_owned())?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || !name.chars().all(is_plain) {
        return Err("a name has letters, digits, - and _ only".to_owned());
    }
    let path = PathBuf::from(path);
    match path.is_dir() {
        true => Ok((name.to_owned(), path)),
        false => Err(format!("there is no directory `{}`", path.display())),
    }
}

/// A policy file that was changed counts after this time at the latest.
const LOOK_AT_POLICIES: Duration = Duration::from_secs(1);

/// Targets are looked at this often at least.
const CHECK_EVERY: Duration = Duration::from_secs(60);

/// As often as Octopus does.
const RETAIN_EVERY: Duration = Duration::from_secs(4 * 60 * 60);

/// What steps that run get to finish when the server is told to stop.
const GRACE: Duration = Duration::from_secs(20);

/// The master keys, when they aren't in a file.
const MASTER_KEY: &str = "SEAWALL_MASTER_KEY";

pub async fn run(arguments: Arguments) -> Result<Exit, Failure> {
    let Arguments {
        data,
        listen,
        master_key,
        policies,
        max_package,
        min_free_disk,
        max_connections,
        max_failed_logins,
        tls_cert,
        tls_key,
        tls_self_signed,
        workers,
        no_builtin_worker,
        worker_lease,
        offline_drop_dir,
        native,
    } = arguments;
    // Before anything is said: a signal between the start and the first wait must not be missed.
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen to signals")?;
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen to signals")?;
    let store = Store::open(&data).await.context("cannot open the store")?;
    let vault = match (master_key, std::env::var(MASTER_KEY)) {
        (Some(path), _) => Vault::from_file(&path),
        (None, Ok(text)) => Vault::from_text(&text, MASTER_KEY),
        (None, Err(_)) => Vault::from_file(&data.join("master.key")),
    };
    let vault = vault.context("cannot read the master key")?;
    let installation = first_start::prepare(&store, Timestamp::now())
        .await
        .context("cannot prepare the store")?;
    let policies = policies.unwrap_or_else(|| data.join("policies"));
    let policies =
        Policies::open(&policies).map_err(|error| Failure::new(Exit::BadPolicy, error))?;
    let blobs = Blobs::open(&data.join("blobs")).context("cannot open the packages")?;
    let feed = FeedFiles {
        blobs,
        max_package_bytes: max_package << 20,
        min_free_bytes: min_free_disk << 20,
    };
    let native = native.open()?;
    let installed = Installed {
        id: installation.id,
        native_account: native.as_ref().map(|native| native.account().to_owned()),
        unheld: native.as_ref().map(Native::unheld).unwrap_or_default(),
        landlock: crate::worker::process::landlock_of_this_kernel(),
        has_built_in_worker: !no_builtin_worker,
        max_failed_logins,
        drop_directories: offline_drop_dir.into_iter().collect(),
    };
    let app = App::new(store.clone(), vault, policies, feed, installed);
    let worker = match no_builtin_worker {
        true => None,
        false => Some(built_in_worker(&data, native)?),
    };
    let lease = Duration::from_secs(worker_lease);
    let hub = Hub::open(app.clone(), &data, lease).context("cannot set up the link to workers")?;
    app.connect_workers(Arc::new(hub.clone()));
    let n_swept = app
        .sweep_blobs()
        .await
        .context("cannot clean the packages")?;
    if n_swept > 0 {
        tracing::info!("{n_swept} files that nothing names were removed");
    }
    if let Some(worker) = &worker {
        tokio::spawn(warm(worker.clone()));
    }
    tokio::spawn(watch_policies(app.clone()));
    tokio::spawn(retain(app.clone()));
    tokio::spawn(check_targets(app.clone()));
    let dispatch = Dispatch::new(app.clone(), worker, hub.clone());
    let waiting = match workers {
        Some(address) => Some(
            TcpListener::bind(address)
                .await
                .with_context(|| format!("cannot wait for workers on {address}"))?,
        ),
        None => None,
    };
    let workers = waiting.as_ref().map(TcpListener::local_addr).transpose();
    let workers = workers.context("cannot wait for workers")?;
    tokio::spawn({
        let hub = hub.clone();
        async move { hub.run(waiting).await }
    });
    tokio::spawn(rotate_link(hub.clone()));
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("cannot listen on {listen}"))?;
    let address = listener.local_addr().context("cannot listen")?;
    let certificate = match (tls_cert, tls_key) {
        (Some(certificate), Some(key)) => Some(Certificate::open(&certificate, &key)),
        _ if tls_self_signed => Some(Certificate::self_signed(&data)),
        _ => None,
    };
    let certificate = certificate
        .transpose()
        .map_err(|error| Failure::new(Exit::Usage, error))?;
    let tls = certificate.as_ref().map(Certificate::acceptor).transpose();
    let connections = Connections {
        max: max_connections as usize,
        tls: tls.context("cannot set up TLS")?,
    };
    if let Some(certificate) = &certificate {
        tokio::spawn(reload(Arc::clone(certificate)));
    }
    announce(
        address,
        installation.first_key.as_ref(),
        certificate.as_deref(),
        workers.map(|address| (address, hub.identity().thumbprint)),
    )?;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let signals = async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        stop.send_replace(true);
        // A closed channel would be a signal, too.
        std::future::pending::<()>().await;
    };
    let told = |mut stopped: tokio::sync::watch::Receiver<bool>| async move {
        stopped.wait_for(|is_stopped| *is_stopped).await.ok();
    };
    let serving = api::server::serve(
        listener,
        api::router(app),
        connections,
        told(stopped.clone()),
    );
    let dispatching = dispatch.run(told(stopped), GRACE);
    tokio::select! {
        _ = async { tokio::join!(serving, dispatching) } => {}
        () = signals => {}
    }
    store.close().await;
    Ok(Exit::Success)
}

/// Reads the certificate again, whenever somebody says so.
async fn reload(certificate: Arc<Certificate>) {
    let Ok(mut hangup) = signal(SignalKind::hangup()) else {
        return tracing::error!("cannot listen to SIGHUP: certificates are not read again");
    };
    while hangup.recv().await.is_some() {
        match certificate.reload() {
            Ok(()) => tracing::info!("the certificate was read again"),
            Err(error) => tracing::error!(error = ?error, "the certificate stays as it was"),
        }
    }
}

fn built_in_worker(data: &std::path::Path, native: Option<Native>) -> Result<Worker, Failure> {
    let worker = home::server_worker(data).context("cannot set up the built-in worker")?;
    Ok(match native {
        Some(native) => worker.with_native(native),
        None => worker,
    })
}

/// Shows workers the next certificate, whenever somebody says so. Those that are connected know it already.
async fn rotate_link(hub: Hub) {
    let Ok(mut asked) = signal(SignalKind::user_defined1()) else {
        return tracing::error!("cannot listen to SIGUSR1: the certificate for workers stays");
    };
    while asked.recv().await.is_some() {
        match hub.rotate() {
            Ok(thumbprint) => tracing::info!("workers are shown the certificate {thumbprint}"),
            Err(error) => tracing::error!(error = ?error, "the certificate for workers stays"),
        }
    }
}

/// Reads policies again, whenever a file has changed.
async fn watch_policies(app: App) {
    loop {
        tokio::time::sleep(LOOK_AT_POLICIES).await;
        let app = app.clone();
        let looked = tokio::task::spawn_blocking(move || app.policy_files().reload());
        if looked.await.is_err() {
            tracing::error!("the policies can't be looked at");
        }
    }
}

/// Checks deployment targets as often as their policies say, and those that are new at once.
async fn check_targets(app: App) {
    loop {
        let now = app.now();
        let next = app.health_check_due(now).await;
        let next = next.unwrap_or_else(|error| {
            tracing::error!(error = ?error, "machines can't be checked");
            None
        });
        let wait = next.map_or(CHECK_EVERY, |next| next.duration_since(now).unsigned_abs());
        // A check that is under way may end meanwhile with others due.
        tokio::select! {
            () = tokio::time::sleep(wait.min(CHECK_EVERY)) => {}
            () = app.machines_changed() => {}
        }
    }
}

/// Lets go of what is past its retention, at the start and every few hours.
async fn retain(app: App) {
    loop {
        if let Err(error) = app.retain(app.now()).await {
            tracing::error!(error = ?error, "retention policies can't be applied");
        }
        tokio::time::sleep(RETAIN_EVERY).await;
    }
}

/// Has every interpreter compiled before the first script needs it.
async fn warm(worker: Worker) {
    for language in Language::ALL {
        let say = |_| tracing::info!("compiling the {} guest, once", language.guest());
        if let Err(error) = worker.guests().builtin(language.guest(), &say).await {
            tracing::error!(error = ?error, "the {} guest can't be prepared", language.guest());
        }
    }
}

/// The key goes to standard output, once, and nowhere else.
fn announce(
    address: SocketAddr,
    first_key: Option<&crate::app::api_key::NewKey>,
    certificate: Option<&Certificate>,
    workers: Option<(SocketAddr, Thumbprint)>,
) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let mut text = String::new();
    if let Some(new) = first_key {
        text.push_str(&format!(
            "First start. The administrator's API key, shown only now:\n  export SEAWALL_API_KEY={}\n",
            new.key.as_str()
        ));
    }
    if let Some((address, thumbprint)) = workers {
        text.push_str(&format!(
            "Waiting for workers on https://{address}, with the thumbprint {thumbprint}\n"
        ));
    }
    match certificate {
        None => text.push_str(&format!("Listening on http://{address}\n")),
        Some(certificate) => text.push_str(&format!(
            "Certificate: SHA-256 {}\nListening on https://{address}\n",
            certificate.fingerprint()
        )),
    }
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .context("cannot write to standard output")?;
    Ok(())
}
