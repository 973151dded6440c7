//! The fields of a kind of record: what they are called, what they hold, and what a person may write into them.

use domain::field::{FieldId, FieldType, Value, ids, of};
use domain::process::{Exit, Fact, FactChoice, FactType, Process};
use domain::{Currency, Day, Kind, MOST_MINOR, RecordId};
use serde_json::{Map, Value as Json, json};

use super::labels::{choices, label};
use super::names::Names;
use crate::{Loudou, Result, Words};

/// A field of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) id: FieldId,
    pub(crate) name: String,
    pub(crate) zh: String,
    pub(crate) en: String,
    pub(crate) ty: FieldType,
    /// The values that have names; a fact takes no others.
    pub(crate) choices: Vec<FactChoice>,
}

/// A field of a record with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldValue {
    /// The field's id.
    pub id: u16,
    /// Its name, by which it is changed.
    pub name: String,
    /// What it is called in Chinese.
    pub zh: String,
    /// What it is called in English.
    pub en: String,
    /// What it takes: `text`, `personal`, `int`, `amount_minor`, `ppm`, `day`, `at`, `bool`, `ref`, `process`,
    /// `stage`, `outcome`, `currency`, `choice` or `json`.
    pub ty: &'static str,
    /// The values of a `choice` that have names; imports may have brought others.
    pub choices: Vec<FactChoice>,
    /// The kind of record that a `ref` leads to.
    pub of: Option<&'static str>,
    /// The value; null where there is none.
    pub value: Json,
    /// Whether its text was erased.
    pub erased: bool,
    /// Whether the asker may change it here; stage and outcome are changed by moves.
    pub editable: bool,
}

/// Fields that no edit writes: moves do, or nobody does. Of the other facts each is edited by its own name; the object
/// as a whole also holds what moves left in it.
const FIXED: [FieldId; 6] = [
    ids::OPPORTUNITY_STAGE,
    ids::OPPORTUNITY_OUTCOME,
    ids::OPPORTUNITY_PROCESS,
    ids::OPPORTUNITY_REASON,
    ids::OPPORTUNITY_NEXT_CONTACT_ON,
    ids::OPPORTUNITY_FACTS,
];

/// Where overrides of gates are kept among a deal's facts.
pub(super) const OVERRIDES: &str = "gate_overrides";
/// Where the obstacle is kept on which a deal failed.
pub(super) const OBSTACLE: &str = "obstacle";
/// What moves leave among the facts.
const KEPT_BY_MOVES: [&str; 2] = [OVERRIDES, OBSTACLE];

/// Characters of a text at most.
const LONGEST: usize = 10_000;

impl Field {
    pub(crate) fn is_editable(&self) -> bool {
        !FIXED.contains(&self.id)
    }

    /// A fact as a field of its own; it stands in the deal's object of facts.
    pub(crate) fn of_fact(key: &str, fact: Option<&Fact>) -> Self {
        let (zh, en) = fact.map_or((key, key), |fact| (&fact.name.zh, &fact.name.en));
        Self {
            id: ids::OPPORTUNITY_FACTS,
            name: key.to_owned(),
            zh: zh.to_owned(),
            en: en.to_owned(),
            ty: match fact.map(|fact| fact.ty) {
                Some(FactType::Number) => FieldType::Int,
                Some(FactType::Amount) => FieldType::AmountMinor,
                Some(FactType::Day) => FieldType::Day,
                Some(FactType::Text | FactType::Choice) => FieldType::Text,
                None => FieldType::Json,
            },
            choices: fact.map_or_else(Vec::new, |fact| fact.choices.clone()),
        }
    }

    /// Reads what a person wrote as a fact: as it stands in the object of facts.
    ///
    /// # Errors
    /// What it takes instead.
    pub(crate) fn parse_fact(&self, json: &Json) -> std::result::Result<Json, Words> {
        if json.is_array() || json.is_object() {
            return Err(("须为文字、数字、日期或是否", "must be a text, a number, a date, or true or false").into());
        }
        Ok(match (self.ty, self.parse(json)?) {
            (FieldType::Day, Value::Int(day)) => {
                i32::try_from(day).map_or(Json::Null, |day| json!(Day(day).to_string()))
            }
            (_, Value::Int(number)) => json!(number),
            (_, Value::Text(text)) => json!(text),
            (_, Value::Json(_)) => json.clone(),
            _ => Json::Null,
        })
    }

