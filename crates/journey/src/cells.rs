//! Sparse integer cells: what tallies count into.
//!
//! A cell is a few integers that only ever add up, so cells of two partitions merge in any order into the
//! same counts. A [`Grid`] keeps one cell per group and place inside the group: side by side while the groups
//! are few, in a hash map beyond, so that a question with many thinly filled groups costs what it fills.
//! The module must not know what a place means; the tally that owns the grid does.

use std::collections::HashMap;
use std::fmt::Debug;

use arrow::array::RecordBatch;
use foldhash::fast::FixedState;

use crate::travel::{CellsError, Parts};

/// The counts of a tally: sparse integers that add up in any order.
pub trait Cells: Debug + Clone + Default + PartialEq + Send + Sync {
    /// Adds the counts of `other`.
    ///
    /// # Panics
    /// Where the two were counted by tallies or through slots that differ: their cells mean different things.
    fn merge(&mut self, other: Self);

    /// Bytes held, for the memory pool.
    fn bytes(&self) -> usize;

    /// Forgets what was counted and keeps the layout and the room: for reading off one deal after another.
    fn clear(&mut self);

    /// Gives back room that is thinly filled, before the cells are put by; they count on as before.
    fn pack(&mut self);

    /// The cells as one batch of [`crate::travel::schema`], to travel between threads, files and machines.
    fn to_batch(&self) -> RecordBatch;

    /// Reads the batch of [`Cells::to_batch`].
    ///
    /// # Errors
    /// [`CellsError`] where the batch is not one of these cells.
    fn from_batch(batch: &RecordBatch) -> Result<Self, CellsError>;
}

/// A few integers that add up.
pub trait Cell: Copy + Default + PartialEq + Debug + Send + Sync {
    /// How many integers there are.
    const WIDTH: usize;

    /// Adds another cell, integer by integer.
    fn add(&mut self, other: &Self);

    /// The integers, in a fixed order.
    fn values(&self) -> impl Iterator<Item = i128>;

    /// A cell of these integers; absent unless there are [`Cell::WIDTH`] that fit.
    fn of_values(values: &[i128]) -> Option<Self>;

    /// Nothing was counted here, or it cancelled out.
    #[must_use]
    fn is_zero(&self) -> bool {
        *self == Self::default()
    }
}

/// Deals and their amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    /// Deals, those without an amount too.
    pub deals: i64,
    /// Deals whose amount is unknown: they add nothing to the amount.
    pub deals_without_amount: i64,
    /// The known amounts, in minor units.
    pub amount_minor: i128,
}

impl Sum {
    /// One deal.
    #[must_use]
    #[inline]
    pub fn one(amount_minor: Option<i64>) -> Self {
        Self {
            deals: 1,
            deals_without_amount: i64::from(amount_minor.is_none()),
            amount_minor: i128::from(amount_minor.unwrap_or(0)),
        }
    }

    /// The same with every sign turned.
    #[must_use]
    #[inline]
    pub const fn negated(self) -> Self {
        Self { deals: -self.deals, deals_without_amount: -self.deals_without_amount, amount_minor: -self.amount_minor }
    }
}

impl Cell for Sum {
    const WIDTH: usize = 3;

    #[inline]
    fn add(&mut self, other: &Self) {
        self.deals += other.deals;
        self.deals_without_amount += other.deals_without_amount;
        self.amount_minor += other.amount_minor;
    }

    fn values(&self) -> impl Iterator<Item = i128> {
        [i128::from(self.deals), i128::from(self.deals_without_amount), self.amount_minor].into_iter()
    }

    fn of_values(values: &[i128]) -> Option<Self> {
        let &[deals, without, amount_minor] = values else { return None };
        Some(Self { deals: deals.try_into().ok()?, deals_without_amount: without.try_into().ok()?, amount_minor })
    }
}

/// Deals that moved, with their amount before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Move {
    /// Deals.
    pub deals: i64,
    /// Deals that were there before, with an unknown amount.
    pub deals_without_amount_from: i64,
    /// Deals that are there after, with an unknown amount.
    pub deals_without_amount_to: i64,
    /// Their known amounts before, in minor units at the rate of the first day.
    pub amount_from_minor: i128,
    /// Their known amounts after, in minor units at the rate of the last day.
    pub amount_to_minor: i128,
}

impl Move {
    /// The same with every sign turned.
    #[must_use]
    #[inline]
    pub const fn negated(self) -> Self {
        Self {
            deals: -self.deals,
            deals_without_amount_from: -self.deals_without_amount_from,
            deals_without_amount_to: -self.deals_without_amount_to,
            amount_from_minor: -self.amount_from_minor,
            amount_to_minor: -self.amount_to_minor,
        }
    }
}

