//! What was asked of `zip`.

/// What is done with the archive.
#[derive(Default, PartialEq)]
pub enum Mode {
    #[default]
    Add,
    /// `-u`: what is new, and what is newer than in the archive.
    Update,
    /// `-f`: what is newer than in the archive.
    Freshen,
    Delete,
}

#[derive(Default)]
pub struct Options {
    pub mode: Mode,
    pub is_recursive: bool,
    pub is_quiet: bool,
    pub drops_folders: bool,
    pub no_folder_entries: bool,
    pub keeps_links: bool,
    pub moves: bool,
    pub reads_names: bool,
    pub tests: bool,
    pub takes_latest_time: bool,
    /// `-X`: no times in whole seconds.
    pub drops_extras: bool,
    /// 0 stores, 1 to 9 packs.
    pub level: Option<u32>,
    pub excluded: Vec<String>,
    pub included: Vec<String>,
    pub names: Vec<String>,
}

pub fn parse(args: &[String]) -> std::result::Result<Options, String> {
    let mut options = Options::default();
    let mut rest = args.iter().peekable();
    let mut are_options_over = false;
    while let Some(arg) = rest.next() {
        if are_options_over || !arg.starts_with('-') || arg == "-" {
            options.names.push(arg.clone());
            continue;
        }
        let letters = match arg.as_str() {
            "--" => {
                are_options_over = true;
                continue;
            }
            "--quiet" => "q",
            "--recurse-paths" => "r",
            "--junk-paths" => "j",
            "--exclude" => "x",
            "--include" => "i",
            "--delete" => "d",
            "--update" => "u",
            "--freshen" => "f",
            "--move" => "m",
            "--symlinks" => "y",
            "--no-dir-entries" => "D",
            "--test" => "T",
            "--latest-time" => "o",
            "--no-extra" => "X",
            long if long.starts_with("--") => {
                let name = &long[2..];
                return Err(format!("long option '{name}' not supported"));
            }
            short => &short[1..],
        };
        for letter in letters.chars() {
            match letter {
                'r' => options.is_recursive = true,
                'q' => options.is_quiet = true,
                'j' => options.drops_folders = true,
                'D' => options.no_folder_entries = true,
                'y' => options.keeps_links = true,
                'm' => options.moves = true,
                'u' => options.mode = Mode::Update,
                'f' => options.mode = Mode::Freshen,
                'd' => options.mode = Mode::Delete,
                'T' => options.tests = true,
                'o' => options.takes_latest_time = true,
                '@' => options.reads_names = true,
                '0'..='9' => options.level = letter.to_digit(10),
                'X' => options.drops_extras = true,
                // An archive that is there is added to anyway.
                'g' => {}
                'x' | 'i' => {
                    let list = if letter == 'x' {
                        &mut options.excluded
                    } else {
                        &mut options.included
                    };
                    while let Some(pattern) = rest.next_if(|next| !next.starts_with('-')) {
                        list.push(pattern.clone());
                    }
                }
                other => return Err(format!("short option '{other}' not supported")),
            }
        }
    }
    Ok(options)
}
