//! What PowerShell's parser refuses of a class or an enum (about_Classes, about_Enum): members that are there twice, bases
//! that aren't there yet, methods that can't do what their return type says.

use std::collections::HashSet;

use super::flow;
use super::locals::Locals;
use super::walk::Walk;
use crate::lex::Span;
use crate::parse::ast::{
    Attribute, ClassDef, EnumDef, ExprKind, MethodDef, PropertyDef, TypeDef, TypeName,
};
use crate::types::TypeRef;

/// What an interface of .NET's asks of a class: the method, how many parameters, and whether it gives a value.
const ASKED: [(&str, &str, usize, bool); 5] = [
    ("System.IComparable", "CompareTo", 1, true),
    ("System.IDisposable", "Dispose", 0, false),
    ("System.IEquatable", "Equals", 1, true),
    ("System.IFormattable", "ToString", 2, true),
    (
        "System.Management.Automation.IValidateSetValuesGenerator",
        "GetValidValues",
        0,
        true,
    ),
];

impl Walk<'_> {
    /// The types of one body: their names, and that bases come before what derives from them.
    pub(super) fn types(&mut self, types: &[TypeDef]) {
        let names: Vec<String> = types.iter().map(|of| name(of).to_lowercase()).collect();
        for (at, of) in types.iter().enumerate() {
            if names[..at].contains(&names[at]) {
                self.fail(span(of), already_defined(name(of)));
            }
            let TypeDef::Class(class) = of else { continue };
            for base in &class.bases {
                let is_it = |found: &String| *found == base.name.to_lowercase();
                if !names[..at].iter().any(is_it) && names[at..].iter().any(is_it) {
                    self.fail(base.span, format!("Unable to find type [{base}]."));
                }
            }
            if let Some(base) = class.bases.first() {
                let is_base = |of: &&TypeDef| name(of).eq_ignore_ascii_case(&base.name);
                if let Some(TypeDef::Class(base)) = types[..at].iter().find(is_base) {
                    self.constructible(class, base);
                }
            }
        }
    }

    /// A class without a constructor needs a base that takes no arguments.
    fn constructible(&mut self, class: &ClassDef, base: &ClassDef) {
        let mut of_base = constructors(base).peekable();
        let is_bare = of_base.peek().is_none()
            || of_base.any(|constructor| constructor.body.params.is_empty());
        if !is_bare && constructors(class).next().is_none() {
            let message = format!(
                "Base class '{}' does not contain a parameterless constructor.",
                base.name
            );
            self.fail(class.span, message);
        }
    }

    pub(super) fn class_rules(&mut self, class: &ClassDef) {
        self.bases(class);
        let mut seen = HashSet::new();
        for property in &class.properties {
            if !seen.insert(property.name.to_lowercase()) {
                self.fail(property.span, already_defined(&property.name));
            }
            self.property_rules(property);
        }
        let mut seen = HashSet::new();
        for method in &class.methods {
            let is_static = method.is_constructor && method.is_static;
            if !seen.insert((is_static, signature(method))) {
                self.fail(method.span, already_defined(&method.name));
            }
            self.method_rules(class, method);
        }
    }

    fn bases(&mut self, class: &ClassDef) {
        for (at, base) in class.bases.iter().enumerate() {
            if base.n_array > 0 {
                let message = format!("Cannot derive from the array type [{base}].");
                self.fail(base.span, message);
                continue;
            }
            let is_own = self.user_types.contains(&base.name.to_lowercase());
            if is_own && at > 0 {
                self.fail(base.span, not_an_interface(base));
            }
            let Some(of) = self.resolved(base) else {
                continue;
            };
            if of.is_interface() {
                self.asked(class, &of);
            } else if at > 0 {
                self.fail(base.span, not_an_interface(base));
            } else if !of.is_exception() {
                let message = format!(
                    "A class can't derive from [{}] here; only from other classes and exceptions.",
                    of.full_name()
                );
                self.refuse(base.span, message);
            }
        }
    }

    fn asked(&mut self, class: &ClassDef, interface: &TypeRef) {
        let name = interface.full_name();
        let name = name.split('`').next().unwrap_or(&name);
        let Some((_, wanted, n_params, gives)) = ASKED.iter().find(|(of, ..)| *of == name) else {
            return;
        };
        let has_it = class.methods.iter().any(|method| {
            method.name.eq_ignore_ascii_case(wanted)
                && method.body.params.len() == *n_params
                && is_void(method) != *gives
        });
        // The base class may have it.
        if !has_it && class.bases.len() == 1 {
            let message = format!(
                "Error during creation of type \"{}\": method '{wanted}' of [{name}] does not have an implementation.",
                class.name
            );
            self.fail(class.span, message);
        }
    }

    fn property_rules(&mut self, property: &PropertyDef) {
        if let [_, extra, ..] = property.types.as_slice() {
            let message = "Only one type may be specified on class members.";
            self.fail(extra.span, message.to_owned());
        }
        for attribute in &property.attributes {
            self.member_attribute(attribute);
            let mut values = attribute.positional.iter();
            if values.any(|value| matches!(value.kind, ExprKind::Script(_))) {
                let message = "An attribute argument must be a constant on a class's property.";
                self.fail(attribute.span, message.to_owned());
            }
        }
        if let (true, Some(default)) = (property.is_static, &property.default) {
            let message = non_static();
            let uses: Vec<Span> = Locals::of_expr(default).this().collect();
            uses.into_iter()
                .for_each(|span| self.fail(span, message.clone()));
        }
    }

    fn member_attribute(&mut self, attribute: &Attribute) {
        if attribute.name.eq_ignore_ascii_case("flags") {
            let message = "The attribute [Flags] is allowed on an enum only.";
            self.fail(attribute.span, message.to_owned());
        } else {
            self.attribute(attribute);
        }
    }

    fn method_rules(&mut self, class: &ClassDef, method: &MethodDef) {
        method
            .attributes
            .iter()
            .for_each(|attribute| self.member_attribute(attribute));
        let body = &method.body;
        if body.has_named_blocks {
            let message = "A method's body has no begin, process or end block.";
            self.fail(method.span, message.to_owned());
        }
        for param in &body.params {
            if let [_, extra, ..] = param.types.as_slice() {
                let message = "Multiple type constraints are not allowed on a method's parameter.";
                self.fail(extra.span, message.to_owned());
            }
            let is_for_functions =
                |attribute: &&Attribute| attribute.name.eq_ignore_ascii_case("parameter");
            if let Some(attribute) = param.attributes.iter().find(is_for_functions) {
                let message = "The attribute [Parameter] is not allowed on a method's parameter.";
                self.fail(attribute.span, message.to_owned());
            }
        }
        if method.is_constructor {
            self.constructor_rules(method);
        }
        self.return_rules(method);
        for (span, label) in flow::lost_labels(&body.end) {
            let message = format!("Label '{label}' not found.");
            self.fail(span, message);
        }
        self.variable_rules(class, method);
    }

    fn constructor_rules(&mut self, method: &MethodDef) {
        if let Some(of) = &method.returns {
            self.fail(of.span, "Constructor cannot have a return type.".to_owned());
        }
        if method.is_static && !method.body.params.is_empty() {
            let message = "A static constructor cannot have any parameters.";
            self.fail(method.span, message.to_owned());
        }
    }

    fn return_rules(&mut self, method: &MethodDef) {
        let gives = !is_void(method);
        let end = &method.body.end;
        for jump in flow::all(end) {
            let message = match (flow::returned(jump.statement), gives) {
                (Some(true), false) => "Invalid return statement within void method.",
                (Some(false), true) => "Invalid return statement within non-void method.",
                _ => continue,
            };
            self.fail(jump.statement.span, message.to_owned());
        }
        if gives && flow::completes(end) {
            let message = "Not all code path returns value within method.";
            self.fail(method.span, message.to_owned());
        }
    }

    fn variable_rules(&mut self, class: &ClassDef, method: &MethodDef) {
        let locals = Locals::of(method);
        if method.is_static {
            let uses: Vec<Span> = locals.this().collect();
            uses.into_iter()
                .for_each(|span| self.fail(span, non_static()));
        }
        let params = &method.body.params;
        for (name, span) in &locals.targets {
            let text = name.text();
            let mut properties = class.properties.iter();
            let property = properties.find(|property| property.name.eq_ignore_ascii_case(&text));
            if let (Some(property), false) = (property, params.iter().any(|it| it.name == *name)) {
                let owner = match property.is_static {
                    true => format!("[{}]::", class.name),
                    false => "$this.".to_owned(),
                };
                self.fail(
                    *span,
                    format!("The property '{text}' is set by '{owner}{text}' in a method."),
                );
            }
        }
        let unknown: Vec<Span> = locals.unknown().collect();
        for span in unknown {
            self.fail(span, "Variable is not assigned in the method.".to_owned());
        }
    }

    pub(super) fn enum_rules(&mut self, def: &EnumDef) {
        let mut seen = HashSet::new();
        for (name, value) in &def.members {
            if !seen.insert(name.to_lowercase()) {
                self.fail(def.span, already_defined(name));
            }
            if let Some(value) = value
                && let Some(span) = Locals::of_expr(value).unknown().next()
            {
                self.fail(
                    span,
                    "Enumerator value must be a constant value.".to_owned(),
                );
            }
        }
        if let Some(of) = &def.underlying
            && let Some(found) = self.resolved(of)
            && !crate::types::enumeration::is_integer(&found)
        {
            let message = format!("[{of}] cannot be the type of an enum's values.");
            self.fail(of.span, message);
        }
    }
}

