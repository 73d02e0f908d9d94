//! Pages of a list, with the links of both generations of clients.

use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::request::Query;

/// What old clients take for the whole list.
const ALL: u64 = 2_147_483_647;

/// Numbered links to this many pages, as Octopus has them.
const N_NUMBERED: u64 = 5;

/// One page of `items`; `base` is the path of the list.
///
/// # Errors
/// [`ApiError::BadQuery`].
pub(super) fn page(
    base: &str,
    item_type: &str,
    query: &Query,
    total: u64,
    items: Vec<Value>,
) -> Result<Value, ApiError> {
    let (skip, take) = (query.skip()?, query.take()?);
    // A page of nothing would make the list endless.
    let per_page = take.max(1);
    let n_pages = total.div_ceil(per_page);
    let last = n_pages.saturating_sub(1);
    let current = (skip / per_page).min(last);
    let other = query.without_paging();
    let link = |number: u64| address(base, number * per_page, per_page, &other);
    let mut links = Map::new();
    let mut add = |name: String, text: String| links.insert(name, Value::from(text));
    add("Self".into(), address(base, skip, take, &other));
    add(
        "Template".into(),
        format!("{base}{{?skip,take,ids,partialName}}"),
    );
    add("Page.All".into(), address(base, 0, ALL, &other));
    add("Page.Current".into(), address(base, skip, take, &other));
    add("Page.Last".into(), link(last));
    if skip.saturating_add(take) < total && take > 0 {
        add("Page.Next".into(), address(base, skip + take, take, &other));
    }
    if skip > 0 {
        add(
            "Page.Previous".into(),
            address(base, skip.saturating_sub(take), take, &other),
        );
    }
    for number in 0..n_pages.clamp(1, N_NUMBERED) {
        add(format!("Page.{number}"), link(number));
    }
    Ok(json!({
        "ItemType": item_type,
        "TotalResults": total,
        "ItemsPerPage": take,
        "NumberOfPages": n_pages,
        "LastPageNumber": last,
        "CurrentPageNumber": current,
        "IsStale": false,
        "Items": items,
        "Links": links,
    }))
}

fn address(base: &str, skip: u64, take: u64, other: &str) -> String {
    let more = if other.is_empty() {
        String::new()
    } else {
        format!("&{other}")
    };
    format!("{base}?skip={skip}&take={take}{more}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, total: u64) -> Value {
        page("/api/x", "X", &Query::parse(text), total, Vec::new()).expect("a page")
    }

    #[test]
    fn the_next_page_is_linked_until_the_last() {
        let first = check("take=2&partialName=a+b", 3);
        assert_eq!(
            first["Links"]["Page.Next"],
            "/api/x?skip=2&take=2&partialName=a+b"
        );
        assert_eq!(first["LastPageNumber"], 1);
        let last = check("skip=2&take=2", 3);
        assert_eq!(last["Links"].get("Page.Next"), None);
    }

    #[test]
    fn extreme_pages_do_not_overflow() {
        assert_eq!(check("take=0", 5)["NumberOfPages"], 5);
        assert_eq!(check("take=2147483647", 5)["LastPageNumber"], 0);
        check(&format!("skip={}&take={}", u64::MAX, u64::MAX), u64::MAX);
        assert_eq!(check("", 0)["LastPageNumber"], 0);
    }
}
