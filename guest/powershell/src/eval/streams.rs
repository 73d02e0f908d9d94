//! Where the streams other than output go, and what the preferences say about them.

use std::cell::RefCell;
use std::rc::Rc;

use super::Engine;
use crate::lex::Span;
use crate::types::information::{host_record, record};
use crate::value::{R, Value, intern};

/// What is done with an error (about_CommonParameters).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Continue,
    SilentlyContinue,
    Ignore,
    Stop,
}

impl Action {
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text.to_ascii_lowercase().as_str() {
            "continue" | "inquire" | "2" | "3" => Self::Continue,
            "silentlycontinue" | "0" => Self::SilentlyContinue,
            "ignore" | "4" => Self::Ignore,
            "stop" | "1" => Self::Stop,
            // Enough of it to tell it from the others, `Suspend` among them.
            short if short.len() > 1 && "silentlycontinue".starts_with(short) => {
                Self::SilentlyContinue
            }
            short if short.len() > 1 && "stop".starts_with(short) => Self::Stop,
            short if short.len() > 1 && "ignore".starts_with(short) => Self::Ignore,
            short if !short.is_empty() && "continue".starts_with(short) => Self::Continue,
            _ => return None,
        })
    }
}

impl Action {
    /// What `-ErrorAction` and the like got.
    pub fn given(parameter: &str, value: &Value) -> R<Self> {
        let text = value.text();
        Self::parse(&text).ok_or_else(|| {
            crate::value::fail_binding(
                crate::value::Binding::Given,
                "ParameterBindingFailed",
                parameter,
                format!("Cannot bind parameter '{parameter}'. {}", no_action(&text)),
            )
        })
    }

    /// What `$ErrorActionPreference` gets, which takes actions only.
    pub fn preferred(value: &Value) -> R<Self> {
        let text = value.text();
        Self::parse(&text).ok_or_else(|| {
            crate::value::fail(
                "System.Management.Automation.ArgumentTransformationMetadataException",
                "RuntimeException",
                no_action(&text),
            )
        })
    }
}

fn no_action(text: &str) -> String {
    format!(
        "Cannot convert value \"{text}\" to type \"System.Management.Automation.ActionPreference\". Specify one of: SilentlyContinue, Stop, Continue, Ignore."
    )
}

/// What `$ErrorActionPreference` is until the script sets it: Octopus's bootstrap runs a step's script with `Stop`.
pub fn default_error_action() -> Action {
    if crate::octopus::is_step() {
        Action::Stop
    } else {
        Action::Continue
    }
}

/// Where a stream's records go.
#[derive(Clone, Default)]
pub enum Dest {
    #[default]
    Host,
    Null,
    /// Merged into output: `2>&1`, or collected for a file or a variable.
    Queue(Rc<RefCell<Vec<Value>>>),
}

/// The streams as the command that runs has them.
#[derive(Clone, Default)]
pub struct Streams {
    pub error: Dest,
    pub warning: Dest,
    pub verbose: Dest,
    pub debug: Dest,
    pub information: Dest,
    /// `-ErrorAction` and the like of the cmdlet that runs.
    pub error_action: Option<Action>,
    pub warning_action: Option<Action>,
    pub is_verbose: Option<bool>,
    pub is_debug: Option<bool>,
    pub information_action: Option<Action>,
    /// `-ErrorVariable` and the like, of all the calls that are under way.
    pub collected: Collectors,
    /// The cmdlet's name, for its errors.
    pub activity: Rc<str>,
    /// Whether a non-terminating error came since the command began: `$?`.
    pub had_error: bool,
    /// What a bare `throw` in a `catch` throws again.
    pub rethrow: Option<Rc<crate::value::ErrorRecord>>,
    /// The statement or command that runs.
    pub at: Span,
}

/// Records that a call keeps for a variable.
pub type Kept = Rc<RefCell<Vec<Value>>>;

/// Which calls want to see what is said on a stream; copied when one is added.
#[derive(Clone, Default)]
pub struct Collectors {
    pub errors: Rc<[Kept]>,
    pub warnings: Rc<[Kept]>,
    pub information: Rc<[Kept]>,
}

impl Collectors {
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty() && self.warnings.is_empty() && self.information.is_empty()
    }
}

impl Streams {
    /// Adds a call's collectors.
    pub fn collect(
        &mut self,
        errors: &Option<Kept>,
        warnings: &Option<Kept>,
        information: &Option<Kept>,
    ) {
        let add = |to: &mut Rc<[Kept]>, kept: &Option<Kept>| {
            if let Some(kept) = kept {
                *to = to.iter().chain([kept]).cloned().collect();
            }
        };
        add(&mut self.collected.errors, errors);
        add(&mut self.collected.warnings, warnings);
        add(&mut self.collected.information, information);
    }
}

impl Engine {
    /// Runs what has an output of its own, as methods and properties have: no call around it collects what it says
    /// (Pipe.AppendVariableList).
    pub fn apart<T>(&mut self, run: impl FnOnce(&mut Self) -> R<T>) -> R<T> {
        let around = std::mem::take(&mut self.streams.collected);
        let result = run(self);
        self.streams.collected = around;
        result
    }
}

