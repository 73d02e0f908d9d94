//! The built-in feed: packages that are pushed, found, and removed with their bytes; and how they were built.

use std::collections::{BTreeMap, BTreeSet};

use super::{App, Caller, Error};
use crate::blob::{BlobError, Incoming};
use crate::model::access::{Permission, Target};
use crate::model::feed::{Feed, FeedType};
use crate::model::package::{BuildInformation, Package};
use crate::model::version::{Range, Version};
use crate::package::{Bounds, PackageName, check};
use crate::store::{Change, PackageChange};

/// What a push does when the package is there already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Overwrite {
    #[default]
    FailIfExists,
    OverwriteExisting,
    IgnoreIfExists,
}

impl Overwrite {
    /// By the name that clients send.
    pub fn named(name: &str) -> Option<Self> {
        [
            ("FailIfExists", Self::FailIfExists),
            ("OverwriteExisting", Self::OverwriteExisting),
            ("IgnoreIfExists", Self::IgnoreIfExists),
        ]
        .into_iter()
        .find(|(own, _)| own.eq_ignore_ascii_case(name))
        .map(|(_, mode)| mode)
    }
}

/// What became of a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushed {
    New,
    Replaced,
    Ignored,
}

/// Which packages.
#[derive(Debug, Clone, Default)]
pub struct PackageQuery {
    pub package_id: Option<String>,
    /// With this in the id.
    pub filter: Option<String>,
    /// Only the latest version of each.
    pub is_latest: bool,
    pub excludes_prereleases: bool,
    pub range: Option<Range>,
    pub skip: u64,
    pub take: u64,
}

const EXISTS: &str = "A package with the same name and version already exists";

const BUILD_EXISTS: &str = "Metadata for the specified Package ID and version already exists.";

impl App {
    /// The space of a request for the feed, for somebody who may do something with it there.
    ///
    /// # Errors
    /// [`Error::Forbidden`] and [`Error::NotFound`].
    pub async fn feed_space(
        &self,
        caller: &Caller,
        space: Option<&str>,
        permission: Permission,
    ) -> Result<String, Error> {
        let space_id = self.space_id(caller, space).await?;
        match permission {
            Permission::FeedView => caller.require_some(permission, Some(&space_id))?,
            permission => caller.require(permission, Target::space(&space_id))?,
        }
        Ok(space_id)
    }

    /// A file for a package that is about to arrive.
    ///
    /// # Errors
    /// [`Error::Conflict`] if the disk refuses, [`crate::store::Error::Full`] if it is nearly full.
    pub fn package_incoming(&self) -> Result<Incoming, Error> {
        self.require_room()?;
        let incoming = self.blobs().incoming(self.max_package_bytes());
        incoming.map_err(|error| Error::Conflict(format!("The package can't be stored: {error}")))
    }

