//! Tables and lists.

use std::rc::Rc;

use super::cell::{cell, is_right, table_cell};
use super::width;
use crate::value::Value;

type Row = Vec<(Rc<str>, Value)>;

#[derive(Default)]
pub struct TableOptions {
    pub hides_headers: bool,
    pub wraps: bool,
}

/// A table with the columns of the first row.
pub fn table(rows: &[Row], options: &TableOptions) -> String {
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
                .map(|name| {
                    let found = row.iter().find(|(seen, _)| seen.eq_ignore_ascii_case(name));
                    found
                        .map(|(_, value)| {
                            table_cell(value)
                                .lines()
                                .next()
                                .unwrap_or_default()
                                .to_owned()
                        })
                        .unwrap_or_default()
                })
                .collect()
        })
        .collect();
    // The first row alone decides: a column that begins with nothing stands to the left.
    let right: Vec<bool> = first.iter().map(|(_, value)| is_right(value)).collect();
    let mut widths: Vec<usize> = (0..names.len())
        .map(|at| {
            cells
                .iter()
                .map(|row| count(&row[at]))
                .chain([count(&names[at])])
                .max()
                .unwrap_or(0)
        })
        .collect();
    fit(&mut widths);
    let mut text = String::from("\n");
    if !options.hides_headers {
        text.push_str(&line(
            &names.iter().map(ToString::to_string).collect::<Vec<_>>(),
            &widths,
            &right,
        ));
        let dashes: Vec<String> = names
            .iter()
            .zip(&widths)
            .map(|(name, width)| "-".repeat(count(name).min(*width)))
            .collect();
        text.push_str(&line(&dashes, &widths, &right));
    }
    for row in &cells {
        text.push_str(&line(row, &widths, &right));
    }
    text.push('\n');
    text
}

/// The view of hash tables: a column of 30 for the names.
pub fn entries(rows: &[Row]) -> String {
    const NAME: usize = 30;
    let mut text = format!(
        "\n{:NAME$} {}\n{:NAME$} {}\n",
        "Name", "Value", "----", "-----"
    );
    for row in rows {
        let cells: Vec<String> = row.iter().map(|(_, value)| cell(value)).collect();
        text.push_str(&line(&cells, &[NAME, width() - NAME - 1], &[false, false]));
    }
    text.push('\n');
    text
}

fn count(text: &str) -> usize {
    text.chars().count()
}

/// Narrows the last columns until a line fits, and drops those for which nothing is left (`ColumnWidthManager`).
fn fit(widths: &mut Vec<usize>) {
    loop {
        let total: usize = widths.iter().sum::<usize>() + widths.len().saturating_sub(1);
        let Some(last) = widths.last_mut().filter(|_| total > width()) else {
            return;
        };
        let excess = total - width();
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

fn line(cells: &[String], widths: &[usize], right: &[bool]) -> String {
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
        let padding = " ".repeat(width.saturating_sub(count(&shown)));
        if right[at] {
            text.push_str(&padding);
            text.push_str(&shown);
        } else {
            text.push_str(&shown);
            text.push_str(&padding);
        }
    }
    text.truncate(text.trim_end().len());
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
