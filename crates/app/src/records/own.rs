//! Fields of the organisation's own: what a person may write into them, and they as columns of lists and files.

use std::collections::HashMap;

use domain::field::{FieldId, FieldType, Value, ids};
use domain::process::NamedValue;
use domain::words::Text2;
use domain::{Day, Kind, custom};
use serde_json::{Map, Value as Json};

use super::edit::{NEEDED, one_of};
use super::fields::{Field, word};
use super::names::referred;
use crate::answer::{Cell, Column, Unit, why};
use crate::{Loudou, Result, Words};

/// A column of the organisation's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnColumn {
    /// The field's name.
    pub name: String,
    /// What it is called.
    pub label: Text2,
    /// Its type, as [`super::FieldValue::ty`] says it.
    pub ty: &'static str,
    /// The values that have names.
    pub choices: Vec<NamedValue>,
}

/// Values of the organisation's own fields by name, as pages show them.
pub type OwnValues = Map<String, Json>;

impl Field {
    pub(super) fn takes_choices_alone(&self) -> bool {
        (self.id == ids::OPPORTUNITY_FACTS || self.own.is_some()) && !self.choices.is_empty()
    }

    /// Holds a text against what the organisation has settled about its field.
    pub(super) fn own_text(&self, value: Value) -> std::result::Result<Value, Words> {
        match &value {
            Value::Null if self.is_required() => Err(NEEDED.into()),
            Value::Text(text)
                if self.own.is_some_and(|own| own.dimension) && text.chars().count() > custom::LONGEST_MEMBER =>
            {
                let most = custom::LONGEST_MEMBER;
                Err((format!("用作维度，最多 {most} 个字符"), format!("is a dimension, and takes {most} characters"))
                    .into())
            }
            _ => Ok(value),
        }
    }

    pub(super) fn choice(&self, text: &str) -> std::result::Result<Value, Words> {
        if self.own.is_some() && text.trim().is_empty() {
            return self.parse(&Json::Null);
        }
        if self.own.is_some()
            && let Some(key) = custom::choice(&self.choices, text)
        {
            return Ok(Value::Text(key.into()));
        }
        let keys = || self.choices.iter().map(|choice| choice.key.as_str()).collect::<Vec<_>>();
        let known = self.choices.iter().any(|choice| choice.key == text);
        known.then(|| Value::Text(text.into())).ok_or_else(|| one_of(&keys()).into())
    }
}

impl OwnColumn {
    fn of(field: &Field) -> Self {
        Self {
            name: field.name.clone(),
            label: Text2::new(field.zh.clone(), field.en.clone()),
            ty: if field.choices.is_empty() { word(field.ty) } else { "choice" },
            choices: field.choices.clone(),
        }
    }

    /// It as the head of a file's column. Amounts are in the record's own currency, as its other amounts are.
    pub(super) fn head(&self) -> Column {
        let unit = match self.ty {
            "int" => Unit::Count,
            "amount_minor" => Unit::AmountMinor,
            "day" => Unit::Date,
            _ => Unit::Text,
        };
        Column { unit, ..Column::of_dimension(self.name.clone(), self.label.clone()) }
    }

    /// A record's value as a file's cell.
    pub(super) fn cell(&self, values: &OwnValues) -> Cell {
        let Some(value) = values.get(&self.name) else { return Cell::Undefined(why::NOT_RECORDED) };
        let text = || value.as_str().unwrap_or_default();
        let named = || self.choices.iter().find(|choice| choice.key == text());
        match self.ty {
            "int" => value.as_i64().map_or(Cell::Undefined(why::NOT_RECORDED), Cell::Int),
            "amount_minor" => {
                value.as_i64().map_or(Cell::Undefined(why::NOT_RECORDED), |minor| Cell::Minor(minor.into()))
            }
            "day" => Day::parse(text()).map_or(Cell::Undefined(why::NOT_RECORDED), Cell::Date),
            "bool" => {
                let (zh, en) = if value.as_bool() == Some(true) { ("是", "yes") } else { ("否", "no") };
                Cell::Name { zh: zh.to_owned(), en: en.to_owned(), key: value.to_string() }
            }
            "ref" => Cell::Text(value["name"].as_str().unwrap_or_default().to_owned()),
            _ => named().map_or_else(
                || Cell::Text(text().to_owned()),
                |choice| Cell::Name { zh: choice.name.zh.clone(), en: choice.name.en.clone(), key: choice.key.clone() },
            ),
        }
    }
}

impl Loudou {
    /// The columns of a kind's own fields that are asked for, and the values of some records, in their order. Personal
    /// text stands on the record's page alone.
    pub(crate) async fn own_columns(
        &self,
        kind: Kind,
        rows: &[&[(FieldId, Value)]],
    ) -> Result<(Vec<OwnColumn>, Vec<OwnValues>)> {
        let fields = self.fields(kind).await?;
        let plain = |field: &Field| !matches!(field.ty, FieldType::Personal | FieldType::Json);
        let shown: Vec<Field> =
            fields.into_iter().filter(|field| field.own.is_some() && !field.is_retired() && plain(field)).collect();
        if shown.is_empty() {
            return Ok((Vec::new(), vec![OwnValues::new(); rows.len()]));
        }
        let by_id: HashMap<FieldId, &Field> = shown.iter().map(|field| (field.id, field)).collect();
        let values = rows.iter().flat_map(|row| row.iter());
        let used = values.filter_map(|(id, value)| Some((*by_id.get(id)?, value)));
        let names = self.names(referred(used)).await?;
        let of = |row: &&[(FieldId, Value)]| {
            let told = row.iter().filter_map(|(id, value)| {
                let field = by_id.get(id).filter(|_| *value != Value::Null)?;
                Some((field.name.clone(), names.json(field.ty, value)))
            });
            told.collect::<OwnValues>()
        };
        Ok((shown.iter().map(OwnColumn::of).collect(), rows.iter().map(of).collect()))
    }
}
