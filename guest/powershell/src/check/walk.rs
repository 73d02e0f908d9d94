//! The walk over the syntax tree: first what the script defines, then what it uses.
//!
//! What a command may be is decided in [`super::commands`]; types, members, attributes and variables in [`super::names`].

use std::collections::HashSet;

use super::Loaded;
use super::flow;
use crate::eval::Engine;
use crate::parse::ast::{
    Block, Body, ClassDef, Element, Expr, ExprKind, Param, Piece, Pipeline, RedirectTo, Stmt,
    StmtKind, VarRef, VarScope,
};
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
            self.block(block);
        }
        self.block(&body.end);
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
                self.expr(default);
            }
        }
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
                if let Some(block) = finally {
                    self.block(block);
                    for span in flow::out_of(block) {
                        self.fail(span, "Control cannot leave a finally block.".to_owned());
                    }
                }
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
                if !self.is_collecting {
                    self.enum_rules(definition);
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
        if !self.is_collecting {
            self.class_rules(class);
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

    pub(super) fn expr(&mut self, expr: &Expr) {
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
                let is_ordered = name.n_array == 0 && name.name.eq_ignore_ascii_case("ordered");
                if is_ordered && !matches!(inner.kind, ExprKind::Hash(_)) {
                    // What follows the table belongs to it, not to the attribute.
                    let message =
                        "The ordered attribute can be specified only on a hash literal node.";
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
