//! The layouts of types that PowerShell gives columns of fixed widths (its `*.format.ps1xml` views).

use super::layout::Side;

pub struct Column {
    pub name: &'static str,
    /// In characters; 0 is what is left of the line.
    pub width: usize,
    pub side: Side,
}

const fn left(name: &'static str, width: usize) -> Column {
    Column {
        name,
        width,
        side: Side::Left,
    }
}

const COUNT: Column = Column {
    name: "Count",
    width: 5,
    side: Side::Right,
};

/// Hash tables and their entries share a table.
pub const ENTRY: &str = "entry";
/// A variable's looks the same, but is another.
const VARIABLE: &str = "System.Management.Automation.PSVariable";

/// Commands of all kinds stand in one table.
const COMMAND: &str = "System.Management.Automation.CommandInfo";

/// A `[type]`.
pub const TYPE: &str = "System.RuntimeType";

/// The columns of a type; `None` where they follow from the properties.
pub fn of(type_name: &str) -> Option<&'static [Column]> {
    Some(match type_name {
        TYPE => {
            const {
                &[
                    left("IsPublic", 8),
                    left("IsSerial", 8),
                    left("Name", 40),
                    left("BaseType", 0),
                ]
            }
        }
        ENTRY | VARIABLE => const { &[left("Name", 30), left("Value", 0)] },
        "Microsoft.PowerShell.Commands.GroupInfo" => {
            const { &[COUNT, left("Name", 25), left("Group", 0)] }
        }
        "Microsoft.PowerShell.Commands.GroupInfoNoElement" => const { &[COUNT, left("Name", 25)] },
        "Microsoft.PowerShell.Commands.FileHashInfo" => {
            const { &[left("Algorithm", 15), left("Hash", 70), left("Path", 0)] }
        }
        COMMAND => {
            const {
                &[
                    left("CommandType", 15),
                    left("Name", 50),
                    left("Version", 10),
                    left("Source", 0),
                ]
            }
        }
        "System.Management.Automation.PSModuleInfo" => {
            const {
                &[
                    left("ModuleType", 10),
                    left("Version", 10),
                    left("PreRelease", 10),
                    left("Name", 35),
                    left("ExportedCommands", 0),
                ]
            }
        }
        "System.Globalization.CultureInfo" => {
            const { &[left("LCID", 16), left("Name", 16), left("DisplayName", 0)] }
        }
        "System.Version" => {
            const {
                &[
                    left("Major", 6),
                    left("Minor", 6),
                    left("Build", 6),
                    left("Revision", 8),
                ]
            }
        }
        _ => return None,
    })
}

/// Whether PowerShell has a view for a type that is shown by its properties here (`*_format_ps1xml.cs`).
pub fn has_view(type_name: &str) -> bool {
    matches!(
        type_name,
        "System.TimeSpan"
            | "System.Guid"
            | "System.Management.Automation.SemanticVersion"
            | "System.Management.Automation.PathInfo"
            | "System.Net.NetworkCredential"
            | "Microsoft.PowerShell.Commands.GenericMeasureInfo"
            | "Microsoft.PowerShell.Commands.TextMeasureInfo"
            | "Microsoft.PowerShell.Commands.BasicHtmlWebResponseObject"
            | "Microsoft.PowerShell.Commands.WebResponseObject"
    )
}

/// The name of the layout that a type has, where it is one of these.
pub fn layout(type_name: &str) -> Option<String> {
    match type_name {
        "System.Collections.DictionaryEntry" => Some(ENTRY.to_owned()),
        "System.Management.Automation.AliasInfo"
        | "System.Management.Automation.CmdletInfo"
        | "System.Management.Automation.ExternalScriptInfo"
        | "System.Management.Automation.FunctionInfo" => Some(COMMAND.to_owned()),
        _ => of(type_name).map(|_| type_name.to_owned()),
    }
}
