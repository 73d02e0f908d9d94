//! What to use instead of what isn't supported.

/// Real cmdlets and programs that scripts bring, with what to do instead; an empty hint means the general one.
const HINTS: &[(&str, &str)] = &[
    (
        "Start-Job",
        "There are no background jobs: call the commands one after the other.",
    ),
    ("Receive-Job", "There are no background jobs."),
    ("Wait-Job", "There are no background jobs."),
    ("Get-Job", "There are no background jobs."),
    ("Remove-Job", "There are no background jobs."),
    ("Start-ThreadJob", "There are no background jobs."),
    ("Start-Process", "No process can be started in the sandbox."),
    (
        "Get-Process",
        "There are no other processes in the sandbox.",
    ),
    (
        "Stop-Process",
        "There are no other processes in the sandbox.",
    ),
    ("Get-Service", "There are no services in the sandbox."),
    ("Start-Service", "There are no services in the sandbox."),
    ("Stop-Service", "There are no services in the sandbox."),
    ("Restart-Service", "There are no services in the sandbox."),
    ("New-PSSession", "There is no remoting."),
    ("Enter-PSSession", "There is no remoting."),
    ("Install-Module", "Mount the module and use Import-Module."),
    (
        "Install-Package",
        "Nothing can be installed in the sandbox.",
    ),
    ("Read-Host", "A step has nobody to ask; use a variable."),
    (
        "Get-Credential",
        "A step has nobody to ask; use [pscredential]::new.",
    ),
    ("Get-WmiObject", "There is no WMI in the sandbox."),
    ("Get-CimInstance", "There is no WMI in the sandbox."),
    ("Register-ObjectEvent", "There are no events."),
    (
        "Get-ItemProperty",
        "Use Get-Item: there is no registry, and a file's properties are its own.",
    ),
    ("Set-ItemProperty", "There is no registry in the sandbox."),
    (
        "Set-ExecutionPolicy",
        "There is no execution policy here; leave the line out.",
    ),
    (
        "Test-NetConnection",
        "Use Invoke-WebRequest for a URL that the policy allows.",
    ),
    (
        "Test-Connection",
        "Use Invoke-WebRequest for a URL that the policy allows.",
    ),
    ("Send-MailMessage", "Use an email step."),
    (
        "Get-EventLog",
        "There is no event log; what is written is in the step's log.",
    ),
    (
        "Get-WinEvent",
        "There is no event log; what is written is in the step's log.",
    ),
    (
        "Write-EventLog",
        "There is no event log; what is written is in the step's log.",
    ),
    (
        "Start-Transcript",
        "All output is in the step's log; leave the line out.",
    ),
    (
        "Stop-Transcript",
        "All output is in the step's log; leave the line out.",
    ),
    ("Restart-Computer", "The sandbox is no computer of its own."),
    ("Stop-Computer", "The sandbox is no computer of its own."),
    (
        "Get-Acl",
        "Files have no owners and no access lists in the sandbox.",
    ),
    (
        "Set-Acl",
        "Files have no owners and no access lists in the sandbox.",
    ),
    (
        "Get-Counter",
        "There are no performance counters in the sandbox.",
    ),
    (
        "Resolve-DnsName",
        "Names are resolved outside of the sandbox; use Invoke-WebRequest.",
    ),
    ("Enable-PSRemoting", "There is no remoting."),
    ("Invoke-CimMethod", "There is no WMI in the sandbox."),
    ("Invoke-WmiMethod", "There is no WMI in the sandbox."),
    ("Set-CimInstance", "There is no WMI in the sandbox."),
    ("Start-DscConfiguration", "There is no DSC in the sandbox."),
    ("Get-Website", "There is no IIS in the sandbox."),
    ("New-Website", "There is no IIS in the sandbox."),
    ("New-WebAppPool", "There is no IIS in the sandbox."),
    ("Start-WebAppPool", "There is no IIS in the sandbox."),
    ("Stop-WebAppPool", "There is no IIS in the sandbox."),
    ("Restart-WebAppPool", "There is no IIS in the sandbox."),
    (
        "Register-ScheduledTask",
        "There are no scheduled tasks; use a runbook's trigger.",
    ),
    (
        "New-ScheduledTask",
        "There are no scheduled tasks; use a runbook's trigger.",
    ),
    (
        "Get-ScheduledTask",
        "There are no scheduled tasks; use a runbook's trigger.",
    ),
    (
        "Get-ADUser",
        "There is no directory service in the sandbox.",
    ),
    (
        "Get-ADGroup",
        "There is no directory service in the sandbox.",
    ),
    (
        "Invoke-Sqlcmd",
        "There are no database drivers in the sandbox.",
    ),
    ("New-PSDrive", "There are no drives; use the mount's path."),
    (
        "Remove-ItemProperty",
        "There is no registry in the sandbox.",
    ),
    ("New-ItemProperty", "There is no registry in the sandbox."),
    ("Import-PSSession", "There is no remoting."),
    ("New-Service", "There are no services in the sandbox."),
    ("Set-Service", "There are no services in the sandbox."),
    ("choco", ""),
    ("msiexec", ""),
    ("icacls", ""),
    ("robocopy", ""),
    ("xcopy", ""),
    ("net", ""),
    ("netsh", ""),
    ("schtasks", ""),
    ("iisreset", ""),
    ("appcmd", ""),
    ("curl", "Use Invoke-WebRequest."),
    ("wget", "Use Invoke-WebRequest."),
    ("git", ""),
    ("dotnet", ""),
    ("npm", ""),
    ("node", ""),
    ("python", ""),
    ("python3", ""),
    ("docker", ""),
    ("kubectl", ""),
    ("helm", ""),
    ("terraform", ""),
    ("az", ""),
    ("aws", ""),
    ("gcloud", ""),
    ("msbuild", ""),
    ("nuget", ""),
    ("bash", ""),
    ("sh", ""),
    ("cmd", ""),
    ("pwsh", ""),
    ("powershell", ""),
    ("tar", ""),
    ("unzip", ""),
    ("ssh", ""),
    ("scp", ""),
    ("sqlcmd", ""),
];

