//! A mapping proposed for an upload: what its tables seem to be, with reasons, for a person to decide on.

use std::collections::BTreeMap;

use domain::people::May;
use domain::process::{CountUnit, Process};
use domain::text::folded;
use domain::words::Text2;
use domain::{CustomField, Kind};
use ingest::{Circumstances, Fit, Look, Main, MappedField, Mapping, Suggestion, Suggestions, TableChoice};

use super::RecordKind;
use super::later::{SavedFit, ask_of, saved_fits, with_new_words};
use crate::{AppError, Loudou, Result};

/// Which tables are meant, and what is done to them first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProposalAsk {
    /// The file of the table that comes first; the likeliest to hold deals where absent.
    pub file: Option<String>,
    /// The sheet of a workbook; the first that holds a table where absent.
    pub sheet: Option<String>,
    /// The row of the headings; found where absent.
    pub header_row: Option<u32>,
    /// What is done to the table first.
    pub steps: Vec<toml::Table>,
    /// That table holds deals, whatever it seems to hold.
    pub is_deals: bool,
    /// Further tables that are looked at after their steps, or below other headings.
    pub others: Vec<TableChoice>,
    /// Further tables, by the names under which steps bring them in.
    pub tables: BTreeMap<String, TableChoice>,
    /// An import of before whose mapping is taken up for these files, instead of all of the above.
    pub saved: Option<i64>,
}

impl ProposalAsk {
    /// The table that comes first, if there is one.
    fn first(&self) -> Option<TableChoice> {
        let file = self.file.clone()?;
        let (sheet, header_row, steps) = (self.sheet.clone(), self.header_row, self.steps.clone());
        Some(TableChoice { file, sheet, header_row, steps, ..TableChoice::default() })
    }

    /// Every table that something was said of; the first comes first.
    fn said(&self) -> Vec<TableChoice> {
        self.first().into_iter().chain(self.others.iter().cloned()).collect()
    }
}

/// A mapping with what it was made from.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The mapping and its reasons.
    pub suggestions: Suggestions,
    /// The tables that were looked at; places in the suggestions are those here.
    pub looks: Vec<Look>,
    /// The kinds of records to choose from, with their fields.
    pub kinds: Vec<RecordKind>,
    /// The names of the sources that were imported before, the latest first.
    pub sources: Vec<String>,
    /// Bundled profiles that the files fit, the best first.
    pub fits: Vec<Fit>,
    /// Imports of before whose profile reads these files as they are, the latest first.
    pub saved: Vec<SavedFit>,
}

impl Proposal {
    /// The table of deals, if there is one.
    #[must_use]
    pub fn deals(&self) -> Option<&Look> {
        self.looks.get(self.suggestions.main?)
    }
}

