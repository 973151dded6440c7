//! Expressions that people write, worked out so that a row for which that cannot be done is that row's alone: it is told
//! with its number and the reason, and the others go on.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchOptions, new_null_array};
use arrow::datatypes::{DataType, SchemaRef, UInt64Type};
use arrow::error::ArrowError;
use arrow::util::display::array_value_to_string;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, DFSchema};
use datafusion::dataframe::DataFrame;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::physical_expr::PhysicalExpr;
use domain::words::Text2;

use crate::input::ROW;
use crate::numbers::Book;
use crate::plan::{Planned, told};
use crate::room::{Share, StepRoom, bytes_of};

/// What expressions of a step go by.
#[derive(Debug)]
pub(crate) struct ByRow<'a> {
    pub(crate) frame: &'a DataFrame,
    pub(crate) has_row: bool,
    pub(crate) room: &'a StepRoom,
    pub(crate) book: &'a Book,
}

impl ByRow<'_> {
    /// A condition. A row for which it cannot be worked out stays out.
    pub(crate) fn condition(&self, expr: Expr) -> Planned<Expr> {
        let expr = self.room.measured(expr).map_err(told)?;
        if expr.column_refs().is_empty() { Ok(expr) } else { self.call(expr, "") }
    }

    /// What becomes a column. It is empty where it cannot be worked out.
    pub(crate) fn column(&self, expr: Expr, name: &str) -> Planned<Expr> {
        let is_over_rows = |part: &Expr| Ok(matches!(part, Expr::WindowFunction(_)));
        // What is the same for every row, or goes over many, fits or does not.
        if expr.column_refs().is_empty() || expr.exists(is_over_rows).map_err(told)? {
            return self.room.measured_column(expr).map_err(told);
        }
        let expr = self.room.measured(expr).map_err(told)?;
        if matches!(expr, Expr::Column(_)) { Ok(expr) } else { self.call(expr, name) }
    }

    /// What is taken of several rows: those for which what it is taken of cannot be worked out count as empty.
    pub(crate) fn taken(&self, expr: Expr, name: &str) -> Planned<Expr> {
        let expr = self.room.measured(expr).map_err(told)?;
        let mut refused = None;
        let taken = expr.transform_down(|expr| {
            let Expr::AggregateFunction(mut call) = expr else { return Ok(Transformed::no(expr)) };
            for arg in &mut call.params.args {
                if matches!(arg, Expr::Column(_)) || arg.column_refs().is_empty() {
                    continue;
                }
                match self.call(arg.clone(), name) {
                    Ok(by_row) => *arg = by_row,
                    Err(message) => refused = Some(message),
                }
            }
            Ok(Transformed::new(
                Expr::AggregateFunction(call),
                true,
                datafusion::common::tree_node::TreeNodeRecursion::Jump,
            ))
        });
        refused.map_or_else(|| taken.map(|taken| taken.data).map_err(told), Err)
    }

    fn call(&self, expr: Expr, column: &str) -> Planned<Expr> {
        let (state, plan) = self.frame.clone().into_parts();
        let all = plan.schema();
        let named = |column: &Column| Column::from_name(&column.name);
        let used = all
            .columns()
            .into_iter()
            .filter(|column| expr.column_refs().into_iter().any(|used| used.name == column.name));
        let used: Vec<Column> = used.map(|column| named(&column)).collect();
        let fields = used.iter().map(|column| all.field_with_unqualified_name(&column.name).cloned());
        let fields = fields.collect::<Result<Vec<_>>>().map_err(told)?;
        let schema =
            DFSchema::from_unqualified_fields(fields.into(), std::collections::HashMap::new()).map_err(told)?;
        let plain = expr.transform_up(|part| {
            Ok(match part {
                Expr::Column(column) => Transformed::yes(Expr::Column(named(&column))),
                other => Transformed::no(other),
            })
        });
        let expr = state.create_physical_expr(plain.map_err(told)?.data, &schema).map_err(told)?;
        let schema = Arc::new(schema.as_arrow().clone());
        let data_type = expr.data_type(&schema).map_err(told)?;
        let row = self.has_row.then(|| Expr::Column(Column::from_name(ROW)));
        let args = used.into_iter().map(Expr::Column).chain(row).collect();
        let function = Function {
            expr,
            schema,
            data_type,
            column: column.to_owned(),
            step: self.room.step(),
            book: self.book.clone(),
            share: self.room.share(),
            // A row is told once: the engine must not fold or repeat it.
            signature: Signature::variadic_any(Volatility::Volatile),
        };
        Ok(ScalarUDF::new_from_impl(function).call(args))
    }
}

/// An expression over the columns that it names, called with those and the number of the row.
#[derive(Debug)]
struct Function {
    expr: Arc<dyn PhysicalExpr>,
    schema: SchemaRef,
    data_type: DataType,
    /// The column that it makes; none where the row stays out.
    column: String,
    step: usize,
    book: Book,
    share: Share,
    signature: Signature,
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.share == other.share
    }
}

impl Eq for Function {}

