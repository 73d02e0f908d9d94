//! The zip format: stored and deflated entries, read from and written to memory.
//!
//! Refuses what deployment packages don't use: encryption, spanning, other compression methods. Zip64 is not
//! read either: an archive of more than 4 GiB doesn't fit into a guest's memory.

use std::io::{Read, Write};

use flate2::{Compression, Crc, read::DeflateDecoder, write::DeflateEncoder};

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// Names are UTF-8 (general purpose flag, bit 11).
const UTF8: u16 = 1 << 11;

/// One entry, its data still packed.
#[derive(Debug, Clone)]
pub struct Entry {
    pub name: String,
    pub mode: u32,
    pub size: u32,
    /// MS-DOS date in the upper half, time in the lower.
    pub dos_time: u32,
    pub packed: Vec<u8>,
    crc: u32,
    method: u16,
}

impl Entry {
    /// Packs `bytes`, or stores them when packing gains nothing.
    pub fn pack(name: String, mode: u32, dos_time: u32, bytes: &[u8]) -> Self {
        let mut crc = Crc::new();
        crc.update(bytes);
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        let deflated = encoder
            .write_all(bytes)
            .and_then(|()| encoder.finish())
            .unwrap_or_default();
        let is_smaller = deflated.len() < bytes.len() && !bytes.is_empty();
        let (method, packed) = if is_smaller {
            (DEFLATED, deflated)
        } else {
            (STORED, bytes.to_vec())
        };
        let size = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        Self {
            name,
            mode,
            size,
            dos_time,
            packed,
            crc: crc.sum(),
            method,
        }
    }

    pub fn is_folder(&self) -> bool {
        self.name.ends_with('/')
    }

    pub fn is_deflated(&self) -> bool {
        self.method == DEFLATED
    }

    /// The entry's bytes, checked against its sum.
    pub fn unpack(&self) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        match self.method {
            STORED => bytes.clone_from(&self.packed),
            DEFLATED => {
                let read = DeflateDecoder::new(&self.packed[..]).read_to_end(&mut bytes);
                read.map_err(|_| "invalid compressed data to inflate".to_owned())?;
            }
            other => return Err(format!("unsupported compression method {other}")),
        }
        let mut crc = Crc::new();
        crc.update(&bytes);
        if crc.sum() == self.crc {
            Ok(bytes)
        } else {
            Err(format!(
                "bad CRC {:08x}  (should be {:08x})",
                crc.sum(),
                self.crc
            ))
        }
    }
}

fn number(bytes: &[u8], at: usize, width: usize) -> Option<u32> {
    let field = bytes.get(at..at.checked_add(width)?)?;
    Some(
        field
            .iter()
            .rev()
            .fold(0, |value, byte| value << 8 | u32::from(*byte)),
    )
}

fn short(bytes: &[u8], at: usize) -> Option<usize> {
    number(bytes, at, 2).map(|value| value as usize)
}

/// The entries of an archive; `None` if it isn't one.
pub fn read(bytes: &[u8]) -> Option<Vec<Entry>> {
    // The end record is 22 bytes and at most 65,535 of comment from the end.
    let last = bytes.len().checked_sub(22)?;
    let end = (last.saturating_sub(65_535)..=last)
        .rev()
        .find(|at| number(bytes, *at, 4) == Some(END))?;
    let n_entries = short(bytes, end + 10)?;
    let mut at = number(bytes, end + 16, 4)? as usize;
    let mut entries = Vec::with_capacity(n_entries);
    for _ in 0..n_entries {
        if number(bytes, at, 4)? != CENTRAL {
            return None;
        }
        let (name, extra, comment) = (
            short(bytes, at + 28)?,
            short(bytes, at + 30)?,
            short(bytes, at + 32)?,
        );
        let local = number(bytes, at + 42, 4)? as usize;
        if number(bytes, local, 4)? != LOCAL {
            return None;
        }
        let data = local + 30 + short(bytes, local + 26)? + short(bytes, local + 28)?;
        let packed = number(bytes, at + 20, 4)? as usize;
        entries.push(Entry {
            name: String::from_utf8_lossy(bytes.get(at + 46..at + 46 + name)?).into_owned(),
            mode: number(bytes, at + 38, 4)? >> 16 & 0o7777,
            size: number(bytes, at + 24, 4)?,
            dos_time: number(bytes, at + 12, 4)?,
            crc: number(bytes, at + 16, 4)?,
            method: u16::try_from(short(bytes, at + 10)?).ok()?,
            packed: bytes.get(data..data.checked_add(packed)?)?.to_vec(),
        });
        at += 46 + name + extra + comment;
    }
    Some(entries)
}

