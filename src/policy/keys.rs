//! Every key of the policy file: the parser's own table, and the reference made from it.

use std::sync::LazyLock;

use super::limits::limit_keys;

/// One key of one section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// As in the file: `files`, `network.inject`; empty at the top.
    pub section: &'static str,
    pub key: &'static str,
    /// What it may be, for people.
    pub value: String,
    /// What holds if it is left out.
    pub default: String,
    /// A line that is right.
    pub example: String,
    pub meaning: &'static str,
    /// The module that makes it true.
    pub enforced_by: &'static str,
}

type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const REQUIRED: &str = "required";
const FILES: &str = "worker/sandbox/files";
const NETWORK: &str = "worker/sandbox/http";
const INJECT: &str = "worker/sandbox/inject";

/// Section, key, value, default, example, meaning, enforced by.
const ROWS: &[Row] = &[
    (
        "",
        "schema",
        "`1`",
        REQUIRED,
        "schema = 1",
        "The version of this language.",
        "policy/parse",
    ),
    (
        "",
        "name",
        "letters, digits, `.`, `-`, `_`",
        REQUIRED,
        "name = \"web-deploy\"",
        "How steps refer to the policy.",
        "policy/parse",
    ),
    (
        "",
        "description",
        "text",
        "empty",
        "description = \"Reads one package.\"",
        "What it is for. Shown to people.",
        "policy/parse",
    ),
    (
        "",
        "files",
        "tables",
        "nothing",
        "[[files]]",
        "Each grants one directory.",
        FILES,
    ),
    (
        "",
        "network",
        "tables",
        "nothing",
        "[[network]]",
        "Each grants requests to one host or range.",
        NETWORK,
    ),
    (
        "",
        "variables",
        "table",
        "nothing",
        "[variables]",
        "Which variables the script may read.",
        "worker/variables",
    ),
    (
        "",
        "env",
        "table",
        "nothing",
        "[env]",
        "Environment variables of the script.",
        "worker/run",
    ),
    (
        "",
        "limits",
        "table",
        "defaults",
        "[limits]",
        "What a run may use.",
        "worker/sandbox/limits",
    ),
    (
        "",
        "process",
        "table",
        "denied",
        "[process]",
        "Native processes.",
        "policy/grants",
    ),
    (
        "",
        "messages",
        "table",
        "accepted",
        "[messages]",
        "Service messages.",
        "worker/output",
    ),
    (
        "files",
        "mount",
        "absolute path in the sandbox",
        REQUIRED,
        "mount = \"/work\"",
        "Where the script sees it. `/seawall` is the server's own. In a ceiling: there or below; `/` is anywhere.",
        FILES,
    ),
    (
        "files",
        "from",
        "`workspace`, `artifacts`, `package:<id>` or `host:<absolute path>`",
        REQUIRED,
        "from = \"workspace\"",
        "What is mounted. In a ceiling a package id may have `*`, and a host path covers what is below it.",
        FILES,
    ),
    (
        "files",
        "access",
        "`read` or `read-write`",
        REQUIRED,
        "access = \"read-write\"",
        "Packages are for reading; workspace and artifacts for both.",
        FILES,
    ),
    (
        "network",
        "host",
        "a name, or `*.name` for exactly one label",
        "this or `cidr`",
        "host = \"api.example.com\"",
        "The host as the script writes it. `*`, any name, only in a ceiling.",
        NETWORK,
    ),
    (
        "network",
        "cidr",
        "addresses, as `10.20.0.0/16`",
        "this or `host`",
        "cidr = \"10.20.0.0/16\"",
        "Requests to these addresses; and lets names that other rules grant resolve to them, where they aren't public.",
        NETWORK,
    ),
    (
        "network",
        "ports",
        "list of 1 to 65535",
        REQUIRED,
        "ports = [443]",
        "The ports that are connected to.",
        NETWORK,
    ),
    (
        "network",
        "scheme",
        "`https`, `http` or `tcp`",
        REQUIRED,
        "scheme = \"https\"",
        "`tcp` is bytes that nobody inspects.",
        NETWORK,
    ),
    (
        "network",
        "methods",
        "list of methods, upper case",
        "required; none for tcp",
        "methods = [\"GET\"]",
        "Matched exactly.",
        NETWORK,
    ),
    (
        "network",
        "paths",
        "list of patterns",
        "required; none for tcp",
        "paths = [\"/v1/**\"]",
        "On the decoded path. `*` stays in a segment, `**` is whole segments, `\\*` is a star.",
        NETWORK,
    ),
    (
        "network",
        "inject",
        "table",
        "nothing",
        "[network.inject]",
        "A credential that the host adds; the script never sees it.",
        NETWORK,
    ),
    (
        "network.inject",
        "header",
        "header name",
        "one of `header`, `query`, `basic`",
        "header = \"Authorization\"",
        "The header to set, in place of the script's own.",
        INJECT,
    ),
    (
        "network.inject",
        "query",
        "parameter name",
        "one of `header`, `query`, `basic`",
        "query = \"api_key\"",
        "The query parameter to set, in place of the script's own.",
        INJECT,
    ),
    (
        "network.inject",
        "value",
        "template",
        "required with `header` and `query`",
        "value = \"Bearer #{Api.Token}\"",
        "The value of the header or parameter.",
        INJECT,
    ),
    (
        "network.inject",
        "basic",
        "table",
        "one of `header`, `query`, `basic`",
        "basic = { username = \"#{Api.User}\", password = \"#{Api.Password}\" }",
        "HTTP basic authentication.",
        INJECT,
    ),
    (
        "network.inject.basic",
        "username",
        "template",
        REQUIRED,
        "username = \"#{Api.User}\"",
        "The user.",
        INJECT,
    ),
    (
        "network.inject.basic",
        "password",
        "template",
        REQUIRED,
        "password = \"#{Api.Password}\"",
        "The password.",
        INJECT,
    ),
    (
        "variables",
        "read",
        "list of names; `*` is any text",
        "none",
        "read = [\"Web.*\"]",
        "Variables that the script finds in its variables file. Case doesn't matter. In a ceiling: every variable a policy may use in any way.",
        "worker/variables",
    ),
    (
        "env",
        "NAME",
        "template",
        "none",
        "STAGE = \"#{Octopus.Environment.Name}\"",
        "Sets an environment variable. The script sees the value, so this grants what the template reads.",
        "worker/run",
    ),
    (
        "process",
        "allow",
        "`true` or `false`",
        "`false`",
        "allow = true",
        "Whether the step may run as a native process. The worker's own configuration must allow it too.",
        "policy/grants",
    ),
    (
        "messages",
        "in-band",
        "`accept` or `refuse`",
        "`accept`",
        "in-band = \"refuse\"",
        "Whether service messages printed on standard output count. Those that our helpers write to their own file always do.",
        "worker/output",
    ),
];

