//! `wget`, as far as deployment scripts go: fetch a URL into a file or to stdout. Everything is curl's transfer.

use bashkit::{Command, CommandContext, CommandStatus, Result, async_trait};

use super::body::Body;
use super::curl::remote_name;
use super::failure::Failure;
use super::options::Options;
use super::transfer;

pub struct Wget;

#[async_trait]
impl Command for Wget {
    async fn execute(&self, ctx: CommandContext<'_>) -> Result<CommandStatus> {
        let (options, is_quiet, file) = match parse(ctx.args) {
            Ok(parsed) => parsed,
            Err(failure) => {
                ctx.stderr
                    .write_all(format!("wget: {}\n", failure.text).as_bytes())
                    .await?;
                return Ok(CommandStatus::with_code(2));
            }
        };
        for url in &options.urls {
            let name = file
                .clone()
                .or_else(|| remote_name(url))
                .unwrap_or_else(|| "index.html".to_owned());
            match fetch(&options, url) {
                Ok(bytes) if name == "-" => ctx.stdout.write_all(&bytes).await?,
                Ok(bytes) => ctx.fs.write_file(&ctx.cwd.join(&name), &bytes).await?,
                Err(failure) => {
                    if !is_quiet {
                        ctx.stderr
                            .write_all(format!("wget: {}\n", failure.text).as_bytes())
                            .await?;
                    }
                    // wget's own: 4 is a network failure, 8 an error answer of the server.
                    return Ok(CommandStatus::with_code(if failure.code == 22 {
                        8
                    } else {
                        4
                    }));
                }
            }
        }
        Ok(CommandStatus::success())
    }
}

fn fetch(options: &Options, url: &str) -> std::result::Result<Vec<u8>, Failure> {
    let body = Body {
        bytes: options.upload.clone().map(String::into_bytes),
        ..Body::default()
    };
    let options = Options {
        upload: None,
        ..options.clone()
    };
    let mut arrived = transfer::run(&options, transfer::parse_url(url)?, &body, Vec::new())?;
    if arrived.sent.status >= 400 {
        return Err(Failure::new(
            22,
            format!("server returned error: HTTP/1.1 {}", arrived.sent.status),
        ));
    }
    let mut bytes = Vec::new();
    loop {
        let piece = arrived.sent.body.read()?;
        if piece.is_empty() {
            return Ok(bytes);
        }
        bytes.extend(piece);
    }
}

fn parse(args: &[String]) -> std::result::Result<(Options, bool, Option<String>), Failure> {
    let mut options = Options {
        follows: true,
        agent: Some("Wget/1.21".to_owned()),
        ..Options::default()
    };
    let (mut is_quiet, mut file) = (false, None);
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        let (name, inline) = match arg.split_once('=').filter(|_| arg.starts_with("--")) {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (arg.as_str(), None),
        };
        let mut value = || {
            inline
                .clone()
                .or_else(|| rest.next().cloned())
                .unwrap_or_default()
        };
        match name {
            "-q" | "--quiet" | "-nv" | "--no-verbose" => is_quiet = true,
            "-O" | "--output-document" => file = Some(value()),
            "-qO-" | "-qO" | "-nvO" => {
                is_quiet = true;
                file = Some(if name == "-qO-" {
                    "-".to_owned()
                } else {
                    value()
                });
            }
            "-O-" => file = Some("-".to_owned()),
            "--header" => options.headers.push(value()),
            "--post-data" => {
                options.method = Some("POST".to_owned());
                options.upload = Some(value());
            }
            "--method" => options.method = Some(value()),
            "-U" | "--user-agent" => options.agent = Some(value()),
            "-T" | "--timeout" => {
                options.max_time = value().parse().ok().map(std::time::Duration::from_secs_f64);
            }
            "-t" | "--tries" | "--user" | "--password" | "-P" => drop(value()),
            "-c" | "--show-progress" | "--progress" | "--content-disposition" | "-4" => {}
            _ if arg.starts_with('-') => {
                return Err(Failure::usage(format!("unrecognized option '{arg}'")));
            }
            _ => options.urls.push(arg.clone()),
        }
    }
    if options.urls.is_empty() {
        return Err(Failure::usage("missing URL"));
    }
    Ok((options, is_quiet, file))
}
