//! Variables in and out: `get_octopusvariable`, `set_octopusvariable`, `octopus_parameters`, the value codec.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use bashkit::{Command, CommandContext, CommandStatus, Result, async_trait};
use octopus::message;

/// The granted variables, read at the first lookup; empty when there is no file.
fn all() -> &'static BTreeMap<String, String> {
    static ALL: OnceLock<BTreeMap<String, String>> = OnceLock::new();
    ALL.get_or_init(|| ::octopus::variables::read().into_iter().collect())
}

/// Octopus's names ignore case.
fn lookup(name: &str) -> Option<&'static str> {
    let exact = all().get(name);
    let found = exact.or_else(|| {
        all()
            .iter()
            .find(|(seen, _)| seen.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    });
    found.map(String::as_str)
}

/// A line of bash that fills `octopus_parameters`, if the script mentions it at all.
pub fn prelude(script: &str) -> Option<String> {
    if !script.contains("octopus_parameters") {
        return None;
    }
    // `$'…'`: the one quoting that takes every character, a quote included.
    let quoted = |text: &str| format!("$'{}'", text.replace('\\', r"\\").replace('\'', r"\'"));
    // Each name goes through a variable: written as a subscript, `Action[Step].Output` would end at its bracket.
    let mut line = "declare -A octopus_parameters; ".to_owned();
    for (name, value) in all() {
        let (name, value) = (quoted(name), quoted(value));
        line.push_str(&format!(
            "_name={name}; octopus_parameters[$_name]={value}; "
        ));
    }
    Some(line + "unset _name")
}

pub struct Get;

#[async_trait]
impl Command for Get {
    async fn execute(&self, ctx: CommandContext<'_>) -> Result<CommandStatus> {
        let name = ctx.args.first().map_or("", String::as_str);
        message::send("seawall-variable-read", &[("name", name)]);
        let value = lookup(name).unwrap_or_default();
        ctx.stdout
            .write_all(format!("{value}\n").as_bytes())
            .await?;
        Ok(CommandStatus::success())
    }
}

pub struct Set;

#[async_trait]
impl Command for Set {
    async fn execute(&self, ctx: CommandContext<'_>) -> Result<CommandStatus> {
        let Some(name) = ctx.args.first() else {
            ctx.stderr
                .write_all(b"usage: set_octopusvariable name value [-sensitive]\n")
                .await?;
            return Ok(CommandStatus::with_code(1));
        };
        let value = ctx.args.get(1).map_or("", String::as_str);
        let mut attributes = vec![("name", name.as_str())];
        if !value.is_empty() {
            attributes.push(("value", value));
        }
        if ctx.args.get(2).is_some_and(|flag| flag == "-sensitive") {
            attributes.push(("sensitive", "True"));
        }
        message::send("setVariable", &attributes);
        Ok(CommandStatus::success())
    }
}

pub struct Encode;

#[async_trait]
impl Command for Encode {
    async fn execute(&self, ctx: CommandContext<'_>) -> Result<CommandStatus> {
        let text = ctx.args.first().map_or("", String::as_str);
        ctx.stdout
            .write_all(format!("{}\n", ::octopus::base64::encode(text.as_bytes())).as_bytes())
            .await?;
        Ok(CommandStatus::success())
    }
}

pub struct Decode;

#[async_trait]
impl Command for Decode {
    async fn execute(&self, ctx: CommandContext<'_>) -> Result<CommandStatus> {
        let text = ctx.args.first().map_or("", String::as_str);
        match ::octopus::base64::decode(text) {
            Some(bytes) => {
                ctx.stdout.write_all(&[&bytes[..], b"\n"].concat()).await?;
                Ok(CommandStatus::success())
            }
            None => {
                ctx.stderr
                    .write_all(b"decode_servicemessagevalue: not base64\n")
                    .await?;
                Ok(CommandStatus::with_code(1))
            }
        }
    }
}
