//! The file system that a guest sees: `wasi:filesystem` wrapped with our own checks.
//!
//! Path resolution is `wasmtime-wasi`'s, by capability (each mount is an open directory, resolved
//! with `openat2` beneath it); this file never joins a guest's path to a host path. It adds what
//! upstream lacks: quotas, a refusal of anything that isn't a file, directory or link, a root that
//! answers for everything that isn't mounted, the messages file, and a receipt of every access.
//!
//! It refuses to follow a guest's word for which mount it is in: handles are tracked from the
//! preopen down, by the table index of the descriptor they were opened through.

use std::collections::HashMap;
use std::sync::Arc;

use wasmtime::component::{HasData, Resource};
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystemCtxView};
use wasmtime_wasi::p2::bindings::filesystem::types::{
    self, DescriptorType, ErrorCode, HostDescriptor as _, OpenFlags, PathFlags,
};
use wasmtime_wasi::p2::bindings::filesystem::{preopens, types::DescriptorFlags};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, FsError, FsResult};

use super::admit::{Wanted, borrow, is_kernel_file};
use super::mount::{MESSAGES_FILE, Mount, Purpose};
use super::quota::{Held, Inode, Quota};
use super::stream::{FileWriter, SinkWriter, Written};
use crate::worker::receipt::Witness;
use crate::worker::sink::Sink;

/// Per-sandbox state of the file view.
pub struct Files {
    pub(super) mounts: Vec<Mount>,
    pub(super) handles: HashMap<u32, Handle>,
    pub(super) quota: Arc<Quota>,
    pub(super) witness: Arc<Witness>,
    sink: Arc<Sink>,
}

/// What we know about one descriptor: where it came from, in the guest's words.
pub(super) struct Handle {
    pub(super) mount: usize,
    pub(super) path: String,
    /// Keeps an open file's bytes charged when it is unlinked.
    _held: Option<Held>,
}

impl Files {
    /// The view for `mounts`, in the order in which they were preopened.
    pub fn new(
        mounts: Vec<Mount>,
        quota: Arc<Quota>,
        witness: Arc<Witness>,
        sink: Arc<Sink>,
    ) -> Self {
        Self {
            mounts,
            handles: HashMap::new(),
            quota,
            witness,
            sink,
        }
    }

    /// The quota, for the report of what was consumed.
    pub fn quota(&self) -> &Quota {
        &self.quota
    }
}

/// `wasi:filesystem` for one host call.
pub struct FilesView<'a> {
    pub inner: WasiFilesystemCtxView<'a>,
    pub files: &'a mut Files,
}

/// Names [`FilesView`] for wasmtime's linker.
pub struct HasFiles;

impl HasData for HasFiles {
    type Data<'a> = FilesView<'a>;
}

impl preopens::Host for FilesView<'_> {
    fn get_directories(&mut self) -> wasmtime::Result<Vec<(Resource<Descriptor>, String)>> {
        let directories = preopens::Host::get_directories(&mut self.inner)?;
        for (index, (directory, path)) in directories.iter().enumerate() {
            self.files.handles.insert(
                directory.rep(),
                Handle {
                    mount: index,
                    path: path.clone(),
                    _held: None,
                },
            );
        }
        Ok(directories)
    }
}

impl types::Host for FilesView<'_> {
    fn convert_error_code(&mut self, error: FsError) -> wasmtime::Result<ErrorCode> {
        self.inner.convert_error_code(error)
    }

    fn filesystem_error_code(
        &mut self,
        error: Resource<wasmtime::Error>,
    ) -> wasmtime::Result<Option<ErrorCode>> {
        self.inner.filesystem_error_code(error)
    }
}

