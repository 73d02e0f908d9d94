//! Symbolic links that the guest makes, and what they lead to.

use wasip2::filesystem::types::{OpenFlags, PathFlags};

use crate::operations::through;
use crate::place::{CREATE, FOLLOW, READ, WRITE, locate, open_directory, taste};
use crate::probe::{Args, Probe, Step, Stop, Verdict, any_of};

pub const PROBES: &[Probe] = &[
    Probe {
        name: "symlink-read",
        usage: "TARGET LINK",
        threat: "wazero #2321: a link made by the guest, then opened",
        run: symlink_read,
    },
    Probe {
        name: "symlink-make",
        usage: "TARGET LINK",
        threat: "planting a link for host code that reads the folder later",
        run: symlink_make,
    },
    Probe { name: "symlink-chain", usage: "TARGET DIR", threat: "link to link to link", run: symlink_chain },
    Probe { name: "symlink-parent", usage: "TARGET DIR", threat: "a link as a middle component", run: symlink_parent },
    Probe { name: "symlink-loop", usage: "DIR", threat: "endless resolution on the host", run: symlink_loop },
    Probe {
        name: "symlink-long-chain",
        usage: "DIR N",
        threat: "deep recursion in path resolution",
        run: symlink_long_chain,
    },
    Probe {
        name: "symlink-loop-from-rename",
        usage: "DIR",
        threat: "renaming builds a loop",
        run: symlink_loop_from_rename,
    },
    Probe {
        name: "dangling-create",
        usage: "TARGET LINK",
        threat: "CVE-2024-38358: dangling link and O_CREAT",
        run: dangling_create,
    },
    Probe {
        name: "dangling-truncate",
        usage: "TARGET LINK",
        threat: "Deno #35239: truncate follows the last link",
        run: dangling_truncate,
    },
    Probe {
        name: "trailing-slash",
        usage: "DIR OUTSIDE",
        threat: "GHSA-vqjp-4c8c-hfgg: trailing slash follows links out",
        run: trailing_slash,
    },
    Probe {
        name: "through-link",
        usage: "LINK",
        threat: "a planted link: every operation through it",
        run: through_link,
    },
    Probe {
        name: "dotdot-after-symlink",
        usage: "DIR OUTSIDE",
        threat: "`..` resolved after, not before, the link",
        run: dotdot_after_symlink,
    },
    Probe {
        name: "dotdot-in-target",
        usage: "DIR OUTSIDE",
        threat: "`..` in the middle and at the end of a link's target",
        run: dotdot_in_target,
    },
    Probe {
        name: "rename-open-directory",
        usage: "DIR OUTSIDE",
        threat: "a handle's folder is moved, then climbed out of",
        run: rename_open_directory,
    },
    Probe {
        name: "swap-link",
        usage: "DIR OUTSIDE N",
        threat: "time of check to time of use: file swapped for a link",
        run: swap_link,
    },
    Probe {
        name: "link-read-only-out",
        usage: "LINK",
        threat: "a link in a writable mount leads into a read-only one",
        run: link_read_only_out,
    },
];

fn symlink(target: &str, link: &str) -> Result<(), Stop> {
    let place = locate(link)?;
    let _ = place.directory.unlink_file_at(&place.path);
    Ok(place.directory.symlink_at(target, &place.path)?)
}

fn read(path: &str) -> Verdict {
    let place = locate(path)?;
    taste(&place.directory.open_at(FOLLOW, &place.path, OpenFlags::empty(), READ)?)
}

fn symlink_read(args: &Args) -> Verdict {
    symlink(args.text(0)?, args.text(1)?).at("make the link")?;
    read(args.text(1)?).at("open the link")
}

fn symlink_make(args: &Args) -> Verdict {
    symlink(args.text(0)?, args.text(1)?)?;
    Ok(format!("made a link to {}", args.text(0)?))
}

fn symlink_chain(args: &Args) -> Verdict {
    let (target, directory) = (args.text(0)?, args.text(1)?);
    symlink(target, &format!("{directory}/chain-1")).at("first link")?;
    symlink("chain-1", &format!("{directory}/chain-2")).at("second link")?;
    symlink("./chain-2", &format!("{directory}/chain-3")).at("third link")?;
    read(&format!("{directory}/chain-3")).at("open the last link")
}

