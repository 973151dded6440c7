//! What merges gave, once an import is undone that had said it: the survivor gives it back.
//!
//! A gift is one entry on the survivor. It is withdrawn where the merged record says a part of it no longer, and what the
//! record goes on saying is written anew, as of the same day. What a survivor gave on goes the same way.

use std::collections::{HashMap, HashSet};

use domain::RecordId;
use domain::field::{Value, ids};
use domain::journal::{Cut, Entry, Facts, Op, Timeline, Withdrawn, fold};
use store::{Draft, Merge, Undo, Writer};

use super::keys;
use crate::import::apart;
use crate::{Loudou, Result};

/// The journal of merged records and their survivors, before an undo and after.
struct Sides {
    before: Withdrawn,
    after: Withdrawn,
    /// Gifts that are withdrawn, and what is written anew of them.
    gone: HashSet<i64>,
    again: Vec<Entry>,
    /// Names that survivors have no more from anybody.
    names: HashMap<RecordId, HashSet<String>>,
}

impl Loudou {
    /// Takes from survivors what they have only of merged records that an undo of an import left without it.
    pub(crate) async fn give_back(&self, writer: &mut Writer, undo: &Undo) -> Result<()> {
        let mut merges = self.store.merges(None, u32::MAX).await?;
        merges.retain(|merge| merge.undone.is_none());
        let mut touched: HashSet<RecordId> = undo.records.iter().map(|(_, record)| *record).collect();
        if !merges.iter().any(|merge| touched.contains(&merge.record)) {
            return Ok(());
        }
        let before = self.store.withdrawn().await?;
        let mut after = before.clone();
        after.note(&self.retraction(undo));
        let mut sides = Sides { before, after, gone: HashSet::new(), again: Vec::new(), names: HashMap::new() };
        // The earliest first: what was given on is looked at after what it came of.
        for merge in merges.iter().rev() {
            let Some(filled) = merge.filled else { continue };
            if !touched.contains(&merge.record) && !sides.names.contains_key(&merge.into) {
                continue;
            }
            let entries = self.store.entries_of(&[merge.record, merge.into]).await?;
            let is_back = entries.iter().any(|entry| entry.op == Op::RetractEntry { seq: filled });
            let Some(gift) = entries.iter().find(|entry| entry.seq == filled && !is_back) else { continue };
            let own: Vec<Entry> = entries.iter().filter(|entry| entry.record == merge.record).cloned().collect();
            let Some(kept) = sides.kept(merge, gift, own) else { continue };
            let draft = |op| Draft { op, ..self.draft(merge.kind, merge.into, Facts::default()) };
            let mut drafts = vec![draft(Op::RetractEntry { seq: filled })];
            if !kept.is_empty() {
                let again = Draft { effective_at: gift.effective_at, ..draft(Op::Assert(kept)) };
                drafts.push(Draft { source_seq: gift.source_seq, ..again });
            }
            let is_given = drafts.len() > 1;
            let first = writer.append(drafts, self.now).await?.start;
            if is_given {
                writer.note_filled(merge.seq, first + 1).await?;
            }
            touched.insert(merge.into);
        }
        Ok(())
    }

    fn retraction(&self, undo: &Undo) -> Entry {
        Entry {
            seq: undo.seq,
            kind: domain::Kind::Opportunity,
            record: 0,
            effective_at: self.now,
            known_at: self.now,
            recorded_at: self.now,
            source_seq: 0,
            import: None,
            actor: self.who.actor,
            op: Op::RetractImport { import: undo.import },
        }
    }
}

impl Sides {
    /// What is left of a gift, given the merged record's entries; nothing where all of it stands.
    fn kept(&mut self, merge: &Merge, gift: &Entry, mut own: Vec<Entry>) -> Option<Facts> {
        let Op::Assert(given) = &gift.op else { return None };
        own.retain(|entry| !matches!(entry.op, Op::Merge { .. }));
        let before = fold(&own, &self.before, Cut::Everything);
        own.retain(|entry| !self.gone.contains(&entry.seq));
        own.extend(self.again.iter().filter(|entry| entry.record == merge.record).cloned());
        let after = fold(&own, &self.after, Cut::Everything);
        let (said, others) = apart(given.clone(), &before);
        let (still, lost) = apart(said, &after);
        let now = names(&after);
        let gone = self.names.entry(merge.into).or_default();
        gone.extend(names(&before).into_iter().filter(|name| !now.contains(name)));
        let named = |name: &String| !gone.contains(name) || now.contains(name);
        let mut kept = others.and(still);
        let mut is_less = !lost.is_empty();
        if let Some((_, list)) = kept.rest.iter_mut().find(|(field, _)| *field == ids::ACCOUNT_ALIASES) {
            let all = keys::listed(list);
            let left: Vec<&String> = all.iter().filter(|name| named(name)).collect();
            is_less |= left.len() < all.len();
            *list = Value::Json(serde_json::json!(left).to_string().into());
        }
        if !after.stands() && before.stands() {
            (kept, is_less) = (Facts::default(), true);
        }
        if !is_less {
            return None;
        }
        self.gone.insert(gift.seq);
        self.again.push(Entry { op: Op::Assert(kept.clone()), ..gift.clone() });
        Some(kept)
    }
}

/// What a customer is called in a timeline.
fn names(timeline: &Timeline) -> Vec<String> {
    let text = |value: &Value| if let Value::Text(text) = value { Some(text.to_string()) } else { None };
    let own = timeline.rest.get(&ids::ACCOUNT_NAME).and_then(text);
    let others = timeline.rest.get(&ids::ACCOUNT_ALIASES).map(keys::listed).unwrap_or_default();
    own.into_iter().chain(others).collect()
}
