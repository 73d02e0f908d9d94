//! Type names to types.

use std::cell::OnceCell;
use std::rc::Rc;

use super::{TYPES, TypeInfo, TypeRef, enumeration, exception};
use crate::parse::ast::TypeName;

/// What finds a script's own type by its name in lower case.
pub type OwnType<'a> = &'a dyn Fn(&str) -> Option<TypeRef>;

/// A type of the table, by any of its names.
pub fn known(name: &str) -> Option<&'static TypeInfo> {
    TYPES.iter().copied().find(|info| {
        info.name.eq_ignore_ascii_case(name)
            || info
                .name
                .strip_prefix("System.")
                .is_some_and(|short| short.eq_ignore_ascii_case(name))
            || info
                .aliases
                .iter()
                .any(|alias| alias.eq_ignore_ascii_case(name))
    })
}

/// The type that `name` means, or why not.
pub fn resolve(name: &TypeName, own: OwnType, namespaces: &[String]) -> Result<TypeRef, String> {
    let mut found = plain(&name.name, own, namespaces)
        .ok_or_else(|| format!("Unable to find type [{name}]."))?;
    if !name.args.is_empty() {
        let TypeRef::Known(info) = found else {
            return Err(format!("The type [{name}] takes no type arguments."));
        };
        let args: Result<Vec<TypeRef>, String> = name
            .args
            .iter()
            .map(|arg| resolve(arg, own, namespaces))
            .collect();
        found = TypeRef::Generic(info, Rc::from(args?));
    }
    for _ in 0..name.n_array {
        found = TypeRef::Array(Rc::new(found));
    }
    if name.n_commas > 0 {
        found = TypeRef::Grid(Rc::new(found), name.n_commas as usize + 1);
    }
    Ok(found)
}

fn plain(name: &str, own: OwnType, namespaces: &[String]) -> Option<TypeRef> {
    // `Dictionary`2` is Dictionary, but what is nested in it is another type.
    let name = match name.split_once('`') {
        Some((plain, n_args)) if n_args.chars().all(|c| c.is_ascii_digit()) => plain,
        _ => name,
    };
    if let Some(found) = own(&name.to_lowercase()) {
        return Some(found);
    }
    let direct = |name: &str| {
        known(name)
            .map(TypeRef::Known)
            .or_else(|| exception::known(name).map(TypeRef::Exception))
            .or_else(|| enumeration::builtin(name).map(TypeRef::Enum))
    };
    direct(name).or_else(|| {
        namespaces
            .iter()
            .find_map(|space| direct(&format!("{space}.{name}")))
    })
}

/// A type's name out of a string: `System.Collections.Generic.List[string]`.
pub fn parse_name(text: &str) -> Option<TypeName> {
    let text = text.trim();
    let text = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text);
    let (mut base, mut n_array, mut n_commas) = (text, 0, 0);
    if let Some((rest, commas)) = text
        .strip_suffix(']')
        .and_then(|text| text.rsplit_once('['))
        && !commas.is_empty()
        && commas.chars().all(|c| c == ',')
    {
        (base, n_commas) = (rest.trim_end(), commas.len() as u32);
    }
    while let Some(rest) = base.strip_suffix("[]") {
        base = rest.trim_end();
        n_array += 1;
    }
    let mut args = Vec::new();
    let mut name = base;
    if let Some(open) = base.find('[') {
        name = &base[..open];
        let inner = base[open + 1..].strip_suffix(']')?;
        let mut depth = 0;
        let mut start = 0;
        for (at, c) in inner.char_indices().chain([(inner.len(), ',')]) {
            match c {
                '[' => depth += 1,
                ']' => depth -= 1,
                ',' if depth == 0 => {
                    args.push(parse_name(&inner[start..at])?);
                    start = at + 1;
                }
                _ => {}
            }
        }
    }
    if name.is_empty()
        || !name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '`' | '+'))
    {
        return None;
    }
    Some(TypeName {
        name: name.to_owned(),
        args,
        n_array,
        n_commas,
        span: crate::lex::Span::default(),
        resolved: OnceCell::new(),
    })
}

/// Whether the type is plain `object`.
pub fn is_object(of: &TypeRef) -> bool {
    matches!(of, TypeRef::Known(info) if info.name == "System.Object")
}
