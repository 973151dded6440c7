//! The merges so far, and taking one back.

use std::collections::{BTreeMap, HashSet};

use domain::field::{Value, ids};
use domain::journal::{Cut, Entry, Facts, Op, Withdrawn, fold};
use domain::{Instant, Kind, RecordId};
use store::{Merge, Record};

use super::keys::aliases;
use super::survivorship::name;
use crate::answer::{Answer, Cell, Column, Terms, Unit};
use crate::records::hot_values;
use crate::{AppError, Loudou, Result};

/// Merges of a page at most.
pub(super) const MOST: u32 = 500;

/// A merge in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeSeen {
    /// By which it is undone.
    pub id: i64,
    /// The kind of both records.
    pub kind: Kind,
    /// The record that went, and what it was called.
    pub record: (RecordId, String),
    /// The record that stayed, and what it is called.
    pub into: (RecordId, String),
    /// When.
    pub at: Instant,
    /// Who did it; absent where it was the program's own command.
    pub actor: Option<String>,
    /// The first of the merges that were made at once with it.
    pub batch: i64,
    /// When it was taken back.
    pub undone_at: Option<Instant>,
}

/// A change of the survivor since a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurvivorEdit {
    /// When.
    pub at: Instant,
    /// Who did it.
    pub actor: Option<String>,
    /// The fields changed, by their Chinese and English names.
    pub fields: Vec<(String, String)>,
}

/// A merge that was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmerged {
    /// The merge.
    pub merge: MergeSeen,
    /// What people changed of the survivor since; it stays.
    pub edits: Vec<SurvivorEdit>,
}

impl Loudou {
    /// Merges, the latest first; those before the merge `before` where one is named.
    ///
    /// # Errors
    /// The asker may not merge, or the database fails.
    pub async fn merges(&self, before: Option<i64>, limit: u32) -> Result<Vec<MergeSeen>> {
        self.may_merge()?;
        let merges = self.store.merges(before, limit.clamp(1, MOST)).await?;
        self.show_merges(&merges).await
    }

    async fn show_merges(&self, merges: &[Merge]) -> Result<Vec<MergeSeen>> {
        let mut wanted: HashSet<(Kind, RecordId)> = HashSet::new();
        for merge in merges {
            wanted.extend([(merge.kind, merge.record), (merge.kind, merge.into), (Kind::Person, merge.actor)]);
        }
        let names = self.names(wanted).await?;
        let seen = |merge: &Merge| MergeSeen {
            id: merge.seq,
            kind: merge.kind,
            record: (merge.record, names.of(merge.kind, merge.record)),
            into: (merge.into, names.of(merge.kind, merge.into)),
            at: merge.at,
            actor: (merge.actor != domain::journal::SYSTEM_ACTOR).then(|| names.of(Kind::Person, merge.actor)),
            batch: merge.batch,
            undone_at: merge.undone.map(|undone| undone.at),
        };
        Ok(merges.iter().map(seen).collect())
    }

    /// Takes a merge back: the record is there again with all that referred to it, and what it gave is withdrawn.
    ///
    /// # Errors
    /// The asker may not merge, there is no such merge, or it was taken back before.
    pub async fn undo_merge(&self, merge: i64) -> Result<Unmerged> {
        self.may_merge()?;
        let mut writer = self.store.begin().await?;
        let (merge, edits) = writer.unmerge(merge, self.who.actor, self.now).await?;
        let withdrawn = self.store.withdrawn().await?;
        if let Some(facts) = self.without_names(&[&merge], &withdrawn).await? {
            writer.append(vec![self.draft(merge.kind, merge.into, facts)], self.now).await?;
        }
        writer.commit().await?;
        let seen = self.show_merges(&[merge]).await?.into_iter().next();
        let seen = seen.ok_or_else(|| AppError::system("a merge that was taken back is not there"))?;
        Ok(Unmerged { merge: seen, edits: self.show_edits(&merge, &edits).await? })
    }

