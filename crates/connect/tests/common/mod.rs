//! What every test of a source needs.
#![allow(dead_code, reason = "each test file takes what it needs")]

pub(crate) mod encrypted;

use std::path::Path;
use std::time::Duration;

use connect::{Ask, Authorities, Definition, Failure, Folders, Follow, Mark, Patience, Pulled, Reach, Secret};
use tempfile::TempDir;

pub(crate) struct Quiet;

impl Follow for Quiet {
    fn told(&self, _: u64, _: u64) {}

    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Tries that cost no time.
pub(crate) const PATIENCE: Patience =
    Patience { tries: 4, first_pause: Duration::from_millis(1), longest_pause: Duration::from_secs(2) };

/// The first of July 2026.
const NOW_MICROS: i64 = 1_782_864_000_000_000;

/// What a pull has brought.
pub(crate) struct Brought {
    pub(crate) pulled: Pulled,
    pub(crate) dir: TempDir,
}

impl Brought {
    /// The lines of the table, the header first, as fields.
    pub(crate) fn lines(&self) -> Vec<Vec<String>> {
        let Some(file) = self.pulled.files.first() else { return Vec::new() };
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).from_path(self.dir.path().join(file)).expect("a table");
        reader.records().map(|line| line.expect("CSV").iter().map(str::to_owned).collect()).collect()
    }

    /// The first column of the rows.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.lines().into_iter().skip(1).map(|row| row[0].clone()).collect()
    }
}

pub(crate) fn reach(folders: Folders) -> Reach {
    Reach { folders, authorities: Authorities::default() }
}

pub(crate) async fn pull_of(
    text: &str,
    since: &Mark,
    secret: Option<&str>,
    reach: &Reach,
    first: Option<u64>,
) -> Result<Brought, Failure> {
    let definition = Definition::parse(text)?;
    let dir = tempfile::tempdir().expect("a folder");
    let source = connect::open(&definition, secret.map(Secret::new), reach, PATIENCE)?;
    let ask = Ask { since: since.clone(), into: dir.path().to_owned(), first, now_micros: NOW_MICROS };
    let pulled = source.pull(&ask, &Quiet).await?;
    let there: Vec<String> = names_in(dir.path());
    assert_eq!(there.len(), pulled.files.len(), "nothing else lies there: {there:?}");
    Ok(Brought { pulled, dir })
}

pub(crate) async fn pull(text: &str, since: &Mark) -> Brought {
    pull_of(text, since, None, &reach(Folders::Any), None).await.unwrap_or_else(|failure| panic!("{failure}"))
}

pub(crate) fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .collect();
    names.sort();
    names
}

pub(crate) fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}
