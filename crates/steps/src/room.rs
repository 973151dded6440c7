//! Room for the texts that steps make. What a function returns is not held against the engine's memory limit, and a few
//! bytes in a file of steps can ask for many: how long a text gets, and how much is made at a time, is measured here.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{
    ColumnarValue, Expr, Operator, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::scalar::ScalarValue;
use domain::words::Text2;

use crate::error::StepsError;
use crate::run::{BATCH_ROWS, Limits};

/// What an array of texts can hold: places in it are 32 bits wide.
const ARRAY_BYTES: usize = i32::MAX as usize;
/// What a function may make of rows before it is measured.
const AT_ONCE_BYTES: usize = 64 << 20;
/// The same, of a single row.
const OF_ONE_ROW_BYTES: usize = 1 << 30;

/// Functions of the engine whose result can be longer than what they are given.
const GROWING: [&str; 17] = [
    "array_append",
    "array_concat",
    "array_prepend",
    "array_replace",
    "array_replace_all",
    "array_replace_n",
    "array_to_string",
    "concat",
    "concat_ws",
    "encode",
    "make_array",
    "map",
    "named_struct",
    "overlay",
    "regexp_replace",
    "replace",
    "struct",
];

/// Those of them that may put one text for many parts of another.
const MULTIPLYING: [&str; 6] =
    ["array_replace", "array_replace_all", "array_replace_n", "array_to_string", "regexp_replace", "replace"];

/// What texts may come to in a run. Clones are one.
#[derive(Debug, Clone)]
pub(crate) struct Room {
    cell_bytes: usize,
    made_bytes: usize,
    /// What each function made of the rows that it was given last.
    made: Arc<Mutex<Made>>,
}

#[derive(Debug, Default)]
struct Made {
    functions: usize,
    by_function: BTreeMap<usize, usize>,
}

impl Room {
    pub(crate) fn new(limits: &Limits) -> Self {
        let cell_bytes = usize::try_from(limits.reading.max_record_bytes).unwrap_or(usize::MAX);
        Self { cell_bytes, made_bytes: limits.made_bytes, made: Arc::default() }
    }

    /// Whatever was made is gone: the steps before this one are done.
    pub(crate) fn clear(&self) {
        self.lock().by_function.clear();
    }

