//! From a question to the view of each partition.
//!
//! Planning goes in three steps: read the question against the words of the snapshot; prepare every
//! partition (who is a member, in which group, which processes and currencies are in view); then decide
//! slots and currency from what is in view, or refuse. Scope is applied before anything is looked at, so
//! that no message, count or label tells of a deal outside. Must not know tallies.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use arrow::array::{Array, StringArray};
use arrow::buffer::ScalarBuffer;
use domain::process::{Process, Stage, StageKind};
use domain::{Currency, Day, Outcome, ProcessId, Rates, StageId};
use journey::{Journeys, NO_AMOUNT, NO_CURRENCY, NONE, Slots};

use crate::filter::Filter;
use crate::keys::{self, CodeBook, Key};
use crate::labels::{Labels, OwnDimension};
use crate::question::{AskError, Only, Question, similar};
use crate::snapshot::{Partition, ScopeCodes, Snapshot};

/// Stages that one question tells apart at most.
const MAX_STAGES: usize = 4096;

/// The words of group codes.
#[derive(Debug, Clone)]
pub struct Keys {
    dimensions: Vec<Grouping>,
    entry_groups: u64,
}

#[derive(Debug, Clone)]
struct Grouping {
    key: Key,
    words: Arc<StringArray>,
    radix: u64,
    stride: u64,
    version: u64,
    own: Option<OwnDimension>,
}

impl Keys {
    /// The words of a group, one a dimension of the question, absent where a deal has none.
    #[must_use]
    pub fn labels(&self, group: u64) -> Vec<Option<String>> {
        self.codes(group).into_iter().zip(&self.dimensions).map(|(code, by)| word(&by.words, code)).collect()
    }

    /// What the groups of deals and entries depend on, beside the codes.
    pub(crate) fn by(&self) -> Vec<(Key, u64, u64)> {
        self.dimensions.iter().map(|by| (by.key, by.radix, by.version)).collect()
    }

    /// Those dimensions that are fields of the organisation's own.
    pub fn own(&self) -> impl Iterator<Item = &OwnDimension> {
        self.dimensions.iter().filter_map(|by| by.own.as_ref())
    }

    /// How many codes groups of an entry can take.
    pub(crate) fn entry_groups(&self) -> u32 {
        u32::try_from(self.entry_groups).unwrap_or(u32::MAX)
    }

    /// Which groups have these words, one a dimension: tested apart on the part of a code that never changes and on
    /// the part that does.
    pub(crate) fn wanted(&self, labels: &[Option<String>]) -> (impl Fn(u32) -> bool, impl Fn(u32) -> bool) {
        let side = |changes: bool| {
            let of_side = self.dimensions.iter().zip(labels).filter(move |(by, _)| by.key.changes() == changes);
            let flags = of_side.map(|(by, label)| {
                let matches = |code| word(&by.words, code) == *label;
                let flags = (0..u32::try_from(by.radix).unwrap_or(u32::MAX)).map(matches).collect::<Vec<bool>>();
                (by.stride, by.radix, flags)
            });
            let flags: Vec<(u64, u64, Vec<bool>)> = flags.collect();
            move |group: u32| {
                let code = |stride: u64, radix: u64| usize::try_from(u64::from(group) / stride % radix).unwrap_or(0);
                flags.iter().all(|(stride, radix, flags)| flags[code(*stride, *radix)])
            }
        };
        (side(false), side(true))
    }

    /// Whether any dimension changes about a deal.
    pub(crate) fn change(&self) -> bool {
        self.dimensions.iter().any(|by| by.key.changes())
    }

    /// The codes of a group, one a dimension; 0 is none.
    #[must_use]
    pub fn codes(&self, group: u64) -> Vec<u32> {
        let (fixed, changing) = (group / self.entry_groups, group % self.entry_groups);
        let code = |by: &Grouping| (if by.key.changes() { changing } else { fixed }) / by.stride % by.radix;
        self.dimensions.iter().map(|by| u32::try_from(code(by)).unwrap_or(NONE)).collect()
    }
}

fn word(words: &StringArray, code: u32) -> Option<String> {
    let at = code as usize;
    (at < words.len() && words.is_valid(at)).then(|| words.value(at).to_owned())
}

