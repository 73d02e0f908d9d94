//! The tree of an XML document: parsing, changing, writing.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use quick_xml::Reader;
use quick_xml::events::Event;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Document,
    Element,
    Attribute,
    Text,
    CData,
    Comment,
    Declaration,
    Instruction,
    DocType,
}

pub struct Node {
    pub kind: Kind,
    pub name: String,
    /// Text, or an attribute's value.
    pub text: RefCell<String>,
    pub attributes: RefCell<Vec<Rc<Node>>>,
    pub children: RefCell<Vec<Rc<Node>>>,
    pub parent: RefCell<Weak<Node>>,
    pub keeps_space: std::cell::Cell<bool>,
}

/// Deeper than any real document; bounded so that reading can't exhaust the stack.
const MAX_DEPTH: usize = 200;

impl Node {
    pub fn new(kind: Kind, name: &str, text: &str) -> Rc<Self> {
        Rc::new(Self {
            kind,
            name: name.to_owned(),
            text: RefCell::new(text.to_owned()),
            attributes: RefCell::default(),
            children: RefCell::default(),
            parent: RefCell::default(),
            keeps_space: std::cell::Cell::new(false),
        })
    }

    pub fn append(self: &Rc<Self>, child: &Rc<Self>) {
        child.detach();
        *child.parent.borrow_mut() = Rc::downgrade(self);
        self.children.borrow_mut().push(Rc::clone(child));
    }

    pub fn insert(self: &Rc<Self>, child: &Rc<Self>, at: usize) {
        child.detach();
        *child.parent.borrow_mut() = Rc::downgrade(self);
        let mut children = self.children.borrow_mut();
        let at = at.min(children.len());
        children.insert(at, Rc::clone(child));
    }

    pub fn detach(self: &Rc<Self>) {
        if let Some(parent) = self.parent() {
            parent
                .children
                .borrow_mut()
                .retain(|child| !Rc::ptr_eq(child, self));
        }
        *self.parent.borrow_mut() = Weak::new();
    }

    pub fn parent(&self) -> Option<Rc<Self>> {
        self.parent.borrow().upgrade()
    }

    pub fn position(self: &Rc<Self>, child: &Rc<Self>) -> Option<usize> {
        self.children
            .borrow()
            .iter()
            .position(|own| Rc::ptr_eq(own, child))
    }

    pub fn elements(&self) -> Vec<Rc<Self>> {
        self.children
            .borrow()
            .iter()
            .filter(|child| child.kind == Kind::Element)
            .cloned()
            .collect()
    }

    pub fn attribute(&self, name: &str) -> Option<Rc<Self>> {
        self.attributes
            .borrow()
            .iter()
            .find(|own| own.name == name)
            .cloned()
    }

    pub fn set_attribute(self: &Rc<Self>, name: &str, value: &str) -> Rc<Self> {
        if let Some(found) = self.attribute(name) {
            *found.text.borrow_mut() = value.to_owned();
            return found;
        }
        let made = Self::new(Kind::Attribute, name, value);
        *made.parent.borrow_mut() = Rc::downgrade(self);
        self.attributes.borrow_mut().push(Rc::clone(&made));
        made
    }

    pub fn local_name(&self) -> &str {
        self.name.rsplit(':').next().unwrap_or(&self.name)
    }

    /// The URI that the node's prefix stands for here.
    pub fn namespace(&self) -> String {
        let (prefix, has_prefix) = match self.name.split_once(':') {
            Some((prefix, _)) => (format!("xmlns:{prefix}"), true),
            None => ("xmlns".to_owned(), false),
        };
        if self.kind == Kind::Attribute && !has_prefix {
            return String::new();
        }
        if let Some(found) = self.attribute(&prefix) {
            return found.text.borrow().clone();
        }
        let mut at = self.parent();
        while let Some(node) = at {
            if let Some(found) = node.attribute(&prefix) {
                return found.text.borrow().clone();
            }
            at = node.parent();
        }
        String::new()
    }

