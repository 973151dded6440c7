//! A table of records, as the profile has it.

use domain::{CustomField, Kind};
use toml::{Table, Value};

use super::compile::{key_of, plain, text};
use super::{MappedRecords, mappable};

impl MappedRecords {
    /// Tells what is wrong with it, the one at this place of the mapping's.
    pub(super) fn check(&self, at: usize, own: &[CustomField], fault: &mut impl FnMut(String)) {
        let place = format!("records[{at}] ({})", self.kind);
        let Some(kind) = Kind::parse(&self.kind).filter(|kind| *kind != Kind::Opportunity) else {
            let known = Kind::ALL.into_iter().filter(|kind| *kind != Kind::Opportunity).map(Kind::as_str);
            let known: Vec<_> = known.collect();
            return fault(format!("{place}: there is no such kind of records; there are: {}", known.join(", ")));
        };
        if self.key.is_empty() {
            fault(format!(
                "{place}.key: no column tells one record from another; name one, or several that do so together"
            ));
        }
        let is_known =
            |name: &str| mappable(kind).any(|def| def.name == name) || crate::profile::own(own, kind, name).is_some();
        for name in self.fields.keys().filter(|name| !is_known(name)) {
            let own = own.iter().filter(|own| own.kind == kind && !own.retired).map(|own| own.name.as_str());
            let known: Vec<_> = mappable(kind).map(|def| def.name).chain(own).collect();
            fault(format!("{place}.fields: {} has no field `{name}`; it has: {}", kind.as_str(), known.join(", ")));
        }
    }

    /// Its part of the profile, which calls its table so.
    pub(super) fn compiled(&self, table: &str) -> Value {
        let mut records = Table::new();
        records.insert("kind".into(), text(&self.kind));
        records.insert("table".into(), text(table));
        records.insert("key".into(), key_of(&self.key));
        if self.repeats {
            records.insert("duplicates".into(), text("same"));
        }
        let fields = self.fields.iter().map(|(name, field)| (name.clone(), plain(field)));
        records.insert("fields".into(), Value::Table(fields.collect()));
        Value::Table(records)
    }
}
