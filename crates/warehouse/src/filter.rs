//! Filters: a boolean expression in SQL over a deal's columns, split by what can change.
//!
//! The expression is parsed and typed by the SQL engine and cut into conjuncts. A conjunct over one key is
//! decided once for each of its words and looked up by code; any other runs on a partition's columns, one
//! row a journey where it reads nothing that changes, else one row an entry. Unknown columns and values are
//! refused by name. What is outside of the scope is never evaluated: an expression that fails on it would tell
//! of it. Must not know questions, nor who asks: it is told which words and journeys are inside.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, DictionaryArray, Float64Array, Int64Array, RecordBatch,
    StringArray, UInt32Array,
};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, Schema, UInt32Type};
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, DataFusionError, ScalarValue, SchemaError};
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{ColumnarValue, Expr, ExprSchemable, Operator, Volatility};
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::physical_plan::PhysicalExpr;
use datafusion::sql::sqlparser::parser::ParserError;
use engine::{MAX_OPERATORS, operators_of, without_amplifiers};
use journey::{NO_AMOUNT, NO_DAY, NO_PROBABILITY, NONE};

use crate::keys::{self, CodeBook, Key, Units};
use crate::labels::{KeptField, Labels};
use crate::question::{AskError, FilterFault, similar};
use crate::snapshot::{Partition, Snapshot};

/// A filter of reasonable length: what people write, and what pages build.
const MAX_LENGTH: usize = 20_000;
/// Words listed in an error.
const LISTED: usize = 20;

static ENGINE: LazyLock<SessionState> = LazyLock::new(|| {
    let mut state = SessionStateBuilder::new().with_default_features().build();
    without_amplifiers(&mut state).expect("functions of a new session can be taken out");
    state
});

/// A column of filters.
#[derive(Debug, Clone, PartialEq)]
enum Source {
    Key(Key),
    Deal,
    ExternalId,
    CreatedOn,
    Kept(KeptField),
    AmountMinor,
    Amount,
    ExpectedCloseOn,
    Probability,
}

impl Source {
    const fn changes(&self) -> bool {
        match self {
            Self::Key(key) => key.changes(),
            Self::Deal | Self::ExternalId | Self::CreatedOn | Self::Kept(_) => false,
            Self::AmountMinor | Self::Amount | Self::ExpectedCloseOn | Self::Probability => true,
        }
    }

    fn data_type(&self) -> DataType {
        match self {
            Self::Key(_) | Self::ExternalId => DataType::Utf8,
            Self::Deal | Self::AmountMinor => DataType::Int64,
            Self::CreatedOn | Self::ExpectedCloseOn => DataType::Date32,
            Self::Kept(field) => field.data_type(),
            Self::Amount | Self::Probability => DataType::Float64,
        }
    }
}

/// The columns of filters, by name.
fn columns(snapshot: &Snapshot) -> Vec<(String, Source)> {
    let keys = keys::all(&snapshot.labels).map(|(name, key)| (name, Source::Key(key)));
    let plain = [
        ("deal", Source::Deal),
        ("external_id", Source::ExternalId),
        ("created_on", Source::CreatedOn),
        ("amount", Source::Amount),
        ("amount_minor", Source::AmountMinor),
        ("expected_close_on", Source::ExpectedCloseOn),
        ("probability", Source::Probability),
    ];
    let mut columns: Vec<_> = keys.chain(plain).map(|(name, source)| (name.to_owned(), source)).collect();
    for field in snapshot.labels.fields() {
        if columns.iter().all(|(name, _)| *name != field.name) {
            columns.push((field.name.clone(), Source::Kept(field.clone())));
        }
    }
    columns
}

/// How a conjunct is decided.
#[derive(Debug)]
enum Decision {
    /// Flags by code of one key.
    ByCode(Key, Vec<bool>),
    /// An expression over these columns of a partition.
    ByRow(Arc<dyn PhysicalExpr>, Vec<Read>, Arc<Schema>),
}

/// A column that an expression reads.
#[derive(Debug)]
struct Read {
    source: Source,
    /// The words of a key that may be seen, by code.
    words: Option<Arc<StringArray>>,
}

impl Decision {
    /// Whether rows of entries have to be given what never changes about their deal.
    fn reads_fixed(&self) -> bool {
        matches!(self, Self::ByRow(_, read, _) if read.iter().any(|read| !read.source.changes()))
    }
}

