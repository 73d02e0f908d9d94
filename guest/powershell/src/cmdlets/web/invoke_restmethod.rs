//! `Invoke-RestMethod`: sends a request; JSON and XML come back as objects. Left out: sessions, certificates, proxies, following links.
//!
//! [Invoke-RestMethod](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/invoke-restmethod)

use crate::cmdlets::data::json_reader::{MAX_DEPTH, parse};
use crate::cmdlets::web::response::{exchange, headers, save, tell_of_redirect, text_of};
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::http::Response;
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Invoke-RestMethod",
    aliases: &["irm"],
    params: "Uri@0! Method Headers Body| ContentType OutFile InFile Form TimeoutSec/ConnectionTimeoutSeconds UserAgent UseBasicParsing? \
             SkipHttpErrorCheck? StatusCodeVariable ResponseHeadersVariable/RHV MaximumRetryCount RetryIntervalSec MaximumRedirection Credential \
             Authentication Token AllowUnencryptedAuthentication? DisableKeepAlive? CustomMethod/CM PassThru? NoProxy? PreserveAuthorizationOnRedirect? SkipHeaderValidation?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let response = exchange(engine, args, item)?;
    if let Some(name) = args.text("StatusCodeVariable") {
        engine.set_here(&name, Value::Int(i32::from(response.status)));
    }
    if let Some(name) = args.text("ResponseHeadersVariable") {
        engine.set_here(&name, headers(&response));
    }
    if save(engine, args, &response)? && !args.switch("PassThru") {
        return Ok(());
    }
    let value = answer(&response);
    out.put(engine, value)?;
    tell_of_redirect(engine, args, &response)
}

/// What the body says. An array is one object, also for the next command of the pipeline.
fn answer(response: &Response) -> Value {
    let text = text_of(response);
    let kind = response.header("content-type").unwrap_or_default();
    let kind = kind.to_ascii_lowercase();
    let trimmed = text.trim_start();
    if trimmed.is_empty() {
        return Value::from("");
    }
    if (kind.contains("json") || trimmed.starts_with(['{', '[']))
        && let Ok(value) = parse(&text, false, MAX_DEPTH)
    {
        return value;
    }
    if kind.contains("xml")
        && trimmed.starts_with('<')
        && let Ok(value) = crate::types::xml::parse(&text)
    {
        return value;
    }
    Value::from(text)
}