    /// A fact as a page shows it.
    pub(crate) fn show_fact(&self, value: Option<&Json>, names: &Names, editable: bool) -> FieldValue {
        let shown = self.show(None, names, false);
        // What nobody described is written as words; only programs write it otherwise.
        let ty = if self.ty == FieldType::Json { word(FieldType::Text) } else { shown.ty };
        FieldValue { value: value.cloned().unwrap_or(Json::Null), ty, editable, ..shown }
    }

    pub(crate) fn show(&self, value: Option<&Value>, names: &Names, editable: bool) -> FieldValue {
        FieldValue {
            id: self.id.0,
            name: self.name.clone(),
            zh: self.zh.clone(),
            en: self.en.clone(),
            ty: if self.choices.is_empty() { word(self.ty) } else { "choice" },
            choices: self.choices.clone(),
            of: if let FieldType::Ref(kind) = self.ty { Some(kind.as_str()) } else { None },
            value: value.map_or(Json::Null, |value| names.json(self.ty, value)),
            erased: false,
            editable: editable && self.is_editable(),
        }
    }

    /// Reads what a person wrote.
    ///
    /// # Errors
    /// What the field takes instead.
    pub(crate) fn parse(&self, json: &Json) -> std::result::Result<Value, Words> {
        let number = || whole(json);
        match (self.ty, json) {
            (_, Json::Null) => Ok(Value::Null),
            (FieldType::Text, Json::String(text)) if self.takes_choices_alone() => self.choice(text),
            (FieldType::Text | FieldType::Personal, Json::String(text)) => text_of(text),
            (FieldType::Bool, Json::Bool(value)) => Ok(Value::Bool(*value)),
            (FieldType::Int, _) => {
                let number = number().filter(|number| *number != i64::MIN).ok_or(WHOLE)?;
                Ok(Value::Int(number))
            }
            (FieldType::AmountMinor, _) => {
                let minor = number().ok_or(WHOLE)?;
                let is_plausible = minor.unsigned_abs() <= MOST_MINOR.unsigned_abs();
                is_plausible.then_some(Value::Int(minor)).ok_or_else(too_large)
            }
            (FieldType::Ppm, _) => {
                let ppm = number().filter(|ppm| (0..=1_000_000).contains(ppm));
                ppm.map(Value::Int).ok_or_else(|| {
                    let en = "must be a whole number of millionths, 0 to 1000000";
                    ("须为 0 到 1000000 的整数（百万分之几）", en).into()
                })
            }
            (FieldType::Day, Json::String(text)) => {
                let day = Day::parse(text).ok_or_else(|| {
                    let zh = format!("“{text}”不是有效日期：请写成 2026-11-23 这样");
                    Words::from((zh, format!("`{text}` is not a date that exists: write it as 2026-11-23")))
                })?;
                Ok(Value::Int(i64::from(day.0)))
            }
            (FieldType::Currency, Json::String(text)) => Currency::parse(text)
                .map(|currency| Value::Int(i64::from(currency.code())))
                .map_err(|error| (format!("“{text}”不是币种代码：请写成 CNY 这样"), error.to_string()).into()),
            (FieldType::Ref(_), _) => reference(json)
                .map(Value::Ref)
                .ok_or_else(|| ("须为一条记录的编号", "must be the id of a record").into()),
            (FieldType::Json, _) => Ok(Value::Json(json.to_string().into())),
            (FieldType::Stage | FieldType::Outcome | FieldType::Process, _) => {
                Err(("不能直接编辑", "is not changed by an edit").into())
            }
            (ty, _) => {
                let (zh, en) = takes(ty);
                Err((format!("须为{zh}"), format!("must be {en}")).into())
            }
        }
    }

    fn takes_choices_alone(&self) -> bool {
        self.id == ids::OPPORTUNITY_FACTS && !self.choices.is_empty()
    }

    fn choice(&self, text: &str) -> std::result::Result<Value, Words> {
        let keys = || self.choices.iter().map(|choice| choice.key.as_str()).collect::<Vec<_>>();
        let known = self.choices.iter().any(|choice| choice.key == text);
        known.then(|| Value::Text(text.into())).ok_or_else(|| super::edit::one_of(&keys()).into())
    }
}

