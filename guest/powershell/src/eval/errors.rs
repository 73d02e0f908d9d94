//! Errors: where they happened, whether they end anything, how they are shown (ConciseView).

use std::rc::Rc;

use super::{Action, Dest, Engine};
use crate::lex::Span;
use crate::parse::ast::{Source, Stmt};
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
                let trace = self.trace(span.line);
                let _ = record.exception.trace.set(trace.clone());
                *record.trace.borrow_mut() = trace;
            }
            Ctl::Refused(refusal) if refusal.position.borrow().is_none() => {
                *refusal.position.borrow_mut() = here();
            }
            _ => {}
        }
        ctl
    }

    /// `at Name, path: line N`, innermost first (CallStackFrame.ToString).
    fn trace(&self, line: u32) -> String {
        let mut lines = Vec::new();
        let (mut line, mut source) = (line, &self.source);
        let mut turns = self.turns.iter().rev().peekable();
        for (below, frame) in self.frames.iter().enumerate().rev() {
            while let Some(turn) = turns.next_if(|turn| turn.n_frames > below) {
                lines.push(trace_line(BLOCK, turn.block, source, line));
                (line, source) = (turn.at.line, &turn.source);
            }
            let name = if frame.is_function {
                &*frame.name
            } else {
                BLOCK
            };
            lines.push(trace_line(name, frame.block, source, line));
            (line, source) = (frame.at.line, &frame.source);
        }
        lines.join("\n")
    }

    /// The error for `$Error` and for every `-ErrorVariable` around (ExceptionHandlingOps.SetErrorVariables).
    pub fn keep(&mut self, record: &Rc<ErrorRecord>) {
        let is_new = !record.is_stop;
        if is_new {
            super::streams::give(&self.streams.collected.errors, || {
                Value::Net(Rc::clone(record) as Rc<dyn crate::value::Net>)
            });
        }
        self.remember(record);
    }

    /// Puts the error first in `$Error`.
    pub fn remember(&mut self, record: &Rc<ErrorRecord>) {
        let value = Value::Net(Rc::clone(record) as Rc<dyn crate::value::Net>);
        let mut errors = self.errors.change();
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
        self.report_placed(record)
    }

    fn report_placed(&mut self, mut record: ErrorRecord) -> R<()> {
        let action = self.error_action();
        record.is_stop = action == Action::Stop;
        let record = Rc::new(record);
        if record.position.borrow().is_none() {
            self.place_report(&record);
        }
        self.is_ok = false;
        if action == Action::Ignore {
            // Neither written nor kept, not even for -ErrorVariable (MshCommandRuntime).
            self.streams.had_error = true;
            return Ok(());
        }
        super::streams::give(&self.streams.collected.errors, || match action {
            Action::Stop => Value::Net(record.carrier()),
            _ => Value::Net(Rc::clone(&record) as Rc<dyn crate::value::Net>),
        });
        self.streams.had_error = true;
        match action {
            Action::Stop => Err(Ctl::Throw(record)),
            Action::Ignore | Action::SilentlyContinue => {
                self.remember(&record);
                Ok(())
            }
            Action::Continue => {
                self.remember(&record);
                self.show_error(&record)
            }
        }
    }

    /// `$PSCmdlet.WriteError`: the function's own error, at its caller; `$?` is false after the call.
    pub fn report_for_function(&mut self, given: &ErrorRecord) -> R<()> {
        if let Some(frame) = self.frames.last_mut() {
            frame.has_failed = true;
        }
        let record = self.of_function(given);
        self.report_placed(record)
    }

    /// The error as one of the function that runs, at its caller.
    pub fn of_function(&self, given: &ErrorRecord) -> ErrorRecord {
        let mut record = given.copied();
        if let Some(frame) = self.frames.last() {
            record.activity = frame.name.to_string().into();
            record.position = Some(Position {
                source: Rc::clone(&frame.source),
                span: frame.at,
            })
            .into();
        }
        record
    }

    /// A cmdlet's error is where the cmdlet was called. What `Write-Error` says is about the function that called it,
    /// and has no place if that is the script itself.
    fn place_report(&self, record: &Rc<ErrorRecord>) {
        let at = self.streams.at;
        let _ = self.placed(Ctl::Throw(Rc::clone(record)), at);
        if *record.activity.borrow() != "Write-Error" {
            return;
        }
        let position = match self.frames.last() {
            Some(frame) if frame.is_function => {
                *record.invoked.borrow_mut() = frame.name.to_string();
                Position {
                    source: Rc::clone(&frame.source),
                    span: frame.at,
                }
            }
            _ => Position {
                source: Rc::default(),
                span: at,
            },
        };
        *record.position.borrow_mut() = Some(position);
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
        self.report(crate::place::missing(&crate::place::absolute(
            &self.location,
            path,
        )))
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
            let mut again = record.copied();
            again.is_thrown = true;
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

    /// The exception by which `catch` or `trap` takes the error as one of a type: the error's own, or the one inside it
    /// (ExceptionHandlingOps.FindMatchingHandler).
    ///
    /// PowerShell's own errors and those of commands are looked into, one deep; a thrown exception is only what it is.
    pub fn caught_as(&mut self, record: &ErrorRecord, of: &TypeRef) -> Option<Rc<Exception>> {
        let own = &record.exception;
        // What `-ErrorAction Stop` ended is caught by that name too; `$_` has the error itself.
        if record.is_stop && of.full_name() == STOPPED {
            return Some(Rc::clone(own));
        }
        let is_runtime = self.is_exception_a(own, &TypeRef::Exception(RUNTIME));
        let is_open = is_runtime || !record.is_thrown && !record.activity.borrow().is_empty();
        if let Some(inner) = own.inner.as_ref().filter(|_| is_open)
            && self.is_exception_a(inner, of)
        {
            return Some(Rc::clone(if is_runtime { inner } else { own }));
        }
        // What isn't a RuntimeException travels in one.
        let is_it = self.is_exception_a(own, of) || of.full_name() == RUNTIME;
        is_it.then(|| Rc::clone(own))
    }

    fn is_exception_a(&mut self, exception: &Rc<Exception>, of: &TypeRef) -> bool {
        let value = Rc::clone(exception).value();
        self.is_a(&value, of)
    }

    /// What `$_` is in the `catch` or `trap` that took the error by that exception.
    pub fn caught(record: &Rc<ErrorRecord>, exception: Rc<Exception>) -> Rc<ErrorRecord> {
        if Rc::ptr_eq(&record.exception, &exception) {
            return Rc::clone(record);
        }
        Rc::new(ErrorRecord {
            exception,
            ..record.copied()
        })
    }
}

