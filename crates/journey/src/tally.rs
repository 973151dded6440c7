//! What an analysis is: observe journeys one at a time, merge, finish.

use std::fmt::Debug;
use std::hash::Hash;

use arrow::array::RecordBatch;

use crate::cells::Cells;
use crate::journeys::{Column, Journey};
use crate::view::View;

/// An analysis over journeys.
///
/// `observe` is called once per journey of a partition in any order and on any thread; cells merge
/// associatively and commutatively, so one thread, many threads, partitions remembered from before and a
/// cluster give the same counts bit for bit. Cells are keyed by the `u64` group of [`View::group`].
pub trait Tally: Debug + Clone + Eq + Hash + Send + Sync + 'static {
    /// Its counts.
    type Cells: Cells;

    /// The columns it reads, beside those of filters and groups.
    const COLUMNS: &'static [Column];

    /// Counts one journey.
    fn observe(&self, journey: Journey<'_>, view: &View<'_>, cells: &mut Self::Cells);

    /// The counts as rows. The first column is always `group` (UInt64); rows ascend by it.
    fn finish(&self, cells: &Self::Cells) -> RecordBatch;
}
