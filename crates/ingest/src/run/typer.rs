//! Cells to facts, by the plans: every value is typed here, and every reason why one is not.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use domain::field::{BadAmount, FieldId, FieldType, Value, check_amount, ids};
use domain::journal::Facts;
use domain::{Currency, Day, Instant, Kind, Outcome, StageId};

use super::names::{Called, Names};
use super::row::Row;
use crate::issue::{Rule, Severity};
use crate::options::Known;
use crate::plan::{FieldPlan, From, Slot};
use crate::profile::spec::{Missing, Rounding};
use crate::table::Cell;
use crate::value::date::{Clock, NoDate, Stamp};
use crate::value::decimal::{Decimal, Misfit};
use crate::value::key::{Key, Keys};
use crate::value::yes_or_no;

/// What stands between the parts of a key that several columns make.
const KEY_PARTS: &str = " / ";

/// Something wrong with a value.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) rule: Rule,
    pub(crate) severity: Severity,
    pub(crate) column: Arc<str>,
    pub(crate) value: String,
    pub(crate) message: String,
}

impl Problem {
    fn of(plan: &FieldPlan, cell: Cell<'_>, rule: Rule, message: impl Into<String>) -> Self {
        let value = crate::table::shortened(&cell.text());
        Self { rule, severity: Severity::Reject, column: Arc::clone(&plan.column), value, message: message.into() }
    }

    pub(crate) fn warning(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }
}

/// What values are typed with: keys of every kind, the zone, the currency.
#[derive(Debug)]
pub(crate) struct Typer {
    pub(crate) clock: Clock,
    pub(crate) currency: Currency,
    pub(crate) keys: BTreeMap<Kind, Keys>,
    /// What records are called.
    pub(crate) names: Names,
    /// Records that are there already.
    pub(crate) known: Arc<BTreeMap<Kind, Known>>,
    /// Records that references made: kind, local index.
    pub(crate) made: Vec<(Kind, u32)>,
    /// How many records of each kind are there already, and were only referred to.
    pub(crate) mentioned: BTreeMap<Kind, u64>,
}

