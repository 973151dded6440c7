//! A snapshot as one scope sees it: the one place that every table and every function of SQL reads through.
//!
//! This module must not know queries, nor any user: a [`Scope`] comes from outside.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, StringViewArray};
use arrow::compute::{cast, nullif};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use domain::{Currency, Day, Scope, StageId};
use journey::{Journeys, NO_AMOUNT};

use super::catalogue::Catalogue;
use crate::keys::{CodeBook, Key};
use crate::labels::Dimension;
use crate::plan::visible;
use crate::snapshot::{Partition, ScopeCodes, Snapshot};

/// A snapshot as one scope sees it. Whoever reads rows, also by a number made up in a query, asks
/// [`Seen::sees`] or [`Seen::deals`] first.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) catalogue: Catalogue,
    scope: ScopeCodes,
    /// Flags by deal, one list a partition, made when first asked for; absent inside: all.
    shown: Vec<OnceLock<Option<Vec<bool>>>>,
    names: [OnceLock<Arc<StringViewArray>>; 8],
    ids: [OnceLock<Arc<Int64Array>>; 8],
    own: Vec<OnceLock<Arc<StringViewArray>>>,
    currencies: OnceLock<BTreeMap<Currency, Day>>,
    pub(super) book: CodeBook,
    renamed: Vec<OnceLock<Journeys>>,
}

impl Seen {
    pub(super) fn new(snapshot: Arc<Snapshot>, scope: &Scope) -> Self {
        Self {
            catalogue: Catalogue::new(snapshot.labels.processes()),
            scope: snapshot.scope(scope),
            shown: snapshot.partitions.iter().map(|_| OnceLock::new()).collect(),
            names: Default::default(),
            ids: Default::default(),
            own: snapshot.labels.own_dimensions().iter().map(|_| OnceLock::new()).collect(),
            currencies: OnceLock::new(),
            book: CodeBook::of(&snapshot.labels, Vec::new()),
            renamed: snapshot.partitions.iter().map(|_| OnceLock::new()).collect(),
            snapshot,
        }
    }

    /// How many partitions there are.
    pub(super) fn parts(&self) -> usize {
        self.snapshot.partitions.len()
    }

    pub(super) fn part(&self, part: usize) -> &Partition {
        &self.snapshot.partitions[part]
    }

    pub(super) fn journeys(&self, part: usize) -> &Journeys {
        &self.part(part).journeys
    }

    /// Whether the deal exists, has a history, and lies inside the scope.
    pub(super) fn sees(&self, part: usize, deal: usize) -> bool {
        if part >= self.parts() || deal >= self.journeys(part).len() {
            return false;
        }
        let stands = !self.journeys(part).get(deal).range().is_empty();
        stands && self.shown(part).is_none_or(|flags| flags[deal])
    }

    /// The deals that [`Seen::sees`] allows: each with the places of its entries.
    pub(super) fn deals(&self, part: usize) -> impl Iterator<Item = (u32, Range<usize>)> + '_ {
        let flags = self.shown(part);
        (0..).zip(self.journeys(part).iter()).filter_map(move |(deal, journey)| {
            let range = journey.range();
            let seen = !range.is_empty() && flags.is_none_or(|flags| flags[journey.index]);
            seen.then_some((deal, range))
        })
    }

    fn shown(&self, part: usize) -> Option<&[bool]> {
        self.shown[part].get_or_init(|| self.part(part).in_scope(&self.scope)).as_deref()
    }

    /// Names of a dimension's members by code; code 0 is null, and so are members that no deal in scope has: an
    /// expression that is asked about every word must not meet theirs.
    pub(super) fn names(&self, of: Dimension) -> Result<&Arc<StringViewArray>, ArrowError> {
        self.visible_words(&self.names[of as usize], Key::Dimension(of))
    }

    /// The words of an own dimension, by its place among them, likewise.
    pub(super) fn own(&self, at: usize) -> Result<&Arc<StringViewArray>, ArrowError> {
        self.visible_words(&self.own[at], Key::Own(self.snapshot.labels.own_dimensions()[at].field.id))
    }

    fn visible_words<'a>(
        &'a self,
        cell: &'a OnceLock<Arc<StringViewArray>>,
        key: Key,
    ) -> Result<&'a Arc<StringViewArray>, ArrowError> {
        if let Some(names) = cell.get() {
            return Ok(names);
        }
        let mut names: ArrayRef = key.words(&self.snapshot, &self.book);
        if let Some(flags) = visible(&self.snapshot, &self.scope, key, &self.book) {
            let hidden = flags.iter().take(names.len()).map(|seen| !seen).collect::<Vec<_>>();
            names = nullif(&names, &BooleanArray::from(hidden))?;
        }
        let views = cast(&names, &DataType::Utf8View)?;
        Ok(cell.get_or_init(|| Arc::new(views.as_string_view().clone())))
    }

    /// Record ids of a dimension's members by code; code 0 is null.
    pub(super) fn ids(&self, of: Dimension) -> &Arc<Int64Array> {
        self.ids[of as usize].get_or_init(|| {
            let ids = self.snapshot.labels.members(of).iter().map(|(_, member)| Some(member.id));
            Arc::new(std::iter::once(None).chain(ids).collect())
        })
    }

    /// The journeys of a partition as tally functions read them: stages of older versions of a process are
    /// those of its newest.
    pub(super) fn counted(&self, part: usize) -> &Journeys {
        if !self.book.renames_stages() {
            return self.journeys(part);
        }
        self.renamed[part].get_or_init(|| {
            let mut journeys = self.journeys(part).clone();
            journeys.entries.stage = journeys.entries.stage.iter().map(|stage| self.book.stage(*stage)).collect();
            journeys
        })
    }

    /// Whether any deal inside the scope is ever in no known stage.
    pub(super) fn holds_unknown_stages(&self) -> bool {
        (0..self.parts()).any(|part| {
            let stages = &self.journeys(part).entries.stage;
            self.deals(part).any(|(_, range)| stages[range].contains(&StageId::UNKNOWN.0))
        })
    }

    /// The currencies of all amounts inside the scope, each with the first day it is booked on.
    pub(super) fn currencies(&self) -> &BTreeMap<Currency, Day> {
        self.currencies.get_or_init(|| {
            let mut first: BTreeMap<u16, i32> = BTreeMap::new();
            for part in 0..self.parts() {
                let entries = &self.journeys(part).entries;
                for (_, range) in self.deals(part) {
                    for place in range.filter(|place| entries.amount_minor[*place] != NO_AMOUNT) {
                        let day = first.entry(entries.currency[place]).or_insert(i32::MAX);
                        *day = entries.day[place].min(*day);
                    }
                }
            }
            first.into_iter().filter_map(|(code, day)| Some((Currency::from_code(code)?, Day(day)))).collect()
        })
    }
}
