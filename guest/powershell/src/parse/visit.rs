//! Going through a syntax tree, part by part, in the order of the text.
//!
//! Who looks for something implements what it looks for, and calls the `parts_of_…` of the same name to go on below it.
//! Code that runs by itself (functions, script blocks, traps, methods) is gone into only by who asks for it.

use super::ast::{
    Arg, Attribute, Block, Body, ClassDef, Command, Element, EnumDef, Expr, ExprKind, Piece,
    Pipeline, RedirectTo, Stmt, StmtKind, TypeName, VarRef,
};
use crate::lex::Span;

pub trait Visit {
    fn visit_block(&mut self, block: &Block) {
        parts_of_block(self, block);
    }

    fn visit_stmt(&mut self, statement: &Stmt) {
        parts_of_stmt(self, statement);
    }

    fn visit_command(&mut self, command: &Command) {
        parts_of_command(self, command);
    }

    fn visit_expr(&mut self, expr: &Expr) {
        parts_of_expr(self, expr);
    }

    /// What is assigned to, counted up or down.
    fn visit_target(&mut self, target: &Expr) {
        self.visit_expr(target);
    }

    fn visit_splat(&mut self, _: VarRef, _: Span) {}

    fn visit_type(&mut self, _: &TypeName) {}

    fn visit_attribute(&mut self, _: &Attribute) {}

    /// Code that runs by itself.
    fn visit_body(&mut self, _: &Body) {}
}

pub fn parts_of_block(visitor: &mut (impl Visit + ?Sized), block: &Block) {
    for statement in &block.statements {
        visitor.visit_stmt(statement);
    }
    for trap in &block.traps {
        trap.types.iter().for_each(|name| visitor.visit_type(name));
        visitor.visit_body(&trap.body);
    }
}

pub fn parts_of_stmt(visitor: &mut (impl Visit + ?Sized), statement: &Stmt) {
    match &statement.kind {
        StmtKind::Pipeline(pipeline) => parts_of_pipeline(visitor, pipeline),
        StmtKind::Chain(first, rest) => {
            visitor.visit_stmt(first);
            rest.iter().for_each(|(_, next)| visitor.visit_stmt(next));
        }
        StmtKind::Assign { target, value, .. } => {
            visitor.visit_target(target);
            visitor.visit_stmt(value);
        }
        StmtKind::If { clauses, otherwise } => {
            for (condition, block) in clauses {
                visitor.visit_stmt(condition);
                visitor.visit_block(block);
            }
            otherwise
                .iter()
                .for_each(|block| visitor.visit_block(block));
        }
        StmtKind::While {
            condition, body, ..
        }
        | StmtKind::Do {
            condition, body, ..
        } => {
            visitor.visit_stmt(condition);
            visitor.visit_block(body);
        }
        StmtKind::For {
            init,
            condition,
            step,
            body,
            ..
        } => {
            for part in [init, condition, step].into_iter().flatten() {
                visitor.visit_stmt(part);
            }
            visitor.visit_block(body);
        }
        StmtKind::Foreach { items, body, .. } => {
            visitor.visit_stmt(items);
            visitor.visit_block(body);
        }
        StmtKind::Switch(switch) => {
            visitor.visit_stmt(&switch.subject);
            for (case, block) in &switch.cases {
                visitor.visit_expr(case);
                visitor.visit_block(block);
            }
            let default = switch.default.iter();
            default.for_each(|block| visitor.visit_block(block));
        }
        StmtKind::Try {
            body,
            catches,
            finally,
        } => {
            visitor.visit_block(body);
            for catch in catches {
                catch.types.iter().for_each(|name| visitor.visit_type(name));
                visitor.visit_block(&catch.body);
            }
            finally.iter().for_each(|block| visitor.visit_block(block));
        }
        StmtKind::Throw(value) | StmtKind::Return(value) | StmtKind::Exit(value) => {
            value.iter().for_each(|value| visitor.visit_stmt(value));
        }
        StmtKind::Function(definition) => visitor.visit_body(&definition.body),
        StmtKind::Class(class) => parts_of_class(visitor, class),
        StmtKind::Enum(definition) => parts_of_enum(visitor, definition),
        StmtKind::Break(_) | StmtKind::Continue(_) | StmtKind::UsingNamespace(_) => {}
    }
}

