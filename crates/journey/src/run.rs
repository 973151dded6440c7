//! Scans: one or several tallies over many partitions, on the threads they are given.
//!
//! Partitions are small enough to stay in the processor's cache, so several tallies are fused by taking them
//! one after another over each partition: each keeps its tight loop, and the columns come from memory once.
//! Partial counts merge in any order, so what a scan answers does not depend on the threads.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use thiserror::Error;

use crate::cells::Cells;
use crate::journeys::Column;
use crate::tally::Tally;
use crate::view::View;

/// A question whose counts outgrow the memory it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the answer would hold more than {limit_bytes} bytes of counts; group by fewer dimensions, or filter first")]
pub struct TooLarge {
    /// What it was given.
    pub limit_bytes: usize,
}

/// One tally, or a tuple of up to eight, counted in one scan.
pub trait Scan: Send + Sync {
    /// The counts: of a tuple, a tuple.
    type Cells: Default + Send + Sync;

    /// The columns read, each once, in the order of the schema.
    fn columns(&self) -> Vec<Column>;

    /// Counts every journey of the view's partition.
    fn scan(&self, view: &View<'_>, cells: &mut Self::Cells);

    /// Adds counts to others.
    fn merge(into: &mut Self::Cells, from: Self::Cells);

    /// Bytes held by counts.
    fn bytes(cells: &Self::Cells) -> usize;

    /// Gives back room that counts do not fill.
    fn pack(cells: &mut Self::Cells);
}

impl<T: Tally> Scan for T {
    type Cells = T::Cells;

    fn columns(&self) -> Vec<Column> {
        let mut columns = T::COLUMNS.to_vec();
        columns.sort_unstable();
        columns.dedup();
        columns
    }

    fn scan(&self, view: &View<'_>, cells: &mut Self::Cells) {
        match view.member {
            // Tallies ask for membership themselves: to skip the others here only saves the calls.
            Some(member) => {
                for (index, _) in member.iter().enumerate().filter(|(_, member)| **member) {
                    self.observe(view.journeys.get(index), view, cells);
                }
            }
            None => view.journeys.iter().for_each(|journey| self.observe(journey, view, cells)),
        }
    }

    fn merge(into: &mut Self::Cells, from: Self::Cells) {
        into.merge(from);
    }

    fn bytes(cells: &Self::Cells) -> usize {
        cells.bytes()
    }

    fn pack(cells: &mut Self::Cells) {
        cells.pack();
    }
}

macro_rules! scan_together {
    ($($name:ident $at:tt),+) => {
        impl<$($name: Scan),+> Scan for ($($name,)+) {
            type Cells = ($($name::Cells,)+);

            fn columns(&self) -> Vec<Column> {
                let mut columns: Vec<Column> = [$(self.$at.columns()),+].into_iter().flatten().collect();
                columns.sort_unstable();
                columns.dedup();
                columns
            }

            fn scan(&self, view: &View<'_>, cells: &mut Self::Cells) {
                $(self.$at.scan(view, &mut cells.$at);)+
            }

            fn merge(into: &mut Self::Cells, from: Self::Cells) {
                $($name::merge(&mut into.$at, from.$at);)+
            }

            fn bytes(cells: &Self::Cells) -> usize {
                [$($name::bytes(&cells.$at)),+].into_iter().sum()
            }

            fn pack(cells: &mut Self::Cells) {
                $($name::pack(&mut cells.$at);)+
            }
        }
    };
}

scan_together!(A 0, B 1);
scan_together!(A 0, B 1, C 2);
scan_together!(A 0, B 1, C 2, D 3);
scan_together!(A 0, B 1, C 2, D 3, E 4);
scan_together!(A 0, B 1, C 2, D 3, E 4, F 5);
scan_together!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
scan_together!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);

/// Counts one partition on this thread.
pub fn count<S: Scan>(scan: &S, view: &View<'_>) -> S::Cells {
    let mut cells = S::Cells::default();
    scan.scan(view, &mut cells);
    cells
}

/// Counts runs of partitions on the threads of the current pool: the partitions of a run one after the other into
/// the same counts. Gives the counts of each run, packed where they are to be put by.
///
/// # Errors
/// [`TooLarge`] as soon as the counts held by all threads together pass `limit_bytes`.
pub fn count_each<S: Scan>(
    scan: &S,
    runs: &[Vec<View<'_>>],
    packed: bool,
    limit_bytes: usize,
) -> Result<Vec<S::Cells>, TooLarge> {
    let held = AtomicUsize::new(0);
    let count = |views: &Vec<View<'_>>| {
        let mut cells = S::Cells::default();
        for view in views {
            let before = S::bytes(&cells);
            scan.scan(view, &mut cells);
            let grown = S::bytes(&cells).saturating_sub(before);
            if held.fetch_add(grown, Ordering::Relaxed).saturating_add(grown) > limit_bytes {
                return Err(TooLarge { limit_bytes });
            }
        }
        if packed {
            S::pack(&mut cells);
        }
        Ok(cells)
    };
    runs.par_iter().map(count).collect()
}

/// Merges counts, in any order.
///
/// # Errors
/// [`TooLarge`] where they hold more than `limit_bytes` together.
pub fn merge_all<S: Scan>(
    _scan: &S,
    counts: impl IntoIterator<Item = S::Cells>,
    limit_bytes: usize,
) -> Result<S::Cells, TooLarge> {
    let mut all = S::Cells::default();
    for cells in counts {
        S::merge(&mut all, cells);
        if S::bytes(&all) > limit_bytes {
            return Err(TooLarge { limit_bytes });
        }
    }
    Ok(all)
}
