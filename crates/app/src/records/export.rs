//! Lists as plain answers: what a file of them is written from.

use domain::Currency;

use super::OwnColumn;
use super::customers::CustomersList;
use super::list::{Deal, DealsList, Member};
use super::targets::Target;
use crate::answer::{Answer, Cell, Column, Terms, Unit, why};

fn text(text: Option<&str>) -> Cell {
    text.map_or(Cell::Undefined(why::NOT_RECORDED), |text| Cell::Text(text.to_owned()))
}

fn member(member: Option<&Member>) -> Cell {
    text(member.map(|member| member.name.as_str()))
}

fn minor(minor: Option<i128>) -> Cell {
    minor.map_or(Cell::Undefined(why::NOT_RECORDED), Cell::Minor)
}

fn date(day: Option<domain::Day>) -> Cell {
    day.map_or(Cell::Undefined(why::NOT_RECORDED), Cell::Date)
}

const DEALS: [(&str, &str, &str, Unit); 20] = [
    ("id", "编号", "id", Unit::Count),
    ("external_id", "来源编号", "external id", Unit::Text),
    ("name", "商机名称", "name", Unit::Text),
    ("account", "客户", "customer", Unit::Text),
    ("process", "流程", "process", Unit::Text),
    ("stage", "阶段", "stage", Unit::Text),
    ("outcome", "状态", "outcome", Unit::Text),
    ("amount_minor", "金额", "amount", Unit::AmountMinor),
    ("currency", "币种", "currency", Unit::Text),
    ("owner", "负责人", "owner", Unit::Text),
    ("team", "团队", "team", Unit::Text),
    ("region", "区域", "region", Unit::Text),
    ("industry", "行业", "industry", Unit::Text),
    ("product", "产品", "product", Unit::Text),
    ("channel", "渠道", "channel", Unit::Text),
    ("created_on", "创建日期", "created on", Unit::Date),
    ("closed_on", "关闭日期", "closed on", Unit::Date),
    ("expected_close_on", "预计成交日期", "expected close", Unit::Date),
    ("days_in_stage", "阶段天数", "days in stage", Unit::Days),
    ("next_step", "下一步", "next step", Unit::Text),
];

fn columns(all: &[(&str, &'static str, &'static str, Unit)]) -> Vec<Column> {
    all.iter().map(|(key, zh, en, unit)| Column::new(key, zh, en, *unit)).collect()
}

/// A page of deals, a row a deal. Amounts are in the deal's own currency; where there are several, in minor units.
#[must_use]
pub fn deals_answer(list: &DealsList) -> Answer {
    let mut all = columns(&DEALS);
    all.extend(list.own.iter().map(OwnColumn::head));
    let with_cell = list.sums.cell_deals.is_some();
    if with_cell {
        all.push(Column::new("cell_deals", "计入数", "counted", Unit::Count));
        all.push(Column::new("cell_minor", "计入金额", "counted amount", Unit::AmountMinor));
    }
    let mut answer = Answer::new("商机", "Deals", list.terms.clone(), all);
    answer.currency = list.booked;
    for deal in &list.rows {
        let mut row = deal_row(deal);
        row.extend(list.own.iter().map(|own| own.cell(&deal.own)));
        if with_cell {
            row.extend([Cell::Int(deal.cell_deals), Cell::Minor(deal.cell_minor)]);
        }
        answer.push(row);
    }
    answer
}

/// How a deal stands; one without an outcome was deleted.
fn outcome(outcome: Option<domain::Outcome>) -> Cell {
    let (zh, en) = outcome.map_or(("已删除", "deleted"), crate::answers::words::outcome);
    let key = outcome.map_or("deleted", domain::Outcome::as_str);
    Cell::Name { zh: zh.to_owned(), en: en.to_owned(), key: key.to_owned() }
}

