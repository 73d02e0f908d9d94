//! `ZipArchive` and `ZipArchiveEntry`.

use std::cell::{Cell, RefCell};
use std::io::{Cursor, Read, Write};
use std::rc::Rc;

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::cmdlets::archive::compress_archive::options;
use crate::eval::Engine;
use crate::net_any;
use crate::place;
use crate::types::enumeration;
use crate::types::file::io_error;
use crate::types::text_io::memory_stream::MemoryStream;
use crate::value::{Ctl, Net, R, Value, method_error};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Read,
    Create,
    Update,
}

impl Mode {
    pub fn of(value: &Value) -> R<Self> {
        let name = enumeration::argument("System.IO.Compression.ZipArchiveMode", value)?;
        Ok(match name.as_str() {
            "Create" => Self::Create,
            "Update" => Self::Update,
            _ => Self::Read,
        })
    }
}

/// A file, or a folder where its name ends in a slash.
pub struct Entry {
    pub name: String,
    pub content: Rc<MemoryStream>,
    n_packed: Option<u64>,
    options: SimpleFileOptions,
    is_fixed: bool,
    all: Rc<RefCell<Vec<Rc<Entry>>>>,
}

pub struct Archive {
    path: String,
    mode: Mode,
    entries: Rc<RefCell<Vec<Rc<Entry>>>>,
    is_closed: Cell<bool>,
}

/// What .NET says of bytes that are no archive.
fn no_archive() -> Ctl {
    let message = "End of Central Directory record could not be found.";
    method_error("System.IO.InvalidDataException", message)
}

impl Archive {
    pub fn open(path: &str, mode: Mode) -> R<Self> {
        if mode == Mode::Create && place::exists(path) {
            let message = format!("The file '{path}' already exists.");
            return Err(method_error("System.IO.IOException", message));
        }
        let made = Self {
            path: path.to_owned(),
            mode,
            entries: Rc::default(),
            is_closed: Cell::new(false),
        };
        if mode == Mode::Read || mode == Mode::Update && place::exists(path) {
            made.read()?;
        }
        Ok(made)
    }

    fn read(&self) -> R<()> {
        let bytes = std::fs::read(place::real(&self.path));
        let bytes = bytes.map_err(|error| io_error(&error, &self.path))?;
        let mut packed = ZipArchive::new(Cursor::new(bytes)).map_err(|_| no_archive())?;
        for at in 0..packed.len() {
            let mut file = packed.by_index(at).map_err(|_| no_archive())?;
            let name = file.name().map_err(|_| no_archive())?.into_owned();
            let n_packed = file.compressed_size();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).map_err(|_| no_archive())?;
            self.entries.borrow_mut().push(Rc::new(Entry {
                name,
                content: MemoryStream::of_entry(bytes),
                n_packed: Some(n_packed),
                options: options(""),
                is_fixed: self.mode == Mode::Read,
                all: Rc::clone(&self.entries),
            }));
        }
        Ok(())
    }

    pub fn entries(&self) -> Vec<Rc<Entry>> {
        self.entries.borrow().clone()
    }

    pub fn add(&self, name: &str, bytes: Vec<u8>, level: Option<&Value>) -> R<Rc<Entry>> {
        if self.mode == Mode::Read {
            let message = "Cannot create entries on an archive opened in read mode.";
            return Err(method_error("System.NotSupportedException", message));
        }
        let of = "System.IO.Compression.CompressionLevel";
        let level = level.map(|level| enumeration::argument(of, level));
        let entry = Rc::new(Entry {
            name: name.to_owned(),
            content: MemoryStream::of_entry(bytes),
            n_packed: None,
            options: options(&level.transpose()?.unwrap_or_default()),
            is_fixed: false,
            all: Rc::clone(&self.entries),
        });
        self.entries.borrow_mut().push(Rc::clone(&entry));
        Ok(entry)
    }

    /// Writes an archive that may be changed; a second time changes nothing.
    pub fn close(&self) -> R<()> {
        if self.is_closed.replace(true) || self.mode == Mode::Read {
            return Ok(());
        }
        let bytes = self
            .packed()
            .map_err(|error| method_error("System.IO.InvalidDataException", error.to_string()))?;
        std::fs::write(place::real(&self.path), bytes).map_err(|error| io_error(&error, &self.path))
    }

    fn packed(&self) -> zip::result::ZipResult<Vec<u8>> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for entry in self.entries.borrow().iter() {
            if entry.name.ends_with('/') {
                writer.add_directory(entry.name.as_str(), entry.options)?;
                continue;
            }
            writer.start_file(entry.name.as_str(), entry.options)?;
            writer.write_all(&entry.content.whole())?;
        }
        Ok(writer.finish()?.into_inner())
    }
}

