//! From what was read to what is written: keys become records, what is known is left out, and the rest goes in with
//! one transaction.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::pin::pin;
use std::time::Duration;

use domain::field::{self, FieldId, FieldType};
use domain::process::Process;
use domain::{Instant, Kind, ProcessId, RecordId, StageId};
use ingest::Extract;
use store::{Draft, Import, ImportState, Store, Writer};

use super::resolve::{self, Context, Ids};
use super::{ImportReport, reconcile};
use crate::step::{self, Follow};
use crate::{AppError, Loudou, Result, Step};

/// How often somebody who waits for their turn looks whether they are still wanted.
const LOOK_UP: Duration = Duration::from_millis(100);
/// Records whose journal is looked at together when an import meets what is there.
const CHUNK: usize = 20_000;

/// The process with the ids it has, or would get if nobody else added one meanwhile.
pub(crate) fn provisional(known: &[Process], process: Process) -> Result<Process> {
    let text = process.to_toml().map_err(|error| AppError::system(error.to_string()))?;
    let same = |other: &&Process| {
        let version = Process { version: process.version, ..(*other).clone() };
        other.key == process.key && version.to_toml().is_ok_and(|other| other == text)
    };
    if let Some(stored) = known.iter().find(same) {
        return Ok(stored.clone());
    }
    let process_id = known.iter().filter_map(|process| process.id).max().map_or(1, |id| id.0 + 1);
    let stages = known.iter().flat_map(|process| &process.stages);
    let stage_id = stages.map(|stage| stage.id.0).max().map_or(1, |id| id + 1);
    Ok(process.with_ids(ProcessId(process_id), StageId(stage_id)))
}

impl Loudou {
    /// Writes an extract: process, records, links and journal in one transaction. Completes the report, and keeps it
    /// with `profile`, the text of the profile, beside the import.
    pub(crate) async fn bring_in(
        &self,
        report: &mut ImportReport,
        extract: Extract,
        process: &Process,
        recipe: Option<&super::Recipe>,
        follow: &dyn Follow,
    ) -> Result<()> {
        step::go_on(follow, Step::Doing(step::WAITING))?;
        let mut writer = turn(&self.store, follow).await?;
        step::go_on(follow, Step::Doing(step::MATCHING))?;
        // Payments alone need no process, and bring none.
        let added =
            if speaks_of_stages(&extract) { writer.add_process(process, self.now).await? } else { process.clone() };
        let stages = process.stages.iter().zip(&added.stages).map(|(read, stored)| (read.id, stored.id)).collect();
        let process_ids = (process.id.map_or(0, |id| id.0), added.id.map_or(0, |id| id.0));
        let known = known_keys(&self.store, &extract).await?;
        let missing = usize::try_from(Ids::missing(&extract, &known)).unwrap_or(usize::MAX);
        let (ids, new_keys) = Ids::assign(&extract, &known, writer.allocate(missing));
        let import = writer.new_import_id();
        let Extract { source, assertions, counts, own, .. } = extract;
        let context = Context {
            ids: &ids,
            stages: &stages,
            process: process_ids,
            imported_at: self.now,
            actor: self.who.actor,
            import,
            own: &own,
        };
        let snapshot: Vec<bool> = assertions.iter().map(|assertion| assertion.known_at.is_none()).collect();
        let drafts = resolve::drafts(assertions, &context);
        let (drafts, snapshot, led) = self.lead_drafts(drafts, snapshot).await?;
        let (drafts, unchanged) = self.only_news(drafts, &snapshot, &known).await?;
        let new = new_keys.iter().map(|(kind, keys)| (*kind, keys.len() as u64)).collect();
        let mut written = Written { import_id: None, new, entries: drafts.len() as u64, unchanged: unchanged + led };
        if drafts.is_empty() && new_keys.is_empty() {
            writer.rollback().await?;
            report.written(written);
            return Ok(());
        }
        for (kind, keys) in new_keys {
            writer.link_external(&source, kind, keys).await?;
        }
        let record = Import {
            id: import,
            profile: report.profile.clone(),
            source,
            started_at: self.now,
            finished_at: self.now,
            actor: self.who.actor,
            files: counts.files.iter().map(|file| file.file.clone()).collect(),
            counts: written.counts_json(&counts),
            state: ImportState::Done,
        };
        append(&mut writer, drafts, self.now, follow).await?;
        writer.record_import(&record).await?;
        step::go_on(follow, Step::Doing(step::COMMITTING))?;
        written.import_id = Some(import);
        report.written(written);
        // Kept before the commit: an import that is there has its list of rejected rows.
        let folder = self.place.import_dir(&self.store.database_id().await?, import);
        super::kept::keep(&folder, report, recipe);
        let committed = writer.commit().await;
        if committed.is_err() {
            super::kept::forget(&folder);
        }
        committed?;
        Ok(())
    }

