//! `[System.IO.MemoryStream]`: bytes with a position; what `OpenRead` gives, which is a file's bytes; and the
//! bodies of requests and responses. Left out: streams of
//! fixed size over a part of an array, other streams of files.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::closed;
use crate::eval::Engine;
use crate::net_any;
use crate::types::TypeInfo;
use crate::types::convert_class::bytes_of;
use crate::value::{Net, Num, R, Value, method_error, to_int, to_long};

pub const INFO: TypeInfo = TypeInfo {
    create: Some(|_, args| {
        let bytes = match args {
            // A number is how much room there is to be.
            [] | [Value::Int(_)] => Vec::new(),
            [bytes @ (Value::Array(_) | Value::List(_)), rest @ ..] if rest.len() < 2 => {
                match bytes_of(bytes) {
                    Ok(bytes) => bytes,
                    Err(ctl) => return Some(Err(ctl)),
                }
            }
            _ => return None,
        };
        Some(Ok(MemoryStream::value(INFO.name, bytes)))
    }),
    ..TypeInfo::named("System.IO.MemoryStream", &[])
};

pub const FILE: &str = "System.IO.FileStream";
/// A response's body, and a request's.
const FROM_NETWORK: &str = "System.Net.Http.HttpConnection+ContentLengthReadStream";
const TO_NETWORK: &str = "System.Net.RequestStream";

pub struct MemoryStream {
    name: &'static str,
    bytes: RefCell<Vec<u8>>,
    at: Cell<usize>,
    is_closed: Cell<bool>,
    /// The file that the bytes are written to, where they were changed.
    saved_to: Option<String>,
    is_changed: Cell<bool>,
}

impl MemoryStream {
    fn new(name: &'static str, bytes: Vec<u8>) -> Self {
        Self {
            name,
            bytes: RefCell::new(bytes),
            at: Cell::new(0),
            is_closed: Cell::new(false),
            saved_to: None,
            is_changed: Cell::new(false),
        }
    }

    /// A stream over a file's bytes; where it saves them, it can be written to.
    pub fn over_file(path: &str, bytes: Vec<u8>, at: usize, saves: bool) -> Value {
        let mut stream = Self::new(FILE, bytes);
        stream.at.set(at);
        stream.saved_to = saves.then(|| path.to_owned());
        Value::net(stream)
    }

    fn save(&self) -> R<()> {
        match &self.saved_to {
            Some(path) if self.is_changed.take() => {
                let written = std::fs::write(crate::place::real(path), &*self.bytes.borrow());
                written.map_err(|error| crate::types::file::io_error(&error, path))
            }
            _ => Ok(()),
        }
    }

    fn value(name: &'static str, bytes: Vec<u8>) -> Value {
        Value::net(Self::new(name, bytes))
    }

    /// What `OpenRead` gives.
    pub fn of_file(path: &str) -> R<Value> {
        let bytes = std::fs::read(crate::place::real(path));
        let bytes = bytes.map_err(|error| crate::types::file::io_error(&error, path))?;
        Ok(Self::value(FILE, bytes))
    }

    /// The body of a response, to be read.
    pub fn of_response(bytes: &[u8]) -> Value {
        Self::value(FROM_NETWORK, bytes.to_vec())
    }

    /// What an entry of an archive holds.
    pub fn of_entry(bytes: Vec<u8>) -> Rc<Self> {
        Rc::new(Self::new("System.IO.Compression.WrappedStream", bytes))
    }

    /// Opens it anew, at its beginning.
    pub fn rewind(&self) {
        self.at.set(0);
        self.is_closed.set(false);
    }

    /// What the body of a request is written to.
    pub fn to_request() -> Rc<Self> {
        Rc::new(Self::new(TO_NETWORK, Vec::new()))
    }

    /// All bytes, wherever the position is; also of a stream that is closed.
    pub fn whole(&self) -> Vec<u8> {
        self.bytes.borrow().clone()
    }

    fn can_write(&self) -> bool {
        match self.name {
            FILE => self.saved_to.is_some(),
            name => name != FROM_NETWORK,
        }
    }

    /// What is left from the position on, which is at the end then.
    pub fn rest(&self) -> Vec<u8> {
        let bytes = self.bytes.borrow();
        let from = self.at.replace(bytes.len()).min(bytes.len());
        bytes[from..].to_vec()
    }

    /// Writes at the position; what stood there is gone.
    pub fn write(&self, new: &[u8]) {
        let mut bytes = self.bytes.borrow_mut();
        let end = self.at.get() + new.len();
        self.is_changed.set(true);
        if bytes.len() < end {
            bytes.resize(end, 0);
        }
        bytes[self.at.get()..end].copy_from_slice(new);
        self.at.set(end);
    }

    pub fn is_open(&self) -> R<()> {
        match self.is_closed.get() {
            true => Err(closed("Cannot access a closed Stream.")),
            false => Ok(()),
        }
    }

    fn read_into(&self, buffer: &Value, offset: &Value, count: &Value) -> R<Value> {
        let Value::Array(buffer) = buffer else {
            return Err(out_of_range());
        };
        let (offset, count) = (
            to_int(offset)?.max(0) as usize,
            to_int(count)?.max(0) as usize,
        );
        let mut into = buffer.items.borrow_mut();
        let Some(room) = into.get_mut(offset..offset.saturating_add(count)) else {
            return Err(out_of_range());
        };
        let bytes = self.bytes.borrow();
        let left = bytes.get(self.at.get()..).unwrap_or_default();
        let n = left.len().min(count);
        for (item, byte) in room.iter_mut().zip(left) {
            *item = Value::Num(Num::Byte(*byte));
        }
        self.at.set(self.at.get() + n);
        Ok(Value::from(n))
    }