    /// The survivor's aliases without the names that came with these merges into it, where a later merge wrote them down
    /// again. `withdrawn` is what was withdrawn before they were taken back.
    pub(super) async fn without_names(&self, merges: &[&Merge], withdrawn: &Withdrawn) -> Result<Option<Facts>> {
        let Some(Merge { kind: Kind::Account, into, .. }) = merges.first() else { return Ok(None) };
        let of = |entries: &[Entry]| {
            let rest = fold(entries, withdrawn, Cut::Everything).rest;
            let record = Record {
                kind: Kind::Account,
                id: *into,
                version: 0,
                hot: domain::journal::Hot::default(),
                rest: rest.into_iter().collect(),
                created_at: None,
                created_on: None,
                closed_at: None,
                closed_on: None,
            };
            (name(&record).map(str::to_owned), aliases(&record))
        };
        // The journal as it was before this transaction, without the merges and their gifts.
        let mut survivor = self.store.entries_of(&[*into]).await?;
        let is_gift = |entry: &Entry| merges.iter().any(|merge| merge.filled == Some(entry.seq));
        survivor.retain(|entry| !is_gift(entry) && !matches!(entry.op, Op::Merge { .. }));
        let (_, now) = of(&survivor);
        let mut came: Vec<String> = Vec::new();
        for merge in merges {
            let before: Vec<Entry> = survivor.iter().filter(|entry| entry.seq < merge.seq).cloned().collect();
            let mut gone = self.store.entries_of(&[merge.record]).await?;
            gone.retain(|entry| entry.seq < merge.seq);
            let (_, had) = of(&before);
            let (own, others) = of(&gone);
            came.extend(own.into_iter().chain(others).filter(|name| !had.contains(name)));
        }
        let left: Vec<&String> = now.iter().filter(|name| !came.contains(name)).collect();
        Ok((left.len() < now.len()).then(|| {
            let list = serde_json::json!(left).to_string();
            Facts::default().with(ids::ACCOUNT_ALIASES, Value::Json(list.into()))
        }))
    }

    async fn show_edits(&self, merge: &Merge, edits: &[i64]) -> Result<Vec<SurvivorEdit>> {
        let entries = self.store.entries_of(&[merge.into]).await?;
        let edits: Vec<&Entry> = entries.iter().filter(|entry| edits.contains(&entry.seq)).collect();
        let fields = self.fields(merge.kind).await?;
        let names = self.names(edits.iter().map(|entry| (Kind::Person, entry.actor)).collect()).await?;
        let called = |entry: &Entry| {
            let Op::Assert(facts) = &entry.op else { return Vec::new() };
            let mut after = domain::journal::Hot::default();
            facts.apply(&mut after);
            let mut set: BTreeMap<_, _> = facts.rest.iter().cloned().collect();
            set.extend(hot_values(&after).into_iter().filter(|(field, _)| facts.set.0 & hot_bit(*field) != 0));
            let named = fields.iter().filter(|field| set.contains_key(&field.id));
            named.map(|field| (field.zh.clone(), field.en.clone())).collect()
        };
        let show = |entry: &&Entry| SurvivorEdit {
            at: entry.recorded_at,
            actor: (entry.actor != domain::journal::SYSTEM_ACTOR).then(|| names.of(Kind::Person, entry.actor)),
            fields: called(entry),
        };
        Ok(edits.iter().map(show).collect())
    }
}

/// The place of a hot field in a set: they are numbered from 1 in the order of the set's bits.
fn hot_bit(field: domain::field::FieldId) -> u16 {
    1 << field.0.saturating_sub(1).min(15)
}

/// Merges as a table.
#[must_use]
pub fn answer(merges: &[MergeSeen], calendar: &domain::Calendar) -> Answer {
    let columns = vec![
        Column::new("merge_id", "编号", "merge", Unit::Count),
        Column::new("kind", "种类", "kind", Unit::Text),
        Column::new("record", "记录", "record", Unit::Count),
        Column::new("name", "名称", "name", Unit::Text),
        Column::new("into", "并入", "into", Unit::Count),
        Column::new("into_name", "并入的名称", "name of that", Unit::Text),
        Column::new("merged_on", "日期", "date", Unit::Date),
        Column::new("state", "状态", "state", Unit::Text),
    ];
    let mut answer = Answer::new("合并", "Merges", Terms::default(), columns);
    for merge in merges {
        let (zh, en, key) =
            if merge.undone_at.is_some() { ("已撤销", "undone", "undone") } else { ("有效", "done", "done") };
        answer.push(vec![
            Cell::Int(merge.id),
            Cell::Text(super::word(merge.kind).to_owned()),
            Cell::Int(merge.record.0),
            Cell::Text(merge.record.1.clone()),
            Cell::Int(merge.into.0),
            Cell::Text(merge.into.1.clone()),
            Cell::Date(calendar.day(merge.at)),
            Cell::Name { zh: zh.into(), en: en.into(), key: key.into() },
        ]);
    }
    answer
}