/// What a cell says after its map.
enum Word<'a> {
    Nothing,
    Cell(Cell<'a>),
    Mapped(Cow<'a, str>),
}

impl Typer {
    /// Puts the field's value into `facts`. Returns whether the cell said something; a value that is none is
    /// among `problems`.
    pub(crate) fn fill<'a>(
        &mut self,
        plan: &'a FieldPlan,
        row: &Row<'a>,
        currency: Currency,
        facts: &mut Facts,
        problems: &mut Vec<Problem>,
    ) -> bool {
        if let From::Object(columns) = &plan.from {
            return put_object(plan, columns, row, facts);
        }
        let cell = row.cell(plan);
        let filled = match self.word(plan, cell) {
            Ok(Word::Nothing) if plan.required => {
                Err(Problem::of(plan, cell, Rule::MissingValue, "a value is needed here"))
            }
            Ok(Word::Nothing) => return false,
            Ok(Word::Cell(word)) => self.put(plan, word, currency, facts, problems),
            Ok(Word::Mapped(word)) => self.put(plan, Cell::Text(&word), currency, facts, problems),
            Err(problem) => Err(problem),
        };
        if let Err(problem) = filled {
            problems.push(problem);
        }
        true
    }

    /// Asserts that the field is empty.
    pub(crate) fn clear(plan: &FieldPlan, facts: &mut Facts) {
        let all = std::mem::take(facts);
        *facts = match plan.slot {
            Slot::Own | Slot::Outcome => all,
            Slot::Stage => all.stage(StageId::UNKNOWN),
            Slot::Amount => all.amount_minor(None),
            Slot::Currency => all.currency(None),
            Slot::Owner => all.owner(None),
            Slot::Team => all.team(None),
            Slot::ExpectedClose => all.expected_close_on(None),
            Slot::Probability => all.probability_ppm(None),
            Slot::Rest(id, _) => all.with(id, Value::Null),
        };
    }

    /// The key of a row.
    pub(crate) fn key<'a>(&self, plan: &'a FieldPlan, row: &Row<'a>) -> Result<Key<'a>, Problem> {
        let cell = row.cell(plan);
        if let From::Object(columns) = &plan.from {
            let key = joined_key(plan, columns, row);
            return key.ok_or_else(|| Problem::of(plan, cell, Rule::MissingKey, "a part of the key is empty"));
        }
        let key = match self.word(plan, cell)? {
            Word::Nothing => None,
            Word::Cell(cell) => Key::of(cell),
            Word::Mapped(Cow::Borrowed(text)) => Key::of_text(text),
            Word::Mapped(Cow::Owned(text)) => Key::of_text(&text).map(|key| match key {
                Key::Int(number) => Key::Int(number),
                Key::Text(text) => Key::Text(text.into_owned().into()),
            }),
        };
        key.ok_or_else(|| Problem::of(plan, cell, Rule::MissingKey, "the key is empty"))
    }

    /// A moment of a row; absent where the cell is blank.
    pub(crate) fn moment<'a>(&self, plan: &'a FieldPlan, row: &Row<'a>) -> Result<Option<Stamp>, Problem> {
        let cell = row.cell(plan);
        match self.word(plan, cell)? {
            Word::Nothing if plan.required => Err(Problem::of(plan, cell, Rule::MissingValue, "a date is needed here")),
            Word::Nothing => Ok(None),
            Word::Cell(cell) => stamp(plan, cell).map(Some),
            Word::Mapped(text) => stamp(plan, Cell::Text(&text)).map(Some),
        }
    }

    /// The outcome of a row; absent where the cell is blank.
    pub(crate) fn outcome<'a>(&self, plan: &'a FieldPlan, row: &Row<'a>) -> Result<Option<Outcome>, Problem> {
        let cell = row.cell(plan);
        match self.word(plan, cell)? {
            Word::Nothing => Ok(None),
            Word::Cell(cell) => outcome(plan, cell).map(Some),
            Word::Mapped(text) => outcome(plan, Cell::Text(&text)).map(Some),
        }
    }

    /// The text of a row after its map.
    pub(crate) fn text<'a>(&self, plan: &'a FieldPlan, row: &Row<'a>) -> Result<Cow<'a, str>, Problem> {
        Ok(match self.word(plan, row.cell(plan))? {
            Word::Nothing => "".into(),
            Word::Cell(cell) => cell.text(),
            Word::Mapped(text) => text,
        })
    }

    pub(crate) fn keys(&mut self, kind: Kind) -> &mut Keys {
        self.keys.entry(kind).or_default()
    }

    fn word<'a>(&self, plan: &'a FieldPlan, cell: Cell<'a>) -> Result<Word<'a>, Problem> {
        if let Cell::Bad(shown) = cell {
            let lost = shown.starts_with(|letter: char| letter.is_ascii_digit() || letter == '-');
            let message = match lost {
                true => "the workbook keeps this long number without its last digits: write such ids as text there",
                false => "a formula failed in this cell",
            };
            return Err(Problem::of(plan, cell, Rule::BadCell, message));
        }
        if cell.is_blank() {
            return Ok(plan
                .map
                .as_ref()
                .and_then(|map| map.get(""))
                .map_or(Word::Nothing, |to| Word::Mapped(to.into())));
        }
        if plan.empty.is_empty() && plan.map.is_none() {
            return Ok(Word::Cell(cell));
        }
        let text = cell.text();
        if plan.empty.iter().any(|nothing| *nothing == *text) {
            return Ok(Word::Nothing);
        }
        // Stages carry their map resolved.
        if plan.slot == Slot::Stage {
            let silent = plan.map.as_ref().and_then(|map| map.get(text.as_ref())).is_some_and(String::is_empty);
            return Ok(if silent { Word::Nothing } else { Word::Cell(cell) });
        }
        let Some(map) = &plan.map else { return Ok(Word::Cell(cell)) };
        match (map.get(text.as_ref()), &plan.otherwise) {
            (Some(to), _) if to.is_empty() => Ok(Word::Nothing),
            (Some(to), _) => Ok(Word::Mapped(to.into())),
            (None, Some(to)) if to.is_empty() => Ok(Word::Nothing),
            (None, Some(to)) => Ok(Word::Mapped(to.into())),
            (None, None) if plan.slot == Slot::Outcome => {
                Err(Problem::of(plan, cell, Rule::UnknownOutcome, "the profile does not say what outcome this is"))
            }
            (None, None) => Ok(Word::Cell(cell)),
        }
    }

    fn put(
        &mut self,
        plan: &FieldPlan,
        cell: Cell<'_>,
        currency: Currency,
        facts: &mut Facts,
        problems: &mut Vec<Problem>,
    ) -> Result<(), Problem> {
        let all = std::mem::take(facts);
        *facts = match plan.slot {
            Slot::Own => all,
            Slot::Stage => all.stage(stage(plan, cell)?),
            Slot::Outcome => all.outcome(outcome(plan, cell)?),
            Slot::Currency => all.currency(Some(read_currency(plan, cell)?)),
            Slot::Amount => {
                let amount = amount(plan, cell, currency.decimals(), problems)?;
                all.amount_minor(amount).currency(Some(currency))
            }
            Slot::Owner => match self.reference(Kind::Person, plan, cell, problems)? {
                Some(local) => all.owner(Some(local)),
                None => all,
            },
            Slot::Team => match self.reference(Kind::Team, plan, cell, problems)? {
                Some(local) => all.team(Some(local)),
                None => all,
            },
            Slot::ExpectedClose => all.expected_close_on(Some(self.clock.day(stamp(plan, cell)?))),
            Slot::Probability => all.probability_ppm(Some(ppm(plan, cell)?)),
            Slot::Rest(id, ty) => {
                let value = self.value(ty, plan, cell, currency, problems)?;
                match value {
                    Some(value) => all.with(id, value),
                    None => all,
                }
            }
        };
        Ok(())
    }

    fn value(
        &mut self,
        ty: FieldType,
        plan: &FieldPlan,
        cell: Cell<'_>,
        currency: Currency,
        problems: &mut Vec<Problem>,
    ) -> Result<Option<Value>, Problem> {
        Ok(Some(match ty {
            FieldType::Text if !plan.choices.is_empty() => Value::Text(choice(plan, cell)?.into()),
            FieldType::Text if plan.is_short => Value::Text(short(plan, cell)?.into()),
            FieldType::Text | FieldType::Personal => Value::Text(cell.text().into()),
            FieldType::Int => Value::Int(whole(plan, cell)?),
            FieldType::AmountMinor => {
                amount(plan, cell, currency.decimals(), problems)?.map_or(Value::Null, Value::Int)
            }
            FieldType::Ppm => Value::Int(i64::from(ppm(plan, cell)?)),
            FieldType::Day => Value::Int(i64::from(self.clock.day(stamp(plan, cell)?).0)),
            FieldType::At => Value::Int(self.clock.instant(stamp(plan, cell)?).0),
            FieldType::Bool => Value::Bool(
                yes_or_no(cell).ok_or_else(|| Problem::of(plan, cell, Rule::NotYesOrNo, "yes or no is expected"))?,
            ),
            FieldType::Ref(kind) => {
                return Ok(self.reference(kind, plan, cell, problems)?.map(Value::Ref));
            }
            FieldType::Process => return Ok(None),
            FieldType::Stage => Value::Int(i64::from(stage(plan, cell)?.0)),
            FieldType::Outcome => Value::Int(i64::from(outcome(plan, cell)? as u8)),
            FieldType::Currency => Value::Int(i64::from(read_currency(plan, cell)?.code())),
            FieldType::Json => Value::Json(json(plan, cell)?.into()),
        }))
    }

    /// The local index of another record, by its key or by what it is called: in these files, else among what is there.
    fn reference(
        &mut self,
        kind: Kind,
        plan: &FieldPlan,
        cell: Cell<'_>,
        problems: &mut Vec<Problem>,
    ) -> Result<Option<i64>, Problem> {
        let Some(key) = Key::of(cell) else { return Ok(None) };
        let found = self.find(kind, &key);
        if let Called::One(local) = found {
            return Ok(Some(i64::from(local)));
        }
        let problem = || {
            let message = match found {
                Called::Several => format!("there are several of kind {} called so", kind.as_str()),
                _ => format!("no file holds {} with this key", kind.with_article()),
            };
            Problem::of(plan, cell, Rule::UnknownReference, message)
        };
        match plan.missing {
            Missing::Create if found == Called::Several => {
                problems.push(problem().warning());
                Ok(None)
            }
            Missing::Create => {
                let local = self.keys(kind).intern(&key);
                self.made.push((kind, local));
                Ok(Some(i64::from(local)))
            }
            Missing::Empty => Ok(None),
            Missing::Warn => {
                problems.push(problem().warning());
                Ok(None)
            }
            Missing::Reject => Err(problem()),
        }
    }

    fn find(&mut self, kind: Kind, key: &Key<'_>) -> Called<u32> {
        if let Some(local) = self.keys(kind).get(key) {
            return Called::One(local);
        }
        let text = key.to_string();
        let known = Arc::clone(&self.known);
        let known = known.get(&kind);
        if known.is_some_and(|known| known.has(&text)) {
            return Called::One(self.mention(kind, key));
        }
        match (self.names.get(kind, &text), known.and_then(|known| known.called(&text))) {
            (Called::None, None) => Called::None,
            (Called::None, Some(Some(key))) => {
                Key::of_text(key).map_or(Called::None, |key| Called::One(self.mention(kind, &key)))
            }
            (Called::None, Some(None)) => Called::Several,
            (found, _) => found,
        }
    }

    /// The local index of a record that is there already.
    fn mention(&mut self, kind: Kind, key: &Key<'_>) -> u32 {
        let keys = self.keys(kind);
        if let Some(local) = keys.get(key) {
            return local;
        }
        let local = keys.intern(key);
        *self.mentioned.entry(kind).or_default() += 1;
        local
    }

    pub(crate) fn instant(&mut self, stamp: Stamp) -> Instant {
        self.clock.instant(stamp)
    }

    pub(crate) fn start_of(&mut self, day: Day) -> Instant {
        self.clock.instant(Stamp::Day(day.0))
    }
}

