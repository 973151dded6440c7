//! Imports: read by a profile, resolve keys, leave out what is known, write in one transaction; and undo.

mod kept;
mod kinds;
mod known;
mod later;
mod led;
mod list;
mod looked;
mod mapped;
mod prepare;
mod reconcile;
mod report;
mod resolve;
mod source;
mod studio;
mod write;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::people::May;
use domain::process::{self, Process};
use domain::words::Text2;
use domain::{Calendar, CustomField, Instant, Kind};
use ingest::{Extract, Options, ProcessSource, Profile, Refusal};

pub use ingest::{
    ColumnLook, Fit, History, Issue, JoinKey, KindFound, Look, MappedField, MappedProcess, MappedRecords, MappedStage,
    Mapping, Milestone, OwnProcess, PreviewRow, Severity, Suggestion, Suggestions, TableChoice, TableFound,
    TargetField, target_fields,
};
pub(crate) use kept::of_each_day;
pub use kinds::{KindField, RecordKind};
pub use later::SavedFit;
pub(crate) use led::apart;
pub use list::ImportSeen;
pub use mapped::{Proposal, ProposalAsk};
pub use report::{ImportReport, UndoReport, is_reject_list, write_rejects};
pub use studio::{CleaningAsk, CleaningPreview, Spellings};
pub(crate) use write::provisional;

use known::There;

use crate::answer::{Answer, Cell, Column, Terms, Unit};
use crate::step::{Follow, Listener, cancelled};
use crate::{AppError, Fault, Loudou, Organisation, Place, Result, Step};

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

/// Where files lie, and what messages call the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    path: PathBuf,
    /// Absent: the path itself, which whoever has the machine knows.
    name: Option<String>,
}

impl Input {
    /// A place whose path is nobody's business: messages tell the name instead.
    #[must_use]
    pub(crate) fn called(path: PathBuf, name: String) -> Self {
        Self { path, name: Some(name) }
    }
}

impl From<&PathBuf> for Input {
    fn from(path: &PathBuf) -> Self {
        Self { path: path.clone(), name: None }
    }
}

/// How an import ended.
#[derive(Debug)]
pub enum Outcome {
    /// It went in (or would have, in a dry run).
    Done(Box<ImportReport>),
    /// Rows were rejected and nothing was written.
    Rejected(Box<ImportReport>),
}

/// What the text of a profile calls itself.
pub(crate) fn name_in(profile: &str) -> Option<String> {
    let table: toml::Table = toml::from_str(profile).ok()?;
    Some(table.get("name")?.as_str()?.to_owned())
}

/// Where a recipe comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// The program.
    Bundled,
    /// A person, for just these files.
    Mapped,
    /// An import of before: the files may be called otherwise by now.
    Kept,
    /// A file of the machine, likewise; it may name another one as its process.
    File,
}

/// How files are read: a checked profile and its text.
#[derive(Debug, Clone)]
pub struct Recipe {
    profile: Profile,
    text: String,
    /// What it was made of, where a person mapped columns.
    mapping: Option<Box<Mapping>>,
    origin: Origin,
}

impl Recipe {
    /// A profile that comes with the program.
    ///
    /// # Errors
    /// There is none of this name.
    pub fn bundled(name: &str) -> Result<Self> {
        let profile = Profile::bundled(name)?;
        Ok(Self {
            profile,
            text: Profile::bundled_text(name).unwrap_or_default().to_owned(),
            mapping: None,
            origin: Origin::Bundled,
        })
    }

    /// What a person said about their own table; `own` are the organisation's own fields.
    ///
    /// # Errors
    /// Every contradiction in it.
    pub fn mapped(mapping: &Mapping, own: &[CustomField]) -> Result<Self> {
        let text = mapping.to_toml_with(own)?;
        let profile = Profile::parse_with(&text, &mapping.name, own)?;
        Ok(Self { profile, text, mapping: Some(Box::new(mapping.clone())), origin: Origin::Mapped })
    }

    /// A profile by its text, as it is kept with an import or a source, with the mapping it was made of.
    ///
    /// # Errors
    /// Every contradiction in it.
    pub(crate) fn kept(text: String, mapping: Option<Mapping>, name: &str, own: &[CustomField]) -> Result<Self> {
        let profile = Profile::parse_with(&text, name, own)?;
        Ok(Self { profile, text, mapping: mapping.map(Box::new), origin: Origin::Kept })
    }

    /// A file, or where there is none a profile that comes with the program. Only for whoever has the machine: the
    /// name is a path.
    pub(crate) fn named(name: &str, own: &[CustomField]) -> Result<Self> {
        if !Path::new(name).is_file() {
            return Self::bundled(name);
        }
        let text = std::fs::read_to_string(name).map_err(|error| AppError::input(format!("{name}: {error}")))?;
        let profile = Profile::parse_with(&text, name, own)?;
        Ok(Self { profile, text, mapping: None, origin: Origin::File })
    }

