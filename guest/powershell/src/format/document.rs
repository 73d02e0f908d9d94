//! A table or list that is open at the end of the pipeline, and what comes while it is.
//!
//! The first object decides (`InnerFormatShapeCommand.ProcessObject`). If its type has no view, everything stays in its
//! table or list, whatever its type; what an object lacks is blank. If it has one, objects of other types are lists of
//! their own in between. Text is written in between too.
//!
//! Columns are as wide as what is in the rows, so rows wait; text has to wait behind them, for [`PATIENCE`] at most
//! (`OutCommandInner.ProcessObject`). What goes out then decides on the widths.

use std::time::{Duration, Instant};

use super::grid::Grid;
use super::layout::{TableOptions, block};
use super::view::{Row, Shape};

/// PowerShell's own.
pub const PATIENCE: Duration = Duration::from_millis(300);

/// Where a value goes while something is open.
#[derive(Debug, PartialEq, Eq)]
pub enum Fit {
    /// It is laid out as its type is.
    Alike,
    /// It is laid out by its properties, as those that are there.
    Among,
    /// A list of its own in between.
    Aside,
    /// What is open ends, and the next begins.
    Anew,
}

pub fn fit(open: &Shape, next: &Shape) -> Fit {
    match (open, next) {
        _ if open == next => Fit::Alike,
        _ if !open.is_view() => Fit::Among,
        // Files of another folder are another group.
        (Shape::Group(of, _), Shape::Group(next, _)) if of == next => Fit::Anew,
        _ => Fit::Aside,
    }
}

enum Piece {
    Row(Row),
    Text(String),
}

pub struct Document {
    pub shape: Shape,
    /// Another group of the same table: the blank line before it is there.
    pub goes_on: bool,
    options: TableOptions,
    width: usize,
    state: State,
    waiting: Vec<Piece>,
    since: Instant,
}

enum State {
    /// Nothing is written.
    New,
    /// The head is; a table has its columns.
    Begun(Option<Grid>),
}

impl Document {
    pub fn new(shape: Shape, options: &TableOptions, width: usize, now: Instant) -> Self {
        // Options are for what has columns of its own.
        let options = match shape {
            Shape::Table(_) => TableOptions::default(),
            _ => options.clone(),
        };
        Self {
            shape,
            goes_on: false,
            options,
            width,
            state: State::New,
            waiting: Vec::new(),
            since: now,
        }
    }

    pub fn add(&mut self, rows: Vec<Row>) {
        self.waiting.extend(rows.into_iter().map(Piece::Row));
    }

    /// Text in between.
    pub fn add_text(&mut self, text: String) {
        self.waiting.push(Piece::Text(text));
    }

    /// Whether text waits for the rows that come after it.
    pub fn waits(&self, now: Instant) -> bool {
        matches!(self.shape, Shape::Table(_))
            && !self.is_begun()
            && now.duration_since(self.since) < PATIENCE
    }

    pub fn holds_text(&self) -> bool {
        let mut waiting = self.waiting.iter();
        waiting.any(|piece| matches!(piece, Piece::Text(_)))
    }

    pub fn is_begun(&self) -> bool {
        matches!(self.state, State::Begun(_))
    }

    /// What can be written now.
    pub fn take(&mut self) -> String {
        let waiting = std::mem::take(&mut self.waiting);
        let mut text = String::new();
        if !self.is_begun() {
            let rows: Vec<&Row> = waiting.iter().filter_map(row_of).collect();
            let grid = self.grid(&rows);
            text.push_str(&self.head(grid.as_ref()));
            self.state = State::Begun(grid);
        }
        for piece in &waiting {
            match piece {
                Piece::Row(row) => text.push_str(&self.row(row)),
                Piece::Text(between) => text.push_str(between),
            }
        }
        text
    }

    /// What is left, and the end.
    pub fn end(mut self) -> String {
        let text = self.take();
        match self.shape {
            // A list's last row has its blank line.
            Shape::List(_) | Shape::Text => text,
            Shape::Table(_) if matches!(self.state, State::Begun(None)) => text,
            Shape::Table(_) | Shape::Lines | Shape::Columns(_) | Shape::Group(..) => text + "\n",
        }
    }

    fn grid(&self, rows: &[&Row]) -> Option<Grid> {
        match &self.shape {
            Shape::Table(_) | Shape::Group(..) => Grid::of_rows(rows, &self.options, self.width),
            Shape::Columns(layout) => {
                Some(Grid::of_layout(rows, layout, &self.options, self.width))
            }
            Shape::List(_) | Shape::Lines | Shape::Text => None,
        }
    }

    fn head(&self, grid: Option<&Grid>) -> String {
        let names = grid.map(|grid| grid.head(&self.options));
        match (&self.shape, names) {
            (Shape::Group(of, name), Some(names)) => {
                let before = if self.goes_on { "" } else { "\n" };
                format!("{before}{of}: {name}\n\n{names}")
            }
            (_, Some(names)) => format!("\n{names}"),
            (Shape::List(_) | Shape::Lines, None) => "\n".to_owned(),
            (_, None) => String::new(),
        }
    }

    fn row(&self, row: &Row) -> String {
        match (&self.shape, &self.state) {
            (Shape::List(_), _) => block(row),
            (Shape::Text | Shape::Lines, _) => {
                let value = row.first().map(|(_, value)| value.text());
                value.unwrap_or_default() + "\n"
            }
            (_, State::Begun(Some(grid))) => grid.row(row, &self.options),
            (_, State::New | State::Begun(None)) => String::new(),
        }
    }
}

fn row_of(piece: &Piece) -> Option<&Row> {
    match piece {
        Piece::Row(row) => Some(row),
        Piece::Text(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::value::Value;

    fn table(name: &str) -> Shape {
        Shape::Table(name.to_owned())
    }

    fn row(value: &str) -> Vec<Row> {
        vec![vec![(Rc::from("a"), Value::from(value))]]
    }

    #[test]
    fn a_type_without_a_view_keeps_all_that_comes() {
        let files = Shape::Group("    Directory", "/".to_owned());
        assert_eq!(fit(&table("X"), &table("X")), Fit::Alike);
        assert_eq!(fit(&table("X"), &Shape::List("Y".to_owned())), Fit::Among);
        assert_eq!(fit(&table("X"), &files), Fit::Among);
    }

    #[test]
    fn beside_a_view_other_types_are_lists() {
        let files = Shape::Group("    Directory", "/".to_owned());
        assert_eq!(fit(&files, &table("X")), Fit::Aside);
        assert_eq!(fit(&table("System.Guid"), &table("X")), Fit::Aside);
        assert_eq!(
            fit(&files, &Shape::Group("    Directory", "/a".to_owned())),
            Fit::Anew
        );
    }

    #[test]
    fn what_waited_long_enough_decides_on_the_widths() {
        let start = Instant::now();
        let options = TableOptions::default();
        let mut open = Document::new(table("X"), &options, 80, start);
        open.add(row("12"));
        assert!(!open.holds_text());
        open.add_text("between\n".to_owned());
        assert!(open.holds_text());
        assert!(open.waits(start + PATIENCE / 2));
        assert!(!open.waits(start + PATIENCE));
        assert_eq!(open.take(), "\na\n-\n12\nbetween\n");
        assert!(!open.waits(start));
        open.add(row("123"));
        assert_eq!(open.end(), "1…\n\n");
    }
}