fn stage(plan: &FieldPlan, cell: Cell<'_>) -> Result<StageId, Problem> {
    let text = cell.text();
    let known = plan.stages.get(text.as_ref()).or_else(|| {
        // `3.0` is stage 3.
        text.strip_suffix(".0").and_then(|whole| plan.stages.get(whole))
    });
    known.copied().or(plan.otherwise_stage).ok_or_else(|| {
        Problem::of(plan, cell, Rule::UnknownStage, "the process has no such stage, and the profile maps it to none")
    })
}

/// The key of the choice that a cell names, by its key or in either language.
fn choice<'a>(plan: &'a FieldPlan, cell: Cell<'_>) -> Result<&'a str, Problem> {
    let text = cell.text();
    let key = domain::custom::choice(&plan.choices, &text);
    let key = key.and_then(|key| plan.choices.iter().find(|choice| choice.key == key));
    key.map(|choice| choice.key.as_str()).ok_or_else(|| {
        let known: Vec<&str> = plan.choices.iter().map(|choice| choice.key.as_str()).collect();
        Problem::of(plan, cell, Rule::NotAChoice, format!("one of {} is expected", known.join(", ")))
    })
}

/// A text that is a value of a dimension.
fn short<'a>(plan: &FieldPlan, cell: Cell<'a>) -> Result<Cow<'a, str>, Problem> {
    let text = cell.text();
    let most = domain::custom::LONGEST_MEMBER;
    if text.chars().count() <= most {
        return Ok(text);
    }
    Err(Problem::of(plan, cell, Rule::OutOfRange, format!("a value of a dimension has {most} letters at most")))
}

