//! Members of values: properties, methods, statics; member-access enumeration.

use std::rc::Rc;

use super::Engine;
use super::method::no_overload;
use super::property::{Access, given};
use crate::parse::ast::{Expr, ExprKind};
use crate::types::{self, TypeRef, cmdlet_context};
use crate::value::{Ctl, ErrorRecord, Exception, Hash, PropKind, R, Script, Value, fail, refuse};

impl Engine {
    /// What stands after the dot.
    pub fn member_key(&mut self, name: &Expr) -> R<Value> {
        match &name.kind {
            ExprKind::Word(text) => Ok(Value::Str(Rc::clone(text))),
            _ => self.eval(name),
        }
    }

    pub fn eval_member(
        &mut self,
        target: &Expr,
        name: &Expr,
        is_static: bool,
        is_conditional: bool,
    ) -> R<Value> {
        let target = self.eval(target)?;
        if is_conditional && target.is_null() {
            return Ok(Value::Null);
        }
        if let Value::Script(block) = &target
            && let ExprKind::Script(body) = &name.kind
        {
            let _ = body;
            return Ok(Value::Script(Rc::clone(block)));
        }
        let name = self.member_key(name)?;
        if let (Value::Hash(table), Some(key)) = (&target, key_of(&name)) {
            return Ok(table.get(key).unwrap_or_default());
        }
        let name = self.text(&name)?;
        if is_static {
            let of = self.static_type(&target)?;
            return self.static_get(&of, &name);
        }
        self.get_member(&target, &name)
    }

    fn static_type(&mut self, target: &Value) -> R<TypeRef> {
        match target {
            Value::Type(of) => Ok(of.clone()),
            Value::Str(name) => self.type_by_name(name),
            // A static member through an instance.
            other => self.type_by_name(&other.type_name()),
        }
    }

    fn static_get(&mut self, of: &TypeRef, name: &str) -> R<Value> {
        if let Some(found) = self.user_static(of, name)? {
            return Ok(found);
        }
        match of.static_get(&name.to_ascii_lowercase()) {
            Some(found) => Ok(found),
            None => Err(refuse(format!(
                "The static property [{}]::{name} is not supported.",
                of.short_name()
            ))),
        }
    }

    /// `target.name`; null if there is no such property, and an error in strict mode.
    ///
    /// A single value counts as one and nothing as none, so that a command's output can always be counted: not in
    /// strict mode, where PowerShell wants `@()` around it (`PSGetMemberBinder.PropertyDoesntExist`).
    pub fn get_member(&mut self, target: &Value, name: &str) -> R<Value> {
        let is_count = || matches!(name.to_ascii_lowercase().as_str(), "count" | "length");
        match self.find_member(target, name)? {
            Some(found) => Ok(found),
            None if super::unset::is_method(target, name) => {
                Err(super::unset::uncalled(&target.type_name(), name))
            }
            // What .NET has there isn't known: null could be a lie.
            None if is_opaque(target) && !is_count() => Err(refuse(format!(
                "The property '{name}' of a [{}] is not supported.",
                target.type_name()
            ))),
            None if !self.scope.is_strict(2) && is_count() => {
                Ok(Value::Int(i32::from(!target.is_null())))
            }
            None if self.scope.is_strict(2) => Err(fail(
                "System.Management.Automation.PropertyNotFoundException",
                "PropertyNotFoundStrict",
                format!(
                    "The property '{name}' cannot be found on this object. Verify that the property exists."
                ),
            )),
            None => Ok(Value::Null),
        }
    }

    /// A property that the object itself has: not `Length` of everything, not those of its items.
    pub fn own_property(&mut self, target: &Value, name: &str) -> R<Option<Value>> {
        match target {
            Value::Object(object) => self.object_get(object, name),
            Value::Array(_) | Value::List(_) => Ok(None),
            Value::Hash(hash) => Ok(self.hash_member(hash, name)),
            _ => self.find_member(target, name),
        }
    }

