//! SQL for analysts: read-only queries over a snapshot, as one scope sees it.
//!
//! The tables are views on the resident partitions, and every tally is an aggregate function over
//! `journeys`. A query is admitted by its syntax ([`guard`]), planned by DataFusion, and run within bounds of
//! memory, time and rows. This module must not know users or HTTP, nor how a snapshot comes about.
//!
//! Scope is a predicate inside every table and function, so a hidden deal answers like one that does not
//! exist, whatever the query does with what it gets.

mod catalogue;
mod chain;
mod column;
mod error;
mod functions;
mod guard;
mod json;
mod moves;
mod source;
mod table;
mod tables;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use arrow::array::{Array, ArrayData, RecordBatch};
use arrow::buffer::{Buffer, NullBuffer};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::{GreedyMemoryPool, MemoryConsumer};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::{SessionState, SessionStateBuilder};
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::execute_stream;
use datafusion::prelude::{SQLOptions, SessionConfig, SessionContext};
use datafusion::sql::parser::Statement;
use domain::lifecycle::PARKED_LIMIT_DAYS;
use domain::{Day, RecordId, Scope};
use engine::without_amplifiers;
use futures::StreamExt;
use serde_json::{Map, Value};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

pub(crate) use chain::ChainSource;
pub use chain::reads_chain;
pub use error::SqlError;
pub(crate) use error::is_evaluation;
pub use json::rows;

use crate::question::AskError;
use crate::snapshot::Snapshot;
use crate::warehouse::Warehouse;
use functions::Terms;
use source::Seen;

/// Bounds of a query, and what its tally functions count by where it does not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlOptions {
    /// Memory for sorting, grouping, joining and the answer.
    pub memory_bytes: usize,
    /// How long it may run.
    pub timeout: Duration,
    /// Rows of the answer at most: the rest is left out, and the answer says so.
    pub max_rows: Option<usize>,
    /// Words and signs of the query at most.
    pub max_tokens: usize,
    /// Streams that a query is split into.
    pub threads: usize,
    /// Key of the process whose stages tally functions count in, where the query names none.
    pub process: Option<String>,
    /// Tally functions see nothing after the end of this day.
    pub as_of: Day,
    /// Tally functions count a deal parked for longer as cancelled.
    pub parked_limit_days: i32,
}

impl SqlOptions {
    /// 512 MiB, 60 seconds, all rows, two streams.
    #[must_use]
    pub const fn new(as_of: Day) -> Self {
        Self {
            memory_bytes: 512 << 20,
            timeout: Duration::from_secs(60),
            max_rows: None,
            max_tokens: 4000,
            threads: 2,
            process: None,
            as_of,
            parked_limit_days: PARKED_LIMIT_DAYS,
        }
    }
}

/// The answer to a query.
#[derive(Debug, Clone, PartialEq)]
pub struct SqlAnswer {
    /// Names and types of its columns, also where there is no row.
    pub schema: SchemaRef,
    /// Its rows.
    pub batches: Vec<RecordBatch>,
    /// Whether [`SqlOptions::max_rows`] left rows out.
    pub truncated: bool,
}

impl SqlAnswer {
    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows as objects keyed by column name (see [`rows`]).
    ///
    /// # Errors
    /// [`ArrowError`] for a value that JSON has no form for.
    pub fn rows(&self) -> Result<Vec<Map<String, Value>>, ArrowError> {
        rows(&self.batches)
    }
}

/// Answers one query over the deals of a snapshot that `scope` shows. It runs on threads of its own; dropping the
/// future stops it.
///
/// # Errors
/// [`SqlError`]: refused, not understood, stopped at a bound, or failed.
pub async fn query(
    snapshot: Arc<Snapshot>,
    scope: &Scope,
    sql: &str,
    options: &SqlOptions,
) -> Result<SqlAnswer, SqlError> {
    ask(snapshot, None, scope, sql, options).await
}

async fn ask(
    snapshot: Arc<Snapshot>,
    chain: Option<ChainSource>,
    scope: &Scope,
    sql: &str,
    options: &SqlOptions,
) -> Result<SqlAnswer, SqlError> {
    let threads = Threads::start(options.threads)?;
    let (sql, scope, limits) = (sql.to_owned(), scope.clone(), options.clone());
    let task = threads.spawn(async move { answer(snapshot, chain.as_ref(), &scope, &sql, &limits).await })?;
    match tokio::time::timeout(options.timeout, task).await {
        Err(_) => Err(SqlError::Timeout { limit: options.timeout }),
        Ok(Err(stopped)) => Err(SqlError::Failed(stopped.to_string())),
        Ok(Ok(answer)) => answer,
    }
}

impl Warehouse {
    /// Answers one query over the deals and the chain, as known at the end of a day where one is given. `keepers` are
    /// the people whose customers are seen without a deal in scope; absent: everybody.
    ///
    /// # Errors
    /// As [`query`]; or the database failed.
    pub async fn sql(
        &self,
        known_at: Option<Day>,
        (scope, keepers): (&Scope, Option<HashSet<RecordId>>),
        sql: &str,
        options: &SqlOptions,
    ) -> Result<SqlAnswer, SqlFault> {
        // The chain is read for those queries alone that ask for it.
        let moment = if reads_chain(sql) { Some(self.moment(known_at).await?) } else { None };
        let snapshot = match &moment {
            Some(moment) => Arc::clone(&moment.snapshot),
            None => self.snapshot_known_at(known_at).await?,
        };
        let chain = moment.map(|moment| ChainSource { moment, keepers: keepers.map(Arc::new) });
        Ok(ask(snapshot, chain, scope, sql, options).await?)
    }
}