impl Loudou {
    /// Proposes a mapping for the files of an upload.
    ///
    /// # Errors
    /// The asker may not import, there is no such upload or file, or the file is no table.
    pub async fn propose_mapping(&self, upload: i64, ask: &ProposalAsk) -> Result<Proposal> {
        self.who.require(May::Import)?;
        let folder = self.upload_folder(upload)?;
        let is_new = ask.saved.is_none();
        let (taken_up, ask) = match ask.saved {
            None => (None, ask.clone()),
            Some(import) => {
                let mapping = self.taken_up(import, &folder).await?;
                let ask = ask_of(&mapping);
                (Some(mapping), ask)
            }
        };
        let processes = self.importable_processes().await?;
        let currency = self.store.organisation().await?.map_or(domain::Currency::CNY, |own| own.currency);
        let own: Vec<CustomField> = self.own_fields().await?;
        let imports = self.store.imports().await?;
        let kept = self.kept_imports(&imports, &own).await?;
        let sources = super::source::that_stand(&imports);
        let said = ask.said();
        if said.is_empty() && !ask.steps.is_empty() {
            return Err(AppError::input(("步骤须说明用于哪个文件", "steps have to say which file they are for"))
                .hint(("请给出 `file`", "give `file`")));
        }
        let mut cleaned = Vec::with_capacity(said.len());
        let turn = self.cleaning_turn().await?;
        for choice in &said {
            cleaned.push(if choice.steps.is_empty() {
                None
            } else {
                Some(self.cleaned(upload, choice, &ask.tables).await?)
            });
        }
        let (today, zone) = (self.today(), self.calendar.zone);
        // Reading files keeps a thread busy: not one of those that answer requests.
        let proposed = tokio::task::spawn_blocking(move || {
            let mut looks = super::looked::looks(upload, &folder, &said)?;
            let fits = ingest::fits(&looks);
            let saved = saved_fits(kept, &looks);
            let mut at: Vec<Option<usize>> = said.iter().map(|choice| super::looked::place(&looks, choice)).collect();
            for (at, cleaned) in at.iter().zip(cleaned) {
                if let (Some(at), Some(cleaned)) = (at, cleaned) {
                    looks[*at] = cleaned;
                }
            }
            // What steps bring in is part of another table by now.
            let brought: Vec<usize> =
                ask.tables.values().filter_map(|table| super::looked::place(&looks, table)).collect();
            for gone in (0..looks.len())
                .rev()
                .filter(|gone| brought.contains(gone) && at.first() != Some(&Some(*gone)))
                .collect::<Vec<_>>()
            {
                looks.remove(gone);
                for at in &mut at {
                    *at = at.filter(|at| *at != gone).map(|at| at - usize::from(gone < at));
                }
            }
            let around = Circumstances { today, currency, zone, processes: &processes };
            let main = match at.first().copied().flatten().filter(|_| ask.file.is_some()) {
                Some(at) if ask.is_deals => Main::Surely(at),
                Some(at) => Main::Unless(at),
                None => Main::Likeliest,
            };
            let mut suggestions = ingest::suggest(&looks, main, &around);
            suggest_own(&mut suggestions, &looks, &own);
            put_steps(&mut suggestions, &said, &at, &looks);
            suggestions.mapping.tables = ask.tables;
            if let Some(taken_up) = taken_up {
                if taken_up.table.is_none() {
                    suggestions.main = None;
                }
                suggestions.mapping = with_new_words(taken_up, suggestions.mapping);
            }
            let kinds = super::kinds::kinds(&own);
            Ok::<_, AppError>(Proposal { suggestions, looks, kinds, sources, fits, saved })
        });
        let mut proposal = proposed.await.map_err(broke_off)??;
        drop(turn);
        if is_new {
            self.suggest_source(&mut proposal).await?;
        }
        Ok(proposal)
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

/// Says with every table what is done to it first.
fn put_steps(suggestions: &mut Suggestions, said: &[TableChoice], at: &[Option<usize>], looks: &[Look]) {
    let steps_of = |table: &TableChoice| {
        let is_it = |place: &Option<usize>| {
            place.is_some_and(|place| looks[place].file == table.file && looks[place].sheet == table.sheet)
        };
        at.iter().position(is_it).map(|of| said[of].steps.clone()).unwrap_or_default()
    };
    let found =
        suggestions.tables.iter_mut().flat_map(|table| &mut table.kinds).filter_map(|kind| kind.records.as_mut());
    for records in suggestions.mapping.records.iter_mut().chain(found) {
        records.table.steps = steps_of(&records.table);
    }
    let Mapping { table, history, .. } = &mut suggestions.mapping;
    for table in table.iter_mut().chain(history.iter_mut().filter_map(|history| history.table.as_mut())) {
        table.steps = steps_of(table);
    }
}

/// Puts columns that are called like one of the organisation's own fields to it.
fn suggest_own(suggestions: &mut Suggestions, looks: &[Look], own: &[CustomField]) {
    let Suggestions { mapping, columns, main, tables, .. } = suggestions;
    if let Some(look) = main.map(|at| &looks[at]) {
        suggest_own_of(Kind::Opportunity, look, own, columns, &mut mapping.fields);
        // What is a field is not kept beside the fields.
        mapping.keep.retain(|kept| !mapping.fields.values().any(|field| field.column == *kept));
    }
    for (look, found) in tables.iter_mut().flat_map(|table| {
        let look = &looks[table.at];
        table.kinds.iter_mut().map(move |found| (look, found))
    }) {
        let Some(records) = &mut found.records else { continue };
        suggest_own_of(found.kind, look, own, &mut found.columns, &mut records.fields);
    }
    for records in &mut mapping.records {
        let kind = Kind::parse(&records.kind).unwrap_or(Kind::Opportunity);
        let look = looks.iter().find(|look| look.file == records.table.file && look.sheet == records.table.sheet);
        if let Some(look) = look {
            suggest_own_of(kind, look, own, &mut Vec::new(), &mut records.fields);
        }
    }
}

fn suggest_own_of(
    kind: Kind,
    look: &Look,
    own: &[CustomField],
    columns: &mut Vec<Suggestion>,
    fields: &mut BTreeMap<String, MappedField>,
) {
    for own in own.iter().filter(|own| own.kind == kind && !own.retired) {
        let names = [&own.name, &own.label.zh, &own.label.en].map(|name| folded(name));
        let is_called = |column: &&ingest::ColumnLook| names.contains(&folded(column.name.trim()));
        let Some(column) = look.columns.iter().find(is_called).map(|column| column.name.clone()) else { continue };
        let told = |found: &Suggestion| found.column == column && found.score >= 1.0;
        if columns.iter().any(told) {
            continue;
        }
        // A heading that is the field's own name says more than one that resembles another's.
        columns.retain(|found| found.column != column);
        fields.retain(|_, field| field.column != column);
        fields.insert(own.name.clone(), MappedField { column: column.clone(), ..MappedField::default() });
        let why = Text2::new(format!("列名“{column}”"), format!("the heading “{column}”"));
        columns.push(Suggestion { column, field: own.name.clone(), score: 1.0, why });
    }
}

pub(super) fn no_such_file(upload: i64, file: &str, names: &[String]) -> AppError {
    AppError::input((format!("上传 {upload} 里没有文件“{file}”"), format!("upload {upload} has no file `{file}`")))
        .hint((format!("其中有：{}", names.join("、")), format!("it has: {}", names.join(", "))))
}