    /// The room of a step, for its functions.
    pub(crate) fn of_step(&self, step: usize, action: &'static str, name: Option<&str>) -> StepRoom {
        StepRoom { room: self.clone(), step, action, name: name.map(str::to_owned) }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Made> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The room of a step.
#[derive(Debug, Clone)]
pub(crate) struct StepRoom {
    room: Room,
    step: usize,
    action: &'static str,
    name: Option<String>,
}

impl StepRoom {
    /// The step's place, from 1 on.
    pub(crate) const fn step(&self) -> usize {
        self.step
    }

    /// A share for one function.
    pub(crate) fn share(&self) -> Share {
        let mut made = self.room.lock();
        made.functions += 1;
        Share { id: made.functions, of: self.clone() }
    }

    /// The longest text that a step may hold: it may come to stand in every row.
    fn literal_bytes(&self) -> usize {
        self.room.made_bytes / BATCH_ROWS
    }

    /// Refuses a text of a file of steps that would be too long in every row.
    pub(crate) fn literal(&self, text: &str) -> std::result::Result<(), Text2> {
        let most = self.literal_bytes();
        if text.len() > most {
            return Err(Text2::new(
                format!("步骤中的文本过长：最多 {most} 字节"),
                format!("a text in a step is too long: at most {most} bytes"),
            ));
        }
        Ok(())
    }

    /// An expression of which every part that can grow is measured.
    pub(crate) fn measured(&self, expr: Expr) -> Result<Expr> {
        let measured = expr.transform_up(|expr| {
            Ok(match expr {
                Expr::ScalarFunction(call) if GROWING.contains(&call.func.name()) => {
                    let held = Held { inner: call.func, share: self.share() };
                    let func = Arc::new(ScalarUDF::new_from_impl(held));
                    Transformed::yes(Expr::ScalarFunction(ScalarFunction { func, args: call.args }))
                }
                Expr::BinaryExpr(both) if both.op == Operator::StringConcat => {
                    Transformed::yes(self.passed(Expr::BinaryExpr(both), Volatility::Immutable))
                }
                Expr::Literal(value, meta) => {
                    if let Some(Some(text)) = value.try_as_str() {
                        self.literal(text).map_err(|message| self.share().refused(message))?;
                    }
                    Transformed::no(Expr::Literal(value, meta))
                }
                other => Transformed::no(other),
            })
        })?;
        Ok(measured.data)
    }

    /// The same for an expression that becomes a column.
    pub(crate) fn measured_column(&self, expr: Expr) -> Result<Expr> {
        // Volatile: a constant must not be folded, for it is not until it stands in every row that it is large.
        Ok(match self.measured(expr)? {
            expr @ Expr::Column(_) => expr,
            expr => self.passed(expr, Volatility::Volatile),
        })
    }

    fn passed(&self, expr: Expr, volatility: Volatility) -> Expr {
        let passing = Passing { share: self.share(), signature: Signature::any(1, volatility) };
        ScalarUDF::new_from_impl(passing).call(vec![expr])
    }
}

/// What one function may make.
#[derive(Debug, Clone)]
pub(crate) struct Share {
    id: usize,
    of: StepRoom,
}

impl PartialEq for Share {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Share {}

impl Hash for Share {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

impl Share {
    /// The longest text that may become of one: none grows above the record that a reader takes.
    pub(crate) fn cell_bytes(&self, before: usize) -> usize {
        self.of.room.cell_bytes.max(before)
    }

    /// How much the function may make now, beside what the others made.
    pub(crate) fn left(&self) -> usize {
        let room = &self.of.room;
        let made = room.lock();
        let others = made.by_function.iter().filter(|(id, _)| **id != self.id).map(|(_, bytes)| *bytes);
        room.made_bytes.saturating_sub(others.fold(0, usize::saturating_add))
    }

    /// Keeps what the function made of the rows that it was given last.
    pub(crate) fn keep(&self, bytes: usize) {
        self.of.room.lock().by_function.insert(self.id, bytes);
    }

    /// A text would be too long.
    pub(crate) fn too_long(&self) -> DataFusionError {
        let most = self.of.room.cell_bytes;
        self.refused(Text2::new(
            format!("有一个文本会超过 {most} 字节：请让它更短"),
            format!("a text would become longer than {most} bytes: make it shorter"),
        ))
    }

    /// Texts would be too long together.
    pub(crate) fn too_much(&self) -> DataFusionError {
        let most = self.of.room.made_bytes >> 20;
        self.refused(Text2::new(
            format!("这一步及之前的步骤产生的文本过长（每 {BATCH_ROWS} 行超过 {most} MiB）：请减少列或缩短文本"),
            format!(
                "the texts that steps make up to this one are too long (above {most} MiB in {BATCH_ROWS} rows): make \
                 fewer columns, or shorter texts"
            ),
        ))
    }

    fn refused(&self, message: Text2) -> DataFusionError {
        let StepRoom { step, action, name, .. } = &self.of;
        let error = StepsError::Step { step: *step, action, name: name.clone(), message };
        DataFusionError::External(Box::new(error))
    }

    /// Texts as they come in, where they fit an array.
    pub(crate) fn texts(&self, array: &ArrayRef) -> Result<ArrayRef> {
        if bytes_of(array) > ARRAY_BYTES {
            return Err(self.too_much());
        }
        arrow::compute::cast(array, &DataType::Utf8).map_err(DataFusionError::from)
    }

    /// Measures what a function made; `before` is the largest of what it was given.
    pub(crate) fn measure(&self, made: &ColumnarValue, rows: usize, before: usize) -> Result<()> {
        let bytes = match made {
            ColumnarValue::Array(array) => {
                if longest(array).is_some_and(|longest| longest > self.of.room.cell_bytes) {
                    return Err(self.too_long());
                }
                bytes_of(array)
            }
            ColumnarValue::Scalar(value) => {
                let one = value.to_array_of_size(1).map(|array| bytes_of(&array))?;
                if one > self.of.literal_bytes() {
                    return Err(self.too_much());
                }
                one.saturating_mul(rows)
            }
        };
        let grown = bytes.saturating_sub(before);
        if bytes > ARRAY_BYTES || grown > self.left() {
            return Err(self.too_much());
        }
        self.keep(grown);
        Ok(())
    }
}

/// What is being built by a function that makes one text of each row: measured before it is put down.
pub(crate) struct Growth<'a> {
    share: &'a Share,
    left: usize,
    made: usize,
    grown: usize,
}

impl<'a> Growth<'a> {
    pub(crate) fn new(share: &'a Share) -> Self {
        Self { share, left: share.left(), made: 0, grown: 0 }
    }

    /// Counts a text that was made of one of `before` bytes; of a new column that is none.
    pub(crate) fn add(&mut self, after: usize, before: usize) -> Result<()> {
        self.made = self.made.saturating_add(after);
        self.grown = self.grown.saturating_add(after.saturating_sub(before));
        if self.made > ARRAY_BYTES || self.grown > self.left {
            return Err(self.share.too_much());
        }
        Ok(())
    }

    pub(crate) fn close(self) {
        self.share.keep(self.grown);
    }
}

/// Bytes of the values of an array.
pub(crate) fn bytes_of(array: &ArrayRef) -> usize {
    match array.data_type() {
        DataType::Utf8View => array.as_string_view().lengths().map(|length| length as usize).sum(),
        _ => {
            let data = array.to_data();
            // Views inside of lists cannot be measured by the slice.
            data.get_slice_memory_size().unwrap_or_else(|_| array.get_array_memory_size())
        }
    }
}

/// Bytes of the longest text; none where there are no texts.
fn longest(array: &ArrayRef) -> Option<usize> {
    match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().iter().flatten().map(str::len).max(),
        DataType::LargeUtf8 => array.as_string::<i64>().iter().flatten().map(str::len).max(),
        DataType::Utf8View => array.as_string_view().iter().flatten().map(str::len).max(),
        _ => None,
    }
}

/// Hands on what an expression came to, once it is measured.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Passing {
    share: Share,
    signature: Signature,
}

impl ScalarUDFImpl for Passing {
    fn name(&self) -> &'static str {
        "measured"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(types[0].clone())
    }

