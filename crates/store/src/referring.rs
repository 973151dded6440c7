//! Which current records refer to others: the contacts of a customer, the activities of a deal, the metrics of a stage.

use domain::field::{FieldId, FieldType, builtin};
use domain::{Kind, RecordId};

use crate::bulk::{id_list, id_runs};
use crate::engine::rows;
use crate::{Record, Store, StoreError};

impl Store {
    /// The records that stand of the kind that carries `field`, and refer by it to one of `ids` (of records or of
    /// stages); by ascending id.
    ///
    /// # Errors
    /// [`StoreError::Misfit`] where the field refers to neither; or the database's own.
    pub async fn referring(&self, field: FieldId, ids: &[RecordId]) -> Result<Vec<Record>, StoreError> {
        let (kind, column) = reference(field)?;
        let mut found: Vec<RecordId> = Vec::new();
        for run in id_runs(ids) {
            let sql = format!("SELECT id FROM {} WHERE \"{column}\" IN {}", kind.table(), id_list(&run));
            for row in rows(self.readers(), self.engine(), &sql, run).await? {
                found.push(row.try_get_by_index(0)?);
            }
        }
        self.records(kind, &found).await
    }

    /// Every record that stands of the kind that carries `field`, with the one it refers to by it; by ascending id.
    ///
    /// # Errors
    /// As [`Store::referring`].
    pub async fn references(&self, field: FieldId) -> Result<Vec<(RecordId, Option<RecordId>)>, StoreError> {
        let (kind, column) = reference(field)?;
        let sql = format!("SELECT id, \"{column}\" FROM {} ORDER BY id", kind.table());
        let read = |row: sea_orm::QueryResult| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?));
        rows(self.readers(), self.engine(), &sql, Vec::new()).await?.into_iter().map(read).collect()
    }
}

/// The kind that carries a reference, and the column it is kept in.
fn reference(field: FieldId) -> Result<(Kind, &'static str), StoreError> {
    match builtin(field) {
        Some(def) if matches!(def.ty, FieldType::Ref(_) | FieldType::Stage) => Ok((def.kind, def.name)),
        other => Err(StoreError::Misfit { kind: other.map_or(Kind::Opportunity, |def| def.kind), field }),
    }
}
