//! The SMTP configuration, as Octopus's clients read and write it.

use axum::Json;
use axum::http::Method;
use axum::routing::{get, put};
use serde_json::{Value, json};

use super::error::ApiError;
use super::present;
use super::request::{Body, Context};
use super::table::{Scope, Table};
use crate::model::smtp::SmtpConfiguration;

const PATH: &str = "/api/smtpconfiguration";

pub(super) fn routes(table: Table) -> Table {
    let server = Scope::Server;
    table
        .add(
            Method::GET,
            PATH,
            server,
            "How e-mail leaves the server",
            get(read),
        )
        .add(
            Method::PUT,
            PATH,
            server,
            "Say how e-mail leaves the server",
            put(change),
        )
        .takes::<SmtpConfiguration>()
        .add(
            Method::GET,
            "/api/smtpconfiguration/isconfigured",
            server,
            "Whether e-mail can be sent",
            get(is_configured),
        )
}

async fn read(context: Context) -> Result<Json<Value>, ApiError> {
    let smtp = context.app.smtp_read(&context.caller).await?;
    Ok(Json(shown(&smtp)))
}

async fn change(
    context: Context,
    Body(smtp): Body<SmtpConfiguration>,
) -> Result<Json<Value>, ApiError> {
    let smtp = context.app.smtp_change(&context.caller, smtp).await?;
    Ok(Json(shown(&smtp)))
}

async fn is_configured(context: Context) -> Result<Json<Value>, ApiError> {
    let is_configured = context.app.smtp().await?.is_configured();
    Ok(Json(json!({ "IsConfigured": is_configured })))
}

fn shown(smtp: &SmtpConfiguration) -> Value {
    let mut value = present::plain(smtp);
    value["Id"] = "smtp".into();
    value["Links"] = json!({ "Self": PATH });
    value
}
