//! Output that is too much, too fast, or made to fool whoever reads the log.

use std::io::Write;

use wasip2::cli::stderr::get_stderr;
use wasip2::cli::stdout::get_stdout;
use wasip2::io::streams::OutputStream;

use crate::probe::{Args, Probe, Stop, Verdict};

pub const PROBES: &[Probe] = &[
    Probe { name: "output-flood", usage: "BYTES", threat: "a log without end", run: flood_stdout },
    Probe { name: "output-flood-stderr", usage: "BYTES", threat: "a log without end, on stderr", run: flood_stderr },
    Probe {
        name: "output-flood-both",
        usage: "BYTES",
        threat: "each stream below the limit, both together above",
        run: flood_both,
    },
    Probe {
        name: "output-zeroes",
        usage: "BYTES",
        threat: "write-zeroes: output that the guest never sent",
        run: zeroes,
    },
    Probe { name: "output-lines", usage: "N", threat: "empty lines cost the host more than their bytes", run: lines },
    Probe {
        name: "output-long-line",
        usage: "BYTES",
        threat: "a line without an end fills the host's buffer",
        run: long_line,
    },
    Probe { name: "output-escapes", usage: "", threat: "terminal escapes; bubblewrap CVE-2017-5226", run: escapes },
    Probe { name: "output-bidi", usage: "", threat: "Deno #36195: bidirectional controls", run: bidi },
    Probe {
        name: "output-invalid-utf8",
        usage: "",
        threat: "bytes that are no text break the log's reader",
        run: invalid_utf8,
    },
    Probe {
        name: "output-forged-line",
        usage: "TEXT",
        threat: "carriage returns and newlines forge log lines",
        run: forged_line,
    },
    Probe {
        name: "output-secret",
        usage: "TEXT…",
        threat: "a secret, split and encoded, comes through the log",
        run: secret,
    },
    Probe {
        name: "output-write-unchecked",
        usage: "BYTES",
        threat: "48.0.x fix 6: writing past the permitted budget",
        run: write_unchecked,
    },
    Probe {
        name: "output-check-write",
        usage: "",
        threat: "48.0.x fix 7: a permitted write without bound",
        run: check_write,
    },
];

fn pour(streams: &[OutputStream], bytes: u64) -> Verdict {
    let line = [b"probe".repeat(200).as_slice(), b"\n"].concat();
    let mut sent = 0;
    while sent < bytes {
        for stream in streams {
            stream
                .blocking_write_and_flush(&line)
                .map_err(|error| Stop::from(error).at(format!("after {sent} bytes")))?;
            sent += line.len() as u64;
        }
    }
    Ok(format!("{sent} bytes"))
}

fn flood_stdout(args: &Args) -> Verdict {
    pour(&[get_stdout()], args.number(0)?)
}

fn flood_stderr(args: &Args) -> Verdict {
    pour(&[get_stderr()], args.number(0)?)
}

fn flood_both(args: &Args) -> Verdict {
    pour(&[get_stdout(), get_stderr()], args.number(0)?)
}

fn zeroes(args: &Args) -> Verdict {
    let (bytes, stdout) = (args.number(0)?, get_stdout());
    for sent in (0..bytes).step_by(4096) {
        stdout
            .blocking_write_zeroes_and_flush(4096)
            .map_err(|error| Stop::from(error).at(format!("after {sent} bytes")))?;
    }
    println!();
    Ok(format!("{bytes} zero bytes"))
}

fn lines(args: &Args) -> Verdict {
    let (n, stdout) = (args.number(0)?, get_stdout());
    for sent in (0..n).step_by(4096) {
        stdout
            .blocking_write_and_flush(&[b'\n'; 4096])
            .map_err(|error| Stop::from(error).at(format!("after {sent} lines")))?;
    }
    Ok(format!("{n} lines"))
}

fn long_line(args: &Args) -> Verdict {
    let (bytes, stdout) = (args.number(0)?, get_stdout());
    for sent in (0..bytes).step_by(4096) {
        stdout
            .blocking_write_and_flush(&[b'x'; 4096])
            .map_err(|error| Stop::from(error).at(format!("after {sent} bytes")))?;
    }
    println!();
    Ok(format!("one line of {bytes} bytes"))
}

fn print_each(pieces: &[&[u8]]) -> Verdict {
    let mut stdout = std::io::stdout();
    for piece in pieces {
        stdout.write_all(piece)?;
        stdout.write_all(b"\n")?;
        stdout.flush()?;
    }
    Ok(format!("{} pieces printed", pieces.len()))
}

/// Clear, move, retitle, set the clipboard, make a link, ask the terminal to answer, and the one-byte C1 forms.
fn escapes(_: &Args) -> Verdict {
    print_each(&[
        b"\x1b[2J\x1b[1;1Hcleared",
        b"\x1b]0;retitled\x07",
        b"\x1b]52;c;ZXZpbA==\x07",
        b"\x1b]8;;http://evil.test\x1b\\link\x1b]8;;\x1b\\",
        b"\x1b[6n\x1b[c\x1bP$q\"p\x1b\\",
        b"\x1b[8mhidden\x1b[0m",
        b"over\x08\x08\x08\x08write",
        "\u{9b}2J\u{9d}0;title\u{9c}".as_bytes(),
        b"\x07\x0b\x0c\x0e\x0f\x7f",
        b"\x1b",
    ])
}

fn bidi(_: &Args) -> Verdict {
    print_each(&[
        "\u{202e}evil\u{202c}".as_bytes(),
        "\u{2066}a\u{2069}\u{200b}\u{feff}\u{200f}".as_bytes(),
        "\u{2028}\u{2029}\u{85}".as_bytes(),
    ])
}

fn invalid_utf8(_: &Args) -> Verdict {
    print_each(&[b"\xff\xfe", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"cut \xe2\x82", b"\x00nul\x00"])
}

fn forged_line(args: &Args) -> Verdict {
    let text = args.text(0)?;
    print_each(&[
        format!("harmless\r{text}").as_bytes(),
        format!("harmless\r\n{text}").as_bytes(),
        format!("harmless\u{b}{text}\u{c}{text}\u{85}{text}").as_bytes(),
    ])
}

/// Plain, byte by byte, across both streams, reversed, in hexadecimal and in base64: the first three must be masked.
fn secret(args: &Args) -> Verdict {
    let mut stdout = std::io::stdout();
    for text in args.after(0) {
        println!("plain {text}");
        for byte in text.as_bytes() {
            stdout.write_all(&[*byte])?;
            stdout.flush()?;
        }
        println!();
        eprintln!("stderr {text}");
        println!("base64 {}", crate::seawall::base64(text.as_bytes()));
    }
    Ok("printed".to_owned())
}

/// More than `check-write` permits: a trap, or nothing.
fn write_unchecked(args: &Args) -> Verdict {
    let stdout = get_stdout();
    let permitted = stdout.check_write()?;
    stdout.write(&vec![b'x'; args.number(0)? as usize])?;
    println!();
    Ok(format!("{} bytes where {permitted} were permitted", args.number(0)?))
}

fn check_write(_: &Args) -> Verdict {
    let permitted = get_stdout().check_write()?;
    if permitted <= 1 << 20 {
        return Err(Stop::Refused(format!("{permitted} bytes at a time")));
    }
    Ok(format!("{permitted} bytes at a time"))
}