/// A filter ready to be applied to partitions of one snapshot.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    fixed: Vec<Decision>,
    changing: Vec<Decision>,
}

/// Which words of a key occur in what somebody may see: flags by code. `None`: all.
pub(crate) type Visible<'a> = &'a dyn Fn(Key) -> Option<Vec<bool>>;

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// What it says is no boolean expression over known columns and values, or reads more than a deal.
    pub(crate) fn parse(
        text: &str,
        snapshot: &Snapshot,
        book: &CodeBook,
        visible: Visible<'_>,
    ) -> Result<Self, AskError> {
        let wrong = |fault: FilterFault| AskError::Filter { filter: shortened(text), fault };
        if text.len() > MAX_LENGTH {
            return Err(wrong(FilterFault::TooLong { limit: MAX_LENGTH }));
        }
        if operators_of(text) > MAX_OPERATORS {
            return Err(wrong(FilterFault::TooDeep { limit: MAX_OPERATORS }));
        }
        let columns = columns(snapshot);
        let fields: Vec<Field> =
            columns.iter().map(|(name, source)| Field::new(name, source.data_type(), true)).collect();
        let schema = DFSchema::try_from(Schema::new(fields))?;
        let expr = ENGINE.create_logical_expr(text, &schema).map_err(|error| read_error(&error, &columns, &wrong))?;
        refuse_foreign(&expr).map_err(wrong)?;
        let ty = expr.get_type(&schema).map_err(|error| wrong(engine(&error)))?;
        if !matches!(ty, DataType::Boolean | DataType::Null) {
            return Err(wrong(FilterFault::NoCondition));
        }
        let mut filter = Self::default();
        for conjunct in split_conjunction(&expr) {
            check_values(conjunct, snapshot, book, visible)?;
            let words = |key: Key| words(key, snapshot, book, visible);
            let decision = decide(conjunct, &columns, &words).map_err(|error| match error {
                AskError::Engine(error) => wrong(engine(&error)),
                AskError::Evaluation(said) => wrong(FilterFault::Engine { said }),
                error => error,
            })?;
            match decision {
                (true, decision) => filter.changing.push(decision),
                (false, decision) => filter.fixed.push(decision),
            }
        }
        Ok(filter)
    }

    /// Lets through the flagged codes of a key.
    pub(crate) fn only(key: Key, flags: Vec<bool>) -> Self {
        let mut filter = Self::default();
        let side = if key.changes() { &mut filter.changing } else { &mut filter.fixed };
        side.push(Decision::ByCode(key, flags));
        filter
    }

    /// Leaves out what another filter leaves out too.
    pub(crate) fn also(&mut self, other: Self) {
        self.fixed.extend(other.fixed);
        self.changing.extend(other.changing);
    }

    /// Takes out the journeys that the conjuncts on what never changes leave out.
    pub(crate) fn members(
        &self,
        partition: &Partition,
        (labels, book): (&Labels, &CodeBook),
        in_scope: Option<&[bool]>,
        member: &mut Option<Vec<bool>>,
    ) -> Result<(), AskError> {
        let in_scope = in_scope.map(|flags| BooleanArray::from(flags.to_vec()));
        for decision in &self.fixed {
            apply(decision, partition, (labels, book), Rows { deal: None, in_scope: in_scope.as_ref() }, member)?;
        }
        Ok(())
    }

    /// Takes out the entries that the conjuncts on what changes leave out.
    pub(crate) fn entry_members(
        &self,
        partition: &Partition,
        (labels, book): (&Labels, &CodeBook),
        in_scope: Option<&[bool]>,
        member: &mut Option<Vec<bool>>,
    ) -> Result<(), AskError> {
        if self.changing.is_empty() {
            return Ok(());
        }
        let needs_deals = in_scope.is_some() || self.changing.iter().any(Decision::reads_fixed);
        let lengths = partition.journeys.offsets.lengths().enumerate().filter(|_| needs_deals);
        let deal: UInt32Array = lengths
            .flat_map(|(row, length)| std::iter::repeat_n(u32::try_from(row).unwrap_or(u32::MAX), length))
            .collect::<Vec<u32>>()
            .into();
        let of_entries = |flags: &[bool]| deal.values().iter().map(|deal| flags[*deal as usize]).collect::<Vec<_>>();
        let in_scope = in_scope.map(|flags| BooleanArray::from(of_entries(flags)));
        for decision in &self.changing {
            apply(
                decision,
                partition,
                (labels, book),
                Rows { deal: Some(&deal), in_scope: in_scope.as_ref() },
                member,
            )?;
        }
        Ok(())
    }
}