    /// The text of the profile, as a file that can be kept and run.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The process of the deals: the latest of its key in the database, else a ready-made one.
    fn process(&self, known: &[Process]) -> Result<Process> {
        match self.profile.process() {
            ProcessSource::Key(key) => {
                let stored = known.iter().filter(|process| process.key == *key);
                match stored.max_by_key(|process| process.version) {
                    Some(stored) => Ok(stored.clone()),
                    None if self.origin == Origin::File => crate::process::read(key),
                    None => crate::process::ready(key),
                }
            }
            ProcessSource::Inline(text) => {
                process::load(text).map_err(|issues| crate::process::breaches(self.profile.name(), &issues))
            }
        }
    }
}

impl From<Refusal> for AppError {
    fn from(refusal: Refusal) -> Self {
        let messages = refusal.faults.iter().map(|fault| format!("{fault} [{}]", fault.code())).collect();
        let messages_zh =
            refusal.faults.iter().map(|fault| Some(format!("{} [{}]", fault.zh(), fault.code()))).collect();
        let mut hints: Vec<_> = refusal.faults.iter().map(|fault| (fault.hint(), fault.hint_zh())).collect();
        hints.dedup();
        let (hints, hints_zh): (Vec<_>, Vec<_>) = hints.into_iter().unzip();
        let is_too_large = refusal.faults.iter().any(|fault| matches!(fault, ingest::Fault::ArchiveTooLarge { .. }));
        let fault = if is_too_large { Fault::TooLarge } else { Fault::Input };
        let (hint, hint_zh) = (Some(hints.join("; ")), Some(hints_zh.join("；")));
        Self { fault, messages, messages_zh, hint, hint_zh }
    }
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
    for BundledProfile { name, title, description } in bundled_profiles()? {
        let both = |text: Text2| Cell::Name { key: text.en.clone(), zh: text.zh, en: text.en };
        answer.push(vec![Cell::Text(name.to_owned()), both(title), both(description)]);
    }
    Ok(answer)
}

/// A profile that comes with the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundledProfile {
    /// Its name.
    pub name: &'static str,
    /// What it is called.
    pub title: Text2,
    /// What it reads and takes for granted.
    pub description: Text2,
}

/// The profiles that come with the program.
///
/// # Errors
/// Never: bundled profiles are tested.
pub fn bundled_profiles() -> Result<Vec<BundledProfile>> {
    let seen = |name| {
        let profile = Profile::bundled(name)?;
        let text = |(zh, en): (&str, &str)| Text2::new(zh, en);
        Ok(BundledProfile { name, title: text(profile.title()), description: text(profile.description()) })
    };
    Profile::bundled_names().into_iter().map(seen).collect()
}

/// Reads the input and brings in what is new, in one transaction. A place without data is made only once the
/// input has been read and found good.
///
/// # Errors
/// The profile or the input as a whole is wrong (nothing was changed), or the database fails.
pub async fn run(place: &Place, request: &ImportRequest, now: Instant, tell: &dyn Fn(Step)) -> Result<Outcome> {
    // What comes with the program needs no database to be read, and a wrong name is told before one is opened.
    let there = if Path::new(&request.profile).is_file() { Loudou::find(place, now).await? } else { None };
    let own = match &there {
        Some(loudou) => loudou.own_fields().await?,
        None => Vec::new(),
    };
    let recipe = Recipe::named(&request.profile, &own)?;
    let input = Input::from(&request.input);
    must_exist(&input)?;
    let follow = Listener(tell);
    let there = if there.is_some() { there } else { Loudou::find(place, now).await? };
    if let Some(loudou) = there {
        return if request.dry_run {
            Ok(Outcome::Done(Box::new(loudou.preview_import(&recipe, input, &follow).await?)))
        } else {
            loudou.import(&recipe, input, request.skip_rejected, &follow).await
        };
    }
    // There is no place for anything yet.
    let read = Read::of(&recipe, &input, &There::default(), (&std::env::temp_dir(), now), &follow).await?;
    if request.dry_run {
        return Ok(Outcome::Done(Box::new(read.preview())));
    }
    if !read.may_go_in(request.skip_rejected) {
        return Ok(Outcome::Rejected(Box::new(read.report)));
    }
    // The first import tells how this organisation counts its days and its money.
    let (zone, currency) = (recipe.profile.zone(), recipe.profile.currency());
    let organisation = Organisation { zone, currency, ..Organisation::default() };
    let loudou = Loudou::open_or_create(place, &organisation, now).await?;
    loudou.bring_in_read(&recipe, read, &follow).await
}

