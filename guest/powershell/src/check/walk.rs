//! The walk over the syntax tree: first what the script defines, then what it uses.

use std::collections::HashSet;

use rustc_hash::FxHashMap;

use super::written::{self, Written};
use super::{hints, type_hints};
use crate::cmdlets;
use crate::eval::variable::refusal;
use crate::parse::ast::{
    Arg, Attribute, Block, Body, ClassDef, Command, Element, Expr, ExprKind, Invoke, Param, Piece,
    Pipeline, RedirectTo, Stmt, StmtKind, TypeName, VarRef, VarScope,
};
use crate::parse::{MAX_PROBLEMS, Problem, ProblemKind};
use crate::types::{self, TypeRef};
use crate::value::Sym;

#[derive(Default)]
struct Walk {
    is_collecting: bool,
    /// Functions, classes, enums and aliases that the script defines somewhere, in lower case.
    functions: HashSet<String>,
    user_types: HashSet<String>,
    /// Variables that the script sets somewhere.
    own_variables: HashSet<Sym>,
    namespaces: Vec<String>,
    /// Commands may come from files that are only known while running.
    is_open: bool,
    problems: Vec<Problem>,
}

/// What is wrong with a script.
pub fn problems(body: &Body) -> Vec<Problem> {
    let mut walk = Walk {
        is_collecting: true,
        ..Walk::default()
    };
    walk.body(body);
    walk.is_collecting = false;
    walk.body(body);
    // A body that is checked again, as a module's, keeps what it had.
    let _ = body.source.functions.set(walk.functions);
    walk.problems
}

impl Walk {
    fn refuse(&mut self, span: crate::lex::Span, message: String) {
        // A type's static member is looked at as a type and as a member.
        let is_told = |problem: &Problem| problem.span == span && problem.message == message;
        if self.is_collecting
            || self.problems.len() >= MAX_PROBLEMS
            || self.problems.iter().any(is_told)
        {
            return;
        }
        self.problems.push(Problem {
            kind: ProblemKind::Unsupported,
            span,
            message,
        });
    }

    fn body(&mut self, body: &Body) {
        self.params(&body.params);
        if let Some(binding) = &body.binding {
            self.attribute(binding);
        }
        for block in [&body.begin, &body.process].into_iter().flatten() {
            self.block(block);
        }
        self.block(&body.end);
    }

    fn params(&mut self, params: &[Param]) {
        for param in params {
            self.own_variable(VarRef {
                scope: VarScope::None,
                name: param.name,
            });
            param.types.iter().for_each(|name| self.type_name(name));
            param
                .attributes
                .iter()
                .for_each(|attribute| self.attribute(attribute));
            if let Some(default) = &param.default {
                self.expr(default);
            }
        }
    }

    fn attribute(&mut self, attribute: &Attribute) {
        const KNOWN: [&str; 19] = [
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
            "diagnostics.codeanalysis.suppressmessage",
            "obsolete",
        ];
        let lower = attribute.name.to_ascii_lowercase();
        let bare = lower
            .strip_prefix("system.management.automation.")
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
        attribute.positional.iter().for_each(|expr| self.expr(expr));
        attribute
            .named
            .iter()
            .filter_map(|(_, value)| value.as_ref())
            .for_each(|expr| self.expr(expr));
    }

    fn block(&mut self, block: &Block) {
        block
            .statements
            .iter()
            .for_each(|statement| self.stmt(statement));
        for trap in &block.traps {
            trap.types.iter().for_each(|name| self.type_name(name));
            self.body(&trap.body);
        }
    }

    fn maybe(&mut self, statement: Option<&Stmt>) {
        if let Some(statement) = statement {
            self.stmt(statement);
        }
    }

