//! Seawall's own files in the sandbox: the script, the variables and the messages.

use wasip2::filesystem::types::{DescriptorFlags, OpenFlags, PathFlags};

use crate::place::{CREATE, READ, WRITE, locate, open, taste};
use crate::probe::{Args, Probe, Step, Stop, Verdict, any_of};

pub const PROBES: &[Probe] = &[
    Probe {
        name: "variable-file-read",
        usage: "TEXT",
        threat: "a variable that the policy does not grant",
        run: variable_file_read,
    },
    Probe {
        name: "variable-file-write",
        usage: "",
        threat: "the script changes what later code reads",
        run: variable_file_write,
    },
    Probe { name: "messages-file-read", usage: "", threat: "reading service messages back", run: messages_file_read },
    Probe {
        name: "messages-file-truncate",
        usage: "",
        threat: "taking service messages back",
        run: messages_file_truncate,
    },
    Probe {
        name: "messages-file-replace",
        usage: "OTHER",
        threat: "the messages file replaced by a link or another file",
        run: messages_file_replace,
    },
    Probe {
        name: "messages-file-sparse",
        usage: "BYTES",
        threat: "a far offset sizes a host buffer",
        run: messages_file_sparse,
    },
    Probe { name: "messages-flood", usage: "N", threat: "endless service messages", run: messages_flood },
    Probe {
        name: "messages-long-line",
        usage: "BYTES",
        threat: "a message without an end fills the host's memory",
        run: messages_long_line,
    },
    Probe { name: "messages-odd", usage: "", threat: "messages that a parser stumbles over", run: messages_odd },
    Probe {
        name: "message-forge",
        usage: "NAME VALUE",
        threat: "echoed hostile text becomes a service message",
        run: message_forge,
    },
    Probe {
        name: "message-forge-split",
        usage: "NAME VALUE",
        threat: "echoed hostile text becomes a service message, in pieces and in the middle of a line",
        run: message_forge_split,
    },
    Probe {
        name: "artifact-outside",
        usage: "PATH",
        threat: "the host fetches an artifact for the guest from outside the mounts",
        run: artifact_outside,
    },
    Probe { name: "seawall-dir-write", usage: "", threat: "planting files beside the script", run: seawall_dir_write },
    Probe {
        name: "script-overwrite",
        usage: "PATH",
        threat: "the script rewrites itself for the next run",
        run: script_overwrite,
    },
];

const VARIABLES: &str = "/seawall/variables.json";
const MESSAGES: &str = "/seawall/out/messages";

fn variable_file_read(args: &Args) -> Verdict {
    let text = args.text(0)?;
    let file = open(VARIABLES, OpenFlags::empty(), READ).at("open")?;
    let (bytes, _) = file.read(1 << 20, 0).at("read")?;
    if String::from_utf8_lossy(&bytes).contains(text) {
        return Ok(format!("`{text}` is there"));
    }
    Err(Stop::Refused(format!("`{text}` is not among {} bytes", bytes.len())))
}

fn variable_file_write(_: &Args) -> Verdict {
    any_of(
        [
            ("write", open(VARIABLES, OpenFlags::empty(), WRITE)),
            ("truncate", open(VARIABLES, OpenFlags::TRUNCATE, READ | WRITE)),
            ("create", open(VARIABLES, CREATE, WRITE)),
        ]
        .map(|(name, opened)| (name, opened.map(|_| "opened".to_owned()))),
    )
}

fn messages_file_read(_: &Args) -> Verdict {
    let file = open(MESSAGES, OpenFlags::empty(), WRITE).prepared("the messages file")?;
    let line = b"##octopus[stdout-verbose]\n##octopus[stdout-default]\n";
    file.write(line, 0).prepared("a message")?;
    any_of(
        [
            ("write handle", file.read(64, 0).map(|(bytes, _)| bytes).map_err(Stop::from)),
            ("stream", file.read_via_stream(0).map_err(Stop::from).and_then(|stream| Ok(stream.blocking_read(64)?))),
            ("read handle", open(MESSAGES, OpenFlags::empty(), READ).and_then(|file| Ok(file.read(64, 0)?.0))),
        ]
        .map(|(name, got)| (name, got.and_then(not_empty))),
    )
}