fn outcome(plan: &FieldPlan, cell: Cell<'_>) -> Result<Outcome, Problem> {
    Outcome::parse(cell.text().to_lowercase().as_str()).ok_or_else(|| {
        Problem::of(plan, cell, Rule::UnknownOutcome, "open, won, lost, cancelled or parked is expected")
    })
}

fn read_currency(plan: &FieldPlan, cell: Cell<'_>) -> Result<Currency, Problem> {
    Currency::parse(&cell.text().to_uppercase())
        .map_err(|error| Problem::of(plan, cell, Rule::NotACurrency, error.to_string()))
}

fn stamp(plan: &FieldPlan, cell: Cell<'_>) -> Result<Stamp, Problem> {
    plan.formats.read(cell).map_err(|none| match none {
        NoDate::Impossible => {
            Problem::of(plan, cell, Rule::ImpossibleDate, "there is no such day, or it is written in another format")
        }
        NoDate::OutOfRange => Problem::of(plan, cell, Rule::OutOfRange, "a year between 1900 and 2199 is expected"),
    })
}

fn number(plan: &FieldPlan, cell: Cell<'_>) -> Result<Decimal, Problem> {
    Decimal::of(cell, plan.sign)
        .ok_or_else(|| Problem::of(plan, cell, Rule::NotANumber, "a number in digits is expected"))
}

