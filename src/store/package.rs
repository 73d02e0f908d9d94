//! Packages, build information and artifacts: records beside files that are named by digest.

use serde::de::DeserializeOwned;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};

use super::document::json;
use super::{Change, Error, Store};
use crate::model::package::{Artifact, BuildInformation, Package};

/// A change to the feed, or to what tasks keep.
#[derive(Debug, Clone)]
pub enum PackageChange {
    /// A package, in place of the one with its id if there is one.
    Put(Package),
    Delete {
        space_id: String,
        id: String,
    },
    PutBuild(BuildInformation),
    DeleteBuild {
        id: String,
    },
    Artifact(Artifact),
    DeleteArtifact {
        id: String,
    },
    /// The end of everything of a space.
    DeleteOfSpace {
        space_id: String,
    },
}

impl From<PackageChange> for Change {
    fn from(change: PackageChange) -> Self {
        Self::Package(change)
    }
}

pub(super) async fn apply(
    connection: &mut SqliteConnection,
    change: &PackageChange,
) -> Result<(), Error> {
    let query = match change {
        PackageChange::Put(package) => sqlx::query(
            "INSERT INTO package (id, space_id, package_id, sha256, body) VALUES (?, ?, ?, ?, ?) \
             ON CONFLICT (space_id, id) DO UPDATE SET sha256 = excluded.sha256, body = excluded.body",
        )
        .bind(&package.id)
        .bind(&package.space_id)
        .bind(&package.package_id)
        .bind(&package.sha256)
        .bind(json(package)),
        PackageChange::Delete { space_id, id } => {
            sqlx::query("DELETE FROM package WHERE space_id = ? AND id = ?")
                .bind(space_id)
                .bind(id)
        }
        PackageChange::PutBuild(build) => sqlx::query(
            "INSERT INTO build_information (id, space_id, package_id, version, body) VALUES (?, ?, ?, ?, ?) \
             ON CONFLICT (id) DO UPDATE SET body = excluded.body",
        )
        .bind(&build.id)
        .bind(&build.space_id)
        .bind(&build.package_id)
        .bind(&build.version)
        .bind(json(build)),
        PackageChange::DeleteBuild { id } => {
            sqlx::query("DELETE FROM build_information WHERE id = ?").bind(id)
        }
        PackageChange::Artifact(artifact) => sqlx::query(
            "INSERT INTO artifact (number, id, task_id, space_id, sha256, body) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(artifact.id.rsplit('-').next().and_then(|number| number.parse::<i64>().ok()))
        .bind(&artifact.id)
        .bind(&artifact.task_id)
        .bind(&artifact.space_id)
        .bind(&artifact.sha256)
        .bind(json(artifact)),
        PackageChange::DeleteArtifact { id } => {
            sqlx::query("DELETE FROM artifact WHERE id = ?").bind(id)
        }
        PackageChange::DeleteOfSpace { space_id } => {
            let query = sqlx::query("DELETE FROM build_information WHERE space_id = ?");
            query.bind(space_id).execute(&mut *connection).await?;
            sqlx::query("DELETE FROM package WHERE space_id = ?").bind(space_id)
        }
    };
    query.execute(connection).await?;
    Ok(())
}

impl Store {
    /// The packages of a space, or those with one package id, in no order.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and [`Error::Corrupt`].
    pub async fn packages(
        &self,
        space_id: &str,
        package_id: Option<&str>,
    ) -> Result<Vec<Package>, Error> {
        let query = sqlx::query(
            "SELECT id, body FROM package WHERE space_id = ?1 AND (?2 IS NULL OR package_id = ?2)",
        );
        let rows = query.bind(space_id).bind(package_id);
        let rows = rows.fetch_all(&self.readers).await?;
        rows.iter().map(|row| read("package", row)).collect()
    }

    /// The package of a space with this id.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and [`Error::Corrupt`].
    pub async fn package_by_id(&self, space_id: &str, id: &str) -> Result<Option<Package>, Error> {
        let query = sqlx::query("SELECT id, body FROM package WHERE space_id = ? AND id = ?");
        let row = query.bind(space_id).bind(id);
        let row = row.fetch_optional(&self.readers).await?;
        row.as_ref().map(|row| read("package", row)).transpose()
    }

    /// What is known about packages of a space, newest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and [`Error::Corrupt`].
    pub async fn build_informations(
        &self,
        space_id: &str,
        package_id: Option<&str>,
    ) -> Result<Vec<BuildInformation>, Error> {
        let query = sqlx::query(
            "SELECT id, body FROM build_information WHERE space_id = ?1 AND (?2 IS NULL OR package_id = ?2) ORDER BY length(id) DESC, id DESC",
        );
        let rows = query.bind(space_id).bind(package_id);
        let rows = rows.fetch_all(&self.readers).await?;
        rows.iter()
            .map(|row| read("build_information", row))
            .collect()
    }

    /// The artifacts of a space, or those of one task, newest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and [`Error::Corrupt`].
    pub async fn artifacts(
        &self,
        space_id: Option<&str>,
        task_id: Option<&str>,
    ) -> Result<Vec<Artifact>, Error> {
        let query = sqlx::query(
            "SELECT id, body FROM artifact WHERE (?1 IS NULL OR space_id = ?1) AND (?2 IS NULL OR task_id = ?2) ORDER BY number DESC",
        );
        let rows = query.bind(space_id).bind(task_id);
        let rows = rows.fetch_all(&self.readers).await?;
        rows.iter().map(|row| read("artifact", row)).collect()
    }

    /// The artifact with this id.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and [`Error::Corrupt`].
    pub async fn artifact_by_id(&self, id: &str) -> Result<Option<Artifact>, Error> {
        let query = sqlx::query("SELECT id, body FROM artifact WHERE id = ?").bind(id);
        let row = query.fetch_optional(&self.readers).await?;
        row.as_ref().map(|row| read("artifact", row)).transpose()
    }

    /// The digests that packages and artifacts name.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn blob_digests(&self) -> Result<std::collections::HashSet<String>, Error> {
        let query = sqlx::query("SELECT sha256 FROM package UNION SELECT sha256 FROM artifact");
        let rows = query.fetch_all(&self.readers).await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }
}

fn read<T: DeserializeOwned>(table: &'static str, row: &SqliteRow) -> Result<T, Error> {
    let body: &str = row.try_get("body")?;
    serde_json::from_str(body).map_err(|source| Error::Corrupt {
        table,
        id: row.get("id"),
        source,
    })
}
