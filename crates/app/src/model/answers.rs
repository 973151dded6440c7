//! The model as plain answers: what the command line shows.

use super::{Model, ModelTable};
use crate::answer::{Answer, Cell, Column, Label, Terms, Unit};
use crate::fields;
use crate::{Loudou, Result};

/// Told to whoever does not see everything, instead of a count.
const NOT_SEEN: Label = Label { zh: "只给能看到全部数据的人", en: "told to whoever sees everything" };

fn count(count: Option<u64>) -> Cell {
    count.map_or(Cell::Undefined(NOT_SEEN), |count| Cell::Int(i64::try_from(count).unwrap_or(i64::MAX)))
}

fn share(part: Option<u64>, whole: Option<u64>) -> Cell {
    match (part, whole) {
        #[allow(clippy::cast_precision_loss, reason = "a share is shown to a few digits")]
        (Some(part), Some(whole)) if whole > 0 => Cell::Float(part as f64 / whole as f64),
        (Some(_), Some(_)) => Cell::Undefined(crate::answer::why::EMPTY),
        _ => Cell::Undefined(NOT_SEEN),
    }
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn named(table: &ModelTable) -> Cell {
    Cell::Name { zh: table.label.zh.clone(), en: table.label.en.clone(), key: table.kind.to_owned() }
}

impl Model {
    fn terms(&self) -> Terms {
        Terms::default()
            .with("seq", self.seq)
            .with("zone", self.organisation.zone.name())
            .with("fiscal_start_month", self.organisation.fiscal_start_month)
    }

    /// A row a table.
    #[must_use]
    pub fn tables_answer(&self) -> Answer {
        let columns = vec![
            Column::new("table", "表", "table", Unit::Text),
            Column::new("sort", "种类", "sort", Unit::Text),
            Column::new("rows", "行数", "rows", Unit::Count),
            Column::new("bare", "只有编号", "only a key", Unit::Count),
            Column::new("fields", "字段数", "fields", Unit::Count),
            Column::new("joins", "引用数", "joins", Unit::Count),
            Column::new("loose", "未匹配行", "unmatched rows", Unit::Count),
        ];
        let mut answer = Answer::new("数据模型", "Model", self.terms(), columns);
        for table in &self.tables {
            let sort = if table.is_fact {
                ("事实表", "fact table", "fact")
            } else {
                ("维度表", "dimension table", "dimension")
            };
            answer.push(vec![
                named(table),
                Cell::Name { zh: sort.0.to_owned(), en: sort.1.to_owned(), key: sort.2.to_owned() },
                count(table.rows),
                count(table.bare),
                count(Some(table.fields.len() as u64)),
                count(Some(table.joins.len() as u64)),
                count(table.loose()),
            ]);
        }
        answer
    }

    /// A row a join.
    #[must_use]
    pub fn joins_answer(&self) -> Answer {
        let columns = vec![
            Column::new("table", "表", "table", Unit::Text),
            Column::new("field", "字段", "field", Unit::Text),
            Column::new("to", "指向", "to", Unit::Text),
            Column::new("matched", "已匹配", "matched", Unit::Count),
            Column::new("empty", "空", "empty", Unit::Count),
            Column::new("bare", "只有编号", "only a key", Unit::Count),
            Column::new("gone", "已不存在", "gone", Unit::Count),
            Column::new("reading", "分析口径", "read", Unit::Text),
        ];
        let mut answer = Answer::new("连接", "Joins", self.terms(), columns);
        for table in &self.tables {
            for join in &table.joins {
                let of = |part: fn(super::JoinCounts) -> u64| count(join.counts.map(part));
                let (zh, en) = if join.as_was { ("当时", "as it was") } else { ("现在", "as it is now") };
                let key = if join.as_was { "as_was" } else { "as_now" };
                answer.push(vec![
                    named(table),
                    text(&join.field),
                    text(join.to),
                    of(|counts| counts.matched),
                    of(|counts| counts.empty),
                    of(|counts| counts.bare),
                    of(|counts| counts.gone),
                    Cell::Name { zh: zh.to_owned(), en: en.to_owned(), key: key.to_owned() },
                ]);
            }
        }
        answer
    }
}

impl Loudou {
    /// The fields of a table of the model, a row a field.
    ///
    /// # Errors
    /// There is no such table, or the data cannot be read.
    pub async fn model_table(&self, kind: &str) -> Result<Answer> {
        let kind = fields::kind(kind)?.as_str();
        let model = self.model().await?;
        let columns = vec![
            Column::new("field", "字段", "field", Unit::Text),
            Column::new("label", "名称", "called", Unit::Text),
            Column::new("type", "类型", "type", Unit::Text),
            Column::new("dimension", "维度", "dimension", Unit::Text),
            Column::new("filled", "有值行", "rows with a value", Unit::Count),
            Column::new("share", "填写率", "share", Unit::Share).with_bar(),
        ];
        let mut answer = Answer::new("字段", "Fields", model.terms(), columns);
        for table in model.tables.iter().filter(|table| table.kind == kind) {
            answer.terms.state("table", kind);
            answer.terms.state("rows", table.rows);
            for field in &table.fields {
                let ty = field.of.map_or_else(|| field.ty.clone(), |of| format!("ref:{of}"));
                answer.push(vec![
                    text(&field.name),
                    Cell::Name { zh: field.label.zh.clone(), en: field.label.en.clone(), key: field.label.en.clone() },
                    text(&ty),
                    text(field.dimension.as_deref().unwrap_or_default()),
                    count(field.filled),
                    share(field.filled, table.rows),
                ]);
            }
        }
        Ok(answer)
    }

    /// The keys of a reference that nothing describes, a row a key.
    ///
    /// # Errors
    /// As [`Loudou::loose_keys`].
    pub async fn loose_answer(&self, kind: &str, field: &str) -> Result<Answer> {
        let loose = self.loose_keys(kind, field).await?;
        let columns = vec![
            Column::new("id", "编号", "id", Unit::Count),
            Column::new("name", "名称", "name", Unit::Text),
            Column::new("why", "原因", "why", Unit::Text),
            Column::new("rows", "行数", "rows", Unit::Count),
        ];
        let terms = Terms::default().with("table", kind).with("field", field).with("to", loose.to);
        let mut answer = Answer::new("未匹配的编号", "Unmatched keys", terms, columns);
        for key in loose.keys {
            let said = key.why;
            answer.push(vec![
                Cell::Int(key.id),
                text(key.name.as_deref().unwrap_or_default()),
                Cell::Name { key: said.en.clone(), zh: said.zh, en: said.en },
                count(Some(key.rows)),
            ]);
        }
        Ok(answer)
    }
}
