//! Texts read as values; what is none becomes nothing and is told with its row.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{ArrayRef, AsArray, BooleanBuilder, Date32Builder, Decimal128Builder, Int64Builder};
use arrow::datatypes::{DataType, UInt64Type};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use domain::words::Text2;
use ingest::{DateForms, Look};

use crate::action::Type;
use crate::input::FILE_ROWS;
use crate::plan::OTHERS;
use crate::room::Share;
use crate::run::{Issue, READING};
use crate::texts::texts_of;

/// Decimals that a number keeps.
const DECIMALS: i8 = 6;
/// Digits that a number may have.
const DIGITS: u8 = 38;
/// Issues that are kept with their row; all are counted.
const MOST_ISSUES: usize = 1000;

/// What was wrong while steps ran. Clones are one book.
#[derive(Debug, Clone, Default)]
pub(crate) struct Book(Arc<Mutex<Written>>);

#[derive(Debug, Clone, Default)]
struct Written {
    kept: Vec<Issue>,
    counts: BTreeMap<(usize, String), u64>,
    /// The last row of each table that was told to have too many or too few fields: a table may be read again.
    ragged: BTreeMap<(PathBuf, Option<String>), u64>,
}

impl Book {
    /// Keeps that a value of a row is none, where there is room; `row` as the engine numbers them.
    pub(crate) fn note(&self, step: usize, row: Option<u64>, column: &str, told: impl FnOnce() -> (String, Text2)) {
        let row = row.filter(|row| *row < OTHERS);
        self.keep(column, || {
            let (value, message) = told();
            Issue {
                step,
                row: row.map(|row| row % FILE_ROWS),
                file: row.and_then(|row| usize::try_from(row / FILE_ROWS).ok()),
                column: column.to_owned(),
                value: value.chars().take(80).collect(),
                message,
            }
        });
    }

    /// Keeps an issue where there is room; it is made only then.
    fn keep(&self, column: &str, issue: impl FnOnce() -> Issue) {
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Rows that stay out have room of their own: they are listed.
        let alike = book.kept.iter().filter(|kept| kept.column.is_empty() == column.is_empty()).count();
        if alike < MOST_ISSUES {
            let issue = issue();
            book.kept.push(issue);
        }
    }

    /// Counts issues of a step in a column, kept or not.
    pub(crate) fn count(&self, step: usize, column: &str, issues: u64) {
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *book.counts.entry((step, column.to_owned())).or_default() += issues;
    }

    /// Tells of a row that stays out because it has not as many fields as there are headings; once, however often the
    /// table is read.
    pub(crate) fn leave_out(&self, path: &Path, look: &Look, file: usize, row: u64, fields: usize) {
        {
            let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let last = book.ragged.entry((path.to_owned(), look.sheet.clone())).or_default();
            if *last >= row {
                return;
            }
            *last = row;
        }
        self.count(READING, "", 1);
        let name = &look.file;
        let message = Text2::new(
            format!("{name} 的这一行有 {fields} 个字段，与表头不符，未导入"),
            format!("this row of {name} has {fields} fields, which is not what the headings have: it stays out"),
        );
        let (column, value) = (String::new(), String::new());
        self.keep("", || Issue { step: READING, row: Some(row), file: Some(file), column, value, message });
    }

    /// The issues that were kept, and how many there were by step and column.
    pub(crate) fn close(&self) -> (Vec<Issue>, BTreeMap<(usize, String), u64>) {
        let book = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        (book.kept, book.counts)
    }
}

/// How texts of a column are read.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    pub(crate) step: usize,
    pub(crate) column: String,
    pub(crate) ty: Type,
    pub(crate) dates: Vec<String>,
    pub(crate) forms: DateForms,
    pub(crate) decimal_comma: bool,
    pub(crate) book: Book,
    pub(crate) share: Share,
}

impl PartialEq for Reading {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Reading {}

impl Hash for Reading {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl Reading {
    fn key(&self) -> (usize, &str, Type, &[String], bool) {
        (self.step, &self.column, self.ty, &self.dates, self.decimal_comma)
    }

