//! What a package's file name says: `Acme.Web.1.4.2-beta.1.zip`.
//!
//! As Octopus reads names: the version begins at the first number behind a dot that the rest of the name is a
//! version of (Octopus documentation, "Supported packages").

use crate::model::version::Version;

/// The formats that the feed takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Zip,
    Nupkg,
    TarGz,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Zip, Self::Nupkg, Self::TarGz];

    /// What names of files of this kind end with.
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Zip => &[".zip"],
            Self::Nupkg => &[".nupkg"],
            Self::TarGz => &[".tar.gz", ".tgz"],
        }
    }
}

/// A file name, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageName {
    pub package_id: String,
    pub version: String,
    /// With its dot, as written.
    pub extension: String,
    pub format: Format,
}

/// A name that no package can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("`{0}` is not a package: packages are .zip, .nupkg, .tar.gz or .tgz files")]
    Extension(String),
    #[error("`{0}` has no version: packages are named like Acme.Web.1.4.2.zip")]
    Version(String),
    #[error("`{0}` has characters that package names don't have")]
    Characters(String),
}

/// Longer names are refused: they end up in paths.
const MAX_CHARS: usize = 200;

impl PackageName {
    /// Takes a file name apart.
    ///
    /// # Errors
    /// [`NameError`].
    pub fn parse(file_name: &str) -> Result<Self, NameError> {
        let shown = || file_name.chars().take(MAX_CHARS).collect::<String>();
        let lower = file_name.to_ascii_lowercase();
        let (format, extension) = Format::ALL
            .iter()
            .flat_map(|format| format.extensions().iter().map(move |end| (*format, *end)))
            .find(|(_, end)| lower.ends_with(end))
            .ok_or_else(|| NameError::Extension(shown()))?;
        let (stem, extension) = file_name.split_at(file_name.len() - extension.len());
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
        if file_name.len() > MAX_CHARS || !stem.chars().all(is_allowed) {
            return Err(NameError::Characters(shown()));
        }
        let dots = stem.match_indices('.').map(|(index, _)| index);
        for dot in dots {
            let (id, version) = (&stem[..dot], &stem[dot + 1..]);
            let is_number = version.starts_with(|c: char| c.is_ascii_digit());
            if is_number && !id.split('.').any(str::is_empty) && Version::parse(version).is_some() {
                return Ok(Self {
                    package_id: id.to_owned(),
                    version: version.to_owned(),
                    extension: extension.to_owned(),
                    format,
                });
            }
        }
        Err(NameError::Version(shown()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_id_version_and_kind() {
        for (name, expected) in [
            ("Acme.Web.1.4.2.zip", Some(("Acme.Web", "1.4.2"))),
            (
                "Acme.Web.1.4.2-beta.1.nupkg",
                Some(("Acme.Web", "1.4.2-beta.1")),
            ),
            ("acme.web2.0.tar.gz", Some(("acme.web2", "0"))),
            ("hello.1.0.0.ZIP", Some(("hello", "1.0.0"))),
            ("a.1.2.3.4+build.tgz", Some(("a", "1.2.3.4+build"))),
            ("Acme.Web.zip", None),
            (".1.0.zip", None),
            ("Acme.1.0.exe", None),
            ("../Acme.1.0.zip", None),
            ("Acme/1.0.zip", None),
        ] {
            let found = PackageName::parse(name).ok();
            let found = found.as_ref();
            let pair = found.map(|found| (found.package_id.as_str(), found.version.as_str()));
            assert_eq!(pair, expected, "{name}");
        }
    }

    proptest! {
        #[test]
        fn what_is_taken_apart_is_the_whole_name(name in "[a-zA-Z0-9._+-]{0,30}\\.(zip|tgz|nupkg|tar\\.gz)") {
            if let Ok(found) = PackageName::parse(&name) {
                let whole = format!("{}.{}{}", found.package_id, found.version, found.extension);
                prop_assert_eq!(whole, name);
            }
        }
    }
}
