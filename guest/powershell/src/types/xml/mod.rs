//! `[xml]`: documents that can be read by name, changed and saved.

mod attributes;
mod tree;
mod write;
mod xpath;

use std::cell::RefCell;
use std::rc::Rc;

use super::TypeInfo;
use super::enumeration::EnumValue;
use crate::eval::Engine;
use crate::net_any;
use crate::place;
use crate::value::{Net, R, Value, fail, method_error, to_bool};
pub use tree::{Kind, Node};
pub use xpath::Namespaces;

pub const DOCUMENT: TypeInfo = TypeInfo {
    convert: Some(convert),
    create: Some(|_, args| {
        args.is_empty()
            .then(|| Ok(XmlNode::value(&Node::new(Kind::Document, "#document", ""))))
    }),
    ..TypeInfo::named("System.Xml.XmlDocument", &["xml"])
};
pub const ELEMENT: TypeInfo = TypeInfo::named("System.Xml.XmlElement", &[]);
pub const NODE: TypeInfo = TypeInfo::named("System.Xml.XmlNode", &[]);
pub const MANAGER: TypeInfo = TypeInfo {
    create: Some(|_, args| (args.len() == 1).then(|| Ok(Value::net(Manager(RefCell::default()))))),
    ..TypeInfo::named("System.Xml.XmlNamespaceManager", &[])
};

/// Prefixes for `SelectNodes`.
pub struct Manager(RefCell<Namespaces>);

impl Net for Manager {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Xml.XmlNamespaceManager"
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        match (name, args) {
            ("addnamespace", [prefix, uri]) => {
                self.0.borrow_mut().push((prefix.text(), uri.text()));
                Some(Ok(Value::Nothing))
            }
            _ => None,
        }
    }
}

/// A node, with the outermost one that it is in: a node knows what it is in only as long as that is there.
pub struct XmlNode(
    pub Rc<Node>,
    #[expect(dead_code, reason = "held, so that it is there")] Rc<Node>,
);

/// `[xml]$value`
pub fn convert(value: &Value) -> R<Value> {
    if value.downcast::<XmlNode>().is_some() || value.is_null() {
        return Ok(value.clone());
    }
    let text: Vec<String> = value.to_items().iter().map(Value::text).collect();
    parse(&text.join("\n")).map_err(|message| {
        fail(
            "System.Management.Automation.PSInvalidCastException",
            "InvalidCastToXmlDocument",
            format!("Cannot convert value \"{}\" to type \"System.Xml.XmlDocument\". Error: \"{message}\"", value.text()),
        )
    })
}

/// A document out of text.
pub fn parse(text: &str) -> Result<Value, String> {
    tree::parse(text, false).map(|document| XmlNode::value(&document))
}

/// A document in lines, its attributes too, without a declaration; `None` if it is none.
pub fn set_out(text: &str) -> Option<String> {
    Some(tree::parse(text, false).ok()?.set_out())
}

/// The nodes that an XPath selects.
pub fn select(node: &Rc<Node>, path: &str, spaces: &Namespaces) -> R<Vec<Value>> {
    xpath::select(node, path, spaces)
        .map(|nodes| nodes.iter().map(XmlNode::value).collect())
        .map_err(|message| method_error("System.Xml.XPath.XPathException", message))
}

impl XmlNode {
    pub fn value(node: &Rc<Node>) -> Value {
        Value::net(Self(Rc::clone(node), node.root()))
    }

    /// What `$node.name` gives: an element with nothing but text is that text.
    fn adapted(node: &Rc<Node>) -> Value {
        let children = node.children.borrow();
        let is_text = |child: &Rc<Node>| child.kind == Kind::Text;
        let is_simple = node.attributes.borrow().is_empty()
            && children.len() <= 1
            && children.iter().all(is_text);
        if is_simple {
            Value::from(node.inner_text())
        } else {
            Self::value(node)
        }
    }

    fn named(&self, lower: &str) -> Option<Value> {
        let attribute = self
            .0
            .attributes
            .borrow()
            .iter()
            .find(|own| {
                own.name.eq_ignore_ascii_case(lower) || own.local_name().eq_ignore_ascii_case(lower)
            })
            .cloned();
        let mut found: Vec<Value> = attribute
            .iter()
            .map(|own| Value::from(own.text.borrow().as_str()))
            .collect();
        for child in self.0.children.borrow().iter() {
            let is_named = child.name.eq_ignore_ascii_case(lower)
                || child.local_name().eq_ignore_ascii_case(lower);
            match child.kind {
                Kind::Element if is_named => found.push(Self::adapted(child)),
                Kind::Declaration if lower == "xml" => found.push(Value::from(
                    child.text.borrow().trim_start_matches("xml").trim(),
                )),
                _ if is_called(child, lower) => {
                    found.push(Value::from(child.text.borrow().as_str()))
                }
                _ => {}
            }
        }
        (!found.is_empty()).then(|| Value::collapse(found))
    }

