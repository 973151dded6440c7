//! Steps run over a file: whole, into a writer, or some rows of it, to be looked at.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use arrow::array::{Array, AsArray, RecordBatch, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema, UInt64Type};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::catalog::MemTable;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::common::Column;
use datafusion::dataframe::DataFrame;
use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;
use datafusion::prelude::{Expr, SessionConfig, SessionContext};
use domain::words::Text2;
use engine::without_amplifiers;
use futures::StreamExt;
use ingest::{Fault, Look, Options};

use crate::error::StepsError;
use crate::file::Steps;
use crate::input::{FILE_ROWS, Input, ROW};
use crate::numbers::Book;
use crate::plan::{GROUPED, ORDER, OTHERS, Planner, below, is_hidden};
use crate::room::{Room, bytes_of};
use crate::watched::Watching;

/// What running may take, and who looks on.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Memory for sorting, grouping and joining; what needs more goes to disk.
    pub memory_bytes: usize,
    /// What functions may make of a batch of rows, beyond what came in.
    pub made_bytes: usize,
    /// What a table of a preview may hold.
    pub preview_bytes: usize,
    /// What may be written, and what may lie on disk while rows are sorted; more where the input is large.
    pub disk_bytes: u64,
    /// Rows that may be written.
    pub most_rows: u64,
    /// Limits of reading.
    pub reading: Options,
    /// How far reading is.
    pub watch: Watch,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 512 << 20,
            made_bytes: 512 << 20,
            preview_bytes: 256 << 20,
            disk_bytes: 64 << 30,
            // Rows of one more file of the same table would be numbered from here on.
            most_rows: FILE_ROWS - 1,
            reading: Options::default(),
            watch: Watch::default(),
        }
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
        for name in self.files.iter().flat_map(|(_, look)| look.headings()) {
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
    /// The step that noticed, from 1 on; [`READING`] where a row stays out before the first.
    pub step: usize,
    /// The row in the file, where it still is one of it.
    pub row: Option<u64>,
    /// The file's place among those of the table, from 0 on.
    pub file: Option<usize>,
    /// The column that stays empty; none where the row stays out.
    pub column: String,
    /// What stands there, or what an expression went by.
    pub value: String,
    /// What is wrong.
    pub message: Text2,
}

/// What stands for the step of what is found while a table is read: the row stays out.
pub const READING: usize = 0;

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
    /// The table as it comes in, and after each step. One that does not fit leaves it as it was.
    pub tables: Vec<Shown>,
    /// Why steps do not fit, each [`StepsError::Step`]; those after one are looked at as if it were not there.
    pub failed: Vec<StepsError>,
    /// Values that were none.
    pub issues: Vec<Issue>,
}

/// Rows that the engine takes at a time.
pub(crate) const BATCH_ROWS: usize = 8192;
/// How many times the bytes of its input a result may have, where that is more than the limit says.
const TIMES_INPUT: u64 = 16;
/// What is held of a table until it is written.
const WRITTEN_AT_ONCE_BYTES: usize = 128 << 20;

/// The same limits for an input of so many bytes.
fn for_input(limits: &Limits, source: &Source, tables: &Sources) -> Limits {
    let bytes = tables.values().map(Source::bytes).fold(source.bytes(), u64::saturating_add);
    Limits { disk_bytes: limits.disk_bytes.max(bytes.saturating_mul(TIMES_INPUT)), ..limits.clone() }
}

fn context(limits: &Limits) -> Result<SessionContext, StepsError> {
    let mut config = SessionConfig::new().with_target_partitions(1).with_batch_size(BATCH_ROWS);
    // Which table of a join is held in memory is known, and not to be guessed.
    config.options_mut().optimizer.join_reordering = false;
    // What a sort sets aside for bringing together what it spilled is part of little memory, too.
    let set_aside = &mut config.options_mut().execution.sort_spill_reservation_bytes;
    *set_aside = (*set_aside).min(limits.memory_bytes / 16);
    // Names stand in people's files as they stand, and are meant so.
    config.options_mut().sql_parser.enable_ident_normalization = false;
    // A tax of 1.13 is that, and not the binary fraction next to it.
    config.options_mut().sql_parser.parse_float_as_decimal = true;
    let pool = Arc::new(FairSpillPool::new(limits.memory_bytes));
    let runtime =
        RuntimeEnvBuilder::new().with_memory_pool(pool).with_max_temp_directory_size(limits.disk_bytes).build_arc()?;
    // A condition is worked out where it stands, for the rows that come to it, and not with those of other steps.
    let mut rules = PhysicalOptimizer::new().rules;
    rules.retain(|rule| !rule.name().starts_with("FilterPushdown"));
    let mut state = SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(runtime)
        .with_default_features()
        .with_physical_optimizer_rules(rules)
        .with_physical_optimizer_rule(Arc::new(Watching(limits.watch.clone())))
        .build();
    without_amplifiers(&mut state)?;
    Ok(SessionContext::new_with_state(state))
}

