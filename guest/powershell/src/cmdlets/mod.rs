//! The cmdlets, each with its parameters in one table ([`CMDLETS`]), which the check, `--list` and the README use.
//!
//! To add one: a function and a [`Cmdlet`] in a file of its family, and a line in `CMDLETS`.

pub mod archive;
pub mod collect;
pub mod content;
pub mod csv;
pub mod date;
pub mod each;
pub mod format;
pub mod invoke;
pub mod items;
pub mod json;
pub mod listing;
pub mod location;
pub mod objects;
pub mod octopus;
pub mod out_file;
pub mod paths;
pub mod select;
pub mod select_string;
pub mod select_xml;
pub mod sort;
pub mod system;
pub mod values;
pub mod variables;
pub mod web;
pub mod write;

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;

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
    /// `Name/alias@0?!|*`: position, switch, mandatory, from the pipeline, takes what is left.
    pub params: &'static str,
    pub run: Run,
}

#[derive(Clone)]
pub struct Parameter {
    pub name: &'static str,
    pub aliases: Vec<&'static str>,
    pub is_switch: bool,
    pub position: Option<u8>,
    pub is_mandatory: bool,
    pub takes_input: bool,
    pub takes_rest: bool,
}

/// What every cmdlet has (about_CommonParameters).
const COMMON: &str = "ErrorAction/ea WarningAction/wa Verbose/vb? Debug/db? ErrorVariable/ev OutVariable/ov InformationAction/infa ProgressAction";

pub static CMDLETS: &[&Cmdlet] = &[
    &archive::COMPRESS,
    &archive::EXPAND,
    &collect::COMPARE,
    &collect::GROUP,
    &collect::MEASURE,
    &collect::TEE,
    &collect::UNIQUE,
    &content::ADD,
    &content::CLEAR,
    &content::GET,
    &content::SET,
    &csv::CONVERT_FROM,
    &csv::CONVERT_TO,
    &csv::EXPORT,
    &csv::IMPORT,
    &date::GET,
    &date::NEW_TIMESPAN,
    &each::FOREACH,
    &each::WHERE,
    &format::LIST,
    &format::TABLE,
    &format::WIDE,
    &invoke::COMMAND,
    &invoke::EXPRESSION,
    &invoke::IMPORT_MODULE,
    &invoke::GET_COMMAND,
    &invoke::EXPORT_MODULE,
    &invoke::MEASURE_COMMAND,
    &items::COPY,
    &items::MOVE,
    &items::NEW,
    &items::REMOVE,
    &items::RENAME,
    &items::CLEAR_ITEM,
    &json::FROM,
    &json::TO,
    &json::TEST,
    &listing::CHILD_ITEM,
    &listing::FILE_HASH,
    &listing::ITEM,
    &location::GET,
    &location::POP,
    &location::PUSH,
    &location::SET,
    &objects::ADD_MEMBER,
    &objects::GET_MEMBER,
    &objects::NEW_OBJECT,
    &octopus::ARTIFACT,
    &octopus::FAIL,
    &octopus::HIGHLIGHT,
    &octopus::PROGRESS,
    &octopus::SET_VARIABLE,
    &octopus::WAIT,
    &out_file::DEFAULT,
    &out_file::FILE,
    &out_file::HOST,
    &out_file::NULL,
    &out_file::STRING,
    &paths::CONVERT,
    &paths::JOIN,
    &paths::RESOLVE,
    &paths::SPLIT,
    &paths::TEST,
    &select::SELECT,
    &select_string::SELECT_STRING,
    &select_xml::SELECT_XML,
    &sort::SORT,
    &system::SLEEP,
    &system::STRICT,
    &system::GET_HOST,
    &system::TEMP_FILE,
    &values::GUID,
    &values::RANDOM,
    &values::SECURE_TO,
    &values::SECURE_FROM,
    &values::CONVERT_STRING_DATA,
    &variables::CLEAR,
    &variables::GET,
    &variables::NEW,
    &variables::REMOVE,
    &variables::SET,
    &variables::SET_ALIAS,
    &variables::NEW_ALIAS,
    &web::REST,
    &web::WEB,
    &write::DEBUG,
    &write::ERROR,
    &write::HOST,
    &write::INFORMATION,
    &write::OUTPUT,
    &write::PROGRESS,
    &write::VERBOSE,
    &write::WARNING,
];

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

impl Cmdlet {
    pub fn parameters(&self) -> Rc<[Parameter]> {
        PARAMETERS.with_borrow_mut(|all| {
            Rc::clone(all.entry(self.name).or_insert_with(|| {
                self.params
                    .split_whitespace()
                    .chain(COMMON.split_whitespace())
                    .map(parsed)
                    .collect::<Vec<_>>()
                    .into()
            }))
        })
    }
}

fn parsed(written: &'static str) -> Parameter {
    let end = written
        .find(['@', '?', '!', '|', '*'])
        .unwrap_or(written.len());
    let (names, flags) = written.split_at(end);
    let mut names = names.split('/');
    Parameter {
        name: names.next().unwrap_or_default(),
        aliases: names.collect(),
        is_switch: flags.contains('?'),
        position: flags
            .find('@')
            .and_then(|at| flags.as_bytes().get(at + 1))
            .map(|digit| digit - b'0'),
        is_mandatory: flags.contains('!'),
        takes_input: flags.contains('|'),
        takes_rest: flags.contains('*'),
    }
}

/// The parameter that `name` means: its name, an alias, or an unambiguous beginning.
pub fn parameter(cmdlet: &Cmdlet, name: &str) -> Result<Parameter, String> {
    let params = cmdlet.parameters();
    let is = |known: &str| known.eq_ignore_ascii_case(name);
    if let Some(found) = params
        .iter()
        .find(|param| is(param.name) || param.aliases.iter().any(|alias| is(alias)))
    {
        return Ok(found.clone());
    }
    let lower = name.to_ascii_lowercase();
    let found: Vec<&Parameter> = params
        .iter()
        .filter(|param| param.name.to_ascii_lowercase().starts_with(&lower))
        .collect();
    match found.as_slice() {
        [one] => Ok((*one).clone()),
        [] => Err(format!(
            "A parameter cannot be found that matches parameter name '{name}': {} supports {}.",
            cmdlet.name,
            params
                .iter()
                .take_while(|param| param.name != "ErrorAction")
                .map(|param| format!("-{}", param.name))
                .collect::<Vec<_>>()
                .join(", ")
        )),
        several => Err(format!(
            "Parameter cannot be processed because the parameter name '{name}' is ambiguous. Possible matches include: {}.",
            several
                .iter()
                .map(|param| format!("-{}", param.name))
                .collect::<Vec<_>>()
                .join(" ")
        )),
    }
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
