//! A mapping proposed for an upload: what its tables seem to be, with reasons, for a person to decide on.

use std::collections::BTreeMap;
use std::path::Path;

use domain::Instant;
use domain::people::May;
use domain::process::{CountUnit, Process, Text2};
use domain::text::folded;
use domain::{CustomField, Kind};
use ingest::{Circumstances, Fit, Look, MappedField, Mapping, Options, Profile, Suggestion, Suggestions, TableChoice};

use store::ImportState;

use super::kept::PROFILE;
use crate::{AppError, Loudou, Result};

/// Imports of before whose profiles are tried on new files.
const MOST_KEPT: usize = 50;

/// Which table is meant.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProposalAsk {
    /// The file with the deals; the likeliest one where absent.
    pub file: Option<String>,
    /// The sheet of a workbook; the first that holds a table where absent.
    pub sheet: Option<String>,
    /// The row of the headings; found where absent.
    pub header_row: Option<u32>,
    /// What is done to the table first.
    pub steps: Vec<toml::Table>,
    /// Further tables, by the names under which steps bring them in.
    pub tables: BTreeMap<String, TableChoice>,
    /// An import of before whose mapping is taken up for these files, instead of all of the above.
    pub saved: Option<i64>,
}

/// A mapping with what it was made from.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The mapping and its reasons.
    pub suggestions: Suggestions,
    /// The table of deals.
    pub look: Look,
    /// Bundled profiles that the files fit, the best first.
    pub fits: Vec<Fit>,
    /// Imports of before whose profile reads these files as they are, the latest first.
    pub saved: Vec<SavedFit>,
}

/// An import of before that read files with the same columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedFit {
    /// The import.
    pub import: i64,
    /// The name of its profile.
    pub profile: String,
    /// What the files were called.
    pub files: Vec<String>,
    /// When it was.
    pub at: Instant,
}

impl Loudou {
    /// Proposes a mapping for the files of an upload.
    ///
    /// # Errors
    /// The asker may not import, there is no such upload or file, or the file is no table.
    pub async fn propose_mapping(&self, upload: i64, ask: &ProposalAsk) -> Result<Proposal> {
        self.who.require(May::Import)?;
        let folder = self.upload_folder(upload)?;
        let (taken_up, ask) = match ask.saved {
            None => (None, ask.clone()),
            Some(import) => {
                let mapping = self.taken_up(import, &folder).await?;
                let table = mapping.table.clone();
                let (file, steps, tables) = (Some(table.file), table.steps, mapping.tables.clone());
                let ask =
                    ProposalAsk { file, sheet: table.sheet, header_row: table.header_row, steps, tables, saved: None };
                (Some(mapping), ask)
            }
        };
        let processes = self.importable_processes().await?;
        let currency = self.store.organisation().await?.map_or(domain::Currency::CNY, |own| own.currency);
        let own: Vec<CustomField> = self.own_fields().await?;
        let kept = self.kept_profiles(&own).await?;
        let cleaned = if ask.steps.is_empty() { None } else { Some(self.cleaned(upload, &ask).await?) };
        let (today, zone) = (self.today(), self.calendar.zone);
        // Reading files keeps a thread busy: not one of those that answer requests.
        let proposed = tokio::task::spawn_blocking(move || {
            let (mut looks, main) = looks(upload, &folder, &ask)?;
            let fits = ingest::fits(&looks);
            let saved = saved_fits(kept, &looks);
            if let Some(cleaned) = cleaned {
                looks[main] = cleaned;
            }
            // What steps bring in is part of the table by now.
            let mut main = main;
            let is_brought_in = |look: &Look| ask.tables.values().any(|table| table.file == look.file);
            for at in (0..looks.len()).rev().filter(|at| *at != main).collect::<Vec<_>>() {
                if is_brought_in(&looks[at]) {
                    looks.remove(at);
                    main -= usize::from(at < main);
                }
            }
            let around = Circumstances { today, currency, zone, processes: &processes };
            let mut suggestions = ingest::suggest(&looks, main, &around);
            suggest_own(&mut suggestions, &looks[main], &own);
            suggestions.mapping.table.steps = ask.steps;
            suggestions.mapping.tables = ask.tables;
            if let Some(taken_up) = taken_up {
                suggestions.mapping = with_new_words(taken_up, suggestions.mapping);
            }
            Ok(Proposal { suggestions, look: looks.swap_remove(main), fits, saved })
        });
        proposed.await.map_err(broke_off)?
    }

