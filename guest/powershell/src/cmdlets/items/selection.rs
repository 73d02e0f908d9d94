//! Which items the names in `-Include`, `-Exclude` and `-Filter` leave, for all cmdlets that have them.

use crate::eval::{Args, pattern};

#[derive(Clone)]
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
        self.is_included(name) && self.is_filtered_in(name) && !self.is_excluded(name)
    }

    /// Whether it takes what a path led to, which it asks only where the path was searched for: one without wildcards
    /// isn't, unless there is an `-Include` or `-Exclude` (LocationGlobber.ShouldPerformGlobbing).
    pub fn takes_found(&self, path: &str, name: &str) -> bool {
        !(pattern::has_wildcards(path) || self.names_items() || self.leaves_out())
            || self.takes(name)
    }

    /// Whether there is an `-Include`.
    pub fn names_items(&self) -> bool {
        !self.include.is_empty()
    }

    /// Whether there is an `-Exclude`.
    pub fn leaves_out(&self) -> bool {
        !self.exclude.is_empty()
    }

    /// Whether there is a `-Filter`.
    pub fn has_filter(&self) -> bool {
        self.filter.is_some()
    }

    pub fn is_included(&self, name: &str) -> bool {
        let is_like = |pattern: &String| pattern::wildcard(pattern, name, false);
        self.include.is_empty() || self.include.iter().any(is_like)
    }

    pub fn is_filtered_in(&self, name: &str) -> bool {
        let is_like = |pattern: &String| pattern::wildcard(pattern, name, false);
        self.filter.as_ref().is_none_or(is_like)
    }

    /// The same for one name more that is included.
    pub fn including(mut self, pattern: &str) -> Self {
        self.include.push(pattern.to_owned());
        self
    }

    pub fn is_excluded(&self, name: &str) -> bool {
        let is_like = |pattern: &String| pattern::wildcard(pattern, name, false);
        self.exclude.iter().any(is_like)
    }
}
