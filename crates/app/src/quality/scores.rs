//! Scores: of the whole, by rule, class, person, team, source and process, and over time.

use std::collections::BTreeMap;

use domain::calendar::Grain;
use domain::quality::{Class, Of, RuleBook, Verdicts};
use domain::{Day, ProcessId, RecordId};
use methods::quality::{Scores, score};
use warehouse::Dimension;

use super::view::{Row, Viewed};
use crate::answer::{Answer, Cell, Column, Label, Unit, why};
use crate::{Ask, Loudou, Result};

/// No rule applies to any record.
const NOTHING_ASKED: Label = Label { zh: "没有适用的规则", en: "no rule applies" };
/// Not brought by an import.
const ENTERED: (&str, &str) = ("在此录入", "entered here");

/// What scores are told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QualityBy {
    /// One row for all.
    All,
    /// One a rule: who was asked, who fails.
    Rule,
    /// One a class of rules.
    Class,
    /// One a person.
    Person,
    /// One a team.
    Team,
    /// One a source.
    Source,
    /// One a process.
    Process,
}

impl QualityBy {
    /// Every one with its word.
    pub const WORDS: [(&'static str, Self); 7] = [
        ("all", Self::All),
        ("rule", Self::Rule),
        ("class", Self::Class),
        ("person", Self::Person),
        ("team", Self::Team),
        ("source", Self::Source),
        ("process", Self::Process),
    ];

    /// What is written as `word`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, by)| *by)
    }
}

/// A question for scores.
#[derive(Debug, Clone)]
pub struct QualityAsk {
    /// Which records: its day, scope, process and filters.
    pub common: Ask,
    /// Only deals, or only customers.
    pub of: Option<Of>,
    /// What they are told by.
    pub by: QualityBy,
}

/// A question for scores over time.
#[derive(Debug, Clone)]
pub struct QualityTrendAsk {
    /// Which records.
    pub common: Ask,
    /// One point at the end of each.
    pub every: Grain,
    /// How many, up to the as-of day.
    pub points: u32,
}

/// What some records come to.
#[derive(Debug, Clone, Copy, Default)]
struct Part {
    deals: Scores,
    customers: Scores,
    failing: u64,
}

impl Part {
    fn add(&mut self, view: &Viewed, row: Row<'_>) {
        let score = view.score(row);
        match row {
            Row::Deal(_) => self.deals.add(score),
            Row::Customer(_) => self.customers.add(score),
        }
        self.failing += u64::from(score.is_some_and(|score| score.part() < score.whole()));
    }

    fn cells(&self) -> Vec<Cell> {
        let mut both = self.deals;
        both.merge(&self.customers);
        let mean = |scores: &Scores| Cell::or_undefined(scores.mean(), NOTHING_ASKED);
        vec![
            mean(&both),
            count(both.records),
            count(self.failing),
            mean(&self.deals),
            count(self.deals.records),
            mean(&self.customers),
            count(self.customers.records),
        ]
    }

    fn columns() -> Vec<Column> {
        vec![
            Column::new("score", "评分", "score", Unit::Share).with_bar(),
            Column::new("records", "记录数", "records", Unit::Count),
            Column::new("failing", "有问题的", "failing", Unit::Count),
            Column::new("deals_score", "商机评分", "deals' score", Unit::Share),
            Column::new("deals", "商机", "deals", Unit::Count),
            Column::new("customers_score", "客户评分", "customers' score", Unit::Share),
            Column::new("customers", "客户", "customers", Unit::Count),
        ]
    }
}

