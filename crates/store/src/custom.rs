//! Fields of the organisation's own, as they are stored: what never changes in columns, the rest as JSON.

use domain::field::{self, FIRST_CUSTOM, FieldId, FieldType};
use domain::process::NamedValue;
use domain::words::Text2;
use domain::{CustomField, Instant, Kind};
use sea_orm::{ConnectionTrait, QueryResult};
use serde::{Deserialize, Serialize};

use crate::engine::{Engine, execute, rows};
use crate::registry::{int, text};
use crate::{Store, StoreError};

/// What may change about a field.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Content {
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<Text2>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    choices: Vec<NamedValue>,
    required: bool,
    dimension: bool,
    retired: bool,
}

fn content_of(field: &CustomField) -> Result<String, StoreError> {
    let CustomField { label, choices, required, dimension, retired, .. } = field;
    let content = Content {
        label: Some(label.clone()),
        choices: choices.clone(),
        required: *required,
        dimension: *dimension,
        retired: *retired,
    };
    serde_json::to_string(&content).map_err(|error| StoreError::damaged("a custom field", error.to_string()))
}

/// Types of custom fields, by the word that is stored.
fn type_word(ty: FieldType) -> String {
    match ty {
        FieldType::Text => "text".into(),
        FieldType::Personal => "personal".into(),
        FieldType::Int => "int".into(),
        FieldType::AmountMinor => "amount_minor".into(),
        FieldType::Ppm => "ppm".into(),
        FieldType::Day => "day".into(),
        FieldType::At => "at".into(),
        FieldType::Bool => "bool".into(),
        FieldType::Ref(kind) => format!("ref:{}", kind.as_str()),
        FieldType::Process => "process".into(),
        FieldType::Stage => "stage".into(),
        FieldType::Outcome => "outcome".into(),
        FieldType::Currency => "currency".into(),
        FieldType::Json => "json".into(),
    }
}

fn type_of(word: &str) -> Option<FieldType> {
    if let Some(kind) = word.strip_prefix("ref:") {
        return Kind::parse(kind).map(FieldType::Ref);
    }
    use FieldType as T;
    [
        T::Text,
        T::Personal,
        T::Int,
        T::AmountMinor,
        T::Ppm,
        T::Day,
        T::At,
        T::Bool,
        T::Process,
        T::Stage,
        T::Outcome,
        T::Currency,
        T::Json,
    ]
    .into_iter()
    .find(|ty| type_word(*ty) == word)
}

fn read(row: &QueryResult) -> Result<CustomField, StoreError> {
    let (id, kind): (i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    let (word, label, content): (String, String, String) =
        (row.try_get_by_index(3)?, row.try_get_by_index(4)?, row.try_get_by_index(5)?);
    let damaged = || StoreError::damaged("a custom field", format!("{id} {kind} {word}"));
    let content: Content = serde_json::from_str(&content).map_err(|_| damaged())?;
    Ok(CustomField {
        id: FieldId(u16::try_from(id).map_err(|_| damaged())?),
        kind: i16::try_from(kind).ok().and_then(Kind::from_code).ok_or_else(damaged)?,
        name: row.try_get_by_index(2)?,
        ty: type_of(&word).ok_or_else(damaged)?,
        label: content.label.unwrap_or_else(|| Text2::new(label.clone(), label)),
        choices: content.choices,
        required: content.required,
        dimension: content.dimension,
        retired: content.retired,
    })
}

pub(crate) async fn custom_fields(on: &impl ConnectionTrait, engine: Engine) -> Result<Vec<CustomField>, StoreError> {
    let sql = "SELECT id, kind, name, type, label, content FROM custom_fields ORDER BY id";
    rows(on, engine, sql, Vec::new()).await?.iter().map(read).collect()
}

impl Store {
    /// The custom fields, by id.
    ///
    /// # Errors
    /// The database's own, or [`StoreError::Damaged`].
    pub async fn custom_fields(&self) -> Result<Vec<CustomField>, StoreError> {
        let fields = custom_fields(self.readers(), self.engine()).await?;
        self.remember_custom_fields(&fields);
        Ok(fields)
    }

    /// Adds a custom field under an id of its own, or gives back the one of that name and type.
    ///
    /// # Errors
    /// [`StoreError::FieldExists`], [`StoreError::TooManyFields`], or the database's own.
    pub async fn add_custom_field(&self, wanted: &CustomField, at: Instant) -> Result<CustomField, StoreError> {
        let (kind, name) = (wanted.kind, wanted.name.as_str());
        let mut writer = self.begin().await?;
        let mut fields = custom_fields(&writer.tx, self.engine()).await?;
        let exists = StoreError::FieldExists { kind, name: name.to_owned() };
        if field::named(kind, name).is_some() {
            return Err(exists);
        }
        if let Some(found) = fields.iter().find(|field| field.kind == kind && field.name == name) {
            return if found.ty == wanted.ty { Ok(found.clone()) } else { Err(exists) };
        }
        let next = fields.last().map_or(Some(FIRST_CUSTOM), |field| field.id.0.checked_add(1));
        let id = FieldId(next.ok_or(StoreError::TooManyFields)?);
        let added = CustomField { id, ..wanted.clone() };
        let sql = "INSERT INTO custom_fields (id, kind, name, type, label, content, added_at) VALUES (?,?,?,?,?,?,?)";
        let values = vec![
            int(i64::from(id.0)),
            int(i64::from(kind.code())),
            text(name),
            text(type_word(added.ty)),
            text(added.label.en.as_str()),
            text(content_of(&added)?),
            int(at.0),
        ];
        execute(&writer.tx, self.engine(), sql, values).await?;
        writer.head.config += 1;
        writer.commit().await?;
        fields.push(added.clone());
        self.remember_custom_fields(&fields);
        Ok(added)
    }

    /// Changes a custom field by what `change` makes of it as it stands. Its id, kind, name and type stay.
    ///
    /// # Errors
    /// [`StoreError::NoField`], what `change` refuses, or the database's own.
    pub async fn change_custom_field<E: From<StoreError>>(
        &self,
        id: FieldId,
        change: impl FnOnce(&CustomField) -> Result<CustomField, E>,
    ) -> Result<CustomField, E> {
        let mut writer = self.begin().await?;
        let fields = custom_fields(&writer.tx, self.engine()).await?;
        let found = fields.iter().find(|field| field.id == id).ok_or(StoreError::NoField(id))?;
        let CustomField { kind, name, ty, .. } = found.clone();
        let changed = CustomField { id, kind, name, ty, ..change(found)? };
        if changed == *found {
            return Ok(changed);
        }
        let sql = "UPDATE custom_fields SET label = ?, content = ? WHERE id = ?";
        let values = vec![text(changed.label.en.as_str()), text(content_of(&changed)?), int(i64::from(id.0))];
        execute(&writer.tx, self.engine(), sql, values).await.map_err(E::from)?;
        writer.head.config += 1;
        writer.commit().await?;
        Ok(changed)
    }
}
