//! Merging records into one of them.

use std::collections::BTreeMap;

use domain::field::FieldId;
use domain::journal::{Cut, Entry, Withdrawn, fold};
use domain::{Instant, Kind, RecordId};
use store::{Draft, Record, Writer};

use super::survivorship::{self, Strategy};
use crate::{AppError, Loudou, Result};

/// Records that one call merges at most.
const MOST: usize = 100;

/// A record, as the asker has seen it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picked {
    /// The record.
    pub id: RecordId,
    /// The version that was read; absent where it does not matter.
    pub version: Option<i64>,
}

/// What to merge.
#[derive(Debug, Clone)]
pub struct MergeAsk {
    /// The kind of the records.
    pub kind: Kind,
    /// The record that stays.
    pub survivor: Picked,
    /// The records that go.
    pub merged: Vec<Picked>,
    /// Whose values stand.
    pub strategy: Strategy,
    /// For single fields, by name, the record whose value stands.
    pub fields: BTreeMap<String, RecordId>,
}

/// What was merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The record that stays.
    pub survivor: RecordId,
    /// The merges, one a record that went, in the order of the question; by these numbers each is undone.
    pub merges: Vec<i64>,
}

impl Loudou {
    /// Merges records into one of them, in one transaction.
    ///
    /// # Errors
    /// The asker may not merge; a record is not there, was named twice or changed meanwhile; a field is none.
    pub async fn merge(&self, ask: &MergeAsk) -> Result<Merged> {
        self.may_merge()?;
        check(ask)?;
        let mut writer = self.store.begin().await?;
        let all: Vec<Picked> = std::iter::once(ask.survivor).chain(ask.merged.iter().copied()).collect();
        let ids: Vec<RecordId> = all.iter().map(|picked| picked.id).collect();
        let found = self.store.records(ask.kind, &ids).await?;
        let of = |id: RecordId| found.iter().find(|record| record.id == id).ok_or_else(|| no_such(ask.kind, id));
        let survivor = of(ask.survivor.id)?;
        let merged = ask.merged.iter().map(|picked| of(picked.id)).collect::<Result<Vec<&Record>>>()?;
        for picked in &all {
            if let Some(version) = picked.version {
                writer.expect_version(ask.kind, picked.id, version).await?;
            }
        }
        let picked = self.picked_fields(ask, &ids).await?;
        let withdrawn = self.store.withdrawn().await?;
        let merges = self.write_merges(&mut writer, survivor, &merged, ask.strategy, &picked, &withdrawn).await?;
        if let (Some(first), Some(last)) = (merges.first(), merges.last()) {
            writer.note_batch(*first, *last).await?;
        }
        writer.forget_apart(ask.kind, &ids).await?;
        writer.commit().await?;
        Ok(Merged { survivor: ask.survivor.id, merges })
    }

    /// Writes the merges of one survivor with what each gives it.
    pub(super) async fn write_merges(
        &self,
        writer: &mut Writer,
        survivor: &Record,
        merged: &[&Record],
        strategy: Strategy,
        picked: &BTreeMap<FieldId, RecordId>,
        withdrawn: &Withdrawn,
    ) -> Result<Vec<i64>> {
        let gifts = survivorship::gifts(survivor, merged, strategy, picked);
        let (kind, into) = (survivor.kind, survivor.id);
        let last = self.last_told(survivor, merged, withdrawn).await?;
        let mut merges = Vec::with_capacity(merged.len());
        for (record, gift) in merged.iter().zip(gifts) {
            let merge = writer.merge(kind, record.id, into, self.who.actor, self.now).await?;
            if !gift.is_empty() {
                let draft = Draft { effective_at: last, ..self.draft(kind, into, gift) };
                let filled = writer.append(vec![draft], self.now).await?.start;
                writer.note_filled(merge, filled).await?;
            }
            merges.push(merge);
        }
        Ok(merges)
    }

