//! Rows that bring the names of their columns along, as JSON and event logs have them: gathered into batches of the
//! columns that are wanted.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::{BATCH_ROWS, Batch, Cell, Column, OwnedCell, Source, Wanted, shortened};
use crate::issue::{Fault, Refusal};

/// A row: names and values, in the order in which they stand.
pub(super) type Record = Vec<(String, OwnedCell)>;

/// What a reader hands its rows to: the row's number, the row, and the bytes of the file that were read by now.
pub(super) type EachRecord<'a> = dyn FnMut(u64, Record, u64) -> Result<ControlFlow<()>, Refusal> + 'a;

/// A reader: hands every row on until it is told to stop, and returns how the file was read, in words.
pub(super) type Reader<'a> = dyn FnMut(&mut EachRecord<'_>) -> Result<String, Refusal> + 'a;

/// A batch is handed on when its texts are this long, however few they are.
const BATCH_BYTES: usize = 16 << 20;
/// Different names of columns that are told.
const MOST_NAMES: usize = 2000;
/// Rows of which a look gathers the names.
const LOOKED_AT: usize = 20_001;
/// Bytes of text that a look takes in.
const LOOK_BYTES: usize = 32 << 20;

/// Reads the wanted columns of every row.
pub(super) fn scan(
    source: &Source,
    wanted: &[Wanted],
    sink: &mut super::Sink<'_>,
    reader: &mut Reader<'_>,
) -> Result<String, Refusal> {
    let places: BTreeMap<&str, usize> = wanted.iter().enumerate().map(|(at, one)| (one.name.as_str(), at)).collect();
    let mut building = Building::new(wanted.len());
    let (mut seen, mut found) = (vec![false; wanted.len()], Vec::<String>::new());
    let words = reader(&mut |row, record, bytes_done| {
        building.begin(row);
        for (name, cell) in record {
            match places.get(name.as_str()) {
                Some(at) => {
                    seen[*at] = true;
                    building.put(*at, cell);
                }
                None if found.len() < MOST_NAMES && !found.contains(&name) => found.push(name),
                None => {}
            }
        }
        building.bytes_done = bytes_done;
        if building.is_full() {
            building.flush(sink)?;
        }
        Ok(ControlFlow::Continue(()))
    })?;
    let is_missing = |(column, seen): &(&Wanted, &bool)| !**seen && !column.optional;
    let missing: Vec<String> =
        wanted.iter().zip(&seen).filter(is_missing).map(|(column, _)| column.name.clone()).collect();
    if building.rows_done == 0 && building.rows.is_empty() {
        return Err(Fault::Empty { file: source.name.to_string() }.into());
    }
    if !missing.is_empty() {
        let found = found.iter().take(80).map(|name| shortened(name)).collect();
        return Err(Fault::MissingColumn { file: source.name.to_string(), columns: missing, found }.into());
    }
    building.flush(sink)?;
    Ok(words)
}

/// Hands the names of the columns and then every row to `each`, until it has seen enough. The names are those of the
/// first rows, in the order in which they appear.
pub(super) fn look(each: &mut super::Each<'_>, reader: &mut Reader<'_>) -> Result<String, Refusal> {
    let (mut rows, mut bytes) = (Vec::new(), 0);
    let words = reader(&mut |row, record, _| {
        bytes += record.iter().map(|(name, cell)| name.len() + size(cell)).sum::<usize>();
        rows.push((row, record));
        let enough = rows.len() >= LOOKED_AT || bytes > LOOK_BYTES;
        Ok(if enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut names = Vec::new();
    for (name, _) in rows.iter().flat_map(|(_, record)| record) {
        if names.len() < MOST_NAMES && !places.contains_key(name) {
            places.insert(name.clone(), names.len());
            names.push(OwnedCell::Text(name.as_str().into()));
        }
    }
    let width = names.len();
    if width == 0 || each(1, names).is_break() {
        return Ok(words);
    }
    for (row, record) in rows {
        let mut cells = vec![OwnedCell::Plain(Cell::Empty); width];
        for (name, cell) in record {
            if let Some(at) = places.get(&name) {
                cells[*at] = cell;
            }
        }
        if each(row + 1, cells).is_break() {
            break;
        }
    }
    Ok(words)
}

fn size(cell: &OwnedCell) -> usize {
    match cell {
        OwnedCell::Text(text) | OwnedCell::Bad(text) => text.len(),
        OwnedCell::Plain(_) => 8,
    }
}

struct Building {
    rows: Vec<u64>,
    columns: Vec<Vec<OwnedCell>>,
    bytes: usize,
    bytes_done: u64,
    rows_done: u64,
}

impl Building {
    fn new(columns: usize) -> Self {
        Self { rows: Vec::new(), columns: vec![Vec::new(); columns], bytes: 0, bytes_done: 0, rows_done: 0 }
    }

    fn begin(&mut self, row: u64) {
        self.rows.push(row);
        for column in &mut self.columns {
            column.push(OwnedCell::Plain(Cell::Empty));
        }
    }

    /// Puts a value into the row that was begun last.
    fn put(&mut self, column: usize, cell: OwnedCell) {
        self.bytes += size(&cell);
        if let Some(last) = self.columns[column].last_mut() {
            *last = cell;
        }
    }

    fn is_full(&self) -> bool {
        self.rows.len() >= BATCH_ROWS || self.bytes >= BATCH_BYTES
    }

    fn flush(&mut self, sink: &mut super::Sink<'_>) -> Result<(), Refusal> {
        if self.rows.is_empty() {
            return Ok(());
        }
        self.rows_done += self.rows.len() as u64;
        self.bytes = 0;
        let columns = self.columns.iter_mut().map(|column| Column::Mixed(std::mem::take(column))).collect();
        let rows = std::mem::take(&mut self.rows);
        sink(&Batch { rows, columns, ragged: Vec::new(), bytes_done: self.bytes_done })
    }
}
