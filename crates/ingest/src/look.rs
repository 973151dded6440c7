//! A look at a file before anybody has said what it is: its columns, what stands in them, and how it was read.
//!
//! The beginning of a file is enough to suggest a mapping and to show people what they uploaded; how much was seen is
//! told. Nothing here knows fields or deals.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use crate::issue::{Fault, Refusal};
use crate::options::Options;
use crate::profile::Profile;
use crate::table::{Layout, OwnedCell, Source, TextColumn, locate, single, told_apart, workbook};

/// Rows that a look takes in.
const ROWS: u64 = 20_000;
/// Columns that a look takes in.
const COLUMNS: usize = 500;
/// Rows among which the headings are looked for.
const ROWS_BEFORE: usize = 30;
/// Sheets of a workbook among which the first table is looked for.
const SHEETS: usize = 50;
/// Different values shown of a column.
const SAMPLE: usize = 5;

/// What a look at a table shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// The file's name.
    pub file: String,
    /// Its size.
    pub bytes: u64,
    /// How it was read: `text, utf-8, delimiter ,`.
    pub format: String,
    /// The sheets of a workbook, in its order.
    pub sheets: Vec<String>,
    /// The sheet that was looked at.
    pub sheet: Option<String>,
    /// The row of the headings, from 1 on.
    pub header_row: u32,
    /// Its columns that have a heading, in their order.
    pub columns: Vec<ColumnLook>,
    /// Rows below the headings that were seen.
    pub rows_seen: u64,
    /// Whether those are all.
    pub is_whole: bool,
    /// How the file is written.
    pub(crate) layout: Layout,
}

/// A column of a [`Look`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnLook {
    /// Its heading.
    pub name: String,
    /// The first different values.
    pub sample: Vec<String>,
    /// Rows with a value, of those seen.
    pub filled: u64,
    /// The texts of the rows seen.
    pub(crate) cells: TextColumn,
}

impl ColumnLook {
    /// Up to `most` values, from all over the rows seen.
    #[must_use]
    pub fn spread(&self, most: usize) -> Vec<&str> {
        let step = self.cells.len().div_ceil(most.max(1)).max(1);
        (0..self.cells.len()).step_by(step).map(|row| self.cells.get(row)).filter(|value| !value.is_empty()).collect()
    }

    /// The value of a row that was seen; empty where there is none.
    pub(crate) fn value(&self, row: usize) -> &str {
        self.cells.get(row)
    }

    /// The values, row by row; empty where there is none.
    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        (0..self.cells.len()).map(|row| self.cells.get(row))
    }
}

impl Look {
    /// The headings of its columns.
    pub fn headings(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// Bytes of text that it holds.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.columns.iter().map(|column| column.cells.bytes()).sum()
    }

    /// What is told of the file, without the rows that were seen.
    #[must_use]
    pub fn told(mut self) -> Self {
        for column in &mut self.columns {
            column.cells = TextColumn::default();
        }
        self
    }

