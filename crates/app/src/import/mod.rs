//! Imports: read by a profile, resolve keys, leave out what is known, write in one transaction; and undo.

mod reconcile;
mod report;
mod resolve;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use domain::process::{self, Process};
use domain::{Instant, Kind, ProcessId, RecordId, StageId};
use ingest::{Extract, Options, ProcessSource, Profile, Refusal};
use store::{Draft, Import, ImportState, Store, Writer};

pub use report::{ImportReport, UndoReport, is_reject_list, write_rejects};

use crate::answer::{Answer, Cell, Column, Terms, Unit};
use crate::{AppError, Fault, Loudou, Organisation, Place, Result, Step};
use resolve::{Context, Ids};

/// Records whose journal is looked at together when an import meets what is there.
const CHUNK: usize = 20_000;
/// Rows of a dry run's preview, of each kind of record.
const PREVIEW_ROWS: usize = 3;

/// What to import and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRequest {
    /// Name of a bundled profile, or path of a mapping file.
    pub profile: String,
    /// Folder of the files, or one file.
    pub input: PathBuf,
    /// Change nothing.
    pub dry_run: bool,
    /// Bring in the rest where rows are rejected.
    pub skip_rejected: bool,
}

/// How an import ended.
#[derive(Debug)]
pub enum Outcome {
    /// It went in (or would have, in a dry run).
    Done(Box<ImportReport>),
    /// Rows were rejected and nothing was written.
    Rejected(Box<ImportReport>),
}

/// A checked profile with its process, before any database is touched.
#[derive(Debug)]
struct Prepared {
    profile: Profile,
    process: Process,
}

impl From<Refusal> for AppError {
    fn from(refusal: Refusal) -> Self {
        let messages = refusal.faults.iter().map(|fault| format!("{fault} [{}]", fault.code())).collect();
        let mut hints: Vec<_> = refusal.faults.iter().map(ingest::Fault::hint).collect();
        hints.dedup();
        Self { fault: Fault::Input, messages, hint: Some(hints.join("; ")) }
    }
}

/// Reads and checks the profile and looks whether the input is there.
fn prepare(request: &ImportRequest) -> Result<Prepared> {
    let profile = if Path::new(&request.profile).is_file() {
        let text = std::fs::read_to_string(&request.profile)
            .map_err(|error| AppError::input(format!("{}: {error}", request.profile)))?;
        Profile::parse(&text, &request.profile)?
    } else {
        Profile::bundled(&request.profile)?
    };
    if !request.input.exists() {
        return Err(AppError::input(format!("there is nothing at {}", request.input.display()))
            .hint("give the folder that holds the files, or the file itself"));
    }
    let process = match profile.process() {
        ProcessSource::Key(key) => crate::process::read(key)?,
        ProcessSource::Inline(text) => {
            process::load(text).map_err(|issues| crate::process::breaches(profile.name(), &issues))?
        }
    };
    Ok(Prepared { profile, process })
}

/// The bundled profiles.
///
/// # Errors
/// Never: bundled profiles are tested.
pub fn profiles() -> Result<Answer> {
    let columns = vec![
        Column::new("profile", "配置", "profile", Unit::Text),
        Column::new("title", "名称", "title", Unit::Text),
        Column::new("description", "说明", "reads", Unit::Text),
    ];
    let mut answer = Answer::new("导入配置", "Import profiles", Terms::default(), columns);
    for name in Profile::bundled_names() {
        let profile = Profile::bundled(name)?;
        let name2 = |(zh, en): (&str, &str)| Cell::Name { zh: zh.to_owned(), en: en.to_owned(), key: en.to_owned() };
        answer.push(vec![Cell::Text(name.to_owned()), name2(profile.title()), name2(profile.description())]);
    }
    Ok(answer)
}

