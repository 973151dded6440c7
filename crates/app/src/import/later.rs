//! Files that come later: which import of before read files like these, and how its mapping reads them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use domain::{CustomField, Instant};
use ingest::{Look, Mapping, Profile, TableChoice};
use store::{Import, ImportState};

use super::kept::{PROFILE, mapping_in};
use super::mapped::{ProposalAsk, broke_off};
use super::prepare::{Assigned, assign};
use super::{Recipe, of_each_day};
use crate::{AppError, Loudou, Result};

/// Imports of before whose profiles are tried on new files.
const MOST_KEPT: usize = 50;
/// A table that is called otherwise and comes without its fellows is known by so many of its columns, and by half of all.
const TELLING_COLUMNS: usize = 3;

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
    /// Those of its files that none of these is like. What they told stays as it is.
    pub missing: Vec<String>,
}

/// An import of before as it is kept.
#[derive(Debug)]
pub(super) struct Kept {
    fit: SavedFit,
    profile: Profile,
    mapping: Option<Mapping>,
}

/// The kept imports that read these files, each name once: those that read most of the files first, then the latest.
pub(super) fn saved_fits(kept: Vec<Kept>, looks: &[Look]) -> Vec<SavedFit> {
    let files = looks.iter().map(|look| &look.file).collect::<BTreeSet<_>>().len();
    // Of a name that reads all, those before it say nothing new.
    let mut whole: BTreeSet<String> = BTreeSet::new();
    let fitting = kept.into_iter().filter_map(|Kept { fit, profile, mapping }| {
        if whole.contains(&fit.profile) {
            return None;
        }
        let assigned = fitted(&profile, mapping.as_ref(), looks).ok()??;
        let missing = mapping.map_or_else(Vec::new, |mapping| files_of(mapping, &assigned.missing));
        if missing.is_empty() && assigned.files(looks).len() == files {
            whole.insert(fit.profile.clone());
        }
        Some((assigned.files(looks).len(), SavedFit { missing, ..fit }))
    });
    let mut fitting: Vec<(usize, SavedFit)> = fitting.collect();
    fitting.sort_by_key(|(files, fit)| (fit.missing.len(), std::cmp::Reverse(*files)));
    let mut fits: Vec<SavedFit> = Vec::new();
    for (_, fit) in fitting {
        if fits.iter().all(|known| known.profile != fit.profile) {
            fits.push(fit);
        }
    }
    fits
}

/// Which file is which table of an import of before. Some tables may be missing where a person mapped them and every
/// file is one of the others. None where the files are not like its.
///
/// # Errors
/// Steps of the profile are none.
fn fitted(profile: &Profile, mapping: Option<&Mapping>, looks: &[Look]) -> Result<Option<Assigned>> {
    let mut assigned = assign(profile, looks)?;
    let Some(mapping) = mapping else { return Ok(assigned.missing.is_empty().then_some(assigned)) };
    let mut mapping = mapping.clone();
    let tables: BTreeMap<String, TableChoice> =
        mapping.all_tables().into_iter().map(|(name, table)| (name, table.clone())).collect();
    one_file_a_table(&mut assigned, &tables, &ingest::columns_of(profile), looks);
    if assigned.missing.is_empty() || is_part(&assigned, &mapping, &tables, profile, looks) {
        return Ok(Some(assigned));
    }
    Ok(None)
}

type Wanted<'p> = BTreeMap<&'p str, BTreeSet<&'p str>>;

/// Tables that were of two files are not of one by now: it is the table that is called so, or that asks for most of it.
fn one_file_a_table(
    assigned: &mut Assigned,
    tables: &BTreeMap<String, TableChoice>,
    wanted: &Wanted<'_>,
    looks: &[Look],
) {
    let place = |table: &str| tables.get(table).map(|table| (&table.file, &table.sheet));
    let rank = |table: &str, at: usize| {
        let is_called = tables.get(table).is_some_and(|table| is_called_alike(&table.file, &looks[at].file));
        (is_called, wanted.get(table).map_or(0, BTreeSet::len))
    };
    let is_lesser = |table: &String, at: usize| {
        let others = assigned.at.iter().filter(|(other, taken)| *other != table && **taken == at);
        others.into_iter().any(|(other, _)| {
            place(other) != place(table)
                && (rank(other, at), std::cmp::Reverse(other)) > (rank(table, at), std::cmp::Reverse(table))
        })
    };
    let lesser: Vec<String> =
        assigned.at.iter().filter(|(table, at)| is_lesser(table, **at)).map(|(table, _)| table.clone()).collect();
    for table in lesser {
        assigned.at.remove(&table);
        assigned.missing.push(table);
    }
}

fn is_called_alike(before: &str, now: &str) -> bool {
    ingest::lasting_name(before) == ingest::lasting_name(now)
}

