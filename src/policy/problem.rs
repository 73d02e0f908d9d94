//! What is wrong with a policy file, and where.

use std::fmt;
use std::ops::Range;

use super::origin::{Origin, SourceName};

/// Everything that is wrong with a file, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    pub file: SourceName,
    /// Never empty. The last one may say how many more there are.
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

/// More than anybody reads. What is beyond is counted, so that a file of nothing but mistakes doesn't
/// make a report a hundred times its size.
const MAX_SHOWN: usize = 500;

/// Collects problems and warnings while a file is read.
pub(super) struct Report<'t> {
    pub(super) file: SourceName,
    text: &'t str,
    line_starts: Vec<usize>,
    problems: Vec<Found>,
    warnings: Vec<Found>,
}

/// Something found, by its offset in the text.
struct Found {
    offset: usize,
    message: String,
    help: String,
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
        self.problems.push(Found {
            offset: span.start,
            message: message.into(),
            help: help.into(),
        });
    }

    pub(super) fn warn(
        &mut self,
        span: &Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.warnings.push(Found {
            offset: span.start,
            message: message.into(),
            help: help.into(),
        });
    }

    pub(super) fn origin(&self, span: &Range<usize>) -> Origin {
        Origin::new(&self.file, number(self.line(span.start)))
    }

    /// Gives `value` if nothing is wrong.
    pub(super) fn finish<T>(mut self, value: Option<T>) -> Result<(T, Vec<Warning>), PolicyError> {
        let problems = shown(std::mem::take(&mut self.problems));
        let warnings = shown(std::mem::take(&mut self.warnings));
        match value {
            Some(value) if problems.is_empty() => {
                let warnings = warnings.into_iter().map(|found| self.warning(found));
                Ok((value, warnings.collect()))
            }
            _ => {
                let problems = problems.into_iter().map(|found| self.problem(found));
                Err(PolicyError {
                    problems: problems.collect(),
                    file: self.file.clone(),
                })
            }
        }
    }

    fn problem(&self, found: Found) -> Problem {
        let (line, column) = self.place(found.offset);
        let Found {
            offset: _,
            message,
            help,
        } = found;
        Problem {
            line,
            column,
            message,
            help,
        }
    }

    fn warning(&self, found: Found) -> Warning {
        let Problem {
            line,
            column,
            message,
            help,
        } = self.problem(found);
        Warning {
            file: self.file.clone(),
            line,
            column,
            message,
            help,
        }
    }

    /// Counted from 1.
    fn line(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset)
    }

    fn place(&self, offset: usize) -> (u32, u32) {
        let line = self.line(offset);
        let start = self.line_starts[line - 1];
        let before = self.text.get(start..offset.min(self.text.len()));
        let n_before = before.map_or(0, |text| text.chars().count());
        (number(line), number(n_before + 1))
    }
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Puts what was found in the order of the file, and cuts what is too much.
fn shown(mut found: Vec<Found>) -> Vec<Found> {
    // Stable, so that several findings of one place keep the order in which they were made.
    found.sort_by_key(|found| found.offset);
    let n_more = found.len().saturating_sub(MAX_SHOWN);
    if n_more > 0 {
        found.truncate(MAX_SHOWN);
        let offset = found.last().map_or(0, |last| last.offset);
        found.push(Found {
            offset,
            message: format!("and {n_more} more from here on"),
            help: String::new(),
        });
    }
    found
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
