//! Which space a path is about: `/api/Spaces-1/x`, `/api/spaces/Spaces-1/x` and `/api/x` are one route.
//!
//! The path is rewritten before a route is chosen, still percent-encoded, so that a name with a slash in it stays
//! one segment.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::Uri;
use axum::middleware::Next;
use axum::response::Response;

use super::spelling::Spelling;

/// The space that the path named.
#[derive(Debug, Clone)]
pub(super) struct SpaceInPath(pub(super) String);

/// What `/api/Spaces-1` alone becomes.
pub(super) const SPACE_HOME: &str = "/api/spacehome";

pub(super) async fn read(
    State(spelling): State<Arc<Spelling>>,
    mut request: Request,
    next: Next,
) -> Response {
    let (space, path) = split(request.uri().path());
    let path = spelling.respelt(&path).unwrap_or(path);
    let query = request.uri().query();
    let whole = query.map_or_else(|| path.clone(), |query| format!("{path}?{query}"));
    // A path that was valid stays valid when whole segments are taken out.
    if let Ok(uri) = whole.parse::<Uri>() {
        *request.uri_mut() = uri;
    }
    if let Some(space) = space {
        request.extensions_mut().insert(SpaceInPath(space));
    }
    next.run(request).await
}

fn split(path: &str) -> (Option<String>, String) {
    let trimmed = path.trim_end_matches('/');
    let whole = || {
        (
            None,
            if trimmed.is_empty() {
                "/".to_owned()
            } else {
                trimmed.to_owned()
            },
        )
    };
    let rest = match trimmed.split_at_checked("/api/".len()) {
        Some((root, rest)) if root.eq_ignore_ascii_case("/api/") => rest,
        _ => return whole(),
    };
    let (first, after) = rest.split_once('/').unwrap_or((rest, ""));
    if is_space(first) {
        let path = match after {
            "" => SPACE_HOME.to_owned(),
            after => format!("/api/{after}"),
        };
        return (Some(first.to_owned()), path);
    }
    match after.split_once('/') {
        Some((second, after)) if first.eq_ignore_ascii_case("spaces") && is_space(second) => {
            (Some(second.to_owned()), format!("/api/{after}"))
        }
        Some(_) | None => whole(),
    }
}

fn is_space(segment: &str) -> bool {
    let number = segment
        .split_once('-')
        .filter(|(prefix, _)| prefix.eq_ignore_ascii_case("Spaces"));
    number.is_some_and(|(_, number)| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_prefixes_are_one_route() {
        for (path, space, expected) in [
            (
                "/api/Spaces-2/projects/a%2Fb",
                Some("Spaces-2"),
                "/api/projects/a%2Fb",
            ),
            (
                "/api/spaces/Spaces-2/projects",
                Some("Spaces-2"),
                "/api/projects",
            ),
            ("/api/projects", None, "/api/projects"),
            ("/api/spaces/Spaces-2", None, "/api/spaces/Spaces-2"),
            ("/api/spaces/all", None, "/api/spaces/all"),
            ("/api/Spaces-2", Some("Spaces-2"), SPACE_HOME),
            ("/api/", None, "/api"),
            ("/API/SPACES/Spaces-2/x", Some("Spaces-2"), "/api/x"),
            ("/", None, "/"),
            ("/api/spaces-x/projects", None, "/api/spaces-x/projects"),
        ] {
            let (found, path_found) = split(path);
            assert_eq!(
                (found.as_deref(), path_found.as_str()),
                (space, expected),
                "{path}"
            );
        }
    }
}