/// What a trace calls what has no name.
const BLOCK: &str = "<ScriptBlock>";

fn trace_line(name: &str, block: &str, source: &Source, line: u32) -> String {
    let path = match source.path.as_str() {
        "" => "<No file>",
        path => path,
    };
    format!("at {name}{block}, {path}: line {line}")
}

const STOPPED: &str = "System.Management.Automation.ActionPreferenceStopException";
const RUNTIME: &str = "System.Management.Automation.RuntimeException";

/// An error as PowerShell 7 shows it.
pub fn error_text(record: &ErrorRecord) -> String {
    let message = record.message();
    let name = reason(record);
    let position = record.position.borrow();
    let Some(position) = position
        .as_ref()
        .filter(|position| !position.source.path.is_empty())
    else {
        return format!("{name}: {message}\n");
    };
    let place = format!("{}:{}", position.source.path, position.span.line);
    under_line(&name, &place, &message, position)
}

/// What ConciseView writes before the colon: the command, else the category, else the exception's type.
fn reason(record: &ErrorRecord) -> String {
    let (activity, invoked) = (record.activity.borrow(), record.invoked.borrow());
    if record.is_thrown {
        "Exception".to_owned()
    } else if !invoked.is_empty() {
        invoked.clone()
    } else if !activity.is_empty() {
        activity.clone()
    } else if record.category != "NotSpecified" {
        record.category.to_owned()
    } else {
        let name = record.exception.type_name.rsplit('.').next();
        name.unwrap_or_default().to_owned()
    }
}

/// A refusal: as PowerShell shows an error, with the column beside the line.
pub fn refusal_text(kind: &str, message: &str, position: &Position) -> String {
    let Position { source, span } = position;
    let place = format!("{}:{}:{}", source.path, span.line, span.column);
    under_line(kind, &place, message, position)
}

/// The message under the line that it is about.
fn under_line(name: &str, place: &str, message: &str, position: &Position) -> String {
    // What has no place of its own stands at the beginning.
    let (line, column) = (position.span.line, position.span.column.max(1) as usize);
    let shown = position.source.line(line);
    let width = line.to_string().len().max(4);
    let n_left = shown.chars().count().saturating_sub(column - 1).max(1);
    let length = (position.span.end.saturating_sub(position.span.start) as usize).clamp(1, n_left);
    let marks = format!("{}{}", " ".repeat(column - 1), "~".repeat(length));
    let message = message.replace("\r\n", " ").replace(['\n', '\t'], " ");
    format!(
        "{name}: {place}\n{:<width$} |\n{line:>width$} |  {shown}\n{:width$} |  {marks}\n{:width$} | {message}\n",
        "Line", "", ""
    )
}
