//! What is wrong with a policy file, and where.

use std::fmt;
use std::ops::Range;

use super::origin::{Origin, SourceName};

/// Everything that is wrong with a file, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    pub file: SourceName,
    /// Never empty.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong. The file can't be used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Both count from 1; columns count characters.
    pub line: u32,
    pub column: u32,
    pub message: String,
    /// What to write instead.
    pub help: String,
}

/// One thing that is probably wider than its author means. The file can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    pub file: SourceName,
    pub line: u32,
    pub column: u32,
    pub message: String,
    pub help: String,
}

/// Collects problems and warnings while a file is read.
pub(super) struct Report<'t> {
    pub(super) file: SourceName,
    text: &'t str,
    line_starts: Vec<usize>,
    problems: Vec<(usize, Problem)>,
    warnings: Vec<(usize, Warning)>,
}

impl<'t> Report<'t> {
    pub(super) fn new(file: &SourceName, text: &'t str) -> Report<'t> {
        let line_starts = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        Report {
            file: file.clone(),
            text,
            line_starts,
            problems: Vec::new(),
            warnings: Vec::new(),
        }
    }

    pub(super) fn error(
        &mut self,
        span: &Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let (line, column) = self.place(span.start);
        let problem = Problem {
            line,
            column,
            message: message.into(),
            help: help.into(),
        };
        self.problems.push((span.start, problem));
    }

    pub(super) fn warn(
        &mut self,
        span: &Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let (line, column) = self.place(span.start);
        let warning = Warning {
            file: self.file.clone(),
            line,
            column,
            message: message.into(),
            help: help.into(),
        };
        self.warnings.push((span.start, warning));
    }

    pub(super) fn origin(&self, span: &Range<usize>) -> Origin {
        Origin::new(&self.file, self.place(span.start).0)
    }

    /// Gives `value` if nothing is wrong.
    pub(super) fn finish<T>(mut self, value: Option<T>) -> Result<(T, Vec<Warning>), PolicyError> {
        // Stable, so that several problems of one place keep the order in which they were found.
        self.problems.sort_by_key(|(at, _)| *at);
        self.warnings.sort_by_key(|(at, _)| *at);
        match value {
            Some(value) if self.problems.is_empty() => Ok((
                value,
                self.warnings
                    .into_iter()
                    .map(|(_, warning)| warning)
                    .collect(),
            )),
            _ => Err(PolicyError {
                file: self.file,
                problems: self
                    .problems
                    .into_iter()
                    .map(|(_, problem)| problem)
                    .collect(),
            }),
        }
    }

    fn place(&self, offset: usize) -> (u32, u32) {
        let offset = offset.min(self.text.len());
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let start = self.line_starts[line - 1];
        let n_before = self
            .text
            .get(start..offset)
            .map_or(0, |text| text.chars().count());
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        (number(line), number(n_before + 1))
    }
}

fn show(
    out: &mut fmt::Formatter<'_>,
    kind: &str,
    (file, line, column): (&SourceName, u32, u32),
    message: &str,
    help: &str,
) -> fmt::Result {
    write!(out, "{file}:{line}:{column}: {kind}: {message}")?;
    match help {
        "" => Ok(()),
        _ => write!(out, "\n  help: {}", help.replace('\n', "\n  ")),
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PolicyError { file, problems } = self;
        for (index, problem) in problems.iter().enumerate() {
            let Problem {
                line,
                column,
                message,
                help,
            } = problem;
            if index > 0 {
                out.write_str("\n")?;
            }
            show(out, "error", (file, *line, *column), message, help)?;
        }
        Ok(())
    }
}

impl std::error::Error for PolicyError {}

impl fmt::Display for Warning {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Warning {
            file,
            line,
            column,
            message,
            help,
        } = self;
        show(out, "warning", (file, *line, *column), message, help)
    }
}
