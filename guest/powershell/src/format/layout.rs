//! Tables and lists.

use super::cell::{cell, is_right};
use super::grid::{Grid, count, line};
use super::view::Row;
use crate::value::Value;

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

/// A table with the columns of the first row, with a blank line before and after.
pub fn table(rows: &[Row], options: &TableOptions, width: usize) -> String {
    let all: Vec<&Row> = rows.iter().collect();
    let Some(grid) = Grid::of_rows(&all, options, width) else {
        return String::new();
    };
    let body: String = rows.iter().map(|row| grid.row(row, options)).collect();
    format!("\n{}{body}\n", grid.head(options))
}

/// One property in `n` columns, which share the width; the first ones have what is left over
/// (`ColumnWidthManager.AssignColumnWidths`).
pub fn wide(cells: &[String], n: usize, width: usize) -> String {
    let room = width.saturating_sub(n - 1);
    let columns: Vec<usize> = (0..n)
        .map(|at| (room / n + usize::from(at < room % n)).max(1))
        .collect();
    let mut text = String::from("\n");
    for row in cells.chunks(n) {
        text.push_str(&line(
            row,
            &columns[..row.len()],
            &vec![Side::Left; row.len()],
        ));
    }
    text.push('\n');
    text
}

/// `Name : value`, a block for each row.
pub fn list(rows: &[Row]) -> String {
    let blocks: String = rows.iter().map(block).collect();
    format!("\n{blocks}")
}

/// One row of a list, with a blank line after it.
pub fn block(row: &Row) -> String {
    let width = row.iter().map(|(name, _)| count(name)).max().unwrap_or(0);
    let mut text = String::new();
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
    text
}