    fn invoke_with_args(&self, mut args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let value = args.args.swap_remove(0);
        self.share.measure(&value, args.number_rows, 0)?;
        Ok(value)
    }
}

/// A function of the engine, called for as many rows at a time as it cannot make too much of.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Held {
    inner: Arc<ScalarUDF>,
    share: Share,
}

impl Held {
    /// What is made of some of the rows, as arrays; `most` is what may be made of all.
    fn parts(&self, args: &ScalarFunctionArgs, rows: Range<usize>, most: usize, out: &mut Parts) -> Result<()> {
        let of_rows = sliced(args, &rows);
        let (count, worst) = (rows.len(), self.worst(&of_rows)?);
        if count > 1 && worst > AT_ONCE_BYTES {
            let middle = rows.start + count / 2;
            self.parts(args, rows.start..middle, most, out)?;
            return self.parts(args, middle..rows.end, most, out);
        }
        if worst > OF_ONE_ROW_BYTES {
            return Err(self.share.too_long());
        }
        let made = self.inner.invoke_with_args(of_rows)?.to_array(count)?;
        out.bytes += bytes_of(&made);
        out.arrays.push(made);
        if out.bytes > most { Err(self.share.too_much()) } else { Ok(()) }
    }

    /// What may be made at worst: where parts are replaced, every byte by the longest of the others.
    fn worst(&self, args: &ScalarFunctionArgs) -> Result<usize> {
        let sizes = args.args.iter().map(size).collect::<Result<Vec<_>>>()?;
        let Some(((first, _), others)) = sizes.split_first() else { return Ok(0) };
        if !MULTIPLYING.contains(&self.inner.name()) {
            return Ok(sizes.iter().map(|(all, _)| *all).fold(0, usize::saturating_add));
        }
        let others = others.iter().map(|(_, longest)| *longest).fold(0, usize::saturating_add);
        Ok(first.saturating_add(args.number_rows).saturating_mul(others.saturating_add(1)))
    }
}

/// What was made of some rows after others.
#[derive(Default)]
struct Parts {
    arrays: Vec<ArrayRef>,
    bytes: usize,
}

fn sliced(args: &ScalarFunctionArgs, rows: &Range<usize>) -> ScalarFunctionArgs {
    let of_rows = |value: &ColumnarValue| match value {
        ColumnarValue::Array(array) => ColumnarValue::Array(array.slice(rows.start, rows.len())),
        ColumnarValue::Scalar(value) => ColumnarValue::Scalar(value.clone()),
    };
    ScalarFunctionArgs {
        args: args.args.iter().map(of_rows).collect(),
        arg_fields: args.arg_fields.clone(),
        number_rows: rows.len(),
        return_field: Arc::clone(&args.return_field),
        config_options: Arc::clone(&args.config_options),
    }
}

/// Bytes of all values, and of the longest; of a constant both are those of one.
fn size(value: &ColumnarValue) -> Result<(usize, usize)> {
    match value {
        ColumnarValue::Scalar(value) => value.to_array_of_size(1).map(|one| (bytes_of(&one), bytes_of(&one))),
        ColumnarValue::Array(array) => {
            let all = bytes_of(array);
            Ok((all, longest(array).unwrap_or(all)))
        }
    }
}

impl ScalarUDFImpl for Held {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<arrow::datatypes::FieldRef> {
        self.inner.return_field_from_args(args)
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        self.inner.coerce_types(types)
    }

    fn is_strict(&self) -> bool {
        self.inner.is_strict()
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let sizes = args.args.iter().map(size).collect::<Result<Vec<_>>>()?;
        let before = sizes.iter().map(|(all, _)| *all).max().unwrap_or(0);
        let is_constant = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let made = if is_constant {
            // What is the same in every row is made once.
            let mut once = Parts::default();
            self.parts(&args, 0..1, ARRAY_BYTES, &mut once)?;
            ColumnarValue::Scalar(ScalarValue::try_from_array(&once.arrays[0], 0)?)
        } else if self.worst(&args)? <= AT_ONCE_BYTES {
            self.inner.invoke_with_args(args)?
        } else {
            let most = before.saturating_add(self.share.left()).min(ARRAY_BYTES);
            let mut parts = Parts::default();
            self.parts(&args, 0..rows, most, &mut parts)?;
            let arrays: Vec<&dyn Array> = parts.arrays.iter().map(AsRef::as_ref).collect();
            ColumnarValue::Array(arrow::compute::concat(&arrays)?)
        };
        self.share.measure(&made, rows, before)?;
        Ok(made)
    }
}
