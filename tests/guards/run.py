#!/usr/bin/env python3
"""Removes each guard of guards.toml, one at a time, and looks whether its probes notice.

README.md beside this file says what for. Nothing here touches the user's files: a copy of the checkout is edited and built,
below target/guards. Standard library only.
"""

import argparse
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PLACE = ROOT / "target" / "guards"
COPY = PLACE / "checkout"

# Longer than any probe takes: the slowest waits for a wall time of 20 s.
PROBE_SECONDS = 90
# A run that is meant not to end has this long to prove the contrary.
HANG_SECONDS = 20

# Only root can run scripts as another account; without it, the probes of native processes are not run.
IS_ROOT = os.geteuid() == 0
# One that every system has, and that owns nothing.
NATIVE_ACCOUNT = "nobody"


class Stale(Exception):
    """The list doesn't fit the sources, or the machine can't do what is needed."""


def output(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout.strip()


def check_out():
    """Makes the copy: what is committed, and what is changed in tracked files."""
    commit = output("git", "stash", "create", cwd=ROOT) or "HEAD"
    if COPY.exists():
        output("git", "checkout", "--quiet", "--force", "--detach", commit, cwd=COPY)
        output("git", "clean", "--quiet", "--force", "-d", cwd=COPY)
    else:
        PLACE.mkdir(parents=True, exist_ok=True)
        output("git", "worktree", "prune", cwd=ROOT)
        output("git", "worktree", "add", "--quiet", "--force", "--detach", str(COPY), commit, cwd=ROOT)
    guests = ROOT / "guest" / "dist"
    if not (guests / "probe.wasm").exists():
        raise Stale("there are no guests in guest/dist: run `make guests` first")
    shutil.copytree(guests, COPY / "guest" / "dist", dirs_exist_ok=True)


def build():
    """Builds the copy and returns the program."""
    target = PLACE / "build"
    cargo = shlex.split(os.environ.get("CARGO", "cargo"))
    built = subprocess.run(
        [*cargo, "build", "--release", "--bin", "seawall"],
        cwd=COPY,
        env={**os.environ, "CARGO_TARGET_DIR": str(target)},
        capture_output=True,
        text=True,
    )
    if built.returncode != 0:
        raise Stale("it doesn't compile:\n" + "\n".join(built.stderr.splitlines()[-40:]))
    return target / "release" / "seawall"


def isolation():
    """The command before the doctor's, so that no packet can leave; None where the machine doesn't permit it."""
    # Who is root stays root: in a user namespace there is no other account for native processes.
    own = [] if IS_ROOT else ["--user", "--map-root-user"]
    alone = ["unshare", *own, "--net", "sh", "-c"]
    up = "ip link set lo up && exec \"$0\" \"$@\""
    try:
        subprocess.run([*alone, up, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return [*alone, up]


class Doctor:
    """`seawall doctor`, in a home of its own: a wall with a hole may leave anything there."""

    def __init__(self, program, prefix):
        native = ["--native-account", NATIVE_ACCOUNT] if IS_ROOT else []
        self.command = [*(prefix or []), str(program), "doctor", "--json", *native]
        self.home = PLACE / "home"
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(mode=0o700)

    def rows(self, only, seconds):
        """The doctor's rows by id, or None if it had not ended after `seconds`."""
        command = self.command + (["--only", only] if only else [])
        # Nothing of the user's: a probe that gets through may print what it found.
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "SEAWALL_HOME": str(self.home),
            "PROBE_SERVER_ENV": "env-value-471147",
        }
        doctor = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            said, complaint = doctor.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(doctor.pid, signal.SIGKILL)
            doctor.communicate()
            return None
        rows = {}
        for line in said.splitlines():
            row = json.loads(line)
            rows[row["id"]] = row
        if not rows and complaint:
            print(complaint, file=sys.stderr)
        return rows


def removals(guard, seconds):
    return guard["remove"] + [seconds[name] for name in guard.get("second", [])]


def remove(edits):
    """Takes the edits' guards out of the copy. Returns what the files held before."""
    before = {}
    for edit in edits:
        path = COPY / edit["file"]
        text = path.read_text()
        before.setdefault(path, text)
        n_found = text.count(edit["find"])
        if n_found != 1:
            restore(before)
            raise Stale(f"{edit['file']} holds this {n_found} times, not once:\n{edit['find']}")
        path.write_text(text.replace(edit["find"], edit["replace"]))
    return before


def restore(before):
    for path, text in before.items():
        path.write_text(text)


def is_breached(row):
    """Whether a probe got through. One that could not be tried, or never started, proves nothing."""
    return not row["contained"] and not row["how"].startswith(("inconclusive:", "not started:"))


def notice(guard, doctor, left_out):
    """What the guard's probes make of its removal: who got through, who didn't, who could not be run."""
    through, held, not_run = [], [], []
    for probe in guard["only"]:
        if probe in left_out:
            not_run.append(probe)
            continue
        hangs = guard.get("hangs", False)
        rows = doctor.rows(probe, HANG_SECONDS if hangs else PROBE_SECONDS)
        if rows is None:
            how = f"it never ended ({HANG_SECONDS} s)" if hangs else f"nothing after {PROBE_SECONDS} s"
            (through if hangs else held).append((probe, how))
        elif probe not in rows:
            held.append((probe, "the doctor failed"))
        else:
            (through if is_breached(rows[probe]) else held).append((probe, rows[probe]["how"]))
    return through, held, not_run


def together(guards, seconds, most):
    """Groups of guards whose removals are in different files and whose probes differ."""
    groups = []
    for guard in guards:
        for group in groups:
            if len(group) < most and fit(group, guard, seconds):
                group.append(guard)
                break
        else:
            groups.append([guard])
    return groups


def fit(group, guard, seconds):
    if guard.get("hangs", False) or group[0].get("hangs", False):
        return False
    files = {edit["file"] for edit in removals(guard, seconds)}
    return not any(
        set(guard["only"]) & set(other["only"]) or files & {edit["file"] for edit in removals(other, seconds)}
        for other in group
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("guards", nargs="*", help="only these, by id; all without")
    parser.add_argument(
        "--together",
        type=int,
        default=1,
        metavar="N",
        help="remove up to N guards at once: quicker while working on the list, and weaker evidence",
    )
    arguments = parser.parse_args()
    table = tomllib.loads((HERE / "guards.toml").read_text())
    probes = tomllib.loads((ROOT / "guest/probe/probes.toml").read_text())["probe"]
    natives = tomllib.loads((ROOT / "guest/probe/native.toml").read_text())["probe"]
    # What is not run where the machine doesn't permit it: network namespaces, or another account.
    offline = {probe["id"] for probe in probes if probe.get("offline")}
    native = {probe["id"] for probe in natives}
    unknown = set(arguments.guards) - {guard["id"] for guard in table["guard"]}
    if unknown:
        raise Stale(f"no guard is called {', '.join(sorted(unknown))}")
    guards = [guard for guard in table["guard"] if not arguments.guards or guard["id"] in arguments.guards]

    check_out()
    prefix = isolation()
    if prefix is None:
        print("no network namespace can be made here: probes marked `offline` are not run")
    if not IS_ROOT:
        print("only root can run scripts as another account: probes of native processes are not run")
    left_out = (set() if prefix else offline) | (set() if IS_ROOT else native)
    print("building the program as it is", flush=True)
    rows = Doctor(build(), prefix).rows(None, 900)
    if not rows:
        raise Stale("with every guard in place, the doctor failed")
    unsound = {}
    for probe in sorted({probe for guard in guards for probe in guard["only"]}):
        row = rows.get(probe)
        if row is None and probe not in left_out:
            unsound[probe] = "was not run"
        if row and not row["contained"]:
            unsound[probe] = f"got through: {row['how']}"
        if row and not row.get("twin", {"succeeded": True})["succeeded"]:
            unsound[probe] = f"doesn't succeed once granted: {row['twin']['how']}"
    for probe, why in unsound.items():
        print(f"with every guard in place, {probe} {why}", flush=True)

    n_seen, n_left_out, unnoticed = 0, 0, []
    for group in together(guards, table["second"], arguments.together):
        before = remove([edit for guard in group for edit in removals(guard, table["second"])])
        try:
            doctor = Doctor(build(), prefix)
        except Stale as stale:
            unnoticed += [guard["id"] for guard in group]
            print(f"not built: {' '.join(guard['id'] for guard in group)}: {stale}", flush=True)
            continue
        finally:
            restore(before)
        for guard in group:
            through, held, not_run = notice(guard, doctor, left_out)
            held += [(probe, "see above") for probe in guard["only"] if probe in unsound]
            if held or not (through or not_run):
                unnoticed.append(guard["id"])
                for probe, how in held:
                    print(f"went unnoticed: {guard['id']}: {probe}: {how}", flush=True)
            elif not through:
                n_left_out += 1
                print(f"not run: {guard['id']}: {' '.join(not_run)}", flush=True)
            else:
                n_seen += 1
                print(f"seen to matter: {guard['id']}: {' '.join(probe for probe, _ in through)}", flush=True)
                for probe, how in through:
                    print(f"    {probe}: {how[:140]}", flush=True)

    print(f"\n{n_seen} of {len(guards)} guards seen to matter; {len(unnoticed)} went unnoticed; {n_left_out} not run")
    if unnoticed:
        print("unnoticed: " + " ".join(unnoticed))
    return 1 if unnoticed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Stale as stale:
        sys.exit(f"tests/guards: {stale}")
