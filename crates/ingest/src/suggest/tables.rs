//! Other tables of one upload: those that hold the records which a column refers to, and a table of changes.

use std::collections::{BTreeMap, HashSet};

use domain::Kind;
use domain::field::{self, FieldType};
use domain::process::Text2;

use super::content::Content;
use super::{Suggestion, Table, headings, words};
use crate::mapping::{History, Lookup, MappedField, Mapping};
use crate::value::key::Key;

/// A field and the headings that mean it.
type FieldWords = (&'static str, &'static [&'static str]);

/// Headings of names and other fields in a table of records, by the kind of record.
const RECORD_FIELDS: &[(Kind, &[FieldWords])] = &[
    (
        Kind::Account,
        &[
            (
                "name",
                &[
                    "accountname",
                    "name",
                    "account",
                    "customername",
                    "customer",
                    "companyname",
                    "company",
                    "客户名称",
                    "客户",
                    "名称",
                    "公司名称",
                    "公司",
                ],
            ),
            ("industry", &["industry", "sector", "industryname", "行业", "所属行业", "客户行业"]),
            ("region", &["region", "territory", "大区", "区域", "省份", "所属区域"]),
            ("country", &["country", "billingcountry", "officelocation", "国家"]),
            ("segment", &["segment", "客户类型", "客户分类"]),
            ("employees", &["employees", "numberofemployees", "员工数", "员工人数"]),
        ],
    ),
    (
        Kind::Person,
        &[
            (
                "name",
                &[
                    "name",
                    "owner",
                    "ownername",
                    "username",
                    "fullname",
                    "salesagent",
                    "salesrep",
                    "姓名",
                    "名称",
                    "负责人",
                    "员工姓名",
                ],
            ),
            ("email", &["email", "emailaddress", "邮箱"]),
            ("team", &["team", "manager", "department", "团队", "部门", "所属部门"]),
        ],
    ),
    (
        Kind::Product,
        &[
            ("name", &["product", "productname", "name", "productcode", "产品名称", "产品", "名称"]),
            (
                "category",
                &["category", "productcategory", "series", "productfamily", "family", "类别", "产品类别", "产品线"],
            ),
        ],
    ),
    (
        Kind::Campaign,
        &[
            ("name", &["campaign", "campaignname", "name", "活动名称", "市场活动", "名称"]),
            ("type", &["campaigntype", "type", "活动类型"]),
        ],
    ),
    (Kind::Channel, &[("name", &["partner", "channel", "partnername", "name", "渠道名称", "渠道", "名称"])]),
    (Kind::Region, &[("name", &["region", "territory", "name", "区域名称", "区域", "名称"])]),
    (Kind::Industry, &[("name", &["industry", "name", "行业名称", "行业", "名称"])]),
    (Kind::Team, &[("name", &["team", "teamname", "name", "团队", "部门", "名称"])]),
];

/// Headings of the moment of a change.
pub(super) const CHANGED_AT: &[&str] = &[
    "changedat",
    "changedate",
    "changetime",
    "changedon",
    "createddate",
    "createdat",
    "timestamp",
    "date",
    "enteredon",
    "dateentered",
    "modifieddate",
    "变更时间",
    "变更日期",
    "时间",
    "日期",
    "修改时间",
    "更新时间",
];

/// What a reference of the deals says when another table holds its records.
pub(super) fn lookups(mapping: &mut Mapping, main: &Table<'_>, others: &[Table<'_>], suggestions: &mut [Suggestion]) {
    let references: Vec<(String, String, Kind)> = mapping
        .fields
        .iter()
        .filter_map(|(name, field)| match field::named(Kind::Opportunity, name)?.ty {
            FieldType::Ref(kind) => Some((name.clone(), field.column.clone(), kind)),
            _ => None,
        })
        .collect();
    for (name, column, kind) in references {
        let Some(content) = main.content(&column) else { continue };
        let Some((other, key)) = others.iter().find_map(|other| Some((other, holder(content, other)?))) else {
            continue;
        };
        let fields = record_fields(kind, other, key);
        if !fields.contains_key("name") {
            continue;
        }
        if let Some(found) = suggestions.iter_mut().find(|found| found.field == name && found.column == column) {
            found.score = found.score.max(0.9);
            found.why = Text2::new(
                format!("列名“{column}”；值都在 {} 的“{}”列里", other.look.file, key.column.name),
                format!("the heading “{column}”; its values are those of “{}” in {}", key.column.name, other.look.file),
            );
        }
        let lookup = Lookup { table: other.choice(), key: key.column.name.clone(), fields };
        mapping.lookups.insert(name.clone(), lookup);
    }
    // What a deal does not tell of its customer's industry and region, the customers' table may.
    let Some(account) = mapping.lookups.get("account") else { return };
    let borrowed: Vec<(String, String)> = ["industry", "region"]
        .into_iter()
        .filter(|name| !mapping.fields.contains_key(*name))
        .filter_map(|name| Some((name.to_owned(), account.fields.get(name)?.clone())))
        .collect();
    for (name, column) in borrowed {
        let column = format!("account.{column}");
        mapping.fields.insert(name, MappedField { column, ..MappedField::default() });
    }
}

/// The column of a table that holds a key a row, and among them nearly all values of `content`.
fn holder<'a, 'b>(content: &Content<'_>, other: &'b Table<'a>) -> Option<&'b Content<'a>> {
    let wanted: HashSet<Key<'_>> = content.values.iter().filter_map(|(value, _)| Key::of_text(value)).collect();
    let holds = |column: &&Content<'a>| {
        if !column.is_unique() || column.fill() < 0.99 || column.is_date() || column.column.is_repeated {
            return false;
        }
        let keys: HashSet<Key<'_>> = column.values.iter().filter_map(|(value, _)| Key::of_text(value)).collect();
        wanted.intersection(&keys).count() * 10 >= wanted.len() * 9
    };
    if wanted.is_empty() {
        return None;
    }
    let heading = words::folded(&content.column.name);
    let mut holding: Vec<&Content<'a>> = other.contents.iter().filter(holds).collect();
    // Numbers from 1 on are in many a column: then the heading decides.
    let is_plain_number = content.is_number();
    if is_plain_number {
        holding.retain(|column| words::folded(&column.column.name) == heading);
    }
    holding.sort_by_key(|column| words::folded(&column.column.name) != heading);
    holding.first().copied()
}