/// What the masks of a partition depend on, beside its content.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Terms {
    scope: ScopeCodes,
    filter: Option<String>,
    only: Vec<Only>,
    process: Option<u32>,
    as_of: Day,
    /// Amounts may have to be converted: what is in view decides.
    converts: bool,
    pub(crate) book: CodeBook,
    /// Versions of the words that the filter may have read.
    words: Option<Vec<u64>>,
}

/// A question read against a snapshot.
pub(crate) struct Reading<'a> {
    snapshot: &'a Snapshot,
    question: &'a Question,
    filter: Filter,
    pub(crate) terms: Terms,
    pub(crate) keys: Keys,
}

/// How a question sees one partition, whatever it groups by.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    pub(crate) member: Option<Vec<bool>>,
    pub(crate) entry_member: Option<Vec<bool>>,
    /// The journeys with stages of older versions as those of the newest.
    pub(crate) renamed: Option<Journeys>,
    seen: Seen,
}

/// The groups of one partition: codes by journey, and by entry.
#[derive(Debug, Default)]
pub(crate) struct Grouped {
    pub(crate) group: Option<ScalarBuffer<u32>>,
    pub(crate) entry_group: Option<ScalarBuffer<u32>>,
}

/// Everything in one group.
pub(crate) static UNGROUPED: Grouped = Grouped { group: None, entry_group: None };

/// What is in view.
#[derive(Debug, Default, Clone)]
struct Seen {
    deals: u64,
    processes: BTreeSet<u32>,
    unknown_stage: bool,
    currencies: BTreeMap<u16, Amounts>,
}

/// Amounts of one currency in view.
#[derive(Debug, Clone, Copy)]
struct Amounts {
    first: Day,
    largest_minor: i64,
}

/// Where states are counted and in which currency.
pub(crate) struct Decided {
    pub(crate) slots: Slots,
    pub(crate) stages: Vec<Option<Stage>>,
    pub(crate) process: Option<Process>,
    pub(crate) rates: Option<Arc<Rates>>,
    pub(crate) currency: Option<Currency>,
    pub(crate) deals_seen: u64,
}

impl<'a> Reading<'a> {
    /// Reads the question.
    pub(crate) fn new(snapshot: &'a Snapshot, question: &'a Question) -> Result<Self, AskError> {
        let currencies: BTreeSet<u16> =
            snapshot.partitions.iter().flat_map(|partition| partition.occurs().currencies.iter().copied()).collect();
        let book = CodeBook::of(&snapshot.labels, currencies.into_iter().collect());
        let scope = snapshot.scope(&question.scope);
        let process = question.process.as_deref().map(|key| process_code(snapshot, &book, key)).transpose()?;
        let keys = keys(snapshot, &book, &question.by)?;
        let found: RefCell<HashMap<Key, Option<Vec<bool>>>> = RefCell::default();
        let visible =
            |key: Key| found.borrow_mut().entry(key).or_insert_with(|| visible(snapshot, &scope, key, &book)).clone();
        let mut filter = match question.filter.as_deref().map(str::trim) {
            None | Some("") => Filter::default(),
            Some(text) => Filter::parse(text, snapshot, &book, &visible)?,
        };
        for only in &question.only {
            let key = dimension(&only.dimension, &snapshot.labels)?;
            filter.also(Filter::only(key, key.flags(&only.values, snapshot, &book)));
        }
        let words = (question.filter.is_some() || !question.only.is_empty()).then(|| snapshot.labels.versions());
        let asked = question.currency.is_some_and(|wanted| !book.currencies.contains(&wanted.code()));
        let converts = asked || book.currencies.len() > 1;
        let Question { filter: filter_text, only, as_of, .. } = question.clone();
        let terms = Terms { scope, filter: filter_text, only, process, as_of, converts, book, words };
        Ok(Self { snapshot, question, filter, terms, keys })
    }

    /// Nothing is seen after the end of this day.
    pub(crate) const fn as_of(&self) -> Day {
        self.terms.as_of
    }

