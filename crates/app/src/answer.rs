//! Answers: rows with named, typed columns, under stated terms.
//!
//! An answer carries numbers, never their formatting: amounts are whole minor units, shares are fractions,
//! what is undefined is absent with a reason. The edges format by [`Unit`] and by the reader's language.

use std::collections::BTreeMap;

use domain::words::Text2;
use domain::{Currency, Day};
use serde_json::{Map, Value, json};

/// A word in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label {
    /// Simplified Chinese.
    pub zh: &'static str,
    /// English.
    pub en: &'static str,
}

/// Why a value is not defined.
pub mod why {
    use super::Label;

    /// A ratio over nothing.
    pub const EMPTY: Label = Label { zh: "分母为零", en: "empty denominator" };
    /// A quantile that the curve does not reach.
    pub const TOO_FEW_ENDED: Label = Label { zh: "结束的不足此比例", en: "fewer than this share have ended" };
    /// A dial without its stage.
    pub const NO_ROLE: Label =
        Label { zh: "流程里没有这一角色的阶段", en: "no stage of the process has the role" };
    /// A share of a target that nobody set.
    pub const NO_TARGET: Label = Label { zh: "没有目标", en: "no target" };
    /// A share of a target of nothing.
    pub const EMPTY_TARGET: Label = Label { zh: "目标不大于零", en: "the target is not above zero" };
    /// An import of a time before this was counted.
    pub const NOT_COUNTED: Label = Label { zh: "没有计数", en: "not counted" };
    /// The source does not say.
    pub const NOT_RECORDED: Label = Label { zh: "没有记录", en: "not recorded" };
    /// Nobody has set it.
    pub const NOT_SET: Label = Label { zh: "未设置", en: "not set" };
    /// An estimate from no observation.
    pub const NOTHING_WATCHED: Label = Label { zh: "没有观察到", en: "nothing was watched" };
    /// A conversion of a stage that no deal reached.
    pub const NOBODY_ENTERED: Label = Label { zh: "没有商机进入", en: "nobody entered" };
    /// A win rate of a period without an end.
    pub const NOTHING_DECIDED: Label = Label { zh: "没有已决的商机", en: "nothing was decided" };
    /// A cycle of a period without a win.
    pub const NOTHING_WON: Label = Label { zh: "没有赢单", en: "nothing was won" };
    /// A sum of what does not add up.
    pub const SEVERAL_CURRENCIES: Label = Label { zh: "金额有多种币种", en: "amounts of several currencies" };
    /// A sum over deals of which none has an amount.
    pub const NO_AMOUNT: Label = Label { zh: "没有一个商机有金额", en: "no deal has an amount" };
    /// A foot under figures that do not add up.
    pub const NO_SUM: Label = Label { zh: "各行不相加", en: "the rows do not add up" };
    /// A mean stay of a stage in which no deal stands of which it is known since when.
    pub const NOBODY_STAYS: Label =
        Label { zh: "没有已知起点的商机", en: "no deal of which it is known since when" };
    /// Nothing lies before it.
    pub const FIRST_STAGE: Label = Label { zh: "这是第一个阶段", en: "the first stage" };
    /// A weight without a probability.
    pub const NO_PROBABILITY: Label =
        Label { zh: "阶段没有配置概率", en: "the stage has no configured probability" };
}

/// What a column counts in, and so how it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A name.
    Text,
    /// A count.
    Count,
    /// Minor units of the answer's currency.
    AmountMinor,
    /// A fraction of one.
    Share,
    /// Days, possibly with a fraction.
    Days,
    /// A business date.
    Date,
    /// A plain number.
    Number,
}

/// A column of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its key in JSON.
    pub key: String,
    /// Its head.
    pub label: Text2,
    /// What it is of, in Chinese and in English, where several columns have one head.
    pub of: Option<(String, String)>,
    /// Its unit.
    pub unit: Unit,
    /// Whether a bar beside it helps the eye.
    pub bar: bool,
}

impl Column {
    /// A column without a bar.
    #[must_use]
    pub fn new(key: &str, zh: &'static str, en: &'static str, unit: Unit) -> Self {
        Self { key: key.to_owned(), label: Text2::new(zh, en), of: None, unit, bar: false }
    }

