//! Exceptions and error records.

use std::rc::Rc;

use super::TypeInfo;
use super::exception_codes::code;
use super::exception_messages::default_message;
use crate::eval::Engine;
use crate::net_any;
use crate::value::{ErrorRecord, Exception, Net, Object, R, Value};

pub const ERROR_RECORD: TypeInfo = TypeInfo {
    create: Some(create_record),
    ..TypeInfo::named("System.Management.Automation.ErrorRecord", &["ErrorRecord"])
};

/// Every exception that scripts can name, and what it derives from.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("System.Exception", ""),
    ("System.SystemException", "System.Exception"),
    ("System.ApplicationException", "System.Exception"),
    ("System.AggregateException", "System.Exception"),
    (
        "System.Net.ProtocolViolationException",
        "System.InvalidOperationException",
    ),
    ("System.ArgumentException", "System.SystemException"),
    ("System.ArgumentNullException", "System.ArgumentException"),
    (
        "System.ArgumentOutOfRangeException",
        "System.ArgumentException",
    ),
    ("System.ArithmeticException", "System.SystemException"),
    ("System.DivideByZeroException", "System.ArithmeticException"),
    ("System.OverflowException", "System.ArithmeticException"),
    ("System.FormatException", "System.SystemException"),
    ("System.UriFormatException", "System.FormatException"),
    ("System.IndexOutOfRangeException", "System.SystemException"),
    ("System.InvalidCastException", "System.SystemException"),
    ("System.InvalidOperationException", "System.SystemException"),
    ("System.NotImplementedException", "System.SystemException"),
    ("System.NotSupportedException", "System.SystemException"),
    ("System.NullReferenceException", "System.SystemException"),
    ("System.OutOfMemoryException", "System.SystemException"),
    ("System.TimeoutException", "System.SystemException"),
    (
        "System.UnauthorizedAccessException",
        "System.SystemException",
    ),
    (
        "System.OperationCanceledException",
        "System.SystemException",
    ),
    (
        "System.Threading.Tasks.TaskCanceledException",
        "System.OperationCanceledException",
    ),
    ("System.RankException", "System.SystemException"),
    ("System.MemberAccessException", "System.SystemException"),
    (
        "System.MissingMemberException",
        "System.MemberAccessException",
    ),
    (
        "System.MissingFieldException",
        "System.MissingMemberException",
    ),
    (
        "System.MissingMethodException",
        "System.MissingMemberException",
    ),
    (
        "System.Collections.Generic.KeyNotFoundException",
        "System.SystemException",
    ),
    ("System.IO.IOException", "System.SystemException"),
    ("System.IO.FileNotFoundException", "System.IO.IOException"),
    (
        "System.IO.DirectoryNotFoundException",
        "System.IO.IOException",
    ),
    ("System.IO.PathTooLongException", "System.IO.IOException"),
    ("System.IO.EndOfStreamException", "System.IO.IOException"),
    ("System.IO.InvalidDataException", "System.SystemException"),
    (
        "System.Net.WebException",
        "System.InvalidOperationException",
    ),
    ("System.Net.Http.HttpRequestException", "System.Exception"),
    (
        "Microsoft.PowerShell.Commands.HttpResponseException",
        "System.Net.Http.HttpRequestException",
    ),
    ("System.Xml.XmlException", "System.SystemException"),
    ("System.Xml.XPath.XPathException", "System.SystemException"),
    (
        "System.Security.SecurityException",
        "System.SystemException",
    ),
    (
        "System.Security.Cryptography.CryptographicException",
        "System.SystemException",
    ),
    (
        "System.Text.RegularExpressions.RegexParseException",
        "System.ArgumentException",
    ),
    (
        "System.Text.RegularExpressions.RegexMatchTimeoutException",
        "System.TimeoutException",
    ),
    ("System.Text.Json.JsonException", "System.Exception"),
    (
        "System.ComponentModel.DataAnnotations.ValidationException",
        "System.Exception",
    ),
    (
        "System.Management.Automation.RuntimeException",
        "System.SystemException",
    ),
    (
        "System.Management.Automation.CmdletInvocationException",
        "System.Management.Automation.RuntimeException",
    ),
    (
        "System.Management.Automation.ActionPreferenceStopException",
        "System.Management.Automation.RuntimeException",
    ),
    (
        "System.Management.Automation.ParseException",
        "System.Management.Automation.RuntimeException",
    ),
    (
        "System.Management.Automation.PSInvalidCastException",
        "System.InvalidCastException",
    ),
    (
        "System.Management.Automation.PSArgumentException",
        "System.ArgumentException",
    ),
    (
        "System.Management.Automation.PSArgumentNullException",
        "System.ArgumentNullException",
    ),
    (
        "System.Management.Automation.PSInvalidOperationException",
        "System.InvalidOperationException",
    ),
    (
        "System.Management.Automation.PSNotSupportedException",
        "System.NotSupportedException",
    ),
    (
        "System.Management.Automation.CommandNotFoundException",
        "System.Management.Automation.RuntimeException",
    ),
    (
        "System.Management.Automation.ItemNotFoundException",
        "System.Management.Automation.SessionStateException",
    ),
    (
        "System.Management.Automation.SessionStateException",
        "System.Management.Automation.RuntimeException",
    ),
    (
        "System.Management.Automation.DriveNotFoundException",
        "System.Management.Automation.SessionStateException",
    ),
    (
        "System.Management.Automation.SessionStateUnauthorizedAccessException",
        "System.Management.Automation.SessionStateException",
    ),
    (
        "System.Management.Automation.MethodException",
        "System.Management.Automation.RuntimeException",
    ),
    (
        "System.Management.Automation.MethodInvocationException",
        "System.Management.Automation.MethodException",
    ),
    (
        "System.Management.Automation.PropertyNotFoundException",
        "System.Management.Automation.RuntimeException",
    ),
    (
        "System.Management.Automation.ExtendedTypeSystemException",
        "System.Management.Automation.RuntimeException",
    ),
    (
        "System.Management.Automation.SetValueException",
        "System.Management.Automation.ExtendedTypeSystemException",
    ),
    (
        "System.Management.Automation.GetValueException",
        "System.Management.Automation.ExtendedTypeSystemException",
    ),
    (
        "System.Management.Automation.SetValueInvocationException",
        "System.Management.Automation.SetValueException",
    ),
    (
        "System.Management.Automation.GetValueInvocationException",
        "System.Management.Automation.GetValueException",
    ),
    (
        "System.Management.Automation.ParameterBindingException",
        "System.Management.Automation.RuntimeException",
    ),
    (
        "System.Management.Automation.ParameterBindingArgumentTransformationException",
        "System.Management.Automation.ParameterBindingException",
    ),
    (
        "System.Management.Automation.ParameterBindingValidationException",
        "System.Management.Automation.ParameterBindingException",
    ),
    (
        "System.Management.Automation.ValidationMetadataException",
        "System.Management.Automation.RuntimeException",
    ),
    (
        "System.Management.Automation.ArgumentTransformationMetadataException",
        "System.Management.Automation.RuntimeException",
    ),
    (
        "System.Management.Automation.ScriptCallDepthException",
        "System.SystemException",
    ),
    (
        "Microsoft.PowerShell.Commands.WriteErrorException",
        "System.SystemException",
    ),
];

