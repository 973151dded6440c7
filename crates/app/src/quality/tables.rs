//! Lists of quality as plain answers: what a terminal and a file show.

use super::fixes::FixList;
use super::infer::{InferenceState, InferredList};
use super::rules::RuleSetting;
use super::scores::{class_cell, of_cell};
use crate::answer::{Answer, Cell, Column, Terms, Unit, why};
use crate::records::Member;

fn name(member: Option<&Member>) -> Cell {
    member.map_or(Cell::Undefined(why::NOT_RECORDED), |member| Cell::Text(member.name.clone()))
}

fn text(text: Option<&str>) -> Cell {
    text.map_or(Cell::Undefined(why::NOT_RECORDED), |text| Cell::Text(text.to_owned()))
}

/// What to mend, a row a record.
#[must_use]
pub fn fixes_answer(list: &FixList) -> Answer {
    let columns = vec![
        Column::new("of", "对象", "of", Unit::Text),
        Column::new("id", "编号", "id", Unit::Number),
        Column::new("name", "名称", "name", Unit::Text),
        Column::new("account", "客户", "customer", Unit::Text),
        Column::new("owner", "负责人", "owner", Unit::Text),
        Column::new("stage", "阶段", "stage", Unit::Text),
        Column::new("amount_minor", "金额", "amount", Unit::AmountMinor),
        Column::new("currency", "币种", "currency", Unit::Text),
        Column::new("score", "评分", "score", Unit::Share),
        Column::new("rules", "问题", "what is wrong", Unit::Text),
        Column::new("advice", "怎么做", "what to do", Unit::Text),
    ];
    let mut answer = Answer::new("待改清单", "Fix list", list.terms.clone(), columns);
    let mut currencies = list.rows.iter().filter_map(|row| row.currency);
    answer.currency = currencies.next().filter(|first| currencies.all(|other| other == *first));
    for row in &list.rows {
        let both = |of: &dyn Fn(&super::FixRule) -> domain::words::Text2| {
            let all: Vec<_> = row.rules.iter().map(of).collect();
            let join = |texts: Vec<&str>, mark: &str| texts.join(mark);
            Cell::Name {
                zh: join(all.iter().map(|text| text.zh.as_str()).collect(), "；"),
                en: join(all.iter().map(|text| text.en.as_str()).collect(), "; "),
                key: row.rules.iter().map(|rule| rule.key.as_str()).collect::<Vec<_>>().join(","),
            }
        };
        let stage = row.stage.as_ref().map(|stage| Cell::Name {
            zh: stage.zh.clone(),
            en: stage.en.clone(),
            key: stage.key.clone(),
        });
        answer.push(vec![
            of_cell(row.of),
            Cell::Int(row.id),
            text(row.name.as_deref()),
            name(row.account.as_ref()),
            name(row.owner.as_ref()),
            stage.unwrap_or(Cell::Undefined(why::NOT_RECORDED)),
            row.amount_minor.map_or(Cell::Undefined(why::NOT_RECORDED), |minor| Cell::Minor(minor.into())),
            text(row.currency.map(|currency| currency.to_string()).as_deref()),
            Cell::Float(row.score),
            both(&|rule| rule.name.clone()),
            both(&|rule| rule.advice.clone()),
        ]);
    }
    let (shown, all) = (list.rows.len(), list.records);
    match all {
        0 => answer.note("没有需要改的记录。", "There is nothing to mend."),
        _ => answer.note(format!("共 {all} 条，显示 {shown} 条。"), format!("{shown} of {all} records are shown.")),
    }
    answer
}

/// The rules, a row each.
#[must_use]
pub fn rules_answer(rules: &[RuleSetting]) -> Answer {
    let columns = vec![
        Column::new("rule", "规则", "rule", Unit::Text),
        Column::new("of", "对象", "of", Unit::Text),
        Column::new("class", "类别", "class", Unit::Text),
        Column::new("weight", "权重", "weight", Unit::Number),
        Column::new("threshold", "阈值", "threshold", Unit::Number),
        Column::new("on", "启用", "on", Unit::Text),
        Column::new("advice", "怎么做", "what to do", Unit::Text),
    ];
    let mut answer = Answer::new("质量规则", "Rules of quality", Terms::default(), columns);
    for RuleSetting { rule, .. } in rules {
        let word = |text: &domain::words::Text2, key: &str| Cell::Name {
            zh: text.zh.clone(),
            en: text.en.clone(),
            key: key.to_owned(),
        };
        let threshold = rule.threshold.map_or(Cell::Undefined(why::NOT_SET), |threshold| Cell::Int(threshold.value));
        let (zh, en) = if rule.off { ("否", "no") } else { ("是", "yes") };
        answer.push(vec![
            word(&rule.name, &rule.key),
            of_cell(rule.of),
            class_cell(rule.class),
            Cell::Int(i64::from(rule.weight)),
            threshold,
            Cell::Name { zh: zh.into(), en: en.into(), key: en.into() },
            word(&rule.advice, &rule.advice.en),
        ]);
    }
    answer
}

/// Industries to confirm, a row a customer.
#[must_use]
pub fn inferred_answer(list: &InferredList) -> Answer {
    let columns = vec![
        Column::new("id", "编号", "id", Unit::Number),
        Column::new("account", "客户", "customer", Unit::Text),
        Column::new("industry", "行业（推断）", "industry (inferred)", Unit::Text),
        Column::new("confidence", "把握", "confidence", Unit::Share),
        Column::new("written", "已写入", "written", Unit::Text),
    ];
    let mut answer = Answer::new("推断的行业", "Inferred industries", Terms::default(), columns);
    for row in &list.rows {
        let (zh, en) = if row.written { ("是", "yes") } else { ("否", "no") };
        #[allow(clippy::cast_precision_loss, reason = "millionths")]
        let confidence = row.confidence_ppm as f64 / 1e6;
        answer.push(vec![
            Cell::Int(row.account.id),
            Cell::Text(row.account.name.clone()),
            Cell::Text(row.industry.name.clone()),
            Cell::Float(confidence),
            Cell::Name { zh: zh.into(), en: en.into(), key: en.into() },
        ]);
    }
    tell(&mut answer, &list.state);
    answer
}

fn tell(answer: &mut Answer, state: &InferenceState) {
    if let Some(why) = &state.too_little {
        answer.note(why.zh.clone().unwrap_or_else(|| why.en.clone()), why.en.clone());
    }
    if let Some((asked, answered, right)) = state.tested {
        answer.note(
            format!("交叉验证：{asked} 个已知行业的客户中回答了 {answered} 个，答对 {right} 个；其余不作推断。"),
            format!("Cross-validation: of {asked} customers of known industry {answered} were answered, {right} rightly; the others were left open."),
        );
    }
    let (known, unknown) = (state.known, state.unknown);
    answer.note(
        format!("有行业的客户 {known} 个，没有的 {unknown} 个。"),
        format!("{known} customers have an industry, {unknown} have none."),
    );
}