fn symlink_parent(args: &Args) -> Verdict {
    let (target, directory) = (args.text(0)?, args.text(1)?);
    let (parent, name) = target.rsplit_once('/').unwrap_or((".", target));
    symlink(parent, &format!("{directory}/parent")).at("make the link")?;
    read(&format!("{directory}/parent/{name}")).at("open through the link")
}

fn symlink_loop(args: &Args) -> Verdict {
    let directory = args.text(0)?;
    symlink("loop-b", &format!("{directory}/loop-a")).prepared("the loop")?;
    symlink("loop-a", &format!("{directory}/loop-b")).prepared("the loop")?;
    read(&format!("{directory}/loop-a/x"))
}

fn symlink_long_chain(args: &Args) -> Verdict {
    let (directory, n) = (args.text(0)?, args.number(1)?);
    let folder = locate(directory)?;
    symlink("../a.txt", &format!("{directory}/long-0")).prepared("the chain")?;
    for i in 1..n {
        let name = folder.child(&format!("long-{i}"));
        folder.directory.symlink_at(&format!("long-{}", i - 1), &name).prepared("the chain")?;
    }
    read(&format!("{directory}/long-{}", n - 1))
}

fn symlink_loop_from_rename(args: &Args) -> Verdict {
    let folder = locate(args.text(0)?)?;
    let (turn, back) = (folder.child("turn"), folder.child("turn/back"));
    folder.directory.create_directory_at(&turn).prepared("a directory")?;
    folder.directory.symlink_at("..", &back).prepared("a link")?;
    folder.directory.rename_at(&turn, &folder.directory, &format!("{back}/turn/inner"))?;
    Ok("a directory is inside itself".to_owned())
}

fn dangling_create(args: &Args) -> Verdict {
    symlink(args.text(0)?, args.text(1)?).at("make the link")?;
    let place = locate(args.text(1)?)?;
    any_of([("create", CREATE), ("create-truncate", CREATE | OpenFlags::TRUNCATE)].map(|(name, how)| {
        let opened = place.directory.open_at(FOLLOW, &place.path, how, WRITE);
        (name, opened.map(|_| "created what the link names".to_owned()).map_err(Stop::from))
    }))
}

fn dangling_truncate(args: &Args) -> Verdict {
    symlink(args.text(0)?, args.text(1)?).at("make the link")?;
    let place = locate(args.text(1)?)?;
    any_of([("follow", FOLLOW), ("no-follow", PathFlags::empty())].map(|(name, follow)| {
        let opened = place.directory.open_at(follow, &place.path, OpenFlags::TRUNCATE, WRITE);
        (name, opened.map(|_| "emptied what the link names".to_owned()).map_err(Stop::from))
    }))
}

/// The advisory's own set-up: `hidden` leads out, `indirect` leads to it with a slash, `root_link` to the root.
fn trailing_slash(args: &Args) -> Verdict {
    let (folder, outside) = (locate(args.text(0)?)?, args.text(1)?);
    let mut tries = vec![];
    for (name, target) in [("hidden", outside), ("indirect", "hidden/"), ("root_link", "/.")] {
        let path = folder.child(name);
        let _ = folder.directory.unlink_file_at(&path);
        // A host that refuses to make the link has refused this part of the attack.
        if let Err(error) = folder.directory.symlink_at(target, &path) {
            tries.push((format!("make {name}"), Err(error.into())));
        }
        for suffix in ["", "/", "//", "/.", "/./", "/.//."] {
            tries.extend(through(&folder.directory, &format!("{path}{suffix}")));
        }
    }
    any_of(tries)
}

fn through_link(args: &Args) -> Verdict {
    let place = locate(args.text(0)?)?;
    let suffixes = ["", "/", "//", "/."];
    any_of(suffixes.iter().flat_map(|suffix| through(&place.directory, &format!("{}{suffix}", place.path))))
}

