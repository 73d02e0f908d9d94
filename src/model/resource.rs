//! What all configuration resources have in common, so that storing, listing, creating and serving them is
//! written once.
//!
//! A resource says of itself: its kind, the few fields that are indexed, and what makes it invalid. It doesn't
//! say who may touch it ([`crate::model::access`]) and nothing about other resources.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub use super::kind::{Kind, KindFacts, KindScope};

/// Properties that a record doesn't know and keeps.
pub type Extra = Map<String, Value>;

/// What every resource carries, in the one shape that is indexed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    /// Empty until it is created.
    pub id: String,
    /// `None` on the server's own resources.
    pub space_id: Option<String>,
    /// What it belongs to: a channel's project, a set's owner. Names are unique within it.
    pub owner_id: Option<String>,
    /// Empty for kinds without a name.
    pub name: String,
    /// Empty for kinds without a slug.
    pub slug: String,
    /// Position in lists, before the name.
    pub sort_order: i64,
}

impl Header {
    /// Of a record in a space; one with an empty `space_id` is in none yet. The rest is left empty.
    pub fn of(id: &str, space_id: &str) -> Self {
        Self {
            id: id.to_owned(),
            space_id: Some(space_id.to_owned()).filter(|id| !id.is_empty()),
            ..Self::default()
        }
    }
}

/// A configuration resource.
pub trait Resource: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    /// Its kind.
    const KIND: Kind;

    /// What is indexed about it.
    fn header(&self) -> Header;

    /// Takes over what the server decides: id, space and slug. The owner and the name are the resource's own.
    fn assign(&mut self, header: &Header);

    /// Everything that is wrong with it, in words for the person who wrote it. Empty when it is valid.
    ///
    /// Only what the record itself shows: whether the ids it names exist is asked elsewhere.
    fn problems(&self) -> Vec<String>;

    /// The ids that this record names and that must exist: kind, id, and the property that names it.
    fn references(&self) -> Vec<Reference> {
        Vec::new()
    }

    /// The ids of the records that it uses: none of them can be deleted while it is there. At least its
    /// [`references`](Self::references).
    fn uses(&self) -> Vec<String> {
        let references = self.references().into_iter();
        references.map(|reference| reference.id).collect()
    }

    /// Takes what only the server may change from the stored record.
    ///
    /// # Errors
    /// [`Invalid`] if the change itself is forbidden.
    fn keep_from(&mut self, _stored: &Self) -> Result<(), Invalid> {
        Ok(())
    }
}

/// A record that names another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// What must exist.
    pub kind: Kind,
    /// Its id.
    pub id: String,
    /// The property that names it.
    pub property: &'static str,
}

impl Reference {
    /// `property` names the `kind` with this id.
    pub fn new(kind: Kind, id: impl ToString, property: &'static str) -> Self {
        Self {
            kind,
            id: id.to_string(),
            property,
        }
    }
}

/// A record that can't be accepted, and everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join(" "))]
pub struct Invalid(pub Vec<String>);

impl Invalid {
    /// One problem.
    pub fn because(problem: impl Into<String>) -> Self {
        Self(vec![problem.into()])
    }
}

/// Names longer than this are refused, as Octopus does.
const MAX_NAME_CHARS: usize = 200;

/// What is wrong with a name.
pub fn name_problems(name: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if name.trim().is_empty() {
        problems.push("Please provide a value for Name.".to_owned());
    }
    if name.chars().count() > MAX_NAME_CHARS {
        problems.push(format!("Name is longer than {MAX_NAME_CHARS} characters."));
    }
    if name.chars().any(char::is_control) {
        problems.push("Name has a control character.".to_owned());
    }
    problems
}

/// A position that puts records made later first in lists.
pub(super) fn newest_first(id: &str) -> i64 {
    let number = id.rsplit('-').next().and_then(|number| number.parse().ok());
    number.map_or(0, |number: i64| -number)
}

/// A slug for a name: lower-case letters and digits with single hyphens between.
pub fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() {
        "unnamed".to_owned()
    } else {
        slug.to_owned()
    }
}

/// Writes the parts of [`Resource`] that are the same for records with `id`, `space_id`, `name` and `slug`.
macro_rules! named_resource {
    ($kind:ident $(, owner = $owner:ident)? $(, order = $order:ident)?) => {
        const KIND: $crate::model::Kind = $crate::model::Kind::$kind;

        fn header(&self) -> $crate::model::resource::Header {
            $crate::model::resource::Header {
                owner_id: named_resource!(@owner self $($owner)?),
                name: self.name.clone(),
                slug: self.slug.clone(),
                sort_order: named_resource!(@order self $($order)?),
                ..$crate::model::resource::Header::of(&self.id, &self.space_id)
            }
        }

        fn assign(&mut self, header: &$crate::model::resource::Header) {
            self.id.clone_from(&header.id);
            self.space_id = header.space_id.clone().unwrap_or_default();
            self.slug.clone_from(&header.slug);
        }
    };
    (@order $this:ident) => { 0 };
    (@order $this:ident $order:ident) => { $this.$order };
    (@owner $this:ident) => { None };
    (@owner $this:ident $owner:ident) => { Some($this.$owner.clone()) };
}
pub(super) use named_resource;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_lower_case_with_single_hyphens() {
        for (name, expected) in [
            ("Web", "web"),
            ("My  Big -- Project!", "my-big-project"),
            ("  x", "x"),
            ("日本", "unnamed"),
        ] {
            assert_eq!(slug(name), expected, "{name:?}");
        }
    }
}
