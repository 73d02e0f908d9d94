//! What a cmdlet is, and finding one by name.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::{CMDLETS, Parameter};
use crate::eval::{Args, Engine, Sink, Stage};
use crate::value::{R, Value};

pub type EachFn = fn(&mut Engine, &Args, Option<Value>, &mut dyn Sink) -> R<()>;
pub type WholeFn = fn(&mut Engine, &Args, Vec<Value>, &mut dyn Sink) -> R<()>;

/// How a cmdlet takes its input.
pub enum Run {
    /// Item by item; once, without an item, where there is no pipe.
    Each(EachFn),
    /// All at once, at the end.
    Whole(WholeFn),
    /// In its own way.
    Stage(fn(Args) -> R<Box<dyn Stage>>),
}

pub struct Cmdlet {
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    /// `Name/alias@0?!|~*^`: position, switch, mandatory, from the pipeline, from a property of its item, takes what is
    /// left, takes no null.
    pub params: &'static str,
    pub run: Run,
}

thread_local! {
    static BY_NAME: RefCell<Option<FxHashMap<String, &'static Cmdlet>>> = const { RefCell::new(None) };
    static PARAMETERS: RefCell<FxHashMap<&'static str, Rc<[Parameter]>>> = RefCell::default();
}

/// The cmdlet of that name or alias.
pub fn find(name: &str) -> Option<&'static Cmdlet> {
    BY_NAME.with_borrow_mut(|all| {
        let all = all.get_or_insert_with(|| {
            let mut map = FxHashMap::default();
            for cmdlet in CMDLETS {
                map.insert(cmdlet.name.to_ascii_lowercase(), *cmdlet);
                for alias in cmdlet.aliases {
                    map.insert(alias.to_ascii_lowercase(), *cmdlet);
                }
            }
            map
        });
        all.get(&name.to_ascii_lowercase()).copied()
    })
}

/// What is a function, not a cmdlet, in PowerShell or where Octopus runs it.
const FUNCTIONS: [&str; 7] = [
    "Fail-Step",
    "mkdir",
    "New-OctopusArtifact",
    "Set-OctopusVariable",
    "Update-Progress",
    "Write-Highlight",
    "Write-Wait",
];

impl Cmdlet {
    /// Whether scripts find it as a function: in the drive `function:`, and by `Get-Command`.
    pub fn is_function(&self) -> bool {
        FUNCTIONS.contains(&self.name)
    }

    pub fn parameters(&self) -> Rc<[Parameter]> {
        PARAMETERS.with_borrow_mut(|all| {
            Rc::clone(
                all.entry(self.name)
                    .or_insert_with(|| Parameter::all(self.params).into()),
            )
        })
    }
}

/// What came through the pipe, or the value of `-InputObject` as the one item that it is to most cmdlets.
pub fn input_or_one(args: &Args, input: Vec<Value>) -> Vec<Value> {
    if args.has_input {
        return input;
    }
    args.value("InputObject").into_iter().collect()
}

/// The items that a cmdlet works on: `-InputObject`, or what came through the pipe.
pub fn inputs(args: &Args, input: Vec<Value>) -> Vec<Value> {
    if args.has_input {
        return input;
    }
    args.value("InputObject")
        .map(|value| value.to_items())
        .unwrap_or_default()
}