    /// When anything was told of the survivor last; of customers and contacts, of any of the records. A gift holds from
    /// there on: what a source says anew stands over it as over what it said before, and an amount is there when a deal
    /// was closed.
    async fn last_told(&self, survivor: &Record, merged: &[&Record], withdrawn: &Withdrawn) -> Result<Instant> {
        let mut ids = vec![survivor.id];
        if survivor.kind != Kind::Opportunity {
            ids.extend(merged.iter().map(|record| record.id));
        }
        let mut entries = self.store.entries_of(&ids).await?;
        entries.sort_by_key(|entry| (entry.record, entry.seq));
        let last = |of: &[Entry]| Some(fold(of, withdrawn, Cut::Everything).states.last()?.effective_at);
        let told = entries.chunk_by(|a, b| a.record == b.record).filter_map(last).max();
        Ok(told.map_or(self.now, |told| told.min(self.now)))
    }

    async fn picked_fields(&self, ask: &MergeAsk, ids: &[RecordId]) -> Result<BTreeMap<FieldId, RecordId>> {
        let fields = self.fields(ask.kind).await?;
        let mut out = BTreeMap::new();
        for (name, id) in &ask.fields {
            let field = fields.iter().find(|field| field.name == *name && survivorship::is_choosable(field.id));
            let field = field.ok_or_else(|| {
                AppError::input((
                    format!("合并时不能选择字段“{name}”"),
                    format!("the field `{name}` cannot be chosen in a merge"),
                ))
            })?;
            if !ids.contains(id) {
                return Err(AppError::input((
                    format!("字段“{name}”取自记录 {id}，但它不在合并之列"),
                    format!("the field `{name}` is taken from record {id}, which is not among those merged"),
                )));
            }
            out.insert(field.id, *id);
        }
        Ok(out)
    }

    /// Remembers that records are not one: no pair of them is proposed again.
    ///
    /// # Errors
    /// The asker may not merge; fewer than two records, too many, or one that is not there.
    pub async fn keep_apart(&self, kind: Kind, ids: &[RecordId]) -> Result<()> {
        self.may_merge()?;
        if ids.len() < 2 || ids.len() > MOST {
            return Err(AppError::input((format!("须为 2 到 {MOST} 条记录"), format!("it takes 2 to {MOST} records"))));
        }
        let found = self.store.records(kind, ids).await?;
        if let Some(missing) = ids.iter().find(|id| !found.iter().any(|record| record.id == **id)) {
            return Err(no_such(kind, *missing));
        }
        let pairs: Vec<(RecordId, RecordId)> = ids
            .iter()
            .enumerate()
            .flat_map(|(at, a)| ids[at + 1..].iter().map(|b| (*a, *b)))
            .filter(|(a, b)| a != b)
            .collect();
        let mut writer = self.store.begin().await?;
        writer.keep_apart(kind, &pairs, self.who.actor, self.now).await?;
        writer.commit().await?;
        Ok(())
    }
}

fn no_such(kind: Kind, id: RecordId) -> AppError {
    let (zh, en) = match kind {
        Kind::Contact => ("联系人", "contact"),
        Kind::Opportunity => ("商机", "deal"),
        _ => ("客户", "customer"),
    };
    AppError::not_found((format!("没有{zh} {id}"), format!("there is no {en} {id}")))
        .hint(("它可能刚被合并或删除：请刷新", "it may have been merged or deleted: look again"))
}

fn check(ask: &MergeAsk) -> Result<()> {
    let mut ids: Vec<RecordId> = ask.merged.iter().map(|picked| picked.id).collect();
    ids.push(ask.survivor.id);
    ids.sort_unstable();
    let message = if ask.merged.is_empty() {
        ("没有要并入的记录".to_owned(), "there is nothing to merge".to_owned())
    } else if ask.merged.len() > MOST {
        (format!("一次最多并入 {MOST} 条记录"), format!("at most {MOST} records are merged at a time"))
    } else if ids.windows(2).any(|pair| pair[0] == pair[1]) {
        ("同一条记录出现了两次".to_owned(), "a record is named twice".to_owned())
    } else {
        return Ok(());
    };
    Err(AppError::input(message))
}
