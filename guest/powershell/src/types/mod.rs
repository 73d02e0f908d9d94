//! .NET's types: one a file, each with a [`TypeInfo`] in [`TYPES`].
//!
//! To add one: a file with its `pub const INFO: TypeInfo` and, if it has instances, a [`Net`](crate::value::Net);
//! then a line in `TYPES`. What isn't there is refused by name before a script runs.

mod activator;
pub mod array;
mod base;
pub mod bigint;
pub mod bit_converter;
pub mod calendar;
mod char_class;
pub mod cmdlet_context;
pub mod collections;
pub mod convert_class;
pub mod credential;
pub mod culture;
pub mod datetime;
pub mod datetime_format;
pub mod datetime_offset;
pub mod datetime_parse;
pub mod datetime_static;
mod decimal_class;
mod delegate;
pub mod drive_info;
pub mod encoding;
pub mod enumeration;
pub mod enumerator;
mod enums;
pub mod environment;
pub mod exception;
mod exception_codes;
pub mod exception_messages;
pub mod execution_context;
pub mod file;
pub mod file_info;
pub mod grid;
pub mod guid;
pub mod hash_methods;
mod hash_view;
pub mod hashing;
pub mod host;
pub mod information;
pub mod intrinsic;
pub mod ip_address;
mod list_delegates;
pub mod list_methods;
mod list_ranges;
mod list_search;
pub mod math;
pub mod members;
pub mod network;
mod number_style;
pub mod numbers;
pub mod object_class;
mod order;
pub mod path;
pub mod path_info;
pub mod plain;
pub mod property_set;
mod psbase;
pub mod psobject;
mod queue_methods;
pub mod random;
pub mod record;
pub mod regex;
pub mod resolve;
pub mod semver;
mod set_methods;
pub mod stopwatch;
pub mod string;
pub mod string_builder;
pub mod string_static;
pub mod switch;
pub mod text_io;
mod thread;
pub mod timespan;
mod timespan_parse;
pub mod tuple;
pub mod type_names;
pub mod uri;
mod uri_builder;
pub mod version;
pub mod web;
pub mod web_text;
mod wildcard;
pub mod xml;
mod zip;

use std::rc::Rc;

use crate::eval::Engine;
use crate::eval::class::Class;
use crate::parse::ast::BinaryOp;
use crate::value::{R, Value};
use enumeration::EnumType;

pub use plain::{is_plain_data, plain_call, plain_get};
pub use resolve::{parse_name, resolve};

pub type ConvertFn = fn(&Value) -> R<Value>;
pub type CreateFn = fn(&mut Engine, &[Value]) -> Option<R<Value>>;
pub type CallFn = fn(&mut Engine, &str, &[Value]) -> Option<R<Value>>;
pub type GetFn = fn(&str) -> Option<Value>;

/// What is known of a type.
pub struct TypeInfo {
    /// The full name.
    pub name: &'static str,
    /// Accelerators such as `int`; the name without `System.` needs none.
    pub aliases: &'static [&'static str],
    /// What it derives from, besides object.
    pub bases: &'static [&'static str],
    /// Static members, for the check and the list.
    pub statics: &'static [&'static str],
    pub convert: Option<ConvertFn>,
    pub create: Option<CreateFn>,
    pub call: Option<CallFn>,
    pub get: Option<GetFn>,
}

