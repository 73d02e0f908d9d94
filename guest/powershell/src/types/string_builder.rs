//! `[System.Text.StringBuilder]`

use std::cell::RefCell;
use std::rc::Rc;

use super::TypeInfo;
use crate::eval::Engine;
use crate::net_any;
use crate::value::{Net, R, Value, to_int};

pub const INFO: TypeInfo = TypeInfo {
    create: Some(|_, args| {
        let text = args
            .first()
            .filter(|arg| !arg.is_number())
            .map(Value::text)
            .unwrap_or_default();
        Some(Ok(Value::net(StringBuilder {
            text: RefCell::new(text),
        })))
    }),
    ..TypeInfo::named("System.Text.StringBuilder", &[])
};

pub struct StringBuilder {
    text: RefCell<String>,
}

impl Net for StringBuilder {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Text.StringBuilder"
    }

    fn text(&self) -> String {
        self.text.borrow().clone()
    }

    fn get(&self, name: &str) -> Option<Value> {
        match name {
            "length" => Some(Value::from(super::string::length(&self.text.borrow()))),
            "capacity" => Some(Value::from(self.text.borrow().capacity())),
            _ => None,
        }
    }

    fn index(&self, index: &Value) -> Option<R<Value>> {
        let found = to_int(index).map(|at| {
            let text = self.text.borrow();
            let found = usize::try_from(at).ok().and_then(|at| text.chars().nth(at));
            found.map_or(Value::Null, Value::Char)
        });
        Some(found)
    }

    fn set(&self, name: &str, value: &Value) -> Option<R<()>> {
        (name == "length").then(|| {
            to_int(value).map(|n| {
                let kept: String = self.text.borrow().chars().take(n.max(0) as usize).collect();
                *self.text.borrow_mut() = kept;
            })
        })
    }

    fn call(self: Rc<Self>, engine: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        match (name, args) {
            ("append", [value]) => match engine.text(value) {
                Ok(text) => self.text.borrow_mut().push_str(&text),
                Err(ctl) => return Some(Err(ctl)),
            },
            ("append", [c, n]) => match to_int(n) {
                Ok(n) => self
                    .text
                    .borrow_mut()
                    .push_str(&c.text().repeat(n.max(0) as usize)),
                Err(ctl) => return Some(Err(ctl)),
            },
            ("appendline", []) => self.text.borrow_mut().push('\n'),
            ("appendline", [value]) => {
                let text = value.text();
                self.text.borrow_mut().push_str(&text);
                self.text.borrow_mut().push('\n');
            }
            ("appendformat", [template, rest @ ..]) => {
                match crate::format::composite::format(
                    engine,
                    template,
                    &Value::from(rest.to_vec()),
                ) {
                    Ok(text) => self.text.borrow_mut().push_str(&text.text()),
                    Err(ctl) => return Some(Err(ctl)),
                }
            }
            ("appendjoin", [separator, rest @ ..]) => {
                let items = match rest {
                    [one] => one.to_items(),
                    several => several.to_vec(),
                };
                let texts: Vec<String> = items.iter().map(Value::text).collect();
                let joined = texts.join(&separator.text());
                self.text.borrow_mut().push_str(&joined);
            }
            ("insert", [at, text]) => match to_int(at) {
                Ok(at) => self
                    .text
                    .borrow_mut()
                    .insert_str(at.max(0) as usize, &text.text()),
                Err(ctl) => return Some(Err(ctl)),
            },
            ("replace", [from, to]) => {
                let replaced = self.text.borrow().replace(&from.text(), &to.text());
                *self.text.borrow_mut() = replaced;
            }
            ("remove", [at, n]) => match (to_int(at), to_int(n)) {
                (Ok(at), Ok(n)) => {
                    let text = self.text.borrow().clone();
                    match super::string::substring(&text, 0, Some(at))
                        .and_then(|head| Ok(head + &super::string::substring(&text, at + n, None)?))
                    {
                        Ok(kept) => *self.text.borrow_mut() = kept,
                        Err(ctl) => return Some(Err(ctl)),
                    }
                }
                (Err(ctl), _) | (_, Err(ctl)) => return Some(Err(ctl)),
            },
            ("clear", []) => self.text.borrow_mut().clear(),
            ("tostring", []) => return Some(Ok(Value::from(self.text()))),
            _ => return None,
        }
        Some(Ok(Value::Net(self)))
    }
}
