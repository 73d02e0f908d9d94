//! Archives that nobody trusts: walked once before they are kept, and once more when they are extracted.
//!
//! Refuses what leaves the folder (`..`, absolute paths, drive letters, backslashes), links and devices, two entries
//! with one path, more entries or bytes than the bounds, and contents that are too large for the archive they are
//! in. Extraction goes through a [`Dir`], so that even a path that slipped through could not leave it.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufReader, Read, Write as _};

use cap_std::fs::{Dir, OpenOptions};
use flate2::read::MultiGzDecoder;
use zip::ZipArchive;

use super::name::Format;

/// How much an archive may hold.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    pub max_entries: usize,
    /// Of all files together, unpacked.
    pub max_bytes: u64,
    /// How many times larger than the archive its contents may be, beyond the first 16 MiB.
    pub max_ratio: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            max_entries: 100_000,
            max_bytes: 8 << 30,
            max_ratio: 200,
        }
    }
}

/// Any archive may unpack to this much: text without content packs well.
const FREE_BYTES: u64 = 16 << 20;

/// Longer paths are refused: no file system of ours takes them.
const MAX_PATH_BYTES: usize = 1_024;

/// Why an archive is refused.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("the archive is broken: {0}")]
    Broken(String),
    #[error("the archive's entry `{0}` would leave the folder that it is unpacked to")]
    Outside(String),
    #[error(
        "the archive's entry `{0}` is a link or a device: only files and folders can be unpacked"
    )]
    Special(String),
    #[error("the archive has two entries `{0}`")]
    Twice(String),
    #[error("the archive has more than {0} entries")]
    TooMany(usize),
    #[error("the archive unpacks to more than {0} bytes")]
    TooLarge(u64),
    #[error("the archive can't be read or unpacked")]
    Io(#[from] io::Error),
}

/// Reads the whole archive, and refuses it if it could not be extracted.
///
/// # Errors
/// [`ArchiveError`].
pub fn check(file: File, format: Format, bounds: Bounds) -> Result<(), ArchiveError> {
    walk(file, format, bounds, &mut |_, _| Ok(io::sink()))
}

/// Unpacks the archive into an empty directory.
///
/// # Errors
/// [`ArchiveError`]. What was unpacked before it stays.
pub fn extract(file: File, format: Format, into: &Dir, bounds: Bounds) -> Result<(), ArchiveError> {
    walk(file, format, bounds, &mut |path, is_folder| {
        if is_folder {
            into.create_dir_all(path)?;
            return Ok(None);
        }
        if let Some((parent, _)) = path.rsplit_once('/') {
            into.create_dir_all(parent)?;
        }
        let mut options = OpenOptions::new();
        let options = options.write(true).create_new(true);
        Ok(Some(into.open_with(path, options)?.into_std()))
    })
}

/// Where an entry's bytes go.
trait Target {
    fn take(&mut self, bytes: &[u8]) -> io::Result<()>;
}

impl Target for io::Sink {
    fn take(&mut self, _bytes: &[u8]) -> io::Result<()> {
        Ok(())
    }
}

impl Target for Option<File> {
    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Some(file) => file.write_all(bytes),
            None => Ok(()),
        }
    }
}

/// Calls `open` with the path of every entry and whether it is a folder.
fn walk<T: Target>(
    file: File,
    format: Format,
    bounds: Bounds,
    open: &mut dyn FnMut(&str, bool) -> io::Result<T>,
) -> Result<(), ArchiveError> {
    let archive_bytes = file.metadata()?.len();
    let by_ratio = FREE_BYTES.saturating_add(archive_bytes.saturating_mul(bounds.max_ratio));
    let mut walker = Walker {
        bounds,
        left_bytes: bounds.max_bytes.min(by_ratio),
        max_bytes: bounds.max_bytes.min(by_ratio),
        seen: BTreeSet::new(),
        open,
    };
    match format {
        Format::Zip | Format::Nupkg => walker.zip(file),
        Format::TarGz => walker.tar(file),
    }
}

struct Walker<'a, T> {
    bounds: Bounds,
    left_bytes: u64,
    max_bytes: u64,
    seen: BTreeSet<String>,
    open: &'a mut dyn FnMut(&str, bool) -> io::Result<T>,
}