    /// Leaves out drafts that say what the journal holds. Returns the rest and how many were left out.
    async fn only_news(
        &self,
        mut drafts: Vec<Draft>,
        snapshot: &[bool],
        known: &BTreeMap<Kind, HashMap<String, RecordId>>,
    ) -> Result<(Vec<Draft>, u64)> {
        let mut there: HashSet<RecordId> = known.values().flat_map(|keys| keys.values().copied()).collect();
        // The survivor of a merged record may be known by no key of this source.
        there.extend(self.store.survivors().await?.into_values());
        if there.is_empty() {
            return Ok((drafts, 0));
        }
        let by_record = reconcile::by_record(&drafts);
        let withdrawn = self.store.withdrawn().await?;
        let mut keep = vec![true; drafts.len()];
        let mut touched: Vec<RecordId> = by_record.keys().copied().filter(|record| there.contains(record)).collect();
        touched.sort_unstable();
        for chunk in touched.chunks(CHUNK) {
            let mut entries = self.store.entries_of(chunk).await?;
            entries.sort_by_key(|entry| (entry.record, entry.seq));
            for existing in entries.chunk_by(|a, b| a.record == b.record) {
                let places = &by_record[&existing[0].record];
                reconcile::leave_erased(existing, &mut drafts, places);
                let of_record: Vec<_> = places.iter().map(|place| (&drafts[*place], snapshot[*place])).collect();
                for (place, is_news) in places.iter().zip(reconcile::news(existing, &withdrawn, &of_record)) {
                    keep[*place] = is_news;
                }
            }
        }
        let before = drafts.len();
        let kept: Vec<Draft> = drafts.into_iter().zip(keep).filter(|(_, keep)| *keep).map(|(draft, _)| draft).collect();
        let unchanged = (before - kept.len()) as u64;
        Ok((kept, unchanged))
    }
}

/// Whether anything of an extract is about a process: deals are in one, and some numbers are of a stage.
fn speaks_of_stages(extract: &Extract) -> bool {
    let is_of_process =
        |id: FieldId| field::builtin(id).is_some_and(|def| matches!(def.ty, FieldType::Process | FieldType::Stage));
    extract.assertions.iter().any(|assertion| {
        assertion.kind == Kind::Opportunity || assertion.facts.rest.iter().any(|(id, _)| is_of_process(*id))
    })
}

/// What a written import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    /// Absent where everything was known already.
    pub(crate) import_id: Option<i64>,
    /// New records by kind.
    pub(crate) new: BTreeMap<Kind, u64>,
    /// Journal entries written.
    pub(crate) entries: u64,
    /// Assertions that said nothing new.
    pub(crate) unchanged: u64,
}

impl Written {
    fn counts_json(&self, counts: &ingest::Counts) -> serde_json::Value {
        let mut object = serde_json::Map::new();
        object.insert("rows_read".into(), counts.rows_read.into());
        object.insert("rows_rejected".into(), counts.rows_rejected.into());
        object.insert("warnings".into(), counts.warnings.into());
        object.insert("entries".into(), self.entries.into());
        object.insert("unchanged".into(), self.unchanged.into());
        let opportunities = self.new.get(&Kind::Opportunity).copied().unwrap_or(0);
        object.insert("opportunities".into(), opportunities.into());
        let new: serde_json::Map<_, _> =
            self.new.iter().map(|(kind, count)| (kind.as_str().to_owned(), (*count).into())).collect();
        object.insert("new".into(), new.into());
        object.into()
    }
}

/// The one writer, once it is this one's turn; whoever cancels meanwhile need not wait for it.
async fn turn(store: &Store, follow: &dyn Follow) -> Result<Writer> {
    let mut begin = pin!(store.begin());
    loop {
        tokio::select! {
            biased;
            writer = &mut begin => return Ok(writer?),
            () = tokio::time::sleep(LOOK_UP) => if follow.is_cancelled() {
                return Err(step::cancelled());
            },
        }
    }
}

/// External keys that have a record already, of the kinds the extract speaks of.
async fn known_keys(store: &Store, extract: &Extract) -> Result<BTreeMap<Kind, HashMap<String, RecordId>>> {
    let mut known = BTreeMap::new();
    for (kind, keys) in &extract.keys {
        // A lookup by key beats reading all of them while the file is small against the database.
        let found = if keys.len() < 10_000 {
            store.find_external_ids(&extract.source, *kind, keys).await?
        } else {
            store.external_ids(&extract.source, *kind).await?
        };
        if !found.is_empty() {
            known.insert(*kind, found);
        }
    }
    Ok(known)
}

/// Appends in runs that show progress; all of it in the writer's one transaction. A record's drafts stay in
/// one run where they follow each other, so that the writer seldom has to read back what it wrote.
async fn append(writer: &mut Writer, drafts: Vec<Draft>, now: Instant, follow: &dyn Follow) -> Result<()> {
    const RUN: usize = 100_000;
    let total = drafts.len() as u64;
    let mut left = drafts.into_iter();
    let mut done = 0_u64;
    loop {
        let run: Vec<Draft> = left.by_ref().take(RUN).collect();
        if run.is_empty() {
            return Ok(());
        }
        done += run.len() as u64;
        writer.append(run, now).await?;
        step::go_on(follow, Step::Writing { done, total })?;
    }
}
