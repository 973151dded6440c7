//! A table over the partitions: which rows it has, which columns, and how a query reads it.
//!
//! Scope is applied where rows are chosen, before any filter, so that no query can tell a hidden row from
//! none. Filters are taken over whole: one that reads a single column of words is answered once a word, any
//! other on the columns it names, and the rest is read for the rows that pass. This module must not know
//! what a column means.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, DFSchema};
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_expr::{LexOrdering, PhysicalExpr};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use domain::Outcome;
use journey::STATE_DELETED;

use super::column::{Holds, Rows};
use super::moves;
use super::source::Seen;

/// Which rows a table has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grain {
    /// One a deal that stands, about its latest entry.
    Deal,
    /// One a deal that stands or was deleted, about its latest entry.
    Journey,
    /// One a state, about the entry that began it; being deleted is no state.
    State,
    /// One a move, about the entry that made it.
    Move,
}

/// A column: its name, what it holds, and a line about it.
pub(super) type ColumnDef = (String, Holds, &'static str);

/// A table over the partitions.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: Vec<ColumnDef>,
    grain: Grain,
    seen: Arc<Seen>,
    schema: SchemaRef,
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("name", &self.name).field("grain", &self.grain).finish_non_exhaustive()
    }
}

impl Table {
    pub(super) fn new(name: &'static str, grain: Grain, columns: Vec<ColumnDef>, seen: Arc<Seen>) -> Self {
        let field = |(name, holds, _): &ColumnDef| Field::new(name, holds.data_type(&seen), holds.nullable());
        let schema = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
        Self { name, columns, grain, seen, schema }
    }

    /// The type of a column, as people write it.
    pub(super) fn type_of(&self, holds: Holds) -> String {
        spoken(&holds.data_type(&self.seen))
    }

    /// A filter as it is asked of every partition.
    fn test(&self, state: &dyn Session, filter: &Expr) -> Result<Test> {
        let mut named = BTreeSet::new();
        for column in filter.column_refs() {
            named.insert(self.schema.index_of(&column.name)?);
        }
        let named: Vec<usize> = named.into_iter().collect();
        let schema = Arc::new(self.schema.project(&named)?);
        let expr =
            state.create_physical_expr(unqualified(filter.clone())?, &DFSchema::try_from(Arc::clone(&schema))?)?;
        let columns: Vec<Holds> = named.iter().map(|at| self.columns[*at].1).collect();
        if let &[column] = columns.as_slice()
            && let Some(words) = column.words(&self.seen)?
        {
            let words = RecordBatch::try_new(schema, vec![words as ArrayRef])?;
            return Ok(Test::Words { column, passes: flags(expr.as_ref(), &words)? });
        }
        Ok(Test::Expr { expr, schema, columns })
    }
}

/// A type in the words of SQL.
pub(super) fn spoken(ty: &DataType) -> String {
    match ty {
        DataType::Boolean => "boolean".to_owned(),
        DataType::Utf8 | DataType::Utf8View => "text".to_owned(),
        DataType::Date32 => "date".to_owned(),
        DataType::Timestamp(..) => "timestamp".to_owned(),
        DataType::Int32 => "int".to_owned(),
        DataType::Int64 => "bigint".to_owned(),
        DataType::UInt32 => "int unsigned".to_owned(),
        DataType::UInt64 => "bigint unsigned".to_owned(),
        DataType::List(item) => format!("list of {}", spoken(item.data_type())),
        other => other.to_string(),
    }
}

/// A filter without the table's name before its columns: partitions have none.
fn unqualified(filter: Expr) -> Result<Expr> {
    let strip = |expr| {
        Ok(match expr {
            Expr::Column(column) if column.relation.is_some() => {
                Transformed::yes(Expr::Column(Column::new_unqualified(column.name)))
            }
            other => Transformed::no(other),
        })
    };
    Ok(filter.transform(strip)?.data)
}

/// Whether the filter can be answered from a row of the table alone.
fn is_plain(filter: &Expr) -> Result<bool> {
    let asks_elsewhere = |expr: &Expr| {
        matches!(
            expr,
            Expr::ScalarSubquery(_)
                | Expr::InSubquery(_)
                | Expr::Exists(_)
                | Expr::OuterReferenceColumn(..)
                | Expr::Placeholder(_)
        )
    };
    Ok(!filter.is_volatile() && !filter.exists(|expr| Ok(asks_elsewhere(expr)))?)
}

