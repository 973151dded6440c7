//! The tables of the chain: customers, leads, contracts, orders and their lines, invoices, payments, service requests and
//! costs, one row a record as it stands, inside the scope.
//!
//! Columns follow the registry of fields: a reference to a dimension gives its name and, behind `_id`, its record; any
//! other reference gives the record alone. Personal text is in none of them. Rows are made when a query first reads the
//! table, with the scope applied before anything else.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, LazyLock, OnceLock};

use arrow::array::{ArrayRef, BooleanArray, Date32Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::datasource::MemTable;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryPool, MemoryReservation};
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;
use domain::field::{self, FieldDef, FieldType};
use domain::id::Kind;
use domain::{Currency, RecordId, Scope};

use crate::chain::{Moment, Sight};
use crate::labels::{Dimension, Members};

/// The tables with the kinds of their rows.
const TABLES: [(&str, Kind); 9] = [
    ("customers", Kind::Account),
    ("leads", Kind::Lead),
    ("contracts", Kind::Contract),
    ("orders", Kind::Order),
    ("order_lines", Kind::OrderLine),
    ("invoices", Kind::Invoice),
    ("payments", Kind::Payment),
    ("service_requests", Kind::ServiceRequest),
    ("expenses", Kind::Expense),
];

/// Whether a query could read one of the tables: a table's name stands in every query that does.
#[must_use]
pub fn reads_chain(sql: &str) -> bool {
    let sql = sql.to_lowercase();
    TABLES.iter().any(|(name, _)| sql.contains(name))
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// The record.
    Id,
    /// The first day that is told of it.
    Since,
    /// A field as it is kept.
    Plain(&'static FieldDef),
    /// The name of a member of a dimension.
    Name(&'static FieldDef, Dimension),
    /// The record that a field refers to.
    Ref(&'static FieldDef),
}

impl Holds {
    fn data_type(self) -> DataType {
        match self {
            Self::Id | Self::Ref(_) => DataType::Int64,
            Self::Since => DataType::Date32,
            Self::Name(..) => DataType::Utf8,
            Self::Plain(def) => match def.ty {
                FieldType::Text | FieldType::Currency => DataType::Utf8,
                FieldType::Bool => DataType::Boolean,
                FieldType::Day => DataType::Date32,
                _ => DataType::Int64,
            },
        }
    }
}

/// The columns of a table.
fn columns(kind: Kind) -> Vec<(String, Holds)> {
    let own = if kind == Kind::Account { "customer_id".to_owned() } else { format!("{}_id", kind.as_str()) };
    let mut columns = vec![(own, Holds::Id)];
    for def in field::of(kind).filter(|def| !matches!(def.ty, FieldType::Personal | FieldType::Json)) {
        match def.ty {
            FieldType::Ref(to) => {
                if let Some(dimension) = Dimension::of(to) {
                    columns.push((def.name.to_owned(), Holds::Name(def, dimension)));
                }
                columns.push((format!("{}_id", def.name), Holds::Ref(def)));
            }
            _ => columns.push((def.name.to_owned(), Holds::Plain(def))),
        }
    }
    columns.push(("since_on".to_owned(), Holds::Since));
    columns
}

fn about(kind: Kind, holds: Holds) -> &'static str {
    match holds {
        Holds::Id => "id of the record",
        Holds::Since => "first business day that is told of it",
        Holds::Ref(_) => "the record it refers to",
        Holds::Name(..) => "name of what it refers to",
        Holds::Plain(def) => match def.ty {
            FieldType::AmountMinor => "minor units of `currency`; null where unknown",
            FieldType::Currency => "ISO 4217",
            FieldType::Day => "business day",
            FieldType::Text if def.name == "status" && kind == Kind::Lead => "the source's own word",
            FieldType::Text => "text",
            _ => "value of the field",
        },
    }
}

/// The chain as one scope sees it, for the tables of one query.
#[derive(Debug, Clone)]
pub(crate) struct ChainSource {
    pub(crate) moment: Moment,
    pub(crate) keepers: Option<Arc<HashSet<RecordId>>>,
}

/// One table.
#[derive(Debug)]
pub(super) struct ChainTable {
    pub(super) name: &'static str,
    kind: Kind,
    columns: Vec<(String, Holds)>,
    schema: SchemaRef,
    scope: Scope,
    source: Option<ChainSource>,
    /// Its rows once they were read, with the memory they take of the query's.
    rows: OnceLock<(RecordBatch, MemoryReservation)>,
}

/// Every table of the chain.
pub(super) fn all(scope: &Scope, source: Option<&ChainSource>) -> Vec<ChainTable> {
    let table = |(name, kind): (&'static str, Kind)| {
        let columns = columns(kind);
        let field = |(name, holds): &(String, Holds)| Field::new(name, holds.data_type(), *holds != Holds::Id);
        let schema = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
        ChainTable { name, kind, columns, schema, scope: scope.clone(), source: source.cloned(), rows: OnceLock::new() }
    };
    TABLES.into_iter().map(table).collect()
}

/// What the tables hold, for the table of columns: table, column, type, a line about it.
pub(super) fn described() -> &'static [(&'static str, ChainColumn)] {
    static ALL: LazyLock<Vec<(&'static str, ChainColumn)>> = LazyLock::new(|| {
        let each = |(name, kind): (&'static str, Kind)| {
            columns(kind).into_iter().map(move |(column, holds)| {
                (name, ChainColumn { column, ty: holds.data_type(), about: about(kind, holds) })
            })
        };
        TABLES.into_iter().flat_map(each).collect()
    });
    &ALL
}

