//! The new archive: what stays of the old one, and files packed or stored.

use std::collections::HashMap;
use std::io::Cursor;

use bashkit::{CommandContext, Result};
use zip::result::ZipResult;
use zip::write::{FullFileOptions, PreparedZipFile};
use zip::{CompressionMethod, ZipWriter};

use super::super::archive::{self, Archive, Entry, Opened};
use super::find::Found;
use super::options::Options;

/// What an entry is made of.
pub enum Content {
    Folder,
    Link(String),
    File(Vec<u8>),
}

impl Content {
    pub async fn read(ctx: &CommandContext<'_>, found: &Found) -> Result<Self> {
        let kind = found.seen.file_type;
        Ok(if kind.is_dir() {
            Self::Folder
        } else if kind.is_symlink() {
            let target = ctx.fs.read_link(&found.path).await?;
            Self::Link(target.to_string_lossy().into_owned())
        } else {
            Self::File(ctx.fs.read_file(&found.path).await?)
        })
    }

    /// Packs a file, or stores it when packing gains nothing.
    pub fn pack(self, options: &Options, found: &Found) -> ZipResult<Packed> {
        let modified = found.seen.modified;
        let mut settings = FullFileOptions::default()
            .unix_permissions(found.seen.mode & 0o7777)
            .last_modified_time(archive::coarse(modified));
        if !options.drops_extras {
            settings = settings.with_extended_timestamp(archive::seconds(modified), None, None)?;
        }
        let bytes = match self {
            Self::Folder => return Ok(Packed::Folder(settings)),
            Self::Link(target) => return Ok(Packed::Link(target, settings)),
            Self::File(bytes) => bytes,
        };
        if options.level != Some(0) && !bytes.is_empty() {
            let deflated = settings
                .clone()
                .compression_method(CompressionMethod::Deflated)
                .compression_level(options.level.map(i64::from));
            let file = PreparedZipFile::from_data(&found.name, deflated, &bytes)?;
            if file.compressed_size() < file.uncompressed_size() {
                return Ok(Packed::File(file));
            }
        }
        let stored = settings.compression_method(CompressionMethod::Stored);
        PreparedZipFile::from_data(&found.name, stored, &bytes).map(Packed::File)
    }
}

/// An entry before it is written.
pub enum Packed {
    Folder(FullFileOptions<'static, 'static>),
    Link(String, FullFileOptions<'static, 'static>),
    File(PreparedZipFile),
}

impl Packed {
    /// The line that zip prints for it, with what is done to it.
    pub fn line(&self, name: &str, verb: &str) -> String {
        let saved = match self {
            Self::Folder(_) | Self::Link(..) => 0,
            Self::File(file) => archive::saved(file.uncompressed_size(), file.compressed_size()),
        };
        let is_smaller = matches!(self, Self::File(file)
            if file.compressed_size() < file.uncompressed_size());
        let how = if is_smaller { "deflated" } else { "stored" };
        format!("{verb}: {name} ({how} {saved}%)\n")
    }

    fn write(self, name: String, writer: &mut ZipWriter<Cursor<Vec<u8>>>) -> ZipResult<()> {
        match self {
            Self::Folder(settings) => writer.add_directory(name, settings),
            Self::Link(target, settings) => writer.add_symlink(name, target, settings),
            Self::File(file) => writer.add_prepared_file(file),
        }
    }
}

/// What was in the old archive, in its order and replaced where it was found again; then what is new.
pub fn assemble(
    old: Option<Opened>,
    found: &[Found],
    mut packed: HashMap<String, Packed>,
) -> ZipResult<Archive> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    if let Some(Opened {
        mut archive,
        entries,
    }) = old
    {
        for (at, Entry { name, .. }) in entries.into_iter().enumerate() {
            match packed.remove(&name) {
                Some(packed) => packed.write(name, &mut writer)?,
                None => writer.raw_copy_file(archive.by_index_raw(at)?)?,
            }
        }
    }
    for Found { name, .. } in found {
        if let Some(packed) = packed.remove(name) {
            packed.write(name.clone(), &mut writer)?;
        }
    }
    writer.finish_into_readable()
}

/// The archive without the entries that `is_gone` says.
pub fn without(mut old: Opened, is_gone: impl Fn(&Entry) -> bool) -> ZipResult<Archive> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (at, entry) in old.entries.iter().enumerate() {
        if !is_gone(entry) {
            writer.raw_copy_file(old.archive.by_index_raw(at)?)?;
        }
    }
    writer.finish_into_readable()
}