fn must_exist(input: &Input) -> Result<()> {
    if input.path.exists() {
        return Ok(());
    }
    Err(match &input.name {
        None => AppError::input((
            format!("{} 不存在", input.path.display()),
            format!("there is nothing at {}", input.path.display()),
        ))
        .hint(("请给出存放文件的文件夹，或文件本身", "give the folder that holds the files, or the file itself")),
        Some(name) => AppError::input((format!("{name} 的文件已不在"), format!("the files of {name} are gone")))
            .hint(("请重新上传文件", "send the files again")),
    })
}

/// Files that were read, and not written yet.
struct Read {
    extract: Extract,
    process: Process,
    report: ImportReport,
}

impl Read {
    /// Reads the input at an instant; `folder` is where cleaned tables lie meanwhile.
    async fn of(
        recipe: &Recipe,
        input: &Input,
        there: &There,
        (folder, now): (&Path, Instant),
        follow: &dyn Follow,
    ) -> Result<Self> {
        must_exist(input)?;
        let process = provisional(&there.processes, recipe.process(&there.processes)?)?;
        let profile = recipe.profile.clone();
        let today = Calendar::new(profile.zone()).day(now);
        let profile = profile.on(today);
        let mut progress = |progress: ingest::Progress| {
            follow.tell(Step::Reading {
                file: progress.file,
                rows: progress.rows_done,
                bytes_done: progress.bytes_done,
                bytes_total: progress.bytes_total,
            });
            if follow.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let known = Arc::clone(&there.known);
        let mut options = Options { input_name: input.name.clone(), known, ..Options::default() };
        if matches!(recipe.origin, Origin::Kept | Origin::File) {
            options.given = prepare::called_otherwise(&profile, &input.path)?;
        }
        let mut prepared = prepare::prepare(&profile, &input.path, &options, folder, follow).await?;
        options.given = std::mem::take(&mut prepared.given);
        let read = ingest::extract(&profile, &input.path, &process, &options, &mut progress);
        let mut extract = match read {
            Err(_) if follow.is_cancelled() => return Err(cancelled()),
            read => read?,
        };
        extract.found_before(std::mem::take(&mut prepared.issues), &prepared.counts);
        let report = ImportReport::new(&recipe.profile, &extract);
        Ok(Self { extract, process, report })
    }

    fn preview(mut self) -> ImportReport {
        self.report.preview(&self.extract, &self.process, PREVIEW_ROWS);
        self.report
    }

    fn may_go_in(&self, skip_rejected: bool) -> bool {
        let nothing_is_right = self.extract.counts.rows_rejected >= self.extract.counts.rows_read;
        !self.extract.has_rejects() || (skip_rejected && !nothing_is_right)
    }
}

impl Loudou {
    /// Reads the input (a folder, or one file) and brings in what is new, in one transaction.
    ///
    /// # Errors
    /// The asker may not import, the input as a whole is wrong, it was cancelled (nothing was changed), or the database
    /// fails.
    pub async fn import(
        &self,
        recipe: &Recipe,
        input: impl Into<Input>,
        skip_rejected: bool,
        follow: &dyn Follow,
    ) -> Result<Outcome> {
        self.who.require(May::Import)?;
        let there = self.there(recipe).await?;
        let read = Read::of(recipe, &input.into(), &there, (&self.scratch_dir(), self.now), follow).await?;
        if !read.may_go_in(skip_rejected) {
            return Ok(Outcome::Rejected(Box::new(read.report)));
        }
        self.bring_in_read(recipe, read, follow).await
    }

    /// Reads the input and tells what would come of it; nothing is changed.
    ///
    /// # Errors
    /// As [`Loudou::import`].
    pub async fn preview_import(
        &self,
        recipe: &Recipe,
        input: impl Into<Input>,
        follow: &dyn Follow,
    ) -> Result<ImportReport> {
        self.who.require(May::Import)?;
        let there = self.there(recipe).await?;
        let read = Read::of(recipe, &input.into(), &there, (&self.scratch_dir(), self.now), follow).await?;
        let deals = read.extract.keys.get(&Kind::Opportunity).cloned().unwrap_or_default();
        let known = self.known_before(&read.extract.source, &deals).await?;
        let mut report = read.preview();
        report.set_known(known);
        Ok(report)
    }

    async fn bring_in_read(&self, recipe: &Recipe, read: Read, follow: &dyn Follow) -> Result<Outcome> {
        let Read { extract, process, mut report } = read;
        self.bring_in(&mut report, extract, &process, Some(recipe), follow).await?;
        Ok(Outcome::Done(Box::new(report)))
    }
}