    /// Takes a package over that has arrived, if its archive can be unpacked.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a hostile or broken archive; [`Error::Conflict`] if it is there already and may not be
    /// replaced.
    pub async fn package_push(
        &self,
        caller: &Caller,
        space_id: &str,
        name: PackageName,
        incoming: Incoming,
        overwrite: Overwrite,
    ) -> Result<(Package, Pushed), Error> {
        caller.require(Permission::BuiltInFeedPush, Target::space(space_id))?;
        // The file itself is on the disk by now.
        self.require_room()?;
        let id = Package::id(&name.package_id, &name.version);
        if let Some(existing) = self.existing_package(space_id, &id, overwrite).await? {
            return Ok((existing, Pushed::Ignored));
        }
        let format = name.format;
        let checked = tokio::task::spawn_blocking(move || {
            let file = std::fs::File::open(incoming.path());
            let checked = file
                .map_err(Into::into)
                .and_then(|file| check(file, format, Bounds::default()));
            checked.map(|()| incoming)
        });
        let incoming = join(checked.await)?.map_err(|error| Error::invalid(sentence(&error)))?;
        // Bytes are kept and named in one turn, so that nobody removes them in between.
        let _turn = self.feed_turn().await;
        let existing = self.existing_package(space_id, &id, overwrite).await?;
        if let Some(existing) = existing {
            return Ok((existing, Pushed::Ignored));
        }
        let before = self.store().package_by_id(space_id, &id).await?;
        let kept = tokio::task::spawn_blocking(move || incoming.keep());
        let blob = join(kept.await)?.map_err(|error| blob_error(&error))?;
        let package = Package {
            id,
            space_id: space_id.to_owned(),
            package_id: name.package_id,
            version: name.version,
            extension: name.extension,
            size_bytes: blob.size_bytes,
            sha256: blob.sha256,
            published: self.now(),
        };
        let verb = if before.is_some() {
            "replaced"
        } else {
            "pushed"
        };
        let message = format!(
            "The package {} {} was {verb}",
            package.package_id, package.version
        );
        let related = vec![package.id.clone()];
        let space_id = Some(package.space_id.clone());
        let event = caller.event(self.now(), "Created", space_id, message, related);
        let changes = vec![
            PackageChange::Put(package.clone()).into(),
            Change::Event(event),
        ];
        self.store().commit(changes).await?;
        match before {
            Some(before) => {
                self.remove_unused(&before.sha256).await?;
                Ok((package, Pushed::Replaced))
            }
            None => Ok((package, Pushed::New)),
        }
    }

    /// The package that makes a push unnecessary.
    async fn existing_package(
        &self,
        space_id: &str,
        id: &str,
        overwrite: Overwrite,
    ) -> Result<Option<Package>, Error> {
        let existing = self.store().package_by_id(space_id, id).await?;
        match (existing, overwrite) {
            (Some(_), Overwrite::FailIfExists) => Err(Error::Conflict(format!("{EXISTS}."))),
            (Some(existing), Overwrite::IgnoreIfExists) => Ok(Some(existing)),
            (_, _) => Ok(None),
        }
    }

    /// Removes bytes that neither a package nor an artifact names. The caller has the feed's turn.
    pub(super) async fn remove_unused(&self, sha256: &str) -> Result<(), Error> {
        if !self.store().blob_digests().await?.contains(sha256) {
            let removed = self.blobs().remove(sha256);
            removed.map_err(|error| Error::Conflict(error.to_string()))?;
        }
        Ok(())
    }

    /// Removes what nothing names: bytes that were kept by a server that was killed before it could say so.
    ///
    /// # Errors
    /// [`Error::Store`], and [`Error::Conflict`] if the disk refuses.
    pub async fn sweep_blobs(&self) -> Result<usize, Error> {
        let _turn = self.feed_turn().await;
        let named = self.store().blob_digests().await?;
        let disk = |error: std::io::Error| Error::Conflict(error.to_string());
        let kept = self.blobs().digests().map_err(disk)?;
        let unused: Vec<&String> = kept
            .iter()
            .filter(|digest| !named.contains(*digest))
            .collect();
        for digest in &unused {
            self.blobs().remove(digest).map_err(disk)?;
        }
        Ok(unused.len())
    }

    /// The packages that fit, by id and then with the latest version first, and how many there are in all.
    ///
    /// # Errors
    /// [`Error::Forbidden`] and [`Error::NotFound`].
    pub async fn packages(
        &self,
        caller: &Caller,
        space: Option<&str>,
        query: PackageQuery,
    ) -> Result<(u64, Vec<Package>), Error> {
        let space_id = self.feed_space(caller, space, Permission::FeedView).await?;
        let store = self.store();
        let all = store
            .packages(&space_id, query.package_id.as_deref())
            .await?;
        let mut found = sorted(all, &query);
        let total = found.len() as u64;
        let skip = usize::try_from(query.skip).unwrap_or(usize::MAX);
        found.drain(..skip.min(found.len()));
        found.truncate(usize::try_from(query.take).unwrap_or(usize::MAX));
        Ok((total, found))
    }