fn record_fields(kind: Kind, other: &Table<'_>, key: &Content<'_>) -> BTreeMap<String, String> {
    let known = RECORD_FIELDS.iter().find(|(of, _)| *of == kind).map_or(&[][..], |(_, fields)| *fields);
    let mut fields: BTreeMap<String, String> = BTreeMap::new();
    for (name, words) in known {
        let is_reference = matches!(field::named(kind, name).map(|def| def.ty), Some(FieldType::Ref(_)));
        let found = words.iter().find_map(|word| {
            let column = other.contents.iter().find(|column| {
                let column_name = words::folded(&column.column.name);
                column_name == *word && column.filled > 0 && !column.column.is_repeated
            })?;
            // A number refers to yet another table, which would be named by the number.
            (!(is_reference && column.is_number())).then_some(column)
        });
        if let Some(column) = found {
            fields.insert((*name).to_owned(), column.column.name.clone());
        }
    }
    if !fields.contains_key("name") && !key.is_number() {
        fields.insert("name".to_owned(), key.column.name.clone());
    }
    fields
}

/// What a stage's number is called, and its chance in per cent, where another table tells.
pub(super) fn stage_names(stage: &Content<'_>, others: &[Table<'_>]) -> BTreeMap<String, (String, Option<u32>)> {
    let mut names = BTreeMap::new();
    if !stage.is_number() {
        return names;
    }
    let Some((other, key)) = others.iter().find_map(|other| Some((other, holder(stage, other)?))) else { return names };
    let is_name = |content: &&Content<'_>| content.is_unique() && !content.is_number() && !content.is_date();
    let Some(name) = other.contents.iter().find(is_name) else { return names };
    let chance = other
        .contents
        .iter()
        .find(|column| column.is_number() && headings::score("probability_ppm", &column.column.name) >= 0.8);
    let scale = if chance.is_some_and(|chance| chance.largest > 1.0) { 1.0 } else { 100.0 };
    for (at, value) in key.column.values().enumerate() {
        let at = |content: &Content<'_>| content.column.values().nth(at).map(str::to_owned);
        let percent = chance.and_then(at).and_then(|text| super::percent(&text, scale));
        let Some(name) = at(name) else { continue };
        // The key may be written otherwise than in the deals: `1` and `1.0`.
        let same = stage.values.iter().filter(|(seen, _)| Key::of_text(seen) == Key::of_text(value));
        for (seen, _) in same {
            names.insert((*seen).to_owned(), (name.clone(), percent));
        }
    }
    names
}

/// The table with one row a change of a deal, if there is one.
pub(super) fn history(mapping: &Mapping, main: &Table<'_>, others: &[Table<'_>]) -> Option<History> {
    let [key] = mapping.key.as_slice() else { return None };
    let key = main.content(key)?;
    let deals: HashSet<&str> = key.values.iter().map(|(value, _)| *value).collect();
    let stage_values: HashSet<&str> = mapping.stages.keys().map(String::as_str).collect();
    others.iter().find_map(|other| {
        let deal = other.contents.iter().find(|column| {
            !column.is_unique()
                && column.fill() >= 0.99
                && column.values.iter().filter(|(value, _)| deals.contains(value)).count() * 10
                    >= column.values.len() * 8
                && !column.values.is_empty()
        })?;
        let at = CHANGED_AT.iter().find_map(|word| {
            other
                .contents
                .iter()
                .find(|column| column.is_date() && column.fill() >= 0.99 && words::folded(&column.column.name) == *word)
        })?;
        let stage = other.contents.iter().find(|column| {
            headings::score("stage", &column.column.name) >= 0.8
                && column.values.iter().filter(|(value, _)| stage_values.contains(value)).count() * 10
                    >= column.values.len() * 8
        })?;
        let field = |column: &Content<'_>| MappedField { column: column.column.name.clone(), ..MappedField::default() };
        let mut fields = BTreeMap::from([("stage".to_owned(), field(stage))]);
        if mapping
            .fields
            .get("outcome")
            .is_some_and(|outcome| mapping.fields.get("stage").is_some_and(|stage| stage.column == outcome.column))
        {
            fields.insert("outcome".to_owned(), field(stage));
        }
        let (deal, at) = (deal.column.name.clone(), at.column.name.clone());
        Some(History { table: other.choice(), deal, at, fields })
    })
}
