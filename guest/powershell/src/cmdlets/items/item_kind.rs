//! What `New-Item -ItemType` names (FileSystemProvider.GetItemType). Left out: junctions, which only Windows has, and hard
//! links.

/// What can be made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ItemKind {
    Folder,
    File,
    /// A symbolic link.
    Link,
}

const WORDS: [(&str, ItemKind); 4] = [
    ("directory", ItemKind::Folder),
    ("container", ItemKind::Folder),
    ("file", ItemKind::File),
    ("symboliclink", ItemKind::Link),
];

impl ItemKind {
    /// By the beginning of a word, in any case; nothing at all is a file.
    pub fn of(written: &str) -> Option<Self> {
        let written = written.to_ascii_lowercase();
        if written.is_empty() {
            return Some(Self::File);
        }
        let known = WORDS.iter().find(|(word, _)| word.starts_with(&written));
        known.map(|(_, kind)| *kind)
    }

    /// What `-WhatIf` calls the deed.
    pub fn action(self) -> &'static str {
        match self {
            Self::Folder => "Create Directory",
            Self::File => "Create File",
            Self::Link => "Create Symbolic Link",
        }
    }
}

/// What is said of another word.
pub fn unsupported(written: &str) -> String {
    format!("New-Item -ItemType {written} is not supported. Use File, Directory or SymbolicLink.")
}
