//! Steps run over a file: whole, into a writer, or some rows of it, to be looked at.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use arrow::array::{Array, AsArray, RecordBatch, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema, UInt64Type};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::catalog::streaming::StreamingTable;
use datafusion::common::Column;
use datafusion::dataframe::DataFrame;
use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::prelude::{Expr, SessionConfig, SessionContext};
use domain::process::Text2;
use futures::StreamExt;
use ingest::{Fault, Look, Options};

use crate::error::StepsError;
use crate::file::Steps;
use crate::input::{FILE_ROWS, Input, ROW};
use crate::numbers::Book;
use crate::plan::{ORDER, OTHERS, Planner, below, is_hidden};

/// What running may take, and who looks on.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Memory for sorting, grouping and joining; what needs more goes to disk.
    pub memory_bytes: usize,
    /// Limits of reading.
    pub reading: Options,
    /// How far reading is.
    pub watch: Watch,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory_bytes: 512 << 20, reading: Options::default(), watch: Watch::default() }
    }
}

/// How far the reading of tables is; clones are one. Whoever holds one may stop it.
#[derive(Debug, Clone, Default)]
pub struct Watch(Arc<(AtomicU64, AtomicU64, AtomicBool)>);

impl Watch {
    pub(crate) fn read(&self, rows: u64, bytes: u64) {
        self.0.0.fetch_add(rows, Ordering::Relaxed);
        self.0.1.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Rows and bytes that were read by now.
    #[must_use]
    pub fn seen(&self) -> (u64, u64) {
        (self.0.0.load(Ordering::Relaxed), self.0.1.load(Ordering::Relaxed))
    }

    /// Asks the reading to stop.
    pub fn stop(&self) {
        self.0.2.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.0.2.load(Ordering::Relaxed)
    }
}

/// A table that steps begin with or bring in: its files, one below the other.
#[derive(Debug, Clone)]
pub struct Source {
    /// The files, each as it was looked at.
    pub files: Vec<(PathBuf, Look)>,
    /// Rows of each file that are read; all where absent.
    pub most: Option<usize>,
}

impl Source {
    /// One file; of a workbook the first sheet that holds a table.
    ///
    /// # Errors
    /// The file is no table.
    pub fn file(path: &Path, limits: &Limits) -> Result<Self, StepsError> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_else(|| path.display().to_string());
        let look = ingest::look(path, &name, None, None, &limits.reading)?;
        Ok(Self { files: vec![(path.to_owned(), look)], most: None })
    }

    /// The columns of all its files, each once.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        let mut columns: Vec<String> = Vec::new();
        for name in self.files.iter().flat_map(|(_, look)| look.readable()) {
            if !columns.iter().any(|known| known == name) {
                columns.push(name.to_owned());
            }
        }
        columns
    }

    /// Bytes of its files.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|(_, look)| look.bytes).sum()
    }
}

/// Tables that steps may name.
pub type Sources = BTreeMap<String, Source>;

/// Where the result goes.
pub enum Target<'a> {
    /// A file for people: texts, dates as `2026-11-29`, numbers with a point.
    Csv(&'a mut (dyn Write + Send)),
    /// A file for [`ingest`]: values with their types, and the number of each row in its file.
    Parquet(&'a Path),
}

/// A value that is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// The step that noticed, from 1 on.
    pub step: usize,
    /// The row in the file, where it still is one of it.
    pub row: Option<u64>,
    /// The file's place among those of the table, from 0 on.
    pub file: Option<usize>,
    /// The column.
    pub column: String,
    /// What stands there.
    pub value: String,
    /// What is wrong.
    pub message: Text2,
}

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Rows that were written.
    pub rows: u64,
    /// Values that were none, the first thousand.
    pub issues: Vec<Issue>,
    /// All of them, by step (from 1 on) and column.
    pub issue_counts: BTreeMap<(usize, String), u64>,
}