/// The words of a key, those outside of what may be seen left out.
fn words(key: Key, snapshot: &Snapshot, book: &CodeBook, visible: Visible<'_>) -> Arc<StringArray> {
    let words = key.words(snapshot, book);
    let flags = if key.tells_of_deals() { visible(key) } else { None };
    flags.map_or(Arc::clone(&words), |flags| {
        let seen = |(code, word)| flags.get(code).copied().unwrap_or(false).then_some(word).flatten();
        Arc::new(words.iter().enumerate().map(seen).collect())
    })
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= 200 { text.to_owned() } else { text.chars().take(200).chain(['…']).collect() }
}

fn engine(error: &DataFusionError) -> FilterFault {
    FilterFault::Engine { said: error.strip_backtrace() }
}

fn read_error(
    error: &DataFusionError,
    columns: &[(String, Source)],
    wrong: &dyn Fn(FilterFault) -> AskError,
) -> AskError {
    match error.find_root() {
        DataFusionError::SchemaError(schema, _) => {
            if let SchemaError::FieldNotFound { field, .. } = &**schema {
                let known: Vec<String> = columns.iter().map(|(name, _)| name.clone()).collect();
                let near = similar(&field.name, known.iter().map(String::as_str));
                return AskError::UnknownColumn { name: field.name.clone(), near, known };
            }
            wrong(FilterFault::Engine { said: schema.to_string() })
        }
        DataFusionError::SQL(parser, _) => {
            let (ParserError::ParserError(said) | ParserError::TokenizerError(said)) = &**parser else {
                return wrong(FilterFault::Engine { said: parser.to_string() });
            };
            wrong(FilterFault::NoSql { said: said.clone() })
        }
        root => wrong(engine(root)),
    }
}

/// Only what reads one deal and gives the same answer every time.
fn refuse_foreign(expr: &Expr) -> Result<(), FilterFault> {
    let mut refused = None;
    let walked = expr.apply(|node| {
        refused = match node {
            Expr::AggregateFunction(_) | Expr::WindowFunction(_) => Some(FilterFault::Counts),
            Expr::ScalarSubquery(_) | Expr::InSubquery(_) | Expr::Exists(_) | Expr::SetComparison(_) => {
                Some(FilterFault::Query)
            }
            Expr::Placeholder(_) => Some(FilterFault::Parameter),
            Expr::ScalarFunction(call) if call.func.signature().volatility != Volatility::Immutable => {
                Some(FilterFault::Volatile { function: call.func.name().to_owned() })
            }
            _ => None,
        };
        Ok(if refused.is_some() { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    });
    match (refused, walked) {
        (Some(fault), _) => Err(fault),
        (None, Err(error)) => Err(engine(&error)),
        (None, Ok(_)) => Ok(()),
    }
}

/// The key and the texts of a comparison of a key with texts.
fn compared<'e>(expr: &'e Expr, labels: &Labels) -> Option<(Key, Vec<&'e str>)> {
    let key = |expr: &Expr| match expr {
        Expr::Column(column) => Key::parse(&column.name, labels),
        _ => None,
    };
    match expr {
        Expr::BinaryExpr(binary) if matches!(binary.op, Operator::Eq | Operator::NotEq) => {
            let (left, right) = (&*binary.left, &*binary.right);
            let (key, value) = key(left).map(|key| (key, right)).or_else(|| key(right).map(|key| (key, left)))?;
            Some((key, text(value).into_iter().collect()))
        }
        Expr::InList(list) => Some((key(&list.expr)?, list.list.iter().filter_map(text).collect())),
        _ => None,
    }
}

fn text(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Literal(
            ScalarValue::Utf8(Some(text)) | ScalarValue::LargeUtf8(Some(text)) | ScalarValue::Utf8View(Some(text)),
            _,
        ) => Some(text),
        _ => None,
    }
}