/// Reads the input and brings in what is new, in one transaction. A place without data is made only once the
/// input has been read and found good.
///
/// # Errors
/// The profile or the input as a whole is wrong (nothing was changed), or the database fails.
pub async fn run(place: &Place, request: &ImportRequest, now: Instant, tell: &dyn Fn(Step)) -> Result<Outcome> {
    let Prepared { profile, process } = prepare(request)?;
    let there = Loudou::find(place, now).await?;
    let known = match &there {
        Some(loudou) => loudou.processes().await?,
        None => Vec::new(),
    };
    let provisional = provisional(&known, process)?;
    let extract = read(&profile, request, &provisional, tell)?;
    let mut report = ImportReport::new(&profile, &extract);
    if request.dry_run {
        report.preview(&extract, &provisional, PREVIEW_ROWS);
        return Ok(Outcome::Done(Box::new(report)));
    }
    let nothing_is_right = extract.counts.rows_rejected >= extract.counts.rows_read;
    if extract.has_rejects() && (nothing_is_right || !request.skip_rejected) {
        return Ok(Outcome::Rejected(Box::new(report)));
    }
    let loudou = match there {
        Some(loudou) => loudou,
        None => {
            // The first import tells how this organisation counts its days and its money.
            let (zone, currency) = (profile.zone(), profile.currency());
            Loudou::open_or_create(place, &Organisation { zone, currency, ..Organisation::default() }, now).await?
        }
    };
    let files = extract.counts.files.iter().map(|file| file.file.clone()).collect();
    report.written(loudou.bring_in(profile.name(), files, extract, &provisional, tell).await?);
    Ok(Outcome::Done(Box::new(report)))
}

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
    /// Writes an extract: process, records, links and journal in one transaction.
    pub(crate) async fn bring_in(
        &self,
        profile: &str,
        files: Vec<String>,
        extract: Extract,
        process: &Process,
        tell: &dyn Fn(Step),
    ) -> Result<Written> {
        tell(Step::Doing("waiting until nobody else writes".to_owned()));
        let mut writer = self.store.begin().await?;
        tell(Step::Doing("matching with what is there".to_owned()));
        let added = writer.add_process(process, self.now).await?;
        let stages = process.stages.iter().zip(&added.stages).map(|(read, stored)| (read.id, stored.id)).collect();
        let process_ids = (process.id.map_or(0, |id| id.0), added.id.map_or(0, |id| id.0));
        let known = known_keys(&self.store, &extract).await?;
        let missing = usize::try_from(Ids::missing(&extract, &known)).unwrap_or(usize::MAX);
        let (ids, new_keys) = Ids::assign(&extract, &known, writer.allocate(missing));
        let import = writer.new_import_id();
        let context = Context {
            ids: &ids,
            stages: &stages,
            process: process_ids,
            imported_at: self.now,
            actor: self.who.actor,
            import,
        };
        let source = extract.source.clone();
        let snapshot: Vec<bool> = extract.assertions.iter().map(|assertion| assertion.known_at.is_none()).collect();
        let drafts = resolve::drafts(extract.assertions, &context);
        let (drafts, unchanged) = self.only_news(drafts, &snapshot, &known).await?;
        let mut written = Written { import_id: None, new: BTreeMap::new(), entries: drafts.len() as u64, unchanged };
        written.new = new_keys.iter().map(|(kind, keys)| (*kind, keys.len() as u64)).collect();
        if drafts.is_empty() && new_keys.is_empty() {
            writer.rollback().await?;
            return Ok(written);
        }
        for (kind, keys) in new_keys {
            writer.link_external(&source, kind, keys).await?;
        }
        let record = Import {
            id: import,
            profile: profile.to_owned(),
            source,
            started_at: self.now,
            finished_at: self.now,
            actor: self.who.actor,
            files,
            counts: written.counts_json(&extract.counts),
            state: ImportState::Done,
        };
        append(&mut writer, drafts, self.now, tell).await?;
        writer.record_import(&record).await?;
        tell(Step::Doing("writing to disk".to_owned()));
        writer.commit().await?;
        written.import_id = Some(import);
        Ok(written)
    }

    /// Leaves out drafts that say what the journal holds. Returns the rest and how many were left out.
    async fn only_news(
        &self,
        mut drafts: Vec<Draft>,
        snapshot: &[bool],
        known: &BTreeMap<Kind, HashMap<String, RecordId>>,
    ) -> Result<(Vec<Draft>, u64)> {
        let there: HashSet<RecordId> = known.values().flat_map(|keys| keys.values().copied()).collect();
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

    /// The imports so far.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn imports(&self) -> Result<Answer> {
        let columns = vec![
            Column::new("import_id", "编号", "import", Unit::Count),
            Column::new("profile", "配置", "profile", Unit::Text),
            Column::new("finished_on", "日期", "date", Unit::Date),
            Column::new("entries", "日志条数", "entries", Unit::Count),
            Column::new("opportunities", "新商机", "new deals", Unit::Count),
            Column::new("state", "状态", "state", Unit::Text),
            Column::new("files", "文件", "files", Unit::Text),
        ];
        let mut answer = Answer::new("导入", "Imports", Terms::default(), columns);
        for import in self.store.imports().await? {
            let count = |key: &str| import.counts[key].as_i64().map_or(Cell::Undefined("not counted"), Cell::Int);
            let (zh, en) = match import.state {
                ImportState::Done => ("有效", "done"),
                ImportState::Undone => ("已撤销", "undone"),
            };
            answer.push(vec![
                Cell::Int(import.id),
                Cell::Text(import.profile.clone()),
                Cell::Date(self.calendar.day(import.finished_at)),
                count("entries"),
                count("opportunities"),
                Cell::Name { zh: zh.into(), en: en.into(), key: import.state.as_str().into() },
                Cell::Text(import.files.join(", ")),
            ]);
        }
        Ok(answer)
    }

    /// Takes an import back. Later imports of the same source build on its records, so they go first.
    ///
    /// # Errors
    /// There is no such import, it was undone before, or a later one of its source stands.
    pub async fn undo_import(&self, import: i64) -> Result<UndoReport> {
        let mut writer = self.store.begin().await?;
        let imports = self.store.imports().await?;
        if let Some(own) = imports.iter().find(|own| own.id == import && own.state == ImportState::Done) {
            let after =
                |later: &&Import| later.id > import && later.source == own.source && later.state == ImportState::Done;
            let later: Vec<i64> = imports.iter().rev().filter(after).map(|later| later.id).collect();
            if let [last, ..] = later.as_slice() {
                let all = later.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                return Err(AppError::input(format!(
                    "import {import} cannot be undone while later imports of `{}` build on it: {all}",
                    own.source
                ))
                .hint(format!("undo the latest first: loudou import undo {last}")));
            }
        }
        let undo = writer.retract_import(import, self.who.actor, self.now).await?;
        writer.commit().await?;
        UndoReport::new(&self.store, undo).await
    }
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

fn read(profile: &Profile, request: &ImportRequest, process: &Process, tell: &dyn Fn(Step)) -> Result<Extract> {
    let mut progress = |progress: ingest::Progress| {
        tell(Step::Reading {
            file: progress.file,
            rows: progress.rows_done,
            bytes_done: progress.bytes_done,
            bytes_total: progress.bytes_total,
        });
        ControlFlow::Continue(())
    };
    Ok(ingest::extract(profile, &request.input, process, &Options::default(), &mut progress)?)
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
async fn append(writer: &mut Writer, drafts: Vec<Draft>, now: Instant, tell: &dyn Fn(Step)) -> Result<()> {
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
        tell(Step::Writing { done, total });
    }
}
