//! What `zip` and `unzip` share: archives in memory, which the `zip` crate reads and writes, times, and name patterns.

use std::borrow::Cow;
use std::io::Cursor;
use std::time::{Duration, SystemTime};

use chrono::{NaiveDateTime, Utc};
use zip::read::ZipFile;
use zip::result::ZipResult;
use zip::{CompressionMethod, ExtraField, ZipArchive};

pub type Archive = ZipArchive<Cursor<Vec<u8>>>;

/// An archive and its directory.
pub struct Opened {
    pub archive: Archive,
    pub entries: Vec<Entry>,
}

/// # Errors
/// It isn't an archive, or a damaged one.
pub fn open(bytes: Vec<u8>) -> ZipResult<Opened> {
    let mut archive = ZipArchive::new(Cursor::new(bytes))?;
    let entries = entries(&mut archive)?;
    Ok(Opened { archive, entries })
}

impl Opened {
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.get(self.archive.index_for_name(name)?)
    }
}

/// What an archive's directory says of one entry.
pub struct Entry {
    /// As it was written; bytes that are no UTF-8 are replaced.
    pub name: String,
    pub size: u64,
    pub packed: u64,
    pub method: CompressionMethod,
    pub sum: u32,
    pub mode: Option<u32>,
    pub modified: Option<SystemTime>,
    pub is_folder: bool,
    pub is_link: bool,
}

/// All entries, in their order.
///
/// # Errors
/// An entry isn't where the directory says.
pub fn entries(archive: &mut Archive) -> ZipResult<Vec<Entry>> {
    (0..archive.len())
        .map(|at| {
            let seen = archive.by_index_raw(at)?;
            let name = seen.name().map_or_else(
                |_| String::from_utf8_lossy(seen.name_raw()).into_owned(),
                Cow::into_owned,
            );
            Ok(Entry {
                name,
                size: seen.size(),
                packed: seen.compressed_size(),
                method: seen.compression(),
                sum: seen.crc32(),
                mode: seen.unix_mode(),
                modified: modified(&seen),
                is_folder: seen.is_dir(),
                is_link: seen.is_symlink(),
            })
        })
        .collect()
}

/// The time in seconds that Info-ZIP adds to an entry, else the entry's own in steps of two; a day that isn't one
/// gives none.
fn modified(seen: &ZipFile<'_, impl std::io::Read>) -> Option<SystemTime> {
    let added = seen.extra_data_fields().find_map(|field| match field {
        ExtraField::ExtendedTimestamp(times) => times.mod_time(),
        _ => None,
    });
    let seconds = match added {
        Some(seconds) => u64::from(seconds),
        None => {
            let time = NaiveDateTime::try_from(seen.last_modified()?).ok()?;
            u64::try_from(time.and_utc().timestamp()).ok()?
        }
    };
    Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

/// Whole seconds, as archives keep them.
pub fn seconds(time: SystemTime) -> Option<u32> {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    u32::try_from(since.as_secs()).ok()
}

/// A file's time as every archive keeps it: 1980 to 2107, in steps of two seconds, rounded up as Info-ZIP does.
pub fn coarse(time: SystemTime) -> zip::DateTime {
    let seconds = seconds(time).unwrap_or_default();
    let even = Duration::from_secs(u64::from(seconds).next_multiple_of(2));
    let time = chrono::DateTime::<Utc>::from(SystemTime::UNIX_EPOCH + even).naive_utc();
    zip::DateTime::try_from(time).unwrap_or_default()
}

/// How much smaller packing made it, in whole percent; never less than 0.
pub fn saved(size: u64, packed: u64) -> u64 {
    let gained = size.saturating_sub(packed);
    // Info-ZIP rounds to the nearest.
    (gained * 200 + size).checked_div(size * 2).unwrap_or(0)
}

/// `*` and `?` match everything, `/` too: Info-ZIP's own rule.
pub fn matches(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.trim_start_matches("./").chars().collect();
    let name: Vec<char> = name.chars().collect();
    let (mut at, mut seen) = (0, 0);
    // Where to go on when what follows the last `*` doesn't fit: that star, and what it has taken so far.
    let mut star = None;
    while seen < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(wanted) if *wanted == '?' || *wanted == name[seen] => {
                at += 1;
                seen += 1;
            }
            _ => {
                let Some((behind, taken)) = star else {
                    return false;
                };
                star = Some((behind, taken + 1));
                at = behind + 1;
                seen = taken + 1;
            }
        }
    }
    pattern[at..].iter().all(|left| *left == '*')
}
