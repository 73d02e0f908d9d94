//! Workers and targets that aren't known yet: what answers at an address, as a record that a client completes, compares
//! with what it knows, and creates.

use axum::Json;
use axum::http::Method;
use axum::routing::get;
use serde_json::{Value, json};

use super::error::ApiError;
use super::request::Context;
use super::table::{Scope, Table};
use crate::app::worker::{Discovered, Found};

pub(super) fn routes(table: Table) -> Table {
    let space = Scope::Space;
    table
        .add(
            Method::GET,
            "/api/workers/discover",
            space,
            "What answers at the address of a worker to be",
            get(async |context: Context| discover(context, Found::Worker).await),
        )
        .needs("host")
        .add(
            Method::GET,
            "/api/machines/discover",
            space,
            "What answers at the address of a deployment target to be",
            get(async |context: Context| discover(context, Found::Target).await),
        )
        .needs("host")
}

async fn discover(context: Context, becomes: Found) -> Result<Json<Value>, ApiError> {
    let query = &context.query;
    let bad = |name: &'static str, problem: String| ApiError::BadQuery { name, problem };
    let style = query.text("type").unwrap_or("TentaclePassive");
    let (what, usual_port) = match style.to_ascii_lowercase().as_str() {
        "tentaclepassive" => (Discovered::Agent, 10933),
        "ssh" => (Discovered::Ssh, 22),
        _ => {
            let problem = format!("`{style}` is not TentaclePassive or Ssh");
            return Err(bad("type", problem));
        }
    };
    let host = query
        .text("host")
        .ok_or_else(|| bad("host", "it is missing".to_owned()))?;
    let port = match query.number("port")? {
        None => usual_port,
        Some(port) => {
            u16::try_from(port).map_err(|_| bad("port", format!("`{port}` is not a port")))?
        }
    };
    if query.text("proxyId").is_some() {
        return Err(bad("proxyId", "there are no proxies here".to_owned()));
    }
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let shown = app
        .machine_discover(caller, space, becomes, what, (host, port))
        .await?;
    let (thumbprint, uri, endpoint) = match what {
        Discovered::Agent => {
            let uri = format!("https://{host}:{port}/");
            let endpoint =
                json!({ "CommunicationStyle": "TentaclePassive", "Uri": uri, "Thumbprint": shown });
            (shown, uri, endpoint)
        }
        Discovered::Ssh => {
            let uri = format!("ssh://{host}:{port}/");
            let endpoint = json!({
                "CommunicationStyle": "Ssh", "Host": host, "Port": port, "Uri": uri, "Fingerprint": shown });
            (shown, uri, endpoint)
        }
    };
    Ok(Json(json!({
        "Name": host,
        "Thumbprint": thumbprint,
        "Uri": uri,
        "Endpoint": endpoint,
        "IsDisabled": false,
    })))
}
