//! `[System.Net.WebUtility]` and `[System.Web.HttpUtility]`: text as it goes into addresses, pages and scripts.
//!
//! Left out: forms that only .NET Framework has.

use super::TypeInfo;
use super::uri::{form_escape, unescape};
use crate::value::{R, Value};

pub const WEB_UTILITY: TypeInfo = TypeInfo {
    statics: &["UrlEncode", "UrlDecode", "HtmlEncode", "HtmlDecode"],
    call: Some(|_, name, args| {
        let [text] = args else { return None };
        let text = text.text();
        Some(Ok(Value::from(match name {
            "urlencode" => form_escape(&text),
            "urldecode" => unescape(&text, true),
            "htmlencode" => html_encode(&text),
            "htmldecode" => html_decode(&text),
            _ => return None,
        })))
    }),
    ..TypeInfo::named("System.Net.WebUtility", &[])
};

pub const HTTP_UTILITY: TypeInfo = TypeInfo {
    statics: &[
        "UrlEncode",
        "UrlDecode",
        "UrlPathEncode",
        "HtmlEncode",
        "HtmlDecode",
        "HtmlAttributeEncode",
        "JavaScriptStringEncode",
        "ParseQueryString",
    ],
    call: Some(|_, name, args| http_utility(name, args)),
    ..TypeInfo::named("System.Web.HttpUtility", &[])
};

fn http_utility(name: &str, args: &[Value]) -> Option<R<Value>> {
    if let ("parsequerystring", [query]) = (name, args) {
        return Some(Ok(super::web::query::parse(&query.text())));
    }
    let (text, is_quoted) = match (name, args) {
        ("javascriptstringencode", [text, quoted]) => (text.text(), crate::value::to_bool(quoted)),
        (_, [text]) => (text.text(), false),
        _ => return None,
    };
    Some(Ok(Value::from(match name {
        "urlencode" => small_hex(&form_escape(&text)),
        "urldecode" => unescape(&text, true),
        "urlpathencode" => path_encode(&text),
        "htmlencode" => html_encode(&text),
        "htmldecode" => html_decode(&text),
        "htmlattributeencode" => text
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('"', "&quot;")
            .replace('\'', "&#39;"),
        "javascriptstringencode" if is_quoted => format!("\"{}\"", script_encode(&text)),
        "javascriptstringencode" => script_encode(&text),
        _ => return None,
    })))
}

/// This class writes `%2f` where the other writes `%2F`.
pub fn small_hex(escaped: &str) -> String {
    let mut n_hex = 0;
    let small = |c: char| {
        if c == '%' {
            n_hex = 2;
        } else if n_hex > 0 {
            n_hex -= 1;
            return c.to_ascii_lowercase();
        }
        c
    };
    escaped.chars().map(small).collect()
}

/// What stands before a `?`: blanks and what isn't ASCII.
fn path_encode(text: &str) -> String {
    let (path, query) = match text.find('?') {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let mut out = String::with_capacity(text.len());
    for byte in path.bytes() {
        match byte {
            b'!'..=b'~' => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02x}")),
        }
    }
    out + query
}

fn script_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\'' | '<' | '>' | '&' | '\u{85}' | '\u{2028}' | '\u{2029}' | '\0'..' ' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out
}

/// `HtmlEncode`
pub fn html_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{a0}'..='\u{ff}' | '\u{10000}'.. => out.push_str(&format!("&#{};", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

fn html_decode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let end = after
            .find([';', '&'])
            .filter(|at| after[*at..].starts_with(';'));
        match end.and_then(|at| Some((entity(&after[..at])?, at))) {
            Some((c, at)) => {
                out.push(c);
                rest = &after[at + 1..];
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out + rest
}

/// The character that `amp`, `#38` or `#x26` stands for.
fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let hex = number.strip_prefix(['x', 'X']);
        let code = match hex {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        return char::from_u32(code.ok()?).filter(|c| *c != '\0');
    }
    let in_row = |first: u32, names: &str| {
        let at = names.split_whitespace().position(|known| known == name)?;
        char::from_u32(first + u32::try_from(at).ok()?)
    };
    let found = ROWS.iter().find_map(|(first, names)| in_row(*first, names));
    found.or_else(|| {
        let mut pairs = OTHERS.split_whitespace();
        let code = pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
        char::from_u32(code.parse().ok()?)
    })
}

/// Entities of neighbours, from the first on.
const ROWS: [(u32, &str); 4] = [
    (
        160,
        "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn \
     sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave \
     Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml \
     ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN \
     szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute \
     icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml \
     yacute thorn yuml",
    ),
    (
        913,
        "Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi Omicron Pi Rho",
    ),
    (931, "Sigma Tau Upsilon Phi Chi Psi Omega"),
    (
        945,
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigmaf \
     sigma tau upsilon phi chi psi omega",
    ),
];

const OTHERS: &str = "quot=34 amp=38 apos=39 lt=60 gt=62 OElig=338 oelig=339 Scaron=352 scaron=353 Yuml=376 fnof=402 \
     circ=710 tilde=732 thetasym=977 upsih=978 piv=982 ensp=8194 emsp=8195 thinsp=8201 zwnj=8204 \
     zwj=8205 lrm=8206 rlm=8207 ndash=8211 mdash=8212 lsquo=8216 rsquo=8217 sbquo=8218 ldquo=8220 \
     rdquo=8221 bdquo=8222 dagger=8224 Dagger=8225 bull=8226 hellip=8230 permil=8240 prime=8242 \
     Prime=8243 lsaquo=8249 rsaquo=8250 oline=8254 frasl=8260 euro=8364 image=8465 weierp=8472 \
     real=8476 trade=8482 alefsym=8501 larr=8592 uarr=8593 rarr=8594 darr=8595 harr=8596 crarr=8629 \
     lArr=8656 uArr=8657 rArr=8658 dArr=8659 hArr=8660 forall=8704 part=8706 exist=8707 empty=8709 \
     nabla=8711 isin=8712 notin=8713 ni=8715 prod=8719 sum=8721 minus=8722 lowast=8727 radic=8730 \
     prop=8733 infin=8734 ang=8736 cap=8745 cup=8746 int=8747 there4=8756 sim=8764 cong=8773 \
     asymp=8776 ne=8800 equiv=8801 le=8804 ge=8805 sub=8834 sup=8835 nsub=8836 sube=8838 supe=8839 \
     oplus=8853 otimes=8855 perp=8869 sdot=8901 lceil=8968 rceil=8969 lfloor=8970 rfloor=8971 \
     lang=9001 rang=9002 loz=9674 spades=9824 clubs=9827 hearts=9829 diams=9830 and=8743 or=8744";
