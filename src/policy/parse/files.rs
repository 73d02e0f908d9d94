//! `[[files]]`.

use super::super::breadth::{Danger, Severity, host_path_danger};
use super::super::files::{Access, FileGrant, FileSource};
use super::super::mount::{MountError, MountPath};
use super::super::problem::Report;
use super::reader::Section;
use super::{Role, Span};

/// A grant and where its parts stand, for the checks that compare grants.
struct Read {
    grant: FileGrant,
    mount_span: Span,
    from_span: Span,
}

/// More directories than any script needs, few enough to compare each with each.
const MAX_MOUNTS: usize = 256;

pub(super) fn read(role: Role, root: &Section<'_, '_>, report: &mut Report<'_>) -> Vec<FileGrant> {
    let mut all: Vec<Read> = Vec::new();
    for section in root.sections(report, "files", "files") {
        if all.len() == MAX_MOUNTS {
            let message = format!("{MAX_MOUNTS} [[files]] are the most");
            report.error(
                &section.span,
                message,
                "mount a directory that holds the others",
            );
            break;
        }
        section.refuse_unknown_keys(report);
        if let Some(read) = one(role, &section, report) {
            if role == Role::Step {
                compare(&read, &all, report);
            }
            all.push(read);
        }
    }
    all.into_iter().map(|read| read.grant).collect()
}

fn one(role: Role, section: &Section<'_, '_>, report: &mut Report<'_>) -> Option<Read> {
    let mount = mount(role, section, report);
    let source = source(role, section, report);
    let access = access(section, report);
    let (mount, mount_span) = mount?;
    let (source, from_span) = source?;
    let (access, access_span) = access?;
    check_access(&source, access, &access_span, report);
    if let FileSource::Host(path) = &source
        && let Some(danger) = host_path_danger(path, access)
    {
        tell(report, &from_span, danger);
    }
    Some(Read {
        grant: FileGrant {
            mount,
            source,
            access,
            origin: report.origin(&section.span),
        },
        mount_span,
        from_span,
    })
}

fn mount(
    role: Role,
    section: &Section<'_, '_>,
    report: &mut Report<'_>,
) -> Option<(MountPath, Span)> {
    let (text, span) = section.required_text(report, "mount")?;
    let mount = match MountPath::parse(text) {
        Ok(mount) => mount,
        Err(problem) => {
            let help = match problem {
                MountError::NotAbsolute if !text.is_empty() => format!("write mount = \"/{text}\""),
                MountError::EmptySegment => {
                    format!("write mount = \"{}\"", without_empty_segments(text))
                }
                _ => "write mount = \"/work\"".to_owned(),
            };
            report.error(&span, format!("`mount` can't be {text:?}: {problem}"), help);
            return None;
        }
    };
    if mount.is_reserved() {
        let message = format!("{mount} is the server's own: nothing can be mounted there");
        report.error(
            &span,
            message,
            "choose another directory, for example mount = \"/work\"",
        );
        return None;
    }
    if mount.as_str() == "/" && role == Role::Step {
        let message =
            "the root of the sandbox is always empty and read-only: nothing can be mounted there";
        report.error(
            &span,
            message,
            "choose a directory, for example mount = \"/work\"",
        );
        return None;
    }
    Some((mount, span))
}

fn source(
    role: Role,
    section: &Section<'_, '_>,
    report: &mut Report<'_>,
) -> Option<(FileSource, Span)> {
    let (text, span) = section.required_text(report, "from")?;
    let source = match FileSource::parse(text) {
        Ok(source) => source,
        Err(problem) => {
            let near = super::super::keys::nearest(text, ["workspace", "artifacts"]);
            let help = match near {
                Some(near) => format!("did you mean \"{near}\"?"),
                None if text.starts_with('/') => format!("write from = \"host:{text}\""),
                None => "for example from = \"package:acme.web\" or from = \"host:/srv/site\""
                    .to_owned(),
            };
            report.error(&span, problem.to_string(), help);
            return None;
        }
    };
    if role == Role::Step
        && matches!(source, FileSource::Package(_))
        && source.package_id().is_none()
    {
        let message = "a policy names its packages one by one; patterns are for ceilings";
        report.error(
            &span,
            message,
            "write the package's id, for example from = \"package:acme.web\"",
        );
        return None;
    }
    Some((source, span))
}