    /// Masks of one partition, and what is in view there.
    pub(crate) fn prepare(&self, partition: &Partition) -> Result<Prepared, AskError> {
        let book = &self.terms.book;
        let in_scope = partition.in_scope(&self.terms.scope);
        let mut member = in_scope.clone();
        if let Some(process) = self.terms.process {
            let codes = Key::Process.codes(partition, &self.snapshot.labels, book);
            let member = member.get_or_insert_with(|| vec![true; partition.len()]);
            member.iter_mut().zip(codes.iter()).for_each(|(flag, code)| *flag &= *code == process);
        }
        let words = (&self.snapshot.labels, book);
        self.filter.members(partition, words, in_scope.as_deref(), &mut member)?;
        let mut entry_member = None;
        self.filter.entry_members(partition, words, in_scope.as_deref(), &mut entry_member)?;
        let seen = self.seen(partition, member.as_deref(), entry_member.as_deref());
        let renamed = book.renames_stages().then(|| {
            let mut journeys = Journeys::clone(&partition.journeys);
            journeys.entries.stage = journeys.entries.stage.iter().map(|id| book.stage(*id)).collect();
            journeys
        });
        if let Some(passed) = &entry_member {
            // A deal that never passes counts nowhere: scans need not look at it.
            let ever = |journey: journey::Journey<'_>| passed[journey.range()].contains(&true);
            match &mut member {
                Some(member) => {
                    let journeys = partition.journeys.iter();
                    member.iter_mut().zip(journeys).for_each(|(flag, journey)| *flag = *flag && ever(journey));
                }
                None => member = Some(partition.journeys.iter().map(ever).collect()),
            }
        }
        Ok(Prepared { member, entry_member, renamed, seen })
    }

    /// The groups of one partition.
    pub(crate) fn group(&self, partition: &Partition) -> Grouped {
        Grouped { group: self.groups(partition, false), entry_group: self.groups(partition, true) }
    }

    fn groups(&self, partition: &Partition, changing: bool) -> Option<ScalarBuffer<u32>> {
        let mut groups: Option<ScalarBuffer<u32>> = None;
        for by in self.keys.dimensions.iter().filter(|by| by.key.changes() == changing) {
            let codes = by.key.codes(partition, &self.snapshot.labels, &self.terms.book);
            let stride = u32::try_from(by.stride).unwrap_or(u32::MAX);
            // The first has stride 1: its codes are the partition's own, shared.
            groups = Some(match groups {
                None => codes,
                Some(groups) => groups.iter().zip(codes.iter()).map(|(group, code)| group + code * stride).collect(),
            });
        }
        groups
    }

    fn seen(&self, partition: &Partition, member: Option<&[bool]>, entry_member: Option<&[bool]>) -> Seen {
        let (journeys, mut seen) = (&partition.journeys, Seen::default());
        let e = &journeys.entries;
        let mut last_process = u32::MAX;
        for journey in journeys.iter() {
            if !member.is_none_or(|member| member[journey.index])
                || journey.days().first().is_none_or(|day| *day > self.question.as_of.0)
            {
                continue;
            }
            seen.deals += 1;
            if journeys.process[journey.index] != last_process {
                last_process = journeys.process[journey.index];
                let known = self.terms.book.processes.get(last_process as usize).copied();
                seen.processes.extend(known.filter(|code| *code != NONE));
            }
            // Where there is one currency, as it stands, it only matters whether there is an amount.
            if !partition.occurs().unknown_stage && !self.terms.converts && !seen.currencies.is_empty() {
                continue;
            }
            for at in journey.range() {
                if e.day[at] > self.question.as_of.0 {
                    break;
                }
                seen.unknown_stage |= e.stage[at] == StageId::UNKNOWN.0 && e.state[at] == Outcome::Open as u8;
                if e.amount_minor[at] != NO_AMOUNT && entry_member.is_none_or(|member| member[at]) {
                    seen.amount(e.currency[at], Day(e.day[at]), e.amount_minor[at]);
                }
            }
        }
        seen
    }