/// Refuses comparisons of a key with a word that it does not have, as far as the asker may know.
fn check_values(expr: &Expr, snapshot: &Snapshot, book: &CodeBook, visible: Visible<'_>) -> Result<(), AskError> {
    let mut found: Vec<(Key, String)> = Vec::new();
    expr.apply(|node| {
        if let Some((key, values)) = compared(node, &snapshot.labels) {
            found.extend(values.into_iter().map(|value| (key, value.to_owned())));
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    for (key, value) in found {
        if !key.is_closed() {
            continue;
        }
        let words = words(key, snapshot, book, visible);
        let known: BTreeSet<&str> = words.iter().flatten().collect();
        if !known.contains(value.as_str()) {
            let named = keys::all(&snapshot.labels).find(|(_, known)| *known == key);
            let column = named.map_or("", |(name, _)| name).to_owned();
            let near = similar(&value, known.iter().copied());
            let more = known.len().saturating_sub(LISTED);
            let known = known.into_iter().take(LISTED).map(str::to_owned).collect();
            return Err(AskError::UnknownValue { column, value, near, known, more });
        }
    }
    Ok(())
}

/// Plans a conjunct; the flag says whether it reads what changes. `words` gives those of a key that may be seen.
fn decide(
    expr: &Expr,
    columns: &[(String, Source)],
    words: &dyn Fn(Key) -> Arc<StringArray>,
) -> Result<(bool, Decision), AskError> {
    let used = expr.column_refs();
    let read: Vec<(String, Source)> =
        columns.iter().filter(|(name, _)| used.iter().any(|column| column.name == *name)).cloned().collect();
    let changes = read.iter().any(|(_, source)| source.changes());
    let plan = |fields: Vec<Field>| -> Result<(Arc<dyn PhysicalExpr>, Arc<Schema>), AskError> {
        let schema = Arc::new(Schema::new(fields));
        let typed = Arc::new(DFSchema::try_from(Arc::clone(&schema))?);
        // Some functions, such as coalesce, exist only until they are simplified.
        let simplifier = ExprSimplifier::new(SimplifyContext::builder().with_schema(Arc::clone(&typed)).build());
        let simple = simplifier.simplify(simplifier.coerce(expr.clone(), &typed)?)?;
        Ok((ENGINE.create_physical_expr(simple, &typed)?, schema))
    };
    if let [(name, Source::Key(key))] = read.as_slice() {
        let (planned, schema) = plan(vec![Field::new(name, DataType::Utf8, true)])?;
        let batch = RecordBatch::try_new(schema, vec![words(*key)]).map_err(DataFusionError::from)?;
        return Ok((changes, Decision::ByCode(*key, flags(&planned, &batch)?)));
    }
    let fields = read.iter().map(|(name, source)| {
        let ty = match source {
            Source::Key(_) => DataType::Dictionary(Box::new(DataType::UInt32), Box::new(DataType::Utf8)),
            source => source.data_type(),
        };
        Field::new(name, ty, true)
    });
    let (planned, schema) = plan(fields.collect())?;
    // A literal that does not fit its column is told before any deal is read.
    flags(&planned, &RecordBatch::new_empty(Arc::clone(&schema)))?;
    let read = read.into_iter().map(|(_, source)| {
        let words = if let Source::Key(key) = &source { Some(words(*key)) } else { None };
        Read { source, words }
    });
    Ok((changes, Decision::ByRow(planned, read.collect(), schema)))
}

/// True where the expression is true; unknown counts as false.
fn flags(expr: &Arc<dyn PhysicalExpr>, batch: &RecordBatch) -> Result<Vec<bool>, AskError> {
    let rows = batch.num_rows();
    match expr.evaluate(batch)? {
        ColumnarValue::Scalar(ScalarValue::Boolean(Some(true))) => Ok(vec![true; rows]),
        ColumnarValue::Scalar(_) => Ok(vec![false; rows]),
        ColumnarValue::Array(array) => {
            let Some(array) = array.as_boolean_opt() else { return Ok(vec![false; rows]) };
            let nulls = array.nulls().filter(|nulls| nulls.null_count() > 0);
            let passed = nulls.map_or_else(|| array.values().clone(), |nulls| array.values() & nulls.inner());
            Ok(passed.iter().collect())
        }
    }
}

/// The rows that a decision is asked about: one a journey, or one an entry.
#[derive(Clone, Copy)]
struct Rows<'a> {
    /// The journey of each entry (left empty where nobody asks); absent for rows of journeys.
    deal: Option<&'a UInt32Array>,
    /// Whether each row may be looked at; absent: all may.
    in_scope: Option<&'a BooleanArray>,
}

fn apply(
    decision: &Decision,
    partition: &Partition,
    (labels, book): (&Labels, &CodeBook),
    rows: Rows<'_>,
    member: &mut Option<Vec<bool>>,
) -> Result<(), AskError> {
    let passed: Vec<bool> = match decision {
        Decision::ByCode(key, flags) => {
            let codes = key.codes(partition, labels, book);
            codes.iter().map(|code| flags.get(*code as usize).copied().unwrap_or(false)).collect()
        }
        Decision::ByRow(expr, columns, schema) => {
            let all = if rows.deal.is_some() { partition.journeys.entries.day.len() } else { partition.len() };
            let length = rows.in_scope.map_or(all, BooleanArray::true_count);
            let arrays = columns
                .iter()
                .map(|read| {
                    let array = array(read, partition, (labels, book), rows.deal)?;
                    let seen = rows.in_scope.map(|in_scope| arrow::compute::filter(&array, in_scope));
                    seen.unwrap_or(Ok(array)).map_err(DataFusionError::from)
                })
                .collect::<Result<Vec<_>, _>>()?;
            let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(length));
            let batch = RecordBatch::try_new_with_options(Arc::clone(schema), arrays, &options)
                .map_err(DataFusionError::from)?;
            let passed = flags(expr, &batch)?;
            match rows.in_scope {
                None => passed,
                Some(in_scope) => {
                    let mut passed = passed.into_iter();
                    in_scope.values().iter().map(|seen| seen && passed.next() == Some(true)).collect()
                }
            }
        }
    };
    match member {
        Some(member) => member.iter_mut().zip(passed).for_each(|(flag, passed)| *flag &= passed),
        None => *member = Some(passed),
    }
    Ok(())
}

/// Which values are there.
#[allow(clippy::unnecessary_wraps, reason = "arrays take an option")]
fn known(len: usize, is_known: impl FnMut(usize) -> bool) -> Option<NullBuffer> {
    Some(NullBuffer::new(BooleanBuffer::collect_bool(len, is_known)))
}

/// The column of a partition: one row a journey, or one an entry where `entries` gives each entry's journey.
fn array(
    read: &Read,
    partition: &Partition,
    (labels, book): (&Labels, &CodeBook),
    entries: Option<&UInt32Array>,
) -> Result<ArrayRef, DataFusionError> {
    let e = &partition.journeys.entries;
    let array: ArrayRef = match &read.source {
        Source::Key(key) => {
            let codes = key.codes(partition, labels, book);
            let known = known(codes.len(), |at| codes[at] != NONE);
            let keys = UInt32Array::new(codes, known);
            let words = read.words.clone().unwrap_or_else(|| Arc::new(StringArray::new_null(0)));
            Arc::new(DictionaryArray::<UInt32Type>::try_new(keys, words)?)
        }
        Source::Deal => Arc::new(Int64Array::new(partition.journeys.deal.clone(), None)),
        Source::ExternalId => Arc::new(partition.attributes.external_id.clone()),
        Source::CreatedOn => Arc::new(partition.created_on()),
        Source::Kept(field) => partition.attributes.column(field),
        Source::AmountMinor => {
            let known = known(e.amount_minor.len(), |at| e.amount_minor[at] != NO_AMOUNT);
            Arc::new(Int64Array::new(e.amount_minor.clone(), known))
        }
        Source::Amount => {
            let mut unit = Units::default();
            #[allow(clippy::cast_precision_loss, reason = "the nearest double is what a literal is read as too")]
            let major = |(minor, currency): (&i64, &u16)| *minor as f64 / unit.of(*currency) as f64;
            let amounts = e.amount_minor.iter().zip(e.currency.iter()).map(major).collect();
            let known = known(e.amount_minor.len(), |at| e.amount_minor[at] != NO_AMOUNT);
            Arc::new(Float64Array::new(amounts, known))
        }
        Source::ExpectedCloseOn => {
            let known = known(e.expected_close.len(), |at| e.expected_close[at] != NO_DAY);
            Arc::new(Date32Array::new(e.expected_close.clone(), known))
        }
        Source::Probability => {
            let shares = e.probability_ppm.iter().map(|ppm| f64::from(*ppm) / 1e6).collect();
            let known = known(e.probability_ppm.len(), |at| e.probability_ppm[at] != NO_PROBABILITY);
            Arc::new(Float64Array::new(shares, known))
        }
    };
    match entries {
        Some(rows) if !read.source.changes() => Ok(take(&array, rows, None)?),
        _ => Ok(array),
    }
}