/// The archive's bytes.
pub fn write(entries: &[Entry]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut central = Vec::new();
    for entry in entries {
        let offset = u32::try_from(out.len()).unwrap_or(u32::MAX);
        let packed = u32::try_from(entry.packed.len()).unwrap_or(u32::MAX);
        let name = entry.name.as_bytes();
        let name_len = u16::try_from(name.len()).unwrap_or(u16::MAX);
        let mut shared = Vec::new();
        for field in [20, UTF8, entry.method] {
            shared.extend(field.to_le_bytes());
        }
        for field in [entry.dos_time, entry.crc, packed, entry.size] {
            shared.extend(field.to_le_bytes());
        }
        shared.extend(name_len.to_le_bytes());
        shared.extend([0, 0]);
        out.extend(LOCAL.to_le_bytes());
        out.extend(&shared);
        out.extend(name);
        out.extend(&entry.packed);
        central.extend(CENTRAL.to_le_bytes());
        // Made by: Unix, which is what gives the mode bits their meaning.
        central.extend([30, 3]);
        central.extend(&shared);
        central.extend([0; 6]);
        let kind = if entry.is_folder() {
            0o040_000
        } else {
            0o100_000
        };
        central.extend(
            ((kind | entry.mode) << 16 | if entry.is_folder() { 0x10 } else { 0 }).to_le_bytes(),
        );
        central.extend(offset.to_le_bytes());
        central.extend(name);
    }
    let start = u32::try_from(out.len()).unwrap_or(u32::MAX);
    let size = u32::try_from(central.len()).unwrap_or(u32::MAX);
    let count = u16::try_from(entries.len()).unwrap_or(u16::MAX);
    out.extend(central);
    out.extend(END.to_le_bytes());
    out.extend([0; 4]);
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(size.to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0; 2]);
    out
}

/// Days since the epoch to year, month, day, and back.
pub mod dos {
    /// MS-DOS date and time of a Unix time in seconds; 1980 at the earliest, two-second steps.
    pub fn from_unix(seconds: i64) -> u32 {
        let (days, clock) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = civil(days);
        if year < 1980 {
            return 0x0021_0000;
        }
        let date = (year - 1980) << 9 | month << 5 | day;
        let time = ((clock / 3600) << 11) | ((clock / 60 % 60) << 5) | (clock % 60 / 2);
        u32::try_from(date << 16 | time).unwrap_or(u32::MAX)
    }

    /// `(year, month, day, hour, minute)`.
    pub fn fields(dos_time: u32) -> (u32, u32, u32, u32, u32) {
        let (date, time) = (dos_time >> 16, dos_time & 0xffff);
        (
            (date >> 9) + 1980,
            date >> 5 & 15,
            date & 31,
            time >> 11,
            time >> 5 & 63,
        )
    }

    /// Unix time in seconds.
    pub fn to_unix(dos_time: u32) -> u64 {
        let (year, month, day, hour, minute) = fields(dos_time);
        let (y, m) = (if month <= 2 { year - 1 } else { year }, (month + 9) % 12);
        let days =
            365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day.max(1) - 1 - 719_468;
        u64::from(days) * 86_400 + u64::from(hour * 3600 + minute * 60 + (dos_time & 31) * 2)
    }

    /// Howard Hinnant's days-to-civil algorithm, for years after 0.
    fn civil(days: i64) -> (i64, i64, i64) {
        let z = days + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let month = if mp < 10 { mp + 3 } else { mp - 9 };
        (
            yoe + era * 400 + i64::from(month <= 2),
            month,
            doy - (153 * mp + 2) / 5 + 1,
        )
    }
}
