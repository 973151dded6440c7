//! The tables of a folder: every file that is one, every sheet of a workbook that holds one.

use std::path::Path;

use ingest::{Look, Options, Refusal, TableChoice};

use super::mapped::no_such_file;
use crate::{AppError, Result};

/// Sheets of a workbook that are looked at.
const MOST_SHEETS: usize = 20;
/// Bytes of text that all looks at an upload hold together; once they are used up, of each further table little is seen.
const MOST_BYTES: usize = 256 << 20;
const LEAST_BYTES: usize = 64 << 10;

/// Looks at the tables of an upload; `said` tells where the headings of some of them stand.
///
/// # Errors
/// A file that something is said of is not there or is no table, or there is no table at all.
pub(super) fn looks(upload: i64, folder: &Path, said: &[TableChoice]) -> Result<Vec<Look>> {
    let names = crate::uploads::names_in(folder)?;
    if let Some(missing) = said.iter().find(|choice| !names.contains(&choice.file)) {
        return Err(no_such_file(upload, &missing.file, &names));
    }
    let mut looks = Vec::with_capacity(names.len());
    for name in &names {
        let is_said = said.iter().any(|choice| choice.file == *name);
        match looks_at(folder, name, said, &looks) {
            Ok(found) => looks.extend(found),
            Err(refusal) if is_said || names.len() == 1 => return Err(refusal.into()),
            // A file beside the table that is none: a note, a picture.
            Err(_) => {}
        }
    }
    if looks.is_empty() {
        return Err(AppError::input((
            format!("上传 {upload} 里没有可读的表格"),
            format!("no file of upload {upload} is a table that can be read"),
        ))
        .hint((
            "请上传 CSV、TSV、Excel（XLSX、XLS）、ODS、JSON、Parquet 或 XES",
            "upload CSV, TSV, Excel (XLSX, XLS), ODS, JSON, Parquet or XES",
        )));
    }
    Ok(looks)
}

/// Looks at the tables of some files; one that is none is left out.
pub(super) fn looks_in(folder: &Path, names: &[String]) -> Vec<Look> {
    let mut looks = Vec::with_capacity(names.len());
    for name in names {
        looks.extend(looks_at(folder, name, &[], &looks).unwrap_or_default());
    }
    looks
}

/// The place of a table among those that were looked at.
pub(super) fn place(looks: &[Look], choice: &TableChoice) -> Option<usize> {
    let is_it = |look: &Look| look.file == choice.file && (choice.sheet.is_none() || look.sheet == choice.sheet);
    looks.iter().position(is_it)
}

/// The tables of one file, the one that is looked at by itself first. `before` are those of the files before it.
fn looks_at(
    folder: &Path,
    name: &str,
    said: &[TableChoice],
    before: &[Look],
) -> std::result::Result<Vec<Look>, Refusal> {
    let path = folder.join(name);
    let of_file: Vec<&TableChoice> = said.iter().filter(|choice| choice.file == name).collect();
    let row_of = |sheet: Option<&str>| {
        let choice = of_file.iter().find(|choice| choice.sheet.as_deref() == sheet);
        choice.and_then(|choice| choice.header_row)
    };
    let held = |looks: &[Look]| looks.iter().map(Look::held_bytes).sum::<usize>();
    let held_before = held(before);
    let look = |sheet: Option<&str>, row, looks: &[Look]| {
        let left = MOST_BYTES.saturating_sub(held_before + held(looks));
        let options = Options::default();
        let options = Options { look_bytes: options.look_bytes.min(left.max(LEAST_BYTES)), ..options };
        ingest::look(&path, name, sheet, row, &options)
    };
    let first = match look(None, row_of(None), &[]) {
        Ok(first) => first,
        // What is not told by itself may be told by its name.
        Err(refusal) => {
            let named = of_file.iter().find_map(|choice| choice.sheet.as_deref()).ok_or(refusal)?;
            look(Some(named), row_of(Some(named)), &[])?
        }
    };
    let first = match first.sheet.as_deref().filter(|_| row_of(None).is_none()) {
        Some(sheet) if row_of(Some(sheet)).is_some() => look(Some(sheet), row_of(Some(sheet)), &[])?,
        _ => first,
    };
    if let Some(unknown) = of_file
        .iter()
        .filter_map(|choice| choice.sheet.as_deref())
        .find(|sheet| !first.sheets.iter().any(|known| known == sheet))
    {
        look(Some(unknown), None, &[])?;
    }
    let mut looks = vec![first];
    let others: Vec<String> =
        looks[0].sheets.iter().filter(|sheet| looks[0].sheet.as_ref() != Some(*sheet)).cloned().collect();
    for sheet in others.into_iter().take(MOST_SHEETS) {
        match look(Some(&sheet), row_of(Some(&sheet)), &looks) {
            Ok(found) => looks.push(found),
            Err(refusal) if of_file.iter().any(|choice| choice.sheet.as_ref() == Some(&sheet)) => return Err(refusal),
            // A sheet of notes or a chart.
            Err(_) => {}
        }
    }
    Ok(looks)
}
