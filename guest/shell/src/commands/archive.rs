//! What `zip` and `unzip` share: archives in memory, which the `zip` crate reads and writes, times, and name patterns.

use std::io::Cursor;
use std::time::{Duration, SystemTime};

use chrono::{NaiveDateTime, Utc};
use zip::read::ZipFileEntry;
use zip::result::ZipResult;
use zip::{DateTime, ZipArchive};

pub type Archive = ZipArchive<Cursor<Vec<u8>>>;

/// # Errors
/// It isn't an archive, or a damaged one.
pub fn open(bytes: Vec<u8>) -> ZipResult<Archive> {
    ZipArchive::new(Cursor::new(bytes))
}

/// The names of all entries, in their order.
pub fn names(archive: &Archive) -> Vec<String> {
    (0..archive.len())
        .map(|at| {
            archive
                .by_index_data(at)
                .map_or_else(|_| String::new(), |entry| name(&entry))
        })
        .collect()
}

/// The name as it was written; bytes that are no UTF-8 are replaced.
pub fn name(entry: &ZipFileEntry<'_>) -> String {
    entry.name().map_or_else(
        |_| String::from_utf8_lossy(entry.name_raw()).into_owned(),
        std::borrow::Cow::into_owned,
    )
}

/// A file's time as archives keep it: 1980 to 2107, in steps of two seconds.
pub fn to_archive(time: SystemTime) -> DateTime {
    let time = chrono::DateTime::<Utc>::from(time).naive_utc();
    DateTime::try_from(time).unwrap_or_default()
}

/// Back again; an archive that says no day, or one that isn't, gives none.
pub fn from_archive(time: Option<DateTime>) -> Option<SystemTime> {
    let time = NaiveDateTime::try_from(time?).ok()?.and_utc();
    let seconds = u64::try_from(time.timestamp()).ok()?;
    Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
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