    /// The member's value; `None` if there is no such member.
    pub fn find_member(&mut self, target: &Value, name: &str) -> R<Option<Value>> {
        let is_own = matches!(target, Value::Object(_) | Value::Hash(_));
        if !self.type_table.is_empty()
            && !is_own
            && let Some(found) = self.added_value(target, name)?
        {
            return Ok(Some(found));
        }
        match target {
            Value::Object(object) => {
                if let Some(found) = self.object_get(object, name)? {
                    return Ok(Some(found));
                }
                if name.eq_ignore_ascii_case("PSObject") {
                    let computed = self.computed_properties(object)?;
                    return Ok(Some(types::psobject::members(target, computed)));
                }
            }
            Value::Hash(hash) => {
                if let Some(found) = self.hash_member(hash, name) {
                    return Ok(Some(found));
                }
                if let Some(kind) = given(target).and_then(|given| given.find(name)) {
                    return self.read(target, kind, name);
                }
                if let Some(found) = self.added_value(target, name)? {
                    return Ok(Some(found));
                }
            }
            Value::Net(object) => {
                if let Some(found) = object.get(&name.to_ascii_lowercase()) {
                    return Ok(Some(found));
                }
                if let Some(inner) = object.thrown_by(&name.to_ascii_lowercase()) {
                    return Err(Access::Get.failed("ExceptionWhenGetting", name, Rc::new(inner)));
                }
                if let Some(kind) = given(target).and_then(|given| given.find(name)) {
                    return self.read(target, kind, name);
                }
                if cmdlet_context::is_invocation(target, name) {
                    return Ok(Some(self.invocation()));
                }
            }
            Value::Null | Value::Nothing => return Ok(None),
            _ => {}
        }
        if let Some(found) = types::plain_get(target, &name.to_ascii_lowercase()) {
            return Ok(Some(found));
        }
        if types::plain::lacks_side(target, name) {
            return Err(refuse(format!(
                "The property 'SideIndicator' of a [{}] is not supported: only objects carry what Compare-Object -PassThru says of them. Leave -PassThru out; the item is .InputObject then.",
                target.type_name()
            )));
        }
        if types::members::has_property(target, name) {
            return Err(refuse(format!(
                "The property '{name}' of a [{}] is not supported.",
                target.type_name()
            )));
        }
        match target.enumerate() {
            Some(items) => self.enumerate_member(&items, name),
            None => Ok(None),
        }
    }

    /// `$items.Name`: the property of every item that has it. Where some have it, custom objects without it give null
    /// (about_Member-Access_Enumeration, "Collections containing PSCustomObject instances").
    fn enumerate_member(&mut self, items: &[Value], name: &str) -> R<Option<Value>> {
        let mut found = Vec::new();
        let mut is_anywhere = false;
        for item in items {
            match self.find_member(item, name)? {
                Some(value) => {
                    let before = found.len();
                    flatten(value, &mut found);
                    is_anywhere |= found.len() > before;
                }
                None if matches!(item, Value::Object(object) if object.is_custom()) => {
                    found.push(Value::Null);
                }
                None => {}
            }
        }
        if !is_anywhere {
            return Ok(None);
        }
        Ok(Some(Value::collapse(found)))
    }

    fn hash_member(&mut self, hash: &Rc<Hash>, name: &str) -> Option<Value> {
        let key = Value::from(name);
        if hash.contains(&key) {
            return Some(self.hash_get(hash, &key));
        }
        // `$table.1`
        if let Some(found) = name.parse().ok().and_then(|n| hash.get(&Value::Int(n))) {
            return Some(found);
        }
        types::hash_methods::property(hash, &name.to_ascii_lowercase())
    }

    /// `target.name = value`
    pub fn set_member(
        &mut self,
        target: &Value,
        name: &str,
        value: Value,
        is_static: bool,
    ) -> R<()> {
        if is_static {
            let of = self.static_type(target)?;
            return self.set_user_static(&of, name, value);
        }
        match target {
            Value::Hash(hash) => {
                hash.insert(Value::from(name), value);
                Ok(())
            }
            Value::Object(object) => self.object_set(object, name, value),
            other if !self.type_table.is_empty() && self.added_member(other, name).is_some() => {
                let done = self.write_added(other, name, value);
                done.unwrap_or_else(|| Err(super::unset::no_property(name)))
            }
            Value::Net(net) => match net.set(&name.to_ascii_lowercase(), &value) {
                Some(result) => result.map_err(|ctl| while_setting(name, ctl)),
                None => {
                    let done = self.write_given(target, name, value);
                    done.unwrap_or_else(|| Err(super::unset::reason(target, name)))
                }
            },
            Value::Array(_) | Value::List(_) if super::unset::is_of_list(name) => {
                Err(super::unset::read_only(name))
            }
            // Items are read through their array, never set (about_Member-Access_Enumeration).
            Value::Array(_) | Value::List(_) => Err(super::unset::no_property(name)),
            _ => Err(super::unset::reason(target, name)),
        }
    }

