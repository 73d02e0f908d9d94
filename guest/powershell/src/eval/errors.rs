//! Errors: where they happened, whether they end anything, how they are shown (ConciseView).

use std::rc::Rc;

use super::{Action, Dest, Engine};
use crate::lex::Span;
use crate::parse::ast::Stmt;
use crate::types::TypeRef;
use crate::value::{Ctl, ErrorRecord, Exception, Position, R, Value};

impl Engine {
    /// `ctl` with its place, if it has none yet.
    pub fn placed(&self, ctl: Ctl, span: Span) -> Ctl {
        let here = || {
            Some(Position {
                source: Rc::clone(&self.source),
                span,
            })
        };
        match &ctl {
            Ctl::Throw(record) if record.position.borrow().is_none() => {
                *record.position.borrow_mut() = here();
                *record.trace.borrow_mut() = self.trace(span.line);
            }
            Ctl::Refused(refusal) if refusal.position.borrow().is_none() => {
                *refusal.position.borrow_mut() = here();
            }
            _ => {}
        }
        ctl
    }

    /// `at Name, path: line N`, innermost first.
    fn trace(&self, line: u32) -> String {
        let mut lines = Vec::new();
        let (mut line, mut path) = (line, self.source.path.clone());
        for frame in self.frames.iter().rev() {
            let name = if frame.is_function {
                frame.name.to_string()
            } else {
                "<ScriptBlock>".to_owned()
            };
            lines.push(format!("at {name}, {path}: line {line}"));
            line = frame.line;
            path = frame.source.path.clone();
        }
        lines.join("\n")
    }

    /// Puts the error first in `$Error`.
    pub fn remember(&mut self, record: &Rc<ErrorRecord>) {
        let value = Value::Net(Rc::clone(record) as Rc<dyn crate::value::Net>);
        let mut errors = self.errors.items.borrow_mut();
        if errors.first().is_some_and(|first| first.is_same(&value)) {
            return;
        }
        errors.insert(0, value);
        errors.truncate(256);
    }

    /// A non-terminating error: what is done with it is the preference's or `-ErrorAction`'s.
    pub fn report(&mut self, record: ErrorRecord) -> R<()> {
        let activity = self.streams.activity.to_string();
        *record.activity.borrow_mut() = activity;
        let record = Rc::new(record);
        if record.position.borrow().is_none() {
            let line = self.streams.line;
            let span = Span {
                line,
                column: 1,
                ..Span::default()
            };
            let _ = self.placed(Ctl::Throw(Rc::clone(&record)), span);
        }
        self.is_ok = false;
        if let Some(kept) = &self.streams.error_variable {
            kept.borrow_mut()
                .push(Value::Net(Rc::clone(&record) as Rc<dyn crate::value::Net>));
        }
        self.streams.had_error = true;
        match self.error_action() {
            Action::Stop => Err(Ctl::Throw(record)),
            Action::Ignore => Ok(()),
            Action::SilentlyContinue => {
                self.remember(&record);
                Ok(())
            }
            Action::Continue => {
                self.remember(&record);
                self.show_error(&record)
            }
        }
    }

    /// A non-terminating error of a cmdlet.
    pub fn soft_error(
        &mut self,
        type_name: &str,
        id: &str,
        category: &'static str,
        message: impl Into<String>,
        target: Value,
    ) -> R<()> {
        let mut record = ErrorRecord::new(Exception::new(type_name, message), id, category);
        record.target = target;
        self.report(record)
    }

    /// `Cannot find path …`
    pub fn path_not_found(&mut self, path: &str) -> R<()> {
        self.soft_error(
            "System.Management.Automation.ItemNotFoundException",
            "PathNotFound",
            "ObjectNotFound",
            format!(
                "Cannot find path '{}' because it does not exist.",
                crate::place::absolute(&self.location, path)
            ),
            Value::from(path),
        )
    }

    /// Shows an error on stderr, or puts it where `2>` says.
    pub fn show_error(&mut self, record: &Rc<ErrorRecord>) -> R<()> {
        match &self.streams.error {
            Dest::Host => {
                self.printer.flush_pending()?;
                let text = error_text(record);
                crate::host::stderr(&text);
            }
            Dest::Null => {}
            Dest::Queue(queue) => queue
                .borrow_mut()
                .push(Value::Net(Rc::clone(record) as Rc<dyn crate::value::Net>)),
        }
        Ok(())
    }