/// An amount beyond the bound.
fn too_large() -> Words {
    let zh = format!("金额过大，请核对数字和单位（最多 {MOST_MINOR} 分）");
    (zh, format!("is too large: check the figures and their unit ({MOST_MINOR} cents at most)")).into()
}

const WHOLE: (&str, &str) = ("须为整数", "must be a whole number");

fn text_of(text: &str) -> std::result::Result<Value, Words> {
    let text = text.trim();
    if text.chars().count() > LONGEST {
        return Err((format!("超过 {LONGEST} 个字符"), format!("is longer than {LONGEST} characters")).into());
    }
    if text.contains('\0') {
        return Err(("含有空字符（NUL）", "holds a zero character").into());
    }
    Ok(if text.is_empty() { Value::Null } else { Value::Text(text.into()) })
}

/// A whole number, also one written as text: JavaScript cannot hold every one.
fn whole(json: &Json) -> Option<i64> {
    json.as_i64().or_else(|| json.as_str()?.parse().ok())
}

/// An id, alone or in an object as it is told.
pub(crate) fn reference(json: &Json) -> Option<RecordId> {
    let id = whole(json).or_else(|| whole(json.get("id")?));
    id.filter(|id| *id > 0)
}

const fn takes(ty: FieldType) -> (&'static str, &'static str) {
    match ty {
        FieldType::Text | FieldType::Personal => ("文字", "a text"),
        FieldType::Bool => ("是或否（true 或 false）", "true or false"),
        FieldType::Day => ("日期，如 2026-11-23", "a date such as 2026-11-23"),
        FieldType::Currency => ("币种代码，如 CNY", "a currency code such as CNY"),
        FieldType::At => ("原样，不能改", "left as it is"),
        _ => ("另一种类型", "of another type"),
    }
}

const fn word(ty: FieldType) -> &'static str {
    match ty {
        FieldType::Text => "text",
        FieldType::Personal => "personal",
        FieldType::Int => "int",
        FieldType::AmountMinor => "amount_minor",
        FieldType::Ppm => "ppm",
        FieldType::Day => "day",
        FieldType::At => "at",
        FieldType::Bool => "bool",
        FieldType::Ref(_) => "ref",
        FieldType::Process => "process",
        FieldType::Stage => "stage",
        FieldType::Outcome => "outcome",
        FieldType::Currency => "currency",
        FieldType::Json => "json",
    }
}

/// The facts of a deal as fields: those that the exit of its stage asks for, and those that stand in its object. What
/// moves left there is not among them.
pub(crate) fn fact_fields(process: Option<&Process>, exit: Option<&Exit>, object: &Map<String, Json>) -> Vec<Field> {
    let mut keys = exit.map_or_else(Vec::new, asked_for);
    keys.extend(object.keys().filter(|key| !KEPT_BY_MOVES.contains(&key.as_str())).cloned());
    let mut fields: Vec<Field> = Vec::new();
    for key in keys {
        if domain::field::named(Kind::Opportunity, &key).is_none() && !fields.iter().any(|field| field.name == key) {
            fields.push(Field::of_fact(&key, process.and_then(|process| process.fact(&key))));
        }
    }
    fields
}

/// The names that an exit asks for, of fields and of facts. How gates were passed is not among them: moves alone tell
/// it.
pub(crate) fn asked_for(exit: &Exit) -> Vec<String> {
    let of_expr = exit.expr.iter().flat_map(|expr| expr.fields()).map(str::to_owned);
    let mut names: Vec<String> = exit.fields.iter().cloned().chain(of_expr).collect();
    names.retain(|name| !KEPT_BY_MOVES.contains(&name.as_str()));
    names
}