impl<T: Target> Walker<'_, T> {
    fn zip(&mut self, file: File) -> Result<(), ArchiveError> {
        let broken = |error: zip::result::ZipError| ArchiveError::Broken(error.to_string());
        let mut archive = ZipArchive::new(BufReader::new(file)).map_err(broken)?;
        if archive.len() > self.bounds.max_entries {
            return Err(ArchiveError::TooMany(self.bounds.max_entries));
        }
        for index in 0..archive.len() {
            let mut entry = archive.by_index(index).map_err(broken)?;
            let name = entry.name().to_owned();
            // The upper bits are a Unix mode; 0 means that whoever packed it said nothing.
            let kind = entry.unix_mode().unwrap_or(0) & 0o170_000;
            if !matches!(kind, 0 | 0o040_000 | 0o100_000) {
                return Err(ArchiveError::Special(shown(&name)));
            }
            let is_folder = entry.is_dir();
            self.entry(&name, is_folder, &mut entry)?;
        }
        Ok(())
    }

    fn tar(&mut self, file: File) -> Result<(), ArchiveError> {
        let broken = |error: io::Error| ArchiveError::Broken(error.to_string());
        let mut archive = tar::Archive::new(MultiGzDecoder::new(BufReader::new(file)));
        let mut n_entries = 0;
        for entry in archive.entries().map_err(broken)? {
            let mut entry = entry.map_err(broken)?;
            n_entries += 1;
            if n_entries > self.bounds.max_entries {
                return Err(ArchiveError::TooMany(self.bounds.max_entries));
            }
            let name = String::from_utf8(entry.path_bytes().into_owned())
                .map_err(|error| ArchiveError::Broken(error.to_string()))?;
            let kind = entry.header().entry_type();
            if kind.is_pax_global_extensions() {
                continue;
            }
            if !kind.is_file() && !kind.is_dir() {
                return Err(ArchiveError::Special(shown(&name)));
            }
            self.entry(&name, kind.is_dir(), &mut entry)?;
        }
        if n_entries == 0 {
            return Err(ArchiveError::Broken("it is empty".to_owned()));
        }
        Ok(())
    }

    fn entry(
        &mut self,
        name: &str,
        is_folder: bool,
        from: &mut dyn Read,
    ) -> Result<(), ArchiveError> {
        let path = path(name)?;
        let Some(path) = path else {
            // The folder itself.
            return Ok(());
        };
        if !self.seen.insert(path.clone()) && !is_folder {
            return Err(ArchiveError::Twice(shown(name)));
        }
        let mut target = (self.open)(&path, is_folder)?;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let n_read = from
                .read(&mut buffer)
                .map_err(|error| ArchiveError::Broken(error.to_string()))?;
            if n_read == 0 {
                return Ok(());
            }
            self.left_bytes = self
                .left_bytes
                .checked_sub(n_read as u64)
                .ok_or(ArchiveError::TooLarge(self.max_bytes))?;
            target.take(&buffer[..n_read])?;
        }
    }
}

/// An entry's name as a path below a folder; `None` for the folder itself.
fn path(name: &str) -> Result<Option<String>, ArchiveError> {
    let outside = || ArchiveError::Outside(shown(name));
    let has_wrong = name.contains(['\\', ':']) || name.chars().any(char::is_control);
    if name.starts_with('/') || has_wrong || name.len() > MAX_PATH_BYTES {
        return Err(outside());
    }
    let mut parts = Vec::new();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => return Err(outside()),
            part => parts.push(part),
        }
    }
    Ok((!parts.is_empty()).then(|| parts.join("/")))
}

/// A name as it may stand in an error.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(100).collect()
}

#[cfg(test)]
mod tests {
    use std::io::{Seek as _, SeekFrom};

    use cap_std::ambient_authority;
    use proptest::prelude::*;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn bounds() -> Bounds {
        Bounds {
            max_entries: 10,
            max_bytes: 1 << 30,
            max_ratio: 10,
        }
    }

    fn zip(entries: &[(&str, &[u8])]) -> File {
        let mut writer = zip::ZipWriter::new(tempfile::tempfile().expect("a file"));
        for (name, bytes) in entries {
            writer
                .start_file(*name, SimpleFileOptions::default())
                .expect("an entry");
            writer.write_all(bytes).expect("it is written");
        }
        let mut file = writer.finish().expect("an archive");
        file.seek(SeekFrom::Start(0)).expect("it is a file");
        file
    }

    fn tar(name: &str, kind: tar::EntryType, bytes: &[u8]) -> File {
        let gz = flate2::write::GzEncoder::new(
            tempfile::tempfile().expect("a file"),
            flate2::Compression::fast(),
        );
        let mut builder = tar::Builder::new(gz);
        let mut header = tar::Header::new_ustar();
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(kind);
        header.set_size(bytes.len() as u64);
        header.set_link_name("target").expect("a name");
        header.set_cksum();
        builder.append(&header, bytes).expect("an entry");
        let mut file = builder.into_inner().expect("a tar").finish().expect("a gz");
        file.seek(SeekFrom::Start(0)).expect("it is a file");
        file
    }

