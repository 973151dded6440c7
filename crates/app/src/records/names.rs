//! Names of the records that fields refer to. Text that was erased has no name: its record is told by its number.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::field::{FieldId, FieldType, Value, builtin, ids};
use domain::journal::{Cut, Entry, Op, fold};
use domain::process::Process;
use domain::{Kind, ProcessId, RecordId, StageId};
use serde_json::{Value as Json, json};
use warehouse::{Dimension, Labels};

use super::fields::Field;
use crate::{Loudou, Result};

/// The names that some values need, and the processes.
#[derive(Debug)]
pub(crate) struct Names {
    labels: Labels,
    others: HashMap<(Kind, RecordId), String>,
}

impl Names {
    /// The name of a record, or `#` and its id.
    pub(crate) fn of(&self, kind: Kind, id: RecordId) -> String {
        let known = self.others.get(&(kind, id)).cloned();
        known.unwrap_or_else(|| format!("#{id}"))
    }

    /// The stage of an id with its process version.
    pub(crate) fn stage(&self, id: StageId) -> Option<(&Process, &domain::process::Stage)> {
        self.labels.stage(id)
    }

    /// A process version.
    pub(crate) fn process(&self, id: ProcessId) -> Option<&Process> {
        self.labels.process(id)
    }

    /// A value as a page shows it: records, stages and processes by name, dates as dates, codes as words.
    pub(crate) fn json(&self, ty: FieldType, value: &Value) -> Json {
        match (ty, value) {
            (_, Value::Null) => Json::Null,
            (_, Value::Bool(value)) => json!(value),
            (FieldType::Json, Value::Json(text) | Value::Text(text)) => {
                serde_json::from_str(text).unwrap_or_else(|_| json!(text))
            }
            (_, Value::Text(text) | Value::Json(text)) => json!(text),
            (ty, Value::Int(number) | Value::Ref(number)) => self.number(ty, *number),
        }
    }

    fn number(&self, ty: FieldType, number: i64) -> Json {
        let small = || u32::try_from(number).ok();
        match ty {
            FieldType::Ref(kind) => json!({"id": number, "name": self.of(kind, number)}),
            FieldType::Day => i32::try_from(number).map_or(Json::Null, |day| json!(domain::Day(day).to_string())),
            FieldType::At => json!(domain::Instant(number).to_string()),
            FieldType::Stage => match small().and_then(|id| self.stage(StageId(id))) {
                Some((_, stage)) => json!({"key": stage.key, "zh": stage.name.zh, "en": stage.name.en}),
                None => Json::Null,
            },
            FieldType::Process => match small().and_then(|id| self.process(ProcessId(id))) {
                Some(process) => json!({
                    "key": process.key, "version": process.version, "zh": process.name.zh, "en": process.name.en,
                }),
                None => Json::Null,
            },
            FieldType::Outcome => {
                let outcome = u8::try_from(number).ok().and_then(domain::Outcome::from_code);
                outcome.map_or(Json::Null, |outcome| json!(outcome.as_str()))
            }
            FieldType::Currency => {
                let currency = u16::try_from(number).ok().and_then(domain::Currency::from_code);
                currency.map_or(Json::Null, |currency| json!(currency.to_string()))
            }
            _ => json!(number),
        }
    }
}

/// The records that values refer to.
pub(crate) fn referred<'a>(values: impl Iterator<Item = (&'a Field, &'a Value)>) -> HashSet<(Kind, RecordId)> {
    let one = |(field, value): (&Field, &Value)| match (field.ty, value) {
        (FieldType::Ref(kind), Value::Ref(id) | Value::Int(id)) => Some((kind, *id)),
        _ => None,
    };
    values.filter_map(one).collect()
}

impl Loudou {
    /// The names of some records. Whoever asks has seen that the records that refer to them are in scope.
    pub(crate) async fn names(&self, wanted: HashSet<(Kind, RecordId)>) -> Result<Names> {
        let labels = self.warehouse().await?.snapshot().labels.clone();
        let mut by_kind: HashMap<Kind, Vec<RecordId>> = HashMap::new();
        for (kind, id) in wanted {
            by_kind.entry(kind).or_default().push(id);
        }
        let mut others = HashMap::new();
        for (kind, wanted) in by_kind {
            let field = match Dimension::of(kind) {
                Some(dimension) => dimension.name_field(),
                None if kind == Kind::Contact => ids::CONTACT_NAME,
                None if kind == Kind::Opportunity => ids::OPPORTUNITY_NAME,
                None => continue,
            };
            for record in self.store.records(kind, &wanted).await? {
                if let Some(name) = record.text(field) {
                    others.insert((kind, record.id), name.to_owned());
                }
            }
            let missing: Vec<RecordId> = wanted.into_iter().filter(|id| !others.contains_key(&(kind, *id))).collect();
            for (id, name) in self.former_names(field, &missing).await? {
                others.insert((kind, id), name);
            }
        }
        Ok(Names { labels, others })
    }

    /// The names that merged records had: history tells them still.
    async fn former_names(&self, field: FieldId, ids: &[RecordId]) -> Result<Vec<(RecordId, String)>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let withdrawn = self.store.withdrawn().await?;
        let mut entries = self.store.entries_of(ids).await?;
        entries.sort_by_key(|entry| (entry.record, entry.seq));
        let mut out = Vec::new();
        for of in entries.chunk_by(|a, b| a.record == b.record) {
            if fold(of, &withdrawn, Cut::Everything).merged_into.is_none() {
                continue;
            }
            let before: Vec<Entry> = of.iter().filter(|entry| !matches!(entry.op, Op::Merge { .. })).cloned().collect();
            if let Some(Value::Text(name)) = fold(&before, &withdrawn, Cut::Everything).rest.get(&field) {
                out.push((of[0].record, name.to_string()));
            }
        }
        Ok(out)
    }

    /// Puts survivors in the place of merged records that values refer to.
    pub(crate) async fn lead(&self, rest: &mut BTreeMap<FieldId, Value>) -> Result<()> {
        let survivors = self.store.survivors().await?;
        if survivors.is_empty() {
            return Ok(());
        }
        for (field, value) in rest {
            if let Value::Ref(id) = value
                && builtin(*field).is_some_and(|def| matches!(def.ty, FieldType::Ref(_)))
                && let Some(survivor) = survivors.get(id)
            {
                *value = Value::Ref(*survivor);
            }
        }
        Ok(())
    }
}
