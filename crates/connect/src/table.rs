//! The file that pulled rows are written to: CSV with every field in quotes, so that nothing about it has to be guessed.
//! What is absent is an empty field.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use crate::definition::{Incremental, Limits};
use crate::failure::Failure;
use crate::mark::Tracker;
use crate::{Ask, Follow, Pulled};

/// How many rows come between two tellings.
const TELL_EVERY: u64 = 500;

/// A table while its rows come.
pub(crate) struct Table<'a> {
    writer: csv::Writer<Counted>,
    name: String,
    columns: Vec<String>,
    tracker: Tracker,
    limits: Limits,
    first: Option<u64>,
    follow: &'a dyn Follow,
    rows: u64,
    known: u64,
}

/// A file that counts what goes into it.
struct Counted {
    inner: BufWriter<File>,
    bytes: u64,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

impl<'a> Table<'a> {
    /// # Errors
    /// Two columns have one name, one that tells new rows is missing, or the disk fails.
    pub(crate) fn begin(
        ask: &Ask,
        name: &str,
        columns: Vec<String>,
        how: &Incremental,
        limits: &Limits,
        follow: &'a dyn Follow,
    ) -> Result<Self, Failure> {
        check_names(&columns)?;
        let tracker = Tracker::new(how, &ask.since, &columns, ask.now_micros)?;
        let name = format!("{name}.csv");
        let file = create(&ask.into, &name)?;
        let mut writer = csv::WriterBuilder::new()
            .quote_style(csv::QuoteStyle::Always)
            .from_writer(Counted { inner: BufWriter::with_capacity(1 << 18, file), bytes: 0 });
        writer.write_record(&columns).map_err(|error| not_written(&error))?;
        let (limits, first) = (limits.clone(), ask.first);
        Ok(Self { writer, name, columns, tracker, limits, first, follow, rows: 0, known: 0 })
    }

    /// Writes a row, unless it was brought in before. Tells whether another one is wanted.
    ///
    /// # Errors
    /// There are too many, or the disk fails.
    pub(crate) fn row(&mut self, row: &[Option<String>]) -> Result<bool, Failure> {
        if !self.tracker.is_new(row)? {
            self.known += 1;
            return Ok(true);
        }
        self.writer
            .write_record(row.iter().map(|cell| cell.as_deref().unwrap_or_default()))
            .map_err(|error| not_written(&error))?;
        self.rows += 1;
        if self.rows.is_multiple_of(TELL_EVERY) {
            self.follow.told(self.rows, self.writer.get_ref().bytes);
        }
        if self.first.is_some_and(|first| self.rows >= first) {
            return Ok(false);
        }
        check_size(&self.limits, self.rows, self.writer.get_ref().bytes)?;
        Ok(true)
    }

    /// # Errors
    /// The disk fails.
    pub(crate) fn finish(mut self) -> Result<Pulled, Failure> {
        self.writer.flush().map_err(|error| Failure::system(&error))?;
        let bytes = self.writer.get_ref().bytes;
        self.follow.told(self.rows, bytes);
        Ok(Pulled {
            files: vec![self.name],
            columns: self.columns,
            rows: Some(self.rows),
            bytes,
            known: self.known,
            ahead: self.tracker.ahead().cloned(),
            mark: self.tracker.mark(),
            is_more: false,
        })
    }
}

pub(crate) fn create(folder: &Path, name: &str) -> Result<File, Failure> {
    File::options().write(true).create_new(true).open(folder.join(name)).map_err(|error| Failure::system(&error))
}

/// Refuses more than may come.
pub(crate) fn check_size(limits: &Limits, rows: u64, bytes: u64) -> Result<(), Failure> {
    if rows > limits.rows {
        let most = limits.rows;
        return Err(Failure::too_much(format!("超过 {most} 行"), format!("there are more than {most} rows"))
            .hint("请缩小查询的范围，或放宽 limits.rows", "ask for fewer, or raise limits.rows"));
    }
    if bytes > limits.bytes {
        let most = limits.bytes >> 20;
        return Err(Failure::too_much(format!("超过 {most} MiB"), format!("there are more than {most} MiB"))
            .hint("请少取几列，或放宽 limits.bytes", "ask for fewer columns, or raise limits.bytes"));
    }
    Ok(())
}

fn check_names(columns: &[String]) -> Result<(), Failure> {
    let twice = columns.iter().enumerate().find(|(at, name)| columns[..*at].contains(name));
    if let Some((_, name)) = twice {
        return Err(Failure::definition(format!("有两列都叫“{name}”"), format!("two columns are called `{name}`"))
            .hint("请用 AS 给其中一列另起名称", "give one of them another name by AS"));
    }
    if columns.is_empty() || columns.iter().any(|name| name.trim().is_empty()) {
        return Err(Failure::definition("有一列没有名称", "a column has no name")
            .hint("请用 AS 给每一列起名", "give each column a name by AS"));
    }
    Ok(())
}

fn not_written(error: &csv::Error) -> Failure {
    Failure::system(&std::io::Error::other(error.to_string()))
}
