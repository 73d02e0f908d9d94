//! Parts → text. Recursive, because values are templates; bounded, because values are user input.

use super::ast::{Part, Symbol, Template};
use super::parse::ParseError;
use super::{Index, Step, fold_name};

/// Where values come from. Names arrive as written in the template: fold them to compare.
pub trait Variables {
    /// Returns the variable's raw value (a template itself), or `None` if there is no such variable.
    fn value(&self, name: &str) -> Option<&str>;
}

/// Substitutions in one evaluation, those inside values included. Each costs well under a
/// microsecond; chains that double (A = BB, B = CC, …) reach it in a moment.
const MAX_SUBSTITUTIONS: usize = 200_000;

/// Every level of a chain copies its value once: all copies together may be this many times the
/// largest result.
const MAX_COPIES: usize = 8;

/// How far an evaluation may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Variables whose values refer to variables whose values … .
    pub max_depth: usize,
    /// The size of the result, and of every intermediate result.
    pub max_bytes: usize,
}

impl Default for Bounds {
    /// 32 deep: Octopus projects seldom chain more than five. 16 MiB: the largest file anyone
    /// substitutes in, and far below what would hurt the server.
    fn default() -> Bounds {
        Bounds {
            max_depth: 32,
            max_bytes: 16 << 20,
        }
    }
}

/// The result of an evaluation.
#[derive(Clone, PartialEq, Eq)]
pub struct Evaluated {
    pub text: String,
    /// Variables that don't exist, in order, without repeats. Their tokens are in `text` as written.
    pub missing: Vec<String>,
}

// The text may hold secrets.
impl std::fmt::Debug for Evaluated {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Evaluated { text, missing } = self;
        write!(out, "Evaluated({} bytes, missing {missing:?})", text.len())
    }
}

/// Why a template has no result. Names variables, never shows their values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvaluateError {
    #[error("the variable `{name}` refers to itself: {}", .chain.join(" → "))]
    Recursion { name: String, chain: Vec<String> },
    #[error("variables refer to each other more than {max_depth} deep, at `{name}`")]
    TooDeep { name: String, max_depth: usize },
    #[error("the result is larger than {max_bytes} bytes")]
    TooLarge { max_bytes: usize },
    #[error("more than {MAX_SUBSTITUTIONS} substitutions")]
    TooMany,
    #[error("the value of the variable `{name}` is not a template")]
    Value {
        name: String,
        #[source]
        source: ParseError,
    },
}

impl Template {
    /// Replaces every substitution by its variable's value.
    ///
    /// # Errors
    /// [`EvaluateError`]. A missing variable is not an error: see [`Evaluated::missing`].
    pub fn evaluate(
        &self,
        variables: &impl Variables,
        bounds: Bounds,
    ) -> Result<Evaluated, EvaluateError> {
        let mut run = Run {
            variables,
            bounds,
            chain: Vec::new(),
            missing: Vec::new(),
            n_bytes_made: 0,
            n_substitutions: 0,
        };
        let mut text = String::new();
        run.template(self, &mut text)?;
        Ok(Evaluated {
            text,
            missing: run.missing,
        })
    }
}

struct Run<'v, V> {
    variables: &'v V,
    bounds: Bounds,
    /// The variables being evaluated, outermost first: (folded, as written).
    chain: Vec<(String, String)>,
    missing: Vec<String>,
    n_bytes_made: usize,
    n_substitutions: usize,
}