    fn stmt(&mut self, statement: &Stmt) {
        match &statement.kind {
            StmtKind::Pipeline(pipeline) => self.pipeline(pipeline),
            StmtKind::Chain(first, rest) => {
                self.stmt(first);
                rest.iter().for_each(|(_, next)| self.stmt(next));
            }
            StmtKind::Assign { target, value, .. } => {
                if let ExprKind::Var(variable) = &target.kind {
                    self.own_variable(*variable);
                }
                if let (true, ExprKind::Var(variable)) = (self.is_collecting, &target.kind)
                    && variable.scope == VarScope::Function
                {
                    self.functions.insert(variable.name.text().to_lowercase());
                }
                self.expr(target);
                self.stmt(value);
            }
            StmtKind::If { clauses, otherwise } => {
                for (condition, block) in clauses {
                    self.stmt(condition);
                    self.block(block);
                }
                otherwise.iter().for_each(|block| self.block(block));
            }
            StmtKind::While {
                condition, body, ..
            }
            | StmtKind::Do {
                condition, body, ..
            } => {
                self.stmt(condition);
                self.block(body);
            }
            StmtKind::For {
                init,
                condition,
                step,
                body,
                ..
            } => {
                self.maybe(init.as_deref());
                self.maybe(condition.as_deref());
                self.maybe(step.as_deref());
                self.block(body);
            }
            StmtKind::Foreach {
                variable,
                items,
                body,
                ..
            } => {
                self.own_variable(VarRef {
                    scope: VarScope::None,
                    name: *variable,
                });
                self.stmt(items);
                self.block(body);
            }
            StmtKind::Switch(switch) => {
                self.stmt(&switch.subject);
                for (case, block) in &switch.cases {
                    self.expr(case);
                    self.block(block);
                }
                switch.default.iter().for_each(|block| self.block(block));
            }
            StmtKind::Try {
                body,
                catches,
                finally,
            } => {
                self.block(body);
                for catch in catches {
                    catch.types.iter().for_each(|name| self.type_name(name));
                    self.block(&catch.body);
                }
                finally.iter().for_each(|block| self.block(block));
            }
            StmtKind::Throw(value) | StmtKind::Return(value) | StmtKind::Exit(value) => {
                self.maybe(value.as_deref())
            }
            StmtKind::Break(_) | StmtKind::Continue(_) => {}
            StmtKind::Function(definition) => {
                if self.is_collecting {
                    self.functions.insert(definition.name.text().to_lowercase());
                }
                self.body(&definition.body);
            }
            StmtKind::Class(definition) => self.class(definition),
            StmtKind::Enum(definition) => {
                if self.is_collecting {
                    self.user_types.insert(definition.name.to_lowercase());
                }
                definition
                    .members
                    .iter()
                    .filter_map(|(_, value)| value.as_ref())
                    .for_each(|expr| self.expr(expr));
            }
            StmtKind::UsingNamespace(name) => self.namespaces.push(name.clone()),
        }
    }

