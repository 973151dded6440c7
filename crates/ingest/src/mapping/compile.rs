//! From a mapping to the text of a profile.

use std::collections::BTreeMap;

use domain::field::{self, FieldType};
use domain::process::{Level, StageRole};
use domain::{CustomField, Kind, Outcome};
use toml::{Table, Value};

use super::{
    History, MappedField, MappedProcess, MappedRecords, Mapping, Milestone, OwnProcess, TableChoice, target_fields,
};
use crate::Profile;
use crate::issue::{Fault, Refusal};

/// The name of the table of deals in the profile.
pub(super) const DEALS: &str = "deals";
/// The name of the table of changes in the profile.
pub(super) const CHANGES: &str = "changes";
/// Fields that are taken to hold from the creation on, because a table without history has one value of them.
const FROM_START: [&str; 3] = ["amount_minor", "owner", "team"];
/// What a second row of one deal may be, where it does not stay out.
const DUPLICATES: [&str; 2] = ["separate", "continue"];
/// Fields that are keys of `[deals]`, and not among its `fields`.
const OWN_KEYS: [&str; 4] = ["stage", "outcome", "created", "closed"];

impl Mapping {
    /// The text of the profile that this mapping is: a file to be kept, changed, and run by its path.
    ///
    /// # Errors
    /// [`Fault::Profile`] for every contradiction.
    pub fn to_toml(&self) -> Result<String, Refusal> {
        self.to_toml_with(&[])
    }

    /// The text of the profile that this mapping is, where it may name fields of the organisation's own.
    ///
    /// # Errors
    /// As [`Mapping::to_toml`].
    pub fn to_toml_with(&self, own: &[CustomField]) -> Result<String, Refusal> {
        let is_own = |name: &str| crate::profile::own(own, Kind::Opportunity, name).is_some();
        let mut faults = Vec::new();
        let mut fault = |message: String| {
            faults.push(Fault::Profile { profile: self.name.clone(), line: None, message });
        };
        if self.name.trim().is_empty() {
            fault("name: it is empty".to_owned());
        }
        if self.table.is_none() {
            if self.records.is_empty() {
                fault("table: there is neither a table of deals nor one of other records".to_owned());
            }
            if !(self.key.is_empty() && self.fields.is_empty() && self.keep.is_empty() && self.history.is_none()) {
                fault("table: there is no table of deals, and something is said of their columns".to_owned());
            }
            for Milestone { column, .. } in &self.milestones {
                fault(format!("milestones: there is no table of deals, and “{column}” tells how they went on"));
            }
        } else if self.key.is_empty() {
            fault("key: no column tells one deal from another; name one, or several that do so together".to_owned());
        }
        for name in self.fields.keys().filter(|name| !is_target(name) && !is_own(name)) {
            let of_deals = own.iter().filter(|own| own.kind == Kind::Opportunity && !own.retired);
            let of_deals = of_deals.map(|own| own.name.as_str());
            let known: Vec<_> = target_fields().iter().skip(1).map(|field| field.name).chain(of_deals).collect();
            fault(format!("fields: there is no field `{name}`; there are: {}", known.join(", ")));
        }
        if let Some(wrong) = self.duplicates.as_ref().filter(|word| !DUPLICATES.contains(&word.as_str())) {
            fault(format!("duplicates: `{wrong}` is none of: {}", DUPLICATES.join(", ")));
        }
        for (at, records) in self.records.iter().enumerate() {
            records.check(at, own, &mut fault);
        }
        for name in self.tables.keys() {
            if [DEALS, CHANGES].contains(&name.as_str()) {
                fault(format!("tables.{name}: another table is called so"));
            }
        }
        if let Some(history) = &self.history {
            for name in history
                .fields
                .keys()
                .filter(|name| !(is_target(name) || is_own(name)) || matches!(name.as_str(), "created" | "closed"))
            {
                fault(format!("history.fields: a change cannot set `{name}`"));
            }
        }
        for Milestone { column, stage, outcome } in &self.milestones {
            if stage.is_none() && outcome.is_none() {
                fault(format!("milestones: “{column}” says neither a stage nor an outcome"));
            }
            if let Some(wrong) = outcome.as_ref().filter(|word| Outcome::ALL.iter().all(|one| one.as_str() != **word)) {
                let known: Vec<_> = Outcome::ALL.iter().map(|outcome| outcome.as_str()).collect();
                fault(format!("milestones: “{column}” says `{wrong}`; outcomes are: {}", known.join(", ")));
            }
        }
        for (name, alias) in self.aliases.iter().filter(|(_, alias)| alias.is_empty() || alias.contains('.')) {
            fault(format!("aliases.{name}: `{alias}` stands before a dot, so it has to be a word without one"));
        }
        if !faults.is_empty() {
            return Err(Refusal { faults });
        }
        let text = toml::to_string(&self.root()).map_err(|error| {
            Refusal::from(Fault::Profile { profile: self.name.clone(), line: None, message: error.to_string() })
        })?;
        Ok(text)
    }