impl types::HostDescriptor for FilesView<'_> {
    async fn advise(
        &mut self,
        fd: Resource<Descriptor>,
        offset: u64,
        length: u64,
        advice: types::Advice,
    ) -> FsResult<()> {
        self.inner.advise(fd, offset, length, advice).await
    }

    async fn sync_data(&mut self, fd: Resource<Descriptor>) -> FsResult<()> {
        self.inner.sync_data(fd).await
    }

    async fn get_flags(&mut self, fd: Resource<Descriptor>) -> FsResult<DescriptorFlags> {
        self.inner.get_flags(fd).await
    }

    async fn get_type(&mut self, fd: Resource<Descriptor>) -> FsResult<DescriptorType> {
        self.inner.get_type(fd).await
    }

    async fn set_size(&mut self, fd: Resource<Descriptor>, size: u64) -> FsResult<()> {
        self.admit_change(&fd)?;
        let before = self.open_file(&fd)?.metadata()?.len();
        Self::limit(self.files.quota.grow(before, size))?;
        let result = self.inner.set_size(fd, size).await;
        match &result {
            Ok(()) => self.files.quota.release_bytes(before.saturating_sub(size)),
            Err(_) => self.files.quota.release_bytes(size.saturating_sub(before)),
        }
        result
    }

    async fn set_times(
        &mut self,
        fd: Resource<Descriptor>,
        accessed: types::NewTimestamp,
        modified: types::NewTimestamp,
    ) -> FsResult<()> {
        self.admit_change(&fd)?;
        self.inner.set_times(fd, accessed, modified).await
    }

    async fn read(
        &mut self,
        fd: Resource<Descriptor>,
        length: u64,
        offset: u64,
    ) -> FsResult<(Vec<u8>, bool)> {
        self.inner.read(fd, length, offset).await
    }

    async fn write(
        &mut self,
        fd: Resource<Descriptor>,
        bytes: Vec<u8>,
        offset: u64,
    ) -> FsResult<u64> {
        let (mount, _) = self.locate(&fd, "")?;
        if matches!(self.files.mounts[mount].purpose, Purpose::Messages) {
            Self::limit(self.files.sink.message_bytes(&bytes))?;
            return Ok(bytes.len() as u64);
        }
        self.admit_change(&fd)?;
        let file = self.open_file(&fd)?;
        let before = file.metadata()?.len();
        let end = offset.saturating_add(bytes.len() as u64);
        Self::limit(self.files.quota.grow(before, end))?;
        let result = self.inner.write(fd, bytes, offset).await;
        let after = file.metadata()?.len();
        self.files
            .quota
            .release_bytes(end.max(before).saturating_sub(after.max(before)));
        result
    }

    async fn read_directory(
        &mut self,
        fd: Resource<Descriptor>,
    ) -> FsResult<Resource<types::DirectoryEntryStream>> {
        let guest_path = self.admit(&fd, "", Wanted::Read)?;
        // A listing is a use of the mount even at its root.
        self.used(&fd, &format!("{guest_path}/."), Wanted::Read)?;
        self.inner.read_directory(fd).await
    }

    async fn sync(&mut self, fd: Resource<Descriptor>) -> FsResult<()> {
        self.inner.sync(fd).await
    }

    async fn create_directory_at(
        &mut self,
        fd: Resource<Descriptor>,
        path: String,
    ) -> FsResult<()> {
        let guest_path = self.admit(&fd, &path, Wanted::Write)?;
        Self::limit(self.files.quota.add_file())?;
        let result = self.inner.create_directory_at(borrow(&fd), path).await;
        result.map_err(|error| {
            self.files.quota.remove_file();
            self.refused_by_host(&guest_path, error)
        })?;
        self.used(&fd, &guest_path, Wanted::Write)
    }

    async fn stat(&mut self, fd: Resource<Descriptor>) -> FsResult<types::DescriptorStat> {
        self.inner.stat(fd).await
    }

    async fn stat_at(
        &mut self,
        fd: Resource<Descriptor>,
        flags: PathFlags,
        path: String,
    ) -> FsResult<types::DescriptorStat> {
        let guest_path = self.admit(&fd, &path, Wanted::Read)?;
        let result = self.inner.stat_at(borrow(&fd), flags, path).await;
        let stat = result.map_err(|error| self.refused_by_host(&guest_path, error))?;
        self.used(&fd, &guest_path, Wanted::Read)?;
        Ok(stat)
    }

    async fn set_times_at(
        &mut self,
        fd: Resource<Descriptor>,
        flags: PathFlags,
        path: String,
        accessed: types::NewTimestamp,
        modified: types::NewTimestamp,
    ) -> FsResult<()> {
        let guest_path = self.admit(&fd, &path, Wanted::Write)?;
        let result = self
            .inner
            .set_times_at(borrow(&fd), flags, path, accessed, modified)
            .await;
        result.map_err(|error| self.refused_by_host(&guest_path, error))?;
        self.used(&fd, &guest_path, Wanted::Write)
    }

    async fn link_at(
        &mut self,
        fd: Resource<Descriptor>,
        flags: PathFlags,
        path: String,
        new_fd: Resource<Descriptor>,
        new_path: String,
    ) -> FsResult<()> {
        let guest_path = self.admit(&fd, &path, Wanted::Write)?;
        let new_guest_path = self.admit(&new_fd, &new_path, Wanted::Write)?;
        Self::limit(self.files.quota.add_file())?;
        let result = self
            .inner
            .link_at(borrow(&fd), flags, path, borrow(&new_fd), new_path)
            .await;
        result.map_err(|error| {
            self.files.quota.remove_file();
            self.refused_by_host(&guest_path, error)
        })?;
        self.used(&fd, &guest_path, Wanted::Write)?;
        self.used(&new_fd, &new_guest_path, Wanted::Write)
    }

    async fn open_at(
        &mut self,
        fd: Resource<Descriptor>,
        path_flags: PathFlags,
        path: String,
        open_flags: OpenFlags,
        flags: DescriptorFlags,
    ) -> FsResult<Resource<Descriptor>> {
        let (mount, guest_path) = self.locate(&fd, &path)?;
        if matches!(self.files.mounts[mount].purpose, Purpose::Messages) {
            return self.open_messages(fd, mount, path, open_flags, flags).await;
        }
        let changes = OpenFlags::CREATE | OpenFlags::TRUNCATE;
        let writes = open_flags.intersects(changes) || flags.contains(DescriptorFlags::WRITE);
        let wanted = if writes { Wanted::Write } else { Wanted::Read };
        self.admit(&fd, &path, wanted)?;

        let existing = self
            .refuse_special(&fd, path_flags, &path, &guest_path)
            .await?;
        let creates = open_flags.contains(OpenFlags::CREATE) && existing.is_none();
        if creates {
            Self::limit(self.files.quota.add_file())?;
        }
        let opened = self
            .inner
            .open_at(borrow(&fd), path_flags, path, open_flags, flags)
            .await
            .map_err(|error| {
                if creates {
                    self.files.quota.remove_file();
                }
                self.refused_by_host(&guest_path, error)
            })?;
        self.used(&fd, &guest_path, wanted)?;
        if open_flags.contains(OpenFlags::TRUNCATE) {
            self.files
                .quota
                .release_bytes(existing.map_or(0, |stat| stat.size));
        }
        let held = match self.inner.table.get(&opened)? {
            Descriptor::Dir(_) => None,
            Descriptor::File(file) => {
                let metadata = file.file.metadata()?;
                if is_kernel_file(&file.file) {
                    self.files.witness.file_special(&guest_path);
                    self.inner.drop(opened).map_err(FsError::trap)?;
                    return Err(ErrorCode::Access.into());
                }
                Some(self.files.quota.hold(Inode::of(&metadata)))
            }
        };
        self.files.handles.insert(
            opened.rep(),
            Handle {
                mount,
                path: guest_path,
                _held: held,
            },
        );
        Ok(opened)
    }

    fn drop(&mut self, fd: Resource<Descriptor>) -> wasmtime::Result<()> {
        self.files.handles.remove(&fd.rep());
        self.inner.drop(fd)
    }

    async fn readlink_at(&mut self, fd: Resource<Descriptor>, path: String) -> FsResult<String> {
        let guest_path = self.admit(&fd, &path, Wanted::Read)?;
        let result = self.inner.readlink_at(borrow(&fd), path).await;
        let target = result.map_err(|error| self.refused_by_host(&guest_path, error))?;
        self.used(&fd, &guest_path, Wanted::Read)?;
        Ok(target)
    }

    async fn remove_directory_at(
        &mut self,
        fd: Resource<Descriptor>,
        path: String,
    ) -> FsResult<()> {
        let guest_path = self.admit(&fd, &path, Wanted::Write)?;
        self.inner
            .remove_directory_at(borrow(&fd), without_trailing_slashes(path))
            .await
            .map_err(|error| self.refused_by_host(&guest_path, error))?;
        self.files.quota.remove_file();
        self.used(&fd, &guest_path, Wanted::Write)
    }

    async fn rename_at(
        &mut self,
        fd: Resource<Descriptor>,
        path: String,
        new_fd: Resource<Descriptor>,
        new_path: String,
    ) -> FsResult<()> {
        let guest_path = self.admit(&fd, &path, Wanted::Write)?;
        let new_guest_path = self.admit(&new_fd, &new_path, Wanted::Write)?;
        let moved = self.last_name(&fd, &path).await;
        let replaced = self.last_name(&new_fd, &new_path).await;
        self.inner
            .rename_at(borrow(&fd), path, borrow(&new_fd), new_path)
            .await
            .map_err(|error| self.refused_by_host(&guest_path, error))?;
        // Renaming a file onto itself replaces nothing.
        if replaced.is_some() && replaced.map(|(inode, _)| inode) != moved.map(|(inode, _)| inode) {
            self.release(replaced);
            self.files.quota.remove_file();
        }
        self.used(&fd, &guest_path, Wanted::Write)?;
        self.used(&new_fd, &new_guest_path, Wanted::Write)
    }

    async fn symlink_at(
        &mut self,
        fd: Resource<Descriptor>,
        target: String,
        path: String,
    ) -> FsResult<()> {
        let guest_path = self.admit(&fd, &path, Wanted::Write)?;
        Self::limit(self.files.quota.add_file())?;
        let result = self.inner.symlink_at(borrow(&fd), target, path).await;
        result.map_err(|error| {
            self.files.quota.remove_file();
            self.refused_by_host(&guest_path, error)
        })?;
        self.used(&fd, &guest_path, Wanted::Write)
    }

    async fn unlink_file_at(&mut self, fd: Resource<Descriptor>, path: String) -> FsResult<()> {
        let guest_path = self.admit(&fd, &path, Wanted::Write)?;
        let freed = self.last_name(&fd, &path).await;
        self.inner
            .unlink_file_at(borrow(&fd), path)
            .await
            .map_err(|error| self.refused_by_host(&guest_path, error))?;
        self.files.quota.remove_file();
        self.release(freed);
        self.used(&fd, &guest_path, Wanted::Write)
    }

    fn read_via_stream(
        &mut self,
        fd: Resource<Descriptor>,
        offset: u64,
    ) -> FsResult<Resource<DynInputStream>> {
        let (mount, _) = self.locate(&fd, "")?;
        if matches!(self.files.mounts[mount].purpose, Purpose::Messages) {
            return Err(ErrorCode::Access.into());
        }
        self.inner.read_via_stream(fd, offset)
    }

    fn write_via_stream(
        &mut self,
        fd: Resource<Descriptor>,
        offset: u64,
    ) -> FsResult<Resource<DynOutputStream>> {
        self.writer(fd, |file, quota| FileWriter::at(file, offset, quota))
    }

    fn append_via_stream(
        &mut self,
        fd: Resource<Descriptor>,
    ) -> FsResult<Resource<DynOutputStream>> {
        self.writer(fd, FileWriter::append)
    }

    async fn is_same_object(
        &mut self,
        a: Resource<Descriptor>,
        b: Resource<Descriptor>,
    ) -> wasmtime::Result<bool> {
        self.inner.is_same_object(a, b).await
    }

    async fn metadata_hash(
        &mut self,
        fd: Resource<Descriptor>,
    ) -> FsResult<types::MetadataHashValue> {
        self.inner.metadata_hash(fd).await
    }

    async fn metadata_hash_at(
        &mut self,
        fd: Resource<Descriptor>,
        flags: PathFlags,
        path: String,
    ) -> FsResult<types::MetadataHashValue> {
        let guest_path = self.admit(&fd, &path, Wanted::Read)?;
        let result = self.inner.metadata_hash_at(fd, flags, path).await;
        result.map_err(|error| self.refused_by_host(&guest_path, error))
    }
}