    /// A column of a dimension's members.
    #[must_use]
    pub const fn of_dimension(key: String, label: Text2) -> Self {
        Self { key, label, of: None, unit: Unit::Text, bar: false }
    }

    /// The same with a bar.
    #[must_use]
    pub fn with_bar(mut self) -> Self {
        self.bar = true;
        self
    }
}

/// A value of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// A name, in one language.
    Text(String),
    /// A name in both languages.
    Name {
        /// Simplified Chinese.
        zh: String,
        /// English.
        en: String,
        /// What programs read.
        key: String,
    },
    /// A whole number: counts, days.
    Int(i64),
    /// Money in minor units.
    Minor(i128),
    /// A ratio, a mean or an estimate.
    Float(f64),
    /// A date.
    Date(Day),
    /// Not defined: never zero. The reason is shown on request.
    Undefined(Label),
}

impl Cell {
    /// A float, or undefined for the reason given.
    #[must_use]
    pub fn or_undefined(value: Option<f64>, reason: Label) -> Self {
        value.map_or(Self::Undefined(reason), Self::Float)
    }

    /// A ratio of two counts, undefined over an empty denominator.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "a share of counts is shown with few digits")]
    pub fn share(numerator: i128, denominator: i128) -> Self {
        if denominator == 0 { Self::Undefined(why::EMPTY) } else { Self::Float(numerator as f64 / denominator as f64) }
    }

    /// The value as JSON. Money that does not fit 64 bits is written as a text of digits.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self {
            Self::Text(text) => json!(text),
            Self::Name { key, .. } => json!(key),
            Self::Int(value) => json!(value),
            Self::Minor(value) => i64::try_from(*value).map_or_else(|_| json!(value.to_string()), |value| json!(value)),
            Self::Float(value) => json!(value),
            Self::Date(day) => json!(day.to_string()),
            Self::Undefined(_) => Value::Null,
        }
    }
}

/// What a result means: every choice that quarrels over funnel numbers are made of.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Terms {
    entries: Map<String, Value>,
    /// What is said in words, in Chinese, by key.
    zh: BTreeMap<String, String>,
}

/// What terms are called by people.
const TERM_LABELS: [(&str, &str, &str); 42] = [
    ("customers", "客户数", "customers"),
    ("leads", "线索数", "leads"),
    ("only", "筛选", "only"),
    ("process", "流程", "process"),
    ("as_of", "截至", "as of"),
    ("known_at", "当时所知", "known at"),
    ("from", "从", "from"),
    ("to", "到", "to"),
    ("opening", "期初", "opening"),
    ("by", "分组", "by"),
    ("where", "条件", "where"),
    ("scope", "范围", "scope"),
    ("zone", "时区", "zone"),
    ("currency", "币种", "currency"),
    ("population", "口径", "population"),
    ("denominator", "分母", "denominator"),
    ("every", "周期", "every"),
    ("interval", "区间", "interval"),
    ("parked", "培育中", "parked"),
    ("estimator", "估计", "estimator"),
    ("mean", "平均", "mean"),
    ("due_from", "预计成交从", "due from"),
    ("due_to", "预计成交到", "due to"),
    ("mode", "方式", "mode"),
    ("snapshot_ratio", "快照比", "snapshot ratio"),
    ("n", "商机数", "deals"),
    ("amount_minor", "金额", "amount"),
    ("reach", "到达", "reach"),
    ("visit", "访次", "visit"),
    ("regress", "后退", "regress"),
    ("horizon_days", "期限（天）", "horizon in days"),
    ("amounts", "金额口径", "amounts"),
    ("mean_stay", "平均已停留", "mean stay so far"),
    ("targets", "目标口径", "targets"),
    ("dial_4", "明确仪表", "intent dial"),
    ("dial_5", "投入仪表", "commit dial"),
    ("colours", "颜色", "colours"),
    ("weighted", "加权金额", "weighted"),
    ("members", "成员数", "members"),
    ("worst", "只列最差", "worst"),
    ("kind", "种类", "kind"),
    ("min_score", "最低相似度", "least score"),
];

