//! Numbers that a parameter takes: from where to where. Outside it's an error when the parameter is bound.
//!
//! The bounds are those of `[ValidateRange]` in PowerShell's cmdlets. What isn't a number at all is the cmdlet's to say.

use super::Cmdlet;
use crate::value::{R, Value, to_double};

struct Range {
    parameter: &'static str,
    /// The cmdlets that have it so; none named means all that have a parameter of that name.
    of: &'static [&'static str],
    from: i32,
    to: i32,
}

const fn range(parameter: &'static str, of: &'static [&'static str], from: i32, to: i32) -> Range {
    Range {
        parameter,
        of,
        from,
        to,
    }
}

const MAX: i32 = i32::MAX;

const RANGES: &[Range] = &[
    range("Bottom", &["Sort-Object"], 1, MAX),
    range("Column", &["Format-Wide"], 1, MAX),
    range("Context", &["Select-String"], 0, MAX),
    range("Count", &["Get-Random"], 1, MAX),
    range("Depth", &["ConvertTo-Json"], 0, 100),
    range("Depth", &["ConvertFrom-Json"], 1, MAX),
    range("First", &["Select-Object"], 0, MAX),
    range("Index", &["Select-Object"], 0, MAX),
    range("Last", &["Select-Object"], 0, MAX),
    range("MaximumRedirection", &[], 0, MAX),
    range("MaximumRetryCount", &[], 0, MAX),
    range("Milliseconds", &["Start-Sleep"], 0, MAX),
    range("PercentComplete", &["Write-Progress"], -1, 100),
    range("RetryIntervalSec", &[], 1, MAX),
    range("Seconds", &["Start-Sleep"], 0, 2_147_483),
    range("Skip", &["Select-Object"], 0, MAX),
    range("SkipLast", &["Select-Object"], 0, MAX),
    range("Tail", &["Get-Content"], 0, MAX),
    range("TimeoutSec", &[], 0, MAX),
    range("Top", &["Sort-Object"], 1, MAX),
    range("TotalCount", &["Get-Content"], 0, MAX),
    range("Width", &["Out-String", "Out-File"], 2, MAX),
];

/// Refuses a number that is out of the parameter's range.
pub fn checked(cmdlet: &Cmdlet, parameter: &str, value: &Value) -> R<()> {
    let found = RANGES.iter().find(|range| {
        range.parameter == parameter && (range.of.is_empty() || range.of.contains(&cmdlet.name))
    });
    let Some(range) = found.filter(|_| !value.is_null()) else {
        return Ok(());
    };
    for item in value.to_items() {
        let Ok(n) = to_double(&item) else {
            continue;
        };
        if n < f64::from(range.from) {
            return Err(outside(
                parameter,
                &item,
                range.from,
                ["less", "minimum", "greater"],
            ));
        }
        if n > f64::from(range.to) {
            return Err(outside(
                parameter,
                &item,
                range.to,
                ["greater", "maximum", "less"],
            ));
        }
    }
    Ok(())
}

fn outside(parameter: &str, given: &Value, limit: i32, words: [&str; 3]) -> crate::value::Ctl {
    let [is, extreme, wanted] = words;
    crate::value::fail_binding(
        crate::value::Binding::Validated,
        "ParameterArgumentValidationError",
        parameter,
        format!(
            "Cannot validate argument on parameter '{parameter}'. The {} argument is {is} than the {extreme} allowed range of \
             {limit}. Supply an argument that is {wanted} than or equal to {limit} and then try the command again.",
            given.text()
        ),
    )
}
