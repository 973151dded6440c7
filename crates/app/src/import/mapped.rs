//! A mapping proposed for an upload: what its tables seem to be, with reasons, for a person to decide on.

use std::path::Path;

use domain::people::May;
use domain::process::{CountUnit, Process, Text2};
use domain::text::folded;
use domain::{CustomField, Kind};
use ingest::{Circumstances, Fit, Look, MappedField, Options, Suggestion, Suggestions};

use crate::{AppError, Loudou, Result};

/// Which table is meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProposalAsk {
    /// The file with the deals; the likeliest one where absent.
    pub file: Option<String>,
    /// The sheet of a workbook; the first that holds a table where absent.
    pub sheet: Option<String>,
    /// The row of the headings; found where absent.
    pub header_row: Option<u32>,
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
}

impl Loudou {
    /// Proposes a mapping for the files of an upload.
    ///
    /// # Errors
    /// The asker may not import, there is no such upload or file, or the file is no table.
    pub async fn propose_mapping(&self, upload: i64, ask: &ProposalAsk) -> Result<Proposal> {
        self.who.require(May::Import)?;
        let folder = self.upload_folder(upload)?;
        let processes = self.importable_processes().await?;
        let currency = self.store.organisation().await?.map_or(domain::Currency::CNY, |own| own.currency);
        let own: Vec<CustomField> = self.own_fields().await?;
        let (today, zone, ask) = (self.today(), self.calendar.zone, ask.clone());
        // Reading files keeps a thread busy: not one of those that answer requests.
        let proposed = tokio::task::spawn_blocking(move || {
            let (mut looks, main) = looks(upload, &folder, &ask)?;
            let around = Circumstances { today, currency, zone, processes: &processes };
            let mut suggestions = ingest::suggest(&looks, main, &around);
            suggest_own(&mut suggestions, &looks[main], &own);
            let fits = ingest::fits(&looks);
            Ok(Proposal { suggestions, look: looks.swap_remove(main), fits })
        });
        proposed.await.map_err(|error| AppError::system(format!("the look at the files broke off: {error}")))?
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

/// Looks at the tables of an upload, and the place of the one with the deals among them.
fn looks(upload: i64, folder: &Path, ask: &ProposalAsk) -> Result<(Vec<Look>, usize)> {
    let names = crate::uploads::names_in(folder)?;
    if let Some(file) = &ask.file
        && !names.contains(file)
    {
        return Err(AppError::input((
            format!("上传 {upload} 里没有文件“{file}”"),
            format!("upload {upload} has no file `{file}`"),
        ))
        .hint((format!("其中有：{}", names.join("、")), format!("it has: {}", names.join(", ")))));
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
