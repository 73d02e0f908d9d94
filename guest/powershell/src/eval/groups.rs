//! The groups of a regular expression as .NET has them, and replacement texts that name them.
//!
//! Unnamed groups have the first numbers, named ones follow, and a name that is there twice is one group. Left out:
//! groups whose name is a number.

use fancy_regex::{Captures, Match, Regex};

/// One group: its name (an unnamed group's number) and the numbers under which the expression has it.
pub struct NetGroup {
    pub name: String,
    numbers: Vec<usize>,
}

impl NetGroup {
    /// What the group took last; where its name is there twice, what stands last of it.
    pub fn of<'t>(&self, captures: &Captures<'t, str>) -> Option<Match<'t>> {
        let taken = self.numbers.iter().filter_map(|n| captures.get(*n));
        taken.max_by_key(Match::start)
    }

    pub fn is_named(&self) -> bool {
        !self.name.starts_with(|c: char| c.is_ascii_digit())
    }
}

/// All groups in .NET's order; the first is the whole match.
pub fn net_groups(regex: &Regex) -> Vec<NetGroup> {
    let (mut groups, mut named) = (Vec::new(), Vec::<NetGroup>::new());
    for (at, name) in regex.capture_names().enumerate() {
        let Some(name) = name else {
            groups.push(NetGroup {
                name: groups.len().to_string(),
                numbers: vec![at],
            });
            continue;
        };
        match named.iter_mut().find(|group| group.name == name) {
            Some(known) => known.numbers.push(at),
            None => named.push(NetGroup {
                name: name.to_owned(),
                numbers: vec![at],
            }),
        }
    }
    groups.append(&mut named);
    groups
}

/// `$1`, `${name}`, `$&`, `$$`, `` $` ``, `$'`, `$+`, `$_` (.NET's "Substitutions in regular expressions"). What names no
/// group is text.
pub fn substitute(
    template: &str,
    groups: &[NetGroup],
    captures: &Captures<str>,
    text: &str,
    into: &mut String,
) {
    let numbered = |written: &str| groups.get(written.parse::<usize>().ok()?);
    let taken = |group: &NetGroup| group.of(captures).map_or("", |found| found.as_str());
    let whole = captures
        .get(0)
        .map_or(0..0, |whole| whole.start()..whole.end());
    let mut rest = template;
    while let Some(at) = rest.find('$') {
        into.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (found, n) = if digits > 0 {
            (numbered(&rest[..digits]).map(taken), digits)
        } else if let Some((name, _)) = rest.strip_prefix('{').and_then(|rest| rest.split_once('}'))
        {
            let named = groups.iter().find(|group| group.name == name);
            let group = numbered(name).or(named);
            (group.map(taken), name.len() + 2)
        } else {
            let special = match rest.chars().next() {
                Some('$') => Some("$"),
                Some('&') => Some(&text[whole.clone()]),
                Some('`') => Some(&text[..whole.start]),
                Some('\'') => Some(&text[whole.end..]),
                Some('+') => groups.last().map(taken),
                Some('_') => Some(text),
                _ => None,
            };
            (special, 1)
        };
        match found {
            Some(found) => {
                into.push_str(found);
                rest = &rest[n..];
            }
            None => into.push('$'),
        }
    }
    into.push_str(rest);
}