    fn parent_value(&self) -> Value {
        self.0
            .parent()
            .map_or(Value::Null, |parent| Self::value(&parent))
    }

    fn document(&self) -> Rc<Node> {
        self.0.root()
    }

    fn sibling(&self, step: isize) -> Value {
        let found = self.0.parent().and_then(|parent| {
            let at = parent.position(&self.0)?.checked_add_signed(step)?;
            parent.children.borrow().get(at).cloned()
        });
        found.map_or(Value::Null, |node| Self::value(&node))
    }

    fn set_inner_xml(&self, text: &str) -> R<()> {
        let parsed = tree::parse(&format!("<seawall>{text}</seawall>"), false)
            .map_err(|message| method_error("System.Xml.XmlException", message))?;
        self.0.children.borrow_mut().clear();
        for root in parsed.elements() {
            let children = root.children.borrow().clone();
            for child in children {
                self.0.append(&child);
            }
        }
        Ok(())
    }
}

/// More than one node has the name that is set (XmlNodeAdapter.PropertySet, in its words).
fn several(name: &str) -> crate::value::Ctl {
    fail(
        "System.Management.Automation.SetValueException",
        "XmlNodeSetRestrictionsMoreThanOneNode",
        format!(
            "Cannot set \"{name}\" because only strings can be used as values to set XmlNode properties."
        ),
    )
}

/// Whether the node has one of the names that start with `#`.
fn is_called(node: &Node, name: &str) -> bool {
    matches!(
        (node.kind, name),
        (Kind::Text, "#text") | (Kind::CData, "#cdata-section") | (Kind::Comment, "#comment")
    )
}

fn node_of(value: &Value) -> R<Rc<Node>> {
    value
        .downcast::<XmlNode>()
        .map(|node| Rc::clone(&node.0))
        .ok_or_else(|| method_error("System.ArgumentException", "The argument is no XML node."))
}

impl Net for XmlNode {
    net_any!();

    fn type_name(&self) -> &str {
        match self.0.kind {
            Kind::Document => "System.Xml.XmlDocument",
            Kind::Element => "System.Xml.XmlElement",
            Kind::Attribute => "System.Xml.XmlAttribute",
            Kind::Text => "System.Xml.XmlText",
            Kind::CData => "System.Xml.XmlCDataSection",
            Kind::Comment => "System.Xml.XmlComment",
            Kind::Declaration => "System.Xml.XmlDeclaration",
            Kind::Instruction => "System.Xml.XmlProcessingInstruction",
            Kind::DocType => "System.Xml.XmlDocumentType",
        }
    }

    fn bases(&self) -> Vec<String> {
        vec!["System.Xml.XmlNode".into()]
    }

    fn text(&self) -> String {
        match self.0.kind {
            Kind::Element | Kind::Document => self.0.name.clone(),
            Kind::Attribute => "System.Xml.XmlAttribute".to_owned(),
            _ => self.0.inner_text(),
        }
    }

    fn get(&self, name: &str) -> Option<Value> {
        if let (Kind::Element | Kind::Document, Some(found)) = (self.0.kind, self.named(name)) {
            return Some(found);
        }
        self.own(name)
    }

