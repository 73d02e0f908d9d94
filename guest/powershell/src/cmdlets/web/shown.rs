//! How a response is shown: the list of PowerShell's view, of which the parsed HTML is left out.

use std::rc::Rc;

use crate::value::{Object, Value};

/// Whether an object is a response.
pub fn is_response(type_name: &str) -> bool {
    matches!(
        type_name,
        "Microsoft.PowerShell.Commands.BasicHtmlWebResponseObject"
            | "Microsoft.PowerShell.Commands.WebResponseObject"
    )
}

/// The lines of its list; texts are cut.
pub fn row(response: &Object) -> Vec<(Rc<str>, Value)> {
    let names = [
        "StatusCode",
        "StatusDescription",
        "Content",
        "RawContent",
        "Headers",
        "RawContentLength",
        "RelationLink",
    ];
    let line = |name: &str| {
        let value = response.note(name).unwrap_or_default();
        let value = match &value {
            Value::Str(text) if name.ends_with("Content") => Value::from(cut(text)),
            _ => value,
        };
        (Rc::from(name), value)
    };
    names.map(line).to_vec()
}

/// 200 characters, as the view has it.
fn cut(text: &str) -> String {
    let mut cut: String = text.chars().take(200).collect();
    if cut.chars().count() == 200 {
        cut.push('…');
    }
    cut
}