impl Terms {
    /// States a term; one that was stated is replaced.
    pub fn state(&mut self, key: &str, value: impl Into<Value>) {
        self.entries.insert(key.to_owned(), value.into());
    }

    /// The same, in a chain.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.state(key, value);
        self
    }

    /// States a term in words of both languages; programs read the English ones.
    #[must_use]
    pub fn with_words(mut self, key: &str, zh: &str, en: impl Into<Value>) -> Self {
        self.zh.insert(key.to_owned(), zh.to_owned());
        self.with(key, en)
    }

    /// What a term is called.
    #[must_use]
    pub fn label(key: &str) -> Option<Label> {
        TERM_LABELS.iter().find(|(known, ..)| *known == key).map(|(_, zh, en)| Label { zh, en })
    }

    /// A term's words in Chinese, where it is said in words.
    #[must_use]
    pub fn zh(&self, key: &str) -> Option<&str> {
        self.zh.get(key).map(String::as_str)
    }

    /// The terms as a JSON object.
    #[must_use]
    pub fn to_json(&self) -> Value {
        Value::Object(self.entries.clone())
    }

    /// Every term in the order stated.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.entries.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// A term.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries.get(key)
    }
}

/// An answered question.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What it is called.
    pub title: Label,
    /// What its numbers mean.
    pub terms: Terms,
    /// The currency of its amounts, absent where there are none.
    pub currency: Option<Currency>,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, each as long as the columns.
    pub rows: Vec<Vec<Cell>>,
    /// The foot: what the rows come to, as long as the columns; absent where rows do not add up.
    pub totals: Option<Vec<Cell>>,
    /// Sentences a person should read beside the numbers, in both languages.
    pub notes: Vec<(String, String)>,
}

impl Answer {
    /// An answer without rows.
    #[must_use]
    pub fn new(zh: &'static str, en: &'static str, terms: Terms, columns: Vec<Column>) -> Self {
        Self {
            title: Label { zh, en },
            terms,
            currency: None,
            columns,
            rows: Vec::new(),
            totals: None,
            notes: Vec::new(),
        }
    }

    /// The same without its terms, to stand below an answer that states them.
    #[must_use]
    pub fn untold(&self) -> Self {
        Self { terms: Terms::default(), ..self.clone() }
    }

    /// Adds a row.
    ///
    /// # Panics
    /// When it is not as long as the columns.
    pub fn push(&mut self, row: Vec<Cell>) {
        assert_eq!(row.len(), self.columns.len(), "a row of `{}` has a cell a column", self.title.en);
        self.rows.push(row);
    }

    /// Sums the columns of these keys over all rows into the foot. Other columns have no sum there, nor has one of
    /// which a row's value is not defined, nor have amounts of several currencies. Without rows there is no foot.
    pub fn sum_up(&mut self, keys: &[&str]) {
        if self.rows.is_empty() {
            return;
        }
        let several = self.currency.is_none();
        let total = |(at, column): (usize, &Column)| {
            if !keys.contains(&column.key.as_str()) {
                return Cell::Undefined(why::NO_SUM);
            }
            if column.unit == Unit::AmountMinor && several {
                return Cell::Undefined(why::SEVERAL_CURRENCIES);
            }
            self.rows.iter().map(|row| &row[at]).fold(None, sum).unwrap_or(Cell::Undefined(why::NO_SUM))
        };
        self.totals = Some(self.columns.iter().enumerate().map(total).collect());
    }

    /// Puts a figure that is no sum, such as the rate of all rows together, into the foot.
    pub fn total(&mut self, key: &str, cell: Cell) {
        let at = self.columns.iter().position(|column| column.key == key);
        if let Some((at, totals)) = at.zip(self.totals.as_mut()) {
            totals[at] = cell;
        }
    }

    /// Adds a sentence.
    pub fn note(&mut self, zh: impl Into<String>, en: impl Into<String>) {
        self.notes.push((zh.into(), en.into()));
    }

