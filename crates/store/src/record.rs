//! Reading current records.

use domain::field::{FieldId, Value};
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