    fn read_byte(&self) -> Value {
        let byte = self.bytes.borrow().get(self.at.get()).copied();
        self.at.set(self.at.get() + usize::from(byte.is_some()));
        Value::Int(byte.map_or(-1, i32::from))
    }

    fn write_part(&self, args: &[Value]) -> R<Value> {
        let bytes = bytes_of(&args[0])?;
        let part = match &args[1..] {
            [offset, count] => {
                let (from, n) = (
                    to_int(offset)?.max(0) as usize,
                    to_int(count)?.max(0) as usize,
                );
                bytes
                    .get(from..from.saturating_add(n))
                    .ok_or_else(out_of_range)?
            }
            _ => &bytes,
        };
        self.write(part);
        Ok(Value::Nothing)
    }

    /// The position that is meant; .NET's streams in memory end where an Int32 does.
    fn go_to(&self, at: i64, parameter: &str) -> R<()> {
        let at = i32::try_from(at).map_err(|_| {
            method_error(
                "System.ArgumentOutOfRangeException",
                format!("Stream length must be non-negative and less than 2^31 - 1 - origin. (Parameter '{parameter}')"),
            )
        })?;
        self.at.set(at.max(0) as usize);
        Ok(())
    }

    fn seek(&self, offset: &Value, origin: &Value) -> R<Value> {
        let base = match origin.text().to_ascii_lowercase().as_str() {
            "begin" | "0" => 0,
            "current" | "1" => self.at.get() as i64,
            "end" | "2" => self.bytes.borrow().len() as i64,
            _ => {
                return Err(method_error(
                    "System.ArgumentException",
                    "Invalid seek origin.",
                ));
            }
        };
        let at = base.saturating_add(to_long(offset)?);
        if at < 0 {
            let why =
                "An attempt was made to move the position before the beginning of the stream.";
            return Err(method_error("System.IO.IOException", why));
        }
        self.go_to(at, "offset")?;
        Ok(Value::Long(at))
    }
}

fn out_of_range() -> crate::value::Ctl {
    method_error(
        "System.ArgumentOutOfRangeException",
        "Offset and length were out of bounds for the array or count is greater than the number of elements from index to the end of the source collection.",
    )
}

impl Drop for MemoryStream {
    fn drop(&mut self) {
        // Nobody is left to tell; a script that wants to know closes it.
        let _ = self.save();
    }
}

impl Net for MemoryStream {
    net_any!();

    fn type_name(&self) -> &str {
        self.name
    }

    fn bases(&self) -> Vec<String> {
        ["System.IO.Stream", "System.IDisposable"]
            .map(String::from)
            .to_vec()
    }

    fn get(&self, name: &str) -> Option<Value> {
        Some(match name {
            "length" => Value::Long(self.bytes.borrow().len() as i64),
            "position" => Value::Long(self.at.get() as i64),
            "capacity" => Value::from(self.bytes.borrow().capacity()),
            "canwrite" => Value::Bool(self.can_write() && !self.is_closed.get()),
            "canread" | "canseek" => Value::Bool(!self.is_closed.get()),
            _ => return None,
        })
    }

    fn set(&self, name: &str, value: &Value) -> Option<R<()>> {
        (name == "position").then(|| self.go_to(to_long(value)?, "value"))
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        let needs_open = !matches!(name, "close" | "dispose" | "toarray");
        if let (true, Err(ctl)) = (needs_open, self.is_open()) {
            return Some(Err(ctl));
        }
        if matches!(name, "write" | "writebyte" | "setlength") && !self.can_write() {
            let why = "Stream does not support writing.";
            return Some(Err(method_error("System.NotSupportedException", why)));
        }
        Some(match (name, args) {
            ("toarray" | "getbuffer", []) => Ok(Value::bytes(&self.bytes.borrow())),
            ("write", [_] | [_, _, _]) => self.write_part(args),
            ("writebyte", [byte]) => bytes_of(byte).map(|bytes| {
                self.write(&bytes);
                Value::Nothing
            }),
            ("read", [buffer, offset, count]) => self.read_into(buffer, offset, count),
            ("readbyte", []) => Ok(self.read_byte()),
            ("seek", [offset, origin]) => self.seek(offset, origin),
            ("setlength", [n]) => to_int(n).map(|n| {
                self.is_changed.set(true);
                self.bytes.borrow_mut().resize(n.max(0) as usize, 0);
                self.at.set(self.at.get().min(n.max(0) as usize));
                Value::Nothing
            }),
            ("copyto" | "writeto", [to]) => {
                let bytes = match name {
                    "copyto" => self.rest(),
                    _ => self.whole(),
                };
                let to = to.downcast::<Self>()?;
                to.is_open().map(|()| {
                    to.write(&bytes);
                    Value::Nothing
                })
            }
            ("flush", [] | [_]) => self.save().map(|()| Value::Nothing),
            ("close" | "dispose", []) => {
                let saved = self.save();
                self.is_closed.set(true);
                saved.map(|()| Value::Nothing)
            }
            _ => return None,
        })
    }
}
