//! Fields of the organisation's own: what there is, added, changed, retired.
//!
//! A field's name and type are for good, since files, saved questions and the journal speak of them. What people call it
//! may change, values may be added, and a retired field keeps what was written.

use domain::custom::{self, BadField, CustomField};
use domain::field::{FIRST_CUSTOM, FieldId, FieldType};
use domain::people::May;
use domain::process::NamedValue;
use domain::words::Text2;
use domain::{Kind, RecordId};

use crate::{AppError, Fault, Loudou, Result, words};

/// A field to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewField {
    /// The kind of record that carries it, by its word.
    pub kind: String,
    /// Its name in files, JSON and SQL.
    pub name: String,
    /// `text`, `choice`, `number` (whole), `amount`, `date`, `yes_no`, or `ref:KIND`.
    pub ty: String,
    /// What people call it.
    pub label: Text2,
    /// The values of a choice.
    pub choices: Vec<NamedValue>,
    /// Whether a record is not made without it.
    pub required: bool,
    /// Whether deals are grouped and filtered by it.
    pub dimension: bool,
}

/// What is changed about a field; the rest stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldChange {
    /// What people call it.
    pub label: Option<Text2>,
    /// The values of a choice: all those that are there, by whatever names, and any more.
    pub choices: Option<Vec<NamedValue>>,
    /// Whether a record is not made without it.
    pub required: Option<bool>,
    /// Whether deals are grouped and filtered by it.
    pub dimension: Option<bool>,
    /// Whether it is no longer asked for.
    pub retired: Option<bool>,
}

/// The word of a type that can be chosen.
#[must_use]
pub fn type_word(field: &CustomField) -> String {
    match field.ty {
        FieldType::Text if !field.choices.is_empty() => "choice".to_owned(),
        FieldType::Text => "text".to_owned(),
        FieldType::Int => "number".to_owned(),
        FieldType::AmountMinor => "amount".to_owned(),
        FieldType::Day => "date".to_owned(),
        FieldType::Bool => "yes_no".to_owned(),
        FieldType::Ref(kind) => format!("ref:{}", kind.as_str()),
        _ => "other".to_owned(),
    }
}

fn type_of(word: &str) -> Option<FieldType> {
    Some(match word {
        "text" | "choice" => FieldType::Text,
        "number" => FieldType::Int,
        "amount" => FieldType::AmountMinor,
        "date" => FieldType::Day,
        "yes_no" => FieldType::Bool,
        word => FieldType::Ref(Kind::parse(word.strip_prefix("ref:")?)?),
    })
}

impl Loudou {
    /// The fields of the organisation's own, retired ones too, by kind and in the order they were added: for whoever
    /// reads, writes or imports records, or settles what they hold.
    ///
    /// # Errors
    /// The role may do none of that, or the data cannot be read.
    pub async fn own_fields(&self) -> Result<Vec<CustomField>> {
        const ANY: [May; 5] = [May::EditDeals, May::EditCustomers, May::Import, May::Configure, May::Administer];
        if !ANY.iter().any(|may| self.who.may.contains(may)) {
            self.who.require(May::Analyse)?;
        }
        let mut fields = self.store.custom_fields().await?;
        fields.sort_by_key(|field| (field.kind, field.id));
        Ok(fields)
    }

    /// Adds a field.
    ///
    /// # Errors
    /// It cannot be as it is asked for, the name is taken, or the role may not.
    pub async fn add_field(&self, new: &NewField) -> Result<CustomField> {
        self.may_configure()?;
        let kind = self::kind(&new.kind)?;
        let ty = type_of(&new.ty).ok_or_else(|| refused(BadField::Type, &new.name))?;
        let field = CustomField {
            id: FieldId(FIRST_CUSTOM),
            kind,
            name: new.name.trim().to_owned(),
            ty,
            label: trimmed(&new.label),
            choices: new.choices.iter().map(tidy).collect(),
            required: new.required,
            dimension: new.dimension,
            retired: false,
        };
        field.check().map_err(|bad| refused(bad, &field.name))?;
        if new.ty == "choice" && field.choices.is_empty() {
            return Err(refused(BadField::Choices, &field.name));
        }
        let there = self.store.custom_fields().await?;
        if there.iter().any(|other| other.kind == kind && other.name == field.name) {
            return Err(exists(&field));
        }
        if there.len() >= custom::MOST_FIELDS {
            let most = custom::MOST_FIELDS;
            return Err(AppError::input((
                format!("自定义字段最多 {most} 个"),
                format!("there can be {most} own fields at most"),
            )));
        }
        Ok(self.store.add_custom_field(&field, self.now).await?)
    }

    /// Changes a field.
    ///
    /// # Errors
    /// There is none, a value that may be written would go, it cannot be as it is asked for, or the role may not.
    pub async fn change_field(&self, id: FieldId, change: &FieldChange) -> Result<CustomField> {
        self.may_configure()?;
        self.store.change_custom_field(id, |field| changed(field, change)).await
    }

