//! What is kept of an import beside the database: its report, the profile that read it, and the rows it left out.
//!
//! The database holds what is in; these files only tell about it. Where they cannot be written the import goes on,
//! and whoever asks for them is told that they are not here.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write as _};
use std::path::Path;

use domain::people::May;
use serde_json::Value;

use super::{ImportReport, Mapping, Recipe};
use crate::{AppError, Loudou, Result};

const REPORT: &str = "report.json";
pub(super) const PROFILE: &str = "profile.toml";
const MAPPING: &str = "mapping.json";
const REJECTS: &str = "rejects.csv";

pub(super) fn keep(folder: &Path, report: &ImportReport, recipe: Option<&Recipe>) {
    let write = || -> io::Result<()> {
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join(REPORT), report.to_json()["rows"][0].to_string())?;
        if let Some(recipe) = recipe {
            std::fs::write(folder.join(PROFILE), &recipe.text)?;
            if let Some(mapping) = &recipe.mapping {
                std::fs::write(folder.join(MAPPING), serde_json::to_vec(mapping)?)?;
            }
        }
        let mut rejects = BufWriter::new(File::create(folder.join(REJECTS))?);
        super::write_rejects(report, &mut rejects)?;
        rejects.flush()
    };
    if let Err(error) = write() {
        tracing::warn!(%error, folder = %folder.display(), "the import's report and rejected rows are not kept");
    }
}

pub(super) fn forget(folder: &Path) {
    if let Err(error) = std::fs::remove_dir_all(folder)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, folder = %folder.display(), "what was kept of an import that failed stays");
    }
}

impl Loudou {
    /// The report that an import ended with.
    ///
    /// # Errors
    /// The asker may not import, there is no such import, or its report is not kept here.
    pub async fn import_report(&self, import: i64) -> Result<Value> {
        let file = self.kept(import, REPORT).await?;
        serde_json::from_reader(BufReader::new(file))
            .map_err(|error| AppError::system(format!("the report of import {import} cannot be read: {error}")))
    }

    /// The rows that an import left out, as CSV with formulas made harmless.
    ///
    /// # Errors
    /// As [`Loudou::import_report`].
    pub async fn import_rejects(&self, import: i64) -> Result<File> {
        self.kept(import, REJECTS).await
    }

    /// The profile that read an import: a file that can be kept, changed and run again.
    ///
    /// # Errors
    /// As [`Loudou::import_report`]; the demonstration company was read by none.
    pub async fn import_profile(&self, import: i64) -> Result<String> {
        let file = self.kept(import, PROFILE).await?;
        io::read_to_string(file)
            .map_err(|error| AppError::system(format!("the profile of import {import} cannot be read: {error}")))
    }

    /// The mapping that an import was read with, where a person mapped columns.
    ///
    /// # Errors
    /// As [`Loudou::import_report`]; also where a profile was taken as it was.
    pub async fn import_mapping(&self, import: i64) -> Result<Mapping> {
        let file = self.kept(import, MAPPING).await?;
        read_mapping(file)
            .map_err(|error| AppError::system(format!("the mapping of import {import} cannot be read: {error}")))
    }

    async fn kept(&self, import: i64, name: &str) -> Result<File> {
        self.who.require(May::Import)?;
        if !self.store.imports().await?.iter().any(|known| known.id == import) {
            return Err(AppError::not_found((format!("没有导入 {import}"), format!("there is no import {import}"))));
        }
        let folder = self.place.import_dir(&self.store.database_id().await?, import);
        File::open(folder.join(name)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => AppError::not_found((
                format!("导入 {import} 的 {name} 不在这里"),
                format!("{name} of import {import} is not kept here"),
            ))
            .hint(("它在当时执行导入的程序的数据目录里", "it lies in the data directory of the program that imported")),
            _ => AppError::system(format!("{name} of import {import} cannot be opened: {error}")),
        })
    }
}

/// The mapping that lies in a folder.
pub(super) fn mapping_in(folder: &Path) -> io::Result<Mapping> {
    Ok(read_mapping(File::open(folder.join(MAPPING))?)?)
}

fn read_mapping(file: File) -> serde_json::Result<Mapping> {
    serde_json::from_reader(BufReader::new(file)).and_then(Mapping::from_kept)
}

/// The text of a profile for an export of every day: what comes later is of the day on which it comes, and not of the day
/// of the first export.
pub(crate) fn of_each_day(profile: &str) -> String {
    let is_day = |line: &str| {
        let value = line.strip_prefix("exported_on").and_then(|rest| rest.trim_start().strip_prefix('='));
        value.is_some_and(|value| domain::Day::parse(value.trim().trim_matches('"')).is_some())
    };
    let lines: Vec<&str> =
        profile.lines().map(|line| if is_day(line) { "exported_on = \"import\"" } else { line }).collect();
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_profile_is_of_each_day() {
        let fixed = "name = \"a\"\nexported_on = \"2026-11-24\"\n[deals]\nkey = \"exported_on = 2026-11-24\"\n";
        let each = "name = \"a\"\nexported_on = \"import\"\n[deals]\nkey = \"exported_on = 2026-11-24\"\n";
        assert_eq!(of_each_day(fixed), each);
        for said in ["exported_on = \"import\"\n", "exported_on = \"last-change\"\n"] {
            assert_eq!(of_each_day(said), said);
        }
    }
}