fn parts_of_class(visitor: &mut (impl Visit + ?Sized), class: &ClassDef) {
    class.bases.iter().for_each(|name| visitor.visit_type(name));
    for property in &class.properties {
        property
            .types
            .iter()
            .for_each(|name| visitor.visit_type(name));
        property
            .default
            .iter()
            .for_each(|expr| visitor.visit_expr(expr));
    }
    for method in &class.methods {
        method
            .returns
            .iter()
            .for_each(|name| visitor.visit_type(name));
        let base_args = method.base_args.iter().flatten();
        base_args.for_each(|expr| visitor.visit_expr(expr));
        visitor.visit_body(&method.body);
    }
}

fn parts_of_enum(visitor: &mut (impl Visit + ?Sized), definition: &EnumDef) {
    let values = definition
        .members
        .iter()
        .filter_map(|(_, value)| value.as_ref());
    values.for_each(|value| visitor.visit_expr(value));
}

fn parts_of_pipeline(visitor: &mut (impl Visit + ?Sized), pipeline: &Pipeline) {
    for element in &pipeline.elements {
        let redirects = match element {
            Element::Expr(expr, redirects) => {
                visitor.visit_expr(expr);
                redirects
            }
            Element::Command(command) => {
                visitor.visit_command(command);
                &command.redirects
            }
        };
        for redirect in redirects {
            if let RedirectTo::File { path, .. } = &redirect.to {
                visitor.visit_expr(path);
            }
        }
    }
}

/// Its name and arguments; where its output goes is a part of the pipeline.
pub fn parts_of_command(visitor: &mut (impl Visit + ?Sized), command: &Command) {
    visitor.visit_expr(&command.name);
    for arg in &command.args {
        match arg {
            Arg::Value(expr) => visitor.visit_expr(expr),
            Arg::Named { value, .. } => value.iter().for_each(|expr| visitor.visit_expr(expr)),
            Arg::Splat(variable, span) => visitor.visit_splat(*variable, *span),
        }
    }
}

pub fn parts_of_expr(visitor: &mut (impl Visit + ?Sized), expr: &Expr) {
    match &expr.kind {
        ExprKind::Const(_) | ExprKind::Word(_) | ExprKind::Var(_) => {}
        ExprKind::Expand(pieces) => {
            for piece in pieces {
                if let Piece::Expr(inner) = piece {
                    visitor.visit_expr(inner);
                }
            }
        }
        ExprKind::Array(block) | ExprKind::Sub(block) => visitor.visit_block(block),
        ExprKind::Paren(inner) => visitor.visit_stmt(inner),
        ExprKind::Hash(entries) => {
            for (key, value) in entries {
                visitor.visit_expr(key);
                visitor.visit_stmt(value);
            }
        }
        ExprKind::Script(body) => visitor.visit_body(body),
        ExprKind::Comma(items) => items.iter().for_each(|item| visitor.visit_expr(item)),
        ExprKind::IncDec { target, .. } => visitor.visit_target(target),
        ExprKind::Unary(_, inner) => visitor.visit_expr(inner),
        ExprKind::Checked(attributes, inner) => {
            let attributes = attributes.iter();
            attributes.for_each(|attribute| visitor.visit_attribute(attribute));
            visitor.visit_expr(inner);
        }
        ExprKind::Type(name) => visitor.visit_type(name),
        ExprKind::Cast(name, inner) => {
            visitor.visit_type(name);
            visitor.visit_expr(inner);
        }
        ExprKind::Binary(_, sides) => {
            visitor.visit_expr(&sides.0);
            visitor.visit_expr(&sides.1);
        }
        ExprKind::Ternary(parts) => {
            visitor.visit_expr(&parts.0);
            visitor.visit_expr(&parts.1);
            visitor.visit_expr(&parts.2);
        }
        ExprKind::Member { target, name, .. } => {
            visitor.visit_expr(target);
            visitor.visit_expr(name);
        }
        ExprKind::Call {
            target, name, args, ..
        } => {
            visitor.visit_expr(target);
            visitor.visit_expr(name);
            args.iter().for_each(|arg| visitor.visit_expr(arg));
        }
        ExprKind::Index { target, index, .. } => {
            visitor.visit_expr(target);
            visitor.visit_expr(index);
        }
    }
}