    pub fn eval_call(
        &mut self,
        target: &Expr,
        name: &Expr,
        args: &[Expr],
        (is_static, is_conditional): (bool, bool),
    ) -> R<Value> {
        let target_value = self.eval(target)?;
        if is_conditional && target_value.is_null() {
            return Ok(Value::Null);
        }
        let name = self.member_key(name)?;
        let name = self.text(&name)?;
        let mut values = Vec::with_capacity(args.len());
        for arg in args {
            let value = self.eval(arg)?;
            values.push(if let Value::Nothing = value {
                Value::Null
            } else {
                value
            });
        }
        if is_static {
            let of = self.static_type(&target_value)?;
            let n = values.len();
            return self
                .call_static(&of, &name, values)
                .map_err(|ctl| wrapped(ctl, &name, n));
        }
        if let Some(result) = self.base_call(target, &target_value, &name, &values)? {
            return Ok(result);
        }
        let is_super = false;
        self.call_method(&target_value, &name, values, is_super)
    }

    pub fn call_static(&mut self, of: &TypeRef, name: &str, args: Vec<Value>) -> R<Value> {
        let lower = name.to_ascii_lowercase();
        if let Some(result) = self.user_static_call(of, &lower, &args) {
            return result;
        }
        if lower == "new" {
            return self.create(of, args);
        }
        match of.static_call(self, &lower, &args) {
            Some(result) => result,
            None if matches!(of, TypeRef::Class(_)) => Err(no_method(&of.full_name(), name)),
            None => Err(refuse(format!(
                "The static method [{}]::{name} is not supported with {} argument(s).",
                of.short_name(),
                args.len()
            ))),
        }
    }

    /// `target.name(args)`
    pub fn call_method(
        &mut self,
        target: &Value,
        name: &str,
        args: Vec<Value>,
        is_super: bool,
    ) -> R<Value> {
        if target.is_null() {
            // They are there for nothing, too: what they give has no items.
            let lower = name.to_ascii_lowercase();
            if let "where" | "foreach" | "pswhere" | "psforeach" = lower.as_str() {
                let nothing = Value::from(Vec::new());
                let n = args.len();
                let result = types::intrinsic::call(self, &nothing, &lower, &args);
                return result.unwrap_or_else(|| Err(no_overload(name, n)));
            }
            return Err(fail(
                "System.Management.Automation.RuntimeException",
                "InvokeMethodOnNull",
                "You cannot call a method on a null-valued expression.",
            ));
        }
        let lower = name.to_ascii_lowercase();
        if let Value::Object(object) = target {
            if let Some(result) = self.class_call(object, &lower, &args, is_super) {
                return result;
            }
            if let Some(PropKind::Method(script)) = object.find(name) {
                return self.call_with_this(&script, target.clone(), args);
            }
        }
        if let Some(PropKind::Method(script)) = self.made_method(target, name) {
            return self.call_with_this(&script, target.clone(), args);
        }
        let n = args.len();
        if let Some(result) = self.builtin_method(target, &lower, &args) {
            return result.map_err(|ctl| wrapped(ctl, name, n));
        }
        if let Value::Hash(hash) = target
            && let Some(Value::Script(script)) = hash.get_text(name)
        {
            return self.call_script(&script, args, None);
        }
        if let Some(result) = self.accessor(target, &lower, &args)? {
            return Ok(result);
        }
        // A method of every item, unless the collection has one of that name (`PSInvokeMemberBinder`).
        let is_own = types::members::has_method(target, &lower);
        if let (Some(items), false) = (
            target.enumerate(),
            is_own || matches!(target, Value::Nothing),
        ) {
            let mut found = Vec::new();
            for item in &items {
                let value = self.call_method(item, name, args.clone(), false)?;
                flatten(value, &mut found);
            }
            if !items.is_empty() {
                return Ok(Value::collapse(found));
            }
        }
        let is_data = matches!(target, Value::Object(_)) || types::is_plain_data(target);
        if is_data && !is_own {
            return Err(no_method(&target.type_name(), name));
        }
        Err(refuse(format!(
            "The method '{name}' with {n} argument(s) on [{}] is not supported.",
            target.type_name()
        )))
    }

    /// What a script gave to the value, or to its type.
    fn made_method(&self, target: &Value, name: &str) -> Option<PropKind> {
        let own = given(target).and_then(|given| given.find(name));
        own.or_else(|| self.added_member(target, name))
    }