    fn own(&self, name: &str) -> Option<Value> {
        let first = |is_first: bool| {
            let children = self.0.children.borrow();
            let found = if is_first {
                children.first()
            } else {
                children.last()
            };
            found.map_or(Value::Null, Self::value)
        };
        Some(match name {
            "innertext" => Value::from(self.0.inner_text()),
            "innerxml" => Value::from(self.0.inner()),
            "outerxml" => Value::from(self.0.outer()),
            "name" => Value::from(self.0.name.as_str()),
            "localname" => Value::from(self.0.local_name()),
            "prefix" => Value::from(self.0.name.split_once(':').map_or("", |(prefix, _)| prefix)),
            "namespaceuri" => Value::from(self.0.namespace()),
            "value" if !matches!(self.0.kind, Kind::Element | Kind::Document) => {
                Value::from(self.0.text.borrow().as_str())
            }
            "value" => Value::Null,
            "childnodes" => Value::from(
                self.0
                    .children
                    .borrow()
                    .iter()
                    .map(Self::value)
                    .collect::<Vec<_>>(),
            ),
            "attributes" => attributes::of(&self.0),
            "haschildnodes" => Value::Bool(!self.0.children.borrow().is_empty()),
            "hasattributes" => Value::Bool(!self.0.attributes.borrow().is_empty()),
            "isempty" => Value::Bool(self.0.children.borrow().is_empty()),
            "firstchild" => first(true),
            "lastchild" => first(false),
            "nextsibling" => self.sibling(1),
            "previoussibling" => self.sibling(-1),
            "parentnode" | "ownerelement" => self.parent_value(),
            "ownerdocument" => Self::value(&self.document()),
            "documentelement" => self.0.elements().first().map_or(Value::Null, Self::value),
            "nametable" => Value::from(""),
            "preservewhitespace" => Value::Bool(self.0.keeps_space.get()),
            "nodetype" => EnumValue::builtin(
                "System.Xml.XmlNodeType",
                match self.0.kind {
                    Kind::Document => 9,
                    Kind::Element => 1,
                    Kind::Attribute => 2,
                    Kind::Text => 3,
                    Kind::CData => 4,
                    Kind::Comment => 8,
                    _ => 7,
                },
            ),
            _ => return None,
        })
    }

    /// The first element of that name below it.
    fn index(&self, index: &Value) -> Option<R<Value>> {
        let Value::Str(name) = index else {
            return None;
        };
        let elements = self.0.elements();
        let found = elements.iter().find(|element| element.name == **name);
        Some(Ok(found.map_or(Value::Null, Self::value)))
    }

    fn set(&self, name: &str, value: &Value) -> Option<R<()>> {
        let text = value.text();
        match name {
            "preservewhitespace" => {
                self.0.keeps_space.set(to_bool(value));
                return Some(Ok(()));
            }
            "innertext" => {
                self.0.set_inner_text(&text);
                return Some(Ok(()));
            }
            "value" if !matches!(self.0.kind, Kind::Element | Kind::Document) => {
                self.0.set_inner_text(&text);
                return Some(Ok(()));
            }
            "#text" | "#cdata-section" | "#comment" => {
                let children = self.0.children.borrow().clone();
                match children.iter().find(|child| is_called(child, name)) {
                    Some(child) => *child.text.borrow_mut() = text,
                    None if name == "#text" && children.is_empty() => self.0.set_inner_text(&text),
                    None => return None,
                }
                return Some(Ok(()));
            }
            "innerxml" => return Some(self.set_inner_xml(&text)),
            _ => {}
        }
        let is_it = |node: &&Rc<Node>| node.name.eq_ignore_ascii_case(name);
        let attributes = self.0.attributes.borrow();
        let children = self.0.elements();
        let attribute = attributes.iter().find(is_it);
        let child = children.iter().find(is_it);
        let n = usize::from(attribute.is_some()) + children.iter().filter(is_it).count();
        if n > 1 {
            return Some(Err(several(name)));
        }
        match (attribute, child) {
            (Some(attribute), _) => *attribute.text.borrow_mut() = text,
            (None, child) => child?.set_inner_text(&text),
        }
        Some(Ok(()))
    }