    /// The column with this heading, if it can be read.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&ColumnLook> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// Looks at a file. Of a workbook it is `sheet`, or the first one that holds a table; the headings stand in
/// `header_row`, or in the first row that looks like headings.
///
/// # Errors
/// [`Refusal`] where the file is none that can be read, is empty, or lacks the sheet.
pub fn look(
    path: &Path,
    name: &str,
    sheet: Option<&str>,
    header_row: Option<u32>,
    options: &Options,
) -> Result<Look, Refusal> {
    let source = single(path, name, sheet)?;
    let Layout::Workbook { .. } = source.layout else { return look_at(&source, Vec::new(), None, header_row, options) };
    let sheets = workbook::sheets(&source, options)?;
    if let Some(sheet) = sheet {
        return look_at(&source, sheets, Some(sheet.to_owned()), header_row, options);
    }
    let mut first = None;
    for sheet in sheets.iter().take(SHEETS) {
        let source = single(path, name, Some(sheet))?;
        let looked = look_at(&source, sheets.clone(), Some(sheet.clone()), header_row, options);
        match looked {
            Ok(look) if look.rows_seen > 0 && look.columns.len() > 1 => return Ok(look),
            other => first = first.or(Some(other)),
        }
    }
    first.unwrap_or_else(|| Err(Fault::Empty { file: name.to_owned() }.into()))
}

/// Looks at every file of a profile's table, as the profile reads them. `input` is a folder or a single file.
///
/// # Errors
/// [`Refusal`] where a file is missing or cannot be read.
pub fn table_looks(
    profile: &Profile,
    table: &str,
    input: &Path,
    options: &Options,
) -> Result<Vec<(PathBuf, Look)>, Refusal> {
    let called = options.input_name.clone().unwrap_or_else(|| input.display().to_string());
    let Some(spec) = profile.spec.tables.get(table) else { return Ok(Vec::new()) };
    let only = profile.spec.tables.len() == 1;
    let sources = locate(table, spec, (input, &called), only, options.sheet.as_deref())?;
    let look = |source: Source| {
        let look = if let (Layout::Workbook { sheet: None, .. }, None) = (&source.layout, spec.header_row) {
            look(&source.path, &source.name, None, None, options)?
        } else {
            let sheet = match &source.layout {
                Layout::Workbook { sheet, .. } => sheet.clone(),
                _ => None,
            };
            look_at(&source, Vec::new(), sheet, spec.header_row, options)?
        };
        Ok((source.path, look))
    };
    sources.into_iter().map(look).collect()
}

fn look_at(
    source: &Source,
    sheets: Vec<String>,
    sheet: Option<String>,
    header_row: Option<u32>,
    options: &Options,
) -> Result<Look, Refusal> {
    let mut gathering =
        Gathering { wanted_header: header_row.map(u64::from), most_bytes: options.look_bytes, ..Gathering::default() };
    let format = source.look(options, &mut |row, cells| gathering.take(row, cells))?;
    if source.names_its_columns() {
        gathering.wanted_header = Some(1);
    }
    gathering.settle();
    let Some((row, header)) = gathering.header else {
        return Err(Fault::Empty { file: source.name.to_string() }.into());
    };
    let mut columns: Vec<ColumnLook> = Vec::new();
    // Columns that bring their names along are read by those.
    let names = if source.names_its_columns() { header } else { told_apart(&header) };
    for (name, cells) in names.into_iter().zip(gathering.columns) {
        if name.trim().is_empty() || columns.iter().any(|before| before.name == name) {
            continue;
        }
        let mut sample: Vec<String> = Vec::new();
        let mut filled = 0;
        for at in 0..cells.len() {
            let text = cells.get(at);
            if !text.is_empty() {
                filled += 1;
                if sample.len() < SAMPLE && !sample.iter().any(|before| before == text) {
                    sample.push(crate::table::shortened(text));
                }
            }
        }
        columns.push(ColumnLook { name, sample, filled, cells });
    }
    Ok(Look {
        file: source.name.to_string(),
        bytes: source.bytes,
        format,
        sheets,
        sheet,
        header_row: u32::try_from(row).unwrap_or(u32::MAX),
        columns,
        rows_seen: gathering.rows,
        is_whole: !gathering.enough,
        layout: source.layout.clone(),
    })
}

/// Rows as they come: the first are kept until it is clear which one holds the headings.
#[derive(Default)]
struct Gathering {
    wanted_header: Option<u64>,
    most_bytes: usize,
    waiting: Vec<(u64, Vec<OwnedCell>)>,
    header: Option<(u64, Vec<String>)>,
    columns: Vec<TextColumn>,
    rows: u64,
    enough: bool,
}

impl Gathering {
    fn take(&mut self, row: u64, cells: Vec<OwnedCell>) -> ControlFlow<()> {
        if self.rows >= ROWS || self.columns.iter().map(TextColumn::bytes).sum::<usize>() >= self.most_bytes {
            self.enough = true;
            return ControlFlow::Break(());
        }
        if self.header.is_some() {
            self.push(&cells);
            return ControlFlow::Continue(());
        }
        match self.wanted_header {
            Some(wanted) if row < wanted => {}
            Some(_) => self.set_header(row, &cells),
            None => {
                self.waiting.push((row, cells));
                if self.waiting.len() >= ROWS_BEFORE {
                    self.settle();
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// Decides on the headings among the rows that wait: the first row that is nearly as wide as any and holds words
    /// only.
    fn settle(&mut self) {
        if self.header.is_some() || self.waiting.is_empty() {
            return;
        }
        let filled = |cells: &[OwnedCell]| cells.iter().filter(|cell| !cell.cell().is_blank()).count();
        let width = self.waiting.iter().map(|(_, cells)| filled(cells)).max().unwrap_or(0);
        let is_heading = |cells: &[OwnedCell]| filled(cells) * 10 >= width * 6 && cells.iter().all(is_word);
        let wide = |cells: &[OwnedCell]| filled(cells) * 10 >= width * 6;
        let rows = &self.waiting;
        let at = rows
            .iter()
            .position(|(_, cells)| is_heading(cells))
            .or_else(|| rows.iter().position(|(_, cells)| wide(cells)))
            .unwrap_or(0);
        let waiting = std::mem::take(&mut self.waiting);
        for (row, cells) in waiting.into_iter().skip(at) {
            if self.header.is_none() {
                self.set_header(row, &cells);
            } else {
                self.push(&cells);
            }
        }
    }

    fn set_header(&mut self, row: u64, cells: &[OwnedCell]) {
        let header: Vec<String> = cells.iter().take(COLUMNS).map(|cell| cell.cell().text().into_owned()).collect();
        self.columns = vec![TextColumn::default(); header.len()];
        self.header = Some((row, header));
    }

    fn push(&mut self, cells: &[OwnedCell]) {
        if cells.iter().all(|cell| cell.cell().is_blank()) {
            return;
        }
        self.rows += 1;
        for (at, column) in self.columns.iter_mut().enumerate() {
            match cells.get(at) {
                Some(cell) => column.push(&cell.cell().text()),
                None => column.push(""),
            }
        }
    }
}

/// Whether a cell may be a heading: empty, or a text that is no number.
fn is_word(cell: &OwnedCell) -> bool {
    match cell {
        OwnedCell::Text(text) => text.trim().parse::<f64>().is_err(),
        OwnedCell::Plain(cell) => cell.is_blank(),
        OwnedCell::Bad(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looked(name: &str, bytes: &[u8], header_row: Option<u32>) -> Result<Look, Refusal> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        look(&path, name, None, header_row, &Options::default())
    }

    fn names(look: &Look) -> Vec<&str> {
        look.columns.iter().map(|column| column.name.as_str()).collect()
    }

    #[test]
    fn columns_samples_and_rows_are_told() {
        let look = looked("t.csv", "名称,金额,\n甲,1,x\n乙,,\n甲,2,\n".as_bytes(), None).expect("it reads");
        assert_eq!(names(&look), ["名称", "金额"]);
        assert_eq!((look.rows_seen, look.is_whole, look.header_row), (3, true, 1));
        assert_eq!(look.columns[0].sample, ["甲", "乙"]);
        assert_eq!((look.columns[0].filled, look.columns[1].filled), (3, 2));
        assert_eq!(look.format, "text, utf-8, delimiter ,");
    }

    #[test]
    fn headings_below_a_title_are_found() {
        for (text, expected_row) in [
            ("2026 pipeline,,\nas of November,,\nDeal,Amount,Owner\nA,1,x\n", 3),
            ("Deal,Amount,Owner\nA,1,x\nB,2,y\n", 1),
            ("pipeline\n\nDeal;Amount;Owner\nA;1;x\nB;2;y\n", 3),
        ] {
            let look = looked("t.csv", text.as_bytes(), None).expect("it reads");
            assert_eq!(look.header_row, expected_row, "{text}");
        }
        let look = looked("t.csv", b"a,b\nDeal,Amount\nA,1\n", Some(2)).expect("it reads");
        assert_eq!((names(&look), look.rows_seen), (vec!["Deal", "Amount"], 1));
    }

    #[test]
    fn columns_whose_headings_agree_are_told_apart() {
        let look = looked("t.csv", b"Date,Date,Name,,,Date (1)\n1,2,x,,y,z\n", None).expect("it reads");
        assert_eq!(names(&look), ["Date (2)", "Date (3)", "Name", "Date (1)"]);
        assert_eq!(look.column("Date (3)").map(|column| column.sample.clone()), Some(vec!["2".to_owned()]));
        assert!(look.column("Date").is_none());
    }

    #[test]
    fn no_more_than_enough_is_read() {
        let mut text = "id,v\n".to_owned();
        for row in 0..ROWS + 10 {
            text.push_str(&format!("{row},x\n"));
        }
        let look = looked("t.csv", text.as_bytes(), None).expect("it reads");
        assert_eq!((look.rows_seen, look.is_whole), (ROWS, false));
        assert_eq!(look.told().held_bytes(), 0);
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("t.csv");
        std::fs::write(&path, text).expect("written");
        let look_bytes = 10_000;
        let little = super::look(&path, "t.csv", None, None, &Options { look_bytes, ..Options::default() });
        let little = little.expect("it reads");
        assert!(!little.is_whole && little.held_bytes() < 2 * look_bytes, "{}", little.held_bytes());
    }

    #[test]
    fn what_is_no_table_is_refused() {
        for (name, bytes, code) in [
            ("t.csv", &b""[..], "empty-file"),
            ("t.csv", b"%PDF-1.4\0\0\0", "wrong-format"),
            ("t.xlsx", b"PK\x03\x04rubbish", "wrong-format"),
            ("t.parquet", b"PAR1", "wrong-format"),
        ] {
            let refusal = looked(name, bytes, None).expect_err("it is none");
            assert_eq!(refusal.faults[0].code(), code, "{name}");
        }
    }
}