    /// The package with this id, such as `packages-Acme.Web.1.4.2`; the prefix may be missing.
    ///
    /// # Errors
    /// [`Error::Forbidden`] and [`Error::NotFound`].
    pub async fn package(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
    ) -> Result<Package, Error> {
        let space_id = self.feed_space(caller, space, Permission::FeedView).await?;
        let store = self.store();
        let found = match store.package_by_id(&space_id, id).await? {
            Some(found) => Some(found),
            None => {
                let id = format!("packages-{id}");
                store.package_by_id(&space_id, &id).await?
            }
        };
        found.ok_or_else(|| Error::NotFound {
            noun: "package",
            id: id.to_owned(),
        })
    }

    /// Removes a package. Releases that use it can't be deployed any more.
    ///
    /// # Errors
    /// [`Error::Forbidden`] and [`Error::NotFound`].
    pub async fn package_delete(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
    ) -> Result<(), Error> {
        let package = self.package(caller, space, id).await?;
        let target = Target::space(&package.space_id);
        caller.require(Permission::BuiltInFeedAdminister, target)?;
        let _turn = self.feed_turn().await;
        let message = format!(
            "The package {} {} was deleted",
            package.package_id, package.version
        );
        let space_id = Some(package.space_id.clone());
        let related = vec![package.id.clone()];
        let event = caller.event(self.now(), "Deleted", space_id, message, related);
        let gone = PackageChange::Delete {
            space_id: package.space_id,
            id: package.id,
        };
        let changes = vec![gone.into(), Change::Event(event)];
        self.store().commit(changes).await?;
        self.remove_unused(&package.sha256).await
    }

    /// The versions that the space has of packages, the latest first, by the packages' ids in lower case. However much
    /// else the feed has, only these are read.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(super) async fn versions_of(
        &self,
        space_id: &str,
        package_ids: impl Iterator<Item = &str>,
    ) -> Result<BTreeMap<String, Vec<String>>, Error> {
        let ids: BTreeSet<String> = package_ids.map(str::to_lowercase).collect();
        let mut versions = BTreeMap::new();
        for id in ids {
            let found = self.store().packages(space_id, Some(&id)).await?;
            let found = sorted(found, &PackageQuery::default()).into_iter();
            versions.insert(id, found.map(|package| package.version).collect());
        }
        Ok(versions)
    }

    /// Whether packages of the feed with this id are kept here. An empty id means the built-in feed.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(super) async fn is_built_in(&self, feed_id: &str) -> Result<bool, Error> {
        if feed_id.is_empty() {
            return Ok(true);
        }
        let feed = self.store().document_by_id::<Feed>(feed_id).await?;
        Ok(feed.is_some_and(|feed| feed.record.feed_type == FeedType::BuiltIn))
    }

    /// Keeps how a package was built.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Invalid`] without a package and a version; [`Error::Conflict`] if it is known
    /// already and may not be replaced.
    pub async fn build_push(
        &self,
        caller: &Caller,
        space: Option<&str>,
        package_id: &str,
        version: &str,
        details: serde_json::Value,
        overwrite: Overwrite,
    ) -> Result<(BuildInformation, Pushed), Error> {
        let permission = Permission::BuildInformationPush;
        let space_id = self.feed_space(caller, space, permission).await?;
        if package_id.trim().is_empty() || Version::parse(version).is_none() {
            return Err(Error::invalid(format!(
                "Build information needs a PackageId and a Version: `{package_id}` `{version}`."
            )));
        }
        let _turn = self.feed_turn().await;
        let known = self
            .store()
            .build_informations(&space_id, Some(package_id))
            .await?;
        let existing = known
            .into_iter()
            .find(|one| one.version.eq_ignore_ascii_case(version));
        let pushed = match (&existing, overwrite) {
            (None, _) => Pushed::New,
            (Some(_), Overwrite::FailIfExists) => {
                return Err(Error::Conflict(BUILD_EXISTS.to_owned()));
            }
            (Some(_), Overwrite::OverwriteExisting) => Pushed::Replaced,
            (Some(existing), Overwrite::IgnoreIfExists) => {
                return Ok((existing.clone(), Pushed::Ignored));
            }
        };
        let build = BuildInformation {
            id: existing.map_or_else(
                || self.store().next_id("BuildInformation"),
                |existing| existing.id,
            ),
            space_id: space_id.clone(),
            package_id: package_id.to_owned(),
            version: version.to_owned(),
            created: self.now(),
            details,
        };
        let message = format!("Build information for {package_id} {version} was pushed");
        let related = vec![build.id.clone()];
        let event = caller.event(self.now(), "Created", Some(space_id), message, related);
        let changes = vec![
            PackageChange::PutBuild(build.clone()).into(),
            Change::Event(event),
        ];
        self.store().commit(changes).await?;
        Ok((build, pushed))
    }

    /// What is known about how packages were built, newest first.
    ///
    /// # Errors
    /// [`Error::Forbidden`] and [`Error::NotFound`].
    pub async fn builds(
        &self,
        caller: &Caller,
        space: Option<&str>,
        package_id: Option<&str>,
    ) -> Result<Vec<BuildInformation>, Error> {
        let space_id = self.feed_space(caller, space, Permission::FeedView).await?;
        Ok(self
            .store()
            .build_informations(&space_id, package_id)
            .await?)
    }

    /// Forgets how a package was built.
    ///
    /// # Errors
    /// [`Error::Forbidden`] and [`Error::NotFound`].
    pub async fn build_delete(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
    ) -> Result<(), Error> {
        let permission = Permission::BuildInformationAdminister;
        let space_id = self.feed_space(caller, space, permission).await?;
        let known = self.store().build_informations(&space_id, None).await?;
        if !known.iter().any(|build| build.id.eq_ignore_ascii_case(id)) {
            return Err(Error::NotFound {
                noun: "build information",
                id: id.to_owned(),
            });
        }
        let gone = PackageChange::DeleteBuild { id: id.to_owned() };
        self.store().commit(vec![gone.into()]).await?;
        Ok(())
    }
}

