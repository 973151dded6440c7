//! A moment that a record is looked at from: the end of a day, and what was known by the end of another.
//!
//! What happened has a day of its own and counts from then on, also where it was written down later: only a known-at
//! leaves out what nobody had told yet. Records that were deleted since are not told.

use std::collections::HashMap;

use domain::field::Value;
use domain::journal::{Cut, Entry, Op, fold};
use domain::{Day, Instant, RecordId};
use store::Record;

use crate::{Loudou, Result};

/// Now, or a moment of the past.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Moment {
    /// The first instant after it; absent: now.
    end: Option<Instant>,
    /// What is known.
    pub(crate) cut: Cut,
}

impl Moment {
    fn is_now(self) -> bool {
        self.end.is_none() && self.cut == Cut::Everything
    }

    /// Whether what bears this instant lies before the end.
    pub(crate) fn reaches(self, at: Instant) -> bool {
        self.end.is_none_or(|end| at < end)
    }
}

impl Loudou {
    /// The moment at the end of a business day, as known at the end of another.
    pub(crate) fn moment(&self, as_of: Option<Day>, known_at: Option<Day>) -> Moment {
        let end = |day: Day| self.calendar.start_of(day.plus(1));
        Moment { end: as_of.map(end), cut: known_at.map_or(Cut::Everything, |day| Cut::KnownBefore(end(day))) }
    }

    /// Records as they were told at a moment; what was first told of a later day is taken as it is told since. Those
    /// that nobody knew of are left out. What they refer to leads on as the merges that are known lead.
    pub(crate) async fn as_told(&self, records: Vec<Record>, moment: Moment) -> Result<Vec<Record>> {
        if moment.is_now() || records.is_empty() {
            return Ok(records);
        }
        let ids: Vec<RecordId> = records.iter().map(|record| record.id).collect();
        let mut entries: HashMap<RecordId, Vec<Entry>> = HashMap::new();
        for entry in self.store.entries_of(&ids).await? {
            entries.entry(entry.record).or_default().push(entry);
        }
        let withdrawn = self.store.withdrawn().await?;
        let survivors = self.store.survivors_at(i64::MAX, moment.cut).await?;
        let then = |record: Record| {
            let all = entries.remove(&record.id)?;
            let held =
                |entry: &&Entry| !matches!(entry.op, Op::Assert(_) | Op::Delete) || moment.reaches(entry.effective_at);
            let held: Vec<Entry> = all.iter().filter(held).cloned().collect();
            let mut timeline = fold(&held, &withdrawn, moment.cut);
            if timeline.states.is_empty() {
                timeline = fold(&all, &withdrawn, moment.cut);
            }
            timeline.current()?;
            let mut rest: Vec<_> = timeline.rest.into_iter().collect();
            self.store.lead(record.id, &mut rest, &survivors);
            rest.retain(|(_, value)| *value != Value::Null);
            Some(Record { rest, ..record })
        };
        Ok(records.into_iter().filter_map(then).collect())
    }
}