/// The full name of an exception that `name` means.
pub fn known(name: &str) -> Option<&'static str> {
    EXCEPTIONS.iter().map(|(full, _)| *full).find(|full| {
        full.eq_ignore_ascii_case(name)
            || full
                .strip_prefix("System.")
                .is_some_and(|short| short.eq_ignore_ascii_case(name))
    })
}

/// All that an exception derives from.
pub fn bases_of(name: &str) -> Vec<&'static str> {
    let mut bases = Vec::new();
    let mut name = name;
    while let Some((_, base)) = EXCEPTIONS.iter().find(|(full, _)| *full == name) {
        if base.is_empty() {
            break;
        }
        bases.push(*base);
        name = base;
    }
    if bases.is_empty() && name != "System.Exception" {
        bases.push("System.Exception");
    }
    bases
}

pub fn create(name: &str, args: &[Value]) -> R<Value> {
    let message = match args.first() {
        Some(first) if name.ends_with("ArgumentNullException") && args.len() == 1 => {
            format!("Value cannot be null. (Parameter '{}')", first.text())
        }
        Some(first) if name.ends_with("ArgumentOutOfRangeException") && args.len() == 1 => {
            format!(
                "Specified argument was out of the range of valid values. (Parameter '{}')",
                first.text()
            )
        }
        Some(first)
            if name.ends_with("ArgumentOutOfRangeException")
                || name.ends_with("ArgumentNullException") =>
        {
            format!("{} (Parameter '{}')", args[1].text(), first.text())
        }
        Some(first) => match args.get(1) {
            Some(Value::Str(parameter)) if name.ends_with("ArgumentException") => {
                format!("{} (Parameter '{parameter}')", first.text())
            }
            _ => first.text(),
        },
        None => default_message(name, name),
    };
    let mut exception = Exception::new(name, message);
    let parameter = match (name.rsplit('.').next(), args) {
        (Some("ArgumentException"), [_, parameter @ Value::Str(_)])
        | (Some("ArgumentNullException" | "ArgumentOutOfRangeException"), [parameter, ..]) => {
            Some(parameter)
        }
        _ => None,
    };
    if let Some(parameter) = parameter {
        exception.props.push(("ParamName", parameter.clone()));
    }
    if let ("System.IO.FileNotFoundException", [_, file @ Value::Str(_), ..]) = (name, args) {
        exception.props.push(("FileName", file.clone()));
    }
    exception.inner = args.get(1).and_then(Value::downcast_rc::<Exception>);
    Ok(Value::net(exception))
}