/// The rows of a source.
fn frame(context: &SessionContext, source: &Source, limits: &Limits, book: &Book) -> Result<DataFrame, StepsError> {
    let mut whole: Option<DataFrame> = None;
    for (place, (path, look)) in (0..).zip(&source.files) {
        if let Some(name) = look.headings().find(|name| is_hidden(name)) {
            let fault = Fault::Unreadable {
                file: look.file.clone(),
                message: format!("the heading {name:?} begins with a control character"),
            };
            return Err(ingest::Refusal::from(fault).into());
        }
        let input = Arc::new(Input::new(path.clone(), look.clone(), limits, source.most, place, book.clone()));
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
    book: &Book,
) -> Result<BTreeMap<String, DataFrame>, StepsError> {
    sources.iter().map(|(name, source)| Ok((name.clone(), frame(context, source, limits, book)?))).collect()
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
    let limits = &for_input(limits, source, tables);
    let context = context(limits)?;
    let (book, room) = (Book::default(), Room::new(limits));
    let others = others(&context, tables, limits, &book)?;
    let planner = Planner { tables: &others, below: &others, book: &book, room: &room };
    let mut table = frame(&context, source, limits, &book)?;
    for (at, step) in steps.0.iter().enumerate() {
        table = planner.apply(table, at, step)?;
    }
    // Rows stand in their order by now.
    let orders = [ORDER, GROUPED].into_iter().filter(|name| table.schema().has_column_with_unqualified_name(name));
    let orders: Vec<&str> = orders.collect();
    let table = if orders.is_empty() { table } else { table.drop_columns(&orders)? };
    let rows = written(table, target, limits).await?;
    let (issues, issue_counts) = book.close();
    Ok(Outcome { rows, issues, issue_counts })
}

/// What was written by now, held against the limits.
struct Written<'a> {
    limits: &'a Limits,
    rows: u64,
}

impl Written<'_> {
    /// Counts a batch that is to be written.
    fn add(&mut self, batch: &RecordBatch) -> Result<(), StepsError> {
        if self.limits.watch.is_stopped() {
            return Err(StepsError::Stopped);
        }
        self.rows += batch.num_rows() as u64;
        let most = self.limits.most_rows;
        if self.rows > most {
            return Err(StepsError::TooLarge(Text2::new(
                format!("结果超过 {most} 行：请检查连接的列，或先筛选"),
                format!("the result has more than {most} rows: look at the columns of joins, or filter before"),
            )));
        }
        Ok(())
    }

    /// Holds what lies on disk against the limit.
    fn hold(&self, bytes: u64) -> Result<(), StepsError> {
        let most = self.limits.disk_bytes;
        if bytes > most {
            return Err(StepsError::TooLarge(Text2::new(
                format!("结果超过 {most} 字节：请检查连接的列，或先筛选"),
                format!("the result is larger than {most} bytes: look at the columns of joins, or filter before"),
            )));
        }
        Ok(())
    }
}

