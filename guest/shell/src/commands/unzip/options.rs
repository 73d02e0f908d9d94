//! What was asked of `unzip`.

/// What is done with the entries.
#[derive(Default, PartialEq)]
pub enum Mode {
    #[default]
    Extract,
    /// `-l`.
    List,
    /// `-v`.
    Verbose,
    /// `-Z1`.
    Names,
    /// `-t`.
    Test,
    /// `-p` and, with a line before each entry, `-c`.
    Print { is_bare: bool },
}

/// Which files that are there may be written over.
#[derive(Default, PartialEq)]
pub enum Overwrite {
    /// Nobody is there to answer unzip's question.
    #[default]
    Ask,
    Always,
    Never,
}

/// Which entries are extracted, by what is there.
#[derive(Default, PartialEq)]
pub enum Extent {
    #[default]
    All,
    /// `-u`: what isn't there, and what is newer than what is.
    Update,
    /// `-f`: only what is newer than what is there.
    Freshen,
}

#[derive(Default)]
pub struct Options {
    pub mode: Mode,
    pub overwrite: Overwrite,
    pub extent: Extent,
    pub n_quiet: u32,
    pub drops_folders: bool,
    pub ignores_case: bool,
    pub lowers_names: bool,
    pub drops_times: bool,
    pub folder: Option<String>,
    pub excluded: Vec<String>,
    pub names: Vec<String>,
}

pub fn parse(args: &[String]) -> Result<Options, String> {
    let mut options = Options::default();
    let mut rest = args.iter().peekable();
    while let Some(arg) = rest.next() {
        if !arg.starts_with('-') || arg == "-" {
            options.names.push(arg.clone());
            continue;
        }
        if let Some(form) = arg.strip_prefix("-Z") {
            if form != "1" {
                return Err(format!(
                    "unzip: -Z{form} is not supported: -Z1 and -v list entries"
                ));
            }
            options.mode = Mode::Names;
            continue;
        }
        for (at, letter) in arg.char_indices().skip(1) {
            match letter {
                'q' => options.n_quiet += 1,
                'o' => options.overwrite = Overwrite::Always,
                'n' => options.overwrite = Overwrite::Never,
                'u' => options.extent = Extent::Update,
                'f' => options.extent = Extent::Freshen,
                'j' => options.drops_folders = true,
                'C' => options.ignores_case = true,
                'L' => options.lowers_names = true,
                // The first is for folders, which get no times here.
                'D' => options.drops_times = arg.matches('D').count() > 1,
                'l' => options.mode = Mode::List,
                'v' => options.mode = Mode::Verbose,
                't' => options.mode = Mode::Test,
                'p' => options.mode = Mode::Print { is_bare: true },
                'c' => options.mode = Mode::Print { is_bare: false },
                'x' => {
                    while let Some(pattern) = rest.next_if(|next| !next.starts_with('-')) {
                        options.excluded.push(pattern.clone());
                    }
                }
                'd' => {
                    let inline = &arg[at + 1..];
                    let value = if inline.is_empty() {
                        rest.next().cloned()
                    } else {
                        Some(inline.to_owned())
                    };
                    options.folder = Some(value.ok_or("unzip: -d needs a folder")?);
                    break;
                }
                // Bytes stay as they are; there are no owners and no set-user-id bits to bring back.
                'b' | 'X' | 'K' => {}
                other => return Err(format!("unzip: invalid option -- '{other}'")),
            }
        }
    }
    Ok(options)
}
