//! The granted variables, as the host writes them: one JSON object, name to value.

const VARIABLES: &str = "/seawall/variables.json";

/// Where the variables are; tests on the host name another file.
fn path() -> String {
    if cfg!(target_os = "wasi") {
        return VARIABLES.to_owned();
    }
    std::env::var("SEAWALL_TEST_VARIABLES").unwrap_or_else(|_| VARIABLES.to_owned())
}

/// Whether the run has variables, be it none that the script may read: every step has that file.
pub fn are_there() -> bool {
    std::fs::exists(path()).unwrap_or(false)
}

/// Reads the file, at every call; empty when there is none.
pub fn read() -> Vec<(String, String)> {
    parsed(&std::fs::read(path()).unwrap_or_default())
}

fn parsed(bytes: &[u8]) -> Vec<(String, String)> {
    let all: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(bytes).unwrap_or_default();
    let text = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    };
    all.into_iter()
        .map(|(name, value)| (name, text(value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::parsed;

    #[test]
    fn values_are_texts_and_what_is_no_object_is_empty() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            parsed(br#"{"A.b": "x y", "Port": 80}"#),
            [pair("A.b", "x y"), pair("Port", "80")]
        );
        for text in ["", "[]", "{"] {
            assert!(parsed(text.as_bytes()).is_empty(), "{text}");
        }
    }
}
