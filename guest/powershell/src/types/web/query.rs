//! `[System.Web.HttpUtility]::ParseQueryString`: a query taken apart, which is one again as text.
//!
//! [HttpUtility.ParseQueryString](https://learn.microsoft.com/dotnet/api/system.web.httputility.parsequerystring)

use std::rc::Rc;

use super::name_values::{Kind, NameValues};
use crate::types::uri::unescape;
use crate::value::{Net, Value};

/// A part without `=` is a value without a name.
pub fn parse(query: &str) -> Value {
    let all = NameValues::new(Kind::Query);
    let query = query.strip_prefix('?').unwrap_or(query);
    if !query.is_empty() {
        for part in query.split('&') {
            let (name, value) = match part.split_once('=') {
                Some((name, value)) => (Some(unescape(name, true)), value),
                None => (None, part),
            };
            all.add(name, unescape(value, true));
        }
    }
    let all: Rc<dyn Net> = Rc::new(all);
    Value::Net(all)
}
