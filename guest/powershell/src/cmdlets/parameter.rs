//! Parameters of cmdlets: how they are written in a [`Cmdlet`], and which one a script's name means.

use super::Cmdlet;

#[derive(Clone)]
pub struct Parameter {
    pub name: &'static str,
    pub aliases: Vec<&'static str>,
    pub is_switch: bool,
    pub position: Option<u8>,
    pub is_mandatory: bool,
    /// Takes neither null nor, where it is a path, an empty text; it, or another such parameter, has to be there.
    pub needs_value: bool,
    pub takes_input: bool,
    /// Takes the item's property of its name.
    pub takes_property: bool,
    pub takes_rest: bool,
}

/// What every cmdlet has (about_CommonParameters).
const COMMON: &str = "ErrorAction/ea WarningAction/wa Verbose/vb? Debug/db? ErrorVariable/ev WarningVariable/wv InformationVariable/iv OutVariable/ov PipelineVariable/pv OutBuffer/ob InformationAction/infa ProgressAction/proga";

impl Parameter {
    /// All parameters of a list as it stands in [`Cmdlet::params`], and the common ones.
    pub fn all(written: &'static str) -> Vec<Self> {
        written
            .split_whitespace()
            .chain(COMMON.split_whitespace())
            .map(parsed)
            .collect()
    }

    /// Whether a script block for it is run for every item: it takes input, and no block as it is.
    pub fn is_delayable(&self) -> bool {
        const OF_ANY_TYPE: [&str; 6] = [
            "Body",
            "InputObject",
            "MessageData",
            "Object",
            "ScriptBlock",
            "Value",
        ];
        self.takes_property || self.takes_input && !OF_ANY_TYPE.contains(&self.name)
    }

    /// Whether it holds paths; their names say so.
    pub fn is_path(&self) -> bool {
        self.name.ends_with("Path")
    }
}

fn parsed(written: &'static str) -> Parameter {
    let end = written
        .find(['@', '?', '!', '|', '~', '*', '^'])
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
        needs_value: flags.contains('^'),
        takes_input: flags.contains('|'),
        takes_property: flags.contains('~'),
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
    let mut found: Vec<&Parameter> = params
        .iter()
        .filter(|param| param.name.to_ascii_lowercase().starts_with(&lower))
        .collect();
    // The cmdlet's own come before the common ones (MergedCommandParameterMetadata.GetMatchingParameter).
    let n_own = cmdlet.params.split_whitespace().count();
    let own = params.iter().take(n_own);
    let own: Vec<&Parameter> = own
        .filter(|param| found.iter().any(|it| it.name == param.name))
        .collect();
    if let [_] = own.as_slice() {
        found = own;
    }
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
