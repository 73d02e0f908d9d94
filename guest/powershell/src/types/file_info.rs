//! Files and folders as objects.

use std::rc::Rc;

use super::TypeInfo;
use super::datetime::DateTime;
use super::enumeration::EnumValue;
use super::file::io_error;
use super::text_io::memory_stream::MemoryStream;
use super::text_io::reader::Reader;
use super::text_io::writer::Writer;
use crate::eval::Engine;
use crate::net_any;
use crate::place;
use crate::value::{Added, Net, R, Value, to_bool};

pub const FILE_INFO: TypeInfo = TypeInfo {
    create: Some(create_file),
    ..TypeInfo::named("System.IO.FileInfo", &[])
};
pub const DIRECTORY_INFO: TypeInfo = TypeInfo {
    create: Some(create_folder),
    ..TypeInfo::named("System.IO.DirectoryInfo", &[])
};

pub const FILE_SYSTEM_INFO: TypeInfo = TypeInfo::named("System.IO.FileSystemInfo", &[]);

fn create_file(engine: &mut Engine, args: &[Value]) -> Option<R<Value>> {
    create(engine, args, false)
}

fn create_folder(engine: &mut Engine, args: &[Value]) -> Option<R<Value>> {
    create(engine, args, true)
}

/// What is asked for, whatever stands at the path.
fn create(engine: &Engine, args: &[Value], is_folder: bool) -> Option<R<Value>> {
    let [path] = args else { return None };
    let written = path.text();
    Some(Ok(Value::net(FileInfo {
        path: place::absolute(&engine.location, &written),
        written: Some(written),
        is_folder,
        added: Added::default(),
    })))
}

pub struct FileInfo {
    pub path: String,
    /// As the script wrote it, which is its text.
    written: Option<String>,
    is_folder: bool,
    added: Added,
}

impl FileInfo {
    pub fn value(path: &str) -> Value {
        Value::net(Self {
            path: path.to_owned(),
            written: None,
            is_folder: place::is_folder(path),
            added: Added::default(),
        })
    }

    fn folder(path: &str) -> Value {
        Value::net(Self {
            path: path.to_owned(),
            written: None,
            is_folder: true,
            added: Added::default(),
        })
    }

    pub fn is_folder(&self) -> bool {
        self.is_folder
    }

    fn shown(&self) -> &str {
        self.written.as_deref().unwrap_or(&self.path)
    }

    pub fn name(&self) -> &str {
        place::file_name(&self.path)
    }

    pub fn length(&self) -> u64 {
        std::fs::metadata(place::real(&self.path)).map_or(0, |seen| seen.len())
    }

    pub fn written(&self) -> Value {
        std::fs::metadata(place::real(&self.path))
            .and_then(|seen| seen.modified())
            .map_or_else(|_| DateTime::min(), DateTime::from_system)
    }

    /// `d----`
    pub fn mode(&self) -> &'static str {
        match (self.link_target(), self.is_folder) {
            (Some(_), _) => "l----",
            (None, true) => "d----",
            (None, false) => "-----",
        }
    }

    fn link_target(&self) -> Option<String> {
        place::link_target(&self.path)
    }

    /// `NameString`: what a listing shows as the name.
    pub fn listed_name(&self) -> String {
        match self.link_target() {
            Some(target) => format!("{} -> {target}", self.name()),
            None => self.name().to_owned(),
        }
    }

    /// Flags of System.IO.FileAttributes.
    fn attributes(&self) -> i64 {
        const DIRECTORY: i64 = 16;
        const NORMAL: i64 = 128;
        const REPARSE_POINT: i64 = 1024;
        match (self.link_target(), self.is_folder) {
            (Some(_), true) => DIRECTORY | REPARSE_POINT,
            (Some(_), false) => REPARSE_POINT,
            (None, true) => DIRECTORY,
            (None, false) => NORMAL,
        }
    }
}

/// What the provider adds, what each kind has, and what both have, in the order of `Format-List *` (about_Properties).
const PROVIDED: &str = "PSPath PSParentPath PSChildName PSDrive PSProvider PSIsContainer Mode";
const FILE: &str = "BaseName Target LinkType Name Length DirectoryName Directory IsReadOnly";
const FOLDER: &str = "BaseName Target LinkType Parent Root Name";
const SHARED: &str = "Exists FullName Extension CreationTime CreationTimeUtc LastAccessTime LastAccessTimeUtc LastWriteTime LastWriteTimeUtc LinkTarget Attributes";

impl Net for FileInfo {
    net_any!();

    fn type_name(&self) -> &str {
        if self.is_folder {
            "System.IO.DirectoryInfo"
        } else {
            "System.IO.FileInfo"
        }
    }

    fn bases(&self) -> Vec<String> {
        vec!["System.IO.FileSystemInfo".into()]
    }

    fn text(&self) -> String {
        self.shown().to_owned()
    }

