//! `Invoke-WebRequest`: sends a request; the response as an object. Left out: sessions, certificates, proxies, parsed HTML.
//!
//! [Invoke-WebRequest](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/invoke-webrequest)

use crate::cmdlets::web::reason::reason;
use crate::cmdlets::web::response::{
    exchange, headers, is_text, links, save, tell_of_redirect, text_of,
};
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{Object, R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Invoke-WebRequest",
    aliases: &["iwr"],
    params: "Uri@0! Method Headers Body| ContentType OutFile InFile Form TimeoutSec/ConnectionTimeoutSeconds UserAgent UseBasicParsing? \
             SkipHttpErrorCheck? MaximumRetryCount RetryIntervalSec MaximumRedirection Credential Authentication Token \
             AllowUnencryptedAuthentication? DisableKeepAlive? CustomMethod/CM PassThru? NoProxy? PreserveAuthorizationOnRedirect? SkipHeaderValidation?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let response = exchange(engine, args, item)?;
    if save(engine, args, &response)? && !args.switch("PassThru") {
        return Ok(());
    }
    let text = text_of(&response);
    let raw: String = response
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\n"))
        .collect();
    let (name, content) = match is_text(&response) || response.body.is_empty() {
        true => (
            "Microsoft.PowerShell.Commands.BasicHtmlWebResponseObject",
            Value::from(text.as_str()),
        ),
        false => (
            "Microsoft.PowerShell.Commands.WebResponseObject",
            Value::bytes(&response.body),
        ),
    };
    let found = Object::with(
        name,
        [
            ("StatusCode", Value::Int(i32::from(response.status))),
            ("StatusDescription", Value::from(reason(response.status))),
            ("Content", content),
            (
                "RawContent",
                Value::from(format!(
                    "HTTP/1.1 {} {}\n{raw}\n{text}",
                    response.status,
                    reason(response.status)
                )),
            ),
            ("Headers", headers(&response)),
            ("RelationLink", links(&response)),
            ("RawContentLength", Value::from(response.body.len())),
            (
                "BaseResponse",
                Object::custom_with([(
                    "RequestMessage",
                    Object::custom_with([(
                        "RequestUri",
                        crate::types::uri::Uri::value(response.url.as_str()),
                    )]),
                )]),
            ),
        ],
    );
    out.put(engine, found)?;
    tell_of_redirect(engine, args, &response)
}
