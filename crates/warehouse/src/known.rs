//! What was known at a day: the same deals, read from the part of the journal known by its end.
//!
//! A deal whose entries came in order reads as a prefix of its journey. Only deals that were ever revised
//! (late entries, retractions, merges) are folded again from their entries. Values that never change about a
//! deal, and ownership for scope, are those of now wherever the deal stands now. Must not know where the
//! entries of revised deals come from.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::BooleanArray;
use arrow::buffer::OffsetBuffer;
use domain::journal::{Cut, Entry};
use domain::{Day, RecordId};
use journey::{Entries, Journeys, JourneysBuilder};
use rayon::prelude::*;

use crate::codes::{ById, Codes};
use crate::fold::Folder;
use crate::snapshot::{Partition, Snapshot};

impl Snapshot {
    /// The deals whose past reads differently by what was known.
    pub(crate) fn revised_deals(&self) -> Vec<RecordId> {
        let revised = |partition: &Arc<Partition>| {
            let journeys = Arc::clone(&partition.journeys);
            let flags = BooleanArray::new(journeys.revised.clone(), None);
            (0..journeys.len()).filter(|row| flags.value(*row)).map(|row| journeys.deal[row]).collect::<Vec<_>>()
        };
        self.partitions.iter().flat_map(revised).collect()
    }

    /// The snapshot as it was known at the end of `day`. `entries` are all entries of every revised deal.
    pub(crate) fn known_at(&self, day: Day, entries: &ById<Vec<Entry>>) -> Self {
        let cut = Cut::KnownBefore(self.calendar.start_of(day.plus(1)));
        let codes = Codes::of(&self.labels);
        let partitions = self.partitions.par_iter().map(|partition| {
            let mut folder = Folder::new(&codes, &self.labels, &self.withdrawn, self.calendar);
            cut_partition(partition, day, cut, entries, &mut folder, self.seq)
        });
        Self { partitions: partitions.collect(), ..self.clone() }
    }
}

/// Where the entries of a row come from.
enum Source {
    Old(Range<usize>),
    New(Range<usize>),
}

fn cut_partition(
    partition: &Arc<Partition>,
    day: Day,
    cut: Cut,
    entries: &ById<Vec<Entry>>,
    folder: &mut Folder<'_>,
    seq: i64,
) -> Arc<Partition> {
    let old = &*partition.journeys;
    let known_all = old.entries.known_day.iter().all(|known| *known <= day.0);
    if known_all && old.revised.count_set_bits() == 0 {
        return Arc::clone(partition);
    }
    let (mut again, mut sources) = (JourneysBuilder::default(), Vec::with_capacity(old.len()));
    let (mut built, mut statics) = (0, Vec::new());
    for journey in old.iter() {
        let range = journey.range();
        if !old.revised.value(journey.index) {
            let known = old.entries.known_day[range.clone()].partition_point(|known| *known <= day.0);
            sources.push(Source::Old(range.start..range.start + known));
            continue;
        }
        let all = entries.get(&journey.deal()).map_or(&[][..], Vec::as_slice);
        let upto: Vec<Entry> = all.iter().filter(|entry| entry.seq <= seq).cloned().collect();
        let folded = folder.deal(journey.deal(), &upto, cut);
        for entry in &folded.entries {
            again.entry(entry);
        }
        again.deal(&folded.row);
        sources.push(Source::New(built..built + folded.entries.len()));
        built += folded.entries.len();
        if range.is_empty() {
            statics.push((journey.index, folded.row));
        }
    }
    let mut journeys = assemble(old, &again.finish(), &sources);
    for (row, of) in statics {
        let columns = [
            (&mut journeys.process, of.process),
            (&mut journeys.account, of.account),
            (&mut journeys.product, of.product),
            (&mut journeys.region, of.region),
            (&mut journeys.industry, of.industry),
            (&mut journeys.channel, of.channel),
            (&mut journeys.campaign, of.campaign),
        ];
        for (column, code) in columns {
            let mut codes = column.to_vec();
            codes[row] = code;
            *column = codes.into();
        }
    }
    Arc::new(Partition::new(partition.version, Arc::new(journeys), Arc::clone(&partition.attributes)))
}

fn assemble(old: &Journeys, new: &Journeys, sources: &[Source]) -> Journeys {
    macro_rules! column {
        ($($name:ident),*) => {
            Entries {
                $($name: {
                    let mut values = Vec::new();
                    for source in sources {
                        match source {
                            Source::Old(range) => values.extend_from_slice(&old.entries.$name[range.clone()]),
                            Source::New(range) => values.extend_from_slice(&new.entries.$name[range.clone()]),
                        }
                    }
                    values.into()
                },)*
            }
        };
    }
    let lengths = sources.iter().map(|source| match source {
        Source::Old(range) | Source::New(range) => range.len(),
    });
    Journeys {
        offsets: OffsetBuffer::from_lengths(lengths),
        entries: column!(
            day,
            at,
            known_day,
            stage,
            state,
            amount_minor,
            currency,
            owner,
            team,
            expected_close,
            probability_ppm,
            set
        ),
        ..old.clone()
    }
}
