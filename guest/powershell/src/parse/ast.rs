//! The syntax tree: what a script says, with the place of every part.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::rc::Rc;

use crate::lex::Span;
use crate::value::{Sym, TypeRef, Value};

/// A script or module file.
#[derive(Debug, Default)]
pub struct Source {
    /// As error messages show it.
    pub path: String,
    pub text: String,
    /// The functions that it defines somewhere, in lower case; the check fills it in.
    pub functions: OnceCell<HashSet<String>>,
}

impl Source {
    pub fn new(path: &str, text: String) -> Rc<Self> {
        Rc::new(Self {
            path: path.to_owned(),
            text,
            functions: OnceCell::new(),
        })
    }

    /// The line numbered `line` (from 1), without its end.
    pub fn line(&self, line: u32) -> &str {
        self.text
            .lines()
            .nth(line.saturating_sub(1) as usize)
            .unwrap_or_default()
    }
}

/// `{ … }` with everything that may be in it: a script, a function's body, a script block.
#[derive(Debug)]
pub struct Body {
    pub source: Rc<Source>,
    pub span: Span,
    pub params: Vec<Param>,
    /// `[CmdletBinding()]` or a `[Parameter()]` somewhere: unknown arguments are errors, common parameters exist.
    pub is_advanced: bool,
    pub binding: Option<Attribute>,
    /// `[Alias()]` before `param`: a function's other names.
    pub aliases: Vec<String>,
    pub begin: Option<Block>,
    pub process: Option<Block>,
    pub end: Block,
    /// Whether `begin`, `process` or `end` was written out.
    pub has_named_blocks: bool,
    pub is_filter: bool,
    /// The classes and enums that stand in it, bodies within it left out: they are there before it runs.
    pub types: Vec<TypeDef>,
    /// Whether a command in it sets variables by name, once somebody asked.
    pub sets_by_name: OnceCell<bool>,
}

#[derive(Clone, Debug)]
pub enum TypeDef {
    Class(Rc<ClassDef>),
    Enum(Rc<EnumDef>),
}

#[derive(Debug, Default)]
pub struct Block {
    pub statements: Vec<Stmt>,
    pub traps: Vec<Trap>,
}

#[derive(Debug)]
pub struct Trap {
    pub types: Option<TypeName>,
    pub body: Rc<Body>,
}

#[derive(Debug)]
pub struct Param {
    pub name: Sym,
    /// The name in its own spelling, which other variables of that name needn't share.
    pub written: Rc<str>,
    pub types: Vec<TypeName>,
    pub attributes: Rc<[Attribute]>,
    pub default: Option<Expr>,
    pub span: Span,
}

/// `[Name(positional, Key = value)]`
#[derive(Debug)]
pub struct Attribute {
    pub name: String,
    pub positional: Vec<Expr>,
    pub named: Vec<(String, Option<Expr>)>,
    pub span: Span,
}

#[derive(Debug)]
pub struct Stmt {
    pub kind: StmtKind,
    pub span: Span,
}

#[derive(Debug)]
pub enum StmtKind {
    Pipeline(Pipeline),
    /// `a && b || c`: what follows runs if what came before did (or didn't) succeed.
    Chain(Box<Stmt>, Vec<(bool, Stmt)>),
    Assign {
        target: Expr,
        op: Option<BinaryOp>,
        value: Box<Stmt>,
    },
    If {
        clauses: Vec<(Stmt, Block)>,
        otherwise: Option<Block>,
    },
    While {
        label: Option<Sym>,
        condition: Box<Stmt>,
        body: Block,
    },
    /// `do … while` and, with `is_until`, `do … until`.
    Do {
        label: Option<Sym>,
        condition: Box<Stmt>,
        body: Block,
        is_until: bool,
    },
    For {
        label: Option<Sym>,
        init: Option<Box<Stmt>>,
        condition: Option<Box<Stmt>>,
        step: Option<Box<Stmt>>,
        body: Block,
    },
    Foreach {
        label: Option<Sym>,
        variable: Sym,
        items: Box<Stmt>,
        body: Block,
    },
    Switch(Box<Switch>),
    Try {
        body: Block,
        catches: Vec<Catch>,
        finally: Option<Block>,
    },
    Throw(Option<Box<Stmt>>),
    Return(Option<Box<Stmt>>),
    Exit(Option<Box<Stmt>>),
    Break(Option<Expr>),
    Continue(Option<Expr>),
    Function(Rc<FunctionDef>),
    Class(Rc<ClassDef>),
    Enum(Rc<EnumDef>),
    UsingNamespace(String),
}

