//! Whether the names inside a profile fit together.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use domain::field::{self, FieldType};
use domain::{Currency, CustomField, Day, Kind, Outcome};

use super::spec::{ChangeSpec, DealSpec, Duplicates, FieldSpec, MapSpec, Missing, Spec};
use super::{ProcessSource, Profile};
use crate::issue::{Fault, Refusal};
use crate::plan::may_be_made;

struct Checker<'a> {
    spec: &'a Spec,
    origin: &'a str,
    own: &'a [CustomField],
    faults: Vec<Fault>,
}

/// Fields of deals that have keys of their own in `[deals]`.
const OWN_KEYS: [&str; 3] = ["stage", "outcome", "process"];

pub(super) fn checked(spec: Spec, origin: &str, own: &[CustomField]) -> Result<Profile, Refusal> {
    let mut checker = Checker { spec: &spec, origin, own, faults: Vec::new() };
    let currency = Currency::parse(&spec.currency);
    if let Err(error) = &currency {
        checker.fault(format!("currency: {error}"));
    }
    let zone: Result<Tz, _> = spec.zone.parse();
    if zone.is_err() {
        checker.fault(format!("zone: `{}` is no time zone; write one such as Asia/Shanghai or UTC", spec.zone));
    }
    let exported_on = Day::parse(&spec.exported_on);
    if exported_on.is_none() && !["last-change", super::OF_IMPORT].contains(&spec.exported_on.as_str()) {
        let found = &spec.exported_on;
        checker.fault(format!("exported_on: `{found}` is neither YYYY-MM-DD, nor `import`, nor `last-change`"));
    }
    let process = checker.process();
    checker.tables();
    checker.records();
    if let Some(deals) = &spec.deals {
        checker.deals(deals);
    }
    for change in &spec.changes {
        checker.change(change);
    }
    if spec.deals.is_none() && spec.changes.is_empty() && spec.records.is_empty() {
        let message = "there are neither `[deals]` nor `[[changes]]` nor `[[records]]`: nothing would go in";
        checker.fault(message.to_owned());
    }
    checker.checks();
    let faults = checker.faults;
    match (currency, zone, process) {
        (Ok(currency), Ok(zone), Some(process)) if faults.is_empty() => {
            Ok(Profile { currency, zone, exported_on, process, spec, own: own.to_vec() })
        }
        _ => Err(Refusal { faults }),
    }
}

