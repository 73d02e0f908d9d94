//! Which files of an unpacked package a setting means: one pattern a line, from the package's root.
//!
//! `*` is any text in one name, `**` any number of folders. Links are never followed: what they lead to is reached by
//! its own name, or not at all.

use std::io;

use cap_std::fs::Dir;

use crate::policy::Glob;

/// Patterns of files, any of which may match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection(Vec<Vec<Segment>>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    /// Any number of folders, none too.
    Folders,
    Name(Glob),
}

impl Selection {
    /// Reads patterns. Lines that are empty mean nothing; `\` separates folders as `/` does.
    pub fn parse(text: &str) -> Self {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let segment = |name: &str| match name {
            "**" => Segment::Folders,
            name => Segment::Name(Glob::new(name)),
        };
        let pattern = |line: &str| {
            let line = line.replace('\\', "/");
            let names = line.split('/').filter(|name| !matches!(*name, "" | "."));
            names.map(segment).collect()
        };
        Self(lines.map(pattern).collect())
    }

    /// Whether one of the patterns matches the path of a file.
    pub fn matches(&self, path: &str) -> bool {
        let names: Vec<&str> = path.split('/').collect();
        self.0.iter().any(|pattern| fits(pattern, &names))
    }
}

fn fits(pattern: &[Segment], names: &[&str]) -> bool {
    match (pattern.split_first(), names.split_first()) {
        (None, None) => true,
        (None, Some(_)) => false,
        (Some((Segment::Folders, rest)), None) => fits(rest, names),
        (Some((Segment::Folders, rest)), Some((_, deeper))) => {
            fits(rest, names) || fits(pattern, deeper)
        }
        (Some((Segment::Name(_), _)), None) => false,
        (Some((Segment::Name(glob), rest)), Some((name, deeper))) => {
            glob.matches(name) && fits(rest, deeper)
        }
    }
}

/// What is beneath a directory: folders before what is in them, by name.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Contents {
    pub folders: Vec<String>,
    pub files: Vec<String>,
    /// Links, devices and the like.
    pub others: Vec<String>,
}

/// Looks at everything beneath `root`.
///
/// # Errors
/// Those of reading a directory.
pub fn contents(root: &Dir) -> io::Result<Contents> {
    let mut found = Contents::default();
    let mut open = vec![String::new()];
    while let Some(folder) = open.pop() {
        let at = if folder.is_empty() { "." } else { &folder };
        for entry in root.read_dir(at)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name
                .to_str()
                .ok_or_else(|| io::Error::other(format!("a name in `{at}` is not UTF-8")))?;
            let path = match folder.is_empty() {
                true => name.to_owned(),
                false => format!("{folder}/{name}"),
            };
            let kind = entry.file_type()?;
            if kind.is_dir() {
                open.push(path.clone());
                found.folders.push(path);
            } else if kind.is_file() {
                found.files.push(path);
            } else {
                found.others.push(path);
            }
        }
    }
    found.folders.sort();
    found.files.sort();
    found.others.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_of_whole_paths_from_the_root() {
        for (patterns, path, expected) in [
            ("web.config", "web.config", true),
            ("web.config", "deep/web.config", false),
            ("*.config", "a.config", true),
            ("*.config", "deep/a.config", false),
            ("**/*.config", "a.config", true),
            ("**/*.config", "deep/er/a.config", true),
            ("Config\\*.json", "Config/a.json", true),
            ("./Config/a.json", "Config/a.json", true),
            ("Config/**", "Config/a/b", true),
            ("Config/**", "Other/a", false),
            ("a\n\n b/c ", "b/c", true),
            ("", "a", false),
        ] {
            let selection = Selection::parse(patterns);
            assert_eq!(selection.matches(path), expected, "{patterns:?} {path}");
        }
    }
}
