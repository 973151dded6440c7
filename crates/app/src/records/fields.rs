//! The fields of a kind of record: what they are called, what they hold, and what a person may write into them.

use domain::field::{BadAmount, FieldId, FieldType, Value, builtin, check_amount, ids, is_never_negative, of};
use domain::process::facts::is_kept_by_moves;
use domain::process::{Exit, FactType, NamedValue, Process};
use domain::{Currency, Day, Kind, MOST_MINOR, RecordId};
use serde_json::{Map, Value as Json, json};

use super::edit::NEEDED;
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
    /// The values that have names; a fact and a field of the organisation's own take no others.
    pub(crate) choices: Vec<NamedValue>,
    /// What the organisation has settled about a field of its own.
    pub(crate) own: Option<Own>,
}

/// What the organisation has settled about a field of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Own {
    pub(crate) required: bool,
    pub(crate) dimension: bool,
    pub(crate) retired: bool,
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
    /// `stage`, `outcome`, `currency`, `choice`, `texts` (a list of texts), `parties` (a list of objects with `role`
    /// and, where known, `name`, `contact` and `met_on`) or `json`.
    pub ty: &'static str,
    /// The values of a `choice` that have names; imports may have brought others.
    pub choices: Vec<NamedValue>,
    /// The least number that it takes, in the units of its value.
    pub min: Option<i64>,
    /// The kind of record that a `ref` leads to.
    pub of: Option<&'static str>,
    /// The value; null where there is none.
    pub value: Json,
    /// Whether its text was erased.
    pub erased: bool,
    /// Whether it cannot be left empty.
    pub required: bool,
    /// Whether the asker may change it here; stage and outcome are changed by moves.
    pub editable: bool,
}

/// Fields that no edit writes: moves do, the classifier does, or nobody does. Of the other facts each is edited by its own name; the object
/// as a whole also holds what moves left in it.
const FIXED: [FieldId; 8] = [
    ids::OPPORTUNITY_STAGE,
    ids::OPPORTUNITY_OUTCOME,
    ids::OPPORTUNITY_PROCESS,
    ids::OPPORTUNITY_REASON,
    ids::OPPORTUNITY_NEXT_CONTACT_ON,
    ids::OPPORTUNITY_FACTS,
    ids::ACCOUNT_INDUSTRY_INFERRED,
    ids::ACCOUNT_INDUSTRY_CONFIDENCE,
];

/// Characters of a text at most.
const LONGEST: usize = 10_000;

impl Field {
    pub(crate) fn is_editable(&self) -> bool {
        !FIXED.contains(&self.id) && !self.is_retired()
    }

    /// Whether it is no longer asked for.
    pub(crate) fn is_retired(&self) -> bool {
        self.own.is_some_and(|own| own.retired)
    }

    /// Whether a record is not made without it.
    pub(crate) fn is_required(&self) -> bool {
        self.own.is_some_and(|own| own.required && !own.retired)
    }

