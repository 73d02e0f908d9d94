//! The walk over the syntax tree: first what the script defines, then what it uses.
//!
//! What a command may be is decided in [`super::commands`]; types, members, attributes and variables in [`super::names`].

use std::collections::HashSet;

use super::Loaded;
use super::flow;
use crate::eval::Engine;
use crate::parse::ast::{
    Attribute, Body, Command, Expr, ExprKind, Param, Stmt, StmtKind, TypeName, VarRef, VarScope,
};
use crate::parse::visit::{self, Visit};
use crate::parse::{MAX_PROBLEMS, Problem, ProblemKind};
use crate::value::Sym;

#[derive(Default)]
pub(super) struct Walk<'a> {
    /// The run that the text comes up in.
    pub(super) around: Option<&'a Engine>,
    pub(super) is_collecting: bool,
    /// Functions, classes, enums and aliases that the script defines somewhere, in lower case.
    pub(super) functions: HashSet<String>,
    pub(super) user_types: HashSet<String>,
    /// Variables that the script sets somewhere.
    pub(super) own_variables: HashSet<Sym>,
    pub(super) namespaces: Vec<String>,
    /// Commands and classes may come from files that are only known while running.
    pub(super) is_open: bool,
    pub(super) problems: Vec<Problem>,
}

/// What is wrong with a script.
pub fn problems(body: &Body, around: Option<(&Engine, Loaded)>) -> Vec<Problem> {
    let mut walk = Walk {
        is_collecting: true,
        around: around.map(|(engine, _)| engine),
        is_open: around.is_some_and(|(_, what)| what == Loaded::Library),
        namespaces: around
            .map(|(engine, _)| engine.namespaces.clone())
            .unwrap_or_default(),
        ..Walk::default()
    };
    walk.body(body);
    walk.is_collecting = false;
    walk.body(body);
    // A body that is checked again, as a module's, keeps what it had.
    let _ = body.source.functions.set(walk.functions);
    walk.problems
}

impl Walk<'_> {
    pub(super) fn refuse(&mut self, span: crate::lex::Span, message: String) {
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

    /// What PowerShell refuses, too.
    pub(super) fn fail(&mut self, span: crate::lex::Span, message: String) {
        if !self.is_collecting && self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem {
                kind: ProblemKind::Syntax,
                span,
                message,
            });
        }
    }

    fn body(&mut self, body: &Body) {
        if !self.is_collecting {
            self.types(&body.types);
        }
        self.params(&body.params);
        if let Some(binding) = &body.binding {
            self.attribute(binding);
        }
        for block in [&body.begin, &body.process].into_iter().flatten() {
            self.visit_block(block);
        }
        self.visit_block(&body.end);
    }

    fn params(&mut self, params: &[Param]) {
        if !self.is_collecting {
            self.parameter_rules(params);
        }
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
                self.visit_expr(default);
            }
        }
    }

    /// What a statement defines, in the first round, and its own rules in the second.
    fn definition(&mut self, statement: &Stmt) {
        match &statement.kind {
            StmtKind::Foreach { variable, .. } => self.own_variable(VarRef {
                scope: VarScope::None,
                name: *variable,
            }),
            StmtKind::Function(definition) if self.is_collecting => {
                self.functions.insert(definition.name.text().to_lowercase());
                let aliases = definition.body.aliases.iter();
                self.functions
                    .extend(aliases.map(|alias| alias.to_lowercase()));
            }
            StmtKind::Class(class) if self.is_collecting => {
                self.user_types.insert(class.name.to_lowercase());
            }
            StmtKind::Class(class) => self.class_rules(class),
            StmtKind::Enum(definition) if self.is_collecting => {
                self.user_types.insert(definition.name.to_lowercase());
            }
            StmtKind::Enum(definition) => self.enum_rules(definition),
            StmtKind::UsingNamespace(name) => self.namespaces.push(name.clone()),
            _ => {}
        }
    }

    fn cast(&mut self, name: &TypeName, inner: &Expr) {
        let is_variable = matches!(inner.kind, ExprKind::Var(_));
        if name.is_reference() && !is_variable {
            let message = "[ref] to anything but a variable is not supported.";
            self.refuse(name.span, message.to_owned());
        }
        let is_ordered = name.n_array == 0 && name.name.eq_ignore_ascii_case("ordered");
        if is_ordered && !matches!(inner.kind, ExprKind::Hash(_)) {
            // What follows the table belongs to it, not to the attribute.
            let message = "The ordered attribute can be specified only on a hash literal node.";
            self.refuse(name.span, message.to_owned());
        }
    }
}

impl Visit for Walk<'_> {
    fn visit_stmt(&mut self, statement: &Stmt) {
        self.definition(statement);
        visit::parts_of_stmt(self, statement);
        if let StmtKind::Try { finally, .. } = &statement.kind {
            for span in finally.iter().flat_map(flow::out_of) {
                self.fail(span, "Control cannot leave a finally block.".to_owned());
            }
        }
    }

    fn visit_target(&mut self, target: &Expr) {
        if let ExprKind::Var(variable) = &target.kind {
            self.own_variable(*variable);
            if self.is_collecting && variable.scope == VarScope::Function {
                self.functions.insert(variable.name.text().to_lowercase());
            }
        }
        self.visit_expr(target);
    }

    fn visit_command(&mut self, command: &Command) {
        visit::parts_of_command(self, command);
        self.command(command);
    }

    fn visit_expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Var(variable) => self.variable(*variable, expr.span),
            ExprKind::Cast(name, inner) => self.cast(name, inner),
            ExprKind::Member {
                target,
                name,
                is_static: true,
                ..
            } => {
                if let ExprKind::Type(of) = &target.kind {
                    self.static_member(of, name, false);
                }
            }
            ExprKind::Call {
                target,
                name,
                is_static: true,
                ..
            } => {
                if let ExprKind::Type(of) = &target.kind {
                    self.static_member(of, name, true);
                }
            }
            _ => {}
        }
        visit::parts_of_expr(self, expr);
    }

    fn visit_type(&mut self, name: &TypeName) {
        self.type_name(name);
    }

    fn visit_attribute(&mut self, attribute: &Attribute) {
        self.attribute(attribute);
    }

    fn visit_body(&mut self, body: &Body) {
        self.body(body);
    }
}
