//! Reading current records.

use domain::field::{FieldId, FieldType, Value};
use domain::journal::Hot;
use domain::{Day, Instant, Kind, RecordId};
use sea_orm::Value as Sql;

use crate::bulk::{id_list, id_runs};
use crate::columns::shape;
use crate::engine::rows;
use crate::{Store, StoreError};

/// Rows a page when a whole table is read.
const PAGE: i64 = 10_000;

/// A record as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its kind.
    pub kind: Kind,
    /// Its id.
    pub id: RecordId,
    /// Journal sequence of what changed it last; to be handed back with an edit.
    pub version: i64,
    /// The hot fields of a deal; at their default on other kinds.
    pub hot: Hot,
    /// Every other field that has a value, by ascending id; personal text as text.
    pub rest: Vec<(FieldId, Value)>,
    /// Deals: when the first state began.
    pub created_at: Option<Instant>,
    /// Deals: the business day of that.
    pub created_on: Option<Day>,
    /// Closed deals: since when the outcome is what it is.
    pub closed_at: Option<Instant>,
    /// Closed deals: the business day of that.
    pub closed_on: Option<Day>,
}

impl Record {
    /// The value of a field that is not hot, if it has one.
    #[must_use]
    pub fn get(&self, field: FieldId) -> Option<&Value> {
        let at = self.rest.binary_search_by_key(&field, |(id, _)| *id).ok()?;
        Some(&self.rest[at].1)
    }

    /// The text of a field that is not hot.
    #[must_use]
    pub fn text(&self, field: FieldId) -> Option<&str> {
        match self.get(field)? {
            Value::Text(text) | Value::Json(text) => Some(text),
            _ => None,
        }
    }

    /// The number, date, code or record in a field that is not hot.
    #[must_use]
    pub fn int(&self, field: FieldId) -> Option<i64> {
        match self.get(field)? {
            Value::Int(value) | Value::Ref(value) => Some(*value),
            _ => None,
        }
    }
}

impl Store {
    /// The records of `kind` with these ids that stand, by ascending id.
    ///
    /// # Errors
    /// The database failed, or holds what cannot be read.
    pub async fn records(&self, kind: Kind, ids: &[RecordId]) -> Result<Vec<Record>, StoreError> {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids.dedup();
        let shape = shape(kind);
        let mut out = Vec::with_capacity(ids.len());
        for run in id_runs(&ids) {
            let sql = format!(
                "SELECT {} FROM {} WHERE id IN {} ORDER BY id",
                shape.column_list(),
                kind.table(),
                id_list(&run)
            );
            for row in rows(self.readers(), self.engine(), &sql, run).await? {
                out.push(shape.read_row(&row)?);
            }
        }
        self.reveal_records(&mut out).await?;
        Ok(out)
    }

    /// Records of a kind that stand and in whose personal text of one of these fields a text occurs, whatever its case
    /// where the letters are Latin: the newest first, at most `limit` before the record `before`.
    ///
    /// # Errors
    /// The database's own.
    pub async fn with_personal_text(
        &self,
        kind: Kind,
        fields: &[FieldId],
        text: &str,
        before: Option<RecordId>,
        limit: u32,
    ) -> Result<Vec<RecordId>, StoreError> {
        let columns: Vec<String> = fields
            .iter()
            .filter_map(|field| domain::field::builtin(*field))
            .filter(|def| def.kind == kind && def.ty == FieldType::Personal)
            .map(|def| format!("t.\"{}\"", def.name))
            .collect();
        if columns.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT t.id FROM {} t WHERE t.id < ? AND EXISTS (SELECT 1 FROM vault v WHERE v.id IN ({}) \
             AND LOWER(v.value) LIKE ? ESCAPE '!') ORDER BY t.id DESC LIMIT ?",
            kind.table(),
            columns.join(", ")
        );
        let mut pattern = String::from("%");
        for letter in text.to_lowercase().chars() {
            if matches!(letter, '%' | '_' | '!') {
                pattern.push('!');
            }
            pattern.push(letter);
        }
        pattern.push('%');
        let values = vec![
            Sql::BigInt(Some(before.unwrap_or(i64::MAX))),
            Sql::String(Some(pattern)),
            Sql::BigInt(Some(limit.into())),
        ];
        let found = rows(self.readers(), self.engine(), &sql, values).await?;
        Ok(found.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?)
    }

    /// Every record of `kind` that stands, by ascending id, in pages.
    ///
    /// # Errors
    /// The database failed, or holds what cannot be read.
    pub async fn for_each_record(&self, kind: Kind, mut each: impl FnMut(Vec<Record>)) -> Result<(), StoreError> {
        let shape = shape(kind);
        let sql = format!("SELECT {} FROM {} WHERE id > ? ORDER BY id LIMIT {PAGE}", shape.column_list(), kind.table());
        let mut after = 0;
        loop {
            let page = rows(self.readers(), self.engine(), &sql, vec![Sql::BigInt(Some(after))]).await?;
            let mut records = page.iter().map(|row| shape.read_row(row)).collect::<Result<Vec<_>, _>>()?;
            let Some(last) = records.last() else { return Ok(()) };
            after = last.id;
            self.reveal_records(&mut records).await?;
            each(records);
        }
    }

    /// Every record of `kind` that stands, by ascending id.
    ///
    /// # Errors
    /// The database failed, or holds what cannot be read.
    pub async fn all_records(&self, kind: Kind) -> Result<Vec<Record>, StoreError> {
        let mut out = Vec::new();
        self.for_each_record(kind, |page| out.extend(page)).await?;
        Ok(out)
    }
}
