//! Paths in any case. Octopus matches its routes so, and clients came to rely on it: one asks for
//! `/api/deploymentProcesses/…`, others for `/api/Projects`.
//!
//! Only what is fixed in a route is respelt; ids and names in a path stay as they were sent.

use std::collections::HashMap;

/// The routes, as they are written.
#[derive(Debug, Default)]
pub(super) struct Spelling {
    by_length: HashMap<usize, Vec<Vec<String>>>,
}

impl Spelling {
    /// Of paths as axum has them: `/api/projects/{id}`.
    pub(super) fn of<'a>(paths: impl IntoIterator<Item = &'a str>) -> Self {
        let mut by_length: HashMap<usize, Vec<Vec<String>>> = HashMap::new();
        for path in paths {
            let route: Vec<String> = path.split('/').map(str::to_owned).collect();
            by_length.entry(route.len()).or_default().push(route);
        }
        Self { by_length }
    }

    /// The path as its route is written. `None` if it is no route's, or is written so already.
    pub(super) fn respelt(&self, path: &str) -> Option<String> {
        let segments: Vec<&str> = path.split('/').collect();
        let fits = |route: &&Vec<String>| {
            let mut both = route.iter().zip(&segments);
            both.all(|(own, sent)| is_open(own) || own.eq_ignore_ascii_case(sent))
        };
        let routes = self.by_length.get(&segments.len())?;
        // `/projects/all` is the list, as for axum.
        let n_fixed = |route: &&Vec<String>| route.iter().filter(|own| !is_open(own)).count();
        let route = routes.iter().filter(fits).max_by_key(n_fixed)?;
        let both = route.iter().zip(segments);
        let parts: Vec<&str> = both
            .map(|(own, sent)| if is_open(own) { sent } else { own.as_str() })
            .collect();
        Some(parts.join("/")).filter(|respelt| respelt != path)
    }
}

/// Whether anything may stand there.
fn is_open(segment: &str) -> bool {
    segment.starts_with('{')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_fixed_in_a_route_is_respelt_and_nothing_else() {
        let spelling = Spelling::of([
            "/api",
            "/api/deploymentprocesses/{id}",
            "/api/projects/all",
            "/api/projects/{id}",
            "/api/runbookRuns",
            "/api/policies/{name}",
        ]);
        for (path, expected) in [
            ("/API", Some("/api")),
            (
                "/api/deploymentProcesses/Process-1",
                Some("/api/deploymentprocesses/Process-1"),
            ),
            ("/api/Projects/ALL", Some("/api/projects/all")),
            ("/api/projects/Projects-1", None),
            ("/api/PROJECTS/Policies", Some("/api/projects/Policies")),
            ("/api/runbookruns", Some("/api/runbookRuns")),
            ("/api/policies/Projects", None),
            ("/api/nothing/Here", None),
            ("/api/projects", None),
        ] {
            assert_eq!(spelling.respelt(path).as_deref(), expected, "{path}");
        }
    }
}
