//! Errors: the records that scripts see, and the ways in which a statement can end early.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use super::{Hash, Net, Sym, Value};
use crate::lex::Span;
use crate::parse::ast::Source;

const STOPPED: &str = "The running command stopped because the preference variable \"ErrorActionPreference\" or common parameter is set to Stop: ";

pub type R<T> = Result<T, Ctl>;

/// Why the evaluation of something ended before its end.
#[derive(Clone)]
pub enum Ctl {
    Throw(Rc<ErrorRecord>),
    Break(Option<Sym>),
    Continue(Option<Sym>),
    /// The value has been put out already.
    Return,
    Exit(i32),
    /// A command downstream (its pipeline's number) has all it wants.
    Stop(u64),
    /// Something that isn't supported: no `catch` sees it.
    Refused(Rc<Refusal>),
}

#[derive(Debug)]
pub struct Refusal {
    pub message: String,
    pub position: RefCell<Option<Position>>,
}

/// A place in a source.
#[derive(Clone, Debug)]
pub struct Position {
    pub source: Rc<Source>,
    pub span: Span,
}

pub struct Exception {
    /// Full .NET name.
    pub type_name: String,
    pub message: String,
    pub inner: Option<Rc<Exception>>,
    /// An instance of a script's own exception class.
    pub instance: Option<Value>,
    /// What else the exception knows, such as an HTTP error's `Response`.
    pub props: Vec<(&'static str, Value)>,
    /// `Data`: what a script notes with it; made when first asked for.
    pub data: OnceCell<Rc<Hash>>,
    /// Where it was first thrown, as the script's calls tell it.
    pub trace: OnceCell<String>,
}

pub struct ErrorRecord {
    pub exception: Rc<Exception>,
    pub id: String,
    pub category: &'static str,
    pub target: Value,
    /// The cmdlet or function that made it; empty if none.
    pub activity: RefCell<String>,
    pub position: RefCell<Option<Position>>,
    pub details: RefCell<Option<String>>,
    pub trace: RefCell<String>,
    /// The function that `Write-Error` spoke for; empty if none.
    pub invoked: RefCell<String>,
    /// An exception out of a .NET method, which its call wraps.
    pub is_raw: bool,
    /// Whether `throw` made it.
    pub is_thrown: bool,
    /// A reported error that `Stop` made a thrown one (ActionPreferenceStopException): it ends the script, not the statement.
    pub is_stop: bool,
    /// `ThrowTerminatingError` made it: it leaves the function that it stands in, and only the caller's preference says what then.
    pub leaves_function: Cell<bool>,
}

impl Exception {
    pub fn new(type_name: &str, message: impl Into<String>) -> Self {
        Self {
            type_name: type_name.to_owned(),
            message: message.into(),
            inner: None,
            instance: None,
            props: Vec::new(),
            data: OnceCell::new(),
            trace: OnceCell::new(),
        }
    }

    /// The type of [`of_call`](Self::of_call).
    pub const OF_CALL: &str = "System.Management.Automation.MethodInvocationException";

    /// `Exception calling "Parse" with "1" argument(s): "…"`: an exception that left a method that a script called.
    pub fn of_call(inner: &Rc<Self>, method: &str, n_args: usize) -> Self {
        let said = &inner.message;
        let message =
            format!("Exception calling \"{method}\" with \"{n_args}\" argument(s): \"{said}\"");
        let mut exception = Self::new(Self::OF_CALL, message);
        exception.inner = Some(Rc::clone(inner));
        exception
    }

    /// What scripts see of it: the instance, where it is one of a script's own class.
    pub fn value(self: Rc<Self>) -> Value {
        match &self.instance {
            Some(instance) => instance.clone(),
            None => Value::Net(self),
        }
    }
}

impl ErrorRecord {
    pub fn new(exception: Exception, id: &str, category: &'static str) -> Self {
        Self {
            exception: Rc::new(exception),
            id: id.to_owned(),
            category,
            target: Value::Null,
            activity: RefCell::default(),
            position: RefCell::default(),
            details: RefCell::default(),
            trace: RefCell::default(),
            invoked: RefCell::default(),
            is_raw: false,
            is_thrown: false,
            is_stop: false,
            leaves_function: Cell::new(false),
        }
    }

    /// The same error once more, not yet thrown.
    pub fn copied(&self) -> Self {
        Self {
            exception: Rc::clone(&self.exception),
            id: self.id.clone(),
            category: self.category,
            target: self.target.clone(),
            activity: self.activity.clone(),
            position: self.position.clone(),
            details: self.details.clone(),
            trace: self.trace.clone(),
            invoked: self.invoked.clone(),
            is_raw: false,
            is_thrown: false,
            is_stop: false,
            leaves_function: Cell::new(false),
        }
    }