fn deal_row(deal: &Deal) -> Vec<Cell> {
    let stage = deal.stage.as_ref().map_or(Cell::Undefined(why::NOT_RECORDED), |stage| Cell::Name {
        zh: stage.zh.clone(),
        en: stage.en.clone(),
        key: stage.key.clone(),
    });
    vec![
        Cell::Int(deal.id),
        text(deal.external_id.as_deref()),
        text(deal.name.as_deref()),
        member(deal.account.as_ref()),
        text(deal.process.as_deref()),
        stage,
        outcome(deal.outcome),
        minor(deal.amount_minor.map(i128::from)),
        text(deal.currency.map(|currency| currency.to_string()).as_deref()),
        member(deal.owner.as_ref()),
        member(deal.team.as_ref()),
        member(deal.region.as_ref()),
        member(deal.industry.as_ref()),
        member(deal.product.as_ref()),
        member(deal.channel.as_ref()),
        Cell::Date(deal.created_on),
        date(deal.closed_on),
        date(deal.expected_close_on),
        deal.days_in_stage.map_or(Cell::Undefined(why::NOT_RECORDED), |days| Cell::Int(i64::from(days))),
        text(deal.next_step.as_deref()),
    ]
}

/// A page of customers, a row a customer.
#[must_use]
pub fn customers_answer(list: &CustomersList) -> Answer {
    let mut all = columns(&[
        ("id", "编号", "id", Unit::Count),
        ("name", "客户", "customer", Unit::Text),
        ("industry", "行业", "industry", Unit::Text),
        ("region", "区域", "region", Unit::Text),
        ("owner", "负责人", "owner", Unit::Text),
        ("grade", "等级", "grade", Unit::Text),
        ("deals", "商机数", "deals", Unit::Count),
        ("deals_open", "进行中", "open deals", Unit::Count),
        ("open_minor", "进行中金额", "open amount", Unit::AmountMinor),
        ("won_minor", "赢单金额", "won", Unit::AmountMinor),
    ]);
    all.extend(list.own.iter().map(OwnColumn::head));
    let mut answer = Answer::new("客户", "Customers", list.terms.clone(), all);
    answer.currency = list.currency;
    let count = |count: u64| Cell::Int(i64::try_from(count).unwrap_or(i64::MAX));
    for row in &list.rows {
        let customer = &row.customer;
        let mut cells = vec![
            Cell::Int(customer.id),
            text(Some(&customer.name)),
            member(customer.industry.as_ref()),
            member(customer.region.as_ref()),
            member(customer.owner.as_ref()),
            text(customer.grade.as_deref()),
            count(row.deals),
            count(row.deals_open),
            minor(row.open_minor),
            minor(row.won_minor),
        ];
        cells.extend(list.own.iter().map(|own| own.cell(&customer.own)));
        answer.push(cells);
    }
    answer
}

/// Targets, a row a target. Amounts are in the target's own currency; where there are several, in minor units.
#[must_use]
pub fn targets_answer(targets: &[Target]) -> Answer {
    let mut all = columns(&[
        ("id", "编号", "id", Unit::Count),
        ("from_on", "开始", "from", Unit::Date),
        ("to_on", "结束", "to", Unit::Date),
        ("process", "流程", "process", Unit::Text),
    ]);
    let dimensions = crate::answers::targets::MEMBERS;
    for (name, ..) in dimensions {
        all.push(Column::of_dimension(name.to_owned(), crate::answers::dimension_label(name)));
    }
    all.extend(columns(&[
        ("amount_minor", "金额目标", "amount", Unit::AmountMinor),
        ("currency", "币种", "currency", Unit::Text),
        ("deals", "商机数目标", "deals", Unit::Count),
    ]));
    let mut answer = Answer::new("目标", "Targets", Terms::default(), all);
    let mut currencies: Vec<Currency> = targets.iter().filter_map(|target| target.currency).collect();
    currencies.dedup();
    answer.currency = if let [one] = currencies.as_slice() { Some(*one) } else { None };
    for target in targets {
        let mut row =
            vec![Cell::Int(target.id), date(target.from_on), date(target.to_on), text(target.process.as_deref())];
        row.extend(
            dimensions
                .iter()
                .map(|(name, ..)| member(target.members.iter().find(|(of, _)| of == name).map(|(_, member)| member))),
        );
        row.extend([
            minor(target.amount_minor.map(i128::from)),
            text(target.currency.map(|currency| currency.to_string()).as_deref()),
            target.deals.map_or(Cell::Undefined(why::NOT_SET), Cell::Int),
        ]);
        answer.push(row);
    }
    answer
}
