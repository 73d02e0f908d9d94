//! The languages, with what tests need in each of them: the same deed, written four times.

/// One language of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Shell,
    Python,
    JavaScript,
    PowerShell,
}

pub const LANGUAGES: [Language; 4] = [
    Language::Shell,
    Language::Python,
    Language::JavaScript,
    Language::PowerShell,
];

impl Language {
    /// The name of a script in it.
    pub fn file(self) -> &'static str {
        self.pick("deploy.sh", "deploy.py", "deploy.mjs", "deploy.ps1")
    }

    /// The text for this language.
    pub fn pick<T>(self, shell: T, python: T, javascript: T, powershell: T) -> T {
        match self {
            Self::Shell => shell,
            Self::Python => python,
            Self::JavaScript => javascript,
            Self::PowerShell => powershell,
        }
    }

    /// Prints the variable `Token` in full.
    pub fn print_token(self) -> &'static str {
        self.pick(
            "echo \"it is $(get_octopusvariable Token)!\"\n",
            "print(f\"it is {get_octopusvariable('Token')}!\")\n",
            "console.log(`it is ${getOctopusVariable('Token')}!`);\n",
            "Write-Host \"it is $($OctopusParameters['Token'])!\"\n",
        )
    }
}

/// A way to send a request, in some language: prints the body of a good answer; else exits with 3.
pub struct Client {
    pub name: &'static str,
    pub language: Language,
    /// `GET`s the first argument.
    pub get: &'static str,
}

/// The HTTP clients that scripts use.
pub const CLIENTS: [Client; 6] = [
    Client {
        name: "curl",
        language: Language::Shell,
        get: "curl -fsSL \"$1\" || { echo \"curl: $?\" >&2; exit 3; }\n",
    },
    Client {
        name: "urllib",
        language: Language::Python,
        get: "\
import sys, urllib.request
try:
    with urllib.request.urlopen(sys.argv[1]) as response:
        print(response.read().decode(), end='')
except OSError as error:
    print(type(error).__name__, error, file=sys.stderr)
    sys.exit(3)
",
    },
    Client {
        name: "requests",
        language: Language::Python,
        get: "\
import sys, requests
try:
    response = requests.get(sys.argv[1])
    response.raise_for_status()
    print(response.text, end='')
except requests.RequestException as error:
    print(type(error).__name__, error, file=sys.stderr)
    sys.exit(3)
",
    },
    Client {
        name: "http.client",
        language: Language::Python,
        get: "\
import sys, http.client, urllib.parse
url = urllib.parse.urlsplit(sys.argv[1])
kind = {'http': http.client.HTTPConnection, 'https': http.client.HTTPSConnection}[url.scheme]
try:
    connection = kind(url.hostname, url.port)
    connection.request('GET', (url.path or '/') + ('?' + url.query if url.query else ''))
    response = connection.getresponse()
    if response.status != 200:
        sys.exit(3)
    print(response.read().decode(), end='')
except OSError as error:
    print(type(error).__name__, error, file=sys.stderr)
    sys.exit(3)
",
    },
    Client {
        name: "fetch",
        language: Language::JavaScript,
        get: "\
try {
  const response = await fetch(process.argv[2]);
  if (!response.ok) process.exit(3);
  process.stdout.write(await response.text());
} catch (error) {
  console.error(String(error));
  process.exit(3);
}
",
    },
    Client {
        name: "Invoke-RestMethod",
        language: Language::PowerShell,
        get: "\
try {
    Write-Host -NoNewline (Invoke-RestMethod $args[0])
} catch {
    [Console]::Error.WriteLine($_)
    exit 3
}
",
    },
];