    /// A field of the organisation's own by its kind and name.
    ///
    /// # Errors
    /// There is none.
    pub async fn own_field(&self, kind: &str, name: &str) -> Result<CustomField> {
        let kind = self::kind(kind)?;
        let fields = self.store.custom_fields().await?;
        let of_kind = fields.into_iter().filter(|field| field.kind == kind);
        let (mut found, others): (Vec<_>, Vec<_>) = of_kind.partition(|field| field.name == name);
        found.pop().ok_or_else(|| {
            let near = warehouse::similar(name, others.iter().map(|field| field.name.as_str()));
            let zh = format!("{}没有自定义字段“{name}”{}", words::kind(kind), words::near(&near));
            AppError::not_found((zh, format!("{} has no own field `{name}`", kind.with_article())))
        })
    }

    fn may_configure(&self) -> Result<()> {
        if self.who.may.contains(&May::Administer) { Ok(()) } else { self.who.require(May::Configure) }
    }
}

/// The kind of a word.
pub(crate) fn kind(word: &str) -> Result<Kind> {
    Kind::parse(word).ok_or_else(|| {
        let known: Vec<&str> = Kind::ALL.into_iter().map(Kind::as_str).collect();
        AppError::input((format!("没有“{word}”这种记录"), format!("there is no kind of record `{word}`")))
            .hint((format!("可用：{}", known.join("、")), format!("kinds are {}", known.join(", "))))
    })
}

fn trimmed(text: &Text2) -> Text2 {
    Text2::new(text.zh.trim(), text.en.trim())
}

fn tidy(choice: &NamedValue) -> NamedValue {
    NamedValue { key: choice.key.trim().to_owned(), name: trimmed(&choice.name) }
}

fn changed(field: &CustomField, change: &FieldChange) -> Result<CustomField> {
    let FieldChange { label, choices, required, dimension, retired } = change;
    let wanted = CustomField {
        label: label.as_ref().map_or_else(|| field.label.clone(), trimmed),
        choices: choices.as_ref().map_or_else(|| field.choices.clone(), |all| all.iter().map(tidy).collect()),
        required: required.unwrap_or(field.required),
        dimension: dimension.unwrap_or(field.dimension),
        retired: retired.unwrap_or(field.retired),
        ..field.clone()
    };
    let gone = field.choices.iter().find(|old| wanted.choices.iter().all(|choice| choice.key != old.key));
    if let Some(gone) = gone {
        return Err(AppError::input((
            format!("选项“{}”不能去掉：可能有记录用着它", gone.key),
            format!("the value `{}` cannot go: records may have it", gone.key),
        ))
        .hint(("请把它留在选项里，可以改名称", "leave it among the values; its names may change")));
    }
    if field.choices.is_empty() && !wanted.choices.is_empty() {
        return Err(AppError::input((
            "自由文字的字段不能改成选项",
            "a field of free text does not become one of choices",
        ))
        .hint(("请新增一个选项字段，停用这个", "add a field of choices and retire this one")));
    }
    wanted.check().map_err(|bad| refused(bad, &field.name))?;
    Ok(wanted)
}

fn exists(field: &CustomField) -> AppError {
    let (kind, name) = (field.kind, &field.name);
    AppError::of(
        Fault::Conflict,
        (
            format!("{}已有字段“{name}”", words::kind(kind)),
            format!("{} has a field `{name}` already", kind.with_article()),
        ),
    )
    .hint(("请另取名称；停用的字段可以恢复", "choose another name; a retired field can be brought back"))
}

/// Why a field cannot be so, and what to do.
fn refused(bad: BadField, name: &str) -> AppError {
    use custom::{LONGEST_LABEL, LONGEST_NAME, MOST_CHOICES};
    let (zh, en) = match bad {
        BadField::Name => (
            format!("字段名“{name}”须以小写字母开头，只含小写字母、数字与下划线，最多 {LONGEST_NAME} 个"),
            format!("the name `{name}` has to begin with a small letter and to hold small letters, digits and `_` only, {LONGEST_NAME} at most"),
        ),
        BadField::Taken => {
            (format!("“{name}”已有别的含义，请另取名称"), format!("`{name}` means something else already: choose another name"))
        }
        BadField::Label => (
            format!("中文与英文名称都要填，最多 {LONGEST_LABEL} 个字符"),
            format!("a name in Chinese and one in English are needed, {LONGEST_LABEL} letters at most"),
        ),
        BadField::Type => (
            "类型须为 text、choice、number、amount、date、yes_no 或 ref:种类（account、product、person、team、region、industry、channel、campaign）".to_owned(),
            "the type has to be text, choice, number, amount, date, yes_no, or ref:KIND (account, product, person, team, region, industry, channel, campaign)".to_owned(),
        ),
        BadField::Choices => (
            format!("选项字段须有 1 到 {MOST_CHOICES} 个互不相同的选项，各有键、中文与英文名称；其他类型没有选项"),
            format!("a field of choices needs 1 to {MOST_CHOICES} different values, each with a key and names in Chinese and English; other types have none"),
        ),
        BadField::Dimension => (
            "只有商机与客户的文字、选项与引用字段可以作维度".to_owned(),
            "only texts, choices and references of deals and customers can be dimensions".to_owned(),
        ),
    };
    AppError::input((zh, en))
}

/// The record that a text names by its id.
pub(crate) fn record_id(text: &str) -> Result<RecordId> {
    text.trim_start_matches('#')
        .parse()
        .map_err(|_| AppError::input((format!("“{text}”不是记录编号"), format!("`{text}` is no id of a record"))))
}
