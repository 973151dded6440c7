//! What fields are called by people, in one table; custom fields bring their own label.

use domain::field::{FieldId, ids};
use domain::process::NamedValue;
use domain::words::Text2;

/// Chinese and English names by field.
const LABELS: &[(FieldId, &str, &str)] = &[
    (ids::OPPORTUNITY_STAGE, "阶段", "Stage"),
    (ids::OPPORTUNITY_OUTCOME, "状态", "Outcome"),
    (ids::OPPORTUNITY_AMOUNT, "金额", "Amount"),
    (ids::OPPORTUNITY_CURRENCY, "币种", "Currency"),
    (ids::OPPORTUNITY_OWNER, "负责人", "Owner"),
    (ids::OPPORTUNITY_TEAM, "团队", "Team"),
    (ids::OPPORTUNITY_EXPECTED_CLOSE, "预计成交日期", "Expected close"),
    (ids::OPPORTUNITY_PROBABILITY, "赢单概率", "Probability"),
    (ids::OPPORTUNITY_NAME, "商机名称", "Name"),
    (ids::OPPORTUNITY_PROCESS, "销售流程", "Process"),
    (ids::OPPORTUNITY_ACCOUNT, "客户", "Customer"),
    (ids::OPPORTUNITY_PRODUCT, "产品", "Product"),
    (ids::OPPORTUNITY_REGION, "区域", "Region"),
    (ids::OPPORTUNITY_INDUSTRY, "行业", "Industry"),
    (ids::OPPORTUNITY_CHANNEL, "渠道", "Channel"),
    (ids::OPPORTUNITY_CAMPAIGN, "活动", "Campaign"),
    (ids::OPPORTUNITY_CONTACT, "联系人", "Contact"),
    (ids::OPPORTUNITY_INVESTMENT, "客户投资额", "Customer's investment"),
    (ids::OPPORTUNITY_AMOUNT_SOURCE, "金额来源", "Source of the amount"),
    (ids::OPPORTUNITY_TAX_INCLUDED, "含税", "Tax included"),
    (ids::OPPORTUNITY_PARTIES, "决策人员", "Parties"),
    (ids::OPPORTUNITY_SUPPLY_LIST, "供货清单", "Supply list"),
    (ids::OPPORTUNITY_REASON, "原因", "Reason"),
    (ids::OPPORTUNITY_COMPETITORS, "竞争对手", "Competitors"),
    (ids::OPPORTUNITY_NEXT_STEP, "下一步", "Next step"),
    (ids::OPPORTUNITY_NEXT_STEP_ON, "下一步日期", "Next step on"),
    (ids::OPPORTUNITY_NEXT_CONTACT_ON, "下次联系日期", "Next contact on"),
    (ids::OPPORTUNITY_FORECAST, "预测类别", "Forecast category"),
    (ids::OPPORTUNITY_SOURCE_CHANNEL, "线索来源", "Source channel"),
    (ids::OPPORTUNITY_BUSINESS_OWNER, "业务负责人", "Business owner"),
    (ids::OPPORTUNITY_PAIN, "痛点", "Pain"),
    (ids::OPPORTUNITY_BUDGET_RANGE, "预算范围", "Budget range"),
    (ids::OPPORTUNITY_SALES_COST_BUDGET, "销售费用预算", "Sales cost budget"),
    (ids::OPPORTUNITY_FACTS, "附加信息", "Facts"),
    (ids::ACCOUNT_NAME, "客户名称", "Name"),
    (ids::ACCOUNT_ALIASES, "别名", "Aliases"),
    (ids::ACCOUNT_INDUSTRY, "行业", "Industry"),
    (ids::ACCOUNT_REGION, "区域", "Region"),
    (ids::ACCOUNT_COUNTRY, "国家", "Country"),
    (ids::ACCOUNT_OWNER, "负责人", "Owner"),
    (ids::ACCOUNT_GRADE, "等级", "Grade"),
    (ids::ACCOUNT_TAX_NUMBER, "税号", "Tax number"),
    (ids::ACCOUNT_EMPLOYEES, "员工数", "Employees"),
    (ids::ACCOUNT_REVENUE, "年收入", "Revenue"),
    (ids::ACCOUNT_CURRENCY, "币种", "Currency"),
    (ids::ACCOUNT_PARENT, "上级客户", "Parent"),
    (ids::ACCOUNT_DOMAIN, "网站", "Domain"),
    (ids::ACCOUNT_PHONE, "电话", "Phone"),
    (ids::ACCOUNT_ADDRESS, "地址", "Address"),
    (ids::ACCOUNT_SEGMENT, "细分", "Segment"),
    (ids::ACCOUNT_INDUSTRY_INFERRED, "行业（推断）", "Industry (inferred)"),
    (ids::ACCOUNT_INDUSTRY_CONFIDENCE, "推断的把握", "Confidence of the inference"),
    (ids::CONTACT_NAME, "姓名", "Name"),
    (ids::CONTACT_PHONE, "电话", "Phone"),
    (ids::CONTACT_EMAIL, "邮箱", "Email"),
    (ids::CONTACT_POST, "职位", "Post"),
    (ids::CONTACT_ACCOUNT, "客户", "Customer"),
    (ids::CONTACT_ROLE, "决策角色", "Role"),
    (ids::TARGET_FROM, "开始", "From"),
    (ids::TARGET_TO, "结束", "To"),
    (ids::TARGET_PROCESS, "销售流程", "Process"),
    (ids::TARGET_STAGE, "阶段", "Stage"),
    (ids::TARGET_PERSON, "人员", "Person"),
    (ids::TARGET_TEAM, "团队", "Team"),
    (ids::TARGET_REGION, "区域", "Region"),
    (ids::TARGET_PRODUCT, "产品", "Product"),
    (ids::TARGET_INDUSTRY, "行业", "Industry"),
    (ids::TARGET_CHANNEL, "渠道", "Channel"),
    (ids::TARGET_AMOUNT, "金额目标", "Amount"),
    (ids::TARGET_CURRENCY, "币种", "Currency"),
    (ids::TARGET_COUNT, "商机数目标", "Deals"),
];

/// Where an amount comes from: the values that have a name. Imports bring others.
const AMOUNT_SOURCES: &[(&str, &str, &str)] =
    &[("customer", "客户预算", "the customer's budget"), ("seller", "销售估计", "the seller's estimate")];

/// The values of a built-in field that have names.
pub(crate) fn choices(id: FieldId) -> Vec<NamedValue> {
    let named = if id == ids::OPPORTUNITY_AMOUNT_SOURCE { AMOUNT_SOURCES } else { &[] };
    let choice = |(key, zh, en): &(&str, &str, &str)| NamedValue { key: (*key).to_owned(), name: Text2::new(*zh, *en) };
    named.iter().map(choice).collect()
}

/// The Chinese and English names of a built-in field.
pub(crate) fn label(id: FieldId) -> Option<(&'static str, &'static str)> {
    LABELS.iter().find(|(known, ..)| *known == id).map(|(_, zh, en)| (*zh, *en))
}

#[cfg(test)]
mod tests {
    use domain::Kind;
    use domain::field::of;

    use super::*;

    #[test]
    fn every_field_that_a_page_shows_has_a_name_in_both_languages() {
        for kind in [Kind::Opportunity, Kind::Account, Kind::Contact, Kind::Target] {
            for def in of(kind) {
                let (zh, en) = label(def.id).unwrap_or_else(|| panic!("{kind:?} {}", def.name));
                assert!(!zh.is_ascii() && en.is_ascii(), "{zh} / {en}");
            }
        }
    }
}