async fn written(table: DataFrame, target: Target<'_>, limits: &Limits) -> Result<u64, StepsError> {
    let names = shown_names(&table);
    let mut written = Written { limits, rows: 0 };
    let stopped = |error: DataFusionError| {
        if limits.watch.is_stopped() { StepsError::Stopped } else { StepsError::from(error) }
    };
    match target {
        Target::Csv(out) => {
            let failed = |error: csv::Error| StepsError::Output(error.to_string());
            let mut writer = csv::Writer::from_writer(out);
            writer.write_record(&names).map_err(failed)?;
            let (mut stream, mut bytes) = (table.execute_stream().await.map_err(stopped)?, 0);
            while let Some(batch) = stream.next().await {
                let batch = batch.map_err(stopped)?;
                written.add(&batch)?;
                each_row(&batch, &mut |cells| {
                    let cells = cells.iter().map(|cell| cell.as_deref().unwrap_or_default());
                    bytes += cells.clone().map(|cell| cell.len() as u64 + 1).sum::<u64>();
                    writer.write_record(cells).map_err(failed)
                })?;
                written.hold(bytes)?;
            }
            writer.flush().map_err(|error| StepsError::Output(error.to_string()))?;
        }
        Target::Parquet(path) => {
            let failed = |error: &dyn std::fmt::Display| StepsError::Output(error.to_string());
            let file = std::fs::File::create(path).map_err(|error| failed(&error))?;
            let mut stream = table.execute_stream().await.map_err(stopped)?;
            let schema = numbered(&RecordBatch::new_empty(stream.schema()))?.schema();
            let mut writer = ArrowWriter::try_new(file, schema, None).map_err(|error| failed(&error))?;
            while let Some(batch) = stream.next().await {
                let batch = numbered(&batch.map_err(stopped)?)?;
                written.add(&batch)?;
                writer.write(&batch).map_err(|error| failed(&error))?;
                if writer.memory_size() > WRITTEN_AT_ONCE_BYTES {
                    writer.flush().map_err(|error| failed(&error))?;
                }
                written.hold(writer.bytes_written() as u64)?;
            }
            writer.close().map_err(|error| failed(&error))?;
        }
    }
    Ok(written.rows)
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
    let limits = Limits::default();
    let context = context(&limits)?;
    let empty = |columns: &[String]| {
        let texts = columns.iter().map(|name| Field::new(name, DataType::Utf8, true));
        let row = Field::new(ROW, DataType::UInt64, false);
        let schema = Arc::new(Schema::new(texts.chain([row]).collect::<Vec<_>>()));
        plain(context.read_batch(RecordBatch::new_empty(schema))?)
    };
    let others = tables.iter().map(|(name, columns)| Ok((name.clone(), empty(columns)?)));
    let others = others.collect::<Result<BTreeMap<_, _>, StepsError>>()?;
    let (book, room) = (Book::default(), Room::new(&limits));
    let planner = Planner { tables: &others, below: &others, book: &book, room: &room };
    let mut table = empty(columns)?;
    for (at, step) in steps.0.iter().enumerate() {
        table = planner.apply(table, at, step)?;
        // Types are held against each other here.
        if let Err(error) = table.clone().into_optimized_plan() {
            return Err(planner.unfit(at, step, error.into()));
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
/// The table cannot be read. A step that does not fit is told in the preview.
pub async fn preview(
    steps: &Steps,
    source: &Source,
    tables: &Sources,
    limits: &Limits,
    glimpse: Glimpse,
) -> Result<Preview, StepsError> {
    let context = context(limits)?;
    let first_rows = |source: &Source| Source { most: Some(glimpse.looked_at), ..source.clone() };
    let cut: Sources = tables.iter().map(|(name, source)| (name.clone(), first_rows(source))).collect();
    let (book, room) = (Book::default(), Room::new(limits));
    let below = others(&context, &cut, limits, &book)?;
    let others = others(&context, tables, limits, &book)?;
    let planner = Planner { tables: &others, below: &below, book: &book, room: &room };
    let mut table = frame(&context, &first_rows(source), limits, &book)?;
    let mut preview = Preview { tables: Vec::new(), failed: Vec::new(), issues: Vec::new() };
    for taken in 0..=steps.0.len() {
        // Each step is taken once: the next one begins with its rows.
        let next = match taken.checked_sub(1) {
            None => held(&context, table.clone(), limits, glimpse.shown).await,
            Some(at) => match planner.apply(table.clone(), at, &steps.0[at]) {
                Ok(next) => {
                    let held = held(&context, next, limits, glimpse.shown).await;
                    held.map_err(|error| planner.unfit(at, &steps.0[at], error))
                }
                Err(error) => Err(error),
            },
        };
        let shown = match next {
            Ok((next, shown)) => {
                table = next;
                shown
            }
            Err(error @ StepsError::Step { .. }) => {
                preview.failed.push(error);
                preview.tables.last().cloned().unwrap_or_default()
            }
            Err(error) => return Err(error),
        };
        room.clear();
        preview.tables.push(shown);
        preview.issues = book.close().0;
    }
    Ok(preview)
}

/// The rows of a table in memory, and those of them that are shown.
async fn held(
    context: &SessionContext,
    table: DataFrame,
    limits: &Limits,
    most: usize,
) -> Result<(DataFrame, Shown), StepsError> {
    let mut shown = Shown { columns: shown_names(&table), ..Shown::default() };
    let (mut batches, mut bytes) = (Vec::new(), 0_usize);
    let mut stream = table.execute_stream().await?;
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        bytes = batch.columns().iter().map(bytes_of).fold(bytes, usize::saturating_add);
        if bytes > limits.preview_bytes {
            let most = limits.preview_bytes >> 20;
            return Err(StepsError::TooLarge(Text2::new(
                format!("预览的表超过 {most} MiB：请检查连接的列，或先去掉不需要的列和行"),
                format!(
                    "a table of the preview is larger than {most} MiB: look at the columns of joins, or take out the \
                     columns and rows that are not needed before"
                ),
            )));
        }
        shown.row_count += batch.num_rows() as u64;
        let first = batch.slice(0, batch.num_rows().min(most - shown.rows.len()));
        each_row(&first, &mut |cells| {
            shown.rows.push(cells.to_vec());
            Ok(())
        })?;
        batches.push(batch);
    }
    let rows = MemTable::try_new(stream.schema(), vec![batches])?;
    Ok((plain(context.read_table(Arc::new(rows))?)?, shown))
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
