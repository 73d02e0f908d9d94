//! Numbers as text, as .NET Core 3.0 and later write them in the invariant culture.

/// The shortest text that reads back as `n`; with an exponent from 1E+15 up and from 1E-05 down.
pub fn double_text(n: f64) -> String {
    if n.is_nan() {
        return "NaN".to_owned();
    }
    if n.is_infinite() {
        return if n > 0.0 {
            "∞".to_owned()
        } else {
            "-∞".to_owned()
        };
    }
    if n == 0.0 {
        return if n.is_sign_negative() {
            "-0".to_owned()
        } else {
            "0".to_owned()
        };
    }
    shortest(&format!("{n:e}"))
}

pub fn float_text(n: f32) -> String {
    if !n.is_finite() || n == 0.0 {
        return double_text(f64::from(n));
    }
    let text = format!("{n:e}");
    // Single switches to an exponent at 1E+07… only for "R"; .NET Core uses the same limits as for Double.
    shortest(&text)
}

/// From Rust's `1.5e3`.
fn shortest(scientific: &str) -> String {
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let digits = mantissa.replace('.', "");
    if !(-4..15).contains(&exponent) {
        let fraction = if digits.len() > 1 {
            format!(".{}", &digits[1..])
        } else {
            String::new()
        };
        let e_sign = if exponent < 0 { '-' } else { '+' };
        return format!(
            "{sign}{}{fraction}E{e_sign}{:02}",
            &digits[..1],
            exponent.abs()
        );
    }
    let body = if exponent < 0 {
        format!("0.{}{digits}", "0".repeat((-exponent - 1) as usize))
    } else {
        let whole = exponent as usize + 1;
        if digits.len() <= whole {
            format!("{digits}{}", "0".repeat(whole - digits.len()))
        } else {
            format!("{}.{}", &digits[..whole], &digits[whole..])
        }
    };
    format!("{sign}{body}")
}
