//! Commands that ask a server: where it is, who asks, and what its answers mean.
//!
//! ```text
//!  --url, --api-key, --space  or  SEAWALL_URL, SEAWALL_API_KEY, SEAWALL_SPACE ─► Connection ─► Octopus's REST API
//! ```
//!
//! Each command is a file of its own. What they print for programs (`--json`) is what the server answered.

pub mod deploy;
pub mod environment;
pub mod follow;
pub mod interruption;
pub mod package;
pub mod pool;
mod process_file;
pub mod project;
pub mod release;
pub mod runbook;
pub mod task;

use std::io::Write as _;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use clap::Args;
use serde_json::Value;
use url::Url;

use super::{Exit, Failure};

/// A server that doesn't answer in this time is down. Longer than it lets a client wait for a log.
const PATIENCE: Duration = Duration::from_secs(90);

/// A file takes as long as its line is slow.
const UPLOAD_PATIENCE: Duration = Duration::from_secs(6 * 3600);

/// Which server is asked, and with which key.
#[derive(Debug, Clone, Args)]
pub struct ServerArguments {
    /// Where the server is
    #[arg(long, env = "SEAWALL_URL", value_name = "URL", help_heading = "Server")]
    url: Option<String>,

    /// The API key; better in the environment than on the command line
    #[arg(
        long,
        env = "SEAWALL_API_KEY",
        value_name = "KEY",
        hide_env_values = true,
        help_heading = "Server"
    )]
    api_key: Option<String>,

    /// The space, by name or id; the default space if it isn't given
    #[arg(
        long,
        env = "SEAWALL_SPACE",
        value_name = "SPACE",
        help_heading = "Server"
    )]
    space: Option<String>,

    /// Print what the server answered, as JSON
    #[arg(long, help_heading = "Server")]
    pub json: bool,
}

/// A server, ready to be asked.
pub struct Connection {
    http: reqwest::Client,
    base: Url,
    key: String,
    space_id: Option<String>,
    is_json: bool,
}