fn not_empty(bytes: Vec<u8>) -> Verdict {
    if bytes.is_empty() {
        return Err(Stop::Refused("nothing there".to_owned()));
    }
    Ok(crate::probe::shown(&bytes))
}

fn messages_file_truncate(_: &Args) -> Verdict {
    let file = open(MESSAGES, OpenFlags::empty(), WRITE).prepared("the messages file")?;
    any_of(
        [
            ("set-size", file.set_size(0).map_err(Stop::from)),
            ("open", open(MESSAGES, OpenFlags::TRUNCATE, WRITE).map(drop)),
            ("create and open", open(MESSAGES, CREATE | OpenFlags::TRUNCATE, WRITE).map(drop)),
        ]
        .map(|(name, done)| (name, done.map(|()| "emptied".to_owned()))),
    )
}

fn messages_file_replace(args: &Args) -> Verdict {
    let (place, other) = (locate(MESSAGES)?, locate(args.text(0)?)?);
    let directory = &place.directory;
    any_of(
        [
            ("unlink", directory.unlink_file_at(&place.path)),
            ("rename away", directory.rename_at(&place.path, &other.directory, &other.path)),
            ("rename over", other.directory.rename_at(&other.path, directory, &place.path)),
            ("hard link", directory.link_at(PathFlags::empty(), &place.path, &other.directory, &other.path)),
            ("symlink beside", directory.symlink_at("/etc/passwd", &format!("{}-link", place.path))),
        ]
        .map(|(name, done)| (name, done.map(|()| "done".to_owned()).map_err(Stop::from))),
    )
}

/// Lines are consumed in order, so an offset has no meaning: acceptance is fine, a buffer of that size is not.
fn messages_file_sparse(args: &Args) -> Verdict {
    let bytes = args.number(0)?;
    let file = open(MESSAGES, OpenFlags::empty(), WRITE).prepared("the messages file")?;
    any_of(
        [
            ("write", file.write(b"x\n", bytes).map(drop).map_err(Stop::from)),
            ("set-size", file.set_size(bytes).map_err(Stop::from)),
            (
                "stream",
                file.write_via_stream(bytes)
                    .map_err(Stop::from)
                    .and_then(|stream| Ok(stream.blocking_write_and_flush(b"x\n")?)),
            ),
        ]
        .map(|(name, done)| (name, done.map(|()| format!("{bytes} bytes")))),
    )
}

fn send(bytes: &[u8]) -> Result<(), Stop> {
    let file = open(MESSAGES, OpenFlags::empty(), WRITE).prepared("the messages file")?;
    let stream = file.append_via_stream().at("stream")?;
    for chunk in bytes.chunks(4096) {
        stream.blocking_write_and_flush(chunk)?;
    }
    Ok(())
}

fn messages_flood(args: &Args) -> Verdict {
    let file = open(MESSAGES, OpenFlags::empty(), WRITE).prepared("the messages file")?;
    let stream = file.append_via_stream().at("stream")?;
    let n = args.number(0)?;
    for i in 0..n {
        let line = format!(
            "##octopus[setVariable name=\"{}\" value=\"{}\"]\n",
            base64(format!("flood-{i}").as_bytes()),
            base64(b"x")
        );
        stream
            .blocking_write_and_flush(line.as_bytes())
            .map_err(|error| Stop::from(error).at(format!("after {i} messages")))?;
    }
    Ok(format!("{n} messages"))
}

fn messages_long_line(args: &Args) -> Verdict {
    let bytes = args.number(0)? as usize;
    send(
        &b"##octopus[setVariable name=\"".iter().copied().chain(std::iter::repeat_n(b'A', bytes)).collect::<Vec<_>>(),
    )?;
    Ok(format!("one line of {bytes} bytes"))
}