    fn class(&mut self, class: &ClassDef) {
        if self.is_collecting {
            self.user_types.insert(class.name.to_lowercase());
        }
        class.bases.iter().for_each(|name| self.type_name(name));
        for property in &class.properties {
            property.types.iter().for_each(|name| self.type_name(name));
            property.default.iter().for_each(|expr| self.expr(expr));
        }
        for method in &class.methods {
            method.returns.iter().for_each(|name| self.type_name(name));
            method
                .base_args
                .iter()
                .flatten()
                .for_each(|expr| self.expr(expr));
            self.body(&method.body);
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline) {
        for element in &pipeline.elements {
            let redirects = match element {
                Element::Expr(expr, redirects) => {
                    self.expr(expr);
                    redirects
                }
                Element::Command(command) => {
                    self.command(command);
                    &command.redirects
                }
            };
            for redirect in redirects {
                if let RedirectTo::File { path, .. } = &redirect.to {
                    self.expr(path);
                }
            }
        }
    }

    fn command(&mut self, command: &Command) {
        self.expr(&command.name);
        for arg in &command.args {
            match arg {
                Arg::Value(expr) => self.expr(expr),
                Arg::Named { value, .. } => value.iter().for_each(|expr| self.expr(expr)),
                Arg::Splat(..) => {}
            }
        }
        let name = match &command.name.kind {
            ExprKind::Word(name) => name.to_string(),
            ExprKind::Const(value) if command.invoke != Invoke::Name => value.text(),
            _ => {
                // Functions of a file that is known only while running may be called.
                self.is_open |= self.is_collecting
                    && command.invoke == Invoke::Dot
                    && !matches!(command.name.kind, ExprKind::Script(_));
                return;
            }
        };
        if self.is_collecting {
            self.collect(&name, command);
            return;
        }
        self.used(&name, command);
    }

    fn collect(&mut self, name: &str, command: &Command) {
        let lower = name.to_lowercase();
        if command.invoke == Invoke::Dot
            || matches!(
                lower.as_str(),
                "import-module" | "ipmo" | "invoke-expression" | "iex"
            ) && !imports_own(command)
        {
            self.is_open = true;
        }
        if matches!(lower.as_str(), "set-alias" | "new-alias" | "sal" | "nal") {
            let is_name = |name: &str| name.eq_ignore_ascii_case("name");
            let mut args = command.args.iter().peekable();
            let mut first = None;
            while let Some(arg) = args.next() {
                match arg {
                    Arg::Value(expr) if first.is_none() => first = Some(expr),
                    Arg::Named { name, .. } if is_name(name) => {
                        if let Some(Arg::Value(expr)) = args.peek() {
                            first = Some(expr);
                        }
                    }
                    Arg::Named { .. } => {
                        args.next();
                    }
                    _ => {}
                }
            }
            match first.map(|expr| &expr.kind) {
                Some(ExprKind::Word(name)) => {
                    self.functions.insert(name.to_lowercase());
                }
                Some(ExprKind::Const(value)) => {
                    self.functions.insert(value.text().to_lowercase());
                }
                _ => self.is_open = true,
            }
        }
    }

    fn used(&mut self, name: &str, command: &Command) {
        if self.problems.len() >= MAX_PROBLEMS {
            return;
        }
        let lower = name.to_lowercase();
        let bare = lower.rsplit('\\').next().unwrap_or(&lower);
        let is_script = lower.ends_with(".ps1") || lower.ends_with(".psm1");
        if self.functions.contains(bare) || is_script {
            return;
        }
        if let Some(cmdlet) = cmdlets::find(bare) {
            for arg in &command.args {
                let Arg::Named { name, span, .. } = arg else {
                    continue;
                };
                if let Err(message) = cmdlets::parameter(cmdlet, name) {
                    self.refuse(*span, message);
                }
            }
            if let Some((span, message)) = written::objection(cmdlet, command) {
                self.refuse(span, message);
            }
            if cmdlet.name == "New-Object" {
                self.written_type(&Written::of(cmdlet, command));
            }
            return;
        }
        if !self.is_open || hints::is_known_elsewhere(bare) {
            self.refuse(command.span, hints::unknown_command(name));
        }
    }

    /// `New-Object Name`: the type as it would be checked in brackets.
    fn written_type(&mut self, written: &Written) {
        let Some((text, span)) = written.text("TypeName") else {
            return;
        };
        match types::parse_name(&text) {
            Some(name) => {
                self.resolved(&TypeName { span, ..name });
            }
            None => self.refuse(span, type_hints::unknown_type(&text)),
        }
    }

    fn type_name(&mut self, name: &TypeName) {
        if self.is_collecting {
            return;
        }
        self.resolved(name);
    }

    fn resolved(&mut self, name: &TypeName) -> Option<TypeRef> {
        if self.user_types.contains(&name.name.to_lowercase()) {
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
            span: name.span,
            resolved: Default::default(),
        };
        match types::resolve(&plain, &FxHashMap::default(), &self.namespaces) {
            Ok(found) => Some(found),
            Err(_) => {
                self.refuse(name.span, type_hints::unknown_type(&name.to_string()));
                None
            }
        }
    }

    fn static_member(&mut self, of: &TypeName, name: &Expr, is_call: bool) {
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
    fn variable(&mut self, variable: VarRef, span: crate::lex::Span) {
        if variable.scope != VarScope::None || self.own_variables.contains(&variable.name) {
            return;
        }
        if let Some(message) = refusal(&variable.name.text()) {
            self.refuse(span, message);
        }
    }

    /// Notes a variable that the script sets. Defaults for parameters would be set without effect: never its own.
    fn own_variable(&mut self, variable: VarRef) {
        let is_defaults = variable
            .name
            .text()
            .eq_ignore_ascii_case("PSDefaultParameterValues");
        if self.is_collecting && !is_defaults {
            self.own_variables.insert(variable.name);
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Const(_) | ExprKind::Word(_) => {}
            ExprKind::Var(variable) => self.variable(*variable, expr.span),
            ExprKind::Expand(pieces) => pieces.iter().for_each(|piece| {
                if let Piece::Expr(inner) = piece {
                    self.expr(inner);
                }
            }),
            ExprKind::Array(block) | ExprKind::Sub(block) => self.block(block),
            ExprKind::Paren(inner) => self.stmt(inner),
            ExprKind::Hash(entries) => entries.iter().for_each(|(key, value)| {
                self.expr(key);
                self.stmt(value);
            }),
            ExprKind::Script(body) => self.body(body),
            ExprKind::Comma(items) => items.iter().for_each(|item| self.expr(item)),
            ExprKind::Unary(_, inner) | ExprKind::IncDec { target: inner, .. } => self.expr(inner),
            ExprKind::Binary(_, sides) => {
                self.expr(&sides.0);
                self.expr(&sides.1);
            }
            ExprKind::Ternary(parts) => {
                self.expr(&parts.0);
                self.expr(&parts.1);
                self.expr(&parts.2);
            }
            ExprKind::Checked(attributes, inner) => {
                attributes
                    .iter()
                    .for_each(|attribute| self.attribute(attribute));
                self.expr(inner);
            }
            ExprKind::Type(name) => self.type_name(name),
            ExprKind::Cast(name, inner) => {
                let is_variable = matches!(inner.kind, ExprKind::Var(_));
                if name.is_reference() && !is_variable {
                    let message = "[ref] to anything but a variable is not supported.";
                    self.refuse(name.span, message.to_owned());
                }
                self.type_name(name);
                self.expr(inner);
            }
            ExprKind::Member {
                target,
                name,
                is_static,
                ..
            } => {
                if let (true, ExprKind::Type(of)) = (*is_static, &target.kind) {
                    self.static_member(of, name, false);
                }
                self.expr(target);
                self.expr(name);
            }
            ExprKind::Call {
                target,
                name,
                args,
                is_static,
                ..
            } => {
                if let (true, ExprKind::Type(of)) = (*is_static, &target.kind) {
                    self.static_member(of, name, true);
                }
                self.expr(target);
                self.expr(name);
                args.iter().for_each(|arg| self.expr(arg));
            }
            ExprKind::Index { target, index, .. } => {
                self.expr(target);
                self.expr(index);
            }
        }
    }
}

/// `Import-Module Microsoft.PowerShell.Utility` brings nothing that isn't known.
fn imports_own(command: &Command) -> bool {
    let Some(cmdlet) = cmdlets::find("Import-Module") else {
        return false;
    };
    Written::of(cmdlet, command)
        .text("Name")
        .is_some_and(|(name, _)| written::is_own_module(&name))
}
