//! Text about people, apart from the journal, so that it can be forgotten.
//!
//! What is written is replaced by a number of the vault before it gets to the journal; what is read gets its
//! text back, or nothing where it was erased. Nobody outside of this crate meets the numbers.

use std::collections::HashMap;

use domain::field::{FIRST_CUSTOM, FieldId, FieldType, Value, builtin};
use domain::journal::{Entry, Op};
use sea_orm::ConnectionTrait;

use crate::bulk::{id_list, id_runs};
use crate::engine::{Engine, rows};
use crate::store::CustomTypes;
use crate::{Record, Store, StoreError};

/// The type of a field, custom ones included.
pub(crate) fn type_of(field: FieldId, custom: &CustomTypes) -> Option<FieldType> {
    if field.0 >= FIRST_CUSTOM {
        return custom.get(&field).map(|(_, ty)| *ty);
    }
    builtin(field).map(|def| def.ty)
}

/// Finds the values that are numbers of the vault.
struct Seeker<'a> {
    custom: &'a CustomTypes,
    unknown: bool,
}

impl Seeker<'_> {
    fn is_reference(&mut self, field: FieldId, value: &Value) -> Option<i64> {
        let Value::Ref(id) = value else { return None };
        match type_of(field, self.custom) {
            Some(FieldType::Personal) => Some(*id),
            None => {
                self.unknown = true;
                None
            }
            Some(_) => None,
        }
    }
}

fn facts(entry: &Entry) -> &[(FieldId, Value)] {
    match &entry.op {
        Op::Assert(facts) => &facts.rest,
        _ => &[],
    }
}

fn facts_mut(entry: &mut Entry) -> &mut [(FieldId, Value)] {
    match &mut entry.op {
        Op::Assert(facts) => &mut facts.rest,
        _ => &mut [],
    }
}

/// The texts behind some numbers.
async fn texts(
    on: &impl ConnectionTrait,
    engine: Engine,
    mut ids: Vec<i64>,
) -> Result<HashMap<i64, Box<str>>, StoreError> {
    ids.sort_unstable();
    ids.dedup();
    let mut out = HashMap::with_capacity(ids.len());
    for run in id_runs(&ids) {
        let sql = format!("SELECT id, value FROM vault WHERE id IN {}", id_list(&run));
        for row in rows(on, engine, &sql, run).await? {
            let text: String = row.try_get_by_index(1)?;
            out.insert(row.try_get_by_index(0)?, text.into_boxed_str());
        }
    }
    Ok(out)
}

impl Store {
    /// Puts the texts into what was read; `parts` are the field lists of entries or records.
    async fn reveal<T>(
        &self,
        items: &mut [T],
        read: impl Fn(&T) -> &[(FieldId, Value)],
        write: impl Fn(&mut T) -> &mut [(FieldId, Value)],
    ) -> Result<(), StoreError> {
        let mut custom = self.custom_types();
        let mut reloaded = false;
        let ids = loop {
            let mut seeker = Seeker { custom: &custom, unknown: false };
            let ids: Vec<i64> =
                items.iter().flat_map(&read).filter_map(|(field, value)| seeker.is_reference(*field, value)).collect();
            // Another process may have added a field since; one more look tells.
            if !seeker.unknown || reloaded {
                break ids;
            }
            self.reload_custom_fields().await?;
            custom = self.custom_types();
            reloaded = true;
        };
        if ids.is_empty() {
            return Ok(());
        }
        let texts = texts(self.readers(), self.engine(), ids).await?;
        let mut seeker = Seeker { custom: &custom, unknown: false };
        for (field, value) in items.iter_mut().flat_map(write) {
            if let Some(id) = seeker.is_reference(*field, value) {
                *value = texts.get(&id).map_or(Value::Null, |text| Value::Text(text.clone()));
            }
        }
        Ok(())
    }

    pub(crate) async fn reveal_entries(&self, entries: &mut [Entry]) -> Result<(), StoreError> {
        self.reveal(entries, facts, facts_mut).await
    }

    /// Like entries; a field whose text was erased is left out.
    pub(crate) async fn reveal_records(&self, records: &mut [Record]) -> Result<(), StoreError> {
        self.reveal(records, |record| &record.rest, |record| &mut record.rest).await?;
        for record in records {
            record.rest.retain(|(_, value)| *value != Value::Null);
        }
        Ok(())
    }
}
