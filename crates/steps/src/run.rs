//! Steps run over a file: whole, into a writer, or some rows of it, to be looked at.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, RecordBatch};
use arrow::datatypes::DataType;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::catalog::streaming::StreamingTable;
use datafusion::common::Column;
use datafusion::dataframe::DataFrame;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{Expr, SessionConfig, SessionContext};
use futures::StreamExt;
use ingest::{Look, Options};

use crate::error::StepsError;
use crate::file::Steps;
use crate::input::{Input, ROW};
use crate::numbers::Book;
use crate::plan::Planner;

/// What running may take.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Memory for sorting, grouping and joining; what needs more goes to disk.
    pub memory_bytes: usize,
    /// Limits of reading.
    pub reading: Options,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory_bytes: 512 << 20, reading: Options::default() }
    }
}

/// A value that is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// The step that noticed, from 1 on.
    pub step: usize,
    /// The row in the file, where it still is one of it.
    pub row: Option<u64>,
    /// The column.
    pub column: String,
    /// What stands there.
    pub value: String,
    /// What is wrong.
    pub message: String,
}

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Rows that were written.
    pub rows: u64,
    /// Values that were none, the first thousand.
    pub issues: Vec<Issue>,
    /// All of them.
    pub issue_count: u64,
}

/// A table after some steps, as far as it is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// Its columns.
    pub columns: Vec<String>,
    /// The first rows; nothing where a cell is empty.
    pub rows: Vec<Vec<Option<String>>>,
    /// Rows that there are of the rows looked at.
    pub row_count: u64,
}

/// What steps do to the beginning of a file.
#[derive(Debug)]
pub struct Preview {
    /// The table as it comes in, and after each step up to the first that does not fit.
    pub tables: Vec<Shown>,
    /// Why the next step does not fit.
    pub failed: Option<StepsError>,
    /// Values that were none.
    pub issues: Vec<Issue>,
}

/// A file, and its sheet where it is a workbook.
fn looked(path: &Path, limits: &Limits) -> Result<Look, StepsError> {
    let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    Ok(ingest::look(path, &name, None, None, &limits.reading)?)
}

fn context(limits: &Limits) -> Result<SessionContext, StepsError> {
    let mut config = SessionConfig::new().with_target_partitions(1).with_batch_size(8192);
    // Names stand in people's files as they stand, and are meant so.
    config.options_mut().sql_parser.enable_ident_normalization = false;
    let pool = Arc::new(FairSpillPool::new(limits.memory_bytes));
    let runtime = RuntimeEnvBuilder::new().with_memory_pool(pool).build_arc()?;
    Ok(SessionContext::new_with_config_rt(config, runtime))
}

fn frame(
    context: &SessionContext,
    path: PathBuf,
    look: Look,
    limits: &Limits,
    most: Option<usize>,
) -> Result<DataFrame, StepsError> {
    let input = Arc::new(Input::new(path, look, limits.reading.clone(), most));
    let schema = Arc::clone(datafusion::physical_plan::streaming::PartitionStream::schema(&*input));
    let table = StreamingTable::try_new(schema, vec![input])?;
    plain(context.read_table(Arc::new(table))?)
}

/// A table whose columns go by their names alone, whichever table they come from.
fn plain(frame: DataFrame) -> Result<DataFrame, StepsError> {
    let names: Vec<String> = frame.schema().fields().iter().map(|field| field.name().clone()).collect();
    let plain = names.iter().map(|name| Expr::Column(Column::from_name(name)).alias(name));
    Ok(frame.select(plain.collect::<Vec<_>>())?)
}

fn others(
    context: &SessionContext,
    tables: &BTreeMap<String, PathBuf>,
    limits: &Limits,
) -> Result<BTreeMap<String, DataFrame>, StepsError> {
    let read = |(name, path): (&String, &PathBuf)| {
        let look = looked(path, limits)?;
        Ok((name.clone(), frame(context, path.clone(), look, limits, None)?))
    };
    tables.iter().map(read).collect()
}

