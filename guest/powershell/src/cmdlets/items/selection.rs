//! Which items the names in `-Include`, `-Exclude` and `-Filter` leave, for all cmdlets that have them.

use crate::eval::{Args, pattern};

pub struct Selection {
    include: Vec<String>,
    exclude: Vec<String>,
    /// In the file system's own words: `*` and `?`, but no brackets (about_FileSystem_Provider).
    filter: Option<String>,
}

impl Selection {
    pub fn of(args: &Args) -> Self {
        let bare = |filter: String| {
            let filter = filter.replace('[', "`[").replace(']', "`]");
            // In the file system's words `*.*` is any name.
            match filter.strip_suffix("*.*") {
                Some(start) => format!("{start}*"),
                None => filter,
            }
        };
        Self {
            include: args.texts("Include"),
            exclude: args.texts("Exclude"),
            filter: args.text("Filter").map(bare),
        }
    }

    pub fn takes(&self, name: &str) -> bool {
        let is_like = |pattern: &String| pattern::wildcard(pattern, name, false);
        (self.include.is_empty() || self.include.iter().any(is_like))
            && self.filter.as_ref().is_none_or(is_like)
            && !self.is_excluded(name)
    }

    /// Whether there is an `-Include`.
    pub fn names_items(&self) -> bool {
        !self.include.is_empty()
    }

    pub fn is_excluded(&self, name: &str) -> bool {
        let is_like = |pattern: &String| pattern::wildcard(pattern, name, false);
        self.exclude.iter().any(is_like)
    }
}