    /// Its tables by the names that the profile has for them.
    pub fn all_tables(&mut self) -> Vec<(String, &mut TableChoice)> {
        let names = self.record_names();
        let mut tables: Vec<(String, &mut TableChoice)> = Vec::new();
        tables.extend(self.table.as_mut().map(|table| (DEALS.to_owned(), table)));
        let changes = self.history.as_mut().and_then(|history| history.table.as_mut());
        tables.extend(changes.map(|table| (CHANGES.to_owned(), table)));
        tables.extend(names.into_iter().zip(self.records.iter_mut().map(|records| &mut records.table)));
        tables.extend(self.tables.iter_mut().map(|(name, table)| (name.clone(), table)));
        tables
    }

    /// What the profile calls the tables of [`Mapping::records`]: after what they hold, and as no other table.
    pub(super) fn record_names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for MappedRecords { kind, .. } in &self.records {
            let numbered = (2..).map(|number| format!("{kind}_{number}"));
            let mut candidates = [kind.clone()].into_iter().chain(numbered);
            let is_free = |name: &String| !names.contains(name) && !self.tables.contains_key(name);
            names.extend(candidates.find(is_free));
        }
        names
    }

    /// The profile that this mapping is.
    ///
    /// # Errors
    /// [`Refusal`] with every contradiction.
    pub fn to_profile(&self) -> Result<Profile, Refusal> {
        Profile::parse(&self.to_toml()?, &self.name)
    }

    fn root(&self) -> Table {
        let mut root = Table::new();
        let first = self.table.as_ref().or_else(|| Some(&self.records.first()?.table));
        let file = first.map_or("", |table| table.file.as_str());
        root.insert("name".into(), text(&self.name));
        root.insert("title".into(), both(&self.name, &self.name));
        root.insert(
            "description".into(),
            both(&format!("由 {file} 的列映射而来。"), &format!("Mapped from the columns of {file}.")),
        );
        root.insert("currency".into(), text(&self.currency));
        root.insert("zone".into(), text(&self.zone));
        root.insert("exported_on".into(), text(&self.exported_on));
        if !self.dates.is_empty() {
            root.insert("dates".into(), texts(&self.dates));
        }
        if self.decimal_comma {
            root.insert("decimal".into(), text("comma"));
        }
        if !self.empty.is_empty() {
            root.insert("empty".into(), texts(&self.empty));
        }
        root.insert(
            "process".into(),
            match &self.process {
                MappedProcess::Key(key) => text(key),
                MappedProcess::Own(process) => own_process(process),
            },
        );
        root.insert("tables".into(), Value::Table(self.profile_tables()));
        let records = self.records.iter().zip(self.record_names());
        let records: Vec<Value> = records.map(|(records, name)| records.compiled(&name)).collect();
        if !records.is_empty() {
            root.insert("records".into(), Value::Array(records));
        }
        if self.table.is_some() {
            root.insert("deals".into(), Value::Table(self.deals()));
        }
        let changes: Vec<Value> = self.changes().into_iter().map(Value::Table).collect();
        if !changes.is_empty() {
            root.insert("changes".into(), Value::Array(changes));
        }
        root
    }

    fn profile_tables(&self) -> Table {
        let mut tables = Table::new();
        if let Some(table) = &self.table {
            let mut deals = chosen(table);
            let joins = self.joins();
            if !joins.is_empty() {
                deals.insert("joins".into(), Value::Array(joins));
            }
            tables.insert(DEALS.into(), Value::Table(deals));
        }
        for (records, name) in self.records.iter().zip(self.record_names()) {
            tables.insert(name, Value::Table(chosen(&records.table)));
        }
        if let Some(table) = self.history.as_ref().and_then(|history| history.table.as_ref()) {
            tables.insert(CHANGES.into(), Value::Table(chosen(table)));
        }
        for (name, table) in &self.tables {
            tables.insert(name.clone(), Value::Table(chosen(table)));
        }
        tables
    }

    /// The tables of records that the deals have columns of, by the field that refers to them.
    fn joins(&self) -> Vec<Value> {
        let names = self.record_names();
        let join = |(name, field): (&String, &MappedField)| {
            let kind = reference(name)?.as_str();
            let at = self.records.iter().position(|records| records.kind == kind && records.key.len() == 1)?;
            let alias = self.aliases.get(name).unwrap_or(name);
            let used = self.fields.values().any(|field| field.column.starts_with(&format!("{alias}.")));
            let (column, table, key) = (&field.column, &names[at], &self.records[at].key[0]);
            used.then(|| {
                let pairs = [("as", alias), ("table", table), ("column", column), ("key", key)];
                Value::Table(pairs.into_iter().map(|(key, value)| (key.to_owned(), text(value))).collect())
            })
        };
        self.fields.iter().filter_map(join).collect()
    }

    fn deals(&self) -> Table {
        let mut deals = Table::new();
        deals.insert("table".into(), text(DEALS));
        deals.insert("key".into(), key_of(&self.key));
        if self.is_event_log() {
            deals.insert("duplicates".into(), text("same"));
        } else if let Some(duplicates) = &self.duplicates {
            deals.insert("duplicates".into(), text(duplicates));
        }
        for name in ["created", "closed"] {
            if let Some(field) = self.fields.get(name) {
                deals.insert(name.into(), plain(field));
            }
        }
        // Where a history tells stage and outcome, the table's own would say them a second time.
        if !self.history_sets("stage")
            && let Some(field) = self.fields.get("stage")
        {
            deals.insert("stage".into(), self.stage(field));
        }
        if !self.history_sets("outcome")
            && let Some(field) = self.fields.get("outcome")
        {
            deals.insert("outcome".into(), self.outcome(field));
        }
        let from_start = FROM_START.iter().filter(|name| self.fields.contains_key(**name) && !self.history_sets(name));
        let from_start: Vec<Value> = from_start.map(|name| text(name)).collect();
        if !from_start.is_empty() {
            deals.insert("from_start".into(), Value::Array(from_start));
        }
        let mut fields: Table = self
            .fields
            .iter()
            .filter(|(name, _)| !OWN_KEYS.contains(&name.as_str()))
            .filter(|(name, _)| !(self.is_event_log() && self.history_sets(name)))
            .map(|(name, field)| (name.clone(), plain(field)))
            .collect();
        if !self.keep.is_empty() {
            fields.insert(
                "facts".into(),
                Value::Table([("columns".to_owned(), texts(&self.keep))].into_iter().collect()),
            );
        }
        if !fields.is_empty() {
            deals.insert("fields".into(), Value::Table(fields));
        }
        deals
    }

    fn history_sets(&self, field: &str) -> bool {
        self.history.as_ref().is_some_and(|history| history.fields.contains_key(field))
    }

    /// What tells how deals changed: the table of changes, then each column of dates.
    fn changes(&self) -> Vec<Table> {
        let of_table = self.history.iter().map(|history| self.changes_of(history));
        of_table.chain(self.milestones.iter().map(|milestone| self.changes_at(milestone))).collect()
    }

    fn changes_at(&self, milestone: &Milestone) -> Table {
        let said = [("stage", &milestone.stage), ("outcome", &milestone.outcome)];
        let constant = |(field, value): (&str, &Option<String>)| {
            let constant = Table::from_iter([("constant".to_owned(), text(value.as_ref()?))]);
            Some((field.to_owned(), Value::Table(constant)))
        };
        Table::from_iter([
            ("table".to_owned(), text(DEALS)),
            ("deal".to_owned(), key_of(&self.key)),
            ("at".to_owned(), text(&milestone.column)),
            ("undated".to_owned(), text("skip")),
            ("unknown_deals".to_owned(), text("skip")),
            ("fields".to_owned(), Value::Table(said.into_iter().filter_map(constant).collect())),
        ])
    }

    fn changes_of(&self, history: &History) -> Table {
        let mut changes = Table::new();
        changes.insert("table".into(), text(if self.is_event_log() { DEALS } else { CHANGES }));
        if self.is_event_log() {
            changes.insert("unknown_deals".into(), text("skip"));
        }
        changes.insert("deal".into(), text(&history.deal));
        changes.insert("at".into(), text(&history.at));
        let fields = history.fields.iter().map(|(name, field)| {
            let value = match name.as_str() {
                "stage" => self.stage(field),
                "outcome" => self.outcome(field),
                _ => plain(field),
            };
            (name.clone(), value)
        });
        changes.insert("fields".into(), Value::Table(fields.collect()));
        changes
    }

    fn stage(&self, field: &MappedField) -> Value {
        let mut table = detailed(field);
        if !self.stages.is_empty() {
            table.insert("map".into(), map(&self.stages));
        }
        Value::Table(table)
    }

    fn outcome(&self, field: &MappedField) -> Value {
        let mut table = detailed(field);
        if !self.outcomes.is_empty() || self.other_outcome.is_some() {
            table.insert("map".into(), map(&self.outcomes));
        }
        if let Some(other) = &self.other_outcome {
            table.insert("otherwise".into(), text(other));
        } else if self.outcomes.is_empty() {
            let words: BTreeMap<String, String> =
                Outcome::ALL.iter().map(|outcome| (outcome.as_str().to_owned(), outcome.as_str().to_owned())).collect();
            table.insert("map".into(), map(&words));
        }
        Value::Table(table)
    }
}