/// What a query takes of `all`, in the order in which people look for packages.
fn sorted(all: Vec<Package>, query: &PackageQuery) -> Vec<Package> {
    let filter = query.filter.as_deref().unwrap_or_default().to_lowercase();
    let fits = |package: &Package, version: &Version| {
        package.package_id.to_lowercase().contains(&filter)
            && !(query.excludes_prereleases && version.is_prerelease())
            && query.range.as_ref().is_none_or(|range| range.has(version))
    };
    let mut found: Vec<(String, Version, Package)> = all
        .into_iter()
        .filter_map(|package| {
            let version = Version::parse(&package.version)?;
            let is_found = fits(&package, &version);
            is_found.then(|| (package.package_id.to_lowercase(), version, package))
        })
        .collect();
    found.sort_by(|(id, version, _), (other_id, other, _)| {
        id.cmp(other_id).then(other.cmp(version))
    });
    if query.is_latest {
        found.dedup_by(|(id, ..), (before, ..)| id == before);
    }
    found.into_iter().map(|(_, _, package)| package).collect()
}

/// The result of work on another thread, which ends early only if the server does.
pub(super) fn join<T>(joined: Result<T, tokio::task::JoinError>) -> Result<T, Error> {
    joined.map_err(|error| Error::Conflict(format!("The server is going down: {error}.")))
}

/// What a failure to keep a file means for whoever sent it.
pub fn blob_error(error: &BlobError) -> Error {
    match error {
        BlobError::TooLarge { max_bytes } => Error::invalid(format!(
            "The file is larger than {max_bytes} bytes, which is the most that this server takes."
        )),
        BlobError::Io(source) if source.kind() == std::io::ErrorKind::StorageFull => {
            Error::Store(crate::store::Error::Full)
        }
        BlobError::Io(source) => Error::Conflict(format!("The file can't be stored: {source}.")),
    }
}

fn sentence(error: &crate::package::ArchiveError) -> String {
    let text = error.to_string();
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).chain(['.']).collect()
}