impl Loudou {
    /// The fields of a kind: built-in ones, then custom ones.
    pub(crate) async fn fields(&self, kind: Kind) -> Result<Vec<Field>> {
        let builtin = of(kind).map(|def| {
            let (zh, en) = label(def.id).unwrap_or((def.name, def.name));
            Field {
                id: def.id,
                name: def.name.to_owned(),
                zh: zh.to_owned(),
                en: en.to_owned(),
                ty: def.ty,
                choices: choices(def.id),
            }
        });
        let mut fields: Vec<Field> = builtin.collect();
        let custom = self.store.custom_fields().await?.into_iter().filter(|field| field.kind == kind);
        fields.extend(custom.map(|field| Field {
            id: field.id,
            name: field.name,
            zh: field.label.clone(),
            en: field.label,
            ty: field.ty,
            choices: Vec::new(),
        }));
        Ok(fields)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_people_write_is_read_by_type() {
        let read = |ty: FieldType, json: Json| {
            let field = Field {
                id: FieldId(1),
                name: String::new(),
                zh: String::new(),
                en: String::new(),
                ty,
                choices: Vec::new(),
            };
            field.parse(&json).map_err(|Words { en, zh }| {
                assert!(zh.is_some_and(|zh| !zh.is_ascii()), "no Chinese for: {en}");
                en
            })
        };
        let text = |text: &str| Ok(Value::Text(text.into()));
        assert_eq!(read(FieldType::Text, json!("  a ")), text("a"));
        assert_eq!(read(FieldType::Text, json!("  ")), Ok(Value::Null));
        assert_eq!(read(FieldType::Text, json!(5)), Err("must be a text".to_owned()));
        assert_eq!(read(FieldType::AmountMinor, json!(5)), Ok(Value::Int(5)));
        assert_eq!(read(FieldType::Int, json!("9007199254740993")), Ok(Value::Int(9_007_199_254_740_993)));
        assert_eq!(read(FieldType::AmountMinor, json!(MOST_MINOR)), Ok(Value::Int(MOST_MINOR)));
        assert_eq!(read(FieldType::AmountMinor, json!(-MOST_MINOR)), Ok(Value::Int(-MOST_MINOR)));
        for beyond in [MOST_MINOR + 1, -MOST_MINOR - 1, i64::MAX, i64::MIN] {
            assert!(read(FieldType::AmountMinor, json!(beyond)).is_err_and(|why| why.starts_with("is too large")));
        }
        assert_eq!(read(FieldType::AmountMinor, json!(5.5)), Err("must be a whole number".to_owned()));
        assert_eq!(read(FieldType::Day, json!("2026-02-28")), Ok(Value::Int(20_512)));
        assert!(read(FieldType::Day, json!("2026-02-30")).is_err());
        assert!(read(FieldType::Ppm, json!(1_000_001)).is_err());
        assert_eq!(read(FieldType::Bool, json!("yes")), Err("must be true or false".to_owned()));
        assert_eq!(read(FieldType::Ref(Kind::Person), json!({"id": "7", "name": "x"})), Ok(Value::Ref(7)));
        assert_eq!(read(FieldType::Ref(Kind::Person), json!("#7")), Err("must be the id of a record".to_owned()));
        assert_eq!(read(FieldType::Stage, json!("lead")), Err("is not changed by an edit".to_owned()));
        assert_eq!(read(FieldType::Day, Json::Null), Ok(Value::Null));
    }

    #[test]
    fn facts_are_written_as_what_they_are() {
        let process = domain::process::load_ready_made().expect("they load").remove(0);
        let read =
            |key: &str, json: Json| Field::of_fact(key, process.fact(key)).parse_fact(&json).map_err(|words| words.en);
        assert_eq!(read("poc_result", json!(" it works ")), Ok(json!("it works")));
        assert_eq!(read("poc_result", json!("")), Ok(Json::Null));
        assert_eq!(read("blocking_obstacles", json!(0)), Ok(json!(0)));
        assert_eq!(read("blocking_obstacles", json!("none")), Err("must be a whole number".to_owned()));
        assert_eq!(read("signed_on", json!("2026-11-23")), Ok(json!("2026-11-23")));
        assert!(read("signed_on", json!("soon")).is_err());
        assert_eq!(read("signed_with", json!("us")), Ok(json!("us")));
        assert_eq!(read("signed_with", json!("them")), Err("must be one of us, competitor, nobody".to_owned()));
        assert_eq!(read("never_named", json!(true)), Ok(json!(true)), "what nobody described is taken as it is");
        assert!(read("never_named", json!({"a": 1})).is_err());
    }
}