impl Checker<'_> {
    fn fault(&mut self, message: String) {
        self.faults.push(Fault::Profile { profile: self.origin.to_owned(), line: None, message });
    }

    fn process(&mut self) -> Option<ProcessSource> {
        match &self.spec.process {
            toml::Value::String(key) => Some(ProcessSource::Key(key.clone())),
            toml::Value::Table(table) => match toml::to_string(table) {
                Ok(text) => Some(ProcessSource::Inline(text)),
                Err(error) => {
                    self.fault(format!("process: {error}"));
                    None
                }
            },
            _ => {
                self.fault("process: the key of a ready-made process or a table is expected".to_owned());
                None
            }
        }
    }

    fn tables(&mut self) {
        for (name, table) in &self.spec.tables {
            if table.files.is_empty() {
                self.fault(format!("tables.{name}: `files` is empty"));
            }
            if table.delimiter.is_some_and(|delimiter| !delimiter.is_ascii() || delimiter == '"') {
                self.fault(format!("tables.{name}: the delimiter has to be one ASCII character, and no quote"));
            }
            if table.header_row == Some(0) {
                self.fault(format!("tables.{name}: rows are counted from 1, so there is no `header_row` 0"));
            }
            for join in &table.joins {
                match self.spec.tables.get(&join.table) {
                    None => self.fault(format!("tables.{name}: it joins `{}`, which is no table", join.table)),
                    Some(other) if !other.joins.is_empty() && join.table == *name => {
                        self.fault(format!("tables.{name}: it joins itself"));
                    }
                    Some(_) => {}
                }
            }
        }
    }

    fn table(&mut self, place: &str, name: &str) {
        if !self.spec.tables.contains_key(name) {
            let known: Vec<_> = self.spec.tables.keys().cloned().collect();
            self.fault(format!("{place}: `{name}` is no table; there are: {}", known.join(", ")));
        }
    }

    fn records(&mut self) {
        for (index, record) in self.spec.records.iter().enumerate() {
            let place = format!("records[{index}] ({})", record.kind);
            self.table(&place, &record.table);
            match Kind::parse(&record.kind) {
                Some(Kind::Opportunity) => self.fault(format!("{place}: deals belong under `[deals]`")),
                Some(kind) => self.fields(&place, kind, &record.fields),
                None => {
                    let known: Vec<_> = Kind::ALL.into_iter().map(Kind::as_str).collect();
                    self.fault(format!("{place}: there is no such kind; there are: {}", known.join(", ")));
                }
            }
            self.source(&format!("{place}.key"), &record.key, true);
        }
    }

    fn deals(&mut self, deals: &DealSpec) {
        self.table("deals", &deals.table);
        for (name, field) in [
            ("key", Some(&deals.key)),
            ("created", deals.created.as_ref()),
            ("stage", deals.stage.as_ref()),
            ("outcome", deals.outcome.as_ref()),
            ("closed", deals.closed.as_ref()),
        ] {
            if let Some(field) = field {
                self.source(&format!("deals.{name}"), field, name == "key");
            }
        }
        self.fields("deals", Kind::Opportunity, &deals.fields);
        for name in deals.fields.keys().filter(|name| OWN_KEYS.contains(&name.as_str())) {
            self.fault(format!("deals.fields: `{name}` is set by a key of its own, not as a field"));
        }
        for name in &deals.from_start {
            if !deals.fields.contains_key(name) {
                self.fault(format!("deals.from_start: `{name}` is not among the fields"));
            }
        }
        if let Some(line) = &deals.line {
            self.fields("deals.line", Kind::DealLine, line);
        }
    }

    fn change(&mut self, change: &ChangeSpec) {
        let place = format!("changes ({})", change.table);
        self.table(&place, &change.table);
        self.source(&format!("{place}.deal"), &change.deal, true);
        self.source(&format!("{place}.at"), &change.at, false);
        self.fields(&place, Kind::Opportunity, &change.fields);
        match (&change.field, &change.value) {
            (None, None) if change.values.is_empty() && !change.fields.is_empty() => {}
            (Some(_), Some(_)) if !change.values.is_empty() && change.fields.is_empty() => {}
            _ => self.fault(format!(
                "{place}: give either `fields` (one column a field), or `field`, `value` and `values` (rows of \
                 field and value)"
            )),
        }
        if change.duplicates == Duplicates::Separate {
            self.fault(format!(
                "{place}: changes of two deals with one key cannot be told apart: `separate` is impossible"
            ));
        }
        for (name, value) in &change.values {
            let place = format!("{place}.values.{name}");
            for (field, source) in &value.set {
                let plain = source.column.is_none() && source.constant.is_none() && source.columns.is_empty();
                let with_column = FieldSpec { column: change.value.clone(), ..source.clone() };
                let source = if plain { &with_column } else { source };
                self.field(&place, Kind::Opportunity, field, source);
            }
            if !value.created && value.set.is_empty() {
                self.fault(format!("{place}: it sets nothing; name it under `ignore` instead"));
            }
        }
    }

    fn fields(&mut self, place: &str, kind: Kind, fields: &BTreeMap<String, FieldSpec>) {
        for (name, source) in fields {
            self.field(&format!("{place}.fields"), kind, name, source);
        }
    }

    fn field(&mut self, place: &str, kind: Kind, name: &str, source: &FieldSpec) {
        let place = format!("{place}.{name}");
        let own = || super::own(self.own, kind, name).map(|own| own.ty);
        let Some(ty) = field::named(kind, name).map(|def| def.ty).or_else(own) else {
            let own = self.own.iter().filter(|own| own.kind == kind && !own.retired).map(|own| own.name.as_str());
            let known: Vec<&str> = field::of(kind).map(|def| def.name).chain(own).collect();
            self.fault(format!("{place}: {} has no such field; it has: {}", kind.as_str(), known.join(", ")));
            return;
        };
        self.source(&place, source, ty == FieldType::Json);
        if ty == FieldType::Process {
            self.fault(format!("{place}: the process is set by the profile as a whole"));
        }
        match (source.missing, ty) {
            (None, _) => {}
            (Some(Missing::Create), FieldType::Ref(kind)) if !may_be_made(kind) => {
                self.fault(format!("{place}: {} cannot be made from a mere mention", kind.with_article()));
            }
            (Some(_), FieldType::Ref(_)) => {}
            (Some(_), _) => self.fault(format!("{place}: `missing` is for references to other records only")),
        }
        if source.percent && ty != FieldType::Ppm {
            self.fault(format!("{place}: `percent` is for probabilities only"));
        }
    }

    /// `several`: it may be made of several columns, as keys and JSON fields are.
    fn source(&mut self, place: &str, source: &FieldSpec, several: bool) {
        let given = [source.column.is_some(), source.constant.is_some(), !source.columns.is_empty()];
        if given.into_iter().filter(|given| *given).count() != 1 {
            self.fault(format!("{place}: give exactly one of `column`, `constant` and (for keys and JSON) `columns`"));
        }
        if !source.columns.is_empty() && !several {
            self.fault(format!("{place}: `columns` is for keys and JSON fields only"));
        }
        if let Some(MapSpec::Named(name)) = &source.map
            && !self.spec.maps.contains_key(name)
        {
            self.fault(format!("{place}: there is no map `{name}` under `[maps]`"));
        }
        for word in source.only.iter().filter(|word| Outcome::parse(word).is_none()) {
            self.fault(format!("{place}.only: `{word}` is no outcome (open, won, lost, cancelled, parked)"));
        }
        if source.times.is_some_and(|times| times <= 0) {
            self.fault(format!("{place}: `times` has to be a positive whole number"));
        }
    }

    fn checks(&mut self) {
        for check in &self.spec.checks {
            let place = format!("checks ({})", check.name);
            self.table(&place, &check.table);
            let by_product = check.product.len() >= 2 && check.is.is_some() && check.equal.is_empty();
            let by_text = check.equal.len() == 2 && check.product.is_empty() && check.is.is_none();
            if !by_product && !by_text {
                self.fault(format!(
                    "{place}: give two fields as `equal`, or at least two columns as `product` with `is`"
                ));
            }
            for source in &check.equal {
                self.source(&place, source, false);
            }
        }
    }
}
