//! Tables of an archive's entries: `-l`, `-v` and `-Z1`.

use bashkit::{CommandContext, CommandStatus, Result};
use zip::CompressionMethod;
use zip::read::ZipFileEntry;

use super::super::archive::saved;
use super::{Chosen, Options};

/// How a table looks.
pub struct Form {
    head: &'static str,
    row: fn(&ZipFileEntry<'_>, &str) -> String,
    /// From the sizes, unpacked and packed, and how many there are.
    foot: fn(u64, u64, &str) -> String,
}

pub const SHORT: Form = Form {
    head: "  Length      Date    Time    Name\n---------  ---------- -----   ----\n",
    row: |entry, name| format!("{:>9}  {}   {name}\n", entry.size(), when(entry)),
    foot: |size, _, files| {
        format!("---------                     -------\n{size:>9}                     {files}\n")
    },
};

pub const LONG: Form = Form {
    head: " Length   Method    Size  Cmpr    Date    Time   CRC-32   Name\n\
           --------  ------  ------- ---- ---------- ----- --------  ----\n",
    row: |entry, name| {
        let (size, packed) = (entry.size(), entry.compressed_size());
        format!(
            "{size:>8}  {:<6} {packed:>8} {:>3}% {} {:08x}  {name}\n",
            method(entry.compression()),
            saved(size, packed),
            when(entry),
            entry.crc32(),
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

fn when(entry: &ZipFileEntry<'_>) -> String {
    let time = entry.last_modified().unwrap_or_default();
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}",
        time.year(),
        time.month(),
        time.day(),
        time.hour(),
        time.minute()
    )
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
    for at in &chosen.entries {
        let Ok(entry) = chosen.archive.by_index_data(*at) else {
            continue;
        };
        size += entry.size();
        packed += entry.compressed_size();
        text.push_str(&(form.row)(&entry, &chosen.names[*at]));
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
    let names = chosen.entries.iter().map(|at| &chosen.names[*at]);
    let text: String = names.map(|name| format!("{name}\n")).collect();
    ctx.stdout.write_all(text.as_bytes()).await?;
    Ok(CommandStatus::success())
}