fn count(count: u64) -> Cell {
    Cell::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

impl Loudou {
    /// Scores of data quality at a day.
    ///
    /// # Errors
    /// The question is wrong, or the data cannot be read.
    pub async fn quality(&self, ask: &QualityAsk) -> Result<Answer> {
        let here = self.held().await?;
        let view = here.quality_view(&ask.common).await?;
        let mut answer = match ask.by {
            QualityBy::All => whole(&view, ask.of),
            QualityBy::Rule => by_rule(&view, ask.of),
            QualityBy::Class => by_class(&view, ask.of),
            QualityBy::Person | QualityBy::Team => by_member(&view, ask.of, ask.by),
            QualityBy::Source => here.by_source(&view, ask.of).await?,
            QualityBy::Process => by_process(&view),
        };
        if view.rows(ask.of).next().is_none() {
            answer.note(
                "范围内没有记录：导入数据或换一个范围。",
                "There is no record in view: import data, or choose another scope.",
            );
        }
        Ok(answer)
    }

    /// Scores at the ends of past weeks, months or quarters, each by what was true at that day.
    ///
    /// # Errors
    /// The question is wrong, or the data cannot be read.
    pub async fn quality_trend(&self, ask: &QualityTrendAsk) -> Result<Answer> {
        let here = self.held().await?;
        let asked = here.asked(&ask.common).await?;
        let (seq, config) = (here.warehouse().await?.snapshot().seq, here.store.mark().await?.config);
        let key = format!("{seq} {config} {:?} {:?}", ask, (asked.as_of, &asked.question.scope, &here.who.scope));
        if let Some(answer) = self.quality.trend(&key) {
            return Ok(answer);
        }
        let mut columns = vec![Column::new("day", "日终", "end of", Unit::Date)];
        columns.extend(Part::columns());
        let mut answer = Answer::new("质量走势", "Quality over time", stated(asked.terms.clone()), columns);
        for day in days(&here, ask.every, asked.as_of, ask.points) {
            let view = here.quality_view(&Ask { as_of: Some(day), ..ask.common.clone() }).await?;
            let mut part = Part::default();
            view.rows(None).for_each(|row| part.add(&view, row));
            let mut cells = vec![Cell::Date(day)];
            cells.extend(part.cells());
            answer.push(cells);
        }
        self.quality.keep_trend(key, &answer);
        Ok(answer)
    }

    async fn by_source(&self, view: &Viewed, of: Option<Of>) -> Result<Answer> {
        let sources = self.sources_of_imports().await?;
        let parts = grouped(view, of, |row| Some(sources.get(&row.import()).cloned().unwrap_or_default()));
        let mut answer = answer(view, ("按来源", "By source"), ("source", "来源", "source"));
        for (source, part) in by_score(parts) {
            let cell = match source.as_str() {
                "" => Cell::Name { zh: ENTERED.0.into(), en: ENTERED.1.into(), key: String::new() },
                source => Cell::Text(source.to_owned()),
            };
            push(&mut answer, cell, &part);
        }
        Ok(answer)
    }

    /// The source of each import.
    pub(super) async fn sources_of_imports(&self) -> Result<BTreeMap<i64, String>> {
        let imports = self.store.imports().await?;
        Ok(imports.into_iter().map(|import| (import.id, import.source)).collect())
    }
}

/// The last days of the periods before and around a day, the day itself last.
fn days(loudou: &Loudou, every: Grain, last: Day, points: u32) -> Vec<Day> {
    let mut days = vec![last];
    let mut start = loudou.calendar.period_start(every, last);
    while days.len() < points as usize {
        let end = start.plus(-1);
        days.push(end);
        start = loudou.calendar.period_start(every, end);
    }
    days.reverse();
    days
}

fn stated(terms: crate::answer::Terms) -> crate::answer::Terms {
    terms.with_words(
        "population",
        "该日终存在且至少有一条规则适用的商机与客户；评分为各记录评分的平均",
        "deals and customers that stood at the end of the day and that a rule applies to; a score is the mean of theirs",
    )
}

fn answer(view: &Viewed, title: (&'static str, &'static str), by: (&str, &'static str, &'static str)) -> Answer {
    let mut columns = vec![Column::new(by.0, by.1, by.2, Unit::Text)];
    if matches!(by.0, "person" | "team") {
        // Names are not unique: what opens the list behind a row is its id.
        columns.push(Column::new("id", "编号", "id", Unit::Number));
    }
    columns.extend(Part::columns());
    Answer::new(title.0, title.1, stated(view.terms.clone()), columns)
}

fn push(answer: &mut Answer, cell: Cell, part: &Part) {
    let mut cells = vec![cell];
    cells.extend(part.cells());
    answer.push(cells);
}

fn grouped<K: Ord>(view: &Viewed, of: Option<Of>, key: impl Fn(Row<'_>) -> Option<K>) -> BTreeMap<K, Part> {
    let mut parts: BTreeMap<K, Part> = BTreeMap::new();
    for row in view.rows(of) {
        if let Some(key) = key(row) {
            parts.entry(key).or_default().add(view, row);
        }
    }
    parts
}

/// Parts with the worst score first; those without one last.
fn by_score<K: Ord>(parts: BTreeMap<K, Part>) -> Vec<(K, Part)> {
    let mean = |part: &Part| {
        let mut both = part.deals;
        both.merge(&part.customers);
        both.mean().unwrap_or(2.0)
    };
    let mut parts: Vec<(K, Part)> = parts.into_iter().collect();
    parts.sort_by(|a, b| mean(&a.1).total_cmp(&mean(&b.1)));
    parts
}

fn whole(view: &Viewed, of: Option<Of>) -> Answer {
    let mut part = Part::default();
    view.rows(of).for_each(|row| part.add(view, row));
    let mut answer = Answer::new("数据质量", "Data quality", stated(view.terms.clone()), Part::columns());
    answer.push(part.cells());
    answer
}

fn by_member(view: &Viewed, of: Option<Of>, by: QualityBy) -> Answer {
    let (dimension, title, head) = match by {
        QualityBy::Team => (Dimension::Team, ("按团队", "By team"), ("team", "团队", "team")),
        _ => (Dimension::Owner, ("按人员", "By person"), ("person", "人员", "person")),
    };
    let member = |row: Row<'_>| if by == QualityBy::Team { view.team(row) } else { view.owner(row) };
    let parts = grouped(view, of, |row| Some(member(row)));
    let members = view.snapshot.labels.members(dimension);
    let names: BTreeMap<RecordId, String> =
        members.iter().map(|(code, member)| (member.id, members.label(code).unwrap_or_default())).collect();
    let mut answer = answer(view, title, head);
    for (member, part) in by_score(parts) {
        let mut cells = match member {
            Some(id) => vec![Cell::Text(names.get(&id).cloned().unwrap_or_else(|| format!("#{id}"))), Cell::Int(id)],
            None => vec![Cell::Undefined(why::NOT_RECORDED), Cell::Int(0)],
        };
        cells.extend(part.cells());
        answer.push(cells);
    }
    answer
}

fn by_process(view: &Viewed) -> Answer {
    let labels = &view.snapshot.labels;
    let key = |row: Row<'_>| match row {
        Row::Deal(deal) => Some(labels.process(ProcessId(deal.process)).map(|process| process.key.clone())),
        Row::Customer(_) => None,
    };
    let parts = grouped(view, Some(Of::Deal), key);
    let mut answer = answer(view, ("按流程", "By process"), ("process", "流程", "process"));
    for (key, part) in by_score(parts) {
        let process = key.and_then(|key| labels.processes().iter().rev().find(|process| process.key == key));
        let cell = process.map_or(Cell::Undefined(why::NOT_RECORDED), |process| Cell::Name {
            zh: process.name.zh.clone(),
            en: process.name.en.clone(),
            key: process.key.clone(),
        });
        push(&mut answer, cell, &part);
    }
    answer
}

/// How many records each rule was asked of, and how many fail.
fn by_rule(view: &Viewed, of: Option<Of>) -> Answer {
    let columns = vec![
        Column::new("rule", "规则", "rule", Unit::Text),
        Column::new("of", "对象", "of", Unit::Text),
        Column::new("class", "类别", "class", Unit::Text),
        Column::new("weight", "权重", "weight", Unit::Number),
        Column::new("asked", "适用", "asked", Unit::Count),
        Column::new("failing", "有问题的", "failing", Unit::Count),
        Column::new("share", "占比", "share", Unit::Share).with_bar(),
    ];
    let mut answer = Answer::new("按规则", "By rule", stated(view.terms.clone()), columns);
    let mut rows = Vec::new();
    for kind in Of::ALL.into_iter().filter(|kind| of.is_none_or(|of| of == *kind)) {
        let mut counts = vec![(0_i64, 0_i64); view.book.rules(kind).len()];
        for row in view.rows(Some(kind)) {
            let Verdicts { applied, failed } = row.verdicts();
            for (bit, (asked, failing)) in counts.iter_mut().enumerate() {
                *asked += i64::from(applied >> bit & 1 == 1);
                *failing += i64::from(failed >> bit & 1 == 1);
            }
        }
        rows.extend(view.book.rules(kind).iter().zip(counts).filter(|(rule, _)| !rule.off));
    }
    rows.sort_by_key(|(_, (_, failing))| -*failing);
    for (rule, (asked, failing)) in rows {
        let name = Cell::Name { zh: rule.name.zh.clone(), en: rule.name.en.clone(), key: rule.key.clone() };
        answer.push(vec![
            name,
            of_cell(rule.of),
            class_cell(rule.class),
            Cell::Int(i64::from(rule.weight)),
            Cell::Int(asked),
            Cell::Int(failing),
            Cell::share(failing.into(), asked.into()),
        ]);
    }
    answer
}

/// The mean of what records come to by the rules of one class alone.
fn by_class(view: &Viewed, of: Option<Of>) -> Answer {
    let columns = vec![
        Column::new("class", "类别", "class", Unit::Text),
        Column::new("score", "评分", "score", Unit::Share).with_bar(),
        Column::new("records", "记录数", "records", Unit::Count),
        Column::new("failing", "有问题的", "failing", Unit::Count),
    ];
    let mut answer = Answer::new("按类别", "By class", stated(view.terms.clone()), columns);
    for class in Class::ALL {
        let bits = |of: Of| class_bits(&view.book, of, class);
        let masks = [bits(Of::Deal), bits(Of::Customer)];
        let (mut scores, mut failing) = (Scores::default(), 0_u64);
        for row in view.rows(of) {
            let mask = masks[row.of() as usize];
            let Verdicts { applied, failed } = row.verdicts();
            let (passed, whole) =
                view.book.weigh(row.of(), Verdicts { applied: applied & mask, failed: failed & mask });
            scores.add(score(passed, whole));
            failing += u64::from(passed < whole);
        }
        let mean = Cell::or_undefined(scores.mean(), NOTHING_ASKED);
        answer.push(vec![class_cell(class), mean, count(scores.records), count(failing)]);
    }
    answer
}

pub(super) fn class_bits(book: &RuleBook, of: Of, class: Class) -> u64 {
    let rules = book.rules(of).iter().enumerate().filter(|(_, rule)| rule.class == class);
    rules.fold(0, |bits, (bit, _)| bits | 1 << bit)
}

pub(super) fn of_cell(of: Of) -> Cell {
    let (zh, en) = match of {
        Of::Deal => ("商机", "deal"),
        Of::Customer => ("客户", "customer"),
    };
    Cell::Name { zh: zh.into(), en: en.into(), key: of.as_str().into() }
}

pub(super) fn class_cell(class: Class) -> Cell {
    let (zh, en) = match class {
        Class::Completeness => ("完整", "completeness"),
        Class::Validity => ("有效", "validity"),
        Class::Freshness => ("及时", "freshness"),
        Class::Uniqueness => ("唯一", "uniqueness"),
        Class::Consistency => ("一致", "consistency"),
        Class::Evidence => ("凭据", "evidence"),
    };
    Cell::Name { zh: zh.into(), en: en.into(), key: class.as_str().into() }
}
