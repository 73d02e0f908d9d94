//! The provider and the drive that every path has here: `FileSystem` and `/`. Left out: what a drive holds and has free.
//!
//! [about_Providers](https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_providers)

use super::TypeInfo;
use crate::net_any;
use crate::value::{Net, Value};

pub const PROVIDER: TypeInfo = TypeInfo::named("System.Management.Automation.ProviderInfo", &[]);
pub const DRIVE: TypeInfo = TypeInfo::named("System.Management.Automation.PSDriveInfo", &[]);

/// What the members `Provider` and `Drive` (with `PS` before it: an item's) of a path are.
pub fn member(name: &str) -> Option<Value> {
    match name {
        "provider" => Some(Value::net(Provider)),
        "drive" => Some(Value::net(Drive)),
        _ => None,
    }
}

struct Provider;

impl Net for Provider {
    net_any!();

    fn type_name(&self) -> &str {
        PROVIDER.name
    }

    fn text(&self) -> String {
        "Microsoft.PowerShell.Core\\FileSystem".to_owned()
    }

    fn get(&self, name: &str) -> Option<Value> {
        match name {
            "name" => Some(Value::from("FileSystem")),
            "modulename" => Some(Value::from("Microsoft.PowerShell.Core")),
            _ => None,
        }
    }

    fn equal(&self, other: &Value) -> Option<bool> {
        Some(other.downcast::<Self>().is_some())
    }
}

struct Drive;

impl Net for Drive {
    net_any!();

    fn type_name(&self) -> &str {
        DRIVE.name
    }

    fn text(&self) -> String {
        "/".to_owned()
    }

    fn get(&self, name: &str) -> Option<Value> {
        match name {
            "name" | "root" => Some(Value::from("/")),
            "provider" => Some(Value::net(Provider)),
            _ => None,
        }
    }

    fn equal(&self, other: &Value) -> Option<bool> {
        Some(other.downcast::<Self>().is_some())
    }
}