#[derive(Debug)]
pub struct Switch {
    pub label: Option<Sym>,
    pub mode: SwitchMode,
    pub is_case_sensitive: bool,
    pub is_file: bool,
    pub subject: Stmt,
    pub cases: Vec<(Expr, Block)>,
    pub default: Option<Block>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SwitchMode {
    Exact,
    Wildcard,
    Regex,
}

#[derive(Debug)]
pub struct Catch {
    pub types: Vec<TypeName>,
    pub body: Block,
}

#[derive(Debug)]
pub struct FunctionDef {
    pub name: Sym,
    /// The name in its own spelling.
    pub written: Rc<str>,
    /// `function global:name`
    pub scope: VarScope,
    pub body: Rc<Body>,
    pub span: Span,
}

#[derive(Debug)]
pub struct ClassDef {
    pub name: String,
    pub source: Rc<Source>,
    pub bases: Vec<TypeName>,
    pub properties: Vec<PropertyDef>,
    pub methods: Vec<MethodDef>,
    pub span: Span,
}

#[derive(Debug)]
pub struct PropertyDef {
    pub name: String,
    pub types: Vec<TypeName>,
    pub attributes: Vec<Attribute>,
    pub default: Option<Expr>,
    pub is_static: bool,
    pub is_hidden: bool,
    pub span: Span,
}

#[derive(Debug)]
pub struct MethodDef {
    pub name: String,
    pub returns: Option<TypeName>,
    pub attributes: Vec<Attribute>,
    pub body: Rc<Body>,
    pub is_static: bool,
    pub is_constructor: bool,
    /// `: base(…)`
    pub base_args: Option<Vec<Expr>>,
    pub span: Span,
}

#[derive(Debug)]
pub struct EnumDef {
    pub name: String,
    pub is_flags: bool,
    /// `enum Name : byte`
    pub underlying: Option<TypeName>,
    pub members: Vec<(String, Option<Expr>)>,
    pub span: Span,
}

#[derive(Debug)]
pub struct Pipeline {
    pub elements: Vec<Element>,
    pub span: Span,
}

#[derive(Debug)]
pub enum Element {
    Expr(Expr, Vec<Redirect>),
    Command(Command),
}

#[derive(Debug)]
pub struct Command {
    pub invoke: Invoke,
    pub name: Expr,
    pub args: Vec<Arg>,
    pub redirects: Vec<Redirect>,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invoke {
    /// By its bare name.
    Name,
    /// `& …`: in a new scope.
    Call,
    /// `. …`: in this scope.
    Dot,
}

#[derive(Debug)]
pub enum Arg {
    Value(Expr),
    /// `-Name` or `-Name:value`
    Named {
        name: String,
        value: Option<Expr>,
        span: Span,
    },
    Splat(VarRef, Span),
}

#[derive(Debug)]
pub struct Redirect {
    pub from: Stream,
    pub to: RedirectTo,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    Output,
    Error,
    Warning,
    Verbose,
    Debug,
    Information,
    All,
}

#[derive(Debug)]
pub enum RedirectTo {
    /// `2>&1`
    Output,
    File {
        path: Expr,
        is_append: bool,
    },
}

#[derive(Debug)]
pub struct Expr {
    pub kind: ExprKind,
    pub span: Span,
}

#[derive(Debug)]
pub enum ExprKind {
    Const(Value),
    /// A bare word as an argument or a command's name.
    Word(Rc<str>),
    Expand(Vec<Piece>),
    Var(VarRef),
    /// `@( … )`
    Array(Block),
    /// `$( … )`
    Sub(Block),
    /// `( … )`
    Paren(Box<Stmt>),
    Hash(Vec<(Expr, Stmt)>),
    Script(Rc<Body>),
    /// `a, b, c`
    Comma(Vec<Expr>),
    Unary(UnaryOp, Box<Expr>),
    Binary(BinaryOp, Box<(Expr, Expr)>),
    Ternary(Box<(Expr, Expr, Expr)>),
    IncDec {
        target: Box<Expr>,
        delta: i32,
        is_prefix: bool,
    },
    Type(TypeName),
    Cast(TypeName, Box<Expr>),
    /// `[ValidateRange(1, 9)] $n`, as a target of an assignment.
    Checked(Rc<[Attribute]>, Box<Expr>),
    Member {
        target: Box<Expr>,
        name: Box<Expr>,
        is_static: bool,
        is_conditional: bool,
    },
    Call {
        target: Box<Expr>,
        name: Box<Expr>,
        args: Vec<Expr>,
        is_static: bool,
        is_conditional: bool,
    },
    Index {
        target: Box<Expr>,
        index: Box<Expr>,
        is_conditional: bool,
    },
}

#[derive(Debug)]
pub enum Piece {
    Text(Rc<str>),
    Expr(Expr),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VarScope {
    None,
    Global,
    Script,
    Local,
    Private,
    Using,
    Env,
    Function,
    Variable,
}

#[derive(Clone, Copy, Debug)]
pub struct VarRef {
    pub scope: VarScope,
    pub name: Sym,
}

impl TypeName {
    /// `[ref]`, which is no type of values.
    pub fn is_reference(&self) -> bool {
        self.n_array == 0 && self.name.eq_ignore_ascii_case("ref")
    }
}

/// A type as written: `System.Collections.Generic.List[string]`, `int[]`.
#[derive(Debug)]
pub struct TypeName {
    pub name: String,
    pub args: Vec<TypeName>,
    /// How many `[]` follow.
    pub n_array: u32,
    /// How many commas stand in the brackets after that: `int[,]` has one.
    pub n_commas: u32,
    pub span: Span,
    pub resolved: OnceCell<TypeRef>,
}

impl std::fmt::Display for TypeName {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}", self.name)?;
        if !self.args.is_empty() {
            let args: Vec<String> = self.args.iter().map(ToString::to_string).collect();
            write!(out, "[{}]", args.join(","))?;
        }
        (0..self.n_array).try_for_each(|_| write!(out, "[]"))?;
        match self.n_commas as usize {
            0 => Ok(()),
            n => write!(out, "[{}]", ",".repeat(n)),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    Not,
    BitNot,
    Negate,
    Plus,
    Split,
    CaseSplit,
    Join,
    /// `,x`
    Array,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Format,
    Range,
    And,
    Or,
    Xor,
    BitAnd,
    BitOr,
    BitXor,
    ShiftLeft,
    ShiftRight,
    Coalesce,
    /// A comparison and whether it minds case (`-ceq`).
    Compare(Comparison, bool),
    Is,
    IsNot,
    As,
    Join,
    Split(bool),
    Replace(bool),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
    Like,
    NotLike,
    Match,
    NotMatch,
    Contains,
    NotContains,
    In,
    NotIn,
}