    /// `{"terms": {…}, "rows": [{column: value, …}, …]}`; notes come along as `"notes"` where there are any.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let rows: Vec<Value> = self.rows.iter().map(|row| Value::Object(self.row_json(row))).collect();
        let mut object = Map::new();
        object.insert("terms".into(), self.terms.to_json());
        object.insert("rows".into(), rows.into());
        if !self.notes.is_empty() {
            let notes = self.notes.iter().map(|(zh, en)| json!({"zh": zh, "en": en})).collect();
            object.insert("notes".into(), Value::Array(notes));
        }
        Value::Object(object)
    }

    fn row_json(&self, row: &[Cell]) -> Map<String, Value> {
        let mut object = Map::new();
        for (column, cell) in self.columns.iter().zip(row) {
            object.insert(column.key.clone(), cell.to_json());
            if let Cell::Name { zh, en, .. } = cell {
                object.insert(format!("{}_zh", column.key), json!(zh));
                object.insert(format!("{}_en", column.key), json!(en));
            }
        }
        object
    }
}

/// One more addend; what is not defined leaves the sum without a value.
fn sum(so_far: Option<Cell>, next: &Cell) -> Option<Cell> {
    Some(match (so_far, next) {
        (None, next) => next.clone(),
        (Some(Cell::Int(a)), Cell::Int(b)) => Cell::Int(a + b),
        (Some(Cell::Minor(a)), Cell::Minor(b)) => Cell::Minor(a + b),
        (Some(Cell::Undefined(why)), _) => Cell::Undefined(why),
        (_, Cell::Undefined(why)) => Cell::Undefined(*why),
        _ => Cell::Undefined(why::NO_SUM),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foot_sums_what_may_be_summed_and_says_why_not() {
        let columns = vec![
            Column::new("stage", "阶段", "stage", Unit::Text),
            Column::new("deals", "商机数", "deals", Unit::Count),
            Column::new("amount_minor", "金额", "amount", Unit::AmountMinor),
            Column::new("weighted_minor", "加权", "weighted", Unit::AmountMinor),
            Column::new("share", "占比", "share", Unit::Share),
        ];
        let mut answer = Answer::new("漏斗", "Funnel", Terms::default(), columns);
        let keys = ["deals", "amount_minor", "weighted_minor"];
        answer.sum_up(&keys);
        assert_eq!(answer.totals, None, "nothing comes to nothing");
        answer.currency = Some(Currency::CNY);
        for (deals, weighted) in [(2, Cell::Minor(5)), (3, Cell::Undefined(why::NO_PROBABILITY))] {
            answer.push(vec![Cell::Text("a".into()), Cell::Int(deals), Cell::Minor(10), weighted, Cell::share(1, 2)]);
        }
        answer.sum_up(&keys);
        answer.total("share", Cell::share(1, 4));
        let no_sum = Cell::Undefined(why::NO_SUM);
        let unweighted = Cell::Undefined(why::NO_PROBABILITY);
        let expected = [no_sum, Cell::Int(5), Cell::Minor(20), unweighted, Cell::share(1, 4)];
        assert_eq!(answer.totals.as_deref(), Some(&expected[..]));
        answer.currency = None;
        answer.sum_up(&keys);
        assert_eq!(answer.totals.as_ref().map(|row| &row[2]), Some(&Cell::Undefined(why::SEVERAL_CURRENCIES)));
    }

    #[test]
    fn json_tells_terms_and_rows_by_key() {
        let columns = vec![
            Column::new("stage", "阶段", "stage", Unit::Text),
            Column::new("amount_minor", "金额", "amount", Unit::AmountMinor),
            Column::new("share", "占比", "share", Unit::Share),
        ];
        let mut answer = Answer::new("漏斗", "Funnel", Terms::default().with("as_of", "2026-11-22"), columns);
        let stage = Cell::Name { zh: "线索".into(), en: "Lead".into(), key: "lead".into() };
        answer.push(vec![stage, Cell::Minor(i128::from(i64::MAX) + 1), Cell::share(1, 0)]);
        let expected = json!({
            "terms": {"as_of": "2026-11-22"},
            "rows": [{
                "stage": "lead", "stage_zh": "线索", "stage_en": "Lead",
                "amount_minor": "9223372036854775808", "share": null,
            }],
        });
        assert_eq!(answer.to_json(), expected);
    }
}