impl Outcome {
    /// How many values were none.
    #[must_use]
    pub fn issue_count(&self) -> u64 {
        self.issue_counts.values().sum()
    }
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

fn context(limits: &Limits) -> Result<SessionContext, StepsError> {
    let mut config = SessionConfig::new().with_target_partitions(1).with_batch_size(8192);
    // Which table of a join is held in memory is known, and not to be guessed.
    config.options_mut().optimizer.join_reordering = false;
    // Names stand in people's files as they stand, and are meant so.
    config.options_mut().sql_parser.enable_ident_normalization = false;
    // A tax of 1.13 is that, and not the binary fraction next to it.
    config.options_mut().sql_parser.parse_float_as_decimal = true;
    let pool = Arc::new(FairSpillPool::new(limits.memory_bytes));
    let runtime = RuntimeEnvBuilder::new().with_memory_pool(pool).build_arc()?;
    let context = SessionContext::new_with_config_rt(config, runtime);
    // What functions return is not held against the memory limit.
    for name in AMPLIFIERS {
        context.deregister_udf(name);
    }
    Ok(context)
}

/// Functions whose result is as long as a number says: nothing that is done to a table needs one.
const AMPLIFIERS: [&str; 9] = [
    "repeat",
    "lpad",
    "rpad",
    "array_repeat",
    "list_repeat",
    "array_resize",
    "list_resize",
    "range",
    "generate_series",
];

/// The rows of a source.
fn frame(context: &SessionContext, source: &Source, limits: &Limits) -> Result<DataFrame, StepsError> {
    let mut whole: Option<DataFrame> = None;
    for (place, (path, look)) in (0..).zip(&source.files) {
        if let Some(name) = look.readable().find(|name| is_hidden(name)) {
            let fault = Fault::Unreadable {
                file: look.file.clone(),
                message: format!("the heading {name:?} begins with a control character"),
            };
            return Err(ingest::Refusal::from(fault).into());
        }
        let input = Arc::new(Input::new(path.clone(), look.clone(), limits, source.most, place));
        let schema = Arc::clone(datafusion::physical_plan::streaming::PartitionStream::schema(&*input));
        let row = Expr::Column(Column::from_name(ROW)).sort(true, true);
        let table = StreamingTable::try_new(schema, vec![input])?.with_sort_order(vec![row]);
        let rows = plain(context.read_table(Arc::new(table))?)?;
        whole = Some(match whole {
            None => rows,
            Some(before) => below(before, rows)?,
        });
    }
    whole.ok_or_else(|| StepsError::Engine("a table has no files".to_owned()))
}

/// A table whose columns go by their names alone, whichever table they come from.
fn plain(frame: DataFrame) -> Result<DataFrame, StepsError> {
    let names: Vec<String> = frame.schema().fields().iter().map(|field| field.name().clone()).collect();
    let plain = names.iter().map(|name| Expr::Column(Column::from_name(name)).alias(name));
    Ok(frame.select(plain.collect::<Vec<_>>())?)
}

fn others(
    context: &SessionContext,
    sources: &Sources,
    limits: &Limits,
) -> Result<BTreeMap<String, DataFrame>, StepsError> {
    sources.iter().map(|(name, source)| Ok((name.clone(), frame(context, source, limits)?))).collect()
}

/// Runs steps over a table. `tables` are the others that steps join or append.
///
/// # Errors
/// [`StepsError`]. What was written by then is no whole table.
pub async fn run(
    steps: &Steps,
    source: &Source,
    tables: &Sources,
    limits: &Limits,
    target: Target<'_>,
) -> Result<Outcome, StepsError> {
    let context = context(limits)?;
    let others = others(&context, tables, limits)?;
    let book = Book::default();
    let planner = Planner { tables: &others, book: &book };
    let mut table = frame(&context, source, limits)?;
    for (at, step) in steps.0.iter().enumerate() {
        table = planner.apply(table, at, step)?;
    }
    let has_order = table.schema().fields().iter().any(|field| field.name() == ORDER);
    let table = if has_order { table.drop_columns(&[ORDER])? } else { table };
    let rows = written(table, target, limits).await?;
    let (issues, issue_counts) = book.close();
    Ok(Outcome { rows, issues, issue_counts })
}

async fn written(table: DataFrame, target: Target<'_>, limits: &Limits) -> Result<u64, StepsError> {
    let names = shown_names(&table);
    let mut rows = 0;
    let stopped = |error: DataFusionError| {
        if limits.watch.is_stopped() { StepsError::Stopped } else { StepsError::from(error) }
    };
    match target {
        Target::Csv(out) => {
            let failed = |error: csv::Error| StepsError::Output(error.to_string());
            let mut writer = csv::Writer::from_writer(out);
            writer.write_record(&names).map_err(failed)?;
            let mut stream = table.execute_stream().await?;
            while let Some(batch) = stream.next().await {
                let batch = batch.map_err(stopped)?;
                rows += batch.num_rows() as u64;
                each_row(&batch, &mut |cells| {
                    writer.write_record(cells.iter().map(|cell| cell.as_deref().unwrap_or_default())).map_err(failed)
                })?;
            }
            writer.flush().map_err(|error| StepsError::Output(error.to_string()))?;
        }
        Target::Parquet(path) => {
            let failed = |error: &dyn std::fmt::Display| StepsError::Output(error.to_string());
            let file = std::fs::File::create(path).map_err(|error| failed(&error))?;
            let mut stream = table.execute_stream().await?;
            let schema = numbered(&RecordBatch::new_empty(stream.schema()))?.schema();
            let mut writer = ArrowWriter::try_new(file, schema, None).map_err(|error| failed(&error))?;
            while let Some(batch) = stream.next().await {
                let batch = numbered(&batch.map_err(stopped)?)?;
                rows += batch.num_rows() as u64;
                writer.write(&batch).map_err(|error| failed(&error))?;
            }
            writer.close().map_err(|error| failed(&error))?;
        }
    }
    Ok(rows)
}

/// A batch whose rows have the numbers of their file; one that is no row of it any more has none.
fn numbered(batch: &RecordBatch) -> Result<RecordBatch, StepsError> {
    let Some((at, _)) = batch.schema_ref().column_with_name(ROW) else { return Ok(batch.clone()) };
    let numbers = batch.column(at).as_primitive::<UInt64Type>();
    let own: UInt64Array =
        numbers.iter().map(|row| row.filter(|row| *row < OTHERS).map(|row| row % FILE_ROWS)).collect();
    let mut fields: Vec<_> = batch.schema().fields().iter().cloned().collect();
    fields[at] = Arc::new(Field::new(ROW, DataType::UInt64, true));
    let mut columns = batch.columns().to_vec();
    columns[at] = Arc::new(own);
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(|error| StepsError::Engine(error.to_string()))
}

/// The columns after all steps, of a table with these columns; nothing is read.
///
/// # Errors
/// [`StepsError::Step`]: the first that does not fit.
pub fn check(
    steps: &Steps,
    columns: &[String],
    tables: &BTreeMap<String, Vec<String>>,
) -> Result<Vec<String>, StepsError> {
    let context = context(&Limits::default())?;
    let empty = |columns: &[String]| {
        let texts = columns.iter().map(|name| Field::new(name, DataType::Utf8, true));
        let row = Field::new(ROW, DataType::UInt64, false);
        let schema = Arc::new(Schema::new(texts.chain([row]).collect::<Vec<_>>()));
        plain(context.read_batch(RecordBatch::new_empty(schema))?)
    };
    let others = tables.iter().map(|(name, columns)| Ok((name.clone(), empty(columns)?)));
    let others = others.collect::<Result<BTreeMap<_, _>, StepsError>>()?;
    let book = Book::default();
    let planner = Planner { tables: &others, book: &book };
    let mut table = empty(columns)?;
    for (at, step) in steps.0.iter().enumerate() {
        table = planner.apply(table, at, step)?;
        // Types are held against each other here.
        if let Err(error) = table.clone().into_optimized_plan() {
            return Err(planner.unfit(at, step, error));
        }
    }
    Ok(shown_names(&table))
}

/// How much of a file a preview reads, and shows.
#[derive(Debug, Clone, Copy)]
pub struct Glimpse {
    /// Rows of each file that are read.
    pub looked_at: usize,
    /// Rows that are shown of each table.
    pub shown: usize,
}

/// Shows what steps do to the first rows of a table, step by step.
///
/// # Errors
/// The table cannot be read. A step that does not fit is told in the preview, after the tables before it.
pub async fn preview(
    steps: &Steps,
    source: &Source,
    tables: &Sources,
    limits: &Limits,
    glimpse: Glimpse,
) -> Result<Preview, StepsError> {
    let context = context(limits)?;
    let others = others(&context, tables, limits)?;
    let book = Book::default();
    let planner = Planner { tables: &others, book: &book };
    let source = Source { most: Some(glimpse.looked_at), ..source.clone() };
    let mut table = frame(&context, &source, limits)?;
    let mut preview = Preview { tables: Vec::new(), failed: None, issues: Vec::new() };
    for taken in 0..=steps.0.len() {
        // Each step is taken once: the next one begins with its rows.
        let next = match taken.checked_sub(1) {
            None => table.clone().cache().await.map_err(StepsError::from),
            Some(at) => match planner.apply(table.clone(), at, &steps.0[at]) {
                Ok(next) => next.cache().await.map_err(|error| planner.unfit(at, &steps.0[at], error)),
                Err(error) => Err(error),
            },
        };
        match next.and_then(plain) {
            Ok(next) => table = next,
            Err(error @ StepsError::Step { .. }) => {
                preview.failed = Some(error);
                break;
            }
            Err(error) => return Err(error),
        }
        preview.tables.push(shown_of(table.clone(), glimpse.shown).await?);
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
    table.schema().fields().iter().map(|field| field.name().clone()).filter(|name| !is_hidden(name)).collect()
}

/// What a row's cells go to.
type EachRow<'a> = dyn FnMut(&[Option<String>]) -> Result<(), StepsError> + 'a;

/// Calls `each` with the cells of every row, as they are written in a file.
fn each_row(batch: &RecordBatch, each: &mut EachRow<'_>) -> Result<(), StepsError> {
    let format = FormatOptions::new();
    let schema = batch.schema();
    let shown = schema.fields().iter().zip(batch.columns()).filter(|(field, _)| !is_hidden(field.name()));
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