/// `shallow` is `deep/er`: lexically `shallow/../..` has left the folder, physically it is still in it, and the other way round.
fn dotdot_after_symlink(args: &Args) -> Verdict {
    let (folder, outside) = (locate(args.text(0)?)?, args.text(1)?);
    let directory = &folder.directory;
    let _ = directory.create_directory_at(&folder.child("deep"));
    let _ = directory.create_directory_at(&folder.child("deep/er"));
    let _ = directory.unlink_file_at(&folder.child("shallow"));
    directory.symlink_at("deep/er", &folder.child("shallow")).prepared("a link")?;
    let outside = outside.trim_start_matches("../");
    any_of(["shallow/../../..", "shallow/../../../.", "deep/er/../../..", "shallow/./../..//.."].map(|climb| {
        let target = folder.child(&format!("{climb}/{outside}/secret.txt"));
        let opened = directory.open_at(FOLLOW, &target, OpenFlags::empty(), READ);
        (target, opened.map_err(Stop::from).and_then(|file| taste(&file)))
    }))
}

fn dotdot_in_target(args: &Args) -> Verdict {
    let (folder, outside) = (locate(args.text(0)?)?, args.text(1)?);
    let directory = &folder.directory;
    let _ = directory.create_directory_at(&folder.child("mid"));
    let turning = folder.child("turning");
    let targets = [
        format!("mid/../{outside}"),
        format!("{outside}/."),
        format!("{outside}/../outside"),
        format!("./{outside}/x/.."),
    ];
    any_of(targets.iter().flat_map(|target| {
        let _ = directory.unlink_file_at(&turning);
        match directory.symlink_at(target, &turning) {
            Ok(()) => through(directory, &turning),
            Err(error) => vec![(target.clone(), Err(error.into()))],
        }
    }))
}

/// Here the climb starts from a handle of the folder itself, whose contents then move up by one.
fn rename_open_directory(args: &Args) -> Verdict {
    let (path, outside) = (args.text(0)?, args.text(1)?);
    let folder = locate(path)?;
    let _ = folder.directory.create_directory_at(&folder.child("tall"));
    let _ = folder.directory.create_directory_at(&folder.child("tall/inner"));
    let inner = open_directory(&format!("{path}/tall/inner")).prepared("a handle")?;
    folder.directory.rename_at(&folder.child("tall/inner"), &folder.directory, &folder.child("moved")).at("rename")?;
    any_of(["..", "../..", "../../.."].map(|climb| {
        let target = format!("{climb}/{}/secret.txt", outside.trim_start_matches("../"));
        let opened = inner.open_at(FOLLOW, &target, OpenFlags::empty(), READ);
        (target, opened.map_err(Stop::from).and_then(|file| taste(&file)))
    }))
}

/// One thread can't race itself, but a host that checks and opens in two calls and caches in between shows here.
fn swap_link(args: &Args) -> Verdict {
    let (folder, outside, n) = (locate(args.text(0)?)?, args.text(1)?, args.number(2)?);
    let directory = &folder.directory;
    let (real, swapped) = (folder.child("real"), folder.child("swapped"));
    let secret = format!("{swapped}/secret.txt");
    let _ = directory.create_directory_at(&real);
    directory.open_at(FOLLOW, &format!("{real}/secret.txt"), CREATE, WRITE).prepared("a harmless file")?;
    for _ in 0..n {
        let _ = directory.rename_at(&real, directory, &swapped);
        let _ = directory.stat_at(FOLLOW, &secret);
        let _ = directory.rename_at(&swapped, directory, &real);
        if directory.symlink_at(outside, &swapped).is_ok() {
            let opened = directory.open_at(FOLLOW, &secret, OpenFlags::empty(), READ);
            let _ = directory.unlink_file_at(&swapped);
            if let Ok(file) = opened {
                return taste(&file);
            }
        }
    }
    Err(Stop::Refused(format!("{n} swaps")))
}

fn link_read_only_out(args: &Args) -> Verdict {
    let place = locate(args.text(0)?)?;
    let file = place.open(OpenFlags::empty(), WRITE).at("open for writing")?;
    file.write(b"!", 0).at("write")?;
    Ok("wrote behind the link".to_owned())
}
