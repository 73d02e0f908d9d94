//! `ForEach-Object`: runs a block, or takes a member, for each item. Left out: `-Parallel`, `-AsJob`.
//!
//! [ForEach-Object](https://learn.microsoft.com/powershell/module/microsoft.powershell.core/foreach-object)

use std::rc::Rc;

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink, Stage};
use crate::value::{Ctl, ErrorRecord, Exception, R, Script, Sym, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "ForEach-Object",
    aliases: &["foreach", "%"],
    params: "Process/MemberName@0* Begin End InputObject| ArgumentList/Args",
    run: Run::Stage(stage),
};

struct ForEach {
    begin: Option<Rc<Script>>,
    process: Vec<Rc<Script>>,
    end: Option<Rc<Script>>,
    member: Option<String>,
    args: Vec<Value>,
    single: Option<Value>,
}

fn stage(args: Args) -> R<Box<dyn Stage>> {
    let given = args
        .value("Process")
        .map(|value| value.to_items())
        .unwrap_or_default();
    let mut blocks: Vec<Rc<Script>> = Vec::new();
    let mut member = None;
    let mut rest = args
        .value("ArgumentList")
        .map(|value| value.to_items())
        .unwrap_or_default();
    for value in given {
        match value {
            Value::Script(script) => blocks.push(script),
            other if member.is_none() => member = Some(other.text()),
            // `ForEach-Object Split ','`: the method's arguments.
            other => rest.push(other),
        }
    }
    let (mut begin, mut end) = (args.script("Begin")?, args.script("End")?);
    // Blocks by position: process; begin and process; begin, process and end. `-Begin $null` says that there is none.
    if !args.has("Begin") && blocks.len() > 1 {
        begin = Some(blocks.remove(0));
    }
    if !args.has("End") && blocks.len() > 1 {
        end = blocks.pop();
    }
    let single = if args.has_input {
        None
    } else {
        args.value("InputObject")
    };
    Ok(Box::new(ForEach {
        begin,
        process: blocks,
        end,
        member,
        args: rest,
        single,
    }))
}

impl ForEach {
    fn member(engine: &mut Engine, name: &str, args: &[Value], item: &Value) -> R<Value> {
        match engine.find_member(item, name)? {
            Some(value) if args.is_empty() => Ok(value),
            _ => match engine.call_method(item, name, args.to_vec(), false) {
                // What has no such member gives nothing.
                Err(Ctl::Throw(record)) if args.is_empty() && record.id == "MethodNotFound" => {
                    Ok(Value::Nothing)
                }
                Err(Ctl::Throw(record)) => {
                    engine.report(called(&record, name, args.len()))?;
                    Ok(Value::Nothing)
                }
                other => other,
            },
        }
    }
}

/// An error of a method that was called by its name, as the cmdlet reports it.
fn called(record: &ErrorRecord, name: &str, n_args: usize) -> ErrorRecord {
    if record.exception.type_name == Exception::OF_CALL {
        return record.copied();
    }
    let exception = Exception::of_call(&record.exception, name, n_args);
    ErrorRecord::new(exception, "MethodInvocationError", "NotSpecified")
}

impl Stage for ForEach {
    fn begin(&mut self, engine: &mut Engine, out: &mut dyn Sink) -> R<()> {
        match &self.begin {
            Some(block) => {
                let before = engine.scope.get_here(Sym::ITEM).unwrap_or_default();
                engine.run_with_item(block, before, out)
            }
            None => Ok(()),
        }
    }

    fn process(&mut self, engine: &mut Engine, item: Value, out: &mut dyn Sink) -> R<()> {
        if let Some(name) = &self.member {
            let value = Self::member(engine, name, &self.args, &item)?;
            return engine.put_value(value, out);
        }
        for block in &self.process {
            engine.run_with_item(block, item.clone(), out)?;
        }
        Ok(())
    }

    fn end(&mut self, engine: &mut Engine, out: &mut dyn Sink) -> R<()> {
        if let Some(item) = self.single.take() {
            self.process(engine, item, out)?;
        }
        match &self.end {
            Some(block) => {
                let before = engine.scope.get_here(Sym::ITEM).unwrap_or_default();
                engine.run_with_item(block, before, out)
            }
            None => Ok(()),
        }
    }
}