impl Drop for Archive {
    fn drop(&mut self) {
        // Nobody is left to tell; a script that wants to know disposes of it.
        let _ = self.close();
    }
}

fn value_of(entry: Rc<Entry>) -> Value {
    let entry: Rc<dyn Net> = entry;
    Value::Net(entry)
}

impl Net for Archive {
    net_any!();

    fn type_name(&self) -> &str {
        "System.IO.Compression.ZipArchive"
    }

    fn bases(&self) -> Vec<String> {
        vec!["System.IDisposable".to_owned()]
    }

    fn get(&self, name: &str) -> Option<Value> {
        Some(match name {
            "entries" => {
                let entries = self.entries().into_iter().map(value_of);
                Value::from(entries.collect::<Vec<Value>>())
            }
            "mode" => Value::from(match self.mode {
                Mode::Read => "Read",
                Mode::Create => "Create",
                Mode::Update => "Update",
            }),
            _ => return None,
        })
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        Some(match (name, args) {
            ("getentry", [wanted]) => {
                let wanted = wanted.text();
                let found = self
                    .entries()
                    .into_iter()
                    .find(|entry| entry.name == wanted);
                Ok(found.map_or(Value::Null, value_of))
            }
            ("createentry", [name, level @ ..]) if level.len() < 2 => {
                let made = self.add(&name.text(), Vec::new(), level.first());
                made.map(value_of)
            }
            ("dispose", []) => self.close().map(|()| Value::Nothing),
            _ => return None,
        })
    }

    fn properties(&self) -> Vec<String> {
        vec!["Entries".to_owned(), "Mode".to_owned()]
    }
}

impl Net for Entry {
    net_any!();

    fn type_name(&self) -> &str {
        "System.IO.Compression.ZipArchiveEntry"
    }

    fn text(&self) -> String {
        self.name.clone()
    }

    fn get(&self, name: &str) -> Option<Value> {
        Some(match name {
            "fullname" => Value::from(self.name.as_str()),
            "name" => Value::from(self.name.rsplit('/').next().unwrap_or_default()),
            "length" => Value::Long(self.content.whole().len() as i64),
            "compressedlength" => Value::Long(i64::try_from(self.n_packed?).unwrap_or(i64::MAX)),
            _ => return None,
        })
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        Some(match (name, args) {
            ("open", []) if self.is_fixed => Ok(MemoryStream::of_response(&self.content.whole())),
            ("open", []) => {
                self.content.rewind();
                let stream: Rc<dyn Net> = Rc::<MemoryStream>::clone(&self.content);
                Ok(Value::Net(stream))
            }
            ("delete", []) if self.is_fixed => Err(method_error(
                "System.NotSupportedException",
                "Deleting entries is only supported in update mode.",
            )),
            ("delete", []) => {
                let mut all = self.all.borrow_mut();
                all.retain(|entry| !Rc::ptr_eq(entry, &self));
                Ok(Value::Nothing)
            }
            _ => return None,
        })
    }

    fn properties(&self) -> Vec<String> {
        ["FullName", "Name", "Length", "CompressedLength"]
            .map(String::from)
            .to_vec()
    }
}