    /// Slots and currency from what is in view.
    pub(crate) fn decide<'p>(
        &self,
        prepared: impl Iterator<Item = &'p Prepared>,
        with_amounts: bool,
    ) -> Result<Decided, AskError> {
        let mut seen = Seen::default();
        for part in prepared {
            seen.add(&part.seen);
        }
        let by_process = self.keys.dimensions.iter().any(|by| by.key == Key::Process);
        let processes: BTreeSet<u32> = match self.terms.process {
            Some(process) => BTreeSet::from([process]),
            None => seen.processes.clone(),
        };
        if processes.len() > 1 && !by_process {
            let key = |code: &u32| self.snapshot.labels.process(ProcessId(*code)).map(|process| process.key.clone());
            return Err(AskError::SeveralProcesses { keys: processes.iter().filter_map(key).collect() });
        }
        let (slots, stages) = self.slots(&processes, seen.unknown_stage)?;
        let (rates, currency) = self.currency(&seen, with_amounts)?;
        let process = match processes.first() {
            Some(code) if processes.len() == 1 => self.versions(*code).last().map(|process| (*process).clone()),
            _ => None,
        };
        Ok(Decided { slots, stages, process, rates, currency, deals_seen: seen.deals })
    }

    /// The currency of what is in view for whoever mixes processes: lists of deals, where stages need no slots. Where
    /// amounts do not add up, none is decided and the reason told.
    pub(crate) fn decide_amounts<'p>(
        &self,
        prepared: impl Iterator<Item = &'p Prepared>,
    ) -> (Decided, Option<AskError>) {
        let mut seen = Seen::default();
        for part in prepared {
            seen.add(&part.seen);
        }
        let (rates, currency, refused) = match self.currency(&seen, true) {
            Ok((rates, currency)) => (rates, currency, None),
            Err(error) => (None, None, Some(error)),
        };
        let slots = Slots::of_stages(&[], &[]);
        (Decided { slots, stages: Vec::new(), process: None, rates, currency, deals_seen: seen.deals }, refused)
    }

    /// The versions of a process by its code, oldest first.
    fn versions(&self, code: u32) -> Vec<&'a Process> {
        let labels = &self.snapshot.labels;
        let Some(first) = labels.process(ProcessId(code)) else { return Vec::new() };
        let mut versions: Vec<_> = labels.processes().iter().filter(|process| process.key == first.key).collect();
        versions.sort_by_key(|process| process.version);
        versions
    }

    fn slots(&self, processes: &BTreeSet<u32>, unknown: bool) -> Result<(Slots, Vec<Option<Stage>>), AskError> {
        let book = &self.terms.book;
        let mut stages: Vec<Option<Stage>> = Vec::new();
        let mut open: Vec<(StageId, i32)> = Vec::new();
        let mut members = vec![(StageId::UNKNOWN, i32::MIN)];
        if unknown {
            open.push((StageId::UNKNOWN, i32::MIN));
            stages.push(None);
        }
        for code in processes {
            let all = self.versions(*code).into_iter().flat_map(|process| &process.stages);
            let mut newest: Vec<&Stage> = all.filter(|stage| book.stage(stage.id.0) == stage.id.0).collect();
            newest.sort_by_key(|stage| (stage.order, stage.id));
            for stage in newest {
                members.push((stage.id, stage.order));
                if stage.kind == StageKind::Open {
                    open.push((stage.id, stage.order));
                    stages.push(Some(stage.clone()));
                }
            }
        }
        if open.len() > MAX_STAGES {
            return Err(AskError::TooManyStages { stages: open.len() });
        }
        Ok((Slots::of_stages(&open, &members), stages))
    }

    fn currency(&self, seen: &Seen, needed: bool) -> Result<(Option<Arc<Rates>>, Option<Currency>), AskError> {
        let booked: Vec<Currency> = seen.currencies.keys().filter_map(|code| Currency::from_code(*code)).collect();
        let single = match booked.as_slice() {
            [] => Some(self.question.currency.or(self.snapshot.currency)),
            [one] => Some(Some(*one)),
            _ => None,
        };
        if !needed {
            return Ok((None, single.flatten()));
        }
        let wanted = self.question.currency;
        if let Some(single) = single
            && (wanted.is_none() || booked.is_empty() || wanted == single)
        {
            return Ok((None, single));
        }
        if wanted.is_none() && self.keys.dimensions.iter().any(|by| by.key == Key::Currency) {
            return Ok((None, None));
        }
        let refuse = |reason: String| AskError::MixedCurrencies {
            currencies: booked.iter().map(ToString::to_string).collect(),
            reason,
        };
        let rates = self.snapshot.rates.as_ref();
        let rates = rates.ok_or_else(|| refuse("there are no exchange rates".to_owned()))?;
        let into = rates.into_currency();
        if wanted.is_some_and(|wanted| wanted != into) {
            return Err(refuse(format!("exchange rates lead into {into} only")));
        }
        for (code, amounts) in &seen.currencies {
            let Some(from) = Currency::from_code(*code) else { continue };
            // A rate at the first day is one for every later day.
            let tried = rates.convert_from_on(amounts.largest_minor, from, amounts.first);
            tried.map_err(|error| refuse(error.to_string()))?;
        }
        Ok((Some(Arc::clone(rates)), Some(into)))
    }
}

