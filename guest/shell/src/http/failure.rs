//! Why a transfer failed: curl's exit code and its text after `curl: (N) `.

/// One failure, as curl numbers and words it.
#[derive(Debug)]
pub struct Failure {
    pub code: i32,
    pub text: String,
    /// Whether `--retry` tries again: timeouts, and with `--retry-connrefused` or `--retry-all-errors` more.
    pub is_transient: bool,
}

impl Failure {
    pub fn new(code: i32, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
            is_transient: matches!(code, 6 | 28 | 55 | 56),
        }
    }

    /// Option mistakes: curl's code 2.
    pub fn usage(text: impl Into<String>) -> Self {
        Self::new(2, text)
    }

    /// What the host's policy refused. Curl has no code of its own for that; 7 is "could not connect".
    pub fn denied(authority: &str) -> Self {
        Self::new(
            7,
            format!("Failed to connect to {authority}: denied by policy"),
        )
    }
}
