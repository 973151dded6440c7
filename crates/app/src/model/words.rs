//! What tables and fields of the model are called, where no page of records names them.

use domain::Kind;
use domain::field::{FieldId, ids};
use domain::words::Text2;

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
    (Kind::Lead, "线索", "leads"),
    (Kind::Contract, "合同", "contracts"),
    (Kind::Order, "订单", "orders"),
    (Kind::OrderLine, "订单明细", "order lines"),
    (Kind::Invoice, "发票", "invoices"),
    (Kind::Payment, "回款", "payments"),
    (Kind::ServiceRequest, "服务请求", "service requests"),
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

/// Fields that mean the same in every table of the chain from lead to cash.
const BY_NAME: &[(&str, &str, &str)] = &[
    ("name", "名称", "Name"),
    ("company", "公司", "Company"),
    ("status", "状态", "Status"),
    ("channel", "渠道", "Channel"),
    ("campaign", "市场活动", "Campaign"),
    ("account", "客户", "Customer"),
    ("contact", "联系人", "Contact"),
    ("owner", "负责人", "Owner"),
    ("opportunity", "商机", "Deal"),
    ("first_contact_on", "首次联系日", "First contact"),
    ("verified_on", "验证日", "Verified on"),
    ("closed_on", "关闭日", "Closed on"),
    ("reason", "原因", "Reason"),
    ("phone", "电话", "Telephone"),
    ("email", "电子邮件", "E-mail"),
    ("region", "区域", "Region"),
    ("industry", "行业", "Industry"),
    ("number", "编号", "Number"),
    ("amount_minor", "金额", "Amount"),
    ("currency", "币种", "Currency"),
    ("signed_on", "签约日", "Signed on"),
    ("begins_on", "开始日", "Begins on"),
    ("ends_on", "结束日", "Ends on"),
    ("signed_with", "签约方", "Signed with"),
    ("contract", "合同", "Contract"),
    ("ordered_on", "下单日", "Ordered on"),
    ("freight_minor", "运费", "Freight"),
    ("tax_minor", "税额", "Tax"),
    ("promised_on", "承诺交付日", "Promised on"),
    ("delivered_on", "交付日", "Delivered on"),
    ("order", "订单", "Order"),
    ("product", "产品", "Product"),
    ("quantity_milli", "数量", "Quantity"),
    ("issued_on", "开票日", "Issued on"),
    ("due_on", "到期日", "Due on"),
    ("invoice", "发票", "Invoice"),
    ("paid_on", "到账日", "Paid on"),
    ("method", "付款方式", "Method"),
    ("installments", "分期数", "Installments"),
    ("type", "类型", "Type"),
    ("subject", "主题", "Subject"),
    ("opened_on", "受理日", "Opened on"),
    ("person", "人员", "Person"),
    ("satisfaction", "满意度", "Satisfaction"),
];

/// What a table is called.
pub(crate) fn table(kind: Kind) -> Text2 {
    let known = TABLES.iter().find(|(known, ..)| *known == kind);
    let word = kind.as_str().replace('_', " ");
    known.map_or_else(|| Text2::new(crate::words::kind(kind), word), |(_, zh, en)| Text2::new(*zh, *en))
}

/// What a built-in field is called; by its name where nobody has named it.
pub(crate) fn field(id: FieldId, name: &str) -> Text2 {
    let own = || FIELDS.iter().find(|(known, ..)| *known == id).map(|(_, zh, en)| (*zh, *en));
    let alike = || BY_NAME.iter().find(|(known, ..)| *known == name).map(|(_, zh, en)| (*zh, *en));
    let (zh, en) = crate::records::field_label(id).or_else(own).or_else(alike).unwrap_or((name, name));
    Text2::new(zh, en)
}

/// What the built-in field of a kind is called that has this name.
#[must_use]
pub fn field_label(kind: Kind, name: &str) -> Option<Text2> {
    domain::field::named(kind, name).map(|def| field(def.id, def.name))
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