/// Verbs of PowerShell's own cmdlets: a name that begins with one is taken for a cmdlet.
const VERBS: [&str; 30] = [
    "Add", "Clear", "Close", "Compare", "Convert", "Copy", "Disable", "Enable", "Enter", "Exit",
    "Export", "Format", "Get", "Import", "Install", "Invoke", "Join", "Measure", "Move", "New",
    "Out", "Read", "Register", "Remove", "Resolve", "Set", "Start", "Stop", "Test", "Update",
];

/// Whether a command of that name is likely to exist in real PowerShell.
pub fn is_known_elsewhere(name: &str) -> bool {
    HINTS
        .iter()
        .any(|(known, _)| known.eq_ignore_ascii_case(name))
}

/// Whether real PowerShell is likely to have it, by its verb: then its absence is ours to tell, not the script's to catch.
pub fn is_of_powershell(name: &str) -> bool {
    is_known_elsewhere(name) || has_verb(name)
}

fn has_verb(name: &str) -> bool {
    name.split_once('-')
        .is_some_and(|(verb, _)| VERBS.iter().any(|known| known.eq_ignore_ascii_case(verb)))
}

/// The refusal with what always helps: somewhere else there is a real PowerShell.
pub fn elsewhere(message: &str) -> String {
    let end = match message.ends_with(['.', '?']) {
        true => "",
        false => ".",
    };
    format!("{message}{end} A step that needs it can run on an external worker with PowerShell.")
}

/// The refusal of a command.
pub fn unknown_command(name: &str) -> String {
    let hint = HINTS
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, hint)| *hint);
    match hint {
        Some(hint) if !hint.is_empty() => {
            format!("The command '{name}' is not supported. {hint}")
        }
        Some(_) => {
            format!("The program '{name}' cannot be started: the sandbox starts no processes.")
        }
        None => {
            let near = nearest(name);
            let kind = if has_verb(name) { "cmdlet" } else { "command" };
            let more = match near {
                Some(near) => format!(" Did you mean {near}?"),
                None if has_verb(name) => String::new(),
                None => " If it is a program: the sandbox starts no processes.".to_owned(),
            };
            format!("The {kind} '{name}' is not supported.{more}")
        }
    }
}

/// A cmdlet whose name differs in at most two letters.
fn nearest(name: &str) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    crate::cmdlets::CMDLETS
        .iter()
        .map(|cmdlet| {
            (
                distance(&lower, &cmdlet.name.to_ascii_lowercase()),
                cmdlet.name,
            )
        })
        .filter(|(n, _)| *n <= 2)
        .min()
        .map(|(_, name)| name)
}

fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(60).collect(), b.chars().collect());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (at, c) in a.iter().enumerate() {
        let mut before = row[0];
        row[0] = at + 1;
        for (column, other) in b.iter().enumerate() {
            let changed = before + usize::from(c != other);
            before = row[column + 1];
            row[column + 1] = changed.min(before + 1).min(row[column] + 1);
        }
    }
    row[b.len()]
}