impl Seen {
    fn amount(&mut self, currency: u16, day: Day, amount_minor: i64) {
        if currency == NO_CURRENCY {
            return;
        }
        let largest_minor = amount_minor.saturating_abs();
        let amounts = self.currencies.entry(currency).or_insert(Amounts { first: day, largest_minor });
        amounts.first = amounts.first.min(day);
        amounts.largest_minor = amounts.largest_minor.max(largest_minor);
    }

    fn add(&mut self, other: &Self) {
        self.deals += other.deals;
        self.processes.extend(&other.processes);
        self.unknown_stage |= other.unknown_stage;
        for (currency, amounts) in &other.currencies {
            self.amount(*currency, amounts.first, amounts.largest_minor);
        }
    }
}

impl Prepared {
    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        let flags = |flags: &Option<Vec<bool>>| flags.as_ref().map_or(0, Vec::len);
        let renamed = self.renamed.as_ref().map_or(0, |journeys| journeys.entries.stage.len() * 4);
        flags(&self.member) + flags(&self.entry_member) + renamed
    }
}

fn process_code(snapshot: &Snapshot, book: &CodeBook, key: &str) -> Result<u32, AskError> {
    let processes = snapshot.labels.processes();
    let found = processes.iter().find(|process| process.key == key).and_then(|process| process.id);
    found.and_then(|id| book.processes.get(id.0 as usize).copied()).ok_or_else(|| {
        let known: BTreeSet<&str> = processes.iter().map(|process| process.key.as_str()).collect();
        let near = similar(key, known.iter().copied());
        AskError::UnknownProcess { key: key.to_owned(), near, known: known.into_iter().map(str::to_owned).collect() }
    })
}

/// The key of a dimension's name.
pub(crate) fn dimension(name: &str, labels: &Labels) -> Result<Key, AskError> {
    Key::parse(name, labels).ok_or_else(|| {
        let known = || keys::all(labels).map(|(name, _)| name);
        let (near, known) = (similar(name, known()), known().map(str::to_owned).collect());
        AskError::UnknownDimension { name: name.to_owned(), near, known }
    })
}

fn keys(snapshot: &Snapshot, book: &CodeBook, by: &[String]) -> Result<Keys, AskError> {
    let mut dimensions = Vec::with_capacity(by.len());
    let (mut groups, mut entry_groups) = (1_u64, 1_u64);
    for name in by {
        let key = dimension(name, &snapshot.labels)?;
        let radix = key.radix(snapshot, book);
        let side = if key.changes() { &mut entry_groups } else { &mut groups };
        let (version, own) = (key.version(&snapshot.labels), snapshot.labels.own_dimension(name).cloned());
        dimensions.push(Grouping { key, words: key.words(snapshot, book), radix, stride: *side, version, own });
        *side = side.saturating_mul(radix);
        let limit = u64::from(u32::MAX);
        if *side > limit {
            return Err(AskError::TooManyGroups { by: by.to_vec(), limit });
        }
    }
    Ok(Keys { dimensions, entry_groups })
}

/// The codes of a key that occur in scope; `None` where everything is.
pub(crate) fn visible(snapshot: &Snapshot, scope: &ScopeCodes, key: Key, book: &CodeBook) -> Option<Vec<bool>> {
    if *scope == ScopeCodes::All {
        return None;
    }
    let mut flags = vec![false; usize::try_from(key.radix(snapshot, book)).unwrap_or(0)];
    for partition in &snapshot.partitions {
        let member = partition.in_scope(scope)?;
        let codes = key.codes(partition, &snapshot.labels, book);
        for journey in partition.journeys.iter().filter(|journey| member[journey.index]) {
            let codes = if key.changes() { &codes[journey.range()] } else { &codes[journey.index..=journey.index] };
            for code in codes {
                if let Some(flag) = flags.get_mut(*code as usize) {
                    *flag = true;
                }
            }
        }
    }
    Some(flags)
}