impl<V: Variables> Run<'_, V> {
    fn template(&mut self, template: &Template, out: &mut String) -> Result<(), EvaluateError> {
        for part in template.parts() {
            match part {
                Part::Literal(text) => self.push(out, text)?,
                Part::Substitution {
                    symbol,
                    written,
                    position: _,
                } => match self.symbol(symbol)? {
                    Some(value) => self.push(out, &value)?,
                    None => self.push(out, written)?,
                },
            }
        }
        Ok(())
    }

    /// Returns the symbol's value, or `None` if it or one of its indexes is missing.
    fn symbol(&mut self, symbol: &Symbol) -> Result<Option<String>, EvaluateError> {
        let mut name = String::new();
        for step in &symbol.steps {
            match step {
                Step::Name(text) if name.is_empty() => name.push_str(text),
                Step::Name(text) => {
                    name.push('.');
                    name.push_str(text);
                }
                Step::Index(Index::Literal(text)) => {
                    name.push('[');
                    name.push_str(text);
                    name.push(']');
                }
                Step::Index(Index::Symbol(inner)) => {
                    let Some(value) = self.symbol(inner)? else {
                        return Ok(None);
                    };
                    name.push('[');
                    name.push_str(&value);
                    name.push(']');
                }
            }
        }
        self.variable(name)
    }

    fn variable(&mut self, name: String) -> Result<Option<String>, EvaluateError> {
        self.n_substitutions += 1;
        if self.n_substitutions > MAX_SUBSTITUTIONS {
            return Err(EvaluateError::TooMany);
        }
        let Some(raw) = self.variables.value(&name) else {
            if !self.missing.contains(&name) {
                self.missing.push(name);
            }
            return Ok(None);
        };
        let folded = fold_name(&name);
        if let Some(start) = self.chain.iter().position(|(seen, _)| *seen == folded) {
            let mut chain: Vec<String> = self.chain[start..]
                .iter()
                .map(|(_, written)| written.clone())
                .collect();
            chain.push(name.clone());
            return Err(EvaluateError::Recursion { name, chain });
        }
        let max_depth = self.bounds.max_depth;
        if self.chain.len() == max_depth {
            return Err(EvaluateError::TooDeep { name, max_depth });
        }
        let template = Template::parse(raw).map_err(|source| EvaluateError::Value {
            name: name.clone(),
            source,
        })?;
        self.chain.push((folded, name));
        let mut value = String::new();
        self.template(&template, &mut value)?;
        self.chain.pop();
        Ok(Some(value))
    }

    fn push(&mut self, out: &mut String, text: &str) -> Result<(), EvaluateError> {
        let max_bytes = self.bounds.max_bytes;
        let max_made = max_bytes.saturating_mul(MAX_COPIES);
        self.n_bytes_made = self.n_bytes_made.saturating_add(text.len());
        if out.len().saturating_add(text.len()) > max_bytes || self.n_bytes_made > max_made {
            return Err(EvaluateError::TooLarge { max_bytes });
        }
        out.push_str(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Table(&'static [(&'static str, &'static str)]);

    impl Variables for Table {
        fn value(&self, name: &str) -> Option<&str> {
            let folded = fold_name(name);
            self.0
                .iter()
                .find(|(n, _)| fold_name(n) == folded)
                .map(|(_, value)| *value)
        }
    }

    fn run(
        text: &str,
        table: &'static [(&'static str, &'static str)],
    ) -> Result<(String, Vec<String>), EvaluateError> {
        let Evaluated { text, missing } = Template::parse(text)
            .unwrap()
            .evaluate(&Table(table), Bounds::default())?;
        Ok((text, missing))
    }

    #[test]
    fn names_ignore_case_and_values_are_templates() {
        let table = &[
            ("Web.Port", "80#{zero}"),
            ("Zero", "80"),
            ("A[x]", "found"),
            ("B", "x"),
        ];
        assert_eq!(run("<#{WEB.port}>", table), Ok(("<8080>".into(), vec![])));
        assert_eq!(
            run("#{a[#{b}]} ##{B}", table),
            Ok(("found #{B}".into(), vec![]))
        );
    }

    #[test]
    fn a_missing_variable_stays_as_written_and_is_reported() {
        let table = &[("A", "1")];
        let expected = (
            "1 #{ No.Such } #{A[#{None}]} #{No.Such}".into(),
            vec!["No.Such".into(), "None".into()],
        );
        assert_eq!(
            run("#{A} #{ No.Such } #{A[#{None}]} #{No.Such}", table),
            Ok(expected)
        );
    }

    #[test]
    fn a_variable_that_reaches_itself_is_an_error() {
        let error = run("#{A}", &[("A", "#{b}"), ("B", "x#{C}"), ("C", "#{B}")]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the variable `B` refers to itself: b → C → B"
        );
        assert!(matches!(
            run("#{A}", &[("A", "#{A}")]),
            Err(EvaluateError::Recursion { .. })
        ));
        // The same variable twice side by side is no recursion.
        assert_eq!(
            run("#{A}#{A}", &[("A", "#{B}#{B}"), ("B", "x")]),
            Ok(("xxxx".into(), vec![]))
        );
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let bounds = Bounds {
            max_depth: 3,
            max_bytes: 10,
        };
        let table = Table(&[
            ("A", "#{B}"),
            ("B", "#{C}"),
            ("C", "#{D}"),
            ("D", "x"),
            ("Long", "123456789"),
        ]);
        let run = |text: &str| Template::parse(text).unwrap().evaluate(&table, bounds);
        assert_eq!(run("#{B}").unwrap().text, "x");
        assert!(matches!(run("#{A}"), Err(EvaluateError::TooDeep { .. })));
        assert_eq!(run("#{Long}!").unwrap().text, "123456789!");
        assert!(matches!(
            run("#{Long}!!"),
            Err(EvaluateError::TooLarge { .. })
        ));
    }

    #[test]
    fn a_chain_that_doubles_ends() {
        struct Doubling;
        impl Variables for Doubling {
            fn value(&self, name: &str) -> Option<&str> {
                const VALUES: [&str; 27] = [
                    "#{B}#{B}", "#{C}#{C}", "#{D}#{D}", "#{E}#{E}", "#{F}#{F}", "#{G}#{G}",
                    "#{H}#{H}", "#{I}#{I}", "#{J}#{J}", "#{K}#{K}", "#{L}#{L}", "#{M}#{M}",
                    "#{N}#{N}", "#{O}#{O}", "#{P}#{P}", "#{Q}#{Q}", "#{R}#{R}", "#{S}#{S}",
                    "#{T}#{T}", "#{U}#{U}", "#{V}#{V}", "#{W}#{W}", "#{X}#{X}", "#{Y}#{Y}",
                    "#{Z}#{Z}", "", "",
                ];
                VALUES.get(usize::from(name.as_bytes()[0] - b'A')).copied()
            }
        }
        let result = Template::parse("#{A}")
            .unwrap()
            .evaluate(&Doubling, Bounds::default());
        assert_eq!(result, Err(EvaluateError::TooMany));
    }

    #[test]
    fn a_value_that_is_no_template_is_an_error_not_literal_text() {
        let error = run("#{A}", &[("A", "#{if x}")]).unwrap_err();
        assert!(matches!(error, EvaluateError::Value { ref name, .. } if name == "A"));
    }
}
