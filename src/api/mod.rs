//! HTTP in, HTTP out: Octopus Deploy's REST API over [`crate::app`]. No rules, no database.
//!
//! ```text
//!  connection ─► server (limits) ─► prefix (which space) ─► route ─► request::Context ─► app ─► present ─► JSON
//!                                                                        └─ error: every failure, one shape
//! ```
//!
//! Invariants:
//! - Every route is registered once, without a space, in a `table::Table`, which the OpenAPI document is made from;
//!   `prefix` makes `/api/Spaces-1/x` and `/api/spaces/Spaces-1/x` mean the same.
//! - What is fixed in a route is matched in any case, by `spelling`.
//! - A handler gets its caller from `request::Context`, which authenticates. The few routes without one say so.
//! - Bad input is a 4xx in Octopus's shape, never a 500; a 500 carries a request id and nothing else.
//!
//! To add a resource: `crud::routes` if it is a configuration resource, or a file with a `routes` function, and a
//! line in [`router`].

mod adhoc;
mod artifacts;
mod bytes;
mod collection;
mod crud;
mod deployments;
mod discovery;
mod environments;
mod error;
mod events;
mod executions;
mod interruptions;
mod observe;
mod openapi;
mod packages;
mod policies;
mod prefix;
mod present;
mod processes;
mod progression;
mod projects;
mod proxies;
mod releases;
mod request;
mod retention;
mod roles;
mod root;
mod runbooks;
mod schema;
pub mod server;
mod smtp;
mod spelling;
mod summaries;
mod table;
mod targets;
mod task_log;
mod tasks;
mod tenants;
pub mod tls;
mod users;
mod variables;
mod workers;

use std::sync::Arc;

use axum::Router;
use axum::http::Uri;

use crate::app::App;
use error::ApiError;
use spelling::Spelling;
use table::Table;

/// The whole API.
pub fn router(app: App) -> Router {
    let metrics = observe::Metrics::new();
    let Table {
        router,
        operations,
        schemas,
    } = metrics.route(operations());
    let paths = operations.iter().map(|operation| operation.path.as_str());
    let spelling = Arc::new(Spelling::of(paths.chain(["/api/openapi.json"])));
    let routes = router
        .merge(openapi::route(&operations, schemas))
        .fallback(unknown_route)
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .route_layer(axum::middleware::from_fn_with_state(
            metrics,
            observe::measure,
        ))
        .with_state(app);
    // The prefix is read before a route is chosen; a layer on the routes themselves would come too late.
    Router::new()
        .fallback_service(routes)
        .layer(axum::middleware::from_fn_with_state(spelling, prefix::read))
}

fn operations() -> Table {
    let table = Table::default();
    let table = root::routes(table);
    let table = crud::all(table);
    let table = environments::routes(table);
    let table = projects::routes(table);
    let table = variables::routes(table);
    let table = users::routes(table);
    let table = roles::routes(table);
    let table = workers::routes(table);
    let table = targets::routes(table);
    let table = discovery::routes(table);
    let table = proxies::routes(table);
    let table = tenants::routes(table);
    let table = smtp::routes(table);
    let table = retention::routes(table);
    let table = processes::routes(table);
    let table = releases::routes(table);
    let table = deployments::routes(table);
    let table = runbooks::routes(table);
    let table = progression::routes(table);
    let table = tasks::routes(table);
    let table = adhoc::routes(table);
    let table = summaries::routes(table);
    let table = interruptions::routes(table);
    let table = policies::routes(table);
    let table = packages::routes(table);
    let table = artifacts::routes(table);
    events::routes(table)
}

async fn unknown_route(uri: Uri) -> ApiError {
    ApiError::NoRoute {
        path: uri.path().to_owned(),
    }
}