fn amount(
    plan: &FieldPlan,
    cell: Cell<'_>,
    decimals: u32,
    problems: &mut Vec<Problem>,
) -> Result<Option<i64>, Problem> {
    let too_large = || Problem::of(plan, cell, Rule::OutOfRange, "the amount is too large");
    let minor = match number(plan, cell)?.to_units(decimals, plan.times) {
        Ok(minor) => minor,
        Err(Misfit::OutOfRange) => return Err(too_large()),
        Err(Misfit::Inexact(rounded)) => {
            let message = format!("the currency has {decimals} decimals");
            let problem = Problem::of(plan, cell, Rule::TooManyDecimals, message);
            match plan.rounding {
                Rounding::Even => {}
                Rounding::Warn => problems.push(problem.warning()),
                Rounding::Reject => return Err(problem),
            }
            rounded
        }
    };
    // Money is the deal's own amount, or stands in a field of its own.
    let field = if let Slot::Rest(id, _) = plan.slot { id } else { ids::OPPORTUNITY_AMOUNT };
    match check_amount(field, minor) {
        Ok(()) => Ok((minor != 0 || !plan.zero_is_unknown).then_some(minor)),
        Err(BadAmount::TooLarge) => Err(too_large()),
        Err(BadAmount::Negative) => Err(Problem::of(plan, cell, Rule::Negative, "what it tells cannot be negative")),
    }
}

fn whole(plan: &FieldPlan, cell: Cell<'_>) -> Result<i64, Problem> {
    // Fields counted in thousandths say so in their name.
    let milli = match plan.slot {
        Slot::Rest(id, _) => is_milli(id),
        _ => false,
    };
    match number(plan, cell)?.to_units(if milli { 3 } else { 0 }, plan.times) {
        Ok(whole) => Ok(whole),
        Err(Misfit::OutOfRange) => Err(Problem::of(plan, cell, Rule::OutOfRange, "the number is too large")),
        Err(Misfit::Inexact(_)) => Err(Problem::of(plan, cell, Rule::NotANumber, "a whole number is expected")),
    }
}

fn is_milli(id: FieldId) -> bool {
    domain::field::builtin(id).is_some_and(|def| def.name.ends_with("_milli"))
}

fn ppm(plan: &FieldPlan, cell: Cell<'_>) -> Result<i32, Problem> {
    // A number with its sign says itself what it counts in.
    let signed = match cell {
        Cell::Text(text) => text.trim_end().strip_suffix(['%', '％']),
        _ => None,
    };
    let decimals = if plan.percent || signed.is_some() { 4 } else { 6 };
    let ppm = match number(plan, signed.map_or(cell, Cell::Text))?.to_units(decimals, plan.times) {
        Ok(ppm) | Err(Misfit::Inexact(ppm)) => Some(ppm),
        Err(Misfit::OutOfRange) => None,
    };
    ppm.filter(|ppm| (0..=1_000_000).contains(ppm)).and_then(|ppm| i32::try_from(ppm).ok()).ok_or_else(|| {
        let expected = if plan.percent { "between 0 and 100 is expected" } else { "between 0 and 1 is expected" };
        Problem::of(plan, cell, Rule::OutOfRange, format!("a probability {expected}"))
    })
}

fn json(plan: &FieldPlan, cell: Cell<'_>) -> Result<String, Problem> {
    let text = cell.text();
    if let Some(split) = &plan.split {
        let items: Vec<&str> = text.split(split.as_str()).map(str::trim).filter(|item| !item.is_empty()).collect();
        return Ok(serde_json::Value::from(items).to_string());
    }
    let parsed: Result<serde_json::Value, _> = serde_json::from_str(&text);
    parsed.map(|value| value.to_string()).map_err(|error| Problem::of(plan, cell, Rule::NotJson, error.to_string()))
}

/// A key that several cells make, each of them filled.
fn joined_key(plan: &FieldPlan, columns: &[(String, crate::plan::ColumnRef)], row: &Row<'_>) -> Option<Key<'static>> {
    let texts: Vec<_> = columns.iter().map(|(_, place)| row.at(*place).text()).collect();
    let whole = texts.iter().all(|text| !text.is_empty() && !plan.empty.iter().any(|nothing| nothing == text));
    whole.then(|| Key::Text(texts.join(KEY_PARTS).into()))
}

fn put_object(
    plan: &FieldPlan,
    columns: &[(String, crate::plan::ColumnRef)],
    row: &Row<'_>,
    facts: &mut Facts,
) -> bool {
    let mut object = serde_json::Map::new();
    for (name, place) in columns {
        let cell = row.at(*place);
        if !cell.is_blank() {
            let text = cell.text().into_owned();
            if !plan.empty.contains(&text) {
                object.insert(name.clone(), text.into());
            }
        }
    }
    if let Slot::Rest(id, _) = plan.slot
        && !object.is_empty()
    {
        facts.put(id, Value::Json(serde_json::Value::Object(object).to_string().into()));
        return true;
    }
    false
}
