//! `curl`: options in, transfers one after another, exit code of the last one that failed.

use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use bashkit::{Command, CommandContext, CommandStatus, Result, async_trait};

use super::body::{self, Body};
use super::failure::Failure;
use super::options::{self, Options};
use super::report::{self, Facts};
use super::transfer::{self, Arrived};

pub struct Curl;

#[async_trait]
impl Command for Curl {
    async fn execute(&self, ctx: CommandContext<'_>) -> Result<CommandStatus> {
        let options = match options::parse(ctx.args) {
            Ok(options) => options,
            Err(failure) => {
                let hint = "curl: try 'curl --help' for more information\n";
                ctx.stderr
                    .write_all(format!("curl: {}\n{hint}", failure.text).as_bytes())
                    .await?;
                return Ok(CommandStatus::with_code(failure.code));
            }
        };
        if options.wants_version {
            ctx.stdout
                .write_all(b"curl 8.5.0 (wasm32-wasip2) wasi:http\nProtocols: http https\n")
                .await?;
            return Ok(CommandStatus::success());
        }
        if options.urls.is_empty() {
            ctx.stderr
                .write_all(b"curl: (2) no URL specified\n")
                .await?;
            return Ok(CommandStatus::with_code(2));
        }
        let mut code = 0;
        for (at, url) in options.urls.iter().enumerate() {
            if let Err(failure) = fetch(&options, url, at, &ctx).await? {
                code = failure.code;
                if !options.is_silent || options.shows_errors {
                    let text = format!("curl: ({}) {}\n", failure.code, failure.text);
                    ctx.stderr.write_all(text.as_bytes()).await?;
                }
            }
        }
        Ok(CommandStatus::with_code(code))
    }
}

/// One URL with its retries. The outer error is the shell's (a closed pipe, say), the inner one curl's.
async fn fetch(
    options: &Options,
    url: &str,
    at: usize,
    ctx: &CommandContext<'_>,
) -> Result<std::result::Result<(), Failure>> {
    let started = Instant::now();
    let mut facts = Facts::new(url);
    let mut pause = Duration::from_secs(1);
    let mut left = options.retries;
    let failed = loop {
        let tried = attempt(options, url, at, ctx, &mut facts).await?;
        let is_worth_it = match &tried {
            Ok(()) => is_transient(facts.status),
            Err(failure) => {
                options.retries_all
                    || failure.is_transient
                    || (failure.code == 7 && options.retries_refused)
                    || (failure.code == 22 && is_transient(facts.status))
            }
        };
        let has_time = options
            .retry_max_time
            .is_none_or(|limit| started.elapsed() + pause < limit);
        if left == 0 || !is_worth_it || !has_time {
            break tried.err();
        }
        let wait = options.retry_delay.unwrap_or(pause);
        if !options.is_silent {
            let text = format!(
                "Warning: Problem: will retry in {} seconds. {left} retries left.\n",
                wait.as_secs()
            );
            ctx.stderr.write_all(text.as_bytes()).await?;
        }
        std::thread::sleep(wait);
        pause = (pause * 2).min(Duration::from_secs(600));
        left -= 1;
    };
    facts.seconds = started.elapsed().as_secs_f64();
    if let Some(failure) = &failed {
        facts.exit_code = failure.code;
        facts.error = failure.text.clone();
    }
    if let Some(format) = &options.write_out {
        let format = match format.strip_prefix('@') {
            Some(file) => String::from_utf8_lossy(&body::read(file, ctx).await.unwrap_or_default())
                .into_owned(),
            None => format.clone(),
        };
        ctx.stdout
            .write_all(report::written(&format, &facts).as_bytes())
            .await?;
    }
    Ok(failed.map_or(Ok(()), Err))
}

/// The statuses that curl calls transient.
fn is_transient(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502 | 503 | 504)
}

async fn attempt(
    options: &Options,
    url: &str,
    at: usize,
    ctx: &CommandContext<'_>,
    facts: &mut Facts,
) -> Result<std::result::Result<(), Failure>> {
    let prepared = prepare(options, url, ctx).await;
    let (url, body, cookies) = match prepared {
        Ok(prepared) => prepared,
        Err(failure) => return Ok(Err(failure)),
    };
    if options.is_verbose {
        ctx.stderr
            .write_all(report::request_head(&url, options).as_bytes())
            .await?;
    }
    let mut arrived = match transfer::run(options, url, &body, cookies) {
        Ok(arrived) => arrived,
        Err(failure) => return Ok(Err(failure)),
    };
    facts.take(&arrived);
    show_heads(options, &arrived, ctx).await?;
    if let Some(jar) = &options.cookie_jar {
        let path = ctx.cwd.join(jar);
        let _ = ctx
            .fs
            .write_file(&path, report::jar(&arrived).as_bytes())
            .await;
    }
    let failure =
        (arrived.sent.status >= 400 && (options.fails || options.fails_with_body)).then(|| {
            Failure::new(
                22,
                format!("The requested URL returned error: {}", arrived.sent.status),
            )
        });
    if failure.is_some() && !options.fails_with_body {
        return Ok(failure.map_or(Ok(()), Err));
    }
    let saved = save(options, at, &mut arrived, ctx, facts).await?;
    Ok(saved.and_then(|()| failure.map_or(Ok(()), Err)))
}