/// The same where the inner exception may be an instance of a script's own class.
pub fn create_around(engine: &mut Engine, name: &str, mut args: Vec<Value>) -> R<Value> {
    if let Some(inner) = args.get_mut(1)
        && let Some(exception) = engine.class_exception(inner)?
    {
        *inner = Value::net(exception);
    }
    create(name, &args)
}

fn create_record(_: &mut Engine, args: &[Value]) -> Option<R<Value>> {
    let [exception, id, category, target] = args else {
        return None;
    };
    let found = exception.downcast_rc::<Exception>()?;
    let mut record = ErrorRecord::new(
        Exception::new("", ""),
        &id.text(),
        category_named(&category.text()),
    );
    record.exception = found;
    record.target = target.clone();
    Some(Ok(Value::net(record)))
}

/// `System.Management.Automation.ErrorCategory`
pub fn category_named(name: &str) -> &'static str {
    const NAMES: [&str; 32] = [
        "NotSpecified",
        "OpenError",
        "CloseError",
        "DeviceError",
        "DeadlockDetected",
        "InvalidArgument",
        "InvalidData",
        "InvalidOperation",
        "InvalidResult",
        "InvalidType",
        "MetadataError",
        "NotImplemented",
        "NotInstalled",
        "ObjectNotFound",
        "OperationStopped",
        "OperationTimeout",
        "SyntaxError",
        "ParserError",
        "PermissionDenied",
        "ResourceBusy",
        "ResourceExists",
        "ResourceUnavailable",
        "ReadError",
        "WriteError",
        "FromStdErr",
        "SecurityError",
        "ProtocolError",
        "ConnectionError",
        "AuthenticationError",
        "LimitsExceeded",
        "QuotaExceeded",
        "NotEnabled",
    ];
    NAMES
        .iter()
        .find(|known| known.eq_ignore_ascii_case(name))
        .copied()
        .unwrap_or("NotSpecified")
}

/// The properties that every exception has, in .NET's order.
const COMMON: [&str; 8] = [
    "TargetSite",
    "Message",
    "Data",
    "InnerException",
    "HelpLink",
    "Source",
    "HResult",
    "StackTrace",
];

impl Net for Exception {
    net_any!();

    fn type_name(&self) -> &str {
        &self.type_name
    }

    fn bases(&self) -> Vec<String> {
        bases_of(&self.type_name)
            .into_iter()
            .map(String::from)
            .collect()
    }

    fn text(&self) -> String {
        format!("{}: {}", self.type_name, self.message)
    }

    fn get(&self, name: &str) -> Option<Value> {
        if let Some(Value::Object(instance)) = &self.instance
            && let Some(found) = instance.note(name)
        {
            return Some(found);
        }
        match name {
            "message" => Some(Value::from(self.message.as_str())),
            "innerexception" => Some(
                self.inner
                    .clone()
                    .map_or(Value::Null, |inner| inner.value()),
            ),
            "stacktrace" => Some(self.trace.get().map_or(Value::Null, |trace| {
                let lines: Vec<String> = trace.lines().map(|line| format!("   {line}")).collect();
                Value::from(lines.join("\n"))
            })),
            "hresult" => Some(Value::Int(code(&self.type_name))),
            "source" | "helplink" => Some(Value::Null),
            "data" => Some(Value::Hash(Rc::clone(self.data.get_or_init(|| {
                Rc::new(crate::value::Hash::new(crate::value::HashKind::Table))
            })))),
            _ => self
                .props
                .iter()
                .find(|(seen, _)| seen.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.clone()),
        }
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        match (name, args) {
            ("getbaseexception", []) => {
                let mut found = Rc::clone(&self);
                while let Some(inner) = found.inner.clone() {
                    found = inner;
                }
                Some(Ok(found.value()))
            }
            _ => None,
        }
    }

    fn properties(&self) -> Vec<String> {
        // A type's own come before those of the types that it derives from.
        let own = self.props.iter().map(|(name, _)| *name);
        own.chain(COMMON).map(String::from).collect()
    }
}

