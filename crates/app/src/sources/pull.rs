//! Rows of a source become files: to look at, or an upload that the import studio goes on from.
//!
//! An upload from a source carries a ticket: which source, and where the next pull goes on. Only once the upload was
//! imported does the source's mark move there, so what was pulled and not imported comes again.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use connect::{Ask, Pulled, Source};
use domain::people::May;
use serde::{Deserialize, Serialize};
use store::{RunDraft, RunEnd};

use super::{Known, Mark, Sources, Told, mark_text};
use crate::answer::Answer;
use crate::step::Follow;
use crate::{AppError, Loudou, Result, Step, steps};

/// Rows of a look.
const LOOK: u64 = 20;
/// How long a look may take, in seconds.
const LOOK_SECONDS: u64 = 30;
/// The ticket in the folder of an upload.
const TICKET: &str = "source.json";

/// The first rows of a source.
#[derive(Debug)]
pub struct FirstRows {
    /// The file that they are of, where there are several.
    pub file: Option<String>,
    /// The rows.
    pub rows: Answer,
}

/// What was pulled, waiting to be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PulledUpload {
    /// The upload.
    pub upload: i64,
    /// Its files.
    pub files: Vec<String>,
    /// Rows; absent where files came as they are.
    pub rows: Option<u64>,
    /// Bytes.
    pub bytes: u64,
    /// What there is to say about them.
    pub told: Told,
}

/// Where an upload came from.
#[derive(Debug, Serialize, Deserialize)]
struct Ticket {
    connection: i64,
    from: String,
    to: String,
    rows: Option<i64>,
    bytes: Option<i64>,
    columns: Vec<String>,
    /// What the rows were pulled by.
    definition: String,
}

/// Tells whoever follows the work of rows that come.
pub(super) struct Following<'a>(pub(super) &'a (dyn Follow + Sync));

impl connect::Follow for Following<'_> {
    fn told(&self, rows: u64, bytes: u64) {
        self.0.tell(Step::Pulling { rows, bytes });
    }

    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }
}

/// Somebody who only waits.
struct Waiting;

impl connect::Follow for Waiting {
    fn told(&self, _: u64, _: u64) {}

    fn is_cancelled(&self) -> bool {
        false
    }
}

pub(super) fn whole(number: u64) -> Option<i64> {
    i64::try_from(number).ok()
}

impl Sources {
    /// Opens a source with its secret.
    pub(super) async fn open(&self, loudou: &Loudou, known: &Known) -> Result<Box<dyn Source>> {
        self.open_as(loudou, known, &known.definition).await
    }

    async fn open_as(
        &self,
        loudou: &Loudou,
        known: &Known,
        definition: &connect::Definition,
    ) -> Result<Box<dyn Source>> {
        let id = known.stored.id;
        let secret = match known.definition.target().filter(|_| known.stored.has_secret) {
            None => None,
            Some(target) => {
                let all = loudou.store.connection_secrets().await?;
                let sealed = all.into_iter().find(|(of, _)| *of == id);
                sealed.map(|(_, sealed)| self.keys.open(&sealed, id, &target)).transpose()?
            }
        };
        Ok(connect::open(definition, secret, &self.reach, self.patience)?)
    }

    /// The first rows of a source, from its beginning.
    ///
    /// # Errors
    /// The asker may not import, or the source cannot be reached or read.
    pub async fn first_rows(&self, loudou: &Loudou, id: i64) -> Result<FirstRows> {
        loudou.who.require(May::Import)?;
        let turn = Arc::clone(&self.looks).acquire_owned().await;
        let (sources, loudou, runtime) = (self.clone(), loudou.clone(), tokio::runtime::Handle::current());
        // Reading files keeps a thread busy: not one of those that answer requests.
        let looked = tokio::task::spawn_blocking(move || {
            let seen = runtime.block_on(sources.look(&loudou, id));
            drop(turn);
            seen
        });
        looked.await.map_err(|error| AppError::system(format!("the look at a source broke off: {error}")))?
    }

    async fn look(&self, loudou: &Loudou, id: i64) -> Result<FirstRows> {
        let known = Known::of(loudou.store.connection(id).await?)?;
        let mut definition = known.definition.clone();
        definition.limits.seconds = definition.limits.seconds.min(LOOK_SECONDS);
        let source = self.open_as(loudou, &known, &definition).await?;
        let folder = folder(loudou)?;
        let ask = Ask { first: Some(LOOK), ..ask_of(loudou, Mark::default(), folder.path()) };
        let pulled = source.pull(&ask, &Waiting).await?;
        let Some(file) = pulled.files.first() else {
            return Err(AppError::input(("来源里还没有数据", "there is nothing in the source yet"))
                .hint(("请核对查询、地址或文件夹", "look at the query, the address or the folder")));
        };
        let none = steps::Steps(Vec::new());
        let limits = ::steps::Limits::default();
        let most = usize::try_from(LOOK).unwrap_or(usize::MAX);
        let source = ::steps::Source::file(&folder.path().join(file), &limits).map_err(steps::told)?;
        let glimpse = ::steps::Glimpse { looked_at: most, shown: most };
        let seen = ::steps::preview(&none, &source, &::steps::Sources::new(), &limits, glimpse).await;
        let table = seen.map_err(steps::told)?.tables.pop().unwrap_or_default();
        let file = pulled.columns.is_empty().then(|| file.clone());
        Ok(FirstRows { file, rows: steps::table_of(&table) })
    }