    fn call(self: Rc<Self>, engine: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        let node = &self.0;
        Some(match (name, args) {
            ("selectnodes" | "selectsinglenode", [path, rest @ ..]) => {
                let spaces = rest
                    .first()
                    .and_then(|manager| manager.downcast::<Manager>())
                    .map(|manager| manager.0.borrow().clone());
                select(node, &path.text(), &spaces.unwrap_or_default()).map(|nodes| match name {
                    "selectnodes" => Value::from(nodes),
                    _ => nodes.into_iter().next().unwrap_or_default(),
                })
            }
            ("getattribute", [name]) => Ok(Value::from(
                node.attribute(&name.text())
                    .map(|own| own.text.borrow().clone())
                    .unwrap_or_default(),
            )),
            ("hasattribute", [name]) => Ok(Value::Bool(node.attribute(&name.text()).is_some())),
            ("setattribute", [name, value]) => {
                node.set_attribute(&name.text(), &value.text());
                Ok(Value::Nothing)
            }
            ("removeattribute", [name]) => {
                let name = name.text();
                node.attributes.borrow_mut().retain(|own| own.name != name);
                Ok(Value::Nothing)
            }
            ("getelementsbytagname", [name]) => {
                let name = name.text();
                xpath::select(node, ".//*", &Vec::new())
                    .map(|all| {
                        Value::from(
                            all.iter()
                                .filter(|own| name == "*" || own.name == name)
                                .map(Self::value)
                                .collect::<Vec<_>>(),
                        )
                    })
                    .map_err(|message| method_error("System.Xml.XPath.XPathException", message))
            }
            ("appendchild" | "prependchild", [child]) => node_of(child).map(|own| {
                if name == "prependchild" {
                    node.insert(&own, 0)
                } else {
                    node.append(&own)
                }
                child.clone()
            }),
            ("insertbefore" | "insertafter", [child, at]) => node_of(child).map(|own| {
                let after = usize::from(name == "insertafter");
                own.detach();
                let at = node_of(at)
                    .ok()
                    .and_then(|at| node.position(&at))
                    .map_or(node.children.borrow().len(), |at| at + after);
                node.insert(&own, at);
                child.clone()
            }),
            ("removechild", [child]) => node_of(child).map(|own| {
                own.detach();
                child.clone()
            }),
            ("replacechild", [new, old]) => node_of(new).and_then(|own| {
                let old_node = node_of(old)?;
                let at = node.position(&old_node).unwrap_or(0);
                old_node.detach();
                node.insert(&own, at);
                Ok(old.clone())
            }),
            ("removeall", []) => {
                node.children.borrow_mut().clear();
                node.attributes.borrow_mut().clear();
                Ok(Value::Nothing)
            }
            ("clonenode", [is_deep]) => Ok(Self::value(&node.copy(to_bool(is_deep)))),
            ("importnode", [other, is_deep]) => {
                node_of(other).map(|other| Self::value(&other.copy(to_bool(is_deep))))
            }
            ("createelement", [name, uri @ ..]) if uri.len() < 2 => {
                let made = Node::new(Kind::Element, &name.text(), "");
                *made.made_in.borrow_mut() =
                    Some(uri.first().map_or_else(String::new, Value::text));
                Ok(Self::value(&made))
            }
            ("createattribute", [name]) => {
                Ok(Self::value(&Node::new(Kind::Attribute, &name.text(), "")))
            }
            ("createtextnode", [text]) => {
                Ok(Self::value(&Node::new(Kind::Text, "#text", &text.text())))
            }
            ("createcomment", [text]) => Ok(Self::value(&Node::new(
                Kind::Comment,
                "#comment",
                &text.text(),
            ))),
            ("createcdatasection", [text]) => Ok(Self::value(&Node::new(
                Kind::CData,
                "#cdata-section",
                &text.text(),
            ))),
            ("createxmldeclaration", [version, encoding, _]) => {
                let encoding = encoding.text();
                let encoding = if encoding.is_empty() {
                    String::new()
                } else {
                    format!(" encoding=\"{encoding}\"")
                };
                Ok(Self::value(&Node::new(
                    Kind::Declaration,
                    "xml",
                    &format!("xml version=\"{}\"{encoding}", version.text()),
                )))
            }
            ("setattributenode", [attribute]) => node_of(attribute).map(|own| {
                node.set_attribute(&own.name, &own.text.borrow());
                attribute.clone()
            }),
            ("load", [path]) => {
                let full = place::absolute(&engine.location, &path.text());
                std::fs::read(place::real(&full))
                    .map_err(|error| super::file::io_error(&error, &full))
                    .and_then(|bytes| self.load(&place::decode(&bytes)))
            }
            ("loadxml", [text]) => self.load(&text.text()),
            ("save", [path]) => {
                let full = place::absolute(&engine.location, &path.text());
                std::fs::write(place::real(&full), node.indented())
                    .map(|()| Value::Nothing)
                    .map_err(|error| super::file::io_error(&error, &full))
            }
            _ => return None,
        })
    }

    fn properties(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .0
            .attributes
            .borrow()
            .iter()
            .map(|own| own.name.clone())
            .collect();
        for child in self.0.children.borrow().iter() {
            if !names.contains(&child.name) {
                names.push(child.name.clone());
            }
        }
        names
    }

    fn equal(&self, other: &Value) -> Option<bool> {
        match other {
            Value::Net(_) => Some(
                other
                    .downcast::<Self>()
                    .is_some_and(|other| Rc::ptr_eq(&self.0, &other.0)),
            ),
            other => Some(self.text() == other.text()),
        }
    }

    fn hash_key(&self) -> Option<String> {
        Some(format!("{:p}", Rc::as_ptr(&self.0)))
    }
}

impl XmlNode {
    fn load(&self, text: &str) -> R<Value> {
        let document = tree::parse(text, self.0.keeps_space.get())
            .map_err(|message| method_error("System.Xml.XmlException", message))?;
        self.0.children.borrow_mut().clear();
        let children = document.children.borrow().clone();
        for child in children {
            self.0.append(&child);
        }
        Ok(Value::Nothing)
    }
}
