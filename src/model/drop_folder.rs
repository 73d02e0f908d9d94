//! Where bundles of an offline drop are put: a directory that the server's operator named, and a path inside it.
//!
//! Whoever edits a target writes `NAME` or `NAME/some/path`, and never a path of the server. Refuses whatever leads out:
//! absolute paths, `..`, and parts that are hidden or empty.

use std::fmt;

/// A directory by the name that the operator gave it, and a path in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DropFolder {
    pub directory: String,
    /// Relative; empty for the directory itself.
    pub path: String,
}

impl DropFolder {
    /// What a target's `DropFolderPath` says.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub fn parse(text: &str) -> Result<Self, String> {
        let is_bad =
            |part: &str| part.is_empty() || part.starts_with('.') || part.contains(['\\', '\0']);
        let mut parts = text.split('/');
        if parts.clone().any(is_bad) {
            return Err(format!(
                "its DropFolderPath is `{text}`: write NAME or NAME/some/path, with a name that the server knows by --offline-drop-dir."
            ));
        }
        let directory = parts.next().unwrap_or_default().to_owned();
        Ok(Self {
            directory,
            path: parts.collect::<Vec<_>>().join("/"),
        })
    }
}

impl fmt::Display for DropFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.is_empty() {
            true => f.write_str(&self.directory),
            false => write!(f, "{}/{}", self.directory, self.path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_a_name_and_a_path_that_leads_nowhere_else() {
        for (text, directory, path) in [
            ("ships", "ships", ""),
            ("ships/eu-1", "ships", "eu-1"),
            ("ships/eu-1/a b", "ships", "eu-1/a b"),
        ] {
            let folder = DropFolder::parse(text).expect(text);
            assert_eq!(
                (folder.directory.as_str(), folder.path.as_str()),
                (directory, path)
            );
            assert_eq!(folder.to_string(), text);
        }
        for text in [
            "",
            "/",
            "/srv/drops",
            "ships/",
            "ships//x",
            "ships/..",
            "../x",
            "ships/../../etc",
            "./ships",
            "ships/.ssh",
            r"ships\..\x",
            "ships/a\0b",
        ] {
            assert!(DropFolder::parse(text).is_err(), "{text}");
        }
    }
}
