//! The customer funnel as an answer: steps, groups, leads and amounts.

use std::collections::BTreeMap;

use domain::Currency;
use domain::chain::LeadStatus;
use domain::process::customer_funnel;
use methods::interval::Level;
use methods::ratio::BoundedRatio;
use methods::survival::{DayCounts, End, EventTable, Spell, SpellHistogram, kaplan_meier};
use serde_json::{Value, json};
use warehouse::{Amount, CustomerBy, CustomerFunnel, CustomersAsk, FunnelGroup, GroupKey, StepCells, similar};

use crate::answer::{Answer, Cell, Column, Label, Terms, Unit, why};
use crate::answers::Asked;
use crate::{AppError, Ask, Loudou, Result, words};

/// The funnel in four small answers that belong together.
#[derive(Debug, Clone)]
pub struct CustomerFunnelAnswer {
    /// A row a step.
    pub steps: Answer,
    /// A row a group, where groups were asked for.
    pub groups: Option<Answer>,
    /// How the leads stand.
    pub leads: Answer,
    /// What deals, contracts, orders and payments come to.
    pub amounts: Answer,
    /// The journal up to here was read.
    pub seq: i64,
}

impl CustomerFunnelAnswer {
    /// Its parts by name.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "steps": self.steps.to_json(),
            "groups": self.groups.as_ref().map(Answer::to_json),
            "leads": self.leads.to_json(),
            "amounts": self.amounts.to_json(),
        })
    }
}

impl Loudou {
    /// Counts distinct customers by step.
    ///
    /// # Errors
    /// The question is wrong, or the data cannot be read.
    pub async fn customer_funnel(&self, ask: &Ask) -> Result<CustomerFunnelAnswer> {
        let (asked, terms) = self.customers_asked(ask).await?;
        let by = asked.by;
        let funnel = self.warehouse().await?.customer_funnel(asked).await?;
        let mut steps = steps(&funnel, terms.clone())?;
        notes(&mut steps, &funnel);
        Ok(CustomerFunnelAnswer {
            steps,
            groups: by.map(|by| groups(&funnel, by, terms.clone())).transpose()?,
            leads: leads(&funnel, terms.clone())?,
            amounts: amounts(&funnel, terms),
            seq: funnel.seq,
        })
    }

    /// Reads the question: what applies to customers, and nothing else.
    pub(super) async fn customers_asked(&self, ask: &Ask) -> Result<(CustomersAsk, Terms)> {
        only_what_applies(ask)?;
        let by = match ask.by.as_slice() {
            [] => None,
            [one] => Some(dimension(one)?),
            _ => {
                return Err(AppError::input((
                    "客户漏斗一次只按一个维度分组",
                    "customers are grouped by one dimension at a time",
                ))
                .hint(("请只保留一个", "leave one")));
            }
        };
        let asked = self.asked(&Ask { by: Vec::new(), ..ask.clone() }).await?;
        let Asked { question, as_of, from, mut terms, .. } = asked;
        terms.state("by", ask.by.clone());
        let (to, is_cohort) = (ask.to, ask.from.is_some() || ask.to.is_some());
        terms.state("from", from.map(|day| day.to_string()));
        terms.state("to", to.map(|day| day.to_string()));
        let terms = if is_cohort {
            terms.with_words(
                "population",
                "期间内成为潜在客户的一批，跟踪到截至日；尚未到达的为进行中",
                "customers who became potential in the period, followed to the as-of day; who is not there yet is pending",
            )
        } else {
            terms.with_words(
                "population",
                "截至日已知的全部客户：每个客户只计一次",
                "every customer known by the as-of day, each once",
            )
        };
        let keepers = self.keepers(&question.scope).await?;
        let (known_at, currency) = (question.known_at, question.currency);
        Ok((CustomersAsk { scope: question.scope, keepers, as_of, known_at, from, to, by, currency }, terms))
    }
}

/// Refuses what asks for a part of the deals: customers are counted by all that is told of them.
fn only_what_applies(ask: &Ask) -> Result<()> {
    let given = [(ask.process.is_some(), "process"), (ask.filter.is_some(), "where"), (!ask.chips.is_empty(), "f")];
    let Some((_, name)) = given.into_iter().find(|(given, _)| *given) else { return Ok(()) };
    Err(AppError::input((
        format!("`{name}` 不适用于客户漏斗"),
        format!("`{name}` does not apply to the customer funnel: it counts customers, not deals"),
    ))
    .hint((
        "请去掉它；可用截至日、当时所知、范围、期间和分组",
        "leave it out; as-of, known-at, scope, period and grouping apply",
    )))
}