    /// A fact as a field of its own; it stands in the deal's object of facts. What its process does not know of is taken
    /// as it is.
    pub(crate) fn of_fact(key: &str, process: Option<&Process>) -> Self {
        let fact = process.and_then(|process| process.fact(key));
        let (zh, en) = fact.map_or((key, key), |fact| (&fact.name.zh, &fact.name.en));
        Self {
            id: ids::OPPORTUNITY_FACTS,
            name: key.to_owned(),
            zh: zh.to_owned(),
            en: en.to_owned(),
            ty: match process.and_then(|process| process.fact_type(key)) {
                Some(FactType::Number) => FieldType::Int,
                Some(FactType::Amount) => FieldType::AmountMinor,
                Some(FactType::Day) => FieldType::Day,
                Some(FactType::Bool) => FieldType::Bool,
                Some(FactType::Text | FactType::Choice) => FieldType::Text,
                None => FieldType::Json,
            },
            choices: fact.map_or_else(Vec::new, |fact| fact.choices.clone()),
            own: None,
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
            (_, Value::Bool(flag)) => json!(flag),
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
            ty: match shape(self.id) {
                _ if !self.choices.is_empty() => "choice",
                Some(Shape::Texts) => "texts",
                Some(Shape::Parties) => "parties",
                None => word(self.ty),
            },
            choices: self.choices.clone(),
            min: (self.ty == FieldType::Ppm || is_never_negative(self.id)).then_some(0),
            of: if let FieldType::Ref(kind) = self.ty { Some(kind.as_str()) } else { None },
            value: value.map_or(Json::Null, |value| names.json(self.ty, value)),
            erased: false,
            required: self.is_required(),
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
            (_, Json::Null) if self.is_required() => Err(NEEDED.into()),
            (_, Json::Null) => Ok(Value::Null),
            (FieldType::Text, Json::String(text)) if self.takes_choices_alone() => self.choice(text),
            (FieldType::Text | FieldType::Personal, Json::String(text)) => self.own_text(written(self.id, text)?),
            (FieldType::Bool, Json::Bool(value)) => Ok(Value::Bool(*value)),
            (FieldType::Int, _) => {
                let number = number().filter(|number| *number != i64::MIN).ok_or(WHOLE)?;
                Ok(Value::Int(number))
            }
            (FieldType::AmountMinor, _) => {
                let minor = number().ok_or(WHOLE)?;
                match check_amount(self.id, minor) {
                    Ok(()) => Ok(Value::Int(minor)),
                    Err(BadAmount::Negative) => Err(("金额不能为负", "is an amount, and cannot be negative").into()),
                    Err(BadAmount::TooLarge) => Err(too_large()),
                }
            }
            (FieldType::Ppm, _) => {
                let ppm = number().filter(|ppm| (0..=1_000_000).contains(ppm));
                ppm.map(Value::Int).ok_or_else(|| {
                    let en = "must be a whole number of millionths, 0 to 1000000";
                    ("须为 0 到 1000000 的整数（百万分之几）", en).into()
                })
            }
            (FieldType::Day, Json::String(text)) => {
                let day = Day::parse(text).ok_or_else(|| no_day(text))?;
                Ok(Value::Int(i64::from(day.0)))
            }
            (FieldType::Currency, Json::String(text)) => Currency::parse(text)
                .map(|currency| Value::Int(i64::from(currency.code())))
                .map_err(|error| (format!("“{text}”不是币种代码：请写成 CNY 这样"), error.to_string()).into()),
            (FieldType::Ref(_), _) => reference(json)
                .map(Value::Ref)
                .ok_or_else(|| ("须为一条记录的编号", "must be the id of a record").into()),
            (FieldType::Json, _) => match shape(self.id) {
                Some(Shape::Texts) => texts(json),
                Some(Shape::Parties) => parties(json),
                None => Ok(Value::Json(json.to_string().into())),
            },
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

/// What stands in a field of JSON, where that is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Texts,
    Parties,
}

const fn shape(field: FieldId) -> Option<Shape> {
    match field {
        ids::OPPORTUNITY_COMPETITORS | ids::OPPORTUNITY_SUPPLY_LIST | ids::ACCOUNT_ALIASES => Some(Shape::Texts),
        ids::OPPORTUNITY_PARTIES => Some(Shape::Parties),
        _ => None,
    }
}

/// Parts of a list at most.
const MOST_PARTS: usize = 1000;

fn parts(json: &Json) -> std::result::Result<&[Json], Words> {
    let parts = json.as_array().ok_or(("须为列表", "must be a list"))?;
    if parts.len() > MOST_PARTS {
        return Err((format!("最多 {MOST_PARTS} 项"), format!("takes {MOST_PARTS} parts at most")).into());
    }
    Ok(parts)
}

fn texts(json: &Json) -> std::result::Result<Value, Words> {
    let mut kept = Vec::new();
    for part in parts(json)? {
        let text = part.as_str().ok_or(("须为文字的列表", "must be a list of texts"))?;
        if let Value::Text(text) = text_of(text)? {
            kept.push(text);
        }
    }
    Ok(if kept.is_empty() { Value::Null } else { Value::Json(json!(kept).to_string().into()) })
}

/// People on the customer's side of a deal: a list of objects, in which `role`, `name`, `contact` and `met_on` are held
/// to what they mean. What imports have left is taken along: one object alone, names without more, other keys.
fn parties(json: &Json) -> std::result::Result<Value, Words> {
    let parts = if json.is_object() { std::slice::from_ref(json) } else { parts(json)? };
    let mut kept = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            Json::String(name) => {
                if let Value::Text(name) = text_of(name)? {
                    kept.push(json!({ "name": name }));
                }
            }
            Json::Object(party) => {
                check_party(party)?;
                kept.push(part.clone());
            }
            _ => {
                let en =
                    "must be a list of objects with `role`, `name`, `contact` and `met_on`, as far as they are known";
                return Err(("须为对象的列表，各含已知的 role、name、contact、met_on", en).into());
            }
        }
    }
    Ok(if kept.is_empty() { Value::Null } else { Value::Json(json!(kept).to_string().into()) })
}