fn is_target(name: &str) -> bool {
    target_fields().iter().any(|field| field.name == name && name != "id")
}

/// The kind of record that a field of deals refers to.
pub(super) fn reference(name: &str) -> Option<Kind> {
    match field::named(Kind::Opportunity, name)?.ty {
        FieldType::Ref(kind) => Some(kind),
        _ => None,
    }
}

pub(super) fn text(value: &str) -> Value {
    Value::String(value.to_owned())
}

fn texts(values: &[String]) -> Value {
    Value::Array(values.iter().map(|value| text(value)).collect())
}

fn both(zh: &str, en: &str) -> Value {
    Value::Table([("zh".to_owned(), text(zh)), ("en".to_owned(), text(en))].into_iter().collect())
}

fn map(values: &BTreeMap<String, String>) -> Value {
    Value::Table(values.iter().map(|(from, to)| (from.clone(), text(to))).collect())
}

pub(super) fn key_of(columns: &[String]) -> Value {
    match columns {
        [one] => text(one),
        several => Value::Table([("columns".to_owned(), texts(several))].into_iter().collect()),
    }
}

fn chosen(choice: &TableChoice) -> Table {
    let mut table = Table::new();
    table.insert("files".into(), Value::Array(vec![text(&choice.file)]));
    if let Some(sheet) = &choice.sheet {
        table.insert("sheet".into(), text(sheet));
    }
    if let Some(row) = choice.header_row.filter(|row| *row != 1) {
        table.insert("header_row".into(), Value::Integer(i64::from(row)));
    }
    if let Some(encoding) = &choice.encoding {
        table.insert("encoding".into(), text(encoding));
    }
    if let Some(delimiter) = choice.delimiter {
        table.insert("delimiter".into(), text(&delimiter.to_string()));
    }
    if !choice.steps.is_empty() {
        table.insert("steps".into(), Value::Array(choice.steps.iter().cloned().map(Value::Table).collect()));
    }
    table
}