impl TypeInfo {
    /// A type with nothing but a name.
    pub const fn named(name: &'static str, aliases: &'static [&'static str]) -> Self {
        Self {
            name,
            aliases,
            bases: &[],
            statics: &[],
            convert: None,
            create: None,
            call: None,
            get: None,
        }
    }
}

/// Every type, apart from exceptions and enums, which have tables of their own.
pub static TYPES: &[&TypeInfo] = &[
    &object_class::OBJECT,
    &object_class::MATCH_INFO,
    &object_class::GROUP_INFO,
    &object_class::PS_VARIABLE,
    &property_set::INFO,
    &property_set::MEMBER_INFO,
    &object_class::CMDLET_INFO,
    &object_class::FUNCTION_INFO,
    &object_class::ALIAS_INFO,
    &object_class::VALUE_TYPE,
    &object_class::VOID,
    &object_class::CUSTOM,
    &object_class::SCRIPT_BLOCK,
    &object_class::TYPE,
    &object_class::HASHTABLE,
    &object_class::ORDERED_HASHTABLE,
    &object_class::ORDERED,
    &object_class::DICTIONARY_ENTRY,
    &object_class::ENUM,
    &numbers::BOOLEAN,
    &char_class::INFO,
    &numbers::BYTE,
    &numbers::SBYTE,
    &numbers::INT16,
    &numbers::UINT16,
    &numbers::INT32,
    &numbers::UINT32,
    &numbers::INT64,
    &numbers::UINT64,
    &numbers::SINGLE,
    &numbers::DOUBLE,
    &numbers::DECIMAL,
    &bigint::INFO,
    &string_static::INFO,
    &array::INFO,
    &collections::ARRAY_LIST,
    &collections::LIST,
    &collections::COLLECTION,
    &collections::HASH_SET,
    &collections::SORTED_SET,
    &collections::QUEUE,
    &collections::STACK,
    &collections::DICTIONARY,
    &collections::SORTED_DICTIONARY,
    &collections::PLAIN_QUEUE,
    &collections::PLAIN_STACK,
    &collections::IENUMERABLE,
    &enumerator::ENUMERATOR,
    &collections::ILIST,
    &collections::IDICTIONARY,
    &collections::ICOLLECTION,
    &collections::ICOMPARABLE,
    &collections::IDISPOSABLE,
    &collections::IEQUATABLE,
    &collections::IFORMATTABLE,
    &collections::IFORMAT_PROVIDER,
    &collections::IVALIDATE_SET_VALUES,
    &collections::STRING_COMPARER,
    &delegate::PREDICATE,
    &delegate::COMPARISON,
    &delegate::CONVERTER,
    &delegate::FUNC,
    &delegate::ACTION,
    &convert_class::INFO,
    &bit_converter::INFO,
    &credential::SECURE_STRING,
    &credential::CREDENTIAL,
    &credential::NETWORK,
    &datetime::INFO,
    &datetime_offset::OFFSET,
    &timespan::INFO,
    &tuple::TUPLE,
    &tuple::VALUE_TUPLE,
    &encoding::INFO,
    &encoding::UTF8,
    &environment::INFO,
    &exception::ERROR_RECORD,
    &record::WARNING,
    &record::VERBOSE,
    &record::DEBUG,
    &information::INFORMATION,
    &file::FILE,
    &file::DIRECTORY,
    &file_info::FILE_SYSTEM_INFO,
    &file_info::FILE_INFO,
    &file_info::DIRECTORY_INFO,
    &guid::INFO,
    &object_class::NULLABLE,
    &host::CONSOLE,
    &math::INFO,
    &web_text::WEB_UTILITY,
    &web_text::HTTP_UTILITY,
    &web::NAME_VALUES,
    &web::WEB_HEADERS,
    &web::CREDENTIAL_CACHE,
    &web::client::INFO,
    &web::request::INFO,
    &web::http::client::INFO,
    &web::http::handler::INFO,
    &web::http::message::METHOD,
    &web::http::message::REQUEST,
    &web::http::content::STRING,
    &web::http::content::BYTES,
    &web::http::content::STREAM,
    &web::http::content::FORM,
    &web::http::content::MULTIPART,
    &web::http::MEDIA_TYPE,
    &web::http::QUALITY,
    &web::http::AUTHENTICATION,
    &web::http::DISPOSITION,
    &web::http::PRODUCT,
    &network::SERVICE_POINT,
    &culture::INFO,
    &path::INFO,
    &ip_address::INFO,
    &drive_info::DRIVE,
    &drive_info::PROVIDER,
    &path_info::INFO,
    &random::INFO,
    &regex::INFO,
    &regex::MATCH,
    &stopwatch::INFO,
    &thread::INFO,
    &string_builder::INFO,
    &activator::INFO,
    &text_io::memory_stream::INFO,
    &text_io::file_stream::INFO,
    &text_io::reader::STREAM_READER,
    &text_io::reader::STRING_READER,
    &text_io::writer::STREAM_WRITER,
    &text_io::writer::STRING_WRITER,
    &switch::INFO,
    &uri::INFO,
    &uri_builder::INFO,
    &version::INFO,
    &wildcard::INFO,
    &semver::INFO,
    &zip::statics::FILE,
    &zip::statics::EXTENSIONS,
    &xml::DOCUMENT,
    &xml::ELEMENT,
    &xml::MANAGER,
    &xml::NODE,
    &hashing::SHA256,
    &hashing::SHA1,
    &hashing::SHA512,
    &hashing::MD5,
    &hashing::SHA384,
    &hashing::HMAC_SHA256,
    &hashing::HMAC_SHA1,
    &hashing::HMAC_SHA384,
    &hashing::HMAC_SHA512,
    &hashing::HMAC_MD5,
];

/// A type that a script names.
#[derive(Clone)]
pub enum TypeRef {
    Known(&'static TypeInfo),
    Array(Rc<TypeRef>),
    /// An array of several dimensions, and how many.
    Grid(Rc<TypeRef>, usize),
    Generic(&'static TypeInfo, Rc<[TypeRef]>),
    Class(Rc<Class>),
    Enum(Rc<EnumType>),
    /// An exception, by its full name.
    Exception(&'static str),
    /// Of something that a cmdlet put out, which scripts can't name.
    Output(Rc<str>),
}

impl std::fmt::Debug for TypeRef {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.full_name())
    }
}

impl PartialEq for TypeRef {
    fn eq(&self, other: &Self) -> bool {
        self.full_name().eq_ignore_ascii_case(&other.full_name())
    }
}

/// Types that are found without `System.`, but printed with it.
const NO_ACCELERATORS: [&str; 11] = [
    "System.Activator",
    "System.BitConverter",
    "System.Console",
    "System.Convert",
    "System.DateTimeOffset",
    "System.Enum",
    "System.Environment",
    "System.Math",
    "System.Object",
    "System.Random",
    "System.ValueType",
];

impl TypeRef {
    /// A type that is certainly there.
    pub fn named(alias: &str) -> Self {
        resolve::known(alias).map_or(Self::Known(&object_class::OBJECT), Self::Known)
    }