/// `Stop` ends the command after what it said (`MshCommandRuntime.WriteHelper`).
fn go_on_after(preference: &str, action: Action, text: &str) -> R<()> {
    if action != Action::Stop {
        return Ok(());
    }
    Err(crate::value::fail(
        "System.Management.Automation.ActionPreferenceStopException",
        "ActionPreferenceStop",
        format!(
            "The running command stopped because the preference variable \"{preference}\" or common parameter is set to Stop: {text}"
        ),
    ))
}

/// Gives every call that collects the stream the record.
pub fn give(to: &Rc<[Kept]>, record: impl Fn() -> Value) {
    for kept in to.iter() {
        kept.borrow_mut().push(record());
    }
}

impl Engine {
    /// What is to happen with a non-terminating error now.
    pub fn error_action(&self) -> Action {
        self.streams
            .error_action
            .unwrap_or_else(|| self.preference("ErrorActionPreference"))
    }

    pub fn preference(&self, name: &str) -> Action {
        match self.scope.get(intern(name)) {
            Some(value) => Action::parse(&value.text()).unwrap_or(Action::Continue),
            None if name == "ErrorActionPreference" => default_error_action(),
            None => Action::Continue,
        }
    }

    /// A warning: at Octopus's level, or as PowerShell prints it.
    pub fn warning(&mut self, text: &str) -> R<()> {
        let action = self
            .streams
            .warning_action
            .unwrap_or_else(|| self.preference("WarningPreference"));
        // "Even if the warnings aren't displayed to the user" (about_CommonParameters).
        give(&self.streams.collected.warnings, || {
            crate::types::record::record("Warning", text)
        });
        if let Action::SilentlyContinue | Action::Ignore = action {
            return Ok(());
        }
        match &self.streams.warning {
            Dest::Host => {
                self.printer.flush_pending()?;
                crate::octopus::level::say("warning", "WARNING: ", text);
            }
            Dest::Null => {}
            Dest::Queue(queue) => queue
                .borrow_mut()
                .push(crate::types::record::record("Warning", text)),
        }
        go_on_after("WarningPreference", action, text)
    }

    /// Whether `-Verbose` or the preference asks for verbose messages.
    pub fn shows_verbose(&self) -> bool {
        let asked = self.streams.is_verbose;
        asked.unwrap_or_else(|| self.preference_shows("VerbosePreference"))
    }

    pub fn verbose(&mut self, text: &str) -> R<()> {
        let is_on = self.shows_verbose();
        match &self.streams.verbose {
            Dest::Host if is_on || crate::octopus::is_present() => {
                self.printer.flush_pending()?;
                crate::octopus::level::say("verbose", "VERBOSE: ", text);
            }
            Dest::Queue(queue) if is_on => queue
                .borrow_mut()
                .push(crate::types::record::record("Verbose", text)),
            _ => {}
        }
        match self.streams.is_verbose {
            Some(_) => Ok(()),
            None => {
                let preference = "VerbosePreference";
                go_on_after(preference, self.preference(preference), text)
            }
        }
    }

    pub fn debug(&mut self, text: &str) -> R<()> {
        let asked = self.streams.is_debug;
        let is_on = asked.unwrap_or_else(|| self.preference_shows("DebugPreference"));
        match &self.streams.debug {
            Dest::Host if is_on => {
                self.printer.flush_pending()?;
                crate::octopus::level::say("verbose", "DEBUG: ", text);
            }
            Dest::Queue(queue) if is_on => queue
                .borrow_mut()
                .push(crate::types::record::record("Debug", text)),
            _ => {}
        }
        match asked {
            Some(_) => Ok(()),
            None => {
                let preference = "DebugPreference";
                go_on_after(preference, self.preference(preference), text)
            }
        }
    }

    pub fn preference_shows(&self, name: &str) -> bool {
        matches!(self.preference(name), Action::Continue | Action::Stop)
    }

    /// `Write-Information`: kept by who collects it, shown if the preference says so.
    pub fn information(&mut self, data: Value, tags: Vec<Value>) -> R<()> {
        let text = self.text(&data)?;
        let action = self.streams.information_action;
        let action = action.unwrap_or_else(|| self.preference("InformationPreference"));
        if action == Action::Ignore {
            return Ok(());
        }
        let is_merged = !matches!(self.streams.information, Dest::Host);
        if is_merged || matches!(action, Action::Continue | Action::Stop) {
            self.inform(&text, true, || record(data.clone(), &text, tags.clone()))?;
            return go_on_after("InformationPreference", action, &text);
        }
        give(&self.streams.collected.information, || {
            record(data.clone(), &text, tags.clone())
        });
        Ok(())
    }

    /// Text for people: `Write-Host`.
    pub fn host(&mut self, text: &str, has_newline: bool) -> R<()> {
        self.inform(text, has_newline, || host_record(text, has_newline))
    }

    fn inform(&mut self, text: &str, has_newline: bool, record: impl Fn() -> Value) -> R<()> {
        give(&self.streams.collected.information, &record);
        match &self.streams.information {
            Dest::Host => self.printer.write_text(text, has_newline),
            Dest::Null => Ok(()),
            Dest::Queue(queue) => {
                queue.borrow_mut().push(record());
                Ok(())
            }
        }
    }
}