impl Cell for Move {
    const WIDTH: usize = 5;

    #[inline]
    fn add(&mut self, other: &Self) {
        self.deals += other.deals;
        self.deals_without_amount_from += other.deals_without_amount_from;
        self.deals_without_amount_to += other.deals_without_amount_to;
        self.amount_from_minor += other.amount_from_minor;
        self.amount_to_minor += other.amount_to_minor;
    }

    fn values(&self) -> impl Iterator<Item = i128> {
        let counts = [self.deals, self.deals_without_amount_from, self.deals_without_amount_to];
        counts.into_iter().map(i128::from).chain([self.amount_from_minor, self.amount_to_minor])
    }

    fn of_values(values: &[i128]) -> Option<Self> {
        let &[deals, from, to, amount_from_minor, amount_to_minor] = values else { return None };
        Some(Self {
            deals: deals.try_into().ok()?,
            deals_without_amount_from: from.try_into().ok()?,
            deals_without_amount_to: to.try_into().ok()?,
            amount_from_minor,
            amount_to_minor,
        })
    }
}

/// A row of plain counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts<const N: usize>(pub [i64; N]);

impl<const N: usize> Default for Counts<N> {
    fn default() -> Self {
        Self([0; N])
    }
}

impl<const N: usize> Cell for Counts<N> {
    const WIDTH: usize = N;

    #[inline]
    fn add(&mut self, other: &Self) {
        for (own, theirs) in self.0.iter_mut().zip(other.0) {
            *own += theirs;
        }
    }

    fn values(&self) -> impl Iterator<Item = i128> {
        self.0.into_iter().map(i128::from)
    }

    fn of_values(values: &[i128]) -> Option<Self> {
        let mut counts = [0; N];
        if values.len() != N {
            return None;
        }
        for (count, value) in counts.iter_mut().zip(values) {
            *count = i64::try_from(*value).ok()?;
        }
        Some(Self(counts))
    }
}

/// How the places of a group are numbered. Every cell of one question has the same layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Layout {
    /// Open slots of the question's slot map.
    pub open: u16,
    /// Places a group, at least 1 where anything is counted.
    pub stride: u32,
}

impl Layout {
    /// `open` open slots and `stride` places.
    ///
    /// # Panics
    /// Past 2³² places a group: a planner refuses such a question long before.
    #[must_use]
    #[inline]
    pub fn new(open: u16, stride: usize) -> Self {
        Self { open, stride: u32::try_from(stride).expect("a group has fewer than 2^32 places") }
    }

    /// Checks that cells of two layouts may be added, and gives the one that counts.
    pub(crate) fn agree(self, other: Self) -> Self {
        if self.stride == 0 {
            return other;
        }
        assert!(other.stride == 0 || self == other, "cells of one question have one layout: {self:?}, {other:?}");
        self
    }
}

/// Bytes that a grid keeps side by side at most: what fits a core's own cache.
const DENSE_BYTES: usize = 2 << 20;

/// One cell per group and place.
///
/// Groups whose cells end within [`DENSE_BYTES`] lie side by side, others in a hash map: which one is a
/// matter of the group's number alone. Only a packed grid keeps all its cells in the map, until it is added to.
#[derive(Debug, Clone, Default)]
pub struct Grid<C> {
    layout: Layout,
    dense_groups: u64,
    dense: Vec<C>,
    sparse: HashMap<(u64, u32), C, FixedState>,
    packed: bool,
}

impl<C: Cell> Grid<C> {
    /// The numbering of its places.
    #[must_use]
    pub const fn layout(&self) -> Layout {
        self.layout
    }

    /// Fixes the numbering of places before anything is counted.
    ///
    /// # Panics
    /// Where it was fixed otherwise.
    #[inline]
    pub fn shape(&mut self, layout: Layout) {
        if self.layout != layout {
            self.layout = self.layout.agree(layout);
        }
    }

    /// The cell of `place` in `group`, to add to. The grid has been given its shape.
    #[inline]
    pub fn cell(&mut self, group: u64, place: usize) -> &mut C {
        debug_assert!(place < self.layout.stride as usize, "place {place} of {:?}", self.layout);
        if group < self.dense_groups {
            let at = self.near(group, place);
            return &mut self.dense[at];
        }
        self.far_cell(group, place)
    }

    /// Adds to a cell.
    #[inline]
    pub fn add(&mut self, group: u64, place: usize, cell: &C) {
        self.cell(group, place).add(cell);
    }

