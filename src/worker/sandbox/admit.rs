//! Which file operations may go to the host at all, before any is tried.
//!
//! Pure look-ups in what is mounted and who opened what, and the words for what is refused. The
//! operations themselves are in [`super::files`].

use std::sync::Arc;

use rustix::fs::{PROC_SUPER_MAGIC, fstatfs};
use wasmtime::component::Resource;
use wasmtime_wasi::filesystem::Descriptor;
use wasmtime_wasi::p2::bindings::filesystem::types::{
    self, DescriptorFlags, DescriptorType, ErrorCode, HostDescriptor as _, OpenFlags, PathFlags,
};
use wasmtime_wasi::p2::{FsError, FsResult};

use super::files::FilesView;
use super::meter::LimitReached;
use super::mount::{Purpose, WORK, join};
use super::quota::Inode;
use crate::policy::Access;

/// Magic numbers of kernel file systems whose "regular files" are not files
/// (`include/uapi/linux/magic.h`): sysfs, cgroup, cgroup2, debugfs, tracefs, securityfs, devpts.
const KERNEL_FILE_SYSTEMS: [i64; 7] = [
    0x6265_6572,
    0x0027_e0eb,
    0x6367_7270,
    0x6462_6720,
    0x7472_6163,
    0x7363_6673,
    0x1cd1,
];

/// What a guest wants to do to a path, as far as grants distinguish it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Read,
    Write,
}