    /// Processes of deals: the latest versions of the database's own, then the ready-made ones.
    ///
    /// # Errors
    /// The asker may not import, or the data cannot be read.
    pub async fn importable_processes(&self) -> Result<Vec<Process>> {
        self.who.require(May::Import)?;
        let stored = self.processes().await?;
        let is_latest = |process: &&Process| {
            stored.iter().all(|other| other.key != process.key || other.version <= process.version)
        };
        let mut processes: Vec<Process> = stored.iter().filter(is_latest).cloned().collect();
        for ready in crate::process::ready_made()? {
            if processes.iter().all(|process| process.key != ready.key) {
                processes.push(ready);
            }
        }
        processes.retain(|process| process.unit == CountUnit::Deal);
        Ok(processes)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "handed to map_err")]
pub(super) fn broke_off(error: tokio::task::JoinError) -> AppError {
    AppError::system(format!("the look at the files broke off: {error}"))
}

/// Those of the kept profiles that read these files as they are: each name once, in their order.
fn saved_fits(kept: Vec<(SavedFit, Profile)>, looks: &[Look]) -> Vec<SavedFit> {
    let mut fits: Vec<SavedFit> = Vec::new();
    for (fit, profile) in kept {
        let is_new = fits.iter().all(|known| known.profile != fit.profile);
        if is_new && matches!(super::prepare::assign(&profile, looks), Ok(Some(_))) {
            fits.push(fit);
        }
    }
    fits
}

/// The mapping of before, with the words for stages and outcomes that are new in these files as they are proposed: a
/// month later there are deals in stages that held none.
fn with_new_words(before: Mapping, proposed: Mapping) -> Mapping {
    let mut mapping = before;
    let is_same = mapping.fields.get("stage").map(|field| &field.column)
        == proposed.fields.get("stage").map(|field| &field.column);
    if is_same && mapping.process == proposed.process {
        for (word, stage) in proposed.stages {
            mapping.stages.entry(word).or_insert(stage);
        }
    }
    if mapping.fields.get("outcome").map(|field| &field.column)
        == proposed.fields.get("outcome").map(|field| &field.column)
    {
        for (word, outcome) in proposed.outcomes {
            mapping.outcomes.entry(word).or_insert(outcome);
        }
    }
    mapping
}

impl Loudou {
    /// The mapping of an import of before, for the files of an upload: each table is the file that has its columns.
    async fn taken_up(&self, import: i64, folder: &Path) -> Result<Mapping> {
        let mut mapping = self.import_mapping(import).await?;
        let own = self.own_fields().await?;
        let profile = Profile::parse_with(&mapping.to_toml_with(&own)?, &mapping.name, &own)?;
        let folder = folder.to_owned();
        let looked = tokio::task::spawn_blocking(move || {
            let looks = super::prepare::looks_in(&folder, &crate::uploads::names_in(&folder)?);
            Ok::<_, AppError>((super::prepare::assign(&profile, &looks)?, looks))
        });
        let (assigned, looks) = looked.await.map_err(broke_off)??;
        let Some(assigned) = assigned else {
            return Err(AppError::input((
                format!("这些文件没有导入 {import} 所读的列"),
                format!("these files do not have the columns that import {import} read"),
            ))
            .hint(("请重新映射这些列", "map their columns anew")));
        };
        for (name, table) in mapping.all_tables() {
            if let Some(look) = assigned.get(name).map(|at| &looks[*at]) {
                table.file.clone_from(&look.file);
                table.sheet.clone_from(&look.sheet);
                table.header_row = Some(look.header_row);
            }
        }
        Ok(mapping)
    }