fn name(of: &TypeDef) -> &str {
    match of {
        TypeDef::Class(def) => &def.name,
        TypeDef::Enum(def) => &def.name,
    }
}

fn span(of: &TypeDef) -> Span {
    match of {
        TypeDef::Class(def) => def.span,
        TypeDef::Enum(def) => def.span,
    }
}

fn constructors(class: &ClassDef) -> impl Iterator<Item = &MethodDef> {
    let methods = class.methods.iter();
    methods.filter(|method| method.is_constructor && !method.is_static)
}

/// A method's name and the types of its parameters.
fn signature(method: &MethodDef) -> String {
    let of = |name: Option<&TypeName>| name.map_or("object".to_owned(), ToString::to_string);
    let params = method.body.params.iter();
    let types: Vec<String> = params.map(|param| of(param.types.last())).collect();
    format!("{}({})", method.name, types.join(",")).to_lowercase()
}

fn is_void(method: &MethodDef) -> bool {
    let of = method.returns.as_ref();
    of.is_none_or(|name| {
        name.name.eq_ignore_ascii_case("void") || name.name.eq_ignore_ascii_case("System.Void")
    })
}

fn already_defined(name: &str) -> String {
    format!("The member '{name}' is already defined.")
}

fn not_an_interface(base: &TypeName) -> String {
    format!("'{base}' is not an interface: a class derives from one class, which comes first.")
}

fn non_static() -> String {
    "Cannot access the non-static member 'this' in a static method or initializer of a static property."
        .to_owned()
}
