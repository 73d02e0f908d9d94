//! Everything that the server says to the shell of a machine: the shell of POSIX, whatever the account's own is.
//!
//! Whatever comes from elsewhere is a word of a command and never part of its text. Nothing secret is in either: that
//! comes over standard input.

/// Makes an attempt's directory, and says where it is.
pub(super) const MAKE: &str = "umask 077; b=$1; [ -n \"$b\" ] || b=$HOME/.seawall; mkdir -p -- \"$b\" && cd -- \"$b\" && \
mkdir -- \"$2\" && cd -- \"$2\" && mkdir script work artifacts packages && pwd -P";

pub(super) const UNPACK: &str = "umask 077; cd -- \"$1\" && exec tar -xof -";

/// Takes the permission to write into packages away. Whoever owns them can give it back: it is no wall.
pub(super) const PROTECT: &str = "exec chmod -R a-w -- \"$1/packages\"";

/// Ends every process of this account that a script in `$1` left, again until there is none: what is being ended may
/// start another.
macro_rules! end_all {
    () => {
        "end_all() { n=0; while [ \"$n\" -lt 5 ]; do n=$((n + 1)); found=; for q in /proc/[0-9]*; do \
[ -r \"$q/environ\" ] || continue; case \"$(cat \"$q/environ\")\" in *\"SEAWALL_RUN=$1\"*) \
found=1; kill -s KILL \"${q#/proc/}\";; esac; done; [ -n \"$found\" ] || break; done; } 2>/dev/null; \
remove() { cd /; rm -rf -- \"$1\" 2>/dev/null || { chmod -R u+rwx \"$1\" 2>/dev/null; rm -rf -- \"$1\"; }; }; "
    };
}

/// Starts the next one in a session of its own, where the machine can, and tells how it ended. A process that is
/// started in the background has /dev/null for its input unless it is given another.
///
/// Beside it somebody looks whether the login is still there, which ends with the connection: without it nobody reads
/// what the script says, and it is ended and removed. What is asked for every two seconds costs nothing.
pub(super) const LAUNCH: &str = concat!(
    end_all!(),
    "i=$1; shift; exec 3<&0; \
if command -v setsid >/dev/null 2>&1; then setsid /bin/sh -c \"$i\" - \"$@\" <&3 3<&- & \
else /bin/sh -c \"$i\" \"\" \"$@\" <&3 3<&- & fi; \
p=$!; exec 3<&- </dev/null; \
( while kill -s 0 \"$PPID\"; do sleep 2 || exit; done; : >\"$1/stop\"; kill -s KILL -- \"$(cat \"$1/pid\")\"; \
end_all \"$1\"; remove \"$1\" ) >/dev/null 2>&1 & w=$!; \
wait \"$p\"; c=$?; kill \"$w\" 2>/dev/null; exit \"$c\""
);

/// Whoever uses all of its CPU time is told a second before it is killed, so that the end says why.
///
/// Says which process it is, takes the environment from the first line of its input, and becomes the program. A limit
/// that can't be set is only fine where a narrower one holds already. With a pipe, what follows that line goes there.
pub(super) const BECOME: &str = "umask 077; d=$1; w=$2; t=$3; k=$4; m=$5; f=$6; h=$7; g=$8; shift 8; cd -- \"$w\" || exit 125; \
n=$(printf \"\\n_\"); n=${n%_}; command -v \"$1\" >/dev/null 2>&1 || { echo \"this machine has no $1\" >&2; exit 127; }; \
printf \"%s\\n\" \"$0$$\" >\"$d/pid\" || exit 125; [ ! -e \"$d/stop\" ] || exit 143; \
IFS= read -r e && eval \"$e\" || exit 125; \
l() { ulimit $1 \"$2\" 2>/dev/null || [ \"$(ulimit $1 2>/dev/null)\" -le \"$2\" ] 2>/dev/null || \
{ echo \"ulimit $1 $2 is refused here\" >&2; exit 125; }; }; \
if [ -n \"$g\" ]; then mkfifo \"$g\" || exit 125; exec 3<&0; cat <&3 3<&- >\"$g\" & exec 3<&- </dev/null; fi; \
l \"-S -t\" \"$t\"; l \"-H -t\" $((t + 1)); l \"$k\" \"$m\"; l -f \"$f\"; l -n \"$h\"; exec \"$@\"";