    /// The exception in which the error leaves a command: what `-ErrorVariable` keeps of one that ended it, and what is
    /// inside of the exception of a `.Invoke()` (MshCommandRuntime.ThrowTerminatingError, ManageException).
    pub fn carrier(self: &Rc<Self>) -> Rc<Exception> {
        let message = self.message();
        let (kind, message, inner) = if self.is_stop {
            (
                "ActionPreferenceStopException",
                format!("{STOPPED}{message}"),
                None,
            )
        } else if self.activity.borrow().is_empty() || self.is_thrown || self.is_binding() {
            return Rc::clone(&self.exception);
        } else {
            (
                "CmdletInvocationException",
                message,
                Some(Rc::clone(&self.exception)),
            )
        };
        let mut carrier = Exception::new(&format!("System.Management.Automation.{kind}"), message);
        carrier.inner = inner;
        let record = Rc::clone(self) as Rc<dyn Net>;
        carrier.props.push(("ErrorRecord", Value::Net(record)));
        Rc::new(carrier)
    }

    /// Whether the command was never reached.
    fn is_binding(&self) -> bool {
        let kind = &self.exception.type_name;
        kind.contains(".ParameterBinding") || kind.ends_with(".CommandNotFoundException")
    }

    pub fn message(&self) -> String {
        self.details
            .borrow()
            .clone()
            .unwrap_or_else(|| self.exception.message.clone())
    }
}

/// A terminating error of PowerShell's own.
pub fn fail(type_name: &str, id: &str, message: impl Into<String>) -> Ctl {
    let category = match id {
        _ if type_name.ends_with(".ArgumentTransformationMetadataException") => "MetadataError",
        "RuntimeException" => "NotSpecified",
        "MethodCountCouldNotFindBest" | "MethodArgumentConversionInvalidCastArgument" => {
            "NotSpecified"
        }
        id if id.starts_with("InvalidCast") || id.starts_with("ConvertTo") => "InvalidArgument",
        id if id.starts_with("ParameterArgumentValidation") => "InvalidData",
        id if id.contains("Parameter") || id == "MissingArgument" => "InvalidArgument",
        "System.ArgumentException" => "NotSpecified",
        // An exception out of .NET that nothing wrapped.
        id if id.starts_with("System.") => "OperationStopped",
        "VariableNotWritable" => "WriteError",
        "ValidateSetFailure" => "MetadataError",
        "ExceptionWhenSetting" | "ExceptionWhenGetting" => "NotSpecified",
        "PathNotFound" | "ItemNotFound" | "CommandNotFoundException" => "ObjectNotFound",
        _ => "InvalidOperation",
    };
    Ctl::Throw(Rc::new(ErrorRecord::new(
        Exception::new(type_name, message),
        id,
        category,
    )))
}

/// An exception thrown by a .NET method: the call adds `Exception calling "X" …`.
pub fn method_error(type_name: &str, message: impl Into<String>) -> Ctl {
    let id = type_name.rsplit('.').next().unwrap_or(type_name).to_owned();
    let mut record = ErrorRecord::new(Exception::new(type_name, message), &id, "NotSpecified");
    record.is_raw = true;
    Ctl::Throw(Rc::new(record))
}

/// What left a script block, as an exception out of the method that called it.
pub fn out_of_method(ctl: Ctl) -> Ctl {
    let Ctl::Throw(record) = &ctl else {
        return ctl;
    };
    let carrier = record.carrier();
    let kind = &carrier.type_name;
    if kind.ends_with(".MethodException") || kind.ends_with(".MethodInvocationException") {
        // It says already which call failed.
        return ctl;
    }
    let id = kind.rsplit('.').next().unwrap_or(kind).to_owned();
    let mut raw = record.copied();
    raw.exception = carrier;
    raw.id = id;
    raw.is_raw = true;
    Ctl::Throw(Rc::new(raw))
}

/// A failure to bind, with the parameter's name (`.ParameterName`).
pub fn fail_binding(kind: Binding, id: &str, parameter: &str, message: impl Into<String>) -> Ctl {
    let mut exception = Exception::new(kind.type_name(), message);
    exception.name_parameter(parameter);
    let category = match kind {
        Binding::Given => "InvalidArgument",
        Binding::Transformed | Binding::Validated => "InvalidData",
    };
    Ctl::Throw(Rc::new(ErrorRecord::new(exception, id, category)))
}

/// Whether an argument failed to reach its parameter, to become of its type, or was looked at there and not taken.
#[derive(Clone, Copy)]
pub enum Binding {
    Given,
    Transformed,
    Validated,
}

impl Binding {
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Given => "System.Management.Automation.ParameterBindingException",
            Self::Transformed => {
                "System.Management.Automation.ParameterBindingArgumentTransformationException"
            }
            Self::Validated => "System.Management.Automation.ParameterBindingValidationException",
        }
    }
}

impl Exception {
    /// `.ParameterName` of a `ParameterBindingException`.
    pub fn name_parameter(&mut self, parameter: &str) {
        self.props.push(("ParameterName", Value::from(parameter)));
    }
}

/// An argument that a cmdlet cannot use.
pub fn argument_error(parameter: &str, message: impl std::fmt::Display) -> Ctl {
    crate::value::fail_binding(
        crate::value::Binding::Transformed,
        "ParameterArgumentTransformationError",
        parameter,
        format!("Cannot process argument transformation on parameter '{parameter}'. {message}"),
    )
}

/// Something that isn't supported.
pub fn refuse(message: impl Into<String>) -> Ctl {
    Ctl::Refused(Rc::new(Refusal {
        message: message.into(),
        position: RefCell::default(),
    }))
}