pub(super) fn dimension(word: &str) -> Result<CustomerBy> {
    let found = CustomerBy::WORDS.iter().find(|(known, _)| *known == word);
    found.map(|(_, by)| *by).ok_or_else(|| {
        let words: Vec<&str> = CustomerBy::WORDS.iter().map(|(known, _)| *known).collect();
        let near = similar(word, words.iter().copied());
        let known = if near.is_empty() { words.join(", ") } else { near.join(", ") };
        AppError::input((format!("客户不能按“{word}”分组"), format!("customers cannot be grouped by `{word}`")))
            .hint((format!("可按：{known}"), format!("group by {known}")))
    })
}

/// What a step is called.
fn step_cell(at: usize) -> Cell {
    let step = &customer_funnel().steps[at];
    Cell::Name { zh: step.name.zh.clone(), en: step.name.en.clone(), key: step.key.clone() }
}

fn count(count: u64) -> Cell {
    Cell::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

/// Nobody was at the step before.
const NOBODY_BEFORE: Label = Label { zh: "上一步没有客户", en: "nobody is at the step before" };
/// The first step has none before it.
const FIRST: Label = Label { zh: "这是第一步", en: "the first step" };
/// A median of nobody.
const NOBODY_CAME: Label = Label { zh: "还没有客户到达", en: "nobody has come here" };

fn share(part: u64, whole: u64) -> [Cell; 3] {
    match BoundedRatio::of(part, whole, Level::P95) {
        Some(ratio) => [ratio.ratio.value(), ratio.bounds.lower, ratio.bounds.upper].map(Cell::Float),
        None => [(); 3].map(|()| Cell::Undefined(NOBODY_BEFORE)),
    }
}

/// Days of those who came, and days until half have come with those who have not come yet.
fn medians(days: &BTreeMap<(u32, bool), u64>) -> Result<[Cell; 2]> {
    let broken = |error: methods::survival::SurvivalError| AppError::system(error.to_string());
    let (mut came, mut all) = (DayCounts::default(), SpellHistogram::new());
    for ((days, is_here), count) in days {
        let end = if *is_here { End::Cause(0) } else { End::Open };
        all.add(Spell { entry_days: 0, exit_days: *days, end }, *count).map_err(broken)?;
        if *is_here {
            came.add(*days, *count);
        }
    }
    let curve = kaplan_meier(&EventTable::from_histogram(&all, 1).map_err(broken)?, Level::P95);
    Ok([
        Cell::or_undefined(came.median_days(), NOBODY_CAME),
        Cell::or_undefined(curve.median_days().map(f64::from), why::TOO_FEW_ENDED),
    ])
}

fn step_columns() -> Vec<Column> {
    vec![
        Column::new("step", "步骤", "step", Unit::Text),
        Column::new("customers", "客户数", "customers", Unit::Count).with_bar(),
        Column::new("of_before", "较上一步", "of step before", Unit::Share),
        Column::new("of_before_lower", "下限", "lower", Unit::Share),
        Column::new("of_before_upper", "上限", "upper", Unit::Share),
        Column::new("of_first", "较第一步", "of first step", Unit::Share),
        Column::new("from_before", "来自上一步", "from step before", Unit::Count),
        Column::new("skipped", "未经上一步", "without step before", Unit::Count),
        Column::new("pending", "进行中", "pending", Unit::Count),
        Column::new("ended", "已排除", "taken out", Unit::Count),
        Column::new("median_days_came", "到达者中位", "median of who came", Unit::Days),
        Column::new("median_days", "含进行中中位", "median with pending", Unit::Days),
        Column::new("median_days_from_first", "自第一步中位", "median from first step", Unit::Days),
    ]
}

fn steps(funnel: &CustomerFunnel, terms: Terms) -> Result<Answer> {
    let terms = terms
        .with_words(
            "denominator",
            "较上一步 = 既在上一步又到达本步的客户 ÷ 上一步的客户；未经上一步的另计",
            "of the customers at the step before, those who are here too; who came without it is told apart",
        )
        .with_words("interval", "Wilson，95%", "Wilson, 95 %")
        .with_words(
            "estimator",
            "到达者中位：只看已到达的客户；含进行中中位：Kaplan–Meier，未到达的按截至日删失",
            "median of who came: those alone; median with pending: Kaplan–Meier, who has not come censored at the as-of day",
        );
    let mut answer = Answer::new("客户漏斗", "Customer funnel", terms, step_columns());
    let total = &funnel.total;
    let first = total.steps[0].customers;
    for (at, step) in total.steps.iter().enumerate() {
        answer.push(step_row(total, at, step, first)?);
    }
    answer.terms.state("customers", first);
    Ok(answer)
}

fn step_row(total: &FunnelGroup, at: usize, step: &StepCells, first: u64) -> Result<Vec<Cell>> {
    let none = || Cell::Undefined(FIRST);
    let mut row = vec![step_cell(at), count(step.customers)];
    if at == 0 {
        row.extend([none(), none(), none(), Cell::share(i128::from(first), i128::from(first))]);
        row.extend([none(), none(), none(), none(), none(), none(), none()]);
        return Ok(row);
    }
    row.extend(share(step.from_before, total.steps[at - 1].customers));
    row.push(Cell::share(i128::from(step.customers), i128::from(first)));
    row.extend([count(step.from_before), count(step.skipped), count(step.pending), count(step.ended)]);
    row.extend(medians(&step.days)?);
    let [_, from_first] = medians(&step.days_from_first)?;
    row.push(from_first);
    Ok(row)
}

/// Sentences on what the numbers leave out.
fn notes(answer: &mut Answer, funnel: &CustomerFunnel) {
    let names = [("商机", "deals"), ("合同", "contracts"), ("订单", "orders"), ("回款", "payments")];
    for ((zh, en), count) in names.iter().zip(funnel.of_nobody) {
        if count > 0 {
            answer.note(
                format!("{count} 条{zh}不属于任何客户，不在任何一步里。"),
                format!("{en} without a customer: {count}; they are in no step."),
            );
        }
    }
    for (at, step) in funnel.total.steps.iter().enumerate().skip(1) {
        if step.out_of_order > 0 {
            let (now, count) = (&customer_funnel().steps[at].name, step.out_of_order);
            answer.note(
                format!("{count} 个客户先到“{}”、后到上一步，不计入天数。", now.zh),
                format!(
                    "{}: {count} were here before they were at the step before; their days are not counted.",
                    now.en
                ),
            );
        }
    }
    let before = funnel.total.leads.before_first_contact;
    if before > 0 {
        answer.note(
            format!("{before} 条线索在首次接触之前就已转化：日期互相矛盾，仍计入。"),
            format!("leads that became business before their first contact: {before}; the dates contradict each other, they count all the same."),
        );
    }
    if let Some(error) = &funnel.no_amount {
        let told = words::told(error);
        let zh = told.zh.unwrap_or_else(|| told.en.clone());
        answer.note(format!("金额无法相加：{zh}"), format!("Amounts do not add up: {}", told.en));
    }
}

fn groups(funnel: &CustomerFunnel, by: CustomerBy, terms: Terms) -> Result<Answer> {
    let word = CustomerBy::WORDS.iter().find(|(_, known)| *known == by).map_or("", |(word, _)| word);
    let (zh, en) = match by {
        CustomerBy::Channel => ("渠道", "channel"),
        CustomerBy::Campaign => ("活动", "campaign"),
        CustomerBy::Region => ("区域", "region"),
        CustomerBy::Industry => ("行业", "industry"),
        CustomerBy::Owner => ("负责人", "owner"),
        CustomerBy::Grade => ("等级", "grade"),
    };
    let mut columns = vec![Column::new(word, zh, en, Unit::Text)];
    let short = [
        ("潜在客户", "potential"),
        ("商机客户", "with opportunity"),
        ("签约客户", "contracted"),
        ("回款客户", "paying"),
    ];
    for (at, (step, (zh, en))) in customer_funnel().steps.iter().zip(short).enumerate() {
        let column = Column::new(&step.key, zh, en, Unit::Count);
        columns.push(if at == 0 { column.with_bar() } else { column });
    }
    for (step, (zh, en)) in customer_funnel()
        .steps
        .iter()
        .zip([("", ""), ("商机率", "got opportunity"), ("签约率", "signed"), ("回款率", "paid")])
        .skip(1)
    {
        columns.push(Column::new(&format!("{}_of_before", step.key), zh, en, Unit::Share));
    }
    columns.push(Column::new("paying_of_first", "全程", "whole way", Unit::Share));
    columns.push(Column::new("median_days", "到签约中位", "median to contract", Unit::Days));
    columns.extend(MEASURES.map(|(key, zh, en)| Column::new(key, zh, en, Unit::AmountMinor)));
    let mut answer = Answer::new("客户漏斗（分组）", "Customer funnel by group", terms, columns);
    answer.currency = funnel.currency;
    for group in &funnel.groups {
        answer.push(group_row(funnel, group, group_cell(group))?);
    }
    let mut foot = group_row(funnel, &funnel.total, Cell::Undefined(why::NO_SUM))?;
    foot[0] = Cell::Undefined(why::NO_SUM);
    answer.totals = (!funnel.groups.is_empty()).then_some(foot);
    Ok(answer)
}

/// A group by its name, with what lists are asked by.
fn group_cell(group: &FunnelGroup) -> Cell {
    let key = group_word(&group.key);
    match &group.name {
        Some(named) => Cell::Name { zh: named.name.clone(), en: named.name.clone(), key },
        None => Cell::Name { zh: "未记录".to_owned(), en: "not recorded".to_owned(), key },
    }
}

/// What a group is asked by: `#` and an id, a text, or nothing where none is recorded.
fn group_word(key: &GroupKey) -> String {
    match key {
        GroupKey::None => String::new(),
        GroupKey::Record(id) => format!("#{id}"),
        GroupKey::Text(text) => text.clone(),
    }
}

fn group_row(funnel: &CustomerFunnel, group: &FunnelGroup, name: Cell) -> Result<Vec<Cell>> {
    let steps = &group.steps;
    let mut row = vec![name];
    row.extend(steps.iter().map(|step| count(step.customers)));
    for at in 1..steps.len() {
        let [share, ..] = share(steps[at].from_before, steps[at - 1].customers);
        row.push(share);
    }
    row.push(Cell::share(i128::from(steps[3].customers), i128::from(steps[0].customers)));
    let [_, median] = medians(&steps[2].days_from_first)?;
    row.push(median);
    row.extend(group.amounts.iter().map(|amount| amount_cell(funnel, amount)));
    Ok(row)
}

/// The measures by [`warehouse::Measure::ALL`].
const MEASURES: [(&str, &str, &str); 4] = [
    ("won_minor", "赢单金额", "won"),
    ("contracted_minor", "合同金额", "contracted"),
    ("ordered_minor", "订单金额", "ordered"),
    ("paid_minor", "回款金额", "paid"),
];

fn amount_cell(funnel: &CustomerFunnel, amount: &Amount) -> Cell {
    match (funnel.no_amount.is_some(), amount.records) {
        (true, _) => Cell::Undefined(why::SEVERAL_CURRENCIES),
        (false, 0) => Cell::Undefined(why::NOT_RECORDED),
        (false, _) => Cell::Minor(amount.minor),
    }
}

fn amounts(funnel: &CustomerFunnel, terms: Terms) -> Answer {
    let terms = terms.with_words(
        "amounts",
        "截至日有效：已赢商机、生效合同、生效订单（无金额的按订单行）、回款净额",
        "in force at the as-of day: won deals, contracts, orders (by their lines where they tell no amount), payments net",
    );
    let columns = vec![
        Column::new("measure", "金额", "amount", Unit::Text),
        Column::new("amount_minor", "合计", "total", Unit::AmountMinor).with_bar(),
        Column::new("records", "笔数", "records", Unit::Count),
        Column::new("shared_minor", "其中几家共有", "shared by several", Unit::AmountMinor),
    ];
    let mut answer = Answer::new("金额", "Amounts", terms, columns);
    answer.currency = funnel.currency;
    for (at, (key, zh, en)) in MEASURES.iter().enumerate() {
        let (total, shared) = (&funnel.total.amounts[at], &funnel.shared[at]);
        answer.push(vec![
            Cell::Name { zh: (*zh).to_owned(), en: (*en).to_owned(), key: (*key).to_owned() },
            amount_cell(funnel, total),
            count(total.records),
            amount_cell(funnel, shared),
        ]);
    }
    answer
}

fn leads(funnel: &CustomerFunnel, terms: Terms) -> Result<Answer> {
    let leads = &funnel.total.leads;
    let n: u64 = leads.by_status.iter().sum();
    let terms = terms.with_words(
        "estimator",
        "首次接触到转化；含进行中中位：Kaplan–Meier，未定的按截至日删失，不算丢失",
        "from first contact to business; median with pending: Kaplan–Meier, open leads censored at the as-of day, not lost",
    );
    let columns = vec![
        Column::new("status", "线索状态", "lead status", Unit::Text),
        Column::new("leads", "线索数", "leads", Unit::Count).with_bar(),
        Column::new("share", "占比", "share", Unit::Share),
        Column::new("median_days_came", "到达者中位", "median of who came", Unit::Days),
        Column::new("median_days", "含进行中中位", "median with pending", Unit::Days),
    ];
    let mut answer = Answer::new("线索", "Leads", terms, columns);
    let names = [("未定", "open"), ("已验证", "verified"), ("已转化", "became business"), ("已排除", "taken out")];
    for ((status, (zh, en)), leads_here) in LeadStatus::ALL.iter().zip(names).zip(leads.by_status) {
        let mut row = vec![
            Cell::Name { zh: zh.to_owned(), en: en.to_owned(), key: status.as_str().to_owned() },
            count(leads_here),
            Cell::share(i128::from(leads_here), i128::from(n)),
        ];
        match status {
            LeadStatus::Converted => row.extend(medians(&leads.days)?),
            _ => row.extend([Cell::Undefined(why::NO_SUM), Cell::Undefined(why::NO_SUM)]),
        }
        answer.push(row);
    }
    answer.terms.state("leads", n);
    Ok(answer)
}

/// The currency that amounts are told in.
impl CustomerFunnelAnswer {
    /// Absent where amounts do not add up, or there are none.
    #[must_use]
    pub const fn currency(&self) -> Option<Currency> {
        self.amounts.currency
    }
}
