//! `Where-Object`: keeps the items that a block or a comparison takes.
//!
//! [Where-Object](https://learn.microsoft.com/powershell/module/microsoft.powershell.core/where-object)

use std::rc::Rc;

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink, Stage};
use crate::parse::ast::Comparison;
use crate::value::{R, Script, Value, fail, to_bool};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Where-Object",
    aliases: &["where", "?"],
    params: "FilterScript/Property@0 Value@1 InputObject| EQ/IEQ? NE/INE? GT/IGT? GE/IGE? LT/ILT? LE/ILE? Like/ILike? NotLike/INotLike? \
             Match/IMatch? NotMatch/INotMatch? Contains/IContains? NotContains/INotContains? In/IIn? NotIn/INotIn? CEQ? CNE? CGT? CGE? CLT? CLE? CLike? CNotLike? \
             CMatch? CNotMatch? CContains? CNotContains? CIn? CNotIn? Is? IsNot? Not?",
    run: Run::Stage(stage),
};

enum Test {
    Block(Rc<Script>),
    /// Property, comparison, case, value.
    Compare(String, Comparison, bool, Value),
    Is(String, Value, bool),
    Truth(String, bool),
}

struct Where {
    test: Test,
    single: Option<Value>,
}

fn stage(args: Args) -> R<Box<dyn Stage>> {
    let single = if args.has_input {
        None
    } else {
        args.value("InputObject")
    };
    let first = args.required("FilterScript")?;
    let test = match first {
        Value::Script(script) => Test::Block(script),
        property => by_property(&args, property.text())?,
    };
    Ok(Box::new(Where { test, single }))
}

fn by_property(args: &Args, property: String) -> R<Test> {
    const OPERATORS: [(&str, Comparison, bool); 28] = [
        ("EQ", Comparison::Eq, false),
        ("NE", Comparison::Ne, false),
        ("GT", Comparison::Gt, false),
        ("GE", Comparison::Ge, false),
        ("LT", Comparison::Lt, false),
        ("LE", Comparison::Le, false),
        ("Like", Comparison::Like, false),
        ("NotLike", Comparison::NotLike, false),
        ("Match", Comparison::Match, false),
        ("NotMatch", Comparison::NotMatch, false),
        ("Contains", Comparison::Contains, false),
        ("NotContains", Comparison::NotContains, false),
        ("In", Comparison::In, false),
        ("NotIn", Comparison::NotIn, false),
        ("CEQ", Comparison::Eq, true),
        ("CNE", Comparison::Ne, true),
        ("CGT", Comparison::Gt, true),
        ("CGE", Comparison::Ge, true),
        ("CLT", Comparison::Lt, true),
        ("CLE", Comparison::Le, true),
        ("CLike", Comparison::Like, true),
        ("CNotLike", Comparison::NotLike, true),
        ("CMatch", Comparison::Match, true),
        ("CNotMatch", Comparison::NotMatch, true),
        ("CContains", Comparison::Contains, true),
        ("CNotContains", Comparison::NotContains, true),
        ("CIn", Comparison::In, true),
        ("CNotIn", Comparison::NotIn, true),
    ];
    for (name, comparison, minds_case) in OPERATORS {
        if args.switch(name) {
            return Ok(Test::Compare(
                property,
                comparison,
                minds_case,
                args.get("Value").cloned().unwrap_or_default(),
            ));
        }
    }
    for (name, wanted) in [("Is", true), ("IsNot", false)] {
        if args.switch(name) {
            let of = args.get("Value").cloned().unwrap_or_default();
            return Ok(Test::Is(property, of, wanted));
        }
    }
    if args.has("Value") {
        return Err(fail(
            "System.Management.Automation.ParameterBindingException",
            "OperatorNotSpecified",
            "The specified operator is required to compare the two specified values. Provide a value for the operator.",
        ));
    }
    Ok(Test::Truth(property, !args.switch("Not")))
}

impl Where {
    fn keeps(&self, engine: &mut Engine, item: &Value) -> R<bool> {
        match &self.test {
            Test::Block(block) => Ok(to_bool(&engine.call_with_item(block, item.clone())?)),
            Test::Compare(name, comparison, minds_case, value) => {
                let own = engine.find_member(item, name)?.unwrap_or_default();
                Ok(to_bool(&engine.comparison(
                    *comparison,
                    *minds_case,
                    &own,
                    value,
                )?))
            }
            Test::Is(name, of, wanted) => {
                let own = engine.find_member(item, name)?.unwrap_or_default();
                let of = match of {
                    Value::Type(of) => of.clone(),
                    // `-Is $null` asks whether there is anything.
                    of if of.is_null() => return Ok(own.is_null() == *wanted),
                    other => {
                        engine.type_by_name(other.text().trim_matches(['[', ']'].as_slice()))?
                    }
                };
                Ok(engine.is_a(&own, &of) == *wanted)
            }
            Test::Truth(name, wanted) => {
                Ok(to_bool(&engine.find_member(item, name)?.unwrap_or_default()) == *wanted)
            }
        }
    }
}

impl Stage for Where {
    fn process(&mut self, engine: &mut Engine, item: Value, out: &mut dyn Sink) -> R<()> {
        if self.keeps(engine, &item)? {
            return out.put(engine, item);
        }
        Ok(())
    }

    fn end(&mut self, engine: &mut Engine, out: &mut dyn Sink) -> R<()> {
        match self.single.take() {
            Some(item) => self.process(engine, item, out),
            None => Ok(()),
        }
    }
}
