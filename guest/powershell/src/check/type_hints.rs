//! What to use instead of the .NET types that scripts bring and that aren't here.

/// Types by the beginning of their full name, without `System.`, with what to do instead.
const HINTS: &[(&str, &str)] = &[
    ("Net.FtpWebRequest", "Only http and https are spoken."),
    (
        "Net.WebProxy",
        "No proxy is ever asked: requests leave the sandbox as the policy has it.",
    ),
    ("Net.Http.", "Use Invoke-WebRequest or Invoke-RestMethod."),
    ("Net.Mail.", "Use an email step."),
    (
        "Net.Sockets.",
        "Use Invoke-WebRequest for a URL that the policy allows.",
    ),
    (
        "Net.Dns",
        "Names are resolved outside of the sandbox; use Invoke-WebRequest.",
    ),
    (
        "IO.Compression.",
        "Use [System.IO.Compression.ZipFile], or Compress-Archive and Expand-Archive.",
    ),
    (
        "IO.FileSystemWatcher",
        "There are no events; look again after Start-Sleep.",
    ),
    (
        "Linq.",
        "Use Where-Object, ForEach-Object and Measure-Object.",
    ),
    ("Data.", "There are no database drivers in the sandbox."),
    (
        "Diagnostics.Process",
        "No process can be started in the sandbox.",
    ),
    (
        "Diagnostics.EventLog",
        "There is no event log; what is written is in the step's log.",
    ),
    (
        "Reflection.",
        "No assembly can be loaded in the sandbox; use a PowerShell class.",
    ),
    (
        "Threading.",
        "There are no threads: do one thing after the other.",
    ),
    ("Timers.", "There are no events; use Start-Sleep in a loop."),
    ("ServiceProcess.", "There are no services in the sandbox."),
    (
        "Management.Automation.Runspaces",
        "There are no runspaces: call a function or a script block.",
    ),
    (
        "Management.Automation.PowerShell",
        "There are no runspaces: call a function or a script block.",
    ),
    (
        "runspace",
        "There are no runspaces: call a function or a script block.",
    ),
    (
        "powershell",
        "There are no runspaces: call a function or a script block.",
    ),
    ("Microsoft.Win32.", "There is no registry in the sandbox."),
    (
        "Security.Principal.",
        "There are no accounts in the sandbox.",
    ),
    (
        "Security.AccessControl.",
        "Files have no owners and no access lists in the sandbox.",
    ),
    (
        "Security.Cryptography.X509",
        "There is no certificate store in the sandbox.",
    ),
    ("wmi", "There is no WMI in the sandbox."),
    ("adsi", "There is no directory service in the sandbox."),
    (
        "DirectoryServices.",
        "There is no directory service in the sandbox.",
    ),
    ("Windows.Forms", "A step has nobody to show a window to."),
    ("Xml.Xsl.", "Change the document by [xml]."),
    ("Xml.Linq.", "Use [xml]."),
    (
        "Runtime.InteropServices.",
        "Use [System.Net.NetworkCredential] or ConvertFrom-SecureString -AsPlainText.",
    ),
    (
        "Collections.Concurrent.",
        "There are no threads: use the collection of System.Collections.Generic.",
    ),
];

/// Types of one word that PowerShell or `System` has and that aren't here.
const ELSEWHERE: [&str; 39] = [
    "action",
    "activator",
    "adsi",
    "adsisearcher",
    "appcontext",
    "appdomain",
    "attribute",
    "buffer",
    "ciminstance",
    "cimclass",
    "cimsession",
    "cimtype",
    "dateonly",
    "dbnull",
    "delegate",
    "eventargs",
    "func",
    "gc",
    "half",
    "initialsessionstate",
    "int128",
    "intptr",
    "ipaddress",
    "ipendpoint",
    "lazy",
    "mailaddress",
    "nullstring",
    "objectsecurity",
    "operatingsystem",
    "physicaladdress",
    "predicate",
    "psmoduleinfo",
    "runspacefactory",
    "timeonly",
    "timezoneinfo",
    "uint128",
    "wildcardpattern",
    "x500distinguishedname",
    "x509certificate",
];

/// Whether a name is that of a type elsewhere, and so no class of a script's own: it has a namespace, or is known.
pub fn is_known_elsewhere(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.contains('.')
        || ELSEWHERE.contains(&lower.as_str())
        || HINTS
            .iter()
            .any(|(known, _)| known.eq_ignore_ascii_case(name))
}

/// What to do instead of a type, or of a namespace.
pub fn hint(name: &str) -> Option<&'static str> {
    let plain = name
        .strip_prefix("System.")
        .or_else(|| name.strip_prefix("system."))
        .unwrap_or(name);
    let begins = |known: &str| {
        plain
            .get(..known.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(known))
    };
    let found = HINTS.iter().find(|(known, _)| begins(known));
    found.map(|(_, hint)| *hint)
}

/// What is said of a type that isn't here.
pub fn unknown_type(name: &str) -> String {
    let hint = hint(name).map_or_else(String::new, |hint| format!(" {hint}"));
    format!("The type [{name}] is not supported.{hint}")
}