impl ServerArguments {
    /// Checks what was given, and asks the server for the space's id if it was named.
    ///
    /// # Errors
    /// [`Exit::Usage`] for what is missing or wrong, [`Exit::Remote`] if the server doesn't know the space.
    pub async fn connect(&self) -> Result<Connection, Failure> {
        let usage = |text: String| Failure::new(Exit::Usage, anyhow!(text));
        let missing = |flag: &str, variable: &str| {
            usage(format!(
                "no server is known: give `--{flag}`, or `export {variable}=…` as `seawall serve` printed it"
            ))
        };
        let url = self.url.as_deref().filter(|url| !url.is_empty());
        let url = url.ok_or_else(|| missing("url", "SEAWALL_URL"))?;
        let key = self.api_key.as_deref().filter(|key| !key.is_empty());
        let key = key.ok_or_else(|| missing("api-key", "SEAWALL_API_KEY"))?;
        let base = Url::parse(url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or_else(|| usage(format!("`{url}` is no address: write http://HOST:PORT")))?;
        let http = reqwest::Client::builder()
            .timeout(PATIENCE)
            .user_agent(concat!("seawall/", env!("CARGO_PKG_VERSION")))
            .build()
            .context("the HTTP client can't be set up")?;
        let mut connection = Connection {
            http,
            base,
            key: key.to_owned(),
            space_id: None,
            is_json: self.json,
        };
        if let Some(space) = self.space.as_deref().filter(|space| !space.is_empty()) {
            let found = connection.get(&["spaces", space], &[]).await?;
            connection.space_id = found["Id"].as_str().map(str::to_owned);
        }
        Ok(connection)
    }
}

impl Connection {
    fn url(&self, segments: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push("api");
            path.extend(self.space_id.as_deref());
            path.extend(segments);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// Reads.
    ///
    /// # Errors
    /// [`Exit::Remote`] with the server's own words.
    pub async fn get(&self, segments: &[&str], query: &[(&str, &str)]) -> Result<Value, Failure> {
        self.ask(self.http.get(self.url(segments, query))).await
    }

    /// Creates or acts.
    ///
    /// # Errors
    /// Those of [`Self::get`].
    pub async fn post(&self, segments: &[&str], body: &Value) -> Result<Value, Failure> {
        self.ask(self.http.post(self.url(segments, &[])).json(body))
            .await
    }

    /// Sends files.
    ///
    /// # Errors
    /// Those of [`Self::get`].
    pub async fn upload(
        &self,
        segments: &[&str],
        query: &[(&str, &str)],
        form: reqwest::multipart::Form,
    ) -> Result<Value, Failure> {
        let request = self.http.post(self.url(segments, query)).multipart(form);
        self.ask(request.timeout(UPLOAD_PATIENCE)).await
    }

    /// Changes.
    ///
    /// # Errors
    /// Those of [`Self::get`].
    pub async fn put(&self, segments: &[&str], body: &Value) -> Result<Value, Failure> {
        self.ask(self.http.put(self.url(segments, &[])).json(body))
            .await
    }

    /// Deletes.
    ///
    /// # Errors
    /// Those of [`Self::get`].
    pub async fn delete(&self, segments: &[&str]) -> Result<Value, Failure> {
        self.ask(self.http.delete(self.url(segments, &[]))).await
    }

    /// Sends a request with the key. The answer is JSON, or the text of another answer as a string.
    async fn ask(&self, request: reqwest::RequestBuilder) -> Result<Value, Failure> {
        let remote = |error: anyhow::Error| Failure::new(Exit::Remote, error);
        let answer = request.header("X-Octopus-ApiKey", &self.key).send().await;
        let answer = answer.map_err(|error| {
            let is_down = error.is_connect();
            let error = anyhow!(error.without_url());
            remote(match is_down {
                true => error.context(format!(
                    "{} can't be reached: is `seawall serve` running there?",
                    self.base
                )),
                false => error.context(format!("{} didn't answer", self.base)),
            })
        })?;
        let status = answer.status();
        let text = answer.text().await;
        let text = text.map_err(|error| remote(anyhow!(error).context("the answer broke off")))?;
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        if status.is_success() {
            return Ok(body);
        }
        Err(remote(anyhow!(refusal(status.as_u16(), &body))))
    }

    /// Prints what a command has to say: for programs what the server answered, for people a text.
    ///
    /// # Errors
    /// If standard output is closed.
    pub fn say(&self, answer: &Value, text: impl FnOnce() -> String) -> Result<(), Failure> {
        let text = match self.is_json {
            true => format!("{answer:#}\n"),
            false => text(),
        };
        print(&text)
    }
}

pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .context("cannot write to standard output")?;
    Ok(())
}

/// The server's words: its message, and each error on a line of its own.
fn refusal(status: u16, body: &Value) -> String {
    let message = body["ErrorMessage"].as_str().unwrap_or_default();
    let errors = body["Errors"].as_array().into_iter().flatten();
    let errors: Vec<&str> = errors
        .filter_map(Value::as_str)
        .filter(|error| *error != message)
        .collect();
    match (message, errors.as_slice()) {
        ("", []) => format!("the server answered with status {status}"),
        (message, []) => message.to_owned(),
        (_, errors) => errors.join("\n"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::refusal;

    #[test]
    fn a_refusal_is_told_once() {
        for (body, expected) in [
            (json!({ "ErrorMessage": "No.", "Errors": [] }), "No."),
            (json!({ "ErrorMessage": "No.", "Errors": ["No."] }), "No."),
            (
                json!({ "ErrorMessage": "Problem.", "Errors": ["a", "b"] }),
                "a\nb",
            ),
            (json!("<html>"), "the server answered with status 502"),
        ] {
            assert_eq!(refusal(502, &body), expected);
        }
    }
}
