//! What all answers do with a reply: columns for the groups, words for the slots, typed access to rows.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Decimal128Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type};
use domain::Currency;
use domain::process::{Process, Stage};
use domain::words::Text2;
use journey::Tally;
use warehouse::{OwnDimension, Reply};

use super::words::Words;
use crate::answer::{Answer, Cell, Column, Label, Terms};

/// An open slot of the question, for people.
#[derive(Debug, Clone)]
pub(crate) struct SlotName {
    pub(crate) key: String,
    zh: String,
    en: String,
    /// Absent for the unknown stage.
    pub(crate) stage: Option<Stage>,
}

impl SlotName {
    pub(crate) fn cell(&self) -> Cell {
        Cell::Name { zh: self.zh.clone(), en: self.en.clone(), key: self.key.clone() }
    }

    /// Won or open from the given order on.
    pub(crate) fn is_from(&self, order: i32) -> bool {
        self.stage.as_ref().is_some_and(|stage| stage.order >= order)
    }
}

/// A reply, made easy to read.
#[derive(Debug)]
pub(crate) struct Frame {
    by: Vec<String>,
    words: Words,
    groups: BTreeMap<u64, Vec<Option<String>>>,
    pub(crate) slots: Vec<SlotName>,
    pub(crate) process: Option<Process>,
    pub(crate) currency: Option<Currency>,
    pub(crate) rows: Rows,
}

/// Rows of a tally by column name.
#[derive(Debug, Clone)]
pub(crate) struct Rows(RecordBatch);

impl Rows {
    pub(crate) fn len(&self) -> usize {
        self.0.num_rows()
    }

    /// Whether the tally has a column of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.column_by_name(name).is_some()
    }

    fn array(&self, name: &str) -> &dyn Array {
        self.0.column_by_name(name).unwrap_or_else(|| panic!("the tally has no column `{name}`"))
    }

    pub(crate) fn group(&self, row: usize) -> u64 {
        self.array("group").as_primitive::<UInt64Type>().value(row)
    }

    pub(crate) fn code(&self, name: &str, row: usize) -> u16 {
        self.array(name).as_primitive::<UInt16Type>().value(row)
    }

    pub(crate) fn byte(&self, name: &str, row: usize) -> u8 {
        self.array(name).as_primitive::<UInt8Type>().value(row)
    }

    pub(crate) fn number(&self, name: &str, row: usize) -> u32 {
        self.array(name).as_primitive::<UInt32Type>().value(row)
    }

    pub(crate) fn count(&self, name: &str, row: usize) -> i64 {
        self.array(name).as_primitive::<Int64Type>().value(row)
    }

    pub(crate) fn money(&self, name: &str, row: usize) -> i128 {
        self.array(name).as_primitive::<Decimal128Type>().value(row)
    }
}

impl Frame {
    pub(crate) fn of<T: Tally>(reply: &Reply<T>, by: &[String]) -> Self {
        let rows = Rows(reply.batch.clone());
        let groups =
            (0..rows.len()).map(|row| rows.group(row)).map(|group| (group, reply.keys.labels(group))).collect();
        let slots = reply.stages.iter().map(|stage| match stage {
            Some(stage) => SlotName {
                key: stage.key.clone(),
                zh: stage.name.zh.clone(),
                en: stage.name.en.clone(),
                stage: Some(stage.clone()),
            },
            None => {
                SlotName { key: "unknown".into(), zh: "未知阶段".into(), en: "unknown stage".into(), stage: None }
            }
        });
        Self {
            by: by.to_vec(),
            words: Words::of(reply.process.as_ref(), &reply.keys),
            groups,
            slots: slots.collect(),
            process: reply.process.clone(),
            currency: reply.currency,
            rows,
        }
    }

    /// An answer whose first columns are the groups.
    pub(crate) fn answer(&self, title: (&'static str, &'static str), mut terms: Terms, columns: Vec<Column>) -> Answer {
        if let Some(process) = &self.process {
            terms.state("process", process.key.clone());
        }
        terms.state("currency", self.currency.map(|currency| currency.to_string()));
        let groups = self.by.iter().map(|dimension| {
            let label = self.words.dimension(dimension).unwrap_or_else(|| dimension_label(dimension));
            Column::of_dimension(dimension.clone(), label)
        });
        let mut answer = Answer::new(title.0, title.1, terms, groups.chain(columns).collect());
        answer.currency = self.currency;
        answer
    }

    /// The groups that have rows, with their labels; the one group of an ungrouped question is always there.
    pub(crate) fn groups(&self) -> Vec<(u64, Vec<Cell>)> {
        if self.by.is_empty() {
            return vec![(self.groups.keys().next().copied().unwrap_or(0), Vec::new())];
        }
        let mut groups: Vec<_> = self.groups.iter().map(|(group, labels)| (*group, labels)).collect();
        groups.sort_by_cached_key(|(_, labels)| self.words.order(&self.by, labels));
        groups.into_iter().map(|(group, _)| (group, self.group_cells(group))).collect()
    }

    /// The cells of a group.
    pub(crate) fn group_cells(&self, group: u64) -> Vec<Cell> {
        let labels = self.by.iter().zip(self.labels(group));
        labels.map(|(dimension, label)| self.words.cell(dimension, label.as_deref())).collect()
    }

    /// The words of a group.
    pub(crate) fn labels(&self, group: u64) -> &[Option<String>] {
        self.groups.get(&group).map_or(&[], Vec::as_slice)
    }
}

/// What can be grouped by, by key.
const DIMENSIONS: [(&str, Label); 17] = [
    ("region", label("区域", "region")),
    ("industry", label("行业", "industry")),
    ("product", label("产品", "product")),
    ("team", label("团队", "team")),
    ("owner", label("销售", "owner")),
    ("channel", label("渠道", "channel")),
    ("campaign", label("活动", "campaign")),
    ("account", label("客户", "account")),
    ("stage", label("阶段", "stage")),
    ("outcome", label("状态", "outcome")),
    ("amount_class", label("金额档", "amount class")),
    ("created_month", label("创建月份", "created in")),
    ("currency", label("币种", "currency")),
    ("process", label("流程", "process")),
    ("region_top", label("大区", "top region")),
    ("industry_top", label("行业大类", "top industry")),
    ("team_top", label("一级团队", "top team")),
];

const fn label(zh: &'static str, en: &'static str) -> Label {
    Label { zh, en }
}

/// What can be grouped by, with its words: built-in dimensions, then the organisation's own.
pub(crate) fn dimensions(own: &[OwnDimension]) -> Vec<(String, Text2)> {
    let builtin = DIMENSIONS.iter().map(|(key, label)| ((*key).to_owned(), Text2::new(label.zh, label.en)));
    builtin.chain(own.iter().map(|own| (own.name.clone(), own_label(own)))).collect()
}

/// What an own dimension is called: a customer's says so.
pub(crate) fn own_label(own: &OwnDimension) -> Text2 {
    let Text2 { zh, en } = &own.field.label;
    if own.is_of_account() {
        Text2::new(format!("客户{zh}"), format!("customer: {en}"))
    } else {
        own.field.label.clone()
    }
}

/// What a built-in dimension is called.
pub(crate) fn dimension_label(dimension: &str) -> Text2 {
    let known = DIMENSIONS.iter().find(|(key, _)| *key == dimension);
    let label = known.map_or(label("分组", "group"), |(_, label)| *label);
    Text2::new(label.zh, label.en)
}
