//! From the bytes of a message to its meaning: XML by a library, base64, then each message's own attributes.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};

use super::{
    EnvironmentStateKind, Level, LevelSwitch, SecretText, ServiceMessage, StepPackageTarget,
    Stream, Value,
};

impl ServiceMessage {
    /// Reads what stands between `##octopus` and the first `]`, opening bracket included.
    ///
    /// `None` when it isn't a message: no UTF-8, no single XML element, an attribute twice, a value that isn't
    /// base64 of UTF-8. It is then ordinary text.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let one_line: String = std::str::from_utf8(body)
            .ok()?
            .chars()
            .filter(|c| !matches!(c, '\r' | '\n'))
            .collect();
        let element = one_line.trim().trim_start_matches('[').trim();
        if element.contains('<') {
            return None;
        }
        let xml = format!("<{element}/>");
        // The document node and its one element.
        let options = roxmltree::ParsingOptions {
            nodes_limit: 2,
            ..Default::default()
        };
        let document = roxmltree::Document::parse_with_options(&xml, options).ok()?;
        let root = document.root_element();
        let mut values = BTreeMap::new();
        for attribute in root.attributes() {
            let value = decode(attribute.value())?;
            if values
                .insert(attribute.name().to_ascii_lowercase(), value)
                .is_some()
            {
                return None;
            }
        }
        Some(typed(root.tag_name().name(), values))
    }
}

/// .NET's `Convert.FromBase64String` wants the padding and doesn't look at the bits that stand for nothing.
pub(super) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

fn decode(value: &str) -> Option<String> {
    // White space inside is ignored as in .NET; `base64` without `-w0` leaves some where lines were joined.
    let dense: String = value.chars().filter(|c| !matches!(c, ' ' | '\t')).collect();
    String::from_utf8(BASE64.decode(dense).ok()?).ok()
}

fn typed(name: &str, mut values: BTreeMap<String, String>) -> ServiceMessage {
    if let Some((stream, switch)) = level(name) {
        return ServiceMessage::Level { stream, switch };
    }
    let known =
        match name {
            "setVariable" => set_variable(&mut values),
            "createArtifact" => create_artifact(&mut values),
            "progress" => progress(&mut values),
            "resultMessage" => required(&mut values, "resultMessage", "message")
                .map(|message| ServiceMessage::ResultMessage { message }),
            "mask" => required(&mut values, "mask", "value").map(|value| ServiceMessage::Mask {
                value: SecretText::new(value),
            }),
            "set-environmentstate" => set_environment_state(&mut values),
            "delete-target" => required(&mut values, "delete-target", "machine")
                .map(|machine| ServiceMessage::DeleteTarget { machine }),
            "createStepPackageTarget" => create_step_package_target(&mut values),
            "k8s-manifest-applied" => required(&mut values, "k8s-manifest-applied", "manifest")
                .map(|manifest| ServiceMessage::KubernetesManifest {
                    manifest,
                    namespace: values.remove("ns"),
                }),
            "seawall-variable-read" => required(&mut values, "seawall-variable-read", "name")
                .map(|name| ServiceMessage::VariableRead { name }),
            _ => Ok(ServiceMessage::Unknown {
                name: name.to_owned(),
            }),
        };
    known.unwrap_or_else(
        |Missing { message, attribute }| ServiceMessage::Incomplete { message, attribute },
    )
}

fn level(name: &str) -> Option<(Stream, LevelSwitch)> {
    let (stream, level) = match name {
        "stdout-verbose" => (Stream::Stdout, Level::Verbose),
        "stdout-default" => (Stream::Stdout, Level::Info),
        "stdout-highlight" => (Stream::Stdout, Level::Highlight),
        "stdout-wait" => (Stream::Stdout, Level::Wait),
        "stdout-warning" => (Stream::Stdout, Level::Warning),
        "stdout-error" => (Stream::Stdout, Level::Error),
        "stderr-default" | "stderr-error" => (Stream::Stderr, Level::Error),
        "stderr-progress" => (Stream::Stderr, Level::Verbose),
        "stdout-ignore" => return Some((Stream::Stdout, LevelSwitch::Ignore)),
        "stderr-ignore" => return Some((Stream::Stderr, LevelSwitch::Ignore)),
        _ => return None,
    };
    Some((stream, LevelSwitch::Show(level)))
}

/// The attribute without which a message means nothing.
struct Missing {
    message: &'static str,
    attribute: &'static str,
}

type Typed = Result<ServiceMessage, Missing>;

fn set_variable(values: &mut BTreeMap<String, String>) -> Typed {
    let name = required(values, "setVariable", "name")?;
    // Bash's helper omits an empty value.
    let value = values.remove("value").unwrap_or_default();
    Ok(ServiceMessage::SetVariable {
        name,
        value: Value::new(value, is_true(values, "sensitive")),
    })
}

fn create_artifact(values: &mut BTreeMap<String, String>) -> Typed {
    Ok(ServiceMessage::CreateArtifact {
        path: required(values, "createArtifact", "path")?,
        name: values.remove("name").filter(|name| !name.is_empty()),
        length_bytes: values
            .remove("length")
            .and_then(|length| length.trim().parse().ok()),
    })
}

fn progress(values: &mut BTreeMap<String, String>) -> Typed {
    let incomplete = Missing {
        message: "progress",
        attribute: "percentage",
    };
    let percentage: i64 = required(values, "progress", "percentage")?
        .trim()
        .parse()
        .map_err(|_| incomplete)?;
    Ok(ServiceMessage::Progress {
        percentage: percentage.clamp(0, 100) as u8,
        message: values.remove("message").unwrap_or_default(),
    })
}

fn set_environment_state(values: &mut BTreeMap<String, String>) -> Typed {
    let key = required(values, "set-environmentstate", "key")?;
    let value = values.remove("value").unwrap_or_default();
    let kind = match values.remove("type") {
        None => EnvironmentStateKind::State,
        Some(kind) if kind.eq_ignore_ascii_case("state") => EnvironmentStateKind::State,
        Some(kind) if kind.eq_ignore_ascii_case("url") => EnvironmentStateKind::Url,
        Some(_) => {
            return Err(Missing {
                message: "set-environmentstate",
                attribute: "type",
            });
        }
    };
    let value = Value::new(value, is_true(values, "sensitive"));
    Ok(ServiceMessage::SetEnvironmentState { key, value, kind })
}

fn create_step_package_target(values: &mut BTreeMap<String, String>) -> Typed {
    const MESSAGE: &str = "createStepPackageTarget";
    Ok(ServiceMessage::CreateStepPackageTarget(StepPackageTarget {
        name: required(values, MESSAGE, "name")?,
        target_id: required(values, MESSAGE, "targetId")?,
        inputs: required(values, MESSAGE, "inputs")?,
        roles: values.remove("octopusroles").unwrap_or_default(),
        worker_pool: values
            .remove("octopusdefaultworkerpoolidorname")
            .filter(|pool| !pool.is_empty()),
        update_if_existing: is_true(values, "updateifexisting"),
    }))
}

fn required(
    values: &mut BTreeMap<String, String>,
    message: &'static str,
    attribute: &'static str,
) -> Result<String, Missing> {
    values
        .remove(&attribute.to_ascii_lowercase())
        .filter(|value| !value.is_empty())
        .ok_or(Missing { message, attribute })
}

/// As .NET's `bool.TryParse`: `True` in any case, white space around it.
fn is_true(values: &mut BTreeMap<String, String>, attribute: &str) -> bool {
    values
        .remove(attribute)
        .is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
}