    pub fn inner_text(&self) -> String {
        match self.kind {
            Kind::Element | Kind::Document => self
                .children
                .borrow()
                .iter()
                .filter(|child| matches!(child.kind, Kind::Element | Kind::Text | Kind::CData))
                .map(|child| child.inner_text())
                .collect(),
            _ => self.text.borrow().clone(),
        }
    }

    pub fn set_inner_text(self: &Rc<Self>, text: &str) {
        if !matches!(self.kind, Kind::Element | Kind::Document) {
            *self.text.borrow_mut() = text.to_owned();
            return;
        }
        self.children.borrow_mut().clear();
        if !text.is_empty() {
            self.append(&Self::new(Kind::Text, "#text", text));
        }
    }

    pub fn copy(&self, is_deep: bool) -> Rc<Self> {
        let made = Self::new(self.kind, &self.name, &self.text.borrow());
        for attribute in self.attributes.borrow().iter() {
            made.set_attribute(&attribute.name, &attribute.text.borrow());
        }
        if is_deep {
            for child in self.children.borrow().iter() {
                made.append(&child.copy(true));
            }
        }
        made
    }

    /// Without white space between elements.
    pub fn outer(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, None, 0);
        text
    }

    pub fn inner(&self) -> String {
        let mut text = String::new();
        for child in self.children.borrow().iter() {
            child.write(&mut text, None, 0);
        }
        text
    }

    /// As `Save` writes a document: two spaces a level, elements with text on one line.
    pub fn indented(&self) -> String {
        let mut text = String::new();
        if self.keeps_space.get() {
            return self.outer();
        }
        self.write(&mut text, Some("  "), 0);
        text
    }

    fn write(&self, out: &mut String, indent: Option<&str>, level: usize) {
        match self.kind {
            Kind::Document => {
                for (at, child) in self.children.borrow().iter().enumerate() {
                    if at > 0 && indent.is_some() {
                        out.push('\n');
                    }
                    child.write(out, indent, level);
                }
            }
            Kind::Element => self.write_element(out, indent, level),
            Kind::Attribute => out.push_str(&format!(
                "{}=\"{}\"",
                self.name,
                escaped(&self.text.borrow(), true)
            )),
            Kind::Text => out.push_str(&escaped(&self.text.borrow(), false)),
            Kind::CData => out.push_str(&format!("<![CDATA[{}]]>", self.text.borrow())),
            Kind::Comment => out.push_str(&format!("<!--{}-->", self.text.borrow())),
            Kind::Declaration | Kind::Instruction => {
                out.push_str(&format!("<?{}?>", self.text.borrow()))
            }
            Kind::DocType => out.push_str(&format!("<!DOCTYPE {}>", self.text.borrow())),
        }
    }

    fn write_element(&self, out: &mut String, indent: Option<&str>, level: usize) {
        out.push('<');
        out.push_str(&self.name);
        for attribute in self.attributes.borrow().iter() {
            out.push(' ');
            attribute.write(out, None, 0);
        }
        let children = self.children.borrow();
        if children.is_empty() {
            out.push_str(" />");
            return;
        }
        out.push('>');
        let is_mixed = children
            .iter()
            .any(|child| matches!(child.kind, Kind::Text | Kind::CData));
        let inner = if is_mixed { None } else { indent };
        for child in children.iter() {
            if let Some(unit) = inner {
                out.push('\n');
                out.push_str(&unit.repeat(level + 1));
            }
            child.write(out, inner, level + 1);
        }
        if let Some(unit) = inner {
            out.push('\n');
            out.push_str(&unit.repeat(level));
        }
        out.push_str(&format!("</{}>", self.name));
    }
}

fn escaped(text: &str, is_attribute: bool) -> String {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    if is_attribute {
        text.replace('"', "&quot;").replace('\n', "&#xA;")
    } else {
        text
    }
}