/// Runs steps over a file and writes what becomes of it as CSV. `tables` are the other files that steps join or append.
///
/// # Errors
/// [`StepsError`]. What was written by then is no whole table.
pub async fn run(
    steps: &Steps,
    path: &Path,
    tables: &BTreeMap<String, PathBuf>,
    limits: &Limits,
    out: impl Write,
) -> Result<Outcome, StepsError> {
    let context = context(limits)?;
    let others = others(&context, tables, limits)?;
    let book = Book::default();
    let planner = Planner { tables: &others, book: &book };
    let mut table = frame(&context, path.to_owned(), looked(path, limits)?, limits, None)?;
    for (at, step) in steps.0.iter().enumerate() {
        table = planner.apply(table, at, step)?;
    }
    let names: Vec<String> = shown_names(&table);
    let mut stream = table.execute_stream().await?;
    let mut writer = csv::Writer::from_writer(out);
    let failed = |error: csv::Error| StepsError::Output(error.to_string());
    writer.write_record(&names).map_err(failed)?;
    let mut rows = 0;
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        rows += batch.num_rows() as u64;
        each_row(&batch, &mut |cells| {
            writer.write_record(cells.iter().map(|cell| cell.as_deref().unwrap_or_default())).map_err(failed)
        })?;
    }
    writer.flush().map_err(|error| StepsError::Output(error.to_string()))?;
    let (issues, issue_count) = book.close();
    Ok(Outcome { rows, issues, issue_count })
}

/// Shows what steps do to the first rows of a file, step by step.
///
/// # Errors
/// The file cannot be read. A step that does not fit is told in the preview, after the tables before it.
pub async fn preview(
    steps: &Steps,
    path: &Path,
    tables: &BTreeMap<String, PathBuf>,
    limits: &Limits,
    (looked_at, shown): (usize, usize),
) -> Result<Preview, StepsError> {
    let context = context(limits)?;
    let others = others(&context, tables, limits)?;
    let look = looked(path, limits)?;
    let book = Book::default();
    let planner = Planner { tables: &others, book: &book };
    let mut table = frame(&context, path.to_owned(), look, limits, Some(looked_at))?;
    let mut preview = Preview { tables: Vec::new(), failed: None, issues: Vec::new() };
    for taken in 0..=steps.0.len() {
        // Each step is taken once: the next one begins with its rows.
        let next = match taken.checked_sub(1) {
            None => Ok(table.clone()),
            Some(at) => planner.apply(table.clone(), at, &steps.0[at]),
        };
        let next = match next {
            Ok(next) => next.cache().await.map_err(StepsError::from).and_then(plain),
            Err(error) => Err(error),
        };
        match next {
            Ok(next) => table = next,
            Err(error) => {
                preview.failed = Some(error);
                break;
            }
        }
        preview.tables.push(shown_of(table.clone(), shown).await?);
        preview.issues = book.close().0;
    }
    Ok(preview)
}

async fn shown_of(table: DataFrame, most: usize) -> Result<Shown, StepsError> {
    let columns = shown_names(&table);
    let (mut rows, mut row_count) = (Vec::new(), 0);
    let mut stream = table.execute_stream().await?;
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        row_count += batch.num_rows() as u64;
        let batch = batch.slice(0, batch.num_rows().min(most - rows.len()));
        each_row(&batch, &mut |cells| {
            rows.push(cells.to_vec());
            Ok(())
        })?;
    }
    Ok(Shown { columns, rows, row_count })
}

fn shown_names(table: &DataFrame) -> Vec<String> {
    table.schema().fields().iter().map(|field| field.name().clone()).filter(|name| name != ROW).collect()
}

/// What a row's cells go to.
type EachRow<'a> = dyn FnMut(&[Option<String>]) -> Result<(), StepsError> + 'a;

/// Calls `each` with the cells of every row, as they are written in a file.
fn each_row(batch: &RecordBatch, each: &mut EachRow<'_>) -> Result<(), StepsError> {
    let format = FormatOptions::new();
    let schema = batch.schema();
    let shown = schema.fields().iter().zip(batch.columns()).filter(|(field, _)| field.name() != ROW);
    let columns = shown
        .map(|(_, column)| Ok((column, ArrayFormatter::try_new(column.as_ref(), &format)?)))
        .collect::<Result<Vec<_>, arrow::error::ArrowError>>()
        .map_err(|error| StepsError::Engine(error.to_string()))?;
    let mut cells = Vec::with_capacity(columns.len());
    for row in 0..batch.num_rows() {
        cells.clear();
        cells.extend(columns.iter().map(|(column, writer)| {
            (!column.is_null(row)).then(|| {
                let text = writer.value(row).to_string();
                if matches!(column.data_type(), DataType::Decimal128(..)) { plain_decimal(text) } else { text }
            })
        }));
        each(&cells)?;
    }
    Ok(())
}

/// A decimal without the zeros at its end.
fn plain_decimal(text: String) -> String {
    match text.trim_end_matches('0').strip_suffix('.') {
        Some(whole) => whole.to_owned(),
        None if text.contains('.') => text.trim_end_matches('0').to_owned(),
        None => text,
    }
}
