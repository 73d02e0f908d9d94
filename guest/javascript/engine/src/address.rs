//! URLs by the WHATWG standard: parsing and the setters of the `URL` class, by the `url` crate.

use url::{Url, quirks};

/// `[href, origin, protocol, username, password, host, hostname, port, pathname, search, hash]`
fn parts(url: &Url) -> Vec<String> {
    let text = |part: &str| part.to_owned();
    vec![
        text(quirks::href(url)),
        quirks::origin(url),
        text(quirks::protocol(url)),
        text(quirks::username(url)),
        text(quirks::password(url)),
        text(quirks::host(url)),
        text(quirks::hostname(url)),
        text(quirks::port(url)),
        text(quirks::pathname(url)),
        text(quirks::search(url)),
        text(quirks::hash(url)),
    ]
}

/// The parts of an address, or `null` when it isn't one.
pub fn parse(address: String, base: Option<String>) -> Option<Vec<String>> {
    let base = match base {
        Some(base) => Some(Url::parse(&base).ok()?),
        None => None,
    };
    Url::options().base_url(base.as_ref()).parse(&address).ok().map(|url| parts(&url))
}

/// The parts after one of them was set; a value that doesn't fit changes nothing, as the standard says.
pub fn with(href: String, part: String, value: String) -> Option<Vec<String>> {
    let mut url = Url::parse(&href).ok()?;
    let url_mut = &mut url;
    let _ = match part.as_str() {
        "protocol" => quirks::set_protocol(url_mut, &value),
        "username" => quirks::set_username(url_mut, &value),
        "password" => quirks::set_password(url_mut, &value),
        "host" => quirks::set_host(url_mut, &value),
        "hostname" => quirks::set_hostname(url_mut, &value),
        "port" => quirks::set_port(url_mut, &value),
        "pathname" => { quirks::set_pathname(url_mut, &value); Ok(()) }
        "search" => { quirks::set_search(url_mut, &value); Ok(()) }
        "hash" => { quirks::set_hash(url_mut, &value); Ok(()) }
        _ => Ok(()),
    };
    Some(parts(&url))
}
