//! What the database holds already of the source whose files are read: fields may refer to it though no file holds it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use domain::field;
use domain::process::Process;
use domain::{Kind, RecordId};
use ingest::Known;

use super::Recipe;
use crate::{Loudou, Result};

/// What is there before an import.
#[derive(Debug, Default)]
pub(super) struct There {
    pub(super) processes: Vec<Process>,
    pub(super) known: Arc<BTreeMap<Kind, Known>>,
}

impl Loudou {
    pub(super) async fn there(&self, recipe: &Recipe) -> Result<There> {
        let mut known = BTreeMap::new();
        for kind in recipe.profile.refers_to() {
            let records = self.known_of(recipe.profile.source(), kind).await?;
            if let Some(records) = records {
                known.insert(kind, records);
            }
        }
        Ok(There { processes: self.processes().await?, known: Arc::new(known) })
    }

    /// The records of a kind that a source brought and that stand, by key and by what they are called.
    async fn known_of(&self, source: &str, kind: Kind) -> Result<Option<Known>> {
        let mut keys: HashMap<RecordId, Vec<String>> = HashMap::new();
        for (key, record) in self.store.external_ids(source, kind).await? {
            keys.entry(record).or_default().push(key);
        }
        if keys.is_empty() {
            return Ok(None);
        }
        // A merged record goes by the name of the one that stays.
        let survivors = self.store.survivors().await?;
        for (gone, stays) in survivors {
            if let Some(of_gone) = keys.remove(&gone) {
                keys.entry(stays).or_default().extend(of_gone);
            }
        }
        let title = field::named(kind, "name").or_else(|| field::named(kind, "number")).map(|def| def.id);
        let mut known = Known::default();
        let each = |page: Vec<store::Record>| {
            for record in page {
                let mut of_record = keys.remove(&record.id).unwrap_or_default();
                of_record.sort_unstable();
                let mut of_record = of_record.into_iter();
                // All of its keys lead to it; its name to the first of them.
                if let Some(first) = of_record.next() {
                    known.add(first, title.and_then(|title| record.text(title)));
                }
                of_record.for_each(|key| known.add(key, None));
            }
        };
        self.store.for_each_record(kind, each).await?;
        Ok(Some(known))
    }
}
