//! What handlers take: who asks and where, the query, and the body, each refused with a 4xx when it is wrong.

use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Path, Request};
use axum::http::header::{self, HeaderMap};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::ApiError;
use super::prefix::SpaceInPath;
use crate::app::{self, App, Caller, ListQuery, Origin};
use crate::model::names;

/// Large enough for a process with scripts in it; packages have a route of their own.
pub(super) const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;

/// A body of that size over a slow line; who takes longer holds a connection for nothing.
const MAX_BODY_TIME: Duration = Duration::from_secs(30);

/// Pages are this long unless the client says otherwise, as Octopus's are.
const DEFAULT_TAKE: u64 = 30;

/// An authenticated request.
pub(super) struct Context {
    pub(super) app: App,
    pub(super) caller: Caller,
    /// The space that the path names.
    pub(super) space: Option<String>,
    pub(super) query: Query,
}

impl FromRequestParts<App> for Context {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let origin = origin(parts);
        let key = key(&parts.headers).ok_or(app::Error::Unauthenticated("no API key was sent"))?;
        let caller = app.authenticate(key, origin).await?;
        let space = parts.extensions.get::<SpaceInPath>();
        Ok(Self {
            app: app.clone(),
            caller,
            space: space.map(|space| space.0.clone()),
            query: Query::parse(parts.uri.query().unwrap_or_default()),
        })
    }
}

impl Context {
    /// The space that the path names, if it names one.
    pub(super) fn space(&self) -> Option<&str> {
        self.space.as_deref()
    }
}

/// An empty header is none: the TypeScript client sends one when it has no key.
fn key(headers: &HeaderMap) -> Option<&str> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let bearer = || {
        let (scheme, token) = text(header::AUTHORIZATION.as_str())?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim())
    };
    let own = text("X-Octopus-ApiKey").filter(|key| !key.is_empty());
    own.or_else(bearer).filter(|key| !key.is_empty())
}

fn origin(parts: &Parts) -> Origin {
    let address = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let agent = parts.headers.get(header::USER_AGENT);
    Origin {
        ip_address: address
            .map(|info| info.0.ip().to_string())
            .unwrap_or_default(),
        // A bound, because it is stored with every event.
        user_agent: agent
            .and_then(|agent| agent.to_str().ok())
            .map(|agent| agent.chars().take(300).collect())
            .unwrap_or_default(),
    }
}

/// A query string: names in any case, several values for a name.
#[derive(Debug, Clone, Default)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn parse(text: &str) -> Self {
        let pairs = url::form_urlencoded::parse(text.as_bytes());
        Self(pairs.into_owned().collect())
    }

    /// The last value of a parameter that isn't empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let values = self.0.iter().rev();
        values
            .filter(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
            .find(|value| !value.is_empty())
    }

    /// Every value, however it is sent: `ids=a,b`, `ids=a%2Cb`, `ids=a&ids=b`.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        let values = self
            .0
            .iter()
            .filter(|(own, _)| own.eq_ignore_ascii_case(name));
        values
            .flat_map(|(_, value)| value.split(','))
            .map(str::trim)
            .filter(|value| !value.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// # Errors
    /// [`ApiError::BadQuery`] unless it is a whole number from 0.
    pub(super) fn number(&self, name: &'static str) -> Result<Option<u64>, ApiError> {
        let text = self.text(name);
        text.map(|text| text.parse().map_err(|_| bad_number(name, text)))
            .transpose()
    }

    pub(super) fn skip(&self) -> Result<u64, ApiError> {
        Ok(self.number("skip")?.unwrap_or(0))
    }

    pub(super) fn take(&self) -> Result<u64, ApiError> {
        Ok(self.number("take")?.unwrap_or(DEFAULT_TAKE))
    }

    /// What every list takes.
    ///
    /// # Errors
    /// [`ApiError::BadQuery`].
    pub(super) fn listing(&self) -> Result<ListQuery, ApiError> {
        Ok(ListQuery {
            ids: self.list("ids"),
            name: self.text("name").map(str::to_owned),
            partial_name: self.text("partialName").map(str::to_owned),
            owner_id: None,
            holding: Vec::new(),
            properties: Vec::new(),
            skip: self.skip()?,
            take: self.take()?,
        })
    }

    /// The parameters other than those of paging, as they are written in a URL.
    pub(super) fn without_paging(&self) -> String {
        let is_paging =
            |name: &str| name.eq_ignore_ascii_case("skip") || name.eq_ignore_ascii_case("take");
        let mut text = url::form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(self.0.iter().filter(|(name, _)| !is_paging(name)));
        text.finish()
    }
}

fn bad_number(name: &'static str, text: &str) -> ApiError {
    let text: String = text.chars().take(40).collect();
    ApiError::BadQuery {
        name,
        problem: format!("`{text}` is not a whole number"),
    }
}

/// A JSON body, with property names as this server writes them.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::NotJson);
        }
        let read = axum::body::to_bytes(request.into_body(), MAX_BODY_BYTES);
        let bytes = tokio::time::timeout(MAX_BODY_TIME, read).await;
        let bytes = bytes.map_err(|_| ApiError::TooSlow)?.map_err(|error| {
            use std::error::Error as _;
            let is_limit = error
                .source()
                .is_some_and(|source| source.is::<http_body_util::LengthLimitError>());
            if is_limit {
                ApiError::TooLarge {
                    max_bytes: MAX_BODY_BYTES,
                }
            } else {
                ApiError::BadBody("it ended early".to_owned())
            }
        })?;
        let value: Value =
            serde_json::from_slice(&bytes).map_err(|error| ApiError::BadBody(error.to_string()))?;
        let value = serde_json::from_value(names::canonical(value));
        value
            .map(Self)
            .map_err(|error| ApiError::BadBody(error.to_string()))
    }
}

/// Without a content type it is taken for JSON: some clients leave it out.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE) else {
        return true;
    };
    let kind = kind.to_str().unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
        || essence.to_ascii_lowercase().ends_with("+json")
}

/// Parts of the path, decoded after the path was split.
pub(super) struct Segments<T>(pub(super) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Segments<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = Path::<T>::from_request_parts(parts, state).await;
        path.map(|Path(value)| Self(value))
            .map_err(|rejection| ApiError::BadPath(rejection.body_text()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_in_every_encoding() {
        for text in ["ids=a,b", "ids=a%2Cb", "ids=a&ids=b", "Ids=a&IDS=,b,"] {
            assert_eq!(Query::parse(text).list("ids"), ["a", "b"], "{text}");
        }
        assert!(Query::parse("ids=").list("ids").is_empty());
    }

    #[test]
    fn a_page_of_two_thousand_million_is_fine_and_a_word_is_not() {
        assert_eq!(
            Query::parse("take=2147483647").take().ok(),
            Some(2_147_483_647)
        );
        assert!(Query::parse("take=many").take().is_err());
        assert!(Query::parse("skip=-1").skip().is_err());
    }
}
