//! `loudou field`: list, add, change, retire, restore.

use app::answer::{Answer, Cell, Column, Terms, Unit};
use app::fields::{FieldChange, NewField, type_word};
use app::{AppError, Result};
use clap::{Args, Subcommand};
use domain::CustomField;
use domain::process::NamedValue;
use domain::words::Text2;

use super::open;
use crate::context::Context;

/// What is done with fields.
#[derive(Debug, Subcommand)]
pub(crate) enum FieldCommand {
    /// The fields of the organisation's own.
    List,
    /// Add a field to a kind of record.
    Add(FieldAddArgs),
    /// Rename a field, add values, or make it a dimension.
    Change(FieldChangeArgs),
    /// Ask for a field no longer; what was written stays.
    Retire(FieldName),
    /// Ask for a retired field again.
    Restore(FieldName),
}

/// Which field.
#[derive(Debug, Args)]
pub(crate) struct FieldName {
    /// The kind of record: opportunity, account, contact, product, …
    kind: String,
    /// The field's name.
    name: String,
}

/// A field to be added.
#[derive(Debug, Args)]
pub(crate) struct FieldAddArgs {
    #[command(flatten)]
    of: FieldName,
    /// text, choice, number (whole), amount, date, yes_no, or ref:KIND.
    #[arg(long = "type", default_value = "text", value_name = "TYPE")]
    ty: String,
    /// What people call it in Chinese.
    #[arg(long)]
    zh: String,
    /// What people call it in English.
    #[arg(long)]
    en: String,
    /// A value of a choice; may be repeated.
    #[arg(long = "choice", value_name = "KEY=ZH|EN")]
    choices: Vec<String>,
    /// Pages make no record without it.
    #[arg(long)]
    required: bool,
    /// Deals are grouped and filtered by it.
    #[arg(long)]
    dimension: bool,
}

/// What is changed about a field.
#[derive(Debug, Args)]
pub(crate) struct FieldChangeArgs {
    #[command(flatten)]
    of: FieldName,
    /// What people call it in Chinese.
    #[arg(long)]
    zh: Option<String>,
    /// What people call it in English.
    #[arg(long)]
    en: Option<String>,
    /// A value to be added, or one that is there under new names; may be repeated.
    #[arg(long = "choice", value_name = "KEY=ZH|EN")]
    choices: Vec<String>,
    /// Whether pages make no record without it.
    #[arg(long, value_name = "true|false")]
    required: Option<bool>,
    /// Whether deals are grouped and filtered by it.
    #[arg(long, value_name = "true|false")]
    dimension: Option<bool>,
}

pub(crate) async fn run(context: &Context, command: FieldCommand) -> Result<()> {
    let loudou = open(context).await?;
    let field = match command {
        FieldCommand::List => return context.show(&answer(&loudou.own_fields().await?)),
        FieldCommand::Add(FieldAddArgs { of, ty, zh, en, choices, required, dimension }) => {
            let choices = read_choices(&choices)?;
            let label = Text2::new(zh, en);
            let new = NewField { kind: of.kind, name: of.name, ty, label, choices, required, dimension };
            loudou.add_field(&new).await?
        }
        FieldCommand::Change(args) => {
            let FieldChangeArgs { of, zh, en, choices, required, dimension } = args;
            let there = loudou.own_field(&of.kind, &of.name).await?;
            let label = (zh.is_some() || en.is_some()).then(|| {
                let Text2 { zh: old_zh, en: old_en } = there.label.clone();
                Text2::new(zh.unwrap_or(old_zh), en.unwrap_or(old_en))
            });
            let choices = match read_choices(&choices)? {
                new if new.is_empty() => None,
                new => Some(with(&there.choices, new)),
            };
            let change = FieldChange { label, choices, required, dimension, retired: None };
            loudou.change_field(there.id, &change).await?
        }
        FieldCommand::Retire(of) => retire(&loudou, &of, true).await?,
        FieldCommand::Restore(of) => retire(&loudou, &of, false).await?,
    };
    context.show(&answer(&[field]))
}

async fn retire(loudou: &app::Loudou, of: &FieldName, retired: bool) -> Result<CustomField> {
    let field = loudou.own_field(&of.kind, &of.name).await?;
    loudou.change_field(field.id, &FieldChange { retired: Some(retired), ..FieldChange::default() }).await
}

/// The values that are there, under new names where some are given, and the new ones.
fn with(there: &[NamedValue], new: Vec<NamedValue>) -> Vec<NamedValue> {
    let mut all = there.to_vec();
    for choice in new {
        match all.iter_mut().find(|old| old.key == choice.key) {
            Some(old) => old.name = choice.name,
            None => all.push(choice),
        }
    }
    all
}

fn read_choices(texts: &[String]) -> Result<Vec<NamedValue>> {
    let read = |text: &String| {
        let (key, names) = text.split_once('=').unwrap_or((text, text));
        let (zh, en) = names.split_once('|').unwrap_or((names, names));
        if key.is_empty() {
            return Err(AppError::input((format!("选项“{text}”没有键"), format!("the value `{text}` has no key")))
                .hint(("写成 gold=金牌|Gold", "write it as gold=金牌|Gold")));
        }
        Ok(NamedValue { key: key.to_owned(), name: Text2::new(zh, en) })
    };
    texts.iter().map(read).collect()
}

fn answer(fields: &[CustomField]) -> Answer {
    let columns = vec![
        Column::new("kind", "记录", "kind", Unit::Text),
        Column::new("name", "字段", "name", Unit::Text),
        Column::new("label", "名称", "called", Unit::Text),
        Column::new("type", "类型", "type", Unit::Text),
        Column::new("choices", "选项", "values", Unit::Text),
        Column::new("dimension", "维度", "dimension", Unit::Text),
        Column::new("required", "必填", "required", Unit::Text),
        Column::new("state", "状态", "state", Unit::Text),
    ];
    let mut answer = Answer::new("自定义字段", "Own fields", Terms::default(), columns);
    let text = |text: &str| Cell::Text(text.to_owned());
    let named = |zh: &str, en: &str| Cell::Name { zh: zh.to_owned(), en: en.to_owned(), key: en.to_owned() };
    for field in fields {
        let choices: Vec<&str> = field.choices.iter().map(|choice| choice.key.as_str()).collect();
        answer.push(vec![
            text(field.kind.as_str()),
            text(&field.name),
            named(&field.label.zh, &field.label.en),
            text(&type_word(field)),
            text(&choices.join(", ")),
            text(&if field.is_dimension() { field.dimension_name() } else { String::new() }),
            if field.required { named("是", "yes") } else { named("否", "no") },
            if field.retired { named("已停用", "retired") } else { named("在用", "in use") },
        ]);
    }
    if fields.is_empty() {
        answer.note(
            "还没有自定义字段：用 `loudou field add` 添加。",
            "There is no own field yet: add one with `loudou field add`.",
        );
    }
    answer
}