/// Why a query over the warehouse has no answer.
#[derive(Debug, thiserror::Error)]
pub enum SqlFault {
    /// It was refused, not understood, stopped at a bound, or failed.
    #[error(transparent)]
    Sql(#[from] SqlError),
    /// What it reads could not be read.
    #[error(transparent)]
    Ask(#[from] AskError),
}

/// Stack of a thread that plans and runs a query: trees of expressions are walked and dropped by recursion.
const STACK_BYTES: usize = 32 << 20;

/// The threads of one query. A query may hold its thread between two points where it can be stopped, and needs
/// more stack than others have: so it never runs on the threads of its caller, and whoever stops waiting for it
/// leaves at once.
struct Threads(Option<Runtime>);

impl Threads {
    fn start(threads: usize) -> Result<Self, SqlError> {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(threads.max(1)).thread_stack_size(STACK_BYTES).thread_name("sql").enable_time();
        builder.build().map(|runtime| Self(Some(runtime))).map_err(|error| SqlError::Failed(error.to_string()))
    }

    fn spawn<T: Send + 'static>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> Result<JoinHandle<T>, SqlError> {
        let runtime = self.0.as_ref().ok_or_else(|| SqlError::Failed("its threads have ended".to_owned()))?;
        Ok(runtime.spawn(task))
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

async fn answer(
    snapshot: Arc<Snapshot>,
    chain: Option<&ChainSource>,
    scope: &Scope,
    sql: &str,
    options: &SqlOptions,
) -> Result<SqlAnswer, SqlError> {
    let of = |error: DataFusionError| SqlError::of(&error, options.memory_bytes);
    let statement = guard::admit(sql, options.max_tokens)?;
    let seen = Arc::new(Seen::new(snapshot, scope));
    let (context, names) = session(&seen, (scope, chain), options).map_err(of)?;
    guard::known_tables(&statement, &context.state(), &names)?;
    run(&context, statement, options).await.map_err(of)
}

/// A session that knows our tables and functions, and nothing outside of this process.
fn session(
    seen: &Arc<Seen>,
    (scope, chain): (&Scope, Option<&ChainSource>),
    options: &SqlOptions,
) -> Result<(SessionContext, Vec<&'static str>), DataFusionError> {
    let mut config = SessionConfig::new()
        .with_target_partitions(options.threads.max(1))
        .with_information_schema(false)
        .with_create_default_catalog_and_schema(true);
    // A query that feeds on itself need not end, and holds its thread while it does not.
    config.options_mut().execution.enable_recursive_ctes = false;
    // No disk: a query that writes nothing must not fill one either.
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(GreedyMemoryPool::new(options.memory_bytes)))
        .with_disk_manager_builder(DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled))
        .build_arc()?;
    let mut state: SessionState =
        SessionStateBuilder::new().with_config(config).with_runtime_env(runtime).with_default_features().build();
    without_amplifiers(&mut state)?;
    let context = SessionContext::new_with_state(state);
    let mut names = Vec::new();
    for (name, table) in tables::all(seen, scope, chain)? {
        context.register_table(name, table)?;
        names.push(name);
    }
    let terms =
        Terms { process: options.process.clone(), as_of: options.as_of, parked_limit_days: options.parked_limit_days };
    for function in functions::all(seen, &Arc::new(terms)) {
        context.register_udaf(function);
    }
    Ok((context, names))
}

async fn run(
    context: &SessionContext,
    statement: Statement,
    options: &SqlOptions,
) -> Result<SqlAnswer, DataFusionError> {
    let state = context.state();
    let plan: LogicalPlan = state.statement_to_plan(statement).await?;
    let reading = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    reading.verify_plan(&plan)?;
    let plan = state.create_physical_plan(&plan).await?;
    let schema = plan.schema();
    let mut stream = execute_stream(plan, context.task_ctx())?;
    let held = MemoryConsumer::new("answer").register(&context.runtime_env().memory_pool);
    let mut left = options.max_rows.unwrap_or(usize::MAX);
    let (mut batches, mut truncated, mut known) = (Vec::new(), false, HashSet::new());
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        truncated = batch.num_rows() > left;
        let batch = batch.slice(0, batch.num_rows().min(left));
        left -= batch.num_rows();
        held.try_grow(batch.columns().iter().map(|column| unseen_bytes(&column.to_data(), &mut known)).sum())?;
        if batch.num_rows() > 0 {
            batches.push(batch);
        }
        if truncated {
            break;
        }
    }
    Ok(SqlAnswer { schema, batches, truncated })
}

/// Bytes of an array's buffers that were not met before: batches share words, and lists with the snapshot.
fn unseen_bytes(data: &ArrayData, known: &mut HashSet<usize>) -> usize {
    let nulls = data.nulls().map(NullBuffer::buffer);
    let buffers = data.buffers().iter().chain(nulls);
    let own: usize =
        buffers.filter(|buffer| known.insert(buffer.data_ptr().as_ptr() as usize)).map(Buffer::capacity).sum();
    own + data.child_data().iter().map(|child| unseen_bytes(child, known)).sum::<usize>()
}

#[cfg(test)]
mod tests;