    pub fn full_name(&self) -> String {
        match self {
            Self::Known(info) => info.name.to_owned(),
            Self::Array(of) => format!("{}[]", of.full_name()),
            Self::Grid(of, rank) => format!("{}[{}]", of.full_name(), ",".repeat(rank - 1)),
            Self::Generic(info, args) => {
                let args: Vec<String> = args
                    .iter()
                    .map(|arg| format!("[{}]", arg.full_name()))
                    .collect();
                format!("{}`{}[{}]", info.name, args.len(), args.join(","))
            }
            Self::Class(class) => class.name.clone(),
            Self::Enum(of) => of.name.clone(),
            Self::Exception(name) => (*name).to_owned(),
            Self::Output(name) => name.to_string(),
        }
    }

    /// As PowerShell prints a type: by its accelerator if it has one.
    pub fn short_name(&self) -> String {
        match self {
            Self::Known(info) if NO_ACCELERATORS.contains(&info.name) => info.name.to_owned(),
            Self::Known(info) => info
                .aliases
                .first()
                .map_or(info.name, |alias| alias)
                .to_owned(),
            Self::Array(of) => format!("{}[]", of.short_name()),
            Self::Grid(of, rank) => format!("{}[{}]", of.short_name(), ",".repeat(rank - 1)),
            Self::Generic(info, args) => {
                let args: Vec<String> = args.iter().map(Self::short_name).collect();
                format!("{}[{}]", info.name, args.join(","))
            }
            other => other.full_name(),
        }
    }

    /// `.Name`
    pub fn name(&self) -> String {
        match self {
            Self::Array(of) => format!("{}[]", of.name()),
            Self::Grid(of, rank) => format!("{}[{}]", of.name(), ",".repeat(rank - 1)),
            Self::Generic(info, args) => format!(
                "{}`{}",
                info.name.rsplit('.').next().unwrap_or_default(),
                args.len()
            ),
            other => other
                .full_name()
                .split('[')
                .next()
                .unwrap_or_default()
                // A nested type's is what follows the `+`.
                .rsplit(['.', '+'])
                .next()
                .unwrap_or_default()
                .to_owned(),
        }
    }

