//! Tables of an archive's entries: `-l`, `-v` and `-Z1`.

use std::time::SystemTime;

use bashkit::{CommandContext, CommandStatus, Result};
use chrono::Utc;
use zip::CompressionMethod;

use super::super::archive::{Entry, saved};
use super::{Chosen, Options};

/// How a table looks.
pub struct Form {
    head: &'static str,
    row: fn(&Entry) -> String,
    /// From the sizes, unpacked and packed, and how many there are.
    foot: fn(u64, u64, &str) -> String,
}

pub const SHORT: Form = Form {
    head: "  Length      Date    Time    Name\n---------  ---------- -----   ----\n",
    row: |entry| {
        let (size, name) = (entry.size, &entry.name);
        format!("{size:>9}  {}   {name}\n", when(entry))
    },
    foot: |size, _, files| {
        format!("---------                     -------\n{size:>9}                     {files}\n")
    },
};

pub const LONG: Form = Form {
    head: " Length   Method    Size  Cmpr    Date    Time   CRC-32   Name\n\
           --------  ------  ------- ---- ---------- ----- --------  ----\n",
    row: |entry| {
        let (size, packed) = (entry.size, entry.packed);
        format!(
            "{size:>8}  {:<6} {packed:>8} {:>3}% {} {:08x}  {}\n",
            method(entry.method),
            saved(size, packed),
            when(entry),
            entry.sum,
            entry.name,
        )
    },
    foot: |size, packed, files| {
        format!(
            "--------          -------  ---                            -------\n\
             {size:>8}         {packed:>8} {:>3}%                            {files}\n",
            saved(size, packed)
        )
    },
};

fn when(entry: &Entry) -> String {
    let time = entry.modified.unwrap_or(SystemTime::UNIX_EPOCH);
    let time = chrono::DateTime::<Utc>::from(time);
    time.format("%Y-%m-%d %H:%M").to_string()
}

fn method(method: CompressionMethod) -> String {
    match method {
        CompressionMethod::Stored => "Stored".to_owned(),
        CompressionMethod::Deflated => "Defl:N".to_owned(),
        other => format!("{other:.6}"),
    }
}

/// `-qq` leaves head and foot out.
pub async fn list(
    ctx: &CommandContext<'_>,
    options: &Options,
    chosen: &Chosen,
    form: &Form,
) -> Result<CommandStatus> {
    chosen.head(ctx, options).await?;
    let is_framed = options.n_quiet < 2;
    let mut text = String::new();
    if is_framed {
        text.push_str(form.head);
    }
    let (mut size, mut packed) = (0, 0);
    for (_, entry) in &chosen.entries {
        size += entry.size;
        packed += entry.packed;
        text.push_str(&(form.row)(entry));
    }
    if is_framed {
        let files = match chosen.entries.len() {
            1 => "1 file".to_owned(),
            count => format!("{count} files"),
        };
        text.push_str(&(form.foot)(size, packed, &files));
    }
    ctx.stdout.write_all(text.as_bytes()).await?;
    Ok(CommandStatus::success())
}

pub async fn names(ctx: &CommandContext<'_>, chosen: &Chosen) -> Result<CommandStatus> {
    let entries = chosen.entries.iter();
    let text: String = entries
        .map(|(_, entry)| format!("{}\n", entry.name))
        .collect();
    ctx.stdout.write_all(text.as_bytes()).await?;
    Ok(CommandStatus::success())
}
