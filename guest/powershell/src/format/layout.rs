//! Tables and lists.

use std::rc::Rc;

use super::cell::{cell, is_right, table_cell};
use super::columns;
use super::wrap;
use crate::value::Value;

type Row = Vec<(Rc<str>, Value)>;

#[derive(Clone, Default)]
pub struct TableOptions {
    pub hides_headers: bool,
    /// `-AutoSize`: a type's own table is as wide as what is in it; other tables always are.
    pub fits: bool,
    /// `-Wrap`: a cell that is too long goes on in the next line.
    pub wraps: bool,
    /// What the columns were given, by their places.
    pub columns: Vec<ColumnOptions>,
}

/// `Width` and `Alignment` of a calculated column.
#[derive(Clone, Default)]
pub struct ColumnOptions {
    pub width: Option<usize>,
    pub side: Option<Side>,
}

/// Where in its column a cell stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Left,
    Center,
    Right,
}

impl Side {
    /// The side of a value that nothing else is said of.
    pub fn of(value: &Value) -> Self {
        if is_right(value) {
            Self::Right
        } else {
            Self::Left
        }
    }
}

/// A table with the columns of the first row.
pub fn table(rows: &[Row], options: &TableOptions, width: usize) -> String {
    let Some(first) = rows.first() else {
        return String::new();
    };
    let names: Vec<Rc<str>> = first.iter().map(|(name, _)| Rc::clone(name)).collect();
    if names.is_empty() {
        return String::new();
    }
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            names
                .iter()
                .map(|name| cell_of(row, name, options))
                .collect()
        })
        .collect();
    // The first row decides on which side a column stands, as in PowerShell.
    let given = |at: usize| options.columns.get(at);
    let sides: Vec<Side> = first
        .iter()
        .enumerate()
        .map(|(at, (_, value))| {
            given(at)
                .and_then(|column| column.side)
                .unwrap_or_else(|| Side::of(value))
        })
        .collect();
    let mut widths: Vec<usize> = (0..names.len())
        .map(|at| {
            if let Some(width) = given(at).and_then(|column| column.width) {
                return width;
            }
            widest(at, &names[at], &cells)
        })
        .collect();
    fit(&mut widths, width);
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    written(&names, &cells, &widths, &sides, options)
}

/// Names, dashes and rows, with a blank line before and after.
fn written(
    names: &[String],
    cells: &[Vec<String>],
    widths: &[usize],
    sides: &[Side],
    options: &TableOptions,
) -> String {
    let mut text = String::from("\n");
    if !options.hides_headers {
        text.push_str(&line(names, widths, sides));
        let dashes: Vec<String> = names
            .iter()
            .zip(widths)
            .map(|(name, width)| "-".repeat(count(name).min(*width)))
            .collect();
        text.push_str(&line(&dashes, widths, sides));
    }
    for row in cells {
        if options.wraps {
            for part in wrap::row(row, widths) {
                text.push_str(&line(&part, widths, sides));
            }
        } else {
            text.push_str(&line(row, widths, sides));
        }
    }
    text.push('\n');
    text
}

/// A table of a type with columns of its own.
pub fn columns(rows: &[Row], layout: &str, options: &TableOptions, line_width: usize) -> String {
    let columns = columns::of(layout).unwrap_or_default();
    let names: Vec<String> = columns
        .iter()
        .map(|column| column.name.to_owned())
        .collect();
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let cell = |name: &String| cell_of(row, name, options);
            names.iter().map(cell).collect()
        })
        .collect();
    let fixed: usize = columns.iter().map(|column| column.width + 1).sum();
    let mut widths: Vec<usize> = columns
        .iter()
        .map(|column| match column.width {
            0 => line_width.saturating_sub(fixed).max(1),
            width => width,
        })
        .collect();
    if options.fits {
        widths = (0..names.len())
            .map(|at| widest(at, &names[at], &cells))
            .collect();
        fit(&mut widths, line_width);
    }
    let sides: Vec<Side> = columns.iter().map(|column| column.side).collect();
    written(&names, &cells, &widths, &sides, options)
}

/// The width of what is longest in a column.
fn widest(at: usize, name: &str, cells: &[Vec<String>]) -> usize {
    let rows = cells.iter().flat_map(|row| row[at].lines());
    rows.map(count).chain([count(name)]).max().unwrap_or(0)
}

/// The first line of what a row has under a name; all of it where long cells go on.
fn cell_of(row: &Row, name: &str, options: &TableOptions) -> String {
    row.iter()
        .find(|(seen, _)| seen.eq_ignore_ascii_case(name))
        .map(|(_, value)| {
            let text = table_cell(value);
            if options.wraps {
                return text;
            }
            text.lines().next().unwrap_or_default().to_owned()
        })
        .unwrap_or_default()
}

fn count(text: &str) -> usize {
    text.chars().count()
}

/// Narrows the last columns until a line fits, and drops those for which nothing is left (`ColumnWidthManager`).
fn fit(widths: &mut Vec<usize>, line: usize) {
    loop {
        let total: usize = widths.iter().sum::<usize>() + widths.len().saturating_sub(1);
        let Some(last) = widths.last_mut().filter(|_| total > line) else {
            return;
        };
        let excess = total - line;
        if *last > excess {
            *last -= excess;
            return;
        }
        if widths.len() == 1 {
            return;
        }
        widths.pop();
    }
}

fn line(cells: &[String], widths: &[usize], sides: &[Side]) -> String {
    let mut text = String::new();
    for (at, (cell, width)) in cells.iter().zip(widths).enumerate() {
        if at > 0 {
            text.push(' ');
        }
        let width = *width;
        let shown = if count(cell) > width {
            format!(
                "{}…",
                cell.chars()
                    .take(width.saturating_sub(1))
                    .collect::<String>()
            )
        } else {
            cell.clone()
        };
        let n_blanks = width.saturating_sub(count(&shown));
        let n_before = match sides[at] {
            Side::Left => 0,
            Side::Center => n_blanks / 2,
            Side::Right => n_blanks,
        };
        text.push_str(&" ".repeat(n_before));
        text.push_str(&shown);
        text.push_str(&" ".repeat(n_blanks - n_before));
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// One property in columns of the same width, as many as `n`.
pub fn wide(cells: &[String], n: usize, width: usize) -> String {
    let column = (width.saturating_sub(n - 1) / n).max(1);
    let mut text = String::from("\n");
    for row in cells.chunks(n) {
        text.push_str(&line(
            row,
            &vec![column; row.len()],
            &vec![Side::Left; row.len()],
        ));
    }
    text.push('\n');
    text
}

/// `Name : value`, a block for each row.
pub fn list(rows: &[Row]) -> String {
    let mut text = String::from("\n");
    for row in rows {
        let width = row.iter().map(|(name, _)| count(name)).max().unwrap_or(0);
        for (name, value) in row {
            let padding = " ".repeat(width - count(name));
            let shown = cell(value);
            let mut lines = shown.lines();
            text.push_str(&format!(
                "{name}{padding} : {}\n",
                lines.next().unwrap_or_default()
            ));
            for more in lines {
                text.push_str(&format!("{} {more}\n", " ".repeat(width + 2)));
            }
        }
        text.push('\n');
    }
    text
}
