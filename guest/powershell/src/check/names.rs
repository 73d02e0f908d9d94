//! Whether what a script names is there: types, their static members, attributes, variables.

use super::type_hints;
use super::walk::Walk;
use crate::eval::Engine;
use crate::eval::variable::refusal;
use crate::parse::ast::{Attribute, Expr, ExprKind, TypeName, VarRef, VarScope};
use crate::parse::visit::Visit;
use crate::types::{self, TypeRef};

impl Walk<'_> {
    pub(super) fn attribute(&mut self, attribute: &Attribute) {
        const KNOWN: [&str; 23] = [
            "parameter",
            "alias",
            "cmdletbinding",
            "validatenotnull",
            "validatenotnullorempty",
            "validatenotnullorwhitespace",
            "validateset",
            "validaterange",
            "validatepattern",
            "validatelength",
            "validatecount",
            "validatescript",
            "allownull",
            "allowemptystring",
            "allowemptycollection",
            "outputtype",
            "supportswildcards",
            "psdefaultvalue",
            "argumentcompletions",
            "diagnostics.codeanalysis.suppressmessage",
            "obsolete",
            "credential",
            "pstypename",
        ];
        let lower = attribute.name.to_ascii_lowercase();
        let bare = lower
            .strip_prefix("system.management.automation.")
            .or_else(|| lower.strip_prefix("system."))
            .unwrap_or(&lower);
        let bare = bare.strip_suffix("attribute").unwrap_or(bare);
        if !KNOWN.contains(&bare)
            && !bare.ends_with("suppressmessage")
            && !bare.ends_with("argumentcompleter")
        {
            self.refuse(
                attribute.span,
                format!("The attribute [{}] is not supported.", attribute.name),
            );
        }
        if !self.is_collecting && bare.starts_with("validate") {
            self.bounds_rules(attribute, bare);
        }
        attribute
            .positional
            .iter()
            .for_each(|expr| self.visit_expr(expr));
        attribute
            .named
            .iter()
            .filter_map(|(_, value)| value.as_ref())
            .for_each(|expr| self.visit_expr(expr));
    }

    pub(super) fn type_name(&mut self, name: &TypeName) {
        if self.is_collecting {
            return;
        }
        self.resolved(name);
    }

    pub(super) fn resolved(&mut self, name: &TypeName) -> Option<TypeRef> {
        let own = name.name.to_lowercase();
        let is_around = |engine: &Engine| engine.own_types.contains(&own);
        if self.user_types.contains(&own) || self.around.is_some_and(is_around) {
            return None;
        }
        let lower = name.name.to_ascii_lowercase();
        if matches!(lower.as_str(), "ref" | "ordered") {
            return None;
        }
        // Its arguments may be the script's own.
        name.args.iter().for_each(|arg| self.type_name(arg));
        let plain = TypeName {
            name: name.name.clone(),
            args: Vec::new(),
            n_array: name.n_array,
            n_commas: name.n_commas,
            span: name.span,
            resolved: Default::default(),
        };
        match types::resolve(&plain, &|_| None, &self.namespaces) {
            Ok(found) => Some(found),
            // A class of a file that is loaded by then: what it isn't shows when it is reached.
            Err(_) if self.is_open && !type_hints::is_known_elsewhere(&name.name) => None,
            Err(_) => {
                self.refuse(name.span, type_hints::unknown_type(&name.to_string()));
                None
            }
        }
    }

    pub(super) fn static_member(&mut self, of: &TypeName, name: &Expr, is_call: bool) {
        if self.is_collecting {
            return;
        }
        let (Some(TypeRef::Known(info)), ExprKind::Word(member)) = (self.resolved(of), &name.kind)
        else {
            return;
        };
        if !of.args.is_empty() {
            return;
        }
        let is_new = is_call && member.eq_ignore_ascii_case("new");
        if is_new && info.create.is_none() && info.convert.is_none() {
            self.refuse(
                name.span,
                format!("Creating a [{}] is not supported.", info.name),
            );
            return;
        }
        let lower = member.to_ascii_lowercase();
        let is_known = is_new
            || info
                .statics
                .iter()
                .any(|known| known.eq_ignore_ascii_case(member))
            || info.get.is_some_and(|get| get(&lower).is_some());
        if !is_known {
            self.refuse(
                name.span,
                format!(
                    "The static member [{}]::{member} is not supported.",
                    info.name
                ),
            );
        }
    }

    /// An automatic variable that means nothing here, unless the script has one of its own of that name.
    pub(super) fn variable(&mut self, variable: VarRef, span: crate::lex::Span) {
        if variable.scope != VarScope::None || self.own_variables.contains(&variable.name) {
            return;
        }
        if let Some(message) = refusal(&variable.name.text()) {
            self.refuse(span, message);
        }
    }

    /// Notes a variable that the script sets.
    pub(super) fn own_variable(&mut self, variable: VarRef) {
        if self.is_collecting {
            self.own_variables.insert(variable.name);
        }
    }
}
