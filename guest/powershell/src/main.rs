//! The command: `argv[0]` is the script (natively, `argv[1]`), what follows are its arguments.

fn main() {
    let mut argv: Vec<String> = std::env::args().collect();
    // Natively, and where a runtime names the guest itself, the script comes second.
    let names_guest = |name: &String| name.ends_with(".wasm") || name == "powershell";
    if argv
        .first()
        .is_some_and(|name| !cfg!(target_os = "wasi") || names_guest(name))
    {
        argv.remove(0);
    }
    let code = match argv.first().map(String::as_str) {
        Some("--list") => powershell::run::list(),
        Some("--readme") => powershell::run::readme(),
        Some(_) => powershell::run::file(&argv[0], &argv[1..]),
        None => {
            powershell::host::stderr("usage: powershell SCRIPT [ARGUMENTS]\n");
            2
        }
    };
    powershell::host::exit(code)
}