/// A column in words.
#[derive(Debug)]
pub(super) struct ChainColumn {
    pub(super) column: String,
    pub(super) ty: DataType,
    pub(super) about: &'static str,
}

impl ChainTable {
    fn batch(&self, pool: &Arc<dyn MemoryPool>) -> Result<RecordBatch> {
        if let Some((rows, _)) = self.rows.get() {
            return Ok(rows.clone());
        }
        let Some(source) = &self.source else {
            let message = format!("the table `{}` was not read for this query", self.name);
            return Err(DataFusionError::Execution(message));
        };
        let batch = self.read(source)?;
        let held = MemoryConsumer::new(self.name).register(pool);
        held.try_grow(batch.get_array_memory_size())?;
        Ok(self.rows.get_or_init(|| (batch, held)).0.clone())
    }

    fn read(&self, source: &ChainSource) -> Result<RecordBatch, ArrowError> {
        let sight = Sight::new(&source.moment, &self.scope, source.keepers.as_deref(), None);
        let records = source.moment.chain.of(self.kind);
        let mut names = Names::default();
        let mut out: Vec<Vec<Cell>> = self.columns.iter().map(|_| Vec::new()).collect();
        for (page, at) in records.iter() {
            let Some(row) = page.row_now(at).filter(|row| sight.sees(self.kind, page, at, *row)) else { continue };
            // What names a merged record leads to its survivor, and what would refer to itself refers to nothing.
            let refers = |def: &FieldDef| {
                let led = sight.survivor(page.int(records.place(def.id), row)?);
                (led != page.ids[at]).then_some(led)
            };
            for ((_, holds), out) in self.columns.iter().zip(&mut out) {
                out.push(match *holds {
                    Holds::Id => Cell::Int(Some(page.ids[at])),
                    Holds::Since => Cell::Int(page.first_day(at).map(|day| i64::from(day.0))),
                    Holds::Ref(def) => Cell::Int(refers(def)),
                    Holds::Name(def, dimension) => {
                        let id = refers(def);
                        Cell::Text(
                            id.map(|id| names.of(source.moment.snapshot.labels.members(dimension), dimension, id)),
                        )
                    }
                    Holds::Plain(def) => {
                        let place = records.place(def.id);
                        match def.ty {
                            FieldType::Text => Cell::Text(page.text(place, row).map(Arc::from)),
                            FieldType::Bool => Cell::Bool(page.flag(place, row)),
                            FieldType::Currency => Cell::Text(page.int(place, row).and_then(currency)),
                            _ => Cell::Int(page.int(place, row)),
                        }
                    }
                });
            }
        }
        let arrays = self.columns.iter().zip(out).map(|((_, holds), cells)| array(&holds.data_type(), cells));
        RecordBatch::try_new(Arc::clone(&self.schema), arrays.collect())
    }
}

fn currency(code: i64) -> Option<Arc<str>> {
    u16::try_from(code).ok().and_then(Currency::from_code).map(|currency| currency.to_string().into())
}

/// Names of members by record, found once.
#[derive(Default)]
struct Names(BTreeMap<Dimension, BTreeMap<RecordId, Arc<str>>>);

impl Names {
    fn of(&mut self, members: &Members, dimension: Dimension, id: RecordId) -> Arc<str> {
        let known = self.0.entry(dimension).or_insert_with(|| {
            let named = members.iter().filter_map(|(code, member)| Some((member.id, members.label(code)?.into())));
            named.collect()
        });
        known.get(&id).map_or_else(|| format!("#{id}").into(), Arc::clone)
    }
}

enum Cell {
    Int(Option<i64>),
    Text(Option<Arc<str>>),
    Bool(Option<bool>),
}

fn array(ty: &DataType, cells: Vec<Cell>) -> ArrayRef {
    let ints = |cells: Vec<Cell>| -> Int64Array {
        let int = |cell| if let Cell::Int(int) = cell { int } else { None };
        cells.into_iter().map(int).collect()
    };
    match ty {
        DataType::Utf8 => {
            let text = |cell: &Cell| if let Cell::Text(text) = cell { text.clone() } else { None };
            Arc::new(cells.iter().map(text).collect::<StringArray>())
        }
        DataType::Boolean => {
            let flag = |cell| if let Cell::Bool(flag) = cell { flag } else { None };
            Arc::new(cells.into_iter().map(flag).collect::<BooleanArray>())
        }
        DataType::Date32 => {
            let day = |day: Option<i64>| day.and_then(|day| i32::try_from(day).ok());
            Arc::new(ints(cells).iter().map(day).collect::<Date32Array>())
        }
        _ => Arc::new(ints(cells)),
    }
}

#[async_trait]
impl TableProvider for ChainTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let table = MemTable::try_new(self.schema(), vec![vec![self.batch(&state.runtime_env().memory_pool)?]])?;
        table.scan(state, projection, filters, limit).await
    }
}