/// Reads a document; white space between elements is dropped unless `keeps_space`.
pub fn parse(text: &str, keeps_space: bool) -> Result<Rc<Node>, String> {
    let document = Node::new(Kind::Document, "#document", "");
    document.keeps_space.set(keeps_space);
    let mut stack = vec![Rc::clone(&document)];
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = Reader::from_str(text);
    let mut pending = String::new();
    loop {
        let event = reader
            .read_event()
            .map_err(|error| format!("{error} (position {})", reader.error_position()))?;
        let top = Rc::clone(stack.last().ok_or("more closing than opening tags")?);
        if !matches!(event, Event::Text(_) | Event::GeneralRef(_)) {
            flush(&mut pending, &top, keeps_space);
        }
        match event {
            Event::Start(tag) => {
                if stack.len() > MAX_DEPTH {
                    return Err(format!(
                        "elements are nested more than {MAX_DEPTH} levels deep"
                    ));
                }
                let node = element(&tag)?;
                top.append(&node);
                stack.push(node);
            }
            Event::Empty(tag) => top.append(&element(&tag)?),
            Event::End(_) => {
                stack.pop();
            }
            Event::Text(part) => pending.push_str(part.as_ref()),
            Event::GeneralRef(name) => {
                let name = name.as_ref().to_owned();
                pending.push_str(
                    &entity(&name)
                        .ok_or_else(|| format!("reference to the undeclared entity '{name}'"))?,
                );
            }
            Event::CData(part) => {
                top.append(&Node::new(Kind::CData, "#cdata-section", part.as_ref()))
            }
            Event::Comment(part) => {
                top.append(&Node::new(Kind::Comment, "#comment", part.as_ref()))
            }
            Event::Decl(part) => top.append(&Node::new(Kind::Declaration, "xml", part.as_ref())),
            Event::PI(part) => {
                let content = part.as_ref().to_owned();
                let name = content
                    .split_whitespace()
                    .next()
                    .unwrap_or_default()
                    .to_owned();
                top.append(&Node::new(Kind::Instruction, &name, &content));
            }
            Event::DocType(part) => top.append(&Node::new(Kind::DocType, "doctype", part.as_ref())),
            Event::Eof => break,
        }
    }
    if stack.len() > 1 {
        return Err(format!(
            "the element '{}' isn't closed",
            stack[stack.len() - 1].name
        ));
    }
    if document.elements().len() != 1 {
        return Err("Root element is missing.".to_owned());
    }
    Ok(document)
}

fn flush(pending: &mut String, top: &Rc<Node>, keeps_space: bool) {
    let text = std::mem::take(pending);
    if text.is_empty() || (!keeps_space || top.kind == Kind::Document) && text.trim().is_empty() {
        return;
    }
    top.append(&Node::new(Kind::Text, "#text", &text.replace("\r\n", "\n")));
}

fn element(tag: &quick_xml::events::BytesStart<'_>) -> Result<Rc<Node>, String> {
    let name = tag.name().as_ref().to_owned();
    let node = Node::new(Kind::Element, &name, "");
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let name = attribute.key.as_ref().to_owned();
        let value = unescaped(&attribute.value)?;
        node.set_attribute(&name, &value);
    }
    Ok(node)
}

fn unescaped(text: &str) -> Result<String, String> {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        let end = rest[at..].find(';').ok_or("an '&' stands alone")?;
        let name = &rest[at + 1..at + end];
        plain.push_str(
            &entity(name).ok_or_else(|| format!("reference to the undeclared entity '{name}'"))?,
        );
        rest = &rest[at + end + 1..];
    }
    plain.push_str(rest);
    Ok(plain)
}

fn entity(name: &str) -> Option<String> {
    Some(match name {
        "amp" => "&".into(),
        "lt" => "<".into(),
        "gt" => ">".into(),
        "quot" => "\"".into(),
        "apos" => "'".into(),
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)?.to_string()
        }
    })
}
