//! What a type derives from, as `[type]` shows it by default: `.BaseType`, `.IsValueType`, `.IsSerializable`.

use std::rc::Rc;

use super::{TypeRef, exception};

/// Structures of .NET whose own file says nothing of it.
const STRUCTURES: [&str; 8] = [
    "System.DateTime",
    "System.DateTimeOffset",
    "System.TimeSpan",
    "System.Guid",
    "System.Void",
    "System.ValueTuple",
    "System.Collections.DictionaryEntry",
    "System.Management.Automation.SwitchParameter",
];

/// Classes with the attribute `Serializable`; structures of values have it too.
const SERIALIZABLE: [&str; 14] = [
    "System.Object",
    "System.String",
    "System.Array",
    "System.Enum",
    "System.Version",
    "System.Uri",
    "System.Tuple",
    "System.Text.StringBuilder",
    "System.Text.RegularExpressions.Regex",
    "System.Collections.Hashtable",
    "System.Collections.Specialized.OrderedDictionary",
    "System.Collections.ArrayList",
    "System.Collections.Queue",
    "System.Collections.Stack",
];

/// Classes that derive from something else than object.
const DERIVED: [(&str, &str); 5] = [
    ("System.IO.DirectoryInfo", "System.IO.FileSystemInfo"),
    ("System.IO.FileInfo", "System.IO.FileSystemInfo"),
    ("System.Xml.XmlAttribute", "System.Xml.XmlNode"),
    ("System.Xml.XmlDocument", "System.Xml.XmlNode"),
    ("System.Xml.XmlElement", "System.Xml.XmlLinkedNode"),
];

impl TypeRef {
    /// `.BaseType`; `None` of `[object]` and interfaces.
    pub fn base(&self) -> Option<Self> {
        let object = || Self::named("object");
        match self {
            Self::Known(info) if info.name == "System.Object" => None,
            _ if self.is_value() => Some(Self::named("System.ValueType")),
            Self::Known(_) | Self::Generic(..) if self.is_interface() => None,
            Self::Array(_) | Self::Grid(..) => Some(Self::named("array")),
            Self::Enum(_) => Some(Self::named("enum")),
            Self::Class(class) => match &class.base {
                Some(base) => Some(Self::Class(Rc::clone(base))),
                None => Some(object()),
            },
            Self::Exception(name) => match exception::bases_of(name).first() {
                Some(base) => Some(Self::Exception(base)),
                None => Some(object()),
            },
            Self::Known(info) => {
                let derived = DERIVED.iter().find(|(own, _)| *own == info.name);
                Some(derived.map_or_else(object, |(_, base)| Self::Output(Rc::from(*base))))
            }
            Self::Generic(..) | Self::Output(_) => Some(object()),
        }
    }

    /// `.IsValueType`, enums apart.
    pub fn is_value(&self) -> bool {
        match self {
            Self::Known(info) | Self::Generic(info, _) => {
                info.bases.contains(&"System.ValueType") || STRUCTURES.contains(&info.name)
            }
            _ => false,
        }
    }

    pub fn is_serializable(&self) -> bool {
        match self {
            Self::Array(_) | Self::Grid(..) | Self::Enum(_) | Self::Exception(_) => true,
            Self::Known(info) | Self::Generic(info, _) => {
                let is_collection = info.name.starts_with("System.Collections.Generic.");
                SERIALIZABLE.contains(&info.name)
                    || is_collection && !self.is_interface()
                    || self.is_value() && !info.name.starts_with("System.Management.")
            }
            Self::Class(_) | Self::Output(_) => false,
        }
    }
}