    fn builtin_method(&mut self, target: &Value, lower: &str, args: &[Value]) -> Option<R<Value>> {
        if let Value::Net(object) = target
            && let Some(result) = Rc::clone(object).call(self, lower, args)
        {
            return Some(result);
        }
        if let Value::Script(script) = target
            && let Some(result) = self.script_method(script, lower, args)
        {
            return Some(result);
        }
        types::plain_call(self, target, lower, args)
    }

    fn script_method(
        &mut self,
        script: &Rc<Script>,
        lower: &str,
        args: &[Value],
    ) -> Option<R<Value>> {
        Some(match lower {
            // A collection, however much comes out.
            "invoke" if script.body.begin.is_some() => Err(crate::value::method_error(
                "System.Management.Automation.PSInvalidOperationException",
                MORE_THAN_ONE_CLAUSE,
            )),
            "invoke" => {
                let given = args.iter().cloned().map(super::ArgValue::Value).collect();
                let mut items = Vec::new();
                self.apart(|engine| engine.run_script_block(script, given, None, None, &mut items))
                    .map(|()| Self::list_of(items))
                    .map_err(crate::value::out_of_method)
            }
            "invokereturnasis" => {
                self.apart(|engine| engine.call_script(script, args.to_vec(), None))
            }
            "getnewclosure" => Ok(Value::Script(Rc::new(self.closure(script)))),
            _ => return None,
        })
    }

    /// `[of]::new(args)`, `New-Object`
    pub fn create(&mut self, of: &TypeRef, args: Vec<Value>) -> R<Value> {
        if let TypeRef::Class(class) = of {
            return self.instantiate(&Rc::clone(class), args);
        }
        match of.create(self, args) {
            Some(result) => result,
            None => Err(refuse(format!(
                "Creating a [{}] is not supported.",
                of.full_name()
            ))),
        }
    }
}

const MORE_THAN_ONE_CLAUSE: &str = "The script block cannot be invoked because it contains more than one clause. The Invoke() method can only be used on script blocks containing a single clause.";

/// `$table.$n`: what isn't text is a key of the table and nothing else (`PSGetDynamicMemberBinder`).
pub fn key_of(name: &Value) -> Option<&Value> {
    (!matches!(name, Value::Str(_) | Value::Null | Value::Nothing)).then_some(name)
}

/// Puts what a member of an item gave to what the others gave: its items, if it is a collection
/// (`EnumerableOps.FlattenResults`).
fn flatten(value: Value, into: &mut Vec<Value>) {
    match (value.enumerate(), value) {
        (_, Value::Nothing) => {}
        (Some(items), _) => into.extend(items),
        (None, value) => into.push(value),
    }
}

/// An object of .NET whose members nobody has listed.
fn is_opaque(target: &Value) -> bool {
    matches!(target, Value::Net(_))
        && types::members::of(target).is_none()
        && !target.is_enumerated()
}

/// `Exception calling "Parse" with "1" argument(s): "…"`; an argument that doesn't convert is the call's own error.
fn wrapped(ctl: Ctl, name: &str, n_args: usize) -> Ctl {
    let Ctl::Throw(record) = &ctl else { return ctl };
    let is_cast = record
        .exception
        .type_name
        .ends_with(".PSInvalidCastException");
    // Without a place, it comes from no script that the method called.
    if is_cast && !record.is_thrown && record.position.borrow().is_none() {
        return fail(
            "System.Management.Automation.MethodException",
            "MethodArgumentConversionInvalidCastArgument",
            format!(
                "Cannot convert argument for \"{name}\": \"{}\"",
                record.exception.message
            ),
        );
    }
    if !record.is_raw {
        return ctl;
    }
    let exception = Exception::of_call(&record.exception, name, n_args);
    Ctl::Throw(Rc::new(ErrorRecord::new(
        exception,
        &record.id,
        "NotSpecified",
    )))
}

fn no_method(of: &str, name: &str) -> Ctl {
    fail(
        "System.Management.Automation.RuntimeException",
        "MethodNotFound",
        format!(
            "Method invocation failed because [{of}] does not contain a method named '{name}'."
        ),
    )
}

/// What left a property that a script set; what PowerShell itself says stays as it is.
fn while_setting(name: &str, ctl: Ctl) -> Ctl {
    let is_thrown = matches!(&ctl, Ctl::Throw(record) if record.is_raw);
    match is_thrown {
        true => super::unset::not_taken(ctl, name),
        false => ctl,
    }
}
