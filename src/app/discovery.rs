//! Looking at an address for a machine that somebody wants to add: what it shows, to be compared and pinned.

use super::worker::{Discovered, Found};
use super::{App, Caller, Error};
use crate::model::access::{Permission, Target};

impl App {
    /// What whoever answers at an address shows: a certificate's thumbprint, or a host key's fingerprint.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for who may not add such a machine, and [`Error::Invalid`] with why nothing is there.
    pub async fn machine_discover(
        &self,
        caller: &Caller,
        space: Option<&str>,
        becomes: Found,
        what: Discovered,
        (host, port): (&str, u16),
    ) -> Result<String, Error> {
        let space_id = self.space_id(caller, space).await?;
        let permission = match becomes {
            Found::Worker => Permission::WorkerEdit,
            Found::Target => Permission::MachineCreate,
        };
        caller.require(permission, Target::space(&space_id))?;
        let link = self.inner.link.get().ok_or_else(|| {
            Error::Conflict("The server is not ready to connect to anything.".to_owned())
        })?;
        let shown = link.discover(what, host, port).await;
        shown.map_err(|why| {
            Error::invalid(format!(
                "Nothing that could be added answers at {host}:{port}: {why}."
            ))
        })
    }
}