    pub fn is_exception(&self) -> bool {
        matches!(self, Self::Exception(_))
    }

    pub fn is_interface(&self) -> bool {
        let name = self.name();
        name.len() > 1 && name.starts_with('I') && name[1..].starts_with(|c: char| c.is_uppercase())
    }

    pub fn is_or_derives(&self, name: &str) -> bool {
        let full = self.full_name();
        full.eq_ignore_ascii_case(name)
            || full
                .rsplit('.')
                .next()
                .is_some_and(|last| last.eq_ignore_ascii_case(name))
            || matches!(self, Self::Class(class) if class.is_or_derives(name))
            || matches!(self, Self::Exception(_))
                && exception::bases_of(&full)
                    .iter()
                    .any(|base| base.eq_ignore_ascii_case(name))
            || matches!(self, Self::Known(info) if info.bases.contains(&name))
            || self.base().is_some_and(|base| base.is_or_derives(name))
    }

    /// `default(T)`: what an element of an array is before anything is assigned.
    pub fn default_value(&self) -> Value {
        match self {
            Self::Known(info) => match info.name {
                "System.Int32" => Value::Int(0),
                "System.Int64" => Value::Long(0),
                "System.Double" => Value::Double(0.0),
                "System.Boolean" => Value::Bool(false),
                "System.Char" => Value::Char('\0'),
                "System.DateTime" => datetime::DateTime::min(),
                "System.TimeSpan" => timespan::TimeSpan::value(0),
                "System.Management.Automation.SwitchParameter" => switch::value(false),
                name => match (numbers::is_number(name), info.convert) {
                    (true, Some(convert)) => convert(&Value::Int(0)).unwrap_or_default(),
                    _ => Value::Null,
                },
            },
            Self::Enum(of) => enumeration::EnumValue::value(of, 0),
            _ => Value::Null,
        }
    }

    pub fn static_get(&self, lower: &str) -> Option<Value> {
        match self {
            Self::Known(info) => {
                let found = (info.get?)(lower);
                if let Some(found) = found {
                    return Some(found);
                }
                None
            }
            Self::Enum(of) => enumeration::EnumValue::parse(of, lower),
            _ => None,
        }
    }

    pub fn static_set(&self, lower: &str, value: &Value) -> Option<R<()>> {
        match self {
            Self::Known(info) => network::set_static(info.name, lower, value),
            _ => None,
        }
    }

    pub fn static_call(
        &self,
        engine: &mut Engine,
        lower: &str,
        args: &[Value],
    ) -> Option<R<Value>> {
        match self {
            Self::Known(info) => {
                if let Some(found) = (info.call?)(engine, lower, args) {
                    return Some(found);
                }
                None
            }
            Self::Enum(of) => enumeration::static_call(of, lower, args),
            _ => None,
        }
    }

    /// `::new(args)`; `None` if it can't be created.
    pub fn create(&self, engine: &mut Engine, args: Vec<Value>) -> Option<R<Value>> {
        match self {
            Self::Known(info) => (info.create?)(engine, &args),
            Self::Generic(info, of) => collections::create_generic(engine, info, of, &args),
            Self::Exception(name) => Some(exception::create_around(engine, name, args)),
            Self::Array(of) => array::create(of, &args),
            Self::Grid(of, rank) => grid::create(of, *rank, &args),
            _ => None,
        }
    }
}

/// `right` as `left`'s type, where that is an object's.
pub fn like(left: &Value, right: &Value) -> Option<Value> {
    if let Some(value) = left.downcast::<enumeration::EnumValue>() {
        return enumeration::EnumValue::convert(&value.of, right).ok();
    }
    let info = resolve::known(&left.type_name())?;
    (info.convert?)(right).ok()
}

/// Arithmetic of dates, durations and unbounded integers; `None` if neither side is one.
pub fn arith(op: BinaryOp, left: &Value, right: &Value) -> Option<R<Value>> {
    if !matches!(left, Value::Net(_)) && !matches!(right, Value::Net(_)) {
        return None;
    }
    datetime::arith(op, left, right)
        .or_else(|| timespan::arith(op, left, right))
        .or_else(|| bigint::arith(op, left, right))
}