fn check_party(party: &Map<String, Json>) -> std::result::Result<(), Words> {
    for key in ["role", "name"] {
        match party.get(key) {
            None | Some(Json::Null) => {}
            Some(Json::String(text)) => drop(text_of(text)?),
            Some(_) => return Err((format!("{key} 须为文字"), format!("`{key}` must be a text")).into()),
        }
    }
    let contact = party.get("contact").filter(|contact| !contact.is_null());
    if contact.is_some_and(|contact| reference(contact).is_none()) {
        return Err(("contact 须为联系人的编号", "`contact` must be the id of a contact").into());
    }
    match party.get("met_on") {
        None | Some(Json::Null) => Ok(()),
        Some(day) if day.as_str().and_then(Day::parse).is_some() => Ok(()),
        Some(day) => Err(no_day(day.as_str().unwrap_or_default())),
    }
}

fn no_day(text: &str) -> Words {
    let zh = format!("“{text}”不是有效日期：请写成 2026-11-23 这样");
    (zh, format!("`{text}` is not a date that exists: write it as 2026-11-23")).into()
}

/// An amount beyond the bound.
fn too_large() -> Words {
    let zh = format!("金额过大，请核对数字和单位（以最小货币单位计最多 {MOST_MINOR}）");
    (zh, format!("is too large: check the figures and their unit (at most {MOST_MINOR} of the smallest unit)")).into()
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

/// Characters of a name at most: names stand in lists, menus and charts.
const LONGEST_NAME: usize = 200;

/// A text, held to what its field is for.
fn written(field: FieldId, text: &str) -> std::result::Result<Value, Words> {
    let Value::Text(text) = text_of(text)? else { return Ok(Value::Null) };
    let is_name = builtin(field).is_some_and(|def| def.name == "name");
    if is_name && text.chars().count() > LONGEST_NAME {
        let en = format!("is a name, and longer than {LONGEST_NAME} characters");
        return Err((format!("名称超过 {LONGEST_NAME} 个字符"), en).into());
    }
    let is_phone_number = matches!(field, ids::CONTACT_PHONE | ids::ACCOUNT_PHONE);
    if (is_name || is_phone_number) && text.contains(char::is_control) {
        return Err(("须为一行，不含控制字符", "takes one line, without control characters").into());
    }
    match field {
        ids::CONTACT_EMAIL | ids::PERSON_EMAIL if !is_email(&text) => {
            let en = format!("`{text}` is no e-mail address: write it as name@example.com");
            Err((format!("“{text}”不是邮箱地址：请写成 name@example.com 这样"), en).into())
        }
        ids::CONTACT_PHONE | ids::ACCOUNT_PHONE if !is_phone(&text) => {
            let en = format!("`{text}` is no telephone number: write digits, as in +86 21 5555 0000");
            Err((format!("“{text}”不是电话号码：请写数字，如 +86 21 5555 0000"), en).into())
        }
        _ => Ok(Value::Text(text)),
    }
}

/// Something on either side of one `@`, with a dot behind it, and no blanks: whether it exists only a letter tells.
fn is_email(text: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control());
    text.len() <= 254
        && text.split_once('@').is_some_and(|(name, host)| {
            let labels: Vec<&str> = host.split('.').collect();
            plain(name) && !host.contains('@') && labels.len() > 1 && labels.into_iter().all(plain)
        })
}

