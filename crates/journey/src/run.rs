//! Scans: one or several tallies over many partitions, on the threads they are given.
//!
//! Partitions are small enough to stay in the processor's cache, so several tallies are fused by taking them
//! one after another over each partition: each keeps its tight loop, and the columns come from memory once.
//! Partial counts merge in any order, so what a scan answers does not depend on the threads.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::ThreadPool;
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
        for journey in view.journeys.iter() {
            self.observe(journey, view, cells);
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

/// Counts partitions on the threads of `pool` and merges the counts.
///
/// # Errors
/// [`TooLarge`] as soon as the counts held by all threads together pass `limit_bytes`.
pub fn run<S: Scan>(pool: &ThreadPool, scan: &S, views: &[View<'_>], limit_bytes: usize) -> Result<S::Cells, TooLarge> {
    let held = AtomicUsize::new(0);
    let too_large = TooLarge { limit_bytes };
    let step = |cells: Result<S::Cells, TooLarge>, view: &View<'_>| {
        let mut cells = cells?;
        let before = S::bytes(&cells);
        scan.scan(view, &mut cells);
        let grown = S::bytes(&cells).saturating_sub(before);
        let all = held.fetch_add(grown, Ordering::Relaxed).saturating_add(grown);
        if all > limit_bytes { Err(too_large) } else { Ok(cells) }
    };
    pool.install(|| {
        // One run of partitions a thread: fewer half-filled counts to merge than by splitting as work is stolen.
        let run = views.len().div_ceil(pool.current_num_threads().max(1) * RUNS_PER_THREAD).max(1);
        views.par_chunks(run).map(|views| views.iter().fold(Ok(S::Cells::default()), step)).reduce(
            || Ok(S::Cells::default()),
            |into, from| {
                let (mut into, from) = (into?, from?);
                let before = S::bytes(&into) + S::bytes(&from);
                S::merge(&mut into, from);
                // What merging frees may be used again.
                held.fetch_sub(before.saturating_sub(S::bytes(&into)), Ordering::Relaxed);
                Ok(into)
            },
        )
    })
}

/// How many runs of partitions a thread takes: enough that a slow run does not leave the others idle.
const RUNS_PER_THREAD: usize = 4;

/// Counts partitions on the threads of `pool`, and gives the counts of each in the order of `views`: a caller
/// that remembers answers by partition merges them with those it has.
pub fn run_each<S: Scan>(pool: &ThreadPool, scan: &S, views: &[View<'_>]) -> Vec<S::Cells> {
    let packed = |view: &View<'_>| {
        let mut cells = count(scan, view);
        S::pack(&mut cells);
        cells
    };
    pool.install(|| views.par_iter().map(packed).collect())
}

/// Merges counts, in any order.
pub fn merge_all<S: Scan>(_scan: &S, counts: impl IntoIterator<Item = S::Cells>) -> S::Cells {
    let mut all = S::Cells::default();
    for cells in counts {
        S::merge(&mut all, cells);
    }
    all
}