type Prepared = (url::Url, Body, Vec<(String, String)>);

async fn prepare(
    options: &Options,
    url: &str,
    ctx: &CommandContext<'_>,
) -> std::result::Result<Prepared, Failure> {
    let mut url = transfer::parse_url(url)?;
    let mut body = body::assemble(options, ctx).await?;
    if options.is_get {
        let bytes = std::mem::take(&mut body).bytes.unwrap_or_default();
        let query = String::from_utf8_lossy(&bytes).into_owned();
        let query = match url.query() {
            Some(own) => format!("{own}&{query}"),
            None => query,
        };
        url.set_query(Some(&query));
    }
    if let (Some(file), true) = (&options.upload, url.path().ends_with('/')) {
        let name = file.rsplit('/').next().unwrap_or(file);
        let path = format!("{}{name}", url.path());
        url.set_path(&path);
    }
    let cookies = match &options.cookie {
        Some(text) if text.contains('=') => text
            .split(';')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
            .collect(),
        Some(file) => report::read_jar(&body::read(file, ctx).await.unwrap_or_default()),
        None => Vec::new(),
    };
    Ok((url, body, cookies))
}

async fn show_heads(options: &Options, arrived: &Arrived, ctx: &CommandContext<'_>) -> Result<()> {
    let heads: Vec<String> = arrived
        .heads
        .iter()
        .map(|(status, headers)| report::head(*status, headers))
        .collect();
    if options.is_verbose {
        for line in heads.concat().lines() {
            ctx.stderr
                .write_all(format!("< {line}\r\n").as_bytes())
                .await?;
        }
    }
    if options.includes_headers || options.is_head {
        ctx.stdout.write_all(heads.concat().as_bytes()).await?;
    }
    match options.dump_headers.as_deref() {
        Some("-") => ctx.stdout.write_all(heads.concat().as_bytes()).await?,
        Some(file) => {
            ctx.fs
                .write_file(&ctx.cwd.join(file), heads.concat().as_bytes())
                .await?
        }
        None => {}
    }
    Ok(())
}

/// Where a body goes.
enum Target {
    Stdout,
    Nowhere,
    File(PathBuf),
}

async fn target(
    options: &Options,
    at: usize,
    ctx: &CommandContext<'_>,
) -> std::result::Result<Target, Failure> {
    let name = match options.outputs.get(at) {
        None => return Ok(Target::Stdout),
        Some(Some(name)) if name == "-" => return Ok(Target::Stdout),
        Some(Some(name)) if name == "/dev/null" => return Ok(Target::Nowhere),
        Some(Some(name)) => name.clone(),
        // curl names the file after the URL that was given, not after the one it was sent to.
        Some(None) => remote_name(&options.urls[at])
            .ok_or_else(|| Failure::new(23, "Remote file name has no length"))?,
    };
    let folder = options
        .output_folder
        .as_ref()
        .map_or_else(|| ctx.cwd.to_path_buf(), |folder| ctx.cwd.join(folder));
    let path = folder.join(name);
    if let Some(parent) = path.parent().filter(|_| options.creates_folders) {
        let _ = ctx.fs.mkdir(parent, true).await;
    }
    match ctx.fs.write_file(&path, b"").await {
        Ok(()) => Ok(Target::File(path)),
        Err(error) => Err(Failure::new(
            23,
            format!("Failure writing output to destination: {error}"),
        )),
    }
}

pub fn remote_name(url: &str) -> Option<String> {
    let url = transfer::parse_url(url).ok()?;
    let name = url.path_segments()?.next_back()?.to_owned();
    (!name.is_empty()).then_some(name)
}

async fn save(
    options: &Options,
    at: usize,
    arrived: &mut Arrived,
    ctx: &CommandContext<'_>,
    facts: &mut Facts,
) -> Result<std::result::Result<(), Failure>> {
    if arrived.method == "HEAD" {
        return Ok(Ok(()));
    }
    let is_packed = options.is_compressed
        && arrived
            .sent
            .header("content-encoding")
            .is_some_and(|coding| coding.eq_ignore_ascii_case("gzip"));
    let mut unpacked = is_packed.then(|| flate2::write::GzDecoder::new(Vec::new()));
    let target = match target(options, at, ctx).await {
        Ok(target) => target,
        Err(failure) => return Ok(Err(failure)),
    };
    loop {
        let mut piece = match arrived.sent.body.read() {
            Ok(piece) => piece,
            Err(failure) => return Ok(Err(failure)),
        };
        let is_end = piece.is_empty();
        facts.n_bytes += piece.len();
        if let Some(decoder) = &mut unpacked {
            let read = if is_end {
                decoder.try_finish()
            } else {
                decoder.write_all(&piece)
            };
            if read.is_err() {
                return Ok(Err(Failure::new(
                    61,
                    "Error while processing content unencoding",
                )));
            }
            piece = std::mem::take(decoder.get_mut());
        }
        match &target {
            Target::Nowhere => {}
            Target::Stdout => ctx.stdout.write_all(&piece).await?,
            Target::File(path) => {
                if let Err(error) = ctx.fs.append_file(path, &piece).await {
                    return Ok(Err(Failure::new(
                        23,
                        format!("Failure writing output to destination: {error}"),
                    )));
                }
            }
        }
        if is_end {
            return Ok(Ok(()));
        }
    }
}
