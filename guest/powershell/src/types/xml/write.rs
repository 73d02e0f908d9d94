//! Nodes of an XML document as text.
//!
//! A prefix that is declared further up than the text begins is declared where it is first used, as .NET's writer does.

use super::tree::{Kind, Node};

/// What is written so far, and which prefixes it has declared where it is now.
struct Writer {
    text: String,
    scope: Vec<(String, String)>,
    /// Whether every attribute has a line of its own (`NewLineOnAttributes`).
    sets_attributes_apart: bool,
}

impl Node {
    /// Without white space between elements.
    pub fn outer(&self) -> String {
        let mut writer = Writer::new();
        writer.node(self, None, 0);
        writer.text
    }

    pub fn inner(&self) -> String {
        let mut writer = Writer::new();
        for child in self.children.borrow().iter() {
            writer.node(child, None, 0);
        }
        writer.text
    }

    /// As `Save` writes a document: two spaces a level, elements with text on one line.
    pub fn indented(&self) -> String {
        if self.keeps_space.get() {
            return self.outer();
        }
        let mut writer = Writer::new();
        writer.node(self, Some("  "), 0);
        writer.text
    }

    /// In lines, also the attributes, and without a declaration.
    pub fn set_out(&self) -> String {
        let mut writer = Writer::new();
        writer.sets_attributes_apart = true;
        for child in self.children.borrow().iter() {
            if child.kind == Kind::Declaration {
                continue;
            }
            if !writer.text.is_empty() {
                writer.text.push('\n');
            }
            writer.node(child, Some("  "), 0);
        }
        writer.text
    }
}

impl Writer {
    fn new() -> Self {
        Self {
            text: String::new(),
            scope: Vec::new(),
            sets_attributes_apart: false,
        }
    }

    fn node(&mut self, node: &Node, indent: Option<&str>, level: usize) {
        let text = node.text.borrow();
        match node.kind {
            Kind::Document => {
                drop(text);
                for (at, child) in node.children.borrow().iter().enumerate() {
                    if at > 0 && indent.is_some() {
                        self.text.push('\n');
                    }
                    self.node(child, indent, level);
                }
            }
            Kind::Element => {
                drop(text);
                self.element(node, indent, level);
            }
            Kind::Attribute => self.attribute(&node.name, &text),
            Kind::Text => self.text.push_str(&escaped(&text, false)),
            Kind::CData => self.text.push_str(&format!("<![CDATA[{text}]]>")),
            Kind::Comment => self.text.push_str(&format!("<!--{text}-->")),
            Kind::Declaration | Kind::Instruction => self.text.push_str(&format!("<?{text}?>")),
            Kind::DocType => self.text.push_str(&format!("<!DOCTYPE {text}>")),
        }
    }

    fn attribute(&mut self, name: &str, text: &str) {
        self.text
            .push_str(&format!("{name}=\"{}\"", escaped(text, true)));
    }

    fn element(&mut self, node: &Node, indent: Option<&str>, level: usize) {
        let n_before = self.scope.len();
        self.text.push('<');
        self.text.push_str(&node.name);
        for attribute in node.attributes.borrow().iter() {
            let name = &attribute.name;
            let prefix = if name == "xmlns" {
                Some("")
            } else {
                name.strip_prefix("xmlns:")
            };
            if let Some(prefix) = prefix {
                self.scope
                    .push((prefix.to_owned(), attribute.text.borrow().clone()));
            }
            match indent.filter(|_| self.sets_attributes_apart) {
                Some(unit) => {
                    self.text.push('\n');
                    self.text.push_str(&unit.repeat(level + 1));
                }
                None => self.text.push(' '),
            }
            self.attribute(name, &attribute.text.borrow());
        }
        self.declare(node);
        self.content(node, indent, level);
        self.scope.truncate(n_before);
    }

    /// Declares the prefixes of an element and its attributes that mean something else here, or nothing yet; the last one
    /// first, as .NET does.
    fn declare(&mut self, element: &Node) {
        let n_before = self.scope.len();
        self.push_undeclared(element);
        for attribute in element.attributes.borrow().iter() {
            if !matches!(attribute.prefix(), "" | "xml" | "xmlns") {
                self.push_undeclared(attribute);
            }
        }
        for (prefix, uri) in self.scope[n_before..].to_vec().iter().rev() {
            let name = match prefix.as_str() {
                "" => "xmlns".to_owned(),
                prefix => format!("xmlns:{prefix}"),
            };
            self.text.push(' ');
            self.attribute(&name, uri);
        }
    }

    fn push_undeclared(&mut self, node: &Node) {
        let (prefix, uri) = (node.prefix(), node.namespace());
        let known = self.scope.iter().rev().find(|(own, _)| own == prefix);
        if known.map_or("", |(_, uri)| uri) != uri {
            self.scope.push((prefix.to_owned(), uri));
        }
    }

    fn content(&mut self, node: &Node, indent: Option<&str>, level: usize) {
        let children = node.children.borrow();
        if children.is_empty() {
            self.text.push_str(" />");
            return;
        }
        self.text.push('>');
        let is_mixed = children
            .iter()
            .any(|child| matches!(child.kind, Kind::Text | Kind::CData));
        let inner = if is_mixed { None } else { indent };
        for child in children.iter() {
            if let Some(unit) = inner {
                self.text.push('\n');
                self.text.push_str(&unit.repeat(level + 1));
            }
            self.node(child, inner, level + 1);
        }
        if let Some(unit) = inner {
            self.text.push('\n');
            self.text.push_str(&unit.repeat(level));
        }
        self.text.push_str(&format!("</{}>", node.name));
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
