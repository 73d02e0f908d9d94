//! `Import-PowerShellDataFile`: the table in a `.psd1`, in which nothing runs.
//!
//! [Import-PowerShellDataFile](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/import-powershelldatafile)

use std::rc::Rc;

use crate::cmdlets::paths::given::resolved;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Scope, ScopeKind, Sink};
use crate::parse::ast::{Block, Body, Element, Expr, ExprKind, Piece, Source, Stmt, StmtKind};
use crate::parse::ast::{UnaryOp, VarRef, VarScope};
use crate::place;
use crate::value::{R, Value, fail};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Import-PowerShellDataFile",
    aliases: &[],
    params: "Path@0| LiteralPath/PSPath/LP SkipLimitCheck?",
    run: Run::Each(run),
};

/// The variables that data may name.
const VARIABLES: [&str; 4] = ["true", "false", "null", "psscriptroot"];

/// The types that data may be cast to.
const TYPES: [&str; 22] = [
    "array",
    "bigint",
    "bool",
    "byte",
    "char",
    "datetime",
    "decimal",
    "double",
    "float",
    "guid",
    "hashtable",
    "int",
    "int32",
    "int64",
    "long",
    "ordered",
    "regex",
    "string",
    "timespan",
    "uri",
    "version",
    "switch",
];

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    for path in resolved(engine, args, item.as_ref())? {
        let text = place::read_text(&path).map_err(|error| place::fault(&error, &path))?;
        let source = Source::new(&path, text);
        let Ok(body) = crate::parse::script(&source) else {
            not_data(engine, &path, "CouldNotParseAsPowerShellDataFile")?;
            continue;
        };
        let Some(table) = table_of(&body) else {
            not_data(
                engine,
                &path,
                "CouldNotParseAsPowerShellDataFileNoHashtableRoot",
            )?;
            continue;
        };
        if let Some(part) = running(table) {
            let written = source
                .text
                .get(part.span.start as usize..part.span.end as usize);
            return Err(fail(
                "System.InvalidOperationException",
                "System.InvalidOperationException",
                format!(
                    "Cannot generate a PowerShell object for a ScriptBlock evaluating dynamic expressions. Dynamic expression: {}.",
                    written.unwrap_or_default()
                ),
            ));
        }
        let scope = Scope::new(ScopeKind::Script, Some(Rc::clone(&engine.global)));
        engine.in_script_scope(scope, &body, Vec::new(), None, out)?;
    }
    Ok(())
}

fn not_data(engine: &mut Engine, path: &str, id: &str) -> R<()> {
    engine.soft_error(
        "System.InvalidOperationException",
        id,
        "InvalidData",
        format!("The file '{path}' could not be parsed as a PowerShell Data File."),
        Value::Null,
    )
}

/// The table that is all there is in a data file.
fn table_of(body: &Body) -> Option<&Expr> {
    let [only] = body.end.statements.as_slice() else {
        return None;
    };
    only_expr(only).filter(|expr| matches!(expr.kind, ExprKind::Hash(_)))
}

fn only_expr(statement: &Stmt) -> Option<&Expr> {
    match &statement.kind {
        StmtKind::Pipeline(pipeline) => match pipeline.elements.as_slice() {
            [Element::Expr(expr, redirects)] if redirects.is_empty() => Some(expr),
            _ => None,
        },
        _ => None,
    }
}

/// The first part that would have to run: a command, a call, a variable.
fn running(expr: &Expr) -> Option<&Expr> {
    match &expr.kind {
        ExprKind::Const(_) | ExprKind::Word(_) | ExprKind::Script(_) | ExprKind::Type(_) => None,
        ExprKind::Var(var) if is_constant(*var) => None,
        ExprKind::Expand(pieces) => pieces.iter().find_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Expr(expr) => running(expr),
        }),
        ExprKind::Array(block) | ExprKind::Sub(block) => in_block(block, expr),
        ExprKind::Paren(statement) => in_statement(statement, expr),
        ExprKind::Hash(entries) => entries
            .iter()
            .find_map(|(key, value)| running(key).or_else(|| in_statement(value, expr))),
        ExprKind::Comma(items) => items.iter().find_map(running),
        ExprKind::Unary(UnaryOp::Negate | UnaryOp::Plus | UnaryOp::Array | UnaryOp::Not, of) => {
            running(of)
        }
        ExprKind::Cast(to, of) if TYPES.contains(&&*to.name.to_ascii_lowercase()) => running(of),
        _ => Some(expr),
    }
}

fn is_constant(var: VarRef) -> bool {
    let name = var.name.text().to_ascii_lowercase();
    matches!(var.scope, VarScope::None) && VARIABLES.contains(&&*name)
}

fn in_block<'a>(block: &'a Block, around: &'a Expr) -> Option<&'a Expr> {
    block
        .statements
        .iter()
        .find_map(|statement| in_statement(statement, around))
}

fn in_statement<'a>(statement: &'a Stmt, around: &'a Expr) -> Option<&'a Expr> {
    match only_expr(statement) {
        Some(expr) => running(expr),
        None => Some(around),
    }
}
