//! The import studio: what steps do to a table of an upload, before anybody says what its columns mean.

use std::collections::BTreeMap;

use domain::people::May;
use ingest::{JoinKey, Look, Options, TableChoice};
use steps::{Glimpse, Limits, Shown, Source, Sources, Steps, StepsError, Target};
use tokio::sync::SemaphorePermit;

use super::mapped::{broke_off, no_such_file};
use super::prepare::look_cleaned;
use crate::steps::{LOOKED_AT, told};
use crate::{AppError, Loudou, Result};

/// Rows that are shown of each table.
const SHOWN: usize = 30;
/// Different values of a column that are compared.
const MOST_VALUES: usize = 200_000;
/// Steps of one table.
const MOST_STEPS: usize = 200;

/// A table of an upload, and what is to be done to it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CleaningAsk {
    /// Where it is, with the steps.
    pub table: TableChoice,
    /// Further tables, by the names under which steps bring them in.
    pub tables: BTreeMap<String, TableChoice>,
}

/// What steps do to the first rows of a table.
#[derive(Debug)]
pub struct CleaningPreview {
    /// The table as it comes in, and after each step up to the first that is none. One that does not fit leaves it as it
    /// was.
    pub tables: Vec<Shown>,
    /// The steps that do not fit, or are none, from 1 on, and why.
    pub failed: Vec<(usize, AppError)>,
    /// Values that could not be read.
    pub issues: Vec<steps::Issue>,
    /// Rows that were looked at, at most.
    pub looked_at: usize,
    /// The steps as a file that can be kept and run.
    pub text: String,
}

/// Spellings in a column that are likely one value.
#[derive(Debug)]
pub struct Spellings {
    /// What is proposed, the commonest first.
    pub clusters: Vec<matching::ValueCluster>,
    /// Different values of the column.
    pub distinct: usize,
    /// Whether there are more different values than were looked at.
    pub is_cut: bool,
}

impl Loudou {
    /// Proposes which values of a column are spellings of one, as the table is after its steps. What is confirmed
    /// becomes a step (`map`), and so is remembered with the import.
    ///
    /// # Errors
    /// As [`Loudou::preview_cleaning`]; also where a step does not fit, or there is no such column.
    pub async fn spellings(&self, upload: i64, ask: &CleaningAsk, column: &str) -> Result<Spellings> {
        self.who.require(May::Import)?;
        let steps = read(&ask.table.steps)?;
        let _turn = self.cleaning_turn().await?;
        let (source, brought) = self.sources_of(upload, &ask.table, &ask.tables, &steps).await?;
        let made = self.taken(&steps, &source, &brought.tables).await?;
        let look = look_cleaned(made.path(), &ask.table.file)?;
        let Some(at) = look.headings().position(|name| name == column) else {
            let known: Vec<&str> = look.headings().collect();
            return Err(AppError::input((
                format!("清洗后的表没有列“{column}”"),
                format!("the cleaned table has no column `{column}`"),
            ))
            .hint((format!("其中有：{}", known.join("、")), format!("it has: {}", known.join(", ")))));
        };
        // Comparing many values keeps a thread busy.
        let found = tokio::task::spawn_blocking(move || {
            let (mut counts, mut is_cut) = (BTreeMap::<String, u64>::new(), false);
            ingest::texts(made.path(), &look, &Options::default(), &mut |texts| {
                for value in texts.columns[at].iter().flatten() {
                    if let Some(count) = counts.get_mut(value) {
                        *count += 1;
                    } else if counts.len() < MOST_VALUES {
                        counts.insert(value.to_owned(), 1);
                    } else {
                        is_cut = true;
                    }
                }
                Ok(())
            })?;
            let values: Vec<(String, u64)> = counts.into_iter().collect();
            let distinct = values.len();
            Ok(Spellings { clusters: matching::value_clusters(&values), distinct, is_cut })
        });
        found.await.map_err(broke_off)?
    }

