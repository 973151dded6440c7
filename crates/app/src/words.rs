//! Chinese for what the layers below say in English alone: their errors carry facts, and the words are made here.

use domain::Kind;
use domain::money::RateError;
use store::StoreError;
use warehouse::{AskError, FilterFault};

use crate::Words;

/// What a kind of record is called.
pub(crate) const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Opportunity => "商机",
        Kind::Account => "客户",
        Kind::Contact => "联系人",
        Kind::Product => "产品",
        Kind::Person => "人员",
        Kind::Team => "团队",
        Kind::Region => "区域",
        Kind::Industry => "行业",
        Kind::Channel => "渠道",
        Kind::Campaign => "活动",
        Kind::Target => "目标",
        _ => "记录",
    }
}

/// Words that were perhaps meant.
pub(crate) fn near(near: &[String]) -> String {
    if near.is_empty() { String::new() } else { format!("（是否指 {}？）", near.join(" 或 ")) }
}

/// What the store refused; nothing where only whoever runs the program can do something about it.
pub(crate) fn of_store(error: &StoreError) -> Option<String> {
    Some(match error {
        StoreError::NoImport(id) => format!("没有导入 {id}"),
        StoreError::NoMerge(id) => format!("没有合并 {id}"),
        StoreError::AlreadyUnmerged(id) => format!("合并 {id} 已经撤销"),
        StoreError::SurvivorGone { merge, kind: of, record } => {
            format!("合并 {merge} 不能撤销：{} {record} 此后又被并入其他记录，或已删除", kind(*of))
        }
        StoreError::AlreadyUndone(id) => format!("导入 {id} 已经撤销"),
        StoreError::NoRecord { kind: of, record } => format!("没有{} {record}", kind(*of)),
        StoreError::NoUser(id) => format!("没有用户 {id}"),
        StoreError::NoConnection(id) => format!("没有来源 {id}"),
        StoreError::ConnectionTaken(name) => format!("已有名为“{name}”的来源"),
        StoreError::ConnectionChanged { connection, expected, found } => {
            format!("来源 {connection} 其间已被修改：读到的是版本 {expected}，现在是 {found}")
        }
        StoreError::NameTaken(name) => format!("已有名为“{name}”的用户"),
        StoreError::Conflict { kind: of, record, expected, found } => {
            format!("{} {record} 其间已被修改：读到的是版本 {expected}，现在是 {found}", kind(*of))
        }
        StoreError::UserChanged { user, expected, found } => {
            format!("用户 {user} 其间已被修改：读到的是版本 {expected}，现在是 {found}")
        }
        StoreError::Busy { waited_seconds } => {
            format!("另有写入正在进行，{waited_seconds} 秒内没有结束：请稍后再试")
        }
        StoreError::MergeIntoItself { kind: of, record } => format!("{} {record} 不能并入自身", kind(*of)),
        _ => return None,
    })
}

fn of_filter(fault: &FilterFault) -> String {
    match fault {
        FilterFault::TooLong { limit } => format!("超过 {limit} 个字符，请缩短"),
        FilterFault::TooDeep { limit } => {
            format!("运算符超过 {limit} 个，请缩短；多个取值请写成 column in ('a', 'b')")
        }
        FilterFault::NoSql { said } => {
            format!("请写成比较，并用 and、or、not 连接，如 region = 'North' and amount > 10000（{said}）")
        }
        FilterFault::NoCondition => "它不是条件，请写成比较，如 amount > 10000".to_owned(),
        FilterFault::Counts => "筛选逐个商机判断，不能对多个商机计数或求和".to_owned(),
        FilterFault::Query => "筛选条件里不能有查询".to_owned(),
        FilterFault::Parameter => "筛选条件没有参数，请直接写出数值".to_owned(),
        FilterFault::Volatile { function } => format!("函数 {function} 每次结果不同，请直接写出数值"),
        FilterFault::Engine { said } => format!("请核对列名、数值和函数（{said}）"),
    }
}

/// Why a question is not answered; nothing where the engine of filters has the word.
pub(crate) fn of_ask(error: &AskError) -> Option<String> {
    Some(match error {
        AskError::Filter { filter, fault } => format!("筛选条件“{filter}”无法读取：{}", of_filter(fault)),
        AskError::UnknownColumn { name, near: of, .. } => format!("没有可筛选的列“{name}”{}", near(of)),
        AskError::UnknownValue { column, value, near: of, .. } => format!("“{column}”没有值“{value}”{}", near(of)),
        AskError::UnknownDimension { name, near: of, known } => {
            format!("不能按“{name}”分组{}；维度有：{}", near(of), known.join("、"))
        }
        AskError::UnknownProcess { key, near: of, known } => {
            format!("没有流程“{key}”{}；流程有：{}", near(of), known.join("、"))
        }
        AskError::SeveralProcesses { keys } => {
            format!("所见商机属于多个流程（{}），其阶段不可比：请选定一个流程", keys.join("、"))
        }
        AskError::TooManyStages { stages } => format!("所见流程共有 {stages} 个阶段，多到无法分辨：请选定一个流程"),
        AskError::MixedCurrencies { currencies, .. } => {
            format!("所见金额有多个币种（{}），又没有可用的汇率：请筛选到一个币种，或补充汇率", currencies.join("、"))
        }
        AskError::Rate(RateError::Missing { from, into, on }) => {
            format!("{on} 及以前没有 {from} 兑 {into} 的汇率：请补充，或筛选到一个币种")
        }
        AskError::Rate(RateError::Overflow { from, into, .. }) => format!("有 {from} 金额过大，无法折算成 {into}"),
        AskError::TooManyGroups { by, limit } => {
            format!("按 {} 分组会超过 {limit} 组：请减少一个维度，或先筛选", by.join("、"))
        }
        AskError::TooLarge(_) => "分组过多，计数超出内存上限：请减少一个维度，或先筛选".to_owned(),
        AskError::Store(error) => return of_store(error),
        _ => return None,
    })
}

/// Why a question is not answered, in both languages.
pub(crate) fn told(error: &AskError) -> Words {
    Words { en: error.to_string(), zh: of_ask(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_reader_can_meet_has_chinese_with_its_facts() {
        let mixed = AskError::MixedCurrencies { currencies: vec!["CNY".into(), "USD".into()], reason: String::new() };
        assert!(of_ask(&mixed).is_some_and(|zh| zh.contains("CNY、USD")));
        let filter = |fault| of_ask(&AskError::Filter { filter: "x".to_owned(), fault });
        assert_eq!(
            filter(FilterFault::TooLong { limit: 9 }).as_deref(),
            Some("筛选条件“x”无法读取：超过 9 个字符，请缩短")
        );
        assert_eq!(filter(FilterFault::NoCondition).map(|zh| zh.matches("请写成比较").count()), Some(1), "advice once");
        let busy = StoreError::Busy { waited_seconds: 5 };
        assert_eq!(of_store(&busy).as_deref(), Some("另有写入正在进行，5 秒内没有结束：请稍后再试"));
        assert!(of_store(&StoreError::NotADraft).is_none());
    }
}
