//! `Select-Xml`: nodes that an XPath finds.
//!
//! [Select-Xml](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/select-xml)

use std::rc::Rc;

use crate::cmdlets::paths::given::resolved;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::place;
use crate::types::xml::{self, XmlNode};
use crate::value::{Ctl, Object, R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Select-Xml",
    aliases: &[],
    params: "XPath@0! Xml/Node@1| Path LiteralPath/PSPath/LP Content Namespace",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let path = args.text("XPath").unwrap_or_default();
    let mut spaces = Vec::new();
    if let Some(Value::Hash(hash)) = args.value("Namespace") {
        spaces.extend(
            hash.entries()
                .into_iter()
                .map(|(prefix, uri)| (prefix.text(), uri.text())),
        );
    }
    let mut documents: Vec<(String, Value)> = Vec::new();
    if args.has("Path") || args.has("LiteralPath") {
        for file in resolved(engine, args, None)? {
            let text = place::read_text(&file).map_err(|error| place::fault(&error, &file))?;
            match xml::parse(&text) {
                Ok(document) => documents.push((file, document)),
                Err(message) => unread(engine, &file, message)?,
            }
        }
    }
    let given = [args.value("Content"), item.or_else(|| args.value("Xml"))];
    for value in given.iter().flatten().flat_map(Value::to_items) {
        match xml::convert(&value) {
            Ok(document) => documents.push(("InputStream".to_owned(), document)),
            // What is no XML is an error of its own; the next may be.
            Err(Ctl::Throw(record)) => engine.report(record.copied())?,
            Err(ctl) => return Err(ctl),
        }
    }
    for (source, document) in documents {
        let Some(node) = document
            .downcast::<XmlNode>()
            .map(|node| Rc::clone(&node.0))
        else {
            continue;
        };
        for found in xml::select(&node, &path, &spaces)? {
            let info = Object::with(
                "Microsoft.PowerShell.Commands.SelectXmlInfo",
                [
                    ("Node", found),
                    ("Path", Value::from(source.as_str())),
                    ("Pattern", Value::from(path.as_str())),
                ],
            );
            out.put(engine, info)?;
        }
    }
    Ok(())
}

/// A file that holds no XML.
fn unread(engine: &mut Engine, file: &str, message: String) -> R<()> {
    engine.soft_error(
        "System.ArgumentException",
        "ProcessFile",
        "NotSpecified",
        format!("The file '{file}' cannot be read: {message}"),
        Value::from(file),
    )
}