    /// Proposes by which columns another table of the upload may be joined, the likeliest first, both as they are after
    /// their steps.
    ///
    /// # Errors
    /// As [`Loudou::preview_cleaning`]; also where a step does not fit, or `with` names none of the further tables.
    pub async fn join_keys(&self, upload: i64, ask: &CleaningAsk, with: &str) -> Result<Vec<JoinKey>> {
        self.who.require(May::Import)?;
        self.upload_folder(upload)?;
        let Some(other) = ask.tables.get(with) else {
            let known = ask.tables.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            return Err(AppError::input((format!("没有表“{with}”"), format!("there is no table `{with}`")))
                .hint((format!("已给出的表：{known}"), format!("tables that were given: {known}"))));
        };
        let _turn = self.cleaning_turn().await?;
        let left = self.cleaned(upload, &ask.table, &ask.tables).await?;
        let right = self.cleaned(upload, other, &ask.tables).await?;
        tokio::task::spawn_blocking(move || Ok(ingest::join_keys(&left, &right))).await.map_err(broke_off)?
    }

    /// A table after its steps, in a file that goes with its handle.
    async fn taken(&self, steps: &Steps, source: &Source, tables: &Sources) -> Result<tempfile::NamedTempFile> {
        let made = super::prepare::file_in(&self.scratch_dir())?;
        steps::run(steps, source, tables, &Limits::default(), Target::Parquet(made.path())).await.map_err(told)?;
        Ok(made)
    }

    /// Shows what steps do to the first rows of a table of an upload.
    ///
    /// # Errors
    /// The asker may not import, has no such upload or file, or the file is no table. A step that does not fit is told in
    /// the preview.
    pub async fn preview_cleaning(&self, upload: i64, ask: &CleaningAsk) -> Result<CleaningPreview> {
        self.who.require(May::Import)?;
        let (steps, at_fault) = readable(&ask.table.steps)?;
        let _turn = self.cleaning_turn().await?;
        let (source, brought) = self.sources_of(upload, &ask.table, &ask.tables, &steps).await?;
        let glimpse = Glimpse { looked_at: LOOKED_AT, shown: SHOWN };
        let seen = steps::preview(&steps, &source, &brought.tables, &Limits::default(), glimpse).await.map_err(told)?;
        let fitting = seen.failed.into_iter().map(|error| match error {
            StepsError::Step { step, .. } => Ok((step, told(error))),
            error => Err(told(error)),
        });
        let failed = fitting.chain(at_fault.map(Ok)).collect::<Result<_>>()?;
        let text = steps.to_toml().map_err(told)?;
        Ok(CleaningPreview { tables: seen.tables, failed, issues: seen.issues, looked_at: LOOKED_AT, text })
    }

    /// The right to run steps while it is held: each run may hold a joined table in memory.
    pub(super) async fn cleaning_turn(&self) -> Result<SemaphorePermit<'_>> {
        self.cleaning.acquire().await.map_err(|error| AppError::system(error.to_string()))
    }

    /// The beginning of a table of an upload after all of its steps, as a look shows it. Whoever asks holds a turn.
    pub(super) async fn cleaned(
        &self,
        upload: i64,
        table: &TableChoice,
        tables: &BTreeMap<String, TableChoice>,
    ) -> Result<Look> {
        let steps = read(&table.steps)?;
        let (mut source, brought) = self.sources_of(upload, table, tables, &steps).await?;
        source.most = Some(LOOKED_AT);
        let made = self.taken(&steps, &source, &brought.tables).await?;
        let mut look = look_cleaned(made.path(), &table.file)?;
        let raw = &source.files[0].1;
        look.bytes = raw.bytes;
        look.format.clone_from(&raw.format);
        look.sheets.clone_from(&raw.sheets);
        look.sheet.clone_from(&raw.sheet);
        look.header_row = raw.header_row;
        Ok(look)
    }

    /// A table and those that its steps bring in, each after its own steps; files of those go with their handles.
    async fn sources_of(
        &self,
        upload: i64,
        table: &TableChoice,
        tables: &BTreeMap<String, TableChoice>,
        steps: &Steps,
    ) -> Result<(Source, Brought)> {
        let mut of_tables: BTreeMap<&str, Steps> = BTreeMap::new();
        // A table that no step names any more need not be there.
        let mut waiting: Vec<String> = steps.tables().map(str::to_owned).collect();
        while let Some(name) = waiting.pop() {
            let Some((name, table)) = tables.get_key_value(&name) else { continue };
            if !of_tables.contains_key(name.as_str()) {
                let own = read(&table.steps)?;
                waiting.extend(own.tables().map(str::to_owned));
                of_tables.insert(name, own);
            }
        }
        let order = super::prepare::in_order(&of_tables)?;
        let wanted = order.iter().map(|name| &tables[*name]).chain([table]).cloned().collect();
        let mut raw = self.raw_sources(upload, wanted).await?;
        let Some(source) = raw.pop() else { return Err(AppError::system("a table was not looked at")) };
        let mut brought = Brought::default();
        for (name, raw) in order.into_iter().zip(raw) {
            let own = &of_tables[name];
            let cleaned = if own.0.is_empty() {
                raw
            } else {
                let made = self.taken(own, &raw, &brought.tables).await?;
                let files = vec![(made.path().to_owned(), look_cleaned(made.path(), &raw.files[0].1.file)?)];
                brought.files.push(made);
                Source { files, most: None }
            };
            brought.tables.insert(name.to_owned(), cleaned);
        }
        Ok((source, brought))
    }

    /// Tables of an upload as they come in.
    async fn raw_sources(&self, upload: i64, tables: Vec<TableChoice>) -> Result<Vec<Source>> {
        let folder = self.upload_folder(upload)?;
        // Reading files keeps a thread busy: not one of those that answer requests.
        let looked = tokio::task::spawn_blocking(move || {
            let names = crate::uploads::names_in(&folder)?;
            let source = |TableChoice { file, sheet, header_row, .. }: &TableChoice| {
                if !names.contains(file) {
                    return Err(no_such_file(upload, file, &names));
                }
                let path = folder.join(file);
                let look = ingest::look(&path, file, sheet.as_deref(), *header_row, &Options::default())?;
                Ok(Source { files: vec![(path, look)], most: None })
            };
            tables.iter().map(source).collect()
        });
        looked.await.map_err(broke_off)?
    }
}