impl Net for ErrorRecord {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Management.Automation.ErrorRecord"
    }

    fn text(&self) -> String {
        self.message()
    }

    fn get(&self, name: &str) -> Option<Value> {
        Some(match name {
            "exception" => match &self.exception.instance {
                Some(instance) => instance.clone(),
                None => Value::Net(Rc::clone(&self.exception) as Rc<dyn Net>),
            },
            "fullyqualifiederrorid" => {
                let activity = self.activity.borrow();
                let invoked = self.invoked.borrow();
                Value::from(if *activity == "Write-Error" && !invoked.is_empty() {
                    // `Write-Error` speaks for the function that called it.
                    format!("{},{invoked}", self.id)
                } else if activity.is_empty() || self.is_thrown || *activity == "Write-Error" {
                    self.id.clone()
                } else {
                    format!("{},{}", self.id, command_type(&activity))
                })
            }
            "targetobject" => self.target.clone(),
            "errordetails" => match self.details.borrow().as_ref() {
                Some(details) => Object::with(
                    "System.Management.Automation.ErrorDetails",
                    [("Message", Value::from(details.as_str()))],
                ),
                None => Value::Null,
            },
            "scriptstacktrace" => Value::from(self.trace.borrow().as_str()),
            "categoryinfo" => category_info(self),
            "invocationinfo" => invocation_info(self),
            _ => return None,
        })
    }

    fn properties(&self) -> Vec<String> {
        [
            "Exception",
            "TargetObject",
            "CategoryInfo",
            "FullyQualifiedErrorId",
            "ErrorDetails",
            "InvocationInfo",
            "ScriptStackTrace",
        ]
        .map(String::from)
        .to_vec()
    }
}

/// `Get-Item` is `Microsoft.PowerShell.Commands.GetItemCommand` in an error's id.
fn command_type(name: &str) -> String {
    if crate::cmdlets::find(name).is_none() || name.ends_with("-Archive") {
        // A function, as those of the archive module are.
        return name.to_owned();
    }
    format!(
        "Microsoft.PowerShell.Commands.{}Command",
        name.replace('-', "")
    )
}

fn category_info(record: &ErrorRecord) -> Value {
    let reason = record
        .exception
        .type_name
        .rsplit('.')
        .next()
        .unwrap_or_default();
    Object::with(
        "System.Management.Automation.ErrorCategoryInfo",
        [
            ("Category", Value::from(record.category)),
            ("Activity", Value::from(record.activity.borrow().as_str())),
            ("Reason", Value::from(reason)),
            ("TargetName", Value::from(record.target.text())),
            (
                "TargetType",
                Value::from(
                    record
                        .target
                        .type_name()
                        .rsplit('.')
                        .next()
                        .unwrap_or_default(),
                ),
            ),
        ],
    )
}

/// `ObjectNotFound: (a.txt:String) [Get-Item], ItemNotFoundException`; long names, but not the
/// exception's, lose their middle (ErrorCategoryInfo.GetMessage and Ellipsize).
pub fn category_text(info: &Object) -> String {
    let part = |name: &str| {
        let text = info.note(name).unwrap_or_default().text();
        let chars: Vec<char> = text.chars().collect();
        if chars.len() <= 40 {
            return text;
        }
        let (start, end) = (&chars[..15], &chars[chars.len() - 15..]);
        format!("{}...{}", String::from_iter(start), String::from_iter(end))
    };
    format!(
        "{}: ({}:{}) [{}], {}",
        part("Category"),
        part("TargetName"),
        part("TargetType"),
        part("Activity"),
        info.note("Reason").unwrap_or_default().text()
    )
}

fn invocation_info(record: &ErrorRecord) -> Value {
    // `Write-Error` speaks for the function that calls it.
    let invoked = record.invoked.borrow();
    let command = if invoked.is_empty() {
        record.activity.borrow().clone()
    } else {
        invoked.clone()
    };
    let position = record.position.borrow();
    let (line, column, text, path) = match position.as_ref() {
        Some(position) => (
            position.span.line as i32,
            position.span.column as i32,
            position.source.line(position.span.line).to_owned(),
            position.source.path.clone(),
        ),
        None => (0, 0, String::new(), String::new()),
    };
    let message = format!("At {path}:{line} char:{column}\n+ {text}");
    Object::with(
        "System.Management.Automation.InvocationInfo",
        [
            (
                "MyCommand",
                Object::with(
                    "System.Management.Automation.CommandInfo",
                    [("Name", Value::from(command.as_str()))],
                ),
            ),
            ("ScriptLineNumber", Value::Int(line)),
            ("OffsetInLine", Value::Int(column)),
            ("Line", Value::from(text)),
            ("ScriptName", Value::from(path.as_str())),
            ("PositionMessage", Value::from(message)),
            ("InvocationName", Value::from(command.as_str())),
        ],
    )
}
