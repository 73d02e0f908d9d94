//! Logs on standard error, and traces to an OpenTelemetry collector over OTLP (HTTP, protobuf) if one is named.
//!
//! `SEAWALL_LOG` says what is logged, as `RUST_LOG` does elsewhere; `SEAWALL_LOG_FORMAT=json` writes an object a line.
//! Traces are off unless `OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` is set; those and the
//! other variables mean what OpenTelemetry's specification says ("OTLP Exporter Configuration",
//! "Environment Variable Specification"). A collector that doesn't answer costs traces, never a request.

use std::fmt;
use std::time::Duration;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::runtime::Handle;
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use crate::TRACE;

/// Either one says where the collector is.
const ENDPOINTS: [&str; 2] = [
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
];

/// What is left is sent within this time when the program ends.
const GRACE: Duration = Duration::from_secs(3);

/// Keeps traces going until it is dropped.
pub struct Telemetry {
    traces: Option<SdkTracerProvider>,
}

/// Sends what is left.
impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(traces) = &self.traces {
            traces.shutdown_with_timeout(GRACE).ok();
        }
    }
}

/// Starts logging, and tracing if it is configured. `runtime` sends.
///
/// # Errors
/// What is wrong with the configuration, for people.
pub fn start(runtime: &Handle) -> anyhow::Result<Telemetry> {
    let traces = ENDPOINTS
        .iter()
        .any(|name| std::env::var(name).is_ok_and(|value| !value.is_empty()))
        .then(|| provider(runtime))
        .transpose()?;
    let exported = traces.as_ref().map(|traces| {
        let only_ours = Targets::new().with_target(TRACE, Level::INFO);
        tracing_opentelemetry::layer()
            .with_tracer(traces.tracer("seawall"))
            .with_location(false)
            .with_threads(false)
            .with_filter(only_ours)
    });
    tracing_subscriber::registry()
        .with(logs())
        .with(exported)
        .init();
    Ok(Telemetry { traces })
}

fn logs() -> Box<dyn Layer<Registry> + Send + Sync> {
    let filter = EnvFilter::try_from_env("SEAWALL_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    // Spans are for collectors: a line of the log has its own fields.
    let directive = format!("{TRACE}=off").parse().expect("a directive");
    let filter = filter.add_directive(directive);
    let logs = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let is_json = std::env::var("SEAWALL_LOG_FORMAT").is_ok_and(|format| format == "json");
    match is_json {
        true => logs.json().flatten_event(true).with_filter(filter).boxed(),
        false => logs.with_filter(filter).boxed(),
    }
}

fn provider(runtime: &Handle) -> anyhow::Result<SdkTracerProvider> {
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_http_client(Client {
            client,
            runtime: runtime.clone(),
        })
        .build()?;
    let resource = Resource::builder()
        .with_service_name(std::env::var("OTEL_SERVICE_NAME").unwrap_or("seawall".into()))
        .with_attribute(opentelemetry::KeyValue::new(
            "service.version",
            env!("CARGO_PKG_VERSION"),
        ))
        .build();
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource)
        .build())
}

/// The HTTP client that the rest of the program has, for OpenTelemetry's own thread: it knows no runtime.
struct Client {
    client: reqwest::Client,
    runtime: Handle,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let request = reqwest::Request::try_from(request)?;
        let client = self.client.clone();
        let sending = self.runtime.spawn(async move {
            let answer = client.execute(request).await?;
            let status = answer.status();
            Ok::<_, reqwest::Error>((status, answer.bytes().await?))
        });
        let (status, body) = sending.await??;
        Ok(Response::builder().status(status).body(body)?)
    }
}
