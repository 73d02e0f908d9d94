//! What operators look at: `/metrics`, in the text format of Prometheus.
//!
//! Labels are methods, route templates and statuses: nothing that a client can make up.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, LabelSetEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use tracing::Instrument as _;

use super::table::{Scope, Table};
use crate::TRACE;
use crate::app::App;
use crate::model::task::TaskState;
use crate::worker::sandbox::Engine;

/// From half a millisecond to ten seconds.
const BUCKETS: [f64; 10] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 10.0,
];

/// Which requests.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Labels {
    method: &'static str,
    route: String,
    status: u16,
}

impl EncodeLabelSet for Labels {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> Result<(), std::fmt::Error> {
        [
            ("method", self.method.to_owned()),
            ("route", self.route.clone()),
            ("status", self.status.to_string()),
        ]
        .as_slice()
        .encode(encoder)
    }
}

/// Which tasks.
type StateLabel = [(&'static str, &'static str); 1];

/// What is counted while the server runs.
#[derive(Clone)]
pub(super) struct Metrics {
    registry: Arc<Registry>,
    requests: Family<Labels, Counter>,
    seconds: Family<Labels, Histogram, fn() -> Histogram>,
    tasks: Family<StateLabel, Gauge>,
    memory: Gauge<i64>,
    policies_broken: Gauge,
    engines: Gauge,
    version: Family<[(&'static str, &'static str); 1], Gauge<u64, AtomicU64>>,
}

impl Metrics {
    pub(super) fn new() -> Self {
        let mut registry = Registry::with_prefix("seawall");
        let make: fn() -> Histogram = || Histogram::new(BUCKETS);
        let mut metrics = Self {
            registry: Arc::default(),
            requests: Family::default(),
            seconds: Family::new_with_constructor(make),
            tasks: Family::default(),
            memory: Gauge::default(),
            policies_broken: Gauge::default(),
            engines: Gauge::default(),
            version: Family::default(),
        };
        registry.register(
            "http_requests",
            "Requests that were answered",
            metrics.requests.clone(),
        );
        registry.register(
            "http_request_seconds",
            "How long requests took",
            metrics.seconds.clone(),
        );
        registry.register(
            "open_tasks",
            "Tasks that are not over, by state",
            metrics.tasks.clone(),
        );
        registry.register(
            "resident_memory_bytes",
            "Resident memory of the server",
            metrics.memory.clone(),
        );
        registry.register(
            "policies_broken",
            "Whether the policy files as they are now can't be used",
            metrics.policies_broken.clone(),
        );
        registry.register(
            "sandbox_engines",
            "Engines that can run sandboxes in the server's own process; none without a built-in worker",
            metrics.engines.clone(),
        );
        registry.register("build", "The version", metrics.version.clone());
        let version = [("version", env!("CARGO_PKG_VERSION"))];
        metrics.version.get_or_create(&version).set(1);
        metrics.registry = Arc::new(registry);
        metrics
    }

    /// The route that shows them.
    pub(super) fn route(&self, table: Table) -> Table {
        let metrics = self.clone();
        table.add(
            Method::GET,
            "/metrics",
            Scope::Anonymous,
            "Metrics for Prometheus",
            get(async move |State(app): State<App>| metrics.show(&app).await),
        )
    }

    async fn show(self, app: &App) -> Response {
        let Ok(open) = app.store().tasks_open().await else {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        };
        for state in TaskState::ALL.iter().filter(|state| !state.is_final()) {
            let n_tasks = open.iter().filter(|task| task.state == *state).count();
            let label = [("state", state.as_str())];
            let gauge = self.tasks.get_or_create(&label);
            gauge.set(i64::try_from(n_tasks).unwrap_or(i64::MAX));
        }
        self.memory.set(resident_bytes().unwrap_or_default());
        let is_broken = app.policy_files().problem().is_some();
        self.policies_broken.set(is_broken.into());
        self.engines
            .set(i64::try_from(Engine::built()).unwrap_or(i64::MAX));
        let mut text = String::new();
        if encode(&mut text, &self.registry).is_err() {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
        let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
        ([(header::CONTENT_TYPE, kind)], text).into_response()
    }
}

/// From `/proc`: pages that are resident.
fn resident_bytes() -> Option<i64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: i64 = text.split_whitespace().nth(1)?.parse().ok()?;
    let page_bytes = i64::try_from(rustix::param::page_size()).ok()?;
    pages.checked_mul(page_bytes)
}

/// Counts a request, and says in the log what became of it.
pub(super) async fn measure(
    State(metrics): State<Metrics>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let method = known(request.method());
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or_else(|| "none".to_owned(), |route| route.as_str().to_owned());
    let span = tracing::info_span!(
        target: TRACE, "request", otel.name = format!("{method} {route}"), otel.kind = "server",
        http.request.method = method, http.route = route, http.response.status_code = tracing::field::Empty
    );
    let response = next.run(request).instrument(span.clone()).await;
    span.record("http.response.status_code", response.status().as_u16());
    let labels = Labels {
        method,
        route,
        status: response.status().as_u16(),
    };
    let seconds = started.elapsed().as_secs_f64();
    tracing::info!(target: "seawall::requests", method, route = %labels.route, status = labels.status, seconds, "request");
    metrics.seconds.get_or_create(&labels).observe(seconds);
    metrics.requests.get_or_create(&labels).inc();
    response
}

/// Clients can make methods up.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "HEAD" => "HEAD",
        _ => "other",
    }
}