    pub fn throw(&mut self, value: Option<&Stmt>, statement: &Stmt) -> R<()> {
        let value = match value {
            Some(value) => self.statement_value(value)?,
            None => match self.streams.rethrow.clone() {
                Some(record) => return Err(Ctl::Throw(record)),
                None => Value::from("ScriptHalted"),
            },
        };
        let record = self.record_of(&value)?;
        Err(self.placed(Ctl::Throw(record), statement.span))
    }

    /// The error record that `throw value` makes.
    pub fn record_of(&mut self, value: &Value) -> R<Rc<ErrorRecord>> {
        if let Some(record) = value.downcast_rc::<ErrorRecord>() {
            if record.is_thrown {
                return Ok(record);
            }
            let again = ErrorRecord {
                exception: Rc::clone(&record.exception),
                id: record.id.clone(),
                category: record.category,
                target: record.target.clone(),
                activity: record.activity.clone(),
                position: record.position.clone(),
                details: record.details.clone(),
                trace: record.trace.clone(),
                is_raw: false,
                is_thrown: true,
            };
            return Ok(Rc::new(again));
        }
        let mut record = if let Some(exception) = value.downcast_rc::<Exception>() {
            let id = exception.message.clone();
            let mut record = ErrorRecord::new(Exception::new("", ""), &id, "OperationStopped");
            record.exception = exception;
            record
        } else if let Some(exception) = self.class_exception(value)? {
            let id = exception.message.clone();
            ErrorRecord::new(exception, &id, "OperationStopped")
        } else {
            let text = self.text(value)?;
            let exception = Exception::new(
                "System.Management.Automation.RuntimeException",
                text.clone(),
            );
            let mut record = ErrorRecord::new(exception, &text, "OperationStopped");
            record.target = value.clone();
            record
        };
        record.is_thrown = true;
        Ok(Rc::new(record))
    }

    /// Whether a `catch [of]` takes the error: its exception or an inner one.
    pub fn error_is(&mut self, record: &ErrorRecord, of: &TypeRef) -> bool {
        let mut exception = Some(Rc::clone(&record.exception));
        while let Some(found) = exception {
            let value = match &found.instance {
                Some(instance) => instance.clone(),
                None => Value::Net(Rc::clone(&found) as Rc<dyn crate::value::Net>),
            };
            if self.is_a(&value, of) {
                return true;
            }
            exception = found.inner.clone();
        }
        false
    }
}

/// An error as PowerShell 7 shows it.
pub fn error_text(record: &ErrorRecord) -> String {
    let message = record.message();
    let activity = record.activity.borrow();
    let name = if activity.is_empty() {
        record
            .exception
            .type_name
            .rsplit('.')
            .next()
            .unwrap_or_default()
            .trim_end_matches("Exception")
            .to_owned()
    } else {
        activity.to_string()
    };
    let name = match name.as_str() {
        "Runtime" | "" => "Exception".to_owned(),
        _ if activity.is_empty() => record
            .exception
            .type_name
            .rsplit('.')
            .next()
            .unwrap_or_default()
            .to_owned(),
        _ => name,
    };
    let position = record.position.borrow();
    let Some(position) = position
        .as_ref()
        .filter(|position| !position.source.path.is_empty())
    else {
        return format!("{name}: {message}\n");
    };
    place_text(&name, &message, position)
}

/// The message under the line that it is about.
pub fn place_text(name: &str, message: &str, position: &Position) -> String {
    let (line, column) = (position.span.line, position.span.column as usize);
    let shown = position.source.line(line);
    let width = line.to_string().len().max(4);
    let n_left = shown.chars().count().saturating_sub(column - 1).max(1);
    let length = (position.span.end.saturating_sub(position.span.start) as usize).clamp(1, n_left);
    let marks = format!("{}{}", " ".repeat(column - 1), "~".repeat(length));
    let body: Vec<String> = message
        .lines()
        .map(|part| format!("{:width$} | {part}\n", ""))
        .collect();
    format!(
        "{name}: {}:{line}:{column}\n{:<width$} |\n{line:>width$} | {shown}\n{:width$} | {marks}\n{}",
        position.source.path,
        "Line",
        "",
        body.concat()
    )
}
