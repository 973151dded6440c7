//! What the values of a column tell: whether they are dates (and in which writing), numbers, keys, or a few words that
//! come again.

use std::collections::HashMap;

use super::words;
use crate::look::ColumnLook;
use crate::profile::spec::Decimal as Sign;
use crate::table::Cell;
use crate::value::date::Formats;
use crate::value::decimal::Decimal;

/// Writings of dates, in the order of how common they are.
pub(super) const DATE_FORMS: &[&[&str]] = &[
    &["iso"],
    &["%Y/%m/%d", "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S"],
    &["%Y年%m月%d日"],
    &["%Y.%m.%d"],
    &["%m/%d/%Y", "%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %H:%M:%S"],
    &["%d/%m/%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y %I:%M %p", "%d/%m/%Y %H:%M:%S"],
    &["%d.%m.%Y", "%d.%m.%Y %H:%M"],
    &["%m/%d/%y", "%m/%d/%y %H:%M", "%m/%d/%y %I:%M %p"],
    &["%d/%m/%y", "%d/%m/%y %H:%M", "%d/%m/%y %I:%M %p"],
    &["%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%d %B %Y"],
    &["%b %d, %Y", "%B %d, %Y"],
    &["%m-%d-%Y"],
    &["%d-%m-%Y"],
    &["%Y%m%d"],
    &["month"],
    &["quarter"],
];

/// Of [`DATE_FORMS`] those that begin with the year: they cannot be taken for one another, so a column may mix them.
const YEAR_FIRST: [usize; 7] = [0, 1, 2, 3, 13, 14, 15];
/// Values looked at before a column is taken for dates or numbers.
const LOOKED_AT: usize = 400;
/// Percent of the values that a writing of dates reads where all are dates, but for slips.
const NEARLY_ALL: usize = 97;
/// Percent of the values that have to be dates where the heading says that the column holds some.
const MOST: usize = 50;
/// Different values of a column that are kept.
const DISTINCT: usize = 5_000;

/// What is in a column.
#[derive(Debug)]
pub(super) struct Content<'a> {
    pub(super) column: &'a ColumnLook,
    /// Rows with a value that means something.
    pub(super) filled: usize,
    /// Rows.
    pub(super) rows: usize,
    /// Different values with their counts, the most frequent first; cut off at some thousand.
    pub(super) values: Vec<(&'a str, usize)>,
    /// Rows whose value stands on a row before.
    pub(super) repeated: usize,
    /// Share of values that are numbers.
    pub(super) numbers: f64,
    /// The largest of them.
    pub(super) largest: f64,
    /// Whether a comma parts whole and fraction.
    pub(super) decimal_comma: bool,
    /// Which of [`DATE_FORMS`] read (nearly) all values, or else most of them; none where no writing does.
    pub(super) date_forms: Vec<usize>,
    /// Whether they read (nearly) all.
    reads_all_dates: bool,
    /// Further writings that the column needs beside the one that reads most.
    pub(super) mixed_forms: Vec<usize>,
    /// Texts among the values that stand for nothing.
    pub(super) nothing: Vec<&'a str>,
}

impl<'a> Content<'a> {
    pub(super) fn of(column: &'a ColumnLook) -> Self {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        let (mut filled, mut rows, mut is_cut) = (0, 0, false);
        let mut nothing: Vec<&str> = Vec::new();
        for value in column.values() {
            rows += 1;
            if value.is_empty() {
                continue;
            }
            if words::is_nothing(value) {
                if !nothing.contains(&value) {
                    nothing.push(value);
                }
                continue;
            }
            filled += 1;
            if counts.len() < DISTINCT || counts.contains_key(value) {
                *counts.entry(value).or_default() += 1;
            } else {
                is_cut = true;
            }
        }
        let repeated = filled - if is_cut { distinct(column) } else { counts.len() };
        let mut values: Vec<(&str, usize)> = counts.into_iter().collect();
        values.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        let looked: Vec<&str> = values.iter().take(LOOKED_AT).map(|(value, _)| *value).collect();
        let (numbers, decimal_comma) = numbers(&looked);
        let sign = if decimal_comma { Sign::Comma } else { Sign::Point };
        let all = date_forms(&looked, &values, NEARLY_ALL);
        let reads_all_dates = !all.is_empty();
        let mixed = if reads_all_dates { None } else { mixed_forms(&looked) };
        let (date_forms, mixed_forms, reads_all_dates) = match mixed {
            Some(forms) => (vec![forms[0]], forms[1..].to_vec(), true),
            None if reads_all_dates => (all, Vec::new(), true),
            None => (date_forms(&looked, &values, MOST), Vec::new(), false),
        };
        let largest = looked.iter().filter_map(|value| approximate(value, sign)).fold(0.0_f64, f64::max);
        Self {
            filled,
            rows,
            repeated,
            numbers,
            largest,
            decimal_comma,
            date_forms,
            reads_all_dates,
            mixed_forms,
            nothing,
            values,
            column,
        }
    }

