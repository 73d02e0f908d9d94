//! A table whose columns are decided: rows that come later have to fit in.

use super::cell::table_cell;
use super::columns;
use super::layout::{Side, TableOptions};
use super::view::Row;
use super::wrap;
use crate::value::Value;

pub struct Grid {
    names: Vec<String>,
    widths: Vec<usize>,
    sides: Vec<Side>,
}

impl Grid {
    /// The columns of the first row, as wide as what is in them; `None` if there are none.
    pub fn of_rows(rows: &[&Row], options: &TableOptions, line_width: usize) -> Option<Self> {
        let first = rows.first().filter(|first| !first.is_empty())?;
        let names: Vec<String> = first.iter().map(|(name, _)| name.to_string()).collect();
        let given = |at: usize| options.columns.get(at);
        // The first row decides on which side a column stands, as in PowerShell.
        let side = |(at, value)| {
            given(at)
                .and_then(|column| column.side)
                .unwrap_or_else(|| Side::of(value))
        };
        let values = first.iter().map(|(_, value)| value);
        let sides = values.enumerate().map(side).collect();
        let mut widths = Vec::with_capacity(names.len());
        for (at, name) in names.iter().enumerate() {
            let asked = given(at).and_then(|column| column.width);
            widths.push(asked.unwrap_or_else(|| widest(name, rows, options)));
        }
        fit(&mut widths, line_width);
        Some(Self {
            names,
            widths,
            sides,
        })
    }

    /// The columns of a type that has its own.
    pub fn of_layout(
        rows: &[&Row],
        layout: &str,
        options: &TableOptions,
        line_width: usize,
    ) -> Self {
        let columns = columns::of(layout).unwrap_or_default();
        let names: Vec<String> = columns.iter().map(|column| column.name.into()).collect();
        let fixed: usize = columns.iter().map(|column| column.width + 1).sum();
        let width = |column: &columns::Column| match column.width {
            0 => line_width.saturating_sub(fixed).max(1),
            width => width,
        };
        let mut widths: Vec<usize> = columns.iter().map(width).collect();
        if options.fits {
            let needed = names.iter().map(|name| widest(name, rows, options));
            widths = needed.collect();
            fit(&mut widths, line_width);
        }
        Self {
            names,
            widths,
            sides: columns.iter().map(|column| column.side).collect(),
        }
    }

    /// Names and dashes.
    pub fn head(&self, options: &TableOptions) -> String {
        if options.hides_headers {
            return String::new();
        }
        let named = self.names.iter().zip(&self.widths);
        let dashes: Vec<String> = named
            .map(|(name, width)| "-".repeat(count(name).min(*width)))
            .collect();
        self.line(&self.names) + &self.line(&dashes)
    }

    /// A row; what it doesn't have is blank.
    pub fn row(&self, row: &Row, options: &TableOptions) -> String {
        let cell = |name: &String| cell_of(row, name, options);
        let cells: Vec<String> = self.names.iter().map(cell).collect();
        if !options.wraps {
            return self.line(&cells);
        }
        let parts = wrap::row(&cells, &self.widths);
        parts.iter().map(|part| self.line(part)).collect()
    }

    fn line(&self, cells: &[String]) -> String {
        line(cells, &self.widths, &self.sides)
    }
}

/// The width of what is longest in a column; a text of several lines counts whole, as in PowerShell.
fn widest(name: &str, rows: &[&Row], options: &TableOptions) -> usize {
    let longest = |row: &&Row| match value_of(row, name) {
        Some(value) if options.wraps => {
            let text = table_cell(value);
            text.lines().map(count).max().unwrap_or(0)
        }
        Some(value) => count(&table_cell(value)),
        None => 0,
    };
    let cells = rows.iter().map(longest);
    cells.chain([count(name)]).max().unwrap_or(0)
}

fn value_of<'a>(row: &'a Row, name: &str) -> Option<&'a Value> {
    let (_, value) = row
        .iter()
        .find(|(seen, _)| seen.eq_ignore_ascii_case(name))?;
    Some(value)
}

/// What a row has under a name: all of it where long cells go on, else its first line, marked if there are more.
fn cell_of(row: &Row, name: &str, options: &TableOptions) -> String {
    let text = value_of(row, name).map(table_cell).unwrap_or_default();
    match text.find(['\n', '\r']) {
        Some(end) if !options.wraps => format!("{}…", &text[..end]),
        _ => text,
    }
}

/// How many columns of a terminal a text takes.
pub fn count(text: &str) -> usize {
    text.chars().map(columns_of).sum()
}

/// Two for what is twice as wide as Latin letters (`LengthInBufferCells`), and for what takes two units of UTF-16.
pub fn columns_of(c: char) -> usize {
    let is_wide = matches!(c,
        '\u{1100}'..='\u{115f}' | '\u{2329}' | '\u{232a}' | '\u{2e80}'..='\u{303e}' | '\u{3040}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe10}'..='\u{fe19}' | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' | '\u{10000}'..);
    1 + usize::from(is_wide)
}

/// As much of a text as `width` columns hold.
fn held(text: &str, width: usize) -> String {
    let mut n = 0;
    text.chars()
        .take_while(|c| {
            n += columns_of(*c);
            n <= width
        })
        .collect()
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

/// Cells, each on its side of its width; what is longer is cut.
pub fn line(cells: &[String], widths: &[usize], sides: &[Side]) -> String {
    let mut text = String::new();
    for (at, (cell, width)) in cells.iter().zip(widths).enumerate() {
        if at > 0 {
            text.push(' ');
        }
        let width = *width;
        let shown = if count(cell) > width {
            held(cell, width.saturating_sub(1)) + "…"
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
        // The last column isn't filled up (TableWriter.GenerateRow).
        if at + 1 < cells.len() {
            text.push_str(&" ".repeat(n_blanks - n_before));
        }
    }
    text.push('\n');
    text
}