    /// The values of texts; `row` tells where each stands.
    pub(crate) fn call(self, texts: Expr, row: Option<Expr>) -> Expr {
        // A value is read once for each row, and told once: the engine must not fold or repeat it.
        let signature = Signature::variadic_any(Volatility::Volatile);
        let args = std::iter::once(texts).chain(row).collect();
        ScalarUDF::new_from_impl(Function { reading: self, signature }).call(args)
    }

    const fn data_type(&self) -> DataType {
        match self.ty {
            Type::Number => DataType::Decimal128(DIGITS, DECIMALS),
            Type::Whole => DataType::Int64,
            Type::Date => DataType::Date32,
            Type::YesNo => DataType::Boolean,
        }
    }

    fn wrong(&self) -> Text2 {
        match self.ty {
            Type::Number => Text2::new("不是数字", "it is not a number"),
            Type::Whole => Text2::new("不是整数", "it is not a whole number"),
            Type::Date => Text2::new("不是所列写法的日期", "it is not a date in one of the writings"),
            Type::YesNo => Text2::new("不是“是”或“否”", "it is not yes or no"),
        }
    }

    /// A number in units of the last decimal, rounded half to even.
    fn number(&self, text: &str) -> Option<i128> {
        let (units, scale) = ingest::number(text, self.decimal_comma)?;
        let shift = i32::from(DECIMALS) - scale;
        let scaled = if shift >= 0 {
            units.checked_mul(10_i128.checked_pow(shift.unsigned_abs())?)?
        } else {
            let Some(divisor) = 10_i128.checked_pow(shift.unsigned_abs()) else { return Some(0) };
            domain::money::div_half_even(units, divisor)
        };
        (scaled.unsigned_abs() < 10_u128.pow(u32::from(DIGITS))).then_some(scaled)
    }

    fn whole(&self, text: &str) -> Option<i64> {
        let (units, scale) = ingest::number(text, self.decimal_comma)?;
        let power = 10_i128.checked_pow(scale.unsigned_abs())?;
        if scale <= 0 {
            return i64::try_from(units.checked_mul(power)?).ok();
        }
        (units % power == 0).then(|| i64::try_from(units / power).ok()).flatten()
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Function {
    reading: Reading,
    signature: Signature,
}

impl ScalarUDFImpl for Function {
    fn name(&self) -> &'static str {
        "read_values"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.reading.data_type())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let texts = texts_of(&args, 0, &self.reading.share)?;
        let texts = texts.as_string::<i32>();
        let rows = args.args.get(1).map(|rows| rows.to_array(args.number_rows)).transpose()?;
        let reading = &self.reading;
        let rows = rows.as_ref().and_then(|rows| rows.as_primitive_opt::<UInt64Type>());
        let wrong = |at: usize, text: &str| {
            let row = rows.map(|rows| rows.value(at));
            reading.book.note(reading.step, row, &reading.column, || (text.to_owned(), reading.wrong()));
        };
        let each = |read: &mut dyn FnMut(Option<&str>) -> bool| {
            let mut issues = 0;
            for (at, text) in texts.iter().enumerate() {
                let text = text.map(str::trim).filter(|text| !text.is_empty());
                if !read(text) {
                    issues += 1;
                    wrong(at, text.unwrap_or_default());
                }
            }
            if issues > 0 {
                reading.book.count(reading.step, &reading.column, issues);
            }
        };
        macro_rules! read {
            ($builder:expr, $value:expr) => {{
                let mut builder = $builder;
                each(&mut |text| {
                    let value = text.and_then($value);
                    builder.append_option(value);
                    value.is_some() || text.is_none()
                });
                builder
            }};
        }
        let array: ArrayRef = match reading.ty {
            Type::Number => {
                let mut builder = read!(Decimal128Builder::new(), |text| reading.number(text));
                Arc::new(builder.finish().with_precision_and_scale(DIGITS, DECIMALS).map_err(DataFusionError::from)?)
            }
            Type::Whole => Arc::new(read!(Int64Builder::new(), |text| reading.whole(text)).finish()),
            Type::Date => {
                Arc::new(read!(Date32Builder::new(), |text| reading.forms.day(text).map(|day| day.0)).finish())
            }
            Type::YesNo => Arc::new(read!(BooleanBuilder::new(), domain::text::yes_or_no).finish()),
        };
        Ok(ColumnarValue::Array(array))
    }
}