    /// The profiles of imports that stand, the latest first.
    async fn kept_profiles(&self, own: &[CustomField]) -> Result<Vec<(SavedFit, Profile)>> {
        let (imports, database) = (self.store.imports().await?, self.store.database_id().await?);
        let mut kept = Vec::new();
        for import in imports.into_iter().rev().filter(|import| import.state == ImportState::Done).take(MOST_KEPT) {
            let path = self.place.import_dir(&database, import.id).join(PROFILE);
            // Those of another program, and those that no profile read, are not here.
            let Ok(text) = std::fs::read_to_string(path) else { continue };
            let Ok(profile) = Profile::parse_with(&text, &import.profile, own) else { continue };
            let (files, at) = (import.files, import.finished_at);
            kept.push((SavedFit { import: import.id, profile: import.profile, files, at }, profile));
        }
        Ok(kept)
    }

    /// As an import of before was read.
    ///
    /// # Errors
    /// As [`Loudou::import_profile`].
    pub async fn recipe_of(&self, import: i64) -> Result<super::Recipe> {
        let (text, own) = (self.import_profile(import).await?, self.own_fields().await?);
        super::Recipe::kept(text, self.import_mapping(import).await.ok(), &format!("import {import}"), &own)
    }
}

/// Puts columns that are called like one of the organisation's own fields to it.
fn suggest_own(suggestions: &mut Suggestions, look: &Look, own: &[CustomField]) {
    let own = own.iter().filter(|own| own.kind == Kind::Opportunity && !own.retired);
    for own in own {
        let names = [&own.name, &own.label.zh, &own.label.en].map(|name| folded(name));
        let is_called = |column: &&ingest::ColumnLook| names.contains(&folded(column.name.trim()));
        let Some(column) = look.columns.iter().find(is_called).map(|column| column.name.clone()) else { continue };
        let told = |found: &Suggestion| found.column == column && found.score >= 1.0;
        if suggestions.columns.iter().any(told) {
            continue;
        }
        // A heading that is the field's own name says more than one that resembles another's.
        suggestions.columns.retain(|found| found.column != column);
        suggestions.mapping.fields.retain(|_, field| field.column != column);
        suggestions.mapping.keep.retain(|kept| *kept != column);
        let field = MappedField { column: column.clone(), ..MappedField::default() };
        suggestions.mapping.fields.insert(own.name.clone(), field);
        let why = Text2::new(format!("列名“{column}”"), format!("the heading “{column}”"));
        suggestions.columns.push(Suggestion { column, field: own.name.clone(), score: 1.0, why });
    }
}

pub(super) fn no_such_file(upload: i64, file: &str, names: &[String]) -> AppError {
    AppError::input((format!("上传 {upload} 里没有文件“{file}”"), format!("upload {upload} has no file `{file}`")))
        .hint((format!("其中有：{}", names.join("、")), format!("it has: {}", names.join(", "))))
}

/// Looks at the tables of an upload, and the place of the one with the deals among them.
fn looks(upload: i64, folder: &Path, ask: &ProposalAsk) -> Result<(Vec<Look>, usize)> {
    let names = crate::uploads::names_in(folder)?;
    if let Some(file) = &ask.file
        && !names.contains(file)
    {
        return Err(no_such_file(upload, file, &names));
    }
    let mut looks = Vec::with_capacity(names.len());
    for name in &names {
        let is_asked = ask.file.as_ref() == Some(name);
        let (sheet, row) = if is_asked { (ask.sheet.as_deref(), ask.header_row) } else { (None, None) };
        match ingest::look(&folder.join(name), name, sheet, row, &Options::default()) {
            Ok(look) => looks.push(look),
            Err(refusal) if is_asked || names.len() == 1 => return Err(refusal.into()),
            // A file beside the table that is none: a note, a picture.
            Err(_) => {}
        }
    }
    let asked = ask.file.as_ref().and_then(|file| looks.iter().position(|look| look.file == *file));
    let Some(main) = asked.or_else(|| ingest::likeliest(&looks)) else {
        return Err(AppError::input((
            format!("上传 {upload} 里没有可读的表格"),
            format!("no file of upload {upload} is a table that can be read"),
        ))
        .hint((
            "请上传 CSV、TSV、Excel（XLSX、XLS）、ODS、JSON、Parquet 或 XES",
            "upload CSV, TSV, Excel (XLSX, XLS), ODS, JSON, Parquet or XES",
        )));
    };
    Ok((looks, main))
}
