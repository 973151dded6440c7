//! What tables and fields of the model are called, where no page of records names them.

use domain::Kind;
use domain::field::{FieldId, ids};
use domain::process::Text2;

/// Names of tables by kind. A kind that is not here goes by its word.
const TABLES: &[(Kind, &str, &str)] = &[
    (Kind::Account, "客户", "customers"),
    (Kind::Contact, "联系人", "contacts"),
    (Kind::Product, "产品", "products"),
    (Kind::Person, "人员", "people"),
    (Kind::Team, "团队", "teams"),
    (Kind::Region, "区域", "regions"),
    (Kind::Industry, "行业", "industries"),
    (Kind::Channel, "渠道", "channels"),
    (Kind::Campaign, "市场活动", "campaigns"),
    (Kind::Opportunity, "商机", "deals"),
    (Kind::DealLine, "商机产品明细", "deal lines"),
    (Kind::Activity, "跟进记录", "activities"),
    (Kind::Expense, "费用", "expenses"),
    (Kind::MetricValue, "指标值", "metric values"),
    (Kind::Target, "目标", "targets"),
];

/// Names of fields that no page of records shows.
const FIELDS: &[(FieldId, &str, &str)] = &[
    (ids::PRODUCT_NAME, "产品名称", "Name"),
    (ids::PRODUCT_CODE, "产品编码", "Code"),
    (ids::PRODUCT_CATEGORY, "类别", "Category"),
    (ids::PRODUCT_PRICE, "价格", "Price"),
    (ids::PRODUCT_CURRENCY, "币种", "Currency"),
    (ids::PERSON_NAME, "姓名", "Name"),
    (ids::PERSON_EMAIL, "邮箱", "Email"),
    (ids::PERSON_TEAM, "团队", "Team"),
    (ids::PERSON_MANAGER, "上级", "Manager"),
    (ids::PERSON_ROLE, "角色", "Role"),
    (ids::PERSON_ACTIVE, "在职", "Active"),
    (ids::TEAM_NAME, "团队名称", "Name"),
    (ids::TEAM_PARENT, "上级团队", "Parent"),
    (ids::REGION_NAME, "区域名称", "Name"),
    (ids::REGION_PARENT, "上级区域", "Parent"),
    (ids::REGION_COUNTRY, "国家", "Country"),
    (ids::INDUSTRY_NAME, "行业名称", "Name"),
    (ids::INDUSTRY_PARENT, "上级行业", "Parent"),
    (ids::CHANNEL_NAME, "渠道名称", "Name"),
    (ids::CHANNEL_TRUSTED, "可信", "Trusted"),
    (ids::CHANNEL_TYPE, "类型", "Type"),
    (ids::CAMPAIGN_NAME, "活动名称", "Name"),
    (ids::CAMPAIGN_TYPE, "类型", "Type"),
    (ids::CAMPAIGN_CHANNEL, "渠道", "Channel"),
    (ids::CAMPAIGN_COST, "花费", "Cost"),
    (ids::CAMPAIGN_CURRENCY, "币种", "Currency"),
    (ids::DEAL_LINE_OPPORTUNITY, "商机", "Deal"),
    (ids::DEAL_LINE_PRODUCT, "产品", "Product"),
    (ids::DEAL_LINE_AMOUNT, "金额", "Amount"),
    (ids::DEAL_LINE_CURRENCY, "币种", "Currency"),
    (ids::DEAL_LINE_QUANTITY, "数量", "Quantity"),
    (ids::DEAL_LINE_PRIMARY, "主要产品", "Primary"),
    (ids::ACTIVITY_OPPORTUNITY, "商机", "Deal"),
    (ids::ACTIVITY_ACCOUNT, "客户", "Customer"),
    (ids::ACTIVITY_CONTACT, "联系人", "Contact"),
    (ids::ACTIVITY_PERSON, "人员", "Person"),
    (ids::ACTIVITY_TYPE, "类型", "Type"),
    (ids::ACTIVITY_AT, "时间", "At"),
    (ids::ACTIVITY_DONE, "已完成", "Done"),
    (ids::ACTIVITY_NOTE, "备注", "Note"),
    (ids::EXPENSE_OPPORTUNITY, "商机", "Deal"),
    (ids::EXPENSE_ACCOUNT, "客户", "Customer"),
    (ids::EXPENSE_PERSON, "人员", "Person"),
    (ids::EXPENSE_TYPE, "类型", "Type"),
    (ids::EXPENSE_AMOUNT, "金额", "Amount"),
    (ids::EXPENSE_CURRENCY, "币种", "Currency"),
    (ids::EXPENSE_ON, "日期", "Spent on"),
    (ids::METRIC_VALUE_METRIC, "指标", "Metric"),
    (ids::METRIC_VALUE_ON, "日期", "Measured on"),
    (ids::METRIC_VALUE_PROCESS, "销售流程", "Process"),
    (ids::METRIC_VALUE_STAGE, "阶段", "Stage"),
    (ids::METRIC_VALUE_CHANNEL, "渠道", "Channel"),
    (ids::METRIC_VALUE_CAMPAIGN, "市场活动", "Campaign"),
    (ids::METRIC_VALUE_PRODUCT, "产品", "Product"),
    (ids::METRIC_VALUE_VALUE, "数值", "Value"),
    (ids::METRIC_VALUE_TARGET, "目标值", "Target"),
    (ids::METRIC_VALUE_ORIGIN, "来源", "Origin"),
];

/// What a table is called.
pub(super) fn table(kind: Kind) -> Text2 {
    let known = TABLES.iter().find(|(known, ..)| *known == kind);
    let word = kind.as_str().replace('_', " ");
    known.map_or_else(|| Text2::new(crate::words::kind(kind), word), |(_, zh, en)| Text2::new(*zh, *en))
}

/// What a built-in field is called; by its name where nobody has named it.
pub(super) fn field(id: FieldId, name: &str) -> Text2 {
    let own = || FIELDS.iter().find(|(known, ..)| *known == id).map(|(_, zh, en)| (*zh, *en));
    let (zh, en) = crate::records::field_label(id).or_else(own).unwrap_or((name, name));
    Text2::new(zh, en)
}

#[cfg(test)]
mod tests {
    use domain::field::BUILTIN;

    use super::*;

    #[test]
    fn tables_and_their_fields_have_names_in_both_languages() {
        for def in BUILTIN.iter().filter(|def| TABLES.iter().any(|(kind, ..)| *kind == def.kind)) {
            let Text2 { zh, en } = field(def.id, def.name);
            assert!(!zh.is_ascii() && en.is_ascii() && en != def.name, "{:?} {}: {zh} / {en}", def.kind, def.name);
        }
        assert!(Kind::ALL.into_iter().all(|kind| !table(kind).zh.is_ascii()));
    }
}
