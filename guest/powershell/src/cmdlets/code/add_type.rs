//! `Add-Type`: takes the names of .NET's own assemblies, whose types are here or refused by their own names. Left out: all
//! that compiles or reads files.
//!
//! [Add-Type](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/add-type)

use crate::check::type_hints;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value, refuse};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Add-Type",
    aliases: &[],
    params: "AssemblyName/AN!",
    run: Run::Each(run),
};

/// What is said of everything but `-AssemblyName`.
pub const COMPILES: &str = "The command 'Add-Type' is supported with -AssemblyName only: C# can't be compiled in the sandbox; use a PowerShell class.";

/// Assemblies that PowerShell 7 finds by name on every platform.
const ASSEMBLIES: [&str; 24] = [
    "Microsoft.CSharp",
    "mscorlib",
    "netstandard",
    "System",
    "System.Collections",
    "System.Core",
    "System.IO.Compression",
    "System.IO.Compression.FileSystem",
    "System.IO.Compression.ZipFile",
    "System.Linq",
    "System.Management.Automation",
    "System.Net",
    "System.Net.Http",
    "System.Numerics",
    "System.Runtime",
    "System.Runtime.Extensions",
    "System.Security",
    "System.Security.Cryptography",
    "System.Text.Json",
    "System.Text.RegularExpressions",
    "System.Web",
    "System.Web.HttpUtility",
    "System.Xml",
    "System.Xml.Linq",
];

/// Why an assembly can't be had; `None` if it can.
pub fn missing(name: &str) -> Option<String> {
    // A full name goes on with a version.
    let plain = name.split(',').next().unwrap_or_default().trim();
    if ASSEMBLIES
        .iter()
        .any(|known| known.eq_ignore_ascii_case(plain))
    {
        return None;
    }
    let hint = type_hints::hint(plain).map_or_else(String::new, |hint| format!(" {hint}"));
    Some(format!("The assembly '{plain}' is not supported.{hint}"))
}

fn run(_: &mut Engine, args: &Args, _: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let names = args.texts("AssemblyName");
    match names.iter().find_map(|name| missing(name)) {
        Some(message) => Err(refuse(message)),
        None => Ok(()),
    }
}
