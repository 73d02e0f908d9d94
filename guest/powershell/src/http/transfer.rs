//! From request to last response: redirects hop by hop, retries.

use std::time::Duration;

use super::{Failure, Request, Response, wire};

/// What decides when to follow and when to try again.
pub struct Patience {
    pub n_redirects: u32,
    pub n_retries: u32,
    pub interval: Duration,
    /// Whether `Authorization` goes where a redirect leads.
    pub keeps_authorization: bool,
    /// The `Authorization` for the first host, should it ask for Basic.
    pub when_asked: Option<String>,
}

/// Fetches, following redirects and retrying as asked; the response that counts.
pub fn fetch(request: &Request, patience: &Patience) -> Result<Response, Failure> {
    let mut n_tries = 0;
    loop {
        let result = follow(request, patience);
        let is_transient = match &result {
            // PowerShell retries 304 and every error status.
            Ok(response) => response.status == 304 || response.status >= 400,
            Err(failure) => !failure.is_denied,
        };
        if !is_transient || n_tries >= patience.n_retries {
            return result;
        }
        n_tries += 1;
        crate::host::pause(patience.interval);
    }
}

fn follow(request: &Request, patience: &Patience) -> Result<Response, Failure> {
    let n_redirects = patience.n_redirects;
    let mut request = request.clone();
    let mut when_asked = patience.when_asked.clone();
    for _ in 0..=n_redirects {
        let mut response = wire::send(&request)?;
        // .NET doesn't offer it where a redirect leads.
        if let Some(value) = when_asked.take().filter(|_| asks_for_basic(&response)) {
            request.set_header("Authorization", value);
            response = wire::send(&request)?;
        }
        let is_redirect = matches!(response.status, 301 | 302 | 303 | 307 | 308);
        let Some(location) = response
            .header("location")
            .filter(|_| is_redirect && n_redirects > 0)
        else {
            return Ok(response);
        };
        let next = request.url.join(location).map_err(|error| {
            Failure::new(format!(
                "The redirect to '{location}' is malformed: {error}"
            ))
        })?;
        // .NET drops it on any redirect.
        if !patience.keeps_authorization {
            request.remove_header("Authorization");
        }
        if request.url.origin() != next.origin() {
            // Cookies are for the host that they were given for.
            request.remove_header("Cookie");
        }
        request.url = next;
        let becomes_get = response.status == 303
            || (matches!(response.status, 301 | 302) && request.method == "POST");
        if becomes_get && request.method != "HEAD" {
            request.method = "GET".to_owned();
            request.body = None;
            request.remove_header("Content-Type");
        }
    }
    Err(Failure::new(
        "The maximum redirection count has been exceeded. To increase the number of redirections allowed, supply a higher value to the -MaximumRedirection parameter.",
    ))
}

fn asks_for_basic(response: &Response) -> bool {
    let is_challenge = |name: &str| name.eq_ignore_ascii_case("www-authenticate");
    let all = response.headers.iter();
    let mut all = all.filter(|(name, _)| is_challenge(name));
    response.status == 401
        && all.any(|(_, value)| {
            value
                .to_ascii_lowercase()
                .split(' ')
                .any(|word| word == "basic")
        })
}