    /// Where a cell lies side by side with others. The group is below `dense_groups`, so the product fits.
    #[inline]
    fn near(&self, group: u64, place: usize) -> usize {
        usize::try_from(group).unwrap_or(usize::MAX) * self.layout.stride as usize + place
    }

    /// Groups that may lie side by side.
    fn near_groups(&self) -> u64 {
        (DENSE_BYTES / size_of::<C>()) as u64 / u64::from(self.layout.stride.max(1))
    }

    fn far_cell(&mut self, group: u64, place: usize) -> &mut C {
        if self.packed {
            self.unpack();
        }
        let limit = self.near_groups();
        if group >= limit {
            let place = u32::try_from(place).unwrap_or(u32::MAX);
            return self.sparse.entry((group, place)).or_default();
        }
        if group >= self.dense_groups {
            self.dense_groups = (group + 1).next_power_of_two().min(limit);
            let cells = self.near(self.dense_groups, 0);
            self.dense.resize(cells, C::default());
        }
        let at = self.near(group, place);
        &mut self.dense[at]
    }

    #[cold]
    fn unpack(&mut self) {
        self.packed = false;
        for ((group, place), cell) in std::mem::take(&mut self.sparse) {
            self.cell(group, place as usize).add(&cell);
        }
    }

    /// Every cell that counts anything, by group and place.
    #[must_use]
    pub fn rows(&self) -> Vec<(u64, u32, C)> {
        let stride = u64::from(self.layout.stride.max(1));
        let near = (0_u64..).zip(&self.dense).filter(|(_, cell)| !cell.is_zero()).map(|(at, cell)| {
            let place = u32::try_from(at % stride).unwrap_or(u32::MAX);
            (at / stride, place, *cell)
        });
        let mut far: Vec<(u64, u32, C)> = self
            .sparse
            .iter()
            .filter(|(_, cell)| !cell.is_zero())
            .map(|((group, place), cell)| (*group, *place, *cell))
            .collect();
        far.sort_unstable_by_key(|(group, place, _)| (*group, *place));
        near.chain(far).collect()
    }

    /// The cell of `place` in `group`, zero where nothing was counted.
    #[must_use]
    pub fn get(&self, group: u64, place: usize) -> C {
        if place >= self.layout.stride as usize {
            return C::default();
        }
        if group < self.dense_groups {
            return self.dense[self.near(group, place)];
        }
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        self.sparse.get(&(group, place)).copied().unwrap_or_default()
    }
}

impl<C: Cell> PartialEq for Grid<C> {
    /// Whether both count the same; how much room they hold does not matter.
    fn eq(&self, other: &Self) -> bool {
        let (own, theirs) = (self.rows(), other.rows());
        own == theirs && (own.is_empty() || self.layout == other.layout)
    }
}

impl<C: Cell> Cells for Grid<C> {
    fn merge(&mut self, mut other: Self) {
        self.layout = self.layout.agree(other.layout);
        if self.packed {
            self.unpack();
        }
        if other.dense.len() > self.dense.len() {
            std::mem::swap(&mut self.dense, &mut other.dense);
            self.dense_groups = other.dense_groups;
        }
        for (own, theirs) in self.dense.iter_mut().zip(&other.dense) {
            own.add(theirs);
        }
        if !other.packed && other.sparse.len() > self.sparse.len() {
            std::mem::swap(&mut self.sparse, &mut other.sparse);
        }
        for ((group, place), cell) in other.sparse {
            self.cell(group, place as usize).add(&cell);
        }
    }

    fn clear(&mut self) {
        self.dense.fill(C::default());
        self.sparse.clear();
        self.packed = false;
    }

    fn pack(&mut self) {
        let filled = self.dense.iter().filter(|cell| !cell.is_zero()).count();
        // A cell in the map takes about twice its room.
        if self.packed || filled * 4 > self.dense.len() {
            return;
        }
        let rows = self.rows().into_iter().map(|(group, place, cell)| ((group, place), cell));
        self.sparse = rows.collect();
        (self.dense, self.dense_groups, self.packed) = (Vec::new(), 0, true);
    }

    fn bytes(&self) -> usize {
        let far = size_of::<((u64, u32), C)>() + 1;
        size_of::<Self>() + self.dense.capacity() * size_of::<C>() + self.sparse.capacity() * far * 8 / 7
    }

    fn to_batch(&self) -> RecordBatch {
        let mut parts = Parts::default();
        parts.grid(0, self);
        parts.finish()
    }

    fn from_batch(batch: &RecordBatch) -> Result<Self, CellsError> {
        let mut reader = Parts::read(batch, 1)?;
        reader.take_grid(0)
    }
}