    /// Whether no value stands twice.
    pub(super) const fn is_unique(&self) -> bool {
        self.filled > 0 && self.repeated == 0
    }

    /// Rows that a key made of this column could not tell: without a value, or with that of a row before.
    pub(super) const fn slips(&self) -> usize {
        self.rows - self.filled + self.repeated
    }

    pub(super) const fn is_date(&self) -> bool {
        self.reads_all_dates
    }

    /// Whether most values are dates: a column of dates with mistakes in it, where its heading says so too.
    pub(super) const fn is_mostly_date(&self) -> bool {
        !self.date_forms.is_empty()
    }

    pub(super) fn is_number(&self) -> bool {
        self.numbers >= 0.9 && !self.is_date()
    }

    /// Whether most values are numbers: a column of numbers with mistakes in it, where its heading says so too.
    pub(super) fn is_mostly_number(&self) -> bool {
        self.numbers >= 0.5 && !self.is_date()
    }

    /// Whether a few values come again and again.
    pub(super) fn is_few(&self, most: usize) -> bool {
        let distinct = self.values.len();
        distinct > 0 && distinct <= most && (self.filled < 8 || distinct * 2 <= self.filled + 4)
    }

    /// Share of the different values that `test` holds for.
    #[expect(clippy::cast_precision_loss, reason = "a few thousand values at most")]
    pub(super) fn share(&self, test: impl Fn(&str) -> bool) -> f64 {
        if self.values.is_empty() {
            return 0.0;
        }
        self.values.iter().filter(|(value, _)| test(value)).count() as f64 / self.values.len() as f64
    }

    /// Share of the rows with a value that `test` holds for.
    #[expect(clippy::cast_precision_loss, reason = "some ten thousand rows at most")]
    pub(super) fn share_of_rows(&self, test: impl Fn(&str) -> bool) -> f64 {
        let held: usize = self.values.iter().filter(|(value, _)| test(value)).map(|(_, count)| count).sum();
        if self.filled == 0 { 0.0 } else { held as f64 / self.filled as f64 }
    }

    /// Share of rows that hold a value.
    #[expect(clippy::cast_precision_loss, reason = "some ten thousand rows at most")]
    pub(super) fn fill(&self) -> f64 {
        if self.rows == 0 { 0.0 } else { self.filled as f64 / self.rows as f64 }
    }
}

/// Different values that mean something.
fn distinct(column: &ColumnLook) -> usize {
    let values = column.values().filter(|value| !value.is_empty() && !words::is_nothing(value));
    values.collect::<std::collections::HashSet<_>>().len()
}

/// Share of numbers, and whether they are written with a decimal comma.
#[expect(clippy::cast_precision_loss, reason = "some hundred values")]
fn numbers(values: &[&str]) -> (f64, bool) {
    if values.is_empty() {
        return (0.0, false);
    }
    let count = |sign| values.iter().filter(|value| Decimal::parse(plain(value), sign).is_some()).count();
    let (points, commas) = (count(Sign::Point), count(Sign::Comma));
    let comma = commas > points;
    (points.max(commas) as f64 / values.len() as f64, comma)
}

/// A number without its sign of a share.
fn plain(value: &str) -> &str {
    value.trim().trim_end_matches(['%', '％'])
}

