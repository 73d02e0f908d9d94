//! `WebException`: what `WebClient` and `WebRequest` throw.

use std::rc::Rc;

use super::response::WebResponse;
use crate::cmdlets::web::reason::reason;
use crate::http::{Failure, Response};
use crate::types::enumeration::EnumValue;
use crate::value::{Ctl, ErrorRecord, Exception, Value};

const NAME: &str = "System.Net.WebException";

/// A status that isn't success, with the response.
pub fn of_status(response: Response) -> Ctl {
    let message = format!(
        "The remote server returned an error: ({}) {}.",
        response.status,
        reason(response.status)
    );
    thrown(message, 7, WebResponse::value(response))
}

/// Nothing came back.
pub fn of_failure(failure: Failure) -> Ctl {
    let status = if failure.is_timeout { 14 } else { 16 };
    thrown(failure.message, status, Value::Null)
}

/// What isn't the network's fault: a file, an address.
pub fn of_client() -> Ctl {
    let message = "An exception occurred during a WebClient request.";
    thrown(message.to_owned(), 16, Value::Null)
}

fn thrown(message: String, status: i64, response: Value) -> Ctl {
    let mut exception = Exception::new(NAME, message);
    let status = EnumValue::builtin("System.Net.WebExceptionStatus", status);
    exception.props = vec![("Status", status), ("Response", response)];
    let mut record = ErrorRecord::new(exception, "WebException", "NotSpecified");
    record.is_raw = true;
    Ctl::Throw(Rc::new(record))
}