/// A field as a table.
fn detailed(field: &MappedField) -> Table {
    let mut table = Table::new();
    table.insert("column".into(), text(&field.column));
    if let Some(times) = field.times.filter(|times| *times != 1) {
        table.insert("times".into(), Value::Integer(times));
    }
    for (name, given) in [("percent", field.percent), ("zero_is_unknown", field.zero_is_unknown)] {
        if given {
            table.insert(name.into(), Value::Boolean(true));
        }
    }
    for (name, given) in [("only", &field.only), ("dates", &field.dates)] {
        if !given.is_empty() {
            table.insert(name.into(), texts(given));
        }
    }
    table
}

/// A field as short as it can be said.
pub(super) fn plain(field: &MappedField) -> Value {
    let table = detailed(field);
    if table.len() == 1 { text(&field.column) } else { Value::Table(table) }
}

fn own_process(process: &OwnProcess) -> Value {
    let mut table = Table::new();
    table.insert("key".into(), text(&process.key));
    table.insert("detail".into(), text("lean"));
    table.insert("name".into(), both(&process.name.zh, &process.name.en));
    let stages = process.stages.iter().zip(1_i64..).map(|(stage, order)| {
        let mut table = Table::new();
        table.insert("key".into(), text(&stage.key));
        table.insert("order".into(), Value::Integer(order));
        table.insert("kind".into(), text(stage.kind.as_str()));
        let level = if stage.level == Level::High { "high" } else { "low" };
        table.insert("level".into(), text(level));
        match stage.role {
            StageRole::None => {}
            StageRole::Intent => drop(table.insert("role".into(), text("intent"))),
            StageRole::Commit => drop(table.insert("role".into(), text("commit"))),
        }
        table.insert("name".into(), both(&stage.name.zh, &stage.name.en));
        if let Some(percent) = stage.probability_percent {
            table.insert("probability_percent".into(), Value::Integer(i64::from(percent)));
        }
        Value::Table(table)
    });
    table.insert("stages".into(), Value::Array(stages.collect()));
    Value::Table(table)
}