#[async_trait]
impl TableProvider for Table {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        filters
            .iter()
            .map(|filter| {
                let exact = is_plain(filter)?;
                Ok(if exact { TableProviderFilterPushDown::Exact } else { TableProviderFilterPushDown::Unsupported })
            })
            .collect()
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let all: Vec<usize> = (0..self.columns.len()).collect();
        let chosen = projection.unwrap_or(&all);
        let read = Arc::new(Read {
            grain: self.grain,
            columns: chosen.iter().map(|at| self.columns[*at].1).collect(),
            tests: filters.iter().map(|filter| self.test(state, filter)).collect::<Result<_>>()?,
            seen: Arc::clone(&self.seen),
            schema: Arc::new(self.schema.project(chosen)?),
        });
        let lanes = state.config().target_partitions().clamp(1, self.seen.parts().max(1));
        let lane = |first| Arc::new(Lane { read: Arc::clone(&read), first, step: lanes }) as Arc<dyn PartitionStream>;
        let schema = Arc::clone(&read.schema);
        let none: Option<LexOrdering> = None;
        Ok(Arc::new(StreamingTableExec::try_new(schema, (0..lanes).map(lane).collect(), None, none, false, limit)?))
    }
}

/// One filter.
#[derive(Debug)]
enum Test {
    /// It reads one column of words: which words pass.
    Words { column: Holds, passes: Vec<bool> },
    /// It reads these columns.
    Expr { expr: Arc<dyn PhysicalExpr>, schema: SchemaRef, columns: Vec<Holds> },
}

/// What a query reads of a table.
#[derive(Debug)]
struct Read {
    grain: Grain,
    columns: Vec<Holds>,
    tests: Vec<Test>,
    seen: Arc<Seen>,
    schema: SchemaRef,
}

impl Read {
    fn batch(&self, part: usize) -> Result<RecordBatch> {
        let mut rows = self.rows(part);
        for test in &self.tests {
            rows = self.passing(part, &rows, test)?;
        }
        let columns = self.columns.iter().map(|column| column.read(&self.seen, part, &rows));
        Ok(batch(&self.schema, columns.collect::<Result<_, ArrowError>>()?, rows.len())?)
    }

    /// The rows of the table in a partition, inside the scope.
    fn rows(&self, part: usize) -> Rows {
        let entries = &self.seen.journeys(part).entries;
        let mut rows = Rows::default();
        for (deal, range) in self.seen.deals(part) {
            let last = range.end - 1;
            match self.grain {
                Grain::Deal if Outcome::from_code(entries.state[last]).is_none() => {}
                Grain::Deal | Grain::Journey => rows.push(deal, last),
                Grain::State => {
                    for place in range {
                        if entries.state[place] != STATE_DELETED {
                            rows.push(deal, place);
                        }
                    }
                }
                Grain::Move => {
                    for place in range.clone() {
                        if moves::at(entries, &range, place, &self.seen.catalogue).is_some() {
                            rows.push(deal, place);
                        }
                    }
                }
            }
        }
        rows
    }

    fn passing(&self, part: usize, rows: &Rows, test: &Test) -> Result<Rows> {
        match test {
            Test::Words { column, passes } => {
                let codes = column.codes(&self.seen, part, rows);
                Ok(rows.filter(codes.into_iter().map(|code| passes.get(code as usize).copied().unwrap_or(false))))
            }
            Test::Expr { expr, schema, columns } => {
                let columns = columns.iter().map(|column| column.read(&self.seen, part, rows));
                let named = batch(schema, columns.collect::<Result<_, ArrowError>>()?, rows.len())?;
                Ok(rows.filter(flags(expr.as_ref(), &named)?.into_iter()))
            }
        }
    }
}

/// Which rows of a batch a condition is true for; unknown is not true.
fn flags(expr: &dyn PhysicalExpr, batch: &RecordBatch) -> Result<Vec<bool>> {
    let answer = expr.evaluate(batch)?.into_array(batch.num_rows())?;
    let answer: &BooleanArray = answer.as_boolean();
    Ok(answer.iter().map(|flag| flag == Some(true)).collect())
}

fn batch(schema: &SchemaRef, columns: Vec<ArrayRef>, rows: usize) -> Result<RecordBatch, ArrowError> {
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)
}

/// Every `step`-th partition from `first` on: one stream of the plan.
#[derive(Debug)]
struct Lane {
    read: Arc<Read>,
    first: usize,
    step: usize,
}

impl PartitionStream for Lane {
    fn schema(&self) -> &SchemaRef {
        &self.read.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let read = Arc::clone(&self.read);
        let parts = (self.first..read.seen.parts()).step_by(self.step);
        let schema = Arc::clone(&read.schema);
        let batches = futures::stream::iter(parts.map(move |part| read.batch(part)));
        Box::pin(RecordBatchStreamAdapter::new(schema, batches))
    }
}
