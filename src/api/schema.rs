//! What bodies look like, as JSON Schema 2020-12 (the dialect of OpenAPI 3.1), from the types that read and write them.
//!
//! The server is lenient where Octopus's is, and the schemas say so: `null` means that something isn't said, and what
//! isn't known is kept.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// A moment, as RFC 3339 writes it.
pub(super) struct Time;

impl JsonSchema for Time {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Time".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// Collects the schemas of all types that operations name.
pub(super) struct Schemas {
    generator: SchemaGenerator,
}

impl Default for Schemas {
    fn default() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        });
        Self {
            generator: settings.into_generator(),
        }
    }
}

impl Schemas {
    /// A reference to the schema of a type.
    pub(super) fn of<T: JsonSchema>(&mut self) -> Value {
        self.generator.subschema_for::<T>().to_value()
    }

    /// Every schema that was referred to, by name.
    pub(super) fn all(mut self) -> Map<String, Value> {
        let definitions = self.generator.take_definitions(true);
        let lenient = definitions.into_iter().map(|(name, mut schema)| {
            soften(&mut schema);
            (name, schema)
        });
        lenient.collect()
    }
}

/// A page of a list.
pub(super) fn page(item: &Value) -> Value {
    json!({
        "type": "object",
        "required": ["ItemType", "TotalResults", "ItemsPerPage", "Items"],
        "properties": {
            "ItemType": { "type": "string" },
            "TotalResults": { "type": "integer", "minimum": 0 },
            "ItemsPerPage": { "type": "integer", "minimum": 0 },
            "NumberOfPages": { "type": "integer", "minimum": 0 },
            "LastPageNumber": { "type": "integer", "minimum": 0 },
            "Items": { "type": "array", "items": item },
            "Links": { "type": "object" },
        },
    })
}

/// A bare array.
pub(super) fn array(item: &Value) -> Value {
    json!({ "type": "array", "items": item })
}

/// The greatest number of a format, which says nothing to who reads only the schema.
fn greatest(format: &str) -> Option<Value> {
    match format {
        "int32" => Some(i32::MAX.into()),
        "uint32" => Some(u32::MAX.into()),
        "int64" => Some(i64::MAX.into()),
        "uint64" => Some(u64::MAX.into()),
        _ => None,
    }
}

/// Lets every property be `null`, leaves out what only the database has, and bounds numbers.
fn soften(schema: &mut Value) {
    match schema {
        Value::Object(parts) => {
            let format = parts.get("format").and_then(Value::as_str);
            if let Some(maximum) = format.and_then(greatest) {
                parts.entry("maximum").or_insert(maximum);
            }
            if let Some(Value::Object(properties)) = parts.get_mut("properties") {
                properties.remove(crate::model::names::SEALED);
                for property in properties.values_mut() {
                    soften(property);
                    *property = json!({ "anyOf": [property.take(), { "type": "null" }] });
                }
            }
            let others = parts.iter_mut().filter(|(name, _)| *name != "properties");
            others.for_each(|(_, part)| soften(part));
        }
        Value::Array(items) => items.iter_mut().for_each(soften),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
