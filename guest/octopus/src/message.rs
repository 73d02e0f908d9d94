//! Service messages: their wire form and their way out.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::sync::{Mutex, OnceLock};

use super::base64;

const MESSAGES: &str = "/seawall/out/messages";

/// Where the messages go; tests on the host name another file.
fn path() -> String {
    if cfg!(target_os = "wasi") {
        return MESSAGES.to_owned();
    }
    std::env::var("SEAWALL_TEST_MESSAGES").unwrap_or_else(|_| MESSAGES.to_owned())
}

/// `##octopus[name a="base64" b="base64"]`, with the attributes in the given order.
pub fn wire(name: &str, attributes: &[(&str, &str)]) -> String {
    let mut text = format!("##octopus[{name}");
    for (key, value) in attributes {
        text.push_str(&format!(" {key}=\"{}\"", base64::encode(value.as_bytes())));
    }
    text.push(']');
    text
}

/// Sends one message, at once: it must not be overtaken by what the script prints next.
///
/// Where the file can't be opened it goes to stdout, as Octopus has it.
pub fn send(name: &str, attributes: &[(&str, &str)]) {
    let line = wire(name, attributes) + "\n";
    if send_if_open(&line) {
        return;
    }
    let mut stdout = std::io::stdout().lock();
    // A closed stdout has nobody left to tell.
    let _ = stdout
        .write_all(line.as_bytes())
        .and_then(|()| stdout.flush());
}

/// Sends a message that only a host understands: it is dropped where none listens.
pub fn send_to_host(name: &str, attributes: &[(&str, &str)]) {
    send_if_open(&(wire(name, attributes) + "\n"));
}

fn send_if_open(line: &str) -> bool {
    match file() {
        Some(file) => file
            .lock()
            .is_ok_and(|mut file| file.write_all(line.as_bytes()).is_ok()),
        None => false,
    }
}

/// Whether a server listens.
pub fn is_open() -> bool {
    file().is_some()
}

/// The messages file, opened at the first message: without create or truncate, which the host refuses.
fn file() -> Option<&'static Mutex<File>> {
    static FILE: OnceLock<Option<Mutex<File>>> = OnceLock::new();
    FILE.get_or_init(|| {
        OpenOptions::new()
            .write(true)
            .open(path())
            .ok()
            .map(Mutex::new)
    })
    .as_ref()
}

#[cfg(test)]
mod tests {
    use super::wire;

    #[test]
    fn a_message_has_its_attributes_in_base64_and_in_their_order() {
        assert_eq!(wire("stdout-warning", &[]), "##octopus[stdout-warning]");
        assert_eq!(
            wire("setVariable", &[("name", "Größe"), ("value", "a\"b\n]")]),
            "##octopus[setVariable name=\"R3LDtsOfZQ==\" value=\"YSJiCl0=\"]"
        );
    }
}