/// Returns every key, in the order of the reference.
pub fn keys() -> &'static [Key] {
    // Made once: a file may have a hundred thousand keys to compare with.
    static KEYS: LazyLock<Vec<Key>> = LazyLock::new(all_keys);
    &KEYS
}

fn all_keys() -> Vec<Key> {
    let mut keys: Vec<Key> = ROWS.iter().map(|row| from_row(*row)).collect();
    let process = keys
        .iter()
        .position(|key| key.section == "process")
        .unwrap_or(keys.len());
    let limits = limit_keys().into_iter().map(|limit| {
        let quote = if limit.unit == "count" { "" } else { "\"" };
        Key {
            section: "limits",
            key: limit.key,
            value: limit.unit.to_owned(),
            default: format!("`{}`", limit.default),
            example: format!("{} = {quote}{}{quote}", limit.key, limit.default),
            meaning: limit.meaning,
            enforced_by: limit.enforced_by,
        }
    });
    keys.splice(process..process, limits);
    keys
}

fn from_row((section, key, value, default, example, meaning, enforced_by): Row) -> Key {
    Key {
        section,
        key,
        value: value.to_owned(),
        default: default.to_owned(),
        example: example.to_owned(),
        meaning,
        enforced_by,
    }
}

/// Returns a right line for a key, to show somebody who wrote a wrong one.
pub(super) fn example(section: &str, key: &str) -> String {
    keys()
        .iter()
        .find(|known| known.section == section && known.key == key)
        .map(|known| known.example.clone())
        .unwrap_or_default()
}

/// What to say to somebody who wrote an unknown key.
pub(super) fn suggestion(section: &str, written: &str) -> String {
    let keys = keys();
    let here: Vec<&str> = keys
        .iter()
        .filter(|key| key.section == section)
        .map(|key| key.key)
        .collect();
    if let Some(near) = nearest(written, here.iter().copied()) {
        return format!("did you mean `{near}`?");
    }
    match keys.iter().find(|key| key.key == written) {
        Some(elsewhere) if elsewhere.section.is_empty() => {
            format!("`{written}` belongs at the top of the file")
        }
        Some(elsewhere) => format!("`{written}` belongs in [{}]", elsewhere.section),
        None => format!("the keys here are {}", here.join(", ")),
    }
}

/// Returns the candidate that `written` is most likely a slip of.
pub(super) fn nearest<'c>(
    written: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    // A slip changes few letters of a short word: at most a third of them. Longer text is no slip,
    // and comparing it would cost its square.
    if written.len() > 64 {
        return None;
    }
    let folded = written.to_lowercase().replace('_', "-");
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&folded, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len().max(folded.len()) / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Returns the tables of `policies/README.md`.
pub fn reference() -> String {
    let mut text = String::new();
    let mut section = None;
    for key in keys() {
        let Key {
            section: in_section,
            key,
            value,
            default,
            example,
            meaning,
            enforced_by,
        } = key;
        if section != Some(*in_section) {
            section = Some(*in_section);
            let title = match *in_section {
                "" => "### Top of the file".to_owned(),
                "files" | "network" => format!("### `[[{in_section}]]`"),
                _ => format!("### `[{in_section}]`"),
            };
            text.push_str(&format!(
                "\n{title}\n\n| key | value | default | meaning | example | enforced by |\n|---|---|---|---|---|---|\n"
            ));
        }
        text.push_str(&format!(
            "| `{key}` | {value} | {default} | {meaning} | `{example}` | `{enforced_by}` |\n"
        ));
    }
    text
}