impl FilesView<'_> {
    /// The messages file: it exists, it can be opened for writing, and that is all.
    async fn open_messages(
        &mut self,
        fd: Resource<Descriptor>,
        mount: usize,
        path: String,
        open_flags: OpenFlags,
        flags: DescriptorFlags,
    ) -> FsResult<Resource<Descriptor>> {
        // wasi-libc asks for `mutate-directory` with every write; on a file it means nothing.
        let allowed = DescriptorFlags::WRITE | DescriptorFlags::MUTATE_DIRECTORY;
        let only_write = flags.contains(DescriptorFlags::WRITE) && (flags | allowed) == allowed;
        if path != MESSAGES_FILE || open_flags != OpenFlags::empty() || !only_write {
            return Err(ErrorCode::Access.into());
        }
        let opened = self
            .inner
            .open_at(fd, PathFlags::empty(), path, open_flags, flags)
            .await?;
        self.files.handles.insert(
            opened.rep(),
            Handle {
                mount,
                path: String::new(),
                _held: None,
            },
        );
        Ok(opened)
    }

    fn writer(
        &mut self,
        fd: Resource<Descriptor>,
        open: impl FnOnce(Arc<std::fs::File>, Arc<Quota>) -> FileWriter,
    ) -> FsResult<Resource<DynOutputStream>> {
        let (mount, _) = self.locate(&fd, "")?;
        let stream: DynOutputStream =
            if matches!(self.files.mounts[mount].purpose, Purpose::Messages) {
                Box::new(SinkWriter::new(
                    Arc::clone(&self.files.sink),
                    Written::Messages,
                ))
            } else {
                self.admit_change(&fd)?;
                let file = self.open_file(&fd)?;
                Box::new(open(file, Arc::clone(&self.files.quota)))
            };
        Ok(self.inner.table.push(stream)?)
    }
}

/// `dir/` names what `dir` does to `rmdir`, which is told apart from a link either way; upstream
/// calls it invalid (`cap-primitives` 4.0.3).
fn without_trailing_slashes(mut path: String) -> String {
    let kept = path.trim_end_matches('/').len();
    // Nothing but slashes is an absolute path, which is refused as such.
    if kept > 0 {
        path.truncate(kept);
    }
    path
}

impl types::HostDirectoryEntryStream for FilesView<'_> {
    async fn read_directory_entry(
        &mut self,
        stream: Resource<types::DirectoryEntryStream>,
    ) -> FsResult<Option<types::DirectoryEntry>> {
        self.inner.read_directory_entry(stream).await
    }

    fn drop(&mut self, stream: Resource<types::DirectoryEntryStream>) -> wasmtime::Result<()> {
        types::HostDirectoryEntryStream::drop(&mut self.inner, stream)
    }
}
