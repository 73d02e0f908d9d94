//! One table of the file, read key by key. A wrong type is reported and then counts as absent.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::super::keys;
use super::super::problem::Report;
use super::{Span, type_name};

pub(super) struct Section<'d, 'i> {
    /// As in the key table: `network.inject`.
    path: &'static str,
    table: &'d DeTable<'i>,
    /// The table's header.
    pub(super) span: Span,
}

impl<'d, 'i> Section<'d, 'i> {
    pub(super) fn new(path: &'static str, table: &'d DeTable<'i>, span: Span) -> Section<'d, 'i> {
        Section { path, table, span }
    }

    pub(super) fn refuse_unknown_keys(&self, report: &mut Report<'_>) {
        let known = keys::keys();
        for (key, _) in self.table.iter() {
            let written = key.get_ref();
            if !known
                .iter()
                .any(|known| known.section == self.path && known.key == written)
            {
                let place = match self.path {
                    "" => "at the top of a policy".to_owned(),
                    path => format!("in [{path}]"),
                };
                let help = keys::suggestion(self.path, written);
                report.error(
                    &key.span(),
                    format!("there is no key `{}` {place}", written.escape_debug()),
                    help,
                );
            }
        }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    pub(super) fn value(&self, key: &str) -> Option<&'d Spanned<DeValue<'i>>> {
        self.table.get(key)
    }

    /// Where a key stands, or the header if it doesn't.
    pub(super) fn key_span(&self, key: &str) -> Span {
        self.table
            .get_key_value(key)
            .map_or_else(|| self.span.clone(), |(key, _)| key.span())
    }

    pub(super) fn entries(
        &self,
    ) -> impl Iterator<Item = (&'d str, Span, &'d Spanned<DeValue<'i>>)> + use<'d, 'i> {
        self.table
            .iter()
            .map(|(key, value)| (key.get_ref().as_ref(), key.span(), value))
    }

    /// Reports that a key is missing, with a line to write.
    pub(super) fn missing(&self, report: &mut Report<'_>, key: &str) {
        let place = match self.path {
            "" => "the policy".to_owned(),
            "files" | "network" => format!("this [[{}]]", self.path),
            path => format!("[{path}]"),
        };
        let help = format!("write {}", keys::example(self.path, key));
        report.error(&self.span, format!("`{key}` is missing from {place}"), help);
    }

    pub(super) fn text(&self, report: &mut Report<'_>, key: &str) -> Option<(&'d str, Span)> {
        let value = self.value(key)?;
        match value.get_ref() {
            DeValue::String(text) => Some((text.as_ref(), value.span())),
            other => {
                self.wrong_type(report, key, "text in quotes", other, value.span());
                None
            }
        }
    }

    /// Reads text that must be there.
    pub(super) fn required_text(
        &self,
        report: &mut Report<'_>,
        key: &str,
    ) -> Option<(&'d str, Span)> {
        if !self.has(key) {
            self.missing(report, key);
        }
        self.text(report, key)
    }

    pub(super) fn boolean(&self, report: &mut Report<'_>, key: &str) -> Option<(bool, Span)> {
        let value = self.value(key)?;
        match value.get_ref() {
            DeValue::Boolean(claim) => Some((*claim, value.span())),
            other => {
                self.wrong_type(report, key, "true or false", other, value.span());
                None
            }
        }
    }

    /// Reads a list of texts. `None` if it is absent or no list; wrong items are reported and left out.
    pub(super) fn texts(&self, report: &mut Report<'_>, key: &str) -> Option<Vec<(&'d str, Span)>> {
        let items = self.list(report, key, "a list of texts")?;
        let mut texts = Vec::new();
        for item in items {
            match item.get_ref() {
                DeValue::String(text) => texts.push((text.as_ref(), item.span())),
                other => self.wrong_type(report, key, "a list of texts", other, item.span()),
            }
        }
        Some(texts)
    }

    pub(super) fn list(
        &self,
        report: &mut Report<'_>,
        key: &str,
        expected: &str,
    ) -> Option<Vec<&'d Spanned<DeValue<'i>>>> {
        let value = self.value(key)?;
        match value.get_ref() {
            DeValue::Array(items) => Some(items.iter().collect()),
            other => {
                self.wrong_type(report, key, expected, other, value.span());
                None
            }
        }
    }

    /// Reads `[path]`.
    pub(super) fn section(
        &self,
        report: &mut Report<'_>,
        key: &str,
        path: &'static str,
    ) -> Option<Section<'d, 'i>> {
        let value = self.value(key)?;
        match value.get_ref() {
            DeValue::Table(table) => Some(Section::new(path, table, value.span())),
            DeValue::Array(_) => {
                let help = format!("write [{path}] once, with single brackets");
                report.error(&self.key_span(key), format!("`{key}` is one table"), help);
                None
            }
            other => {
                self.wrong_type(report, key, "a table", other, value.span());
                None
            }
        }
    }

    /// Reads every `[[path]]`.
    pub(super) fn sections(
        &self,
        report: &mut Report<'_>,
        key: &str,
        path: &'static str,
    ) -> Vec<Section<'d, 'i>> {
        let mut sections = Vec::new();
        let Some(value) = self.value(key) else {
            return sections;
        };
        match value.get_ref() {
            DeValue::Array(items) => {
                for item in items.iter() {
                    match item.get_ref() {
                        DeValue::Table(table) => {
                            sections.push(Section::new(path, table, item.span()))
                        }
                        other => {
                            self.wrong_type(report, key, "a list of tables", other, item.span())
                        }
                    }
                }
            }
            DeValue::Table(_) => {
                let help = format!("write [[{path}]], with double brackets");
                report.error(&value.span(), format!("`{key}` is a list of tables"), help);
            }
            other => self.wrong_type(report, key, "a list of tables", other, value.span()),
        }
        sections
    }

    fn wrong_type(
        &self,
        report: &mut Report<'_>,
        key: &str,
        expected: &str,
        found: &DeValue<'_>,
        span: Span,
    ) {
        let example = keys::example(self.path, key);
        let help = match example.is_empty() {
            // The keys of [env] are the author's own.
            true => format!("write {key} = \"…\""),
            false => format!("write {example}"),
        };
        report.error(
            &span,
            format!("`{key}` must be {expected}, not {}", type_name(found)),
            help,
        );
    }
}
