//! Paths on drives that aren't there: `C:\`, and those of Windows's registry, certificates and IIS.
//!
//! Taken for relative paths they would make folders of that name, and a script would seem to have worked.

use crate::eval::Engine;
use crate::value::{R, Value};

/// What PowerShell has besides files, on Unix too.
const KNOWN: [&str; 4] = ["env", "variable", "function", "temp"];

/// Drives and providers that are no disks and aren't here, with what there is to say of them.
const ELSEWHERE: [(&str, &str); 10] = [
    ("alias", "Use Get-Alias and Set-Alias."),
    ("hklm", "There is no registry in the sandbox."),
    ("hkcu", "There is no registry in the sandbox."),
    ("hkcr", "There is no registry in the sandbox."),
    ("hku", "There is no registry in the sandbox."),
    ("registry", "There is no registry in the sandbox."),
    ("cert", "There is no certificate store in the sandbox."),
    ("iis", "There is no IIS in the sandbox."),
    ("wsman", "There is no remoting."),
    ("sqlserver", "There is no SQL Server in the sandbox."),
];

/// The drive, or the provider before `::`, if it isn't there.
pub fn missing(path: &str) -> Option<&str> {
    let (drive, rest) = path.split_once(':')?;
    let is_name = drive.starts_with(|c: char| c.is_ascii_alphabetic())
        && drive.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_rooted = rest.is_empty() || rest.starts_with(['/', '\\']);
    let is_provider = rest.starts_with(':') && why(drive).is_some();
    let is_known = KNOWN.iter().any(|known| known.eq_ignore_ascii_case(drive));
    (is_name && (is_rooted || is_provider) && !is_known).then_some(drive)
}

/// Why a drive of Windows can't be here; `None` for a letter, which a path in a variable may well begin with.
pub fn why(drive: &str) -> Option<&'static str> {
    let is_it = |(known, _): &&(&str, &str)| known.eq_ignore_ascii_case(drive);
    ELSEWHERE.iter().find(is_it).map(|(_, why)| *why)
}

/// Reports a path whose drive isn't there, as PowerShell on Unix does; whether it did.
pub fn is_missing(engine: &mut Engine, path: &str) -> R<bool> {
    let Some(drive) = missing(path) else {
        return Ok(false);
    };
    engine.soft_error(
        "System.Management.Automation.DriveNotFoundException",
        "DriveNotFound",
        "ObjectNotFound",
        format!("Cannot find drive. A drive with the name '{drive}' does not exist."),
        Value::from(drive),
    )?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::missing;

    #[test]
    fn a_drive_is_a_name_before_a_colon_and_a_slash() {
        for (path, drive) in [
            (r"C:\temp", Some("C")),
            ("D:", Some("D")),
            ("hklm:/Software", Some("hklm")),
            (r"Registry::HKEY_LOCAL_MACHINE\Software", Some("Registry")),
            ("env:PATH", None),
            ("Function:/f", None),
            ("a:b.txt", None),
            ("./C:/x", None),
            ("12:00", None),
            ("plain.txt", None),
        ] {
            assert_eq!(missing(path), drive, "{path}");
        }
    }
}