#[expect(clippy::cast_precision_loss, reason = "only compared roughly")]
fn approximate(value: &str, sign: Sign) -> Option<f64> {
    let number = Decimal::parse(plain(value), sign)?;
    Some(number.units as f64 / 10_f64.powi(number.scale))
}

fn formats_of(form: usize) -> Option<Formats> {
    let names: Vec<String> = DATE_FORMS[form].iter().map(|name| (*name).to_owned()).collect();
    Formats::new(&names).ok()
}

/// Several writings, the one that reads most first, that together read (nearly) all values where no one does.
fn mixed_forms(looked: &[&str]) -> Option<Vec<usize>> {
    let formats: Vec<(usize, Formats)> =
        YEAR_FIRST.into_iter().filter_map(|form| Some((form, formats_of(form)?))).collect();
    let mut counts = vec![0_usize; formats.len()];
    for value in looked {
        if let Some(at) = formats.iter().position(|(_, formats)| formats.read(Cell::Text(value)).is_ok()) {
            counts[at] += 1;
        }
    }
    let read: usize = counts.iter().sum();
    let mut used: Vec<(usize, usize)> =
        formats.iter().zip(counts).filter(|(_, count)| *count > 0).map(|((form, _), count)| (count, *form)).collect();
    used.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    (used.len() > 1 && read * 100 >= looked.len() * NEARLY_ALL)
        .then(|| used.into_iter().map(|(_, form)| form).collect())
}

/// The writings that read `percent` of the values; where several do, those that read the most of all values.
fn date_forms(looked: &[&str], values: &[(&str, usize)], percent: usize) -> Vec<usize> {
    // Words and amounts are told at once: a date has digits and a sign, or eight digits.
    let like_date = |text: &&&str| text.len() >= 8 && text.bytes().filter(u8::is_ascii_digit).count() >= 4;
    if looked.is_empty() || looked.iter().filter(like_date).count() * 100 < looked.len() * percent.min(90) {
        return Vec::new();
    }
    let read = |form: usize, values: &mut dyn Iterator<Item = &str>| {
        let Some(formats) = formats_of(form) else { return 0 };
        values.filter(|value| formats.read(Cell::Text(value)).is_ok()).count()
    };
    let of_looked = |form: &usize| read(*form, &mut looked.iter().copied()) * 100 >= looked.len() * percent;
    let found: Vec<usize> = (0..DATE_FORMS.len()).filter(of_looked).collect();
    if found.len() < 2 {
        return found;
    }
    let of_all = found.iter().map(|form| (*form, read(*form, &mut values.iter().map(|(value, _)| *value))));
    let counts: Vec<(usize, usize)> = of_all.filter(|(_, read)| read * 100 >= values.len() * percent).collect();
    let best = counts.iter().map(|(_, read)| *read).max();
    counts.into_iter().filter(|(_, read)| Some(*read) == best).map(|(form, _)| form).collect()
}

/// The writings that read all date columns, as few as do. Where day and month cannot be told apart anywhere, the month
/// comes first for `month_first`.
pub(super) fn common_forms(columns: &[&Content<'_>], month_first: bool) -> Vec<String> {
    const SWAPPED: [(usize, usize); 3] = [(4, 5), (7, 8), (11, 12)];
    let mut chosen: Vec<usize> = Vec::new();
    let certain = |form: usize| columns.iter().any(|column| column.date_forms == [form]);
    for column in columns {
        if column.date_forms.iter().any(|form| chosen.contains(form)) {
            continue;
        }
        let by_others = column.date_forms.iter().copied().find(|form| certain(*form));
        let prefer = |form: usize| match SWAPPED.iter().find(|(us, _)| *us == form) {
            Some((_, other)) if !month_first && column.date_forms.contains(other) => *other,
            _ => form,
        };
        if let Some(form) = by_others.or_else(|| column.date_forms.first().copied().map(prefer)) {
            chosen.push(form);
        }
    }
    chosen.extend(columns.iter().flat_map(|column| &column.mixed_forms));
    chosen.sort_unstable();
    chosen.dedup();
    chosen.iter().flat_map(|form| DATE_FORMS[*form]).map(|name| (*name).to_owned()).collect()
}
