//! Texts ready to be searched and ordered: folded once a partition version, once a version of a dimension's names.
//!
//! Must not know who may see them: whoever searches looks only at rows and codes in scope.

use std::sync::Arc;

use arrow::array::{Array, AsArray};
use domain::field::ids;
use domain::text::folded;
use rayon::prelude::*;

use crate::labels::{Dimension, Labels, Members};
use crate::memory::Memory;
use crate::snapshot::{Partition, Snapshot};

/// Ends a part of a line; folded texts have no control characters.
const PART: char = '\u{1}';
const LINE: char = '\u{2}';

/// What is searched of the deals of a partition: a line each, of name and external id.
#[derive(Debug)]
pub(crate) struct Texts {
    all: String,
    /// Where each row's line begins, and where the last one ends.
    starts: Vec<u32>,
}

impl Texts {
    fn of(partition: &Partition, labels: &Labels) -> Self {
        let names = labels.fields().iter().find(|field| field.id == ids::OPPORTUNITY_NAME);
        let names = names.map(|field| partition.attributes.column(field));
        let names = names.as_ref().and_then(|names| names.as_string_opt::<i32>());
        let mut texts = Self { all: String::new(), starts: Vec::with_capacity(partition.len() + 1) };
        for row in 0..partition.len() {
            texts.begin();
            if let Some(names) = names.filter(|names| names.is_valid(row)) {
                texts.all.push_str(&folded(names.value(row)));
            }
            texts.all.push(PART);
            if partition.attributes.external_id.is_valid(row) {
                texts.all.push_str(&folded(partition.attributes.external_id.value(row)));
            }
            texts.all.push(LINE);
        }
        texts.begin();
        texts
    }

    fn begin(&mut self) {
        self.starts.push(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
    }

    fn line(&self, row: usize) -> &str {
        &self.all[self.starts[row] as usize..self.starts[row + 1] as usize - LINE.len_utf8()]
    }

    /// The folded name and external id of a row; empty where there is none.
    pub(crate) fn parts(&self, row: usize) -> (&str, &str) {
        self.line(row).split_once(PART).unwrap_or_default()
    }

    /// Flags the rows in which the folded text occurs.
    pub(crate) fn flag(&self, needle: &str, flags: &mut [bool]) {
        for (at, _) in self.all.match_indices(needle) {
            let after = self.starts.partition_point(|start| *start as usize <= at);
            if let Some(flag) = flags.get_mut(after.saturating_sub(1)) {
                *flag = true;
            }
        }
    }

    fn bytes(&self) -> usize {
        self.all.capacity() + self.starts.capacity() * 4
    }
}

/// The folded names of a dimension's members by code, and their order.
#[derive(Debug)]
pub(crate) struct Names {
    of: Arc<Members>,
    /// Place 0 is nobody's.
    folded: Vec<String>,
    /// By code: the place of the name among all names, equal for equal names.
    rank: Vec<u32>,
    /// The names by rank.
    by_rank: Vec<u32>,
}

impl Names {
    fn of(members: Arc<Members>) -> Self {
        let words = members.labels();
        let names = (0..=members.len())
            .map(|code| if words.is_valid(code) { folded(words.value(code)) } else { String::new() });
        let folded: Vec<String> = names.collect();
        let mut order: Vec<u32> = (1..u32::try_from(folded.len()).unwrap_or(u32::MAX)).collect();
        order.par_sort_unstable_by(|a, b| folded[*a as usize].cmp(&folded[*b as usize]).then(a.cmp(b)));
        let (mut rank, mut by_rank) = (vec![0; folded.len()], Vec::new());
        for code in order {
            let last = by_rank.last().is_some_and(|last: &u32| folded[*last as usize] == folded[code as usize]);
            if !last {
                by_rank.push(code);
            }
            rank[code as usize] = u32::try_from(by_rank.len() - 1).unwrap_or(u32::MAX);
        }
        Self { of: members, folded, rank, by_rank }
    }

    /// The folded name of a code; empty for none.
    pub(crate) fn name(&self, code: u32) -> &str {
        self.folded.get(code as usize).map_or("", String::as_str)
    }

    /// The place of a code's name among the names.
    pub(crate) fn rank(&self, code: u32) -> u32 {
        self.rank.get(code as usize).copied().unwrap_or(0)
    }

    /// The rank of a name, or that of the first name after it.
    pub(crate) fn rank_of(&self, name: &str) -> Result<u32, u32> {
        let found = self.by_rank.binary_search_by(|code| self.folded[*code as usize].as_str().cmp(name));
        let small = |at| u32::try_from(at).unwrap_or(u32::MAX);
        found.map(small).map_err(small)
    }

    /// Flags the codes in whose name the folded text occurs.
    pub(crate) fn flags(&self, needle: &str) -> Vec<bool> {
        self.folded.par_iter().map(|name| !name.is_empty() && name.contains(needle)).collect()
    }

    fn bytes(&self) -> usize {
        let texts: usize = self.folded.iter().map(|name| name.capacity() + size_of::<String>()).sum();
        texts + (self.rank.len() + self.by_rank.len()) * 4
    }
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct OfPartitions;

#[derive(Clone, PartialEq, Eq, Hash)]
struct OfMembers;

/// The texts of all partitions.
pub(crate) fn texts(snapshot: &Snapshot, memory: &Memory) -> Vec<Arc<Texts>> {
    let versions = snapshot.partitions.iter().map(|partition| partition.version).enumerate();
    let known: Vec<Option<Arc<Texts>>> = memory.recall(&OfPartitions, versions);
    let made: Vec<(bool, Arc<Texts>)> = (snapshot.partitions.par_iter().zip(known))
        .map(|(partition, known)| match known {
            Some(known) => (false, known),
            None => (true, Arc::new(Texts::of(partition, &snapshot.labels))),
        })
        .collect();
    let fresh = made.iter().enumerate().filter(|(_, (fresh, _))| *fresh);
    let fresh = fresh.map(|(at, (_, texts))| (at, snapshot.partitions[at].version, texts.bytes(), Arc::clone(texts)));
    memory.keep(OfPartitions, fresh.collect());
    made.into_iter().map(|(_, texts)| texts).collect()
}

/// The names of a dimension.
pub(crate) fn names(snapshot: &Snapshot, dimension: Dimension, memory: &Memory) -> Arc<Names> {
    // Versions of members begin anew with a rebuild: the members themselves are compared.
    let members = snapshot.labels.shared(dimension);
    let known: Vec<Option<Arc<Names>>> = memory.recall(&OfMembers, std::iter::once((dimension as usize, 0)));
    if let Some(known) = known.into_iter().flatten().find(|known| Arc::ptr_eq(&known.of, members)) {
        return known;
    }
    let names = Arc::new(Names::of(Arc::clone(members)));
    memory.keep(OfMembers, vec![(dimension as usize, 0, names.bytes(), Arc::clone(&names))]);
    names
}