/// Tables that steps bring in, for as long as they are read.
#[derive(Debug, Default)]
struct Brought {
    tables: Sources,
    files: Vec<tempfile::NamedTempFile>,
}

/// The steps up to the first that is none, and why that one is none: what comes before it can still be shown.
fn readable(raw: &[toml::Table]) -> Result<(Steps, Option<(usize, AppError)>)> {
    let mut steps = Steps::default();
    for (number, step) in (1..).zip(bounded(raw)?) {
        match Steps::of(vec![step.clone()]) {
            Ok(one) => steps.0.extend(one.0),
            Err(StepsError::File { message, .. }) => {
                let words = (format!("第 {number} 步：{message}"), format!("step {number}: {message}"));
                let error = AppError::input(words).hint(("请补全这一步", "complete this step"));
                return Ok((steps, Some((number, error))));
            }
            Err(error) => return Err(told(error)),
        }
    }
    Ok((steps, None))
}

fn read(raw: &[toml::Table]) -> Result<Steps> {
    Steps::of(bounded(raw)?.to_vec()).map_err(told)
}

fn bounded(raw: &[toml::Table]) -> Result<&[toml::Table]> {
    if raw.len() > MOST_STEPS {
        return Err(AppError::input((
            format!("一个表最多 {MOST_STEPS} 个步骤"),
            format!("a table takes at most {MOST_STEPS} steps"),
        )));
    }
    Ok(raw)
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::task::{Context, Waker};

    use domain::Instant;

    use super::*;
    use crate::{Fault, Organisation, Place};

    #[tokio::test]
    async fn whoever_looks_at_steps_waits_for_a_turn() {
        let dir = tempfile::tempdir().expect("a folder");
        let place = Place { dir: dir.path().to_owned(), database_url: None, fresh_id: 1 };
        let loudou = Loudou::init(&place, &Organisation::default(), Instant(0)).await.expect("it is made");
        // Clones are of one process, whoever they are of.
        let other = loudou.clone();
        let turns = (loudou.cleaning_turn().await.expect("a turn"), other.cleaning_turn().await.expect("a turn"));
        let ask = CleaningAsk::default();
        let looking = loudou.preview_cleaning(424_242, &ask);
        let mut looking = std::pin::pin!(looking);
        // With a turn it would hear at once that there is no such upload.
        let looked = looking.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(looked.is_pending(), "both turns are taken");
        drop(turns.0);
        let refused = looking.await.expect_err("there is no such upload");
        assert_eq!(refused.fault, Fault::NotFound);
    }
}