/// A script that has not started yet sees `stop`; one that has is in `pid`.
pub(super) const SIGNAL: &str = ": >\"$1/stop\"; p=$(cat \"$1/pid\" 2>/dev/null); [ -n \"$p\" ] || exit 0; \
kill -s \"$2\" -- \"$p\" 2>/dev/null; exit 0";

/// Whatever is left of the group and outside it, and then the directory. A process that ended is not looked for by its
/// number: somebody else may have it by now.
pub(super) const REMOVE: &str = concat!(
    end_all!(),
    "p=$(cat \"$1/pid\" 2>/dev/null); case \"$p\" in -[0-9]*) kill -s KILL -- \"$p\" 2>/dev/null;; esac; \
end_all \"$1\"; remove \"$1\""
);

/// The same for a directory whose script may be long gone: what is ended says itself that it is that script.
pub(super) const CLEAN_UP: &str = concat!(
    end_all!(),
    "b=$1; [ -n \"$b\" ] || b=$HOME/.seawall; d=$(cd -- \"$b/$2\" 2>/dev/null && pwd -P) || exit 0; \
: >\"$d/stop\"; p=$(cat \"$d/pid\" 2>/dev/null); q=${p#-}; \
case \"$(cat \"/proc/$q/environ\" 2>/dev/null)\" in *\"SEAWALL_RUN=$d\"*) kill -s KILL -- \"$p\" 2>/dev/null;; esac; \
end_all \"$d\"; remove \"$d\""
);

/// Prints a regular file that is below the directory once all links are resolved.
pub(super) const PRINT: &str = "cd -P -- \"$1\" && r=$(pwd -P) && cd -P -- \"$2\" || exit 97; \
case \"$(pwd -P)/\" in \"$r\"/*) ;; *) exit 97;; esac; [ -f \"$3\" ] && [ ! -h \"$3\" ] || exit 98; exec cat -- \"./$3\"";

/// One word for any shell that quotes as `sh` does.
pub(super) fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\0', "").replace('\'', r"'\''"))
}

/// A shell's script with its words, as one command for whatever shell the account has.
pub(super) fn one_command(script: &str, words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    format!(
        "exec /bin/sh -c {} seawall {}",
        quoted(script),
        words.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::path::Path;
    use std::process::{Command, Output, Stdio};

    use super::*;

    /// What comes of a program that is launched here, as it is on a machine.
    fn launched(directory: &Path, pipe: &str, program: &[&str], input: &str) -> Output {
        let directory = directory.to_str().expect("text");
        let mut child = Command::new("/bin/sh")
            .args(["-c", LAUNCH, "seawall", BECOME, directory, directory])
            .args(["5", "-v", "4194304", "2048", "64", pipe])
            .args(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("every system has a shell");
        let mut stdin = child.stdin.take().expect("it is piped");
        // Who has no interpreter doesn't read it.
        stdin.write_all(input.as_bytes()).ok();
        drop(stdin);
        child.wait_with_output().expect("it ends")
    }

    #[test]
    fn a_program_is_given_what_follows_its_environment_as_input_or_through_a_pipe() {
        let directory = tempfile::tempdir().expect("a directory");
        let pipe = directory.path().join("variables.json");
        let pipe = pipe.to_str().expect("text");
        let say = "printf '%s|' \"$WORD\"; cat \"$0\"; cat";
        for (pipe, from) in [("", "/dev/null"), (pipe, pipe)] {
            let program = ["sh", "-c", say, from];
            let input = "export WORD='it'\\''s';\nline 1\nline 2";
            let ended = launched(directory.path(), pipe, &program, input);
            assert!(ended.status.success(), "{ended:?}");
            let said = String::from_utf8_lossy(&ended.stdout).into_owned();
            assert_eq!(said, "it's|line 1\nline 2", "{pipe}");
        }
    }

    #[test]
    fn a_machine_without_the_interpreter_says_which() {
        let directory = tempfile::tempdir().expect("a directory");
        let ended = launched(directory.path(), "", &["no-such-shell", "x"], "\n");
        assert_eq!(ended.status.code(), Some(127), "{ended:?}");
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(said.contains("this machine has no no-such-shell"), "{said}");
    }
}