/// Whether the files are some of the tables, and tell by themselves what those told.
fn is_part(
    assigned: &Assigned,
    mapping: &Mapping,
    tables: &BTreeMap<String, TableChoice>,
    profile: &Profile,
    looks: &[Look],
) -> bool {
    let files: BTreeSet<&str> = looks.iter().map(|look| look.file.as_str()).collect();
    let rest = mapping.clone().without(&assigned.missing);
    // Without the changes the deals' own table would say of the past what those said.
    let lacks_history =
        mapping.history.as_ref().is_some_and(|history| history.table.is_some()) && rest.history.is_none();
    let missing = || assigned.missing.iter().filter_map(|name| tables.get(name));
    // What only the steps of a missing table bring in would be read by nobody.
    let lacks_steps = !mapping.tables.is_empty() && missing().any(|table| !table.steps.is_empty());
    let tells_something = rest.table.is_some() || !rest.records.is_empty();
    if lacks_history || lacks_steps || !tells_something || assigned.files(looks) != files {
        return false;
    }
    let wanted = ingest::columns_of(profile);
    assigned.at.iter().all(|(name, at)| {
        let (look, asked) = (&looks[*at], wanted.get(name.as_str()).map_or(0, BTreeSet::len));
        let is_called = tables.get(name).is_some_and(|table| is_called_alike(&table.file, &look.file));
        let is_missing_one = missing().any(|table| is_called_alike(&table.file, &look.file));
        let is_told = asked >= TELLING_COLUMNS && asked * 2 >= look.columns.len();
        is_called || (is_told && !is_missing_one)
    })
}

/// The files of some tables of a mapping.
fn files_of(mut mapping: Mapping, tables: &[String]) -> Vec<String> {
    let mut files: Vec<String> = Vec::new();
    for (name, table) in mapping.all_tables() {
        if tables.contains(&name) && !files.contains(&table.file) {
            files.push(table.file.clone());
        }
    }
    files
}

impl Loudou {
    /// The mapping of an import of before, for the files of an upload: each table is the file that has its columns, and
    /// what is not there is left out.
    pub(super) async fn taken_up(&self, import: i64, folder: &Path) -> Result<Mapping> {
        let mut mapping = self.import_mapping(import).await?.of_each_day();
        let own = self.own_fields().await?;
        let profile = Profile::parse_with(&mapping.to_toml_with(&own)?, &mapping.name, &own)?;
        let (folder, before): (PathBuf, Mapping) = (folder.to_owned(), mapping.clone());
        let looked = tokio::task::spawn_blocking(move || {
            let looks = super::looked::looks_in(&folder, &crate::uploads::names_in(&folder)?);
            Ok::<_, AppError>((fitted(&profile, Some(&before), &looks)?, looks))
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
            if let Some(look) = assigned.at.get(&name).map(|at| &looks[*at]) {
                table.file.clone_from(&look.file);
                table.sheet.clone_from(&look.sheet);
                table.header_row = Some(look.header_row);
            }
        }
        Ok(mapping.without(&assigned.missing))
    }

    /// Imports that stand, the latest first, as they are kept.
    pub(super) async fn kept_imports(&self, imports: &[Import], own: &[CustomField]) -> Result<Vec<Kept>> {
        let database = self.store.database_id().await?;
        let mut kept = Vec::new();
        for import in imports.iter().rev().filter(|import| import.state == ImportState::Done).take(MOST_KEPT) {
            let folder = self.place.import_dir(&database, import.id);
            // Those of another program, and those that no profile read, are not here.
            let Ok(text) = std::fs::read_to_string(folder.join(PROFILE)) else { continue };
            let Ok(profile) = Profile::parse_with(&text, &import.profile, own) else { continue };
            let (name, files, at) = (import.profile.clone(), import.files.clone(), import.finished_at);
            let fit = SavedFit { import: import.id, profile: name, files, at, missing: Vec::new() };
            kept.push(Kept { fit, profile, mapping: mapping_in(&folder).ok() });
        }
        Ok(kept)
    }

    /// The files of an upload as an import of before was read. A day of export that was named for that one's files is
    /// not that of later ones.
    ///
    /// # Errors
    /// As [`Loudou::import_profile`]; the asker has no such upload, or its files are not like those of the import.
    pub async fn recipe_of(&self, import: i64, upload: i64) -> Result<Recipe> {
        let (text, own) = (self.import_profile(import).await?, self.own_fields().await?);
        if self.import_mapping(import).await.is_err() {
            return Recipe::kept(of_each_day(&text), None, &format!("import {import}"), &own);
        }
        let mapping = self.taken_up(import, &self.upload_folder(upload)?).await?;
        Recipe::mapped(&mapping, &own)
    }
}

/// The mapping of before, with the words for stages and outcomes that are new in these files as they are proposed: a
/// month later there are deals in stages that held none.
pub(super) fn with_new_words(before: Mapping, proposed: Mapping) -> Mapping {
    let mut mapping = before;
    if mapping.table.is_none() {
        return mapping;
    }
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

/// What is asked for where the mapping of an import of before is taken up.
pub(super) fn ask_of(mapping: &Mapping) -> ProposalAsk {
    let mut ask =
        ProposalAsk { tables: mapping.tables.clone(), is_deals: mapping.table.is_some(), ..ProposalAsk::default() };
    if let Some(table) = mapping.table.clone() {
        (ask.file, ask.sheet, ask.header_row, ask.steps) =
            (Some(table.file), table.sheet, table.header_row, table.steps);
    }
    let changes = mapping.history.iter().filter_map(|history| history.table.as_ref());
    for table in mapping.records.iter().map(|records| &records.table).chain(changes) {
        if !ask.others.contains(table) {
            ask.others.push(table.clone());
        }
    }
    ask
}