fn access(section: &Section<'_, '_>, report: &mut Report<'_>) -> Option<(Access, Span)> {
    let (text, span) = section.required_text(report, "access")?;
    match text {
        "read" => Some((Access::Read, span)),
        "read-write" => Some((Access::ReadWrite, span)),
        other => {
            let help = match other {
                "write" | "rw" | "w" | "readwrite" | "read_write" | "write-read" => {
                    "write access = \"read-write\""
                }
                "ro" | "r" | "read-only" | "readonly" => "write access = \"read\"",
                _ => "write access = \"read\" or access = \"read-write\"",
            };
            report.error(&span, format!("there is no access {other:?}"), help);
            None
        }
    }
}

fn check_access(source: &FileSource, access: Access, span: &Span, report: &mut Report<'_>) {
    match (source, access) {
        (FileSource::Workspace, Access::Read) => {
            let message = "a workspace is fresh and empty: for reading alone it is of no use";
            report.error(span, message, "write access = \"read-write\"");
        }
        (FileSource::Artifacts, Access::Read) => {
            let message =
                "artifacts are what the script writes: for reading alone they are of no use";
            report.error(span, message, "write access = \"read-write\"");
        }
        (FileSource::Package(_), Access::ReadWrite) => {
            let message = "a package can't be written to: all runs share it";
            report.error(
                span,
                message,
                "write access = \"read\", and let the script copy what it changes to its workspace",
            );
        }
        (FileSource::Workspace | FileSource::Artifacts, Access::ReadWrite)
        | (FileSource::Package(_), Access::Read)
        | (FileSource::Host(_), _) => {}
    }
}

/// Reports what can't stand beside the rules before it.
fn compare(read: &Read, earlier: &[Read], report: &mut Report<'_>) {
    let Read {
        grant,
        mount_span,
        from_span,
    } = read;
    for other in earlier.iter().map(|earlier| &earlier.grant) {
        let line = other.origin.line;
        if other.mount == grant.mount {
            let message = format!("{} is mounted already, in line {line}", grant.mount);
            report.error(mount_span, message, "give each rule a mount of its own");
        }
        match (&other.source, &grant.source) {
            (FileSource::Workspace, FileSource::Workspace)
            | (FileSource::Artifacts, FileSource::Artifacts) => {
                let message = format!(
                    "the {} is mounted already, in line {line}: there is only one",
                    grant.source
                );
                report.error(from_span, message, "remove one of the two rules");
            }
            (FileSource::Host(a), FileSource::Host(b))
                if a == b && other.access != grant.access =>
            {
                let message = format!(
                    "{b} is mounted with access {} in line {line}: two accesses to one directory are the wider one",
                    other.access
                );
                report.error(from_span, message, "keep the one that the script needs");
            }
            (FileSource::Host(a), FileSource::Host(b)) => {
                // Only the reading rule misleads: what it guards can be written through the other.
                let is_inside_writable = |outer: &FileGrant, inner: &FileGrant, contains: bool| {
                    contains && outer.access == Access::ReadWrite && inner.access == Access::Read
                };
                if is_inside_writable(other, grant, a.contains(b))
                    || is_inside_writable(grant, other, b.contains(a))
                {
                    let message = format!(
                        "{b} overlaps with {a} in line {line}: what one mounts for reading can be written through the other"
                    );
                    report.error(
                        from_span,
                        message,
                        "mount directories that don't contain each other, or with one access",
                    );
                }
            }
            _ => {}
        }
    }
}

pub(super) fn tell(report: &mut Report<'_>, span: &Span, danger: Danger) {
    let Danger {
        severity,
        message,
        help,
    } = danger;
    match severity {
        Severity::Error => report.error(span, message, help),
        Severity::Warning => report.warn(span, message, help),
    }
}

fn without_empty_segments(text: &str) -> String {
    text.split('/')
        .filter(|segment| !segment.is_empty())
        .fold(String::new(), |path, segment| path + "/" + segment)
}
