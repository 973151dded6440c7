//! The fields of a kind of record: what they are called, what they hold, and what a person may write into them.

use domain::field::{FieldId, FieldType, Value, ids, of};
use domain::{Currency, Day, Kind, RecordId};
use serde_json::Value as Json;

use super::labels::label;
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
    /// `stage`, `outcome`, `currency` or `json`.
    pub ty: &'static str,
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

/// Characters of a text at most.
const LONGEST: usize = 10_000;

impl Field {
    pub(crate) fn is_editable(&self) -> bool {
        !FIXED.contains(&self.id)
    }

    pub(crate) fn show(&self, value: Option<&Value>, names: &Names, editable: bool) -> FieldValue {
        FieldValue {
            id: self.id.0,
            name: self.name.clone(),
            zh: self.zh.clone(),
            en: self.en.clone(),
            ty: word(self.ty),
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
            (FieldType::Text | FieldType::Personal, Json::String(text)) => text_of(text),
            (FieldType::Bool, Json::Bool(value)) => Ok(Value::Bool(*value)),
            (FieldType::Int | FieldType::AmountMinor, _) => {
                let number = number().filter(|number| *number != i64::MIN).ok_or(WHOLE)?;
                Ok(Value::Int(number))
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

impl Loudou {
    /// The fields of a kind: built-in ones, then custom ones.
    pub(crate) async fn fields(&self, kind: Kind) -> Result<Vec<Field>> {
        let builtin = of(kind).map(|def| {
            let (zh, en) = label(def.id).unwrap_or((def.name, def.name));
            Field { id: def.id, name: def.name.to_owned(), zh: zh.to_owned(), en: en.to_owned(), ty: def.ty }
        });
        let mut fields: Vec<Field> = builtin.collect();
        let custom = self.store.custom_fields().await?.into_iter().filter(|field| field.kind == kind);
        fields.extend(custom.map(|field| Field {
            id: field.id,
            name: field.name,
            zh: field.label.clone(),
            en: field.label,
            ty: field.ty,
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
            let field = Field { id: FieldId(1), name: String::new(), zh: String::new(), en: String::new(), ty };
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
        assert_eq!(read(FieldType::AmountMinor, json!("9007199254740993")), Ok(Value::Int(9_007_199_254_740_993)));
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
}