    fn get(&self, name: &str) -> Option<Value> {
        Some(match name {
            "name" | "pschildname" => Value::from(self.name()),
            "fullname" => Value::from(self.path.as_str()),
            "pspath" => Value::from(format!(
                "Microsoft.PowerShell.Core\\FileSystem::{}",
                self.path
            )),
            "psparentpath" => Value::from(format!(
                "Microsoft.PowerShell.Core\\FileSystem::{}",
                place::parent(&self.path)
            )),
            "psiscontainer" => Value::Bool(self.is_folder),
            "basename" => Value::from(if self.is_folder {
                self.name()
            } else {
                super::path::stem(&self.path)
            }),
            "extension" => Value::from(super::path::extension(&self.path)),
            "length" if !self.is_folder => Value::Long(self.length() as i64),
            "directoryname" if !self.is_folder => Value::from(place::parent(&self.path)),
            "directory" if !self.is_folder => Self::folder(&place::parent(&self.path)),
            "parent" if self.is_folder => Self::folder(&place::parent(&self.path)),
            "root" => Self::folder("/"),
            "exists" => Value::Bool(
                place::exists(&self.path) && place::is_folder(&self.path) == self.is_folder,
            ),
            "lastwritetime" | "lastwritetimeutc" | "creationtime" | "creationtimeutc"
            | "lastaccesstime" | "lastaccesstimeutc" => self.written(),
            "isreadonly" => Value::Bool(false),
            "mode" => Value::from(self.mode()),
            "attributes" => EnumValue::builtin("System.IO.FileAttributes", self.attributes()),
            "linktype" => match self.link_target() {
                Some(_) => Value::from("SymbolicLink"),
                None => Value::Null,
            },
            "linktarget" | "target" => self.link_target().map_or(Value::Null, Value::from),
            "namestring" => Value::from(self.listed_name()),
            _ => {
                let drive = name.strip_prefix("ps").and_then(super::drive_info::member);
                return drive.or_else(|| self.added.get()?.note(name));
            }
        })
    }

    fn set(&self, name: &str, value: &Value) -> Option<R<()>> {
        match name {
            "lastwritetime" | "lastwritetimeutc" | "creationtime" => {
                Some(super::datetime::convert(value).and_then(|value| {
                    let time = value
                        .downcast::<DateTime>()
                        .map_or(std::time::UNIX_EPOCH, DateTime::to_system);
                    // A folder can't be opened for writing; its time can be set all the same.
                    std::fs::File::options()
                        .read(true)
                        .write(!self.is_folder)
                        .open(place::real(&self.path))
                        .and_then(|file| file.set_modified(time))
                        .map_err(|error| io_error(&error, &self.path))
                }))
            }
            // There are no mode bits in the sandbox.
            "isreadonly" | "attributes" => Some(Ok(())),
            _ => None,
        }
    }

    fn call(self: Rc<Self>, engine: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        let real = place::real(&self.path);
        let done = |result: std::io::Result<()>| {
            result
                .map(|()| Value::Nothing)
                .map_err(|error| io_error(&error, &self.path))
        };
        Some(match (name, args) {
            ("tostring", []) => Ok(Value::from(self.shown())),
            ("delete", []) => done(place::remove_alone(&self.path)),
            ("delete", [deep]) if self.is_folder && to_bool(deep) => {
                done(std::fs::remove_dir_all(real))
            }
            ("openread", []) if !self.is_folder => MemoryStream::of_file(&self.path),
            ("opentext", []) if !self.is_folder => Reader::of_file(&self.path),
            ("createtext", []) if !self.is_folder => Writer::of_file(&self.path, false),
            ("appendtext", []) if !self.is_folder => Writer::of_file(&self.path, true),
            ("refresh", []) => Ok(Value::Nothing),
            ("create", []) if self.is_folder => Ok(Value::Nothing),
            ("copyto", [to, ..]) => {
                let to = place::absolute(&engine.location, &to.text());
                std::fs::copy(real, place::real(&to))
                    .map(|_| Self::value(&to))
                    .map_err(|error| io_error(&error, &self.path))
            }
            ("moveto", [to, ..]) => done(std::fs::rename(
                real,
                place::real(&place::absolute(&engine.location, &to.text())),
            )),
            ("getfiles" | "getdirectories" | "enumeratefiles" | "enumeratedirectories", _)
                if self.is_folder =>
            {
                let mut all = vec![Value::from(self.path.as_str())];
                all.extend(args.iter().cloned());
                let found = super::file::DIRECTORY
                    .call
                    .and_then(|call| call(engine, name, &all))?;
                found.map(|paths| {
                    Value::from(
                        paths
                            .to_items()
                            .iter()
                            .map(|path| Self::value(&path.text()))
                            .collect::<Vec<_>>(),
                    )
                })
            }
            _ => return None,
        })
    }

    fn properties(&self) -> Vec<String> {
        let kind = if self.is_folder { FOLDER } else { FILE };
        let names = [PROVIDED, kind, SHARED].into_iter();
        let own = names.flat_map(str::split_whitespace).map(String::from);
        let added = self.added.get().into_iter().flat_map(|added| added.names());
        own.chain(added.map(|name| name.to_string())).collect()
    }

    fn added(&self) -> Option<&Added> {
        Some(&self.added)
    }

    fn equal(&self, other: &Value) -> Option<bool> {
        Some(other.text() == self.path)
    }

    fn compare(&self, other: &Value) -> Option<std::cmp::Ordering> {
        Some(self.path.cmp(&other.text()))
    }

    fn hash_key(&self) -> Option<String> {
        Some(self.path.clone())
    }
}
