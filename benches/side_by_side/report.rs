//! What is printed and stored: tables in Markdown, each figure beside its target.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// Everything that one run of the benchmark measured.
#[derive(Serialize)]
pub struct Report {
    machine: Machine,
    sections: Vec<Section>,
}

/// Where it was measured.
#[derive(Serialize)]
pub struct Machine {
    pub cores: usize,
    pub processor: String,
    pub kernel: String,
    /// What it is compared with: program and version.
    pub programs: Vec<String>,
}

/// One table.
#[derive(Serialize, Deserialize)]
pub struct Section {
    pub title: String,
    pub header: Vec<String>,
    pub rows: Vec<Row>,
}

/// One line of a table.
#[derive(Serialize, Deserialize)]
pub struct Row {
    pub name: String,
    pub cells: Vec<Cell>,
    pub goals: Vec<Goal>,
}

/// One figure.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct Cell {
    pub value: Option<f64>,
    pub unit: Unit,
}

/// A figure and what it should be.
#[derive(Serialize, Deserialize)]
pub struct Goal {
    pub value: f64,
    pub unit: Unit,
    pub bound: Bound,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    Milliseconds,
    Nanoseconds,
    PerSecond,
    Times,
    Mebibytes,
    Kibibytes,
}

impl Unit {
    fn show(self, value: f64) -> String {
        match self {
            // Three digits where they fit: 0.087, 0.87, 8.7, 87.
            Self::Milliseconds => format!("{} ms", digits(value)),
            Self::Nanoseconds => format!("{value:.0} ns"),
            Self::PerSecond => format!("{value:.0} /s"),
            Self::Times => format!("{}×", digits(value)),
            Self::Mebibytes => format!("{value:.2} MiB"),
            Self::Kibibytes => format!("{value:.0} KiB"),
        }
    }
}

fn digits(value: f64) -> String {
    match value {
        value if value < 0.1 => format!("{value:.3}"),
        value if value < 10.0 => format!("{value:.2}"),
        value if value < 100.0 => format!("{value:.1}"),
        value => format!("{value:.0}"),
    }
}

impl Cell {
    /// A figure.
    pub fn new(value: f64, unit: Unit) -> Self {
        Self {
            value: Some(value),
            unit,
        }
    }

    /// A figure that this machine can't give, such as bubblewrap's where it isn't installed.
    pub fn absent(unit: Unit) -> Self {
        Self { value: None, unit }
    }

    fn show(self) -> String {
        self.value.map_or("—".into(), |value| self.unit.show(value))
    }
}

impl Goal {
    /// `value` should be at most `limit`.
    pub fn at_most(value: f64, limit: f64, unit: Unit) -> Self {
        Self {
            value,
            unit,
            bound: Bound::AtMost(limit),
        }
    }

    /// `value` should be at least `limit`.
    pub fn at_least(value: f64, limit: f64, unit: Unit) -> Self {
        Self {
            value,
            unit,
            bound: Bound::AtLeast(limit),
        }
    }

    fn is_met(&self) -> bool {
        match self.bound {
            Bound::AtMost(limit) => self.value <= limit,
            Bound::AtLeast(limit) => self.value >= limit,
        }
    }

    fn show(&self) -> String {
        let (sign, limit) = match self.bound {
            Bound::AtMost(limit) => ('≤', limit),
            Bound::AtLeast(limit) => ('≥', limit),
        };
        let wanted = self.unit.show(limit);
        if self.is_met() {
            return format!("{sign} {wanted}: met");
        }
        let off = (self.value / limit - 1.0).abs() * 100.0;
        let got = self.unit.show(self.value);
        format!("{sign} {wanted}: **missed** by {off:.0} % ({got})")
    }
}

impl Section {
    /// An empty table. The first column is the row's name and the last its targets; `columns` are between.
    pub fn new(title: &str, columns: &[&str]) -> Self {
        Self {
            title: title.into(),
            header: columns.iter().map(|&column| column.into()).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a line.
    pub fn row(&mut self, name: impl Into<String>, cells: Vec<Cell>, goals: Vec<Goal>) {
        self.rows.push(Row {
            name: name.into(),
            cells,
            goals,
        });
    }

    /// This table with the rows of another part of it below its own.
    pub fn and(mut self, part: Self) -> Self {
        self.rows.extend(part.rows);
        self
    }

    /// The table, to be printed or pasted.
    pub fn markdown(&self) -> String {
        let mut text = format!("\n### {}\n\n| |", self.title);
        for column in &self.header {
            write!(text, " {column} |").expect("a string takes all");
        }
        text.push_str(" target |\n|---|");
        text.push_str(&"---:|".repeat(self.header.len()));
        text.push_str("---|\n");
        for row in &self.rows {
            let cells: Vec<String> = row.cells.iter().map(|cell| cell.show()).collect();
            let goals: Vec<String> = row.goals.iter().map(Goal::show).collect();
            let (cells, goals) = (cells.join(" | "), goals.join("; "));
            writeln!(text, "| {} | {cells} | {goals} |", row.name).expect("a string takes all");
        }
        text
    }
}

impl Report {
    /// A report without any table yet.
    pub fn new(machine: Machine) -> Self {
        Self {
            machine,
            sections: Vec::new(),
        }
    }

    /// Adds a table.
    pub fn add(&mut self, section: Section) {
        self.sections.push(section);
    }

    /// The machine, in one paragraph.
    pub fn heading(&self) -> String {
        let Machine {
            cores,
            processor,
            kernel,
            programs,
        } = &self.machine;
        let programs = programs.join(", ");
        format!("{cores} cores ({processor}), Linux {kernel}; beside {programs}")
    }

    /// How many targets were met, and which were not.
    pub fn summary(&self) -> String {
        let rows = self.sections.iter().flat_map(|section| &section.rows);
        let goals: Vec<(&Row, &Goal)> = rows
            .flat_map(|row| row.goals.iter().map(move |goal| (row, goal)))
            .collect();
        let missed: Vec<_> = goals.iter().filter(|(_, goal)| !goal.is_met()).collect();
        let mut text = format!(
            "\n{} of {} targets met.",
            goals.len() - missed.len(),
            goals.len()
        );
        for (row, goal) in missed {
            write!(text, "\n- {}: {}", row.name, goal.show()).expect("a string takes all");
        }
        text
    }

    /// Stores everything as JSON.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        std::fs::write(path, serde_json::to_vec_pretty(self)?)
    }
}