    /// Pulls what is new into a folder of the machine; the mark stays where it is.
    ///
    /// # Errors
    /// The asker may not import, the folder is not empty, or the source cannot be reached or read.
    pub async fn pull_to(&self, loudou: &Loudou, id: i64, into: &Path, follow: &(dyn Follow + Sync)) -> Result<Pulled> {
        loudou.who.require(May::Import)?;
        let known = Known::of(loudou.store.connection(id).await?)?;
        let source = self.open(loudou, &known).await?;
        let ask = ask_of(loudou, known.mark, into);
        Ok(source.pull(&ask, &Following(follow)).await?)
    }

    /// Pulls what is new into an upload of the asker's; nothing where nothing is new.
    ///
    /// # Errors
    /// The asker may not import, has too many uploads, or the source cannot be reached or read.
    pub async fn pull_to_upload(
        &self,
        loudou: &Loudou,
        id: i64,
        follow: &(dyn Follow + Sync),
    ) -> Result<Option<PulledUpload>> {
        loudou.who.require(May::Import)?;
        let known = Known::of(loudou.store.connection(id).await?)?;
        let upload = loudou.new_upload()?;
        let pulled = self.fill_upload(loudou, &known, upload, follow).await;
        if !matches!(pulled, Ok(Some(_))) {
            loudou.drop_upload(upload)?;
        }
        let end = match &pulled {
            Ok(Some(pulled)) => RunEnd {
                state: "pulled".to_owned(),
                rows: pulled.rows.and_then(whole),
                bytes: whole(pulled.bytes),
                detail: detail(&pulled.told),
            },
            Ok(None) => RunEnd { state: "nothing".to_owned(), rows: Some(0), bytes: None, detail: String::new() },
            Err(error) => RunEnd {
                state: if follow.is_cancelled() { "cancelled" } else { "failed" }.to_owned(),
                rows: None,
                bytes: None,
                detail: detail(&Told::of(error)),
            },
        };
        write_run(loudou, id, "studio", &end).await?;
        pulled
    }

    async fn fill_upload(
        &self,
        loudou: &Loudou,
        known: &Known,
        upload: i64,
        follow: &(dyn Follow + Sync),
    ) -> Result<Option<PulledUpload>> {
        let source = self.open(loudou, known).await?;
        let files = loudou.upload_folder(upload)?;
        let ask = ask_of(loudou, known.mark.clone(), &files);
        let pulled = source.pull(&ask, &Following(follow)).await?;
        if pulled.is_empty() {
            return Ok(None);
        }
        loudou.used(upload, &[])?.check()?;
        let ticket = Ticket {
            connection: known.stored.id,
            from: known.stored.mark.clone(),
            to: mark_text(&pulled.mark)?,
            rows: pulled.rows.and_then(whole),
            bytes: whole(pulled.bytes),
            columns: pulled.columns,
            definition: known.stored.draft.definition.clone(),
        };
        let text = serde_json::to_string(&ticket).map_err(|error| AppError::system(error.to_string()))?;
        fs::write(ticket_of(&files), text)
            .map_err(|error| AppError::system(format!("the upload cannot be written: {error}")))?;
        let mut told = Told::default();
        told.tell_ahead(pulled.ahead.as_ref());
        Ok(Some(PulledUpload { upload, files: pulled.files, rows: pulled.rows, bytes: pulled.bytes, told }))
    }
}

/// What to pull since a mark.
fn ask_of(loudou: &Loudou, since: Mark, into: &Path) -> Ask {
    Ask { since, into: into.to_owned(), first: None, now_micros: loudou.now.0 }
}

fn ticket_of(files: &Path) -> PathBuf {
    files.with_file_name(TICKET)
}

/// An upload was imported: where it came from a source, that one's mark moves, and the import is written down there.
///
/// # Errors
/// The database's own. The import stands then, and the next pull brings the same rows, which changes nothing.
pub(crate) async fn settle(loudou: &Loudou, upload: i64, import: Option<i64>) -> Result<()> {
    let Ok(text) = fs::read_to_string(ticket_of(&loudou.upload_folder(upload)?)) else { return Ok(()) };
    let ticket: Ticket = serde_json::from_str(&text).map_err(|error| AppError::system(error.to_string()))?;
    let mut writer = loudou.store.begin().await?;
    // Where the source was pulled and imported meanwhile, its mark is further on already; where it was changed, it is
    // another source.
    writer.move_mark(ticket.connection, &ticket.definition, &ticket.from, &ticket.to).await?;
    writer.commit().await?;
    let told = Told { columns: ticket.columns, imports: import.into_iter().collect(), ..Told::default() };
    let end = RunEnd { state: "done".to_owned(), rows: ticket.rows, bytes: ticket.bytes, detail: detail(&told) };
    write_run(loudou, ticket.connection, "studio", &end).await
}

/// Writes down a run that is over.
async fn write_run(loudou: &Loudou, connection: i64, cause: &str, end: &RunEnd) -> Result<()> {
    let mut writer = loudou.store.begin().await?;
    let draft = RunDraft { connection, cause: cause.to_owned(), actor: loudou.who.name.clone() };
    let run = writer.begin_run(&draft, loudou.now).await?;
    writer.end_run(run, end, loudou.now).await?;
    writer.commit().await?;
    Ok(())
}

pub(super) fn detail(told: &Told) -> String {
    serde_json::to_string(told).unwrap_or_default()
}

/// A folder for a while.
pub(super) fn folder(loudou: &Loudou) -> Result<crate::scratch::ScratchFolder> {
    loudou.scratch_folder().map_err(|error| AppError::system(format!("no folder can be made: {error}")))
}