    #[test]
    fn what_is_packed_is_unpacked() {
        let place = tempfile::TempDir::new().expect("a directory");
        let dir = Dir::open_ambient_dir(place.path(), ambient_authority()).expect("it opens");
        extract(
            zip(&[("a/b.txt", b"one"), ("./c.txt", b"two")]),
            Format::Zip,
            &dir,
            bounds(),
        )
        .expect("it is fine");
        let text = |path| std::fs::read_to_string(place.path().join(path)).expect(path);
        assert_eq!(
            (text("a/b.txt"), text("c.txt")),
            ("one".into(), "two".into())
        );
        let other = tar("d/e.txt", tar::EntryType::Regular, b"three");
        extract(other, Format::TarGz, &dir, bounds()).expect("it is fine");
        assert_eq!(text("d/e.txt"), "three");
    }

    #[test]
    fn a_hostile_zip_is_refused_and_writes_nothing_outside() {
        let outer = tempfile::TempDir::new().expect("a directory");
        let inner = outer.path().join("inner");
        std::fs::create_dir(&inner).expect("it is made");
        let dir = Dir::open_ambient_dir(&inner, ambient_authority()).expect("it opens");
        for name in [
            "../evil",
            "a/../../evil",
            "/etc/evil",
            "C:evil",
            "a\\..\\evil",
            "a\nb",
        ] {
            let error = check(zip(&[(name, b"x")]), Format::Zip, bounds()).expect_err(name);
            assert!(matches!(error, ArchiveError::Outside(_)), "{name}: {error}");
            extract(zip(&[(name, b"x")]), Format::Zip, &dir, bounds()).expect_err(name);
        }
        assert_eq!(std::fs::read_dir(outer.path()).expect("a list").count(), 1);
        assert_eq!(std::fs::read_dir(&inner).expect("a list").count(), 0);
        let many: Vec<String> = (0..11).map(|number| number.to_string()).collect();
        let many: Vec<(&str, &[u8])> = many
            .iter()
            .map(|name| (name.as_str(), b"".as_slice()))
            .collect();
        let error = check(zip(&many), Format::Zip, bounds()).expect_err("11 entries");
        assert!(matches!(error, ArchiveError::TooMany(10)), "{error}");
        let zeros = vec![0; 20 << 20];
        let error = check(zip(&[("bomb", &zeros)]), Format::Zip, bounds()).expect_err("a bomb");
        assert!(matches!(error, ArchiveError::TooLarge(_)), "{error}");
        let error =
            check(zip(&[("a", b"1"), ("./a", b"2")]), Format::Zip, bounds()).expect_err("twice");
        assert!(matches!(error, ArchiveError::Twice(_)), "{error}");
        for format in Format::ALL {
            let mut file = tempfile::tempfile().expect("a file");
            file.write_all(b"no archive at all").expect("it is written");
            file.seek(SeekFrom::Start(0)).expect("it is a file");
            let error = check(file, format, bounds()).expect_err("no archive");
            assert!(matches!(error, ArchiveError::Broken(_)), "{error}");
        }
    }

    #[test]
    fn links_and_devices_are_refused() {
        use tar::EntryType as E;
        for kind in [E::Symlink, E::Link, E::Char, E::Block, E::Fifo] {
            let error =
                check(tar("a", kind, b""), Format::TarGz, bounds()).expect_err("it is special");
            assert!(
                matches!(error, ArchiveError::Special(_)),
                "{kind:?}: {error}"
            );
        }
        let error =
            check(tar("../a", E::Regular, b"x"), Format::TarGz, bounds()).expect_err("it leaves");
        assert!(matches!(error, ArchiveError::Outside(_)), "{error}");
        let mut writer = zip::ZipWriter::new(tempfile::tempfile().expect("a file"));
        writer
            .add_symlink("a", "/etc/passwd", SimpleFileOptions::default())
            .expect("an entry");
        let mut file = writer.finish().expect("an archive");
        file.seek(SeekFrom::Start(0)).expect("it is a file");
        let error = check(file, Format::Zip, bounds()).expect_err("it is a link");
        assert!(matches!(error, ArchiveError::Special(_)), "{error}");
    }

    proptest! {
        #[test]
        fn bytes_that_are_no_archive_are_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            for format in Format::ALL {
                let mut file = tempfile::tempfile().expect("a file");
                file.write_all(&bytes).expect("it is written");
                file.seek(SeekFrom::Start(0)).expect("it is a file");
                prop_assert!(check(file, format, bounds()).is_err());
            }
        }

        #[test]
        fn a_path_never_leaves_the_folder(name in "[a./\\\\:]{0,12}") {
            if let Ok(Some(path)) = path(&name) {
                prop_assert!(!path.starts_with('/') && path.split('/').all(|part| !matches!(part, "" | "." | "..")));
            }
        }
    }
}