impl Hash for Function {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.share.hash(state);
    }
}

impl ScalarUDFImpl for Function {
    fn name(&self) -> &'static str {
        "by_row"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.data_type.clone())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let count = args.number_rows;
        let arrays = args.args.iter().map(|arg| arg.to_array(count)).collect::<Result<Vec<_>>>()?;
        let (columns, row) = arrays.split_at(self.schema.fields().len());
        let options = RecordBatchOptions::new().with_row_count(Some(count));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns.to_vec(), &options)?;
        match self.value(&batch) {
            Err(error) if count > 0 && is_of_a_row(&error) => {}
            value => return value,
        }
        let mut halves = Halves { rows: row.first(), parts: Vec::new(), bytes: 0, failed: 0, other: None };
        self.in_halves(&batch, 0, &mut halves)?;
        // What no row allows, and is not told of a value, is wrong with the expression.
        if let Some(error) = halves.other.take().filter(|_| halves.failed == count as u64) {
            return Err(error);
        }
        self.book.count(self.step, &self.column, halves.failed);
        let parts: Vec<&dyn Array> = halves.parts.iter().map(AsRef::as_ref).collect();
        let whole = ColumnarValue::Array(arrow::compute::concat(&parts)?);
        self.share.measure(&whole, count, 0)?;
        Ok(whole)
    }
}

/// What was made of the rows so far.
struct Halves<'a> {
    rows: Option<&'a ArrayRef>,
    parts: Vec<ArrayRef>,
    bytes: usize,
    failed: u64,
    /// A failure that may be that of the expression itself.
    other: Option<DataFusionError>,
}

impl Function {
    fn value(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        let value = self.expr.evaluate(batch)?;
        self.share.measure(&value, batch.num_rows(), 0)?;
        Ok(value)
    }

    /// The values of rows some of which cannot be worked out: of the two halves, until one row is left.
    fn in_halves(&self, batch: &RecordBatch, before: usize, halves: &mut Halves<'_>) -> Result<()> {
        let count = batch.num_rows();
        match self.value(batch) {
            Ok(value) => {
                let part = value.to_array(count)?;
                halves.bytes = halves.bytes.saturating_add(bytes_of(&part));
                if halves.bytes > self.share.left() {
                    return Err(self.share.too_much());
                }
                halves.parts.push(part);
            }
            Err(error) if !is_of_a_row(&error) => return Err(error),
            Err(error) if count == 1 => {
                halves.failed += 1;
                halves.parts.push(new_null_array(&self.data_type, 1));
                let row = halves.rows.and_then(|rows| rows.as_primitive_opt::<UInt64Type>());
                let row = row.map(|rows| rows.value(before));
                self.book.note(self.step, row, &self.column, || (self.told(batch), why(&error)));
                if !is_of_a_value(&error) {
                    halves.other.get_or_insert(error);
                }
            }
            Err(_) => {
                let half = count / 2;
                self.in_halves(&batch.slice(0, half), before, halves)?;
                self.in_halves(&batch.slice(half, count - half), before + half, halves)?;
            }
        }
        Ok(())
    }

    /// The values of a row that the expression goes by.
    fn told(&self, row: &RecordBatch) -> String {
        let of_column = |(field, column): (&arrow::datatypes::FieldRef, &ArrayRef)| {
            let value = array_value_to_string(column, 0).unwrap_or_default();
            if row.num_columns() == 1 { value } else { format!("{} = {value}", field.name()) }
        };
        let all: Vec<String> = self.schema.fields().iter().zip(row.columns()).map(of_column).collect();
        all.join(", ")
    }
}

/// Whether an error may be that of a row, and not of what may be used.
fn is_of_a_row(error: &DataFusionError) -> bool {
    matches!(error.find_root(), DataFusionError::ArrowError(..) | DataFusionError::Execution(_))
}

/// Whether an error is plainly that of a value.
fn is_of_a_value(error: &DataFusionError) -> bool {
    let DataFusionError::ArrowError(error, _) = error.find_root() else { return false };
    matches!(
        **error,
        ArrowError::DivideByZero
            | ArrowError::ArithmeticOverflow(_)
            | ArrowError::CastError(_)
            | ArrowError::ParseError(_)
    )
}

fn why(error: &DataFusionError) -> Text2 {
    match error.find_root() {
        DataFusionError::ArrowError(error, _) => match &**error {
            ArrowError::DivideByZero => Text2::new("除数为 0", "it is divided by zero"),
            ArrowError::ArithmeticOverflow(_) => Text2::new("结果超出数值范围", "the result is too large for a number"),
            ArrowError::CastError(_) | ArrowError::ParseError(_) => {
                Text2::new("值不是所需的类型", "a value is not of the type that the expression asks for")
            }
            other => Text2::new(format!("表达式在这一行无法计算：{other}"), format!("the expression fails: {other}")),
        },
        other => {
            let text = other.strip_backtrace();
            Text2::new(format!("表达式在这一行无法计算：{text}"), format!("the expression fails: {text}"))
        }
    }
}
