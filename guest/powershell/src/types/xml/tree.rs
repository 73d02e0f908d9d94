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
    /// The namespace that a node made by `CreateElement` keeps wherever it is put; else its prefix decides.
    pub made_in: RefCell<Option<String>>,
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
            made_in: RefCell::default(),
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

    /// What stands before the colon of the name, or nothing.
    pub fn prefix(&self) -> &str {
        self.name.split_once(':').map_or("", |(prefix, _)| prefix)
    }

    /// The URI that the node's prefix stands for here.
    pub fn namespace(&self) -> String {
        if self.kind == Kind::Attribute {
            if let Some(uri) = self.made_in.borrow().as_ref().filter(|uri| !uri.is_empty()) {
                return uri.clone();
            }
            return match (self.prefix(), self.parent()) {
                ("", _) | (_, None) => String::new(),
                (prefix, Some(element)) => element.resolved(prefix),
            };
        }
        self.resolved(self.prefix())
    }

    /// The outermost node that it is in: the document's, unless it was taken out.
    pub fn root(self: &Rc<Self>) -> Rc<Self> {
        let mut at = Rc::clone(self);
        while let Some(parent) = at.parent() {
            at = parent;
        }
        at
    }

    fn resolved(&self, prefix: &str) -> String {
        if let Some(found) = self.declared(prefix) {
            return found;
        }
        let mut at = self.parent();
        while let Some(node) = at {
            if let Some(found) = node.declared(prefix) {
                return found;
            }
            at = node.parent();
        }
        String::new()
    }

    /// What this node itself says of a prefix.
    fn declared(&self, prefix: &str) -> Option<String> {
        let name = match prefix {
            "" => "xmlns".to_owned(),
            prefix => format!("xmlns:{prefix}"),
        };
        if let Some(found) = self.attribute(&name) {
            return Some(found.text.borrow().clone());
        }
        let made_in = self.made_in.borrow().clone();
        made_in.filter(|_| self.prefix() == prefix)
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
        if self.kind == Kind::Element {
            // A copy stands alone at first: it takes along what its prefix means here.
            *made.made_in.borrow_mut() = Some(self.namespace());
        }
        for attribute in self.attributes.borrow().iter() {
            let copied = made.set_attribute(&attribute.name, &attribute.text.borrow());
            *copied.made_in.borrow_mut() = Some(attribute.namespace());
        }
        if is_deep {
            for child in self.children.borrow().iter() {
                made.append(&child.copy(true));
            }
        }
        made
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
