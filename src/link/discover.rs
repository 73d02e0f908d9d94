//! What answers at an address, before anybody trusts it: the certificate of a worker that waits to be dialled, or the key
//! of a host with sshd. People compare it with what they know, and pin it.
//!
//! Whoever is asked learns this server's certificate and nothing else: no account is used, and nothing is kept.

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::HANDSHAKE_TIME;
use super::hub::Hub;
use super::identity::Thumbprint;
use super::protocol::SESSION;
use super::ssh;
use super::tls::{Expected, any_name, dialler};

impl Hub {
    /// The thumbprint of the worker that answers at an address.
    ///
    /// # Errors
    /// Why none does, for people.
    pub(super) async fn discover_agent(&self, address: (&str, u16)) -> Result<String, String> {
        let config = dialler(&self.identity(), Expected::Anybody, SESSION);
        let config = config.map_err(|error| error.to_string())?;
        let connecting = async {
            let stream = TcpStream::connect(address).await?;
            TlsConnector::from(config).connect(any_name(), stream).await
        };
        let shaken = tokio::time::timeout(HANDSHAKE_TIME, connecting).await;
        let shaken = shaken.map_err(|_| too_slow())?;
        let stream = shaken.map_err(|error| error.to_string())?;
        let (_, connection) = stream.get_ref();
        let certificate = connection.peer_certificates().and_then(<[_]>::first);
        let certificate = certificate.ok_or("it shows no certificate")?;
        Ok(Thumbprint::of(certificate).to_string())
    }
}

/// The fingerprint of the key that a host shows.
///
/// # Errors
/// Why there is none, for people.
pub(super) async fn host_key((host, port): (&str, u16)) -> Result<String, String> {
    let asked = tokio::time::timeout(HANDSHAKE_TIME, ssh::host_key(host, port)).await;
    asked
        .map_err(|_| too_slow())?
        .map_err(|error| error.to_string())
}

fn too_slow() -> String {
    format!("no answer in {} seconds", HANDSHAKE_TIME.as_secs())
}
