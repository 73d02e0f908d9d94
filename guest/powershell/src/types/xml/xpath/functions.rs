//! The functions of XPath 1.0.

use std::rc::Rc;

use super::super::tree::Node;
use super::{Context, Found};

/// What the function of that name makes of its arguments, or of the context's node where it has none.
pub fn call(name: &str, args: &[Found], context: &Context<'_>) -> Result<Found, String> {
    let text = |at: usize| {
        args.get(at)
            .map_or_else(|| context.node.inner_text(), Found::text)
    };
    let number = |at: usize| args.get(at).map_or(f64::NAN, Found::number);
    let node = match args.first() {
        Some(Found::Nodes(nodes)) => nodes.first(),
        _ => Some(&context.node),
    };
    Ok(match name {
        "last" => Found::Number(context.size as f64),
        "position" => Found::Number(context.position as f64),
        "count" => match args.first() {
            Some(Found::Nodes(nodes)) => Found::Number(nodes.len() as f64),
            _ => return Err("count() takes a node-set.".to_owned()),
        },
        "not" => Found::Bool(!args.first().is_some_and(Found::truth)),
        "true" => Found::Bool(true),
        "false" => Found::Bool(false),
        "contains" => Found::Bool(text(0).contains(&text(1))),
        "starts-with" => Found::Bool(text(0).starts_with(&text(1))),
        "string" => Found::Text(text(0)),
        "number" => Found::Number(args.first().map_or(f64::NAN, Found::number)),
        "string-length" => Found::Number(text(0).chars().count() as f64),
        "normalize-space" => Found::Text(text(0).split_whitespace().collect::<Vec<_>>().join(" ")),
        "concat" => Found::Text(args.iter().map(Found::text).collect()),
        "translate" => {
            let (from, to): (Vec<char>, Vec<char>) =
                (text(1).chars().collect(), text(2).chars().collect());
            Found::Text(
                text(0)
                    .chars()
                    .filter_map(|c| match from.iter().position(|own| *own == c) {
                        Some(at) => to.get(at).copied(),
                        None => Some(c),
                    })
                    .collect(),
            )
        }
        "name" => Found::Text(node.map_or_else(String::new, |node| node.name.clone())),
        "local-name" => {
            Found::Text(node.map_or_else(String::new, |node| node.local_name().to_owned()))
        }
        "namespace-uri" => Found::Text(node.map_or_else(String::new, |node| node.namespace())),
        "boolean" => Found::Bool(args.first().is_some_and(Found::truth)),
        "floor" => Found::Number(number(0).floor()),
        "ceiling" => Found::Number(number(0).ceil()),
        // Halves go up.
        "round" => Found::Number((number(0) + 0.5).floor()),
        "sum" => match args.first() {
            Some(Found::Nodes(nodes)) => {
                let one = |node: &Rc<Node>| Found::Text(node.inner_text()).number();
                Found::Number(nodes.iter().map(one).sum())
            }
            _ => return Err("sum() takes a node-set.".to_owned()),
        },
        "substring" => Found::Text(substring(
            &text(0),
            number(1),
            args.get(2).map(Found::number),
        )),
        "substring-before" => {
            let (text, mark) = (text(0), text(1));
            Found::Text(
                text.split_once(&mark)
                    .map_or_else(String::new, |(before, _)| before.to_owned()),
            )
        }
        "substring-after" => {
            let (text, mark) = (text(0), text(1));
            Found::Text(
                text.split_once(&mark)
                    .map_or_else(String::new, |(_, after)| after.to_owned()),
            )
        }
        other => return Err(format!("The XPath function {other}() is not supported.")),
    })
}

/// Characters count from 1, and what lies outside the text is nothing (section 4.2).
fn substring(text: &str, start: f64, length: Option<f64>) -> String {
    let rounded = |n: f64| (n + 0.5).floor();
    let from = rounded(start);
    let to = length.map_or(f64::INFINITY, |length| from + rounded(length));
    let chars = (1u32..).zip(text.chars());
    chars
        .filter(|(at, _)| f64::from(*at) >= from && f64::from(*at) < to)
        .map(|(_, c)| c)
        .collect()
}
