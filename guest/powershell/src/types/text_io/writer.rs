//! `[System.IO.StreamWriter]` and `[System.IO.StringWriter]`.

use std::cell::{Cell, RefCell};
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::rc::Rc;

use super::closed;
use super::memory_stream::MemoryStream;
use crate::eval::Engine;
use crate::format::composite;
use crate::net_any;
use crate::place;
use crate::types::TypeInfo;
use crate::types::encoding::{self, Encoding, Kind};
use crate::types::file;
use crate::value::{Net, R, Value, to_bool};

pub const STREAM_WRITER: TypeInfo = TypeInfo {
    create: Some(opened),
    ..TypeInfo::named("System.IO.StreamWriter", &[])
};
pub const STRING_WRITER: TypeInfo = TypeInfo {
    create: Some(|_, args| {
        let to = To::Text(RefCell::default());
        args.is_empty()
            .then(|| Ok(Writer::value(STRING_WRITER.name, to, Kind::Utf8)))
    }),
    ..TypeInfo::named("System.IO.StringWriter", &[])
};

/// A path, whether to append, an encoding; or a stream and an encoding.
fn opened(engine: &mut Engine, args: &[Value]) -> Option<R<Value>> {
    let (to, rest) = args.split_first()?;
    let encoding = rest.iter().find(|arg| arg.downcast::<Encoding>().is_some());
    let (kind, has_mark) = match encoding.map(Encoding::of).transpose() {
        Ok(found) => found.unwrap_or((Kind::Utf8, false)),
        Err(ctl) => return Some(Err(ctl)),
    };
    let made = if let Some(stream) = to.downcast_rc::<MemoryStream>() {
        Writer::made(STREAM_WRITER.name, To::Stream(stream), kind)
    } else {
        if matches!(to, Value::Net(_)) && to.enumerate().is_none() {
            return None;
        }
        let path = place::absolute(&engine.location, &to.text());
        let appends = matches!(rest.first(), Some(Value::Bool(true)));
        match Writer::to_file(&path, appends, kind) {
            Ok(made) => made,
            Err(ctl) => return Some(Err(ctl)),
        }
    };
    let result = match has_mark && made.is_empty() {
        true => made.put(encoding::mark(kind)),
        false => Ok(()),
    };
    Some(result.map(|()| Value::net(made)))
}

enum To {
    Text(RefCell<String>),
    File(RefCell<BufWriter<File>>, String),
    Stream(Rc<MemoryStream>),
}

pub struct Writer {
    name: &'static str,
    to: To,
    encoding: Kind,
    new_line: RefCell<String>,
    flushes: Cell<bool>,
    is_closed: Cell<bool>,
}

impl Writer {
    fn made(name: &'static str, to: To, encoding: Kind) -> Self {
        Self {
            name,
            to,
            encoding,
            new_line: RefCell::new("\n".to_owned()),
            flushes: Cell::new(false),
            is_closed: Cell::new(false),
        }
    }

    fn value(name: &'static str, to: To, encoding: Kind) -> Value {
        Value::net(Self::made(name, to, encoding))
    }

    fn to_file(path: &str, appends: bool, encoding: Kind) -> R<Self> {
        let mut how = OpenOptions::new();
        let how = how
            .create(true)
            .append(appends)
            .write(true)
            .truncate(!appends);
        let opened = how.open(place::real(path));
        let file = opened.map_err(|error| file::io_error(&error, path))?;
        let to = To::File(RefCell::new(BufWriter::new(file)), path.to_owned());
        Ok(Self::made(STREAM_WRITER.name, to, encoding))
    }

    /// A writer to a file that begins anew or goes on.
    pub fn of_file(path: &str, appends: bool) -> R<Value> {
        Self::to_file(path, appends, Kind::Utf8).map(Value::net)
    }

    /// Whether nothing is there before what is written.
    fn is_empty(&self) -> bool {
        match &self.to {
            To::Text(text) => text.borrow().is_empty(),
            To::File(file, _) => {
                let seen = file.borrow().get_ref().metadata();
                seen.is_ok_and(|seen| seen.len() == 0)
            }
            To::Stream(stream) => stream.get("length").is_some_and(|n| n.text() == "0"),
        }
    }

    fn put(&self, bytes: &[u8]) -> R<()> {
        match &self.to {
            To::Text(_) => {}
            To::File(file, path) => {
                let written = file.borrow_mut().write_all(bytes);
                written.map_err(|error| file::io_error(&error, path))?;
            }
            To::Stream(stream) => {
                stream.is_open()?;
                stream.write(bytes);
            }
        }
        match self.flushes.get() {
            true => self.flush(),
            false => Ok(()),
        }
    }

    fn write(&self, text: &str) -> R<Value> {
        match &self.to {
            To::Text(all) => all.borrow_mut().push_str(text),
            To::File(..) | To::Stream(_) => self.put(&encoding::encode(self.encoding, text))?,
        }
        Ok(Value::Nothing)
    }

    fn flush(&self) -> R<()> {
        match &self.to {
            To::File(file, path) => {
                let flushed = file.borrow_mut().flush();
                flushed.map_err(|error| file::io_error(&error, path))
            }
            To::Text(_) | To::Stream(_) => Ok(()),
        }
    }
}

/// What `Write` and `WriteLine` are given: a value, or a format and its arguments.
pub fn said(engine: &mut Engine, args: &[Value]) -> R<String> {
    match args {
        [] => Ok(String::new()),
        [value] => engine.text(value),
        [format, values @ ..] => {
            let values = Value::from(values.to_vec());
            Ok(composite::format(engine, format, &values)?.text())
        }
    }
}

impl Net for Writer {
    net_any!();

    fn type_name(&self) -> &str {
        self.name
    }

    fn bases(&self) -> Vec<String> {
        ["System.IO.TextWriter", "System.IDisposable"]
            .map(String::from)
            .to_vec()
    }

    fn text(&self) -> String {
        match &self.to {
            To::Text(text) => text.borrow().clone(),
            To::File(..) | To::Stream(_) => self.name.to_owned(),
        }
    }

    fn get(&self, name: &str) -> Option<Value> {
        match name {
            "newline" => Some(Value::from(self.new_line.borrow().as_str())),
            "autoflush" if self.name == STREAM_WRITER.name => Some(Value::Bool(self.flushes.get())),
            _ => None,
        }
    }

    fn set(&self, name: &str, value: &Value) -> Option<R<()>> {
        match name {
            "newline" => {
                self.new_line.replace(value.text());
            }
            "autoflush" if self.name == STREAM_WRITER.name => self.flushes.set(to_bool(value)),
            _ => return None,
        }
        Some(Ok(()))
    }

    fn call(self: Rc<Self>, engine: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        if self.is_closed.get() && matches!(name, "write" | "writeline" | "flush") {
            return Some(Err(closed("Cannot write to a closed TextWriter.")));
        }
        Some(match (name, args) {
            ("write", [_, ..]) => said(engine, args).and_then(|text| self.write(&text)),
            ("writeline", _) => {
                said(engine, args).and_then(|text| self.write(&(text + &self.new_line.borrow())))
            }
            ("flush", []) => self.flush().map(|()| Value::Nothing),
            ("close" | "dispose", []) => {
                self.is_closed.set(true);
                self.flush().map(|()| Value::Nothing)
            }
            _ => return None,
        })
    }
}
