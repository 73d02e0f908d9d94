//! `.Attributes` of an element: found by name or by number.

use std::rc::Rc;

use super::{Node, XmlNode};
use crate::eval::Engine;
use crate::net_any;
use crate::value::{Net, R, Value, to_int};

struct Attributes(Rc<Node>);

pub fn of(element: &Rc<Node>) -> Value {
    Value::net(Attributes(Rc::clone(element)))
}

impl Attributes {
    fn named(&self, name: &str) -> Value {
        let found = self.0.attribute(name);
        found.map_or(Value::Null, |found| XmlNode::value(&found))
    }
}

impl Net for Attributes {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Xml.XmlAttributeCollection"
    }

    fn get(&self, name: &str) -> Option<Value> {
        (name == "count").then(|| Value::from(self.0.attributes.borrow().len()))
    }

    fn items(&self) -> Option<Vec<Value>> {
        let attributes = self.0.attributes.borrow();
        Some(attributes.iter().map(XmlNode::value).collect())
    }

    fn index(&self, index: &Value) -> Option<R<Value>> {
        if let Value::Str(name) = index {
            return Some(Ok(self.named(name)));
        }
        Some(to_int(index).map(|at| {
            let attributes = self.0.attributes.borrow();
            let found = usize::try_from(at).ok().and_then(|at| attributes.get(at));
            found.map_or(Value::Null, XmlNode::value)
        }))
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        let [wanted] = args else { return None };
        if let ("append" | "setnameditem", Some(node)) = (name, wanted.downcast::<XmlNode>()) {
            self.0.set_attribute(&node.0.name, &node.0.text.borrow());
            return Some(Ok(wanted.clone()));
        }
        let wanted = wanted.text();
        match name {
            "getnameditem" => Some(Ok(self.named(&wanted))),
            "removenameditem" => {
                let removed = self.named(&wanted);
                let mut attributes = self.0.attributes.borrow_mut();
                attributes.retain(|own| own.name != wanted);
                Some(Ok(removed))
            }
            _ => None,
        }
    }
}