/// None of them may take the host down; what they mean is the host's affair.
fn messages_odd(_: &Args) -> Verdict {
    let odd: &[&[u8]] = &[
        b"##octopus[\n",
        b"##octopus[]\n",
        b"##octopus[setVariable\n",
        b"##octopus[setVariable name=\"*not base64*\" value=\"\"]\n",
        b"##octopus[setVariable name=\"/////w==\" value=\"/////w==\"]\n",
        b"##octopus[setVariable name=\"\" value=\"\" name=\"\"]\n",
        b"##octopus[progress percentage=\"OTk5OTk5OTk5OTk5OTk5OTk5OTk=\"]\n",
        b"##octopus[\xff\xfe\x00]\n",
        b"##octopus[createArtifact path=\"AA==\" name=\"Li4vLi4=\" length=\"LTE=\"]\n",
        b"\n\n\r\n##octopus[stdout-default]\r\n",
        b"##octopus[##octopus[stdout-default]]\n",
    ];
    for line in odd {
        send(line)?;
    }
    Ok(format!("{} odd messages, and the host survived", odd.len()))
}

fn set_variable(args: &Args) -> Result<String, Stop> {
    let (name, value) = (base64(args.text(0)?.as_bytes()), base64(args.text(1)?.as_bytes()));
    Ok(format!("##octopus[setVariable name=\"{name}\" value=\"{value}\"]"))
}

/// Whether it became a variable only the host can tell.
fn message_forge(args: &Args) -> Verdict {
    println!("{}", set_variable(args)?);
    Ok("printed a service message in band".to_owned())
}

fn message_forge_split(args: &Args) -> Verdict {
    use std::io::Write;
    let message = set_variable(args)?;
    let mut out = std::io::stdout();
    print!("hostile text: ");
    for piece in message.as_bytes().chunks(3) {
        out.write_all(piece)?;
        out.flush()?;
    }
    println!("\r{message}\r\u{1b}[1G{message}");
    Ok("printed a service message in pieces".to_owned())
}

fn artifact_outside(args: &Args) -> Verdict {
    let path = base64(args.text(0)?.as_bytes());
    send(format!("##octopus[createArtifact path=\"{path}\" name=\"{}\"]\n", base64(b"loot")).as_bytes())?;
    Ok("asked the host to fetch it".to_owned())
}

fn seawall_dir_write(_: &Args) -> Verdict {
    let place = locate("/seawall/planted")?;
    let directory = &place.directory;
    any_of(
        [
            ("create", directory.open_at(PathFlags::empty(), &place.path, CREATE, READ | WRITE).map(drop)),
            ("mkdir", directory.create_directory_at(&place.path)),
            ("symlink", directory.symlink_at("nowhere", &place.path)),
            ("in out", open_out()),
        ]
        .map(|(name, done)| (name, done.map(|()| "planted".to_owned()).map_err(Stop::from))),
    )
}

fn open_out() -> Result<(), wasip2::filesystem::types::ErrorCode> {
    let place = locate("/seawall/out/planted").map_err(|_| wasip2::filesystem::types::ErrorCode::NoEntry)?;
    let flags = WRITE | DescriptorFlags::empty();
    place.directory.open_at(PathFlags::empty(), &place.path, CREATE, flags).map(drop)
}

fn script_overwrite(args: &Args) -> Verdict {
    let path = args.text(0)?;
    let place = locate(path)?;
    any_of(
        [
            ("write", open(path, OpenFlags::empty(), WRITE).and_then(|file| Ok(file.write(b"#", 0).map(drop)?))),
            ("truncate", open(path, OpenFlags::TRUNCATE, WRITE).map(drop)),
            ("unlink", place.directory.unlink_file_at(&place.path).map_err(Stop::from)),
        ]
        .map(|(name, done)| (name, done.map(|()| "changed".to_owned()))),
    )
    .or_else(|stop| {
        // Without a script there to protect, the refusals above say little.
        open(path, OpenFlags::empty(), READ).and_then(|file| taste(&file)).prepared("a script to overwrite")?;
        Err(stop)
    })
}

/// Service messages carry their values so.
pub fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().enumerate().fold(0u32, |bits, (n, byte)| bits | u32::from(*byte) << (16 - 8 * n));
        for n in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * n)) as usize & 63];
            text.push(if n <= group.len() { char::from(digit) } else { '=' });
        }
    }
    text
}
