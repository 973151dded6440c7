//! Which deals a question sees, for whoever judges deals one by one instead of tallying them.

use journey::Journey;
use rayon::prelude::*;

use crate::ask::prepare;
use crate::memory::Memory;
use crate::plan::{Prepared, Reading};
use crate::question::{AskError, Question};
use crate::snapshot::Snapshot;
use crate::warehouse::Warehouse;

impl Warehouse {
    /// One flag a deal, partition by partition: whether it had begun by the as-of, and lies inside the scope and every
    /// filter of the question by the entry that held then. Deleted deals are flagged like others.
    ///
    /// # Errors
    /// As [`Warehouse::ask`]; several processes or currencies are no error here.
    pub async fn seen(&self, question: Question) -> Result<Vec<Vec<bool>>, AskError> {
        self.read(question.known_at, move |snapshot, memory| seen(snapshot, &question, memory)).await?
    }
}

fn seen(snapshot: &Snapshot, question: &Question, memory: &Memory) -> Result<Vec<Vec<bool>>, AskError> {
    let reading = Reading::new(snapshot, question)?;
    let prepared = prepare(snapshot, &reading, memory)?;
    let flags = |(partition, prepared): (&std::sync::Arc<crate::Partition>, &std::sync::Arc<Prepared>)| {
        let is_seen = |journey: Journey<'_>| {
            prepared.member.as_ref().is_none_or(|member| member[journey.index])
                && journey
                    .at(question.as_of)
                    .is_some_and(|place| prepared.entry_member.as_ref().is_none_or(|member| member[place]))
        };
        partition.journeys.iter().map(is_seen).collect()
    };
    Ok(snapshot.partitions.par_iter().zip(&prepared).map(flags).collect())
}