/// Digits, from three on (emergency and service numbers), with what people part them by; an extension may follow, as in
/// `+86 (21) 5555-0000 ext. 12` or `转 12`.
fn is_phone(text: &str) -> bool {
    let text = domain::text::folded(text);
    let digits = text.chars().filter(char::is_ascii_digit).count();
    (3..=40).contains(&digits)
        && text.chars().count() <= 60
        && text.chars().next().is_some_and(|c| c.is_ascii_digit() || "+(".contains(c))
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

pub(crate) const fn word(ty: FieldType) -> &'static str {
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

/// The facts of a deal as fields: those that exits ask for, and those that stand in its object. What moves left there
/// is not among them.
pub(crate) fn fact_fields<'a>(
    process: Option<&Process>,
    exits: impl IntoIterator<Item = &'a Exit>,
    object: &Map<String, Json>,
) -> Vec<Field> {
    let asked = exits.into_iter().flat_map(|exit| {
        let of_expr = exit.expr.iter().flat_map(|expr| expr.fields()).map(str::to_owned);
        exit.fields.iter().cloned().chain(of_expr)
    });
    let mut fields: Vec<Field> = Vec::new();
    for key in asked.chain(object.keys().cloned()) {
        let is_fact = domain::field::named(Kind::Opportunity, &key).is_none() && !is_kept_by_moves(&key);
        if is_fact && !fields.iter().any(|field| field.name == key) {
            fields.push(Field::of_fact(&key, process));
        }
    }
    fields
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
                own: None,
            }
        });
        let mut fields: Vec<Field> = builtin.collect();
        let custom = self.store.custom_fields().await?.into_iter().filter(|field| field.kind == kind);
        fields.extend(custom.map(|field| Field {
            id: field.id,
            name: field.name,
            zh: field.label.zh,
            en: field.label.en,
            ty: field.ty,
            choices: field.choices,
            own: Some(Own { required: field.required, dimension: field.dimension, retired: field.retired }),
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
                own: None,
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
        for beyond in [MOST_MINOR + 1, i64::MAX, i64::MIN] {
            assert!(read(FieldType::AmountMinor, json!(beyond)).is_err_and(|said| said.starts_with("is too large")));
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

    fn said(id: FieldId, json: &Json) -> std::result::Result<Value, String> {
        let def = builtin(id).expect("it is built in");
        let field = Field {
            id,
            name: def.name.to_owned(),
            zh: String::new(),
            en: String::new(),
            ty: def.ty,
            choices: Vec::new(),
            own: None,
        };
        field.parse(json).map_err(|words| words.en)
    }

    #[test]
    fn fields_of_ones_own_take_their_choices_and_are_not_emptied_where_required() {
        let named =
            |key: &str, zh: &str, en: &str| NamedValue { key: key.to_owned(), name: domain::words::Text2::new(zh, en) };
        let own = Own { required: true, dimension: true, retired: false };
        let field = |choices: Vec<NamedValue>| Field {
            id: FieldId(1000),
            name: "tier".to_owned(),
            zh: "档次".to_owned(),
            en: "Tier".to_owned(),
            ty: FieldType::Text,
            choices,
            own: Some(own),
        };
        let read = |field: &Field, json: Json| field.parse(&json).map_err(|words| words.en);
        let tier = field(vec![named("gold", "金", "Gold")]);
        for written in ["gold", "金", "GOLD"] {
            assert_eq!(read(&tier, json!(written)), Ok(Value::Text("gold".into())));
        }
        assert_eq!(read(&tier, json!("tin")), Err("must be one of gold".to_owned()));
        let free = field(Vec::new());
        for nothing in [json!(null), json!(" ")] {
            assert_eq!(read(&tier, nothing.clone()), Err("is needed".to_owned()));
            assert_eq!(read(&free, nothing), Err("is needed".to_owned()));
        }
        assert!(read(&free, json!("x".repeat(101))).is_err_and(|why| why.contains("100")));
        let retired = Field { own: Some(Own { retired: true, ..own }), ..free };
        assert!(!retired.is_editable() && !retired.is_required());
    }

    #[test]
    fn what_a_deal_is_worth_is_not_negative_and_an_expense_may_flow_back() {
        assert!(said(ids::OPPORTUNITY_AMOUNT, &json!(-1)).is_err_and(|why| why.contains("cannot be negative")));
        assert_eq!(said(ids::EXPENSE_AMOUNT, &json!(-1)), Ok(Value::Int(-1)));
    }

    #[test]
    fn names_addresses_and_numbers_are_held_to_what_they_are_for() {
        assert!(said(ids::OPPORTUNITY_NAME, &json!("n".repeat(200))).is_ok());
        assert!(said(ids::OPPORTUNITY_NAME, &json!("n".repeat(201))).is_err_and(|why| why.contains("200")));
        assert!(said(ids::ACCOUNT_NAME, &json!("two\nlines")).is_err());
        assert!(said(ids::OPPORTUNITY_NEXT_STEP, &json!("two\nlines, and ".repeat(50))).is_ok());
        for (email, is_one) in [
            ("li@acme.cn", true),
            ("李@例子.中国", true),
            ("a.b+c@mail.acme.co.uk", true),
            ("acme.cn", false),
            ("@acme.cn", false),
            ("li@acme", false),
            ("li@@acme.cn", false),
            ("li @acme.cn", false),
            ("li@acme..cn", false),
        ] {
            assert_eq!(said(ids::CONTACT_EMAIL, &json!(email)).is_ok(), is_one, "{email}");
        }
        for (phone, is_one) in [
            ("+86 21 5555-0000", true),
            ("(021) 5555 0000 转 12", true),
            ("110", true),
            ("＋８６ ２１ ５５５５", true),
            ("call me", false),
            ("12", false),
            ("=1+cmd 1234", false),
        ] {
            assert_eq!(said(ids::CONTACT_PHONE, &json!(phone)).is_ok(), is_one, "{phone}");
        }
    }

    #[test]
    fn lists_and_parties_keep_their_shape() {
        let json_of = |json: Json| Ok(Value::Json(json.to_string().into()));
        assert_eq!(said(ids::OPPORTUNITY_COMPETITORS, &json!([" a ", "", "b"])), json_of(json!(["a", "b"])));
        assert_eq!(said(ids::OPPORTUNITY_COMPETITORS, &json!([])), Ok(Value::Null));
        for wrong in [json!("a"), json!([1]), json!({"a": 1}), json!([["a"]])] {
            assert!(said(ids::ACCOUNT_ALIASES, &wrong).is_err());
        }
        let whole =
            json!([{"role": "economic", "name": "Li", "contact": 7, "met_on": "2026-11-23"}, {"role": "coach"}]);
        assert_eq!(said(ids::OPPORTUNITY_PARTIES, &whole), json_of(whole));
        // As imports have left them: they go along when somebody is added.
        let left = json!(["Li", {"name": "Wu", "mood": "good"}, ""]);
        let kept = json!([{"name": "Li"}, {"name": "Wu", "mood": "good"}]);
        assert_eq!(said(ids::OPPORTUNITY_PARTIES, &left), json_of(kept));
        assert_eq!(said(ids::OPPORTUNITY_PARTIES, &json!({"role": "user"})), json_of(json!([{"role": "user"}])));
        for wrong in [
            json!("Li"),
            json!([7]),
            json!([["Li"]]),
            json!([{"role": 7}]),
            json!([{"role": "coach", "met_on": "soon"}]),
            json!([{"role": "coach", "contact": "Li"}]),
        ] {
            assert!(said(ids::OPPORTUNITY_PARTIES, &wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn facts_are_written_as_what_they_are() {
        let process = domain::process::load_ready_made().expect("they load").remove(0);
        let read =
            |key: &str, json: Json| Field::of_fact(key, Some(&process)).parse_fact(&json).map_err(|words| words.en);
        assert_eq!(read("poc_result", json!(" it works ")), Ok(json!("it works")));
        assert_eq!(read("poc_result", json!("")), Ok(Json::Null));
        assert_eq!(read("blocking_obstacles", json!(0)), Ok(json!(0)));
        assert_eq!(read("blocking_obstacles", json!("none")), Err("must be a whole number".to_owned()));
        assert_eq!(read("signed_on", json!("2026-11-23")), Ok(json!("2026-11-23")));
        assert!(read("signed_on", json!("soon")).is_err());
        assert_eq!(read("signed_with", json!("us")), Ok(json!("us")));
        assert_eq!(read("signed_with", json!("them")), Err("must be one of us, competitor, nobody".to_owned()));
        assert_eq!(read("never_named", json!(true)), Ok(json!(true)), "what nobody described is taken as it is");
        assert_eq!(read("kickoff_on", json!("2026-11-23")), Ok(json!("2026-11-23")), "or by what its name says");
        assert!(read("kickoff_on", json!("soon")).is_err());
        assert!(read("never_named", json!({"a": 1})).is_err());
    }
}