impl FilesView<'_> {
    /// The mount and guest path that `path`, relative to `fd`, names.
    pub(super) fn locate(
        &self,
        fd: &Resource<Descriptor>,
        path: &str,
    ) -> FsResult<(usize, String)> {
        let handle = self.files.handles.get(&fd.rep()).ok_or_else(|| {
            FsError::trap(wasmtime::format_err!("descriptor was not opened here"))
        })?;
        Ok((handle.mount, join(&handle.path, path)))
    }

    /// Decides whether an operation on `path` may go to the host at all, and records it.
    pub(super) fn admit(
        &self,
        fd: &Resource<Descriptor>,
        path: &str,
        wanted: Wanted,
    ) -> FsResult<String> {
        let (mount, guest_path) = self.locate(fd, path)?;
        let mount = &self.files.mounts[mount];
        let files = &self.files;
        match &mount.purpose {
            Purpose::Root => {
                // The root itself may be looked at, and holds nothing but the mounts' names.
                if guest_path == "/" && wanted == Wanted::Read {
                    return Ok(guest_path);
                }
                // Interpreters look for their working directory; that it isn't there is no denial.
                if guest_path == WORK && wanted == Wanted::Read {
                    return Err(ErrorCode::NoEntry.into());
                }
                files.witness.file_refused(&guest_path, access_of(wanted));
                Err(ErrorCode::Access.into())
            }
            Purpose::Messages => Err(ErrorCode::Access.into()),
            Purpose::Seawall => match wanted {
                Wanted::Read => Ok(guest_path),
                Wanted::Write => Err(ErrorCode::ReadOnly.into()),
            },
            Purpose::Granted(grant) => {
                if wanted == Wanted::Write && grant.access == Access::Read {
                    files.witness.file_refused(&guest_path, Access::ReadWrite);
                    return Err(ErrorCode::ReadOnly.into());
                }
                Ok(guest_path)
            }
        }
    }

    /// Records that an operation on `guest_path` succeeded.
    ///
    /// Only then was the mount needed: a look at a file that isn't there goes the same way without
    /// it. Nor is a mount needed by an interpreter that starts in it: its own root doesn't count.
    pub(super) fn used(
        &self,
        fd: &Resource<Descriptor>,
        guest_path: &str,
        wanted: Wanted,
    ) -> FsResult<()> {
        let (mount, _) = self.locate(fd, "")?;
        let mount = &self.files.mounts[mount];
        if let Purpose::Granted(grant) = &mount.purpose
            && (wanted == Wanted::Write || guest_path != mount.guest_path)
        {
            self.files.witness.file_used(grant, access_of(wanted));
        }
        Ok(())
    }

    /// Reports an operation that the host refused although the mount allows it: a path that
    /// leaves the mount, by `..` or through a link.
    pub(super) fn refused_by_host(&self, guest_path: &str, error: FsError) -> FsError {
        match error.downcast_ref() {
            Some(ErrorCode::NotPermitted) => {
                self.files.witness.file_escape(guest_path);
                ErrorCode::Access.into()
            }
            _ => error,
        }
    }

    /// Refuses FIFOs, devices and sockets before they are opened: opening a FIFO would block the
    /// thread, and the others are not files.
    pub(super) async fn refuse_special(
        &mut self,
        fd: &Resource<Descriptor>,
        flags: PathFlags,
        path: &str,
        guest_path: &str,
    ) -> FsResult<Option<types::DescriptorStat>> {
        let found = self.inner.stat_at(borrow(fd), flags, path.to_owned()).await;
        let stat = match found {
            Ok(stat) => stat,
            Err(error) => match error.downcast_ref() {
                // Dangling links and missing files: the open itself gives the right error.
                Some(ErrorCode::NoEntry) => return Ok(None),
                _ => return Err(self.refused_by_host(guest_path, error)),
            },
        };
        match stat.type_ {
            DescriptorType::RegularFile
            | DescriptorType::Directory
            | DescriptorType::SymbolicLink => Ok(Some(stat)),
            DescriptorType::Unknown
            | DescriptorType::BlockDevice
            | DescriptorType::CharacterDevice
            | DescriptorType::Fifo
            | DescriptorType::Socket => {
                self.files.witness.file_special(guest_path);
                Err(ErrorCode::Access.into())
            }
        }
    }

    /// Size and identity of the file behind `fd`.
    pub(super) fn open_file(&self, fd: &Resource<Descriptor>) -> FsResult<Arc<std::fs::File>> {
        match self.inner.table.get(fd)? {
            Descriptor::File(file) => Ok(Arc::clone(&file.file)),
            Descriptor::Dir(_) => Err(ErrorCode::BadDescriptor.into()),
        }
    }

    /// Refuses a change through a descriptor whose mount doesn't allow writing.
    pub(super) fn admit_change(&self, fd: &Resource<Descriptor>) -> FsResult<()> {
        self.admit(fd, "", Wanted::Write).map(|_| ())
    }

    /// What a name points at, before it is removed or replaced: its identity, when the removal
    /// frees its bytes.
    pub(super) async fn last_name(
        &mut self,
        fd: &Resource<Descriptor>,
        path: &str,
    ) -> Option<(Inode, u64)> {
        let nofollow = PathFlags::empty();
        let stat = self
            .inner
            .stat_at(borrow(fd), nofollow, path.to_owned())
            .await
            .ok()?;
        if stat.type_ != DescriptorType::RegularFile || stat.link_count != 1 {
            return None;
        }
        // Opened for its identity only; the handle is closed before this returns.
        let opened = self
            .inner
            .open_at(
                borrow(fd),
                nofollow,
                path.to_owned(),
                OpenFlags::empty(),
                DescriptorFlags::READ,
            )
            .await
            .ok()?;
        let inode = self
            .open_file(&opened)
            .and_then(|file| Ok(Inode::of(&file.metadata()?)));
        self.inner.drop(opened).ok()?;
        Some((inode.ok()?, stat.size))
    }

    pub(super) fn release(&self, freed: Option<(Inode, u64)>) {
        if let Some((inode, bytes)) = freed {
            self.files.quota.release_unlinked(inode, bytes);
        }
    }

    pub(super) fn limit<T>(result: Result<T, LimitReached>) -> FsResult<T> {
        result.map_err(|limit| FsError::trap(wasmtime::Error::new(limit)))
    }
}

/// A second, borrowed name for a descriptor that the caller goes on using.
pub(super) fn borrow(fd: &Resource<Descriptor>) -> Resource<Descriptor> {
    Resource::new_borrow(fd.rep())
}

fn access_of(wanted: Wanted) -> Access {
    match wanted {
        Wanted::Read => Access::Read,
        Wanted::Write => Access::ReadWrite,
    }
}

/// Whether `file` lives in a kernel file system such as `/proc`, bound somewhere below a mount.
pub(super) fn is_kernel_file(file: &std::fs::File) -> bool {
    match fstatfs(file) {
        Ok(found) => {
            let magic = found.f_type;
            magic == PROC_SUPER_MAGIC || KERNEL_FILE_SYSTEMS.contains(&magic)
        }
        // What can't be identified is refused.
        Err(_) => true,
    }
}
