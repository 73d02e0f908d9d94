//! `[System.IO.StreamReader]` and `[System.IO.StringReader]`.

use std::cell::Cell;
use std::rc::Rc;

use super::closed;
use super::memory_stream::MemoryStream;
use crate::eval::Engine;
use crate::net_any;
use crate::place;
use crate::types::TypeInfo;
use crate::types::encoding::{self, Encoding};
use crate::types::file;
use crate::value::{Net, R, Value};

pub const STREAM_READER: TypeInfo = TypeInfo {
    create: Some(opened),
    ..TypeInfo::named("System.IO.StreamReader", &[])
};
pub const STRING_READER: TypeInfo = TypeInfo {
    create: Some(|_, args| match args {
        [text] => Some(Ok(Reader::value(STRING_READER.name, text.text()))),
        _ => None,
    }),
    ..TypeInfo::named("System.IO.StringReader", &[])
};

/// A path or a stream, then maybe an encoding; what else there may be changes nothing here.
fn opened(engine: &mut Engine, args: &[Value]) -> Option<R<Value>> {
    let (from, rest) = args.split_first()?;
    let encoding = rest.iter().find(|arg| arg.downcast::<Encoding>().is_some());
    let text = match from.downcast::<MemoryStream>() {
        Some(stream) => stream.is_open().and_then(|()| {
            let bytes = stream.rest();
            Ok(match encoding {
                Some(encoding) => encoding::decode(Encoding::of(encoding)?.0, &bytes),
                None => place::decode(&bytes),
            })
        }),
        None if matches!(from, Value::Net(_)) && from.enumerate().is_none() => return None,
        None => file::text_of(&place::absolute(&engine.location, &from.text()), encoding),
    };
    Some(text.map(|text| Reader::value(STREAM_READER.name, text)))
}

pub struct Reader {
    name: &'static str,
    text: String,
    /// How many bytes of it are read.
    at: Cell<usize>,
    is_closed: Cell<bool>,
}

impl Reader {
    fn value(name: &'static str, text: String) -> Value {
        Value::net(Self {
            name,
            text,
            at: Cell::new(0),
            is_closed: Cell::new(false),
        })
    }

    /// A reader of a file.
    pub fn of_file(path: &str) -> R<Value> {
        file::text_of(path, None).map(|text| Self::value(STREAM_READER.name, text))
    }

    fn rest(&self) -> &str {
        &self.text[self.at.get()..]
    }

    /// Null at the end.
    fn line(&self) -> Value {
        let rest = self.rest();
        if rest.is_empty() {
            return Value::Null;
        }
        let end = rest.find(['\r', '\n']).unwrap_or(rest.len());
        let n_break = match &rest[end..] {
            after if after.starts_with("\r\n") => 2,
            after => usize::from(!after.is_empty()),
        };
        self.at.set(self.at.get() + end + n_break);
        Value::from(&rest[..end])
    }

    fn next(&self, is_taken: bool) -> Value {
        let Some(c) = self.rest().chars().next() else {
            return Value::Int(-1);
        };
        if is_taken {
            self.at.set(self.at.get() + c.len_utf8());
        }
        Value::Int(c as i32)
    }
}

impl Net for Reader {
    net_any!();

    fn type_name(&self) -> &str {
        self.name
    }

    fn bases(&self) -> Vec<String> {
        ["System.IO.TextReader", "System.IDisposable"]
            .map(String::from)
            .to_vec()
    }

    fn get(&self, name: &str) -> Option<Value> {
        match name {
            "endofstream" if self.name == STREAM_READER.name => {
                Some(Value::Bool(self.rest().is_empty()))
            }
            _ => None,
        }
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        if self.is_closed.get() && !matches!(name, "close" | "dispose") {
            return Some(Err(closed("Cannot read from a closed TextReader.")));
        }
        Some(Ok(match (name, args) {
            ("readline", []) => self.line(),
            ("readtoend", []) => {
                let rest = Value::from(self.rest());
                self.at.set(self.text.len());
                rest
            }
            ("read", []) => self.next(true),
            ("peek", []) => self.next(false),
            ("close" | "dispose", []) => {
                self.is_closed.set(true);
                Value::Nothing
            }
            _ => return None,
        }))
    }
}
