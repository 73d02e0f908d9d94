//! `PSPropertySet`: names of properties under one name. As `DefaultDisplayPropertySet` among an object's
//! `PSStandardMembers`, it says which properties are shown by default.

use std::rc::Rc;

use super::TypeInfo;
use crate::net_any;
use crate::value::{Net, Value};

const NAME: &str = "System.Management.Automation.PSPropertySet";
const MEMBER: &str = "System.Management.Automation.PSMemberInfo";

pub const INFO: TypeInfo = TypeInfo {
    bases: &[MEMBER],
    create: Some(|_, args| match args {
        [name, names] => Some(Ok(Value::net(PropertySet {
            name: name.text(),
            names: names
                .to_items()
                .iter()
                .map(|name| Rc::from(name.text()))
                .collect(),
        }))),
        _ => None,
    }),
    ..TypeInfo::named(NAME, &["PSPropertySet"])
};

pub const MEMBER_INFO: TypeInfo = TypeInfo::named(MEMBER, &["PSMemberInfo"]);

pub struct PropertySet {
    pub name: String,
    pub names: Rc<[Rc<str>]>,
}

impl Net for PropertySet {
    net_any!();

    fn type_name(&self) -> &str {
        NAME
    }

    fn bases(&self) -> Vec<String> {
        vec![MEMBER.to_owned()]
    }

    fn text(&self) -> String {
        format!("{} {{{}}}", self.name, self.names.join(", "))
    }

    fn get(&self, name: &str) -> Option<Value> {
        Some(match name {
            "name" => Value::from(self.name.as_str()),
            "referencedpropertynames" => Value::strings(self.names.iter()),
            _ => return None,
        })
    }

    fn properties(&self) -> Vec<String> {
        ["ReferencedPropertyNames", "Name"]
            .map(str::to_owned)
            .to_vec()
    }
}
