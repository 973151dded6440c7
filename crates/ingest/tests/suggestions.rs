//! Mappings suggested for tables as people have them: the fields, the process and the writing of values should be right
//! without help, and the profile that the mapping becomes should read every row.

mod common;

use std::path::Path;

use common::{around, folder, process_of, processes, shipped};
use domain::{Currency, Kind, Outcome};
use ingest::{
    Extract, Look, Main, MappedField, MappedProcess, MappedRecords, Mapping, Milestone, Options, Profile, Suggestions,
};

fn looks(folder: &Path) -> Vec<Look> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".csv"))
        .collect();
    names.sort();
    let look = |name: &String| ingest::look(&folder.join(name), name, None, None, &Options::default());
    names.iter().map(|name| look(name).unwrap_or_else(|refusal| panic!("{refusal}"))).collect()
}

fn suggested(folder: &Path, main: &str) -> Suggestions {
    let looks = looks(folder);
    let main = looks.iter().position(|look| look.file == main).expect("the table of deals is there");
    let processes = processes();
    ingest::suggest(&looks, Main::Surely(main), &around(&processes))
}

/// `field=column` of a mapping, the key first.
fn told(mapping: &Mapping) -> String {
    let mut told = vec![format!("id={}", mapping.key.join("+"))];
    for (name, field) in &mapping.fields {
        let times = field.times.map(|times| format!("×{times}")).unwrap_or_default();
        let percent = if field.percent { "%" } else { "" };
        let only = if field.only.is_empty() { String::new() } else { format!("({})", field.only.join(",")) };
        told.push(format!("{name}={}{times}{percent}{only}", field.column));
    }
    told.join(" | ")
}

fn stages(mapping: &Mapping) -> String {
    match &mapping.process {
        MappedProcess::Key(key) => key.clone(),
        MappedProcess::Own(own) => {
            own.stages.iter().map(|stage| stage.name.zh.as_str()).collect::<Vec<_>>().join(" > ")
        }
    }
}

fn extracted(mapping: &Mapping, folder: &Path) -> Extract {
    let profile = mapping.to_profile().unwrap_or_else(|refusal| panic!("{refusal}"));
    common::extracted(&profile, &process_of(&profile), folder)
}

struct Case {
    name: &'static str,
    file: &'static str,
    text: &'static str,
    fields: &'static str,
    stages: &'static str,
    dates: &'static str,
    currency: &'static str,
    /// Deals by outcome, and the sum of their amounts in minor units.
    outcomes: &'static [(Outcome, usize)],
    amount_minor: i64,
}

const CASES: &[Case] = &[
    Case {
        name: "a typical Chinese ledger",
        file: "商机台账2026-11.csv",
        text: "商机名称,客户,金额(万元),阶段,预计成交日期,负责人,区域\n\
               一期产线,华东机电,120,初步接洽,2026/12/31,张伟,华东\n\
               二期产线,华南精工,80.5,确定需求,2027/1/15,李娜,华南\n\
               MES 升级,北方重工,200,方案与报价,2026/12/20,张伟,华北\n\
               仓储系统,西部物流,35,商务谈判,2026/11/30,王芳,西南\n\
               质检系统,华东机电,60,赢单,2026/10/8,张伟,华东\n\
               旧线改造,中原食品,15,输单,2026/9/1,李娜,华中\n",
        fields: "id=商机名称 | account=客户 | amount_minor=金额(万元)×10000 | expected_close_on=预计成交日期 | name=商机名称 | \
                 outcome=阶段 | owner=负责人 | region=区域 | stage=阶段",
        stages: "basic-five",
        dates: "%Y/%m/%d %Y/%m/%d %H:%M %Y/%m/%d %H:%M:%S",
        currency: "CNY",
        outcomes: &[(Outcome::Open, 4), (Outcome::Won, 1), (Outcome::Lost, 1)],
        amount_minor: 510_500_000,
    },
    Case {
        name: "a typical English pipeline",
        file: "pipeline.csv",
        text: "Deal Name,Account,Amount,Stage,Close Date,Owner\n\
               Line 1,Acme,\"$12,000.00\",Prospecting,12/31/2026,Ann\n\
               Line 2,Globex,\"$8,500.00\",Proposal/Price Quote,01/15/2027,Bob\n\
               MES,Initech,\"$20,000.00\",Negotiation/Review,12/20/2026,Ann\n\
               QA,Acme,\"$6,000.00\",Closed Won,10/08/2026,Ann\n\
               Old,Umbrella,\"$1,500.00\",Closed Lost,09/01/2026,Bob\n",
        fields: "id=Deal Name | account=Account | amount_minor=Amount | closed=Close Date | expected_close_on=Close Date(open) | \
                 name=Deal Name | outcome=Stage | owner=Owner | stage=Stage",
        stages: "Prospecting > Proposal/Price Quote > Negotiation/Review > Closed Won",
        dates: "%m/%d/%Y %m/%d/%Y %H:%M %m/%d/%Y %I:%M %p %m/%d/%Y %H:%M:%S",
        currency: "USD",
        outcomes: &[(Outcome::Open, 3), (Outcome::Won, 1), (Outcome::Lost, 1)],
        amount_minor: 4_800_000,
    },
    Case {
        name: "ids, a status of its own, shares and a title above",
        file: "crm-export.csv",
        text: "2026年商机导出,,,,,,,,,\n\
               商机编号,项目名称,客户名称,预计金额,销售阶段,商机状态,赢率,创建时间,实际成交日期,预计签约日期\n\
               SJ-001,甲项目,甲公司,100000,3-方案,跟进中,40%,2026-03-01 09:30,,2026-12-01\n\
               SJ-002,乙项目,乙公司,50000,1-线索,跟进中,10%,2026-05-11 10:00,,2027-02-01\n\
               SJ-003,丙项目,甲公司,80000,4-谈判,赢单,80%,2026-01-05 14:00,2026-06-30,2026-06-30\n\
               SJ-004,丁项目,丙公司,-,2-需求,丢单,20%,2026-02-02 08:00,2026-05-20,2026-07-01\n",
        fields: "id=商机编号 | account=客户名称 | amount_minor=预计金额 | closed=实际成交日期 | created=创建时间 | \
                 expected_close_on=预计签约日期 | name=项目名称 | outcome=商机状态 | probability_ppm=赢率 | stage=销售阶段",
        stages: "线索 > 需求 > 方案 > 谈判",
        dates: "iso",
        currency: "CNY",
        outcomes: &[(Outcome::Open, 2), (Outcome::Won, 1), (Outcome::Lost, 1)],
        amount_minor: 23_000_000,
    },
    Case {
        name: "day before month, a decimal comma, a semicolon",
        file: "Vertrieb.csv",
        text: "Opportunity ID;Opportunity Name;Customer;Value (EUR);Sales Stage;Status;Created On;Expected Close Date;Sales Rep;Industry\n\
               1;A;Müller;1.234,50;Qualification;Open;13/02/2026;30/12/2026;Ann;Food\n\
               2;B;Meier;99.000,00;Proposal;Open;01/03/2026;15/01/2027;Bob;Steel\n\
               3;C;Müller;500,00;Needs Analysis;Open;28/03/2026;05/02/2027;Ann;Food\n",
        fields: "id=Opportunity ID | account=Customer | amount_minor=Value (EUR) | created=Created On | \
                 expected_close_on=Expected Close Date | industry=Industry | name=Opportunity Name | outcome=Status | \
                 owner=Sales Rep | stage=Sales Stage",
        stages: "Qualification > Needs Analysis > Proposal",
        dates: "%d/%m/%Y %d/%m/%Y %H:%M %d/%m/%Y %I:%M %p %d/%m/%Y %H:%M:%S",
        currency: "EUR",
        outcomes: &[(Outcome::Open, 3)],
        amount_minor: 10_073_450,
    },
    Case {
        name: "headings that say little: the values tell",
        file: "list.csv",
        text: "项目,甲方,销售,进度,合同额(元)\n\
               甲,一公司,赵,需求调研,10000\n\
               乙,二公司,钱,方案报价,20000\n\
               丙,三公司,孙,商务谈判,30000\n\
               丁,四公司,赵,已签约,40000\n",
        fields: "id=项目 | account=甲方 | amount_minor=合同额(元) | name=项目 | outcome=进度 | owner=销售 | stage=进度",
        stages: "需求调研 > 方案报价 > 商务谈判 > 已签约",
        dates: "iso",
        currency: "CNY",
        outcomes: &[(Outcome::Open, 3), (Outcome::Won, 1)],
        amount_minor: 10_000_000,
    },
    Case {
        name: "no id: name and customer together tell deals apart",
        file: "deals.tsv.csv",
        text: "Deal\tCompany\tDeal Value\tPipeline Stage\tLead Source\tSales Team\n\
               Renewal\tAcme\t100\tDemo\tWeb\tNorth\n\
               Renewal\tGlobex\t200\tDiscovery\tPartner\tSouth\n\
               Upgrade\tAcme\t300\tNegotiation\tWeb\tNorth\n",
        fields: "id=Deal+Company | account=Company | amount_minor=Deal Value | channel=Lead Source | name=Deal | \
                 stage=Pipeline Stage | team=Sales Team",
        stages: "Discovery > Demo > Negotiation",
        dates: "iso",
        currency: "CNY",
        outcomes: &[(Outcome::Open, 3)],
        amount_minor: 60_000,
    },
];

#[test]
fn tables_as_people_have_them_are_understood_without_help() {
    for case in CASES {
        let folder = folder(&[(case.file, case.text)]);
        let suggestions = suggested(folder.path(), case.file);
        let mapping = &suggestions.mapping;
        assert_eq!(told(mapping), case.fields, "{}: {suggestions:#?}", case.name);
        assert_eq!(stages(mapping), case.stages, "{}", case.name);
        assert_eq!(mapping.dates.join(" "), case.dates, "{}", case.name);
        assert_eq!(mapping.currency, case.currency, "{}", case.name);
        let extract = extracted(mapping, folder.path());
        assert_eq!(extract.counts.rows_rejected, 0, "{}: {:?}", case.name, extract.issues);
        let expected = case.outcomes.iter().copied().collect();
        assert_eq!(common::outcomes(&extract), expected, "{}", case.name);
        let sum: i64 = extract.standing_deals().iter().filter_map(|deal| deal.amount_minor).sum();
        assert_eq!(sum, case.amount_minor, "{}", case.name);
    }
}

#[test]
fn a_column_with_a_slip_is_still_what_its_heading_says_and_the_row_is_told() {
    let text = "Id,Name,Stage,Amount,Created Date,Remark\n\
                1,Pump,Lead,100,12/25/2024,12\n\
                2,Valve,Needs,two hundred,01/02/2025,to be checked\n\
                3,Pipe,Proof,300,soon,at once\n\
                4,Tank,Lead,400,03/04/2025,15\n";
    let folder = folder(&[("deals.csv", text)]);
    let mapping = suggested(folder.path(), "deals.csv").mapping;
    let column = |field: &str| mapping.fields.get(field).map(|mapped| mapped.column.as_str());
    assert_eq!((column("amount_minor"), column("created")), (Some("Amount"), Some("Created Date")));
    assert_eq!(mapping.dates[0], "%m/%d/%Y", "the writing that reads most");
    let extract = extracted(&mapping, folder.path());
    let told: Vec<(u64, &str)> = extract.issues.iter().map(|issue| (issue.row, issue.value.as_ref())).collect();
    assert_eq!(told, [(3, "two hundred"), (4, "soon")]);
    assert_eq!(extract.counts.rows_rejected, 2);
}

#[test]
fn a_column_of_ids_with_a_slip_still_tells_deals_apart_and_one_with_many_says_why_not() {
    let row = |id: &str, number: usize| format!("{id},Deal {number},Lead,{number}00\n");
    let file = |ids: &[&str]| {
        let rows = ids.iter().enumerate().map(|(at, id)| row(id, at + 1)).collect::<String>();
        folder(&[("deals.csv", &format!("Id,Name,Stage,Amount\n{rows}"))])
    };
    let data = file(&["a", "b", "c", "a", "", "d", "e", "f", "g", "h"]);
    let suggestions = suggested(data.path(), "deals.csv");
    assert_eq!(suggestions.mapping.key, ["Id"]);
    let notes: Vec<&str> = suggestions.notes.iter().map(|note| note.en.as_str()).collect();
    assert!(notes[0].starts_with("rows that repeat an id in “Id”: 1;"), "{notes:?}");
    assert!(notes[1].starts_with("rows without an id in “Id”: 1;"), "{notes:?}");
    let extract = extracted(&suggestions.mapping, data.path());
    assert_eq!((extract.standing_deals().len(), extract.counts.rows_rejected), (8, 2), "{:?}", extract.issues);
    let data = file(&["a", "b", "c", "a", "", "", "", "c", "b", "h"]);
    let suggestions = suggested(data.path(), "deals.csv");
    assert_eq!(suggestions.mapping.key, ["Name"]);
    let notes: Vec<&str> = suggestions.notes.iter().map(|note| note.en.as_str()).collect();
    assert!(
        notes[0].contains("“Id” does not tell deals apart: rows without a value 3, rows that repeat one 3"),
        "{notes:?}"
    );
}

#[test]
fn dates_in_several_writings_and_full_width_figures_are_read_as_they_stand() {
    let text = "编号,商机名称,金额,阶段,创建日期\n\
                1,甲,１２，３４５．５,线索,2026-09-05\n\
                2,乙,600,需求,2026/9/6\n\
                3,丙,700,方案,2026年10月4日\n\
                4,丁,800,商务谈判中,2026/11/1\n\
                5,戊,900,合同,2026-11-02\n\
                6,己,１０００,审批,2026-11-03\n\
                7,庚,50,投标,2026-11-04\n\
                8,辛,60,赢单,2026-11-05\n";
    let data = folder(&[("deals.csv", text)]);
    let suggestions = suggested(data.path(), "deals.csv");
    let mapping = &suggestions.mapping;
    assert_eq!(mapping.fields["stage"].column, "阶段", "each stage stands once, and the heading says what they are");
    assert_eq!(mapping.fields["outcome"].column, "阶段");
    let extract = extracted(mapping, data.path());
    assert!(extract.issues.is_empty(), "{:?}", extract.issues);
    assert_eq!(common::outcomes(&extract), [(Outcome::Open, 7), (Outcome::Won, 1)].into());
    let sum: i64 = extract.standing_deals().iter().filter_map(|deal| deal.amount_minor).sum();
    assert_eq!(sum, 1_645_550);
}

#[test]
fn a_decimal_comma_is_read_from_the_columns_that_are_read() {
    let text = "Id;Name;Stage;Amount;Version\n1;A;Lead;1234.50;2,1\n2;B;Lead;99.5;3,4\n3;C;Lead;7.25;1,9\n";
    let data = folder(&[("deals.csv", text)]);
    let mapping = suggested(data.path(), "deals.csv").mapping;
    assert_eq!((mapping.fields["amount_minor"].column.as_str(), mapping.decimal_comma), ("Amount", false));
}

#[test]
fn a_process_that_has_all_stages_but_one_is_the_one_that_is_meant() {
    let text = "Id,Name,Stage\n1,A,Lead\n2,B,First contact\n3,C,Needs\n4,D,Proposal\n5,E,On hold with legal\n";
    let data = folder(&[("deals.csv", text)]);
    let ready = processes();
    let b2b = ready.iter().find(|process| process.key == "b2b-seven").expect("it is there");
    let names: Vec<&str> = b2b.stages.iter().take(4).map(|stage| stage.name.en.as_str()).collect();
    let text = ["Lead", "First contact", "Needs", "Proposal"]
        .into_iter()
        .zip(&names)
        .fold(text.to_owned(), |text, (word, name)| text.replacen(&format!(",{word}\n"), &format!(",{name}\n"), 1));
    std::fs::write(data.path().join("deals.csv"), text).expect("it is written");
    let suggestions = suggested(data.path(), "deals.csv");
    assert_eq!(stages(&suggestions.mapping), "b2b-seven");
    assert_eq!(suggestions.mapping.stages["On hold with legal"], "");
    assert!(suggestions.process.en.contains("all stages but “On hold with legal”"), "{:?}", suggestions.process);
}

#[test]
fn a_mapping_is_a_file_that_says_the_same() {
    let folder = folder(&[(CASES[0].file, CASES[0].text)]);
    let mapping = suggested(folder.path(), CASES[0].file).mapping;
    let text = mapping.to_toml().expect("it is sound");
    let kept = Profile::parse(&text, "kept.toml").expect("it is a profile");
    assert_eq!((kept.name(), kept.currency()), ("商机台账", Currency::CNY));
    let by_file = common::extracted(&kept, &process_of(&kept), folder.path());
    assert_eq!(by_file, extracted(&mapping, folder.path()));
    let json = serde_json::to_string(&mapping).expect("JSON");
    assert_eq!(serde_json::from_str::<Mapping>(&json).expect("a mapping"), mapping);
}

#[test]
fn a_star_is_joined_and_its_numbers_are_those_of_the_bundled_profile() {
    let data = shipped("regional-sales");
    let mapping = suggested(&data, "Opportunities.csv").mapping;
    let kinds: Vec<&str> = mapping.records.iter().map(|records| records.kind.as_str()).collect();
    assert_eq!(kinds, ["account", "campaign", "person", "product", "industry", "region"]);
    assert_eq!(stages(&mapping), "Qualify > Develop > Propose > Close");
    assert_eq!(mapping.exported_on, "last-change");
    let extract = extracted(&mapping, &data);
    assert!(extract.issues.is_empty(), "{:?}", extract.issues);
    let expected = [(Outcome::Open, 5333), (Outcome::Won, 7282), (Outcome::Lost, 7385)].into();
    assert_eq!(common::outcomes(&extract), expected);
    let won = extract.standing_deals().into_iter().filter(|deal| deal.outcome == Outcome::Won);
    assert_eq!(won.filter_map(|deal| deal.amount_minor).sum::<i64>(), 2_643_592_500);
}

#[test]
fn stages_that_are_numbers_take_their_names_from_their_table() {
    let mapping = suggested(&shipped("opportunity-tracking"), "Fact.csv").mapping;
    assert_eq!(stages(&mapping), "Lead > Qualify > Solution > Proposal > Finalize");
    assert_eq!(mapping.key, ["Opportunity ID"]);
    assert_eq!(mapping.fields["region"].column, "account.Region");
}

#[test]
fn a_table_of_changes_is_found_and_read() {
    let data = shipped("import-cases/salesforce-devorg-mit");
    let suggestions = suggested(&data, "Opportunity.csv");
    let history = suggestions.mapping.history.as_ref().expect("there is one");
    assert_eq!((history.deal.as_str(), history.at.as_str()), ("OpportunityId", "CreatedDate"));
    let extract = extracted(&suggestions.mapping, &data);
    assert_eq!(extract.counts.rows_rejected, 0, "{:?}", extract.issues);
    let expected = [(Outcome::Open, 16), (Outcome::Won, 12), (Outcome::Lost, 8)].into();
    assert_eq!(common::outcomes(&extract), expected);
}

#[test]
fn the_table_of_deals_is_found_among_others() {
    for (data, expected) in [
        ("regional-sales", "Opportunities.csv"),
        ("opportunity-tracking", "Fact.csv"),
        ("import-cases/salesforce-devorg-mit", "Opportunity.csv"),
    ] {
        let looks = looks(&shipped(data));
        let found = ingest::likeliest(&looks).expect("there are tables");
        assert_eq!(looks[found].file, expected);
    }
}

#[test]
fn bundled_profiles_are_recognised_by_their_columns() {
    for (data, expected) in [
        ("regional-sales", Some("regional-sales")),
        ("opportunity-tracking", Some("opportunity-tracking")),
        ("import-cases/fivetran-hubspot", None),
    ] {
        let fits = ingest::fits(&looks(&shipped(data)));
        let sure = fits.iter().find(|fit| fit.score >= 1.0).map(|fit| fit.name);
        assert_eq!(sure, expected, "{data}: {fits:?}");
    }
}

/// A table of records without a key, and with these fields.
fn records(kind: &str, fields: &[&str]) -> MappedRecords {
    let field = |name: &&str| ((*name).to_owned(), MappedField { column: "C".to_owned(), ..MappedField::default() });
    MappedRecords { kind: kind.to_owned(), fields: fields.iter().map(field).collect(), ..MappedRecords::default() }
}

#[test]
fn a_mapping_that_contradicts_itself_is_told_where() {
    let folder = folder(&[(CASES[0].file, CASES[0].text)]);
    let good = suggested(folder.path(), CASES[0].file).mapping;
    let wrong = |change: &dyn Fn(&mut Mapping)| {
        let mut mapping = good.clone();
        change(&mut mapping);
        mapping.to_profile().expect_err("it is wrong").to_string()
    };
    for (change, expected) in [
        (
            &(|mapping: &mut Mapping| mapping.key.clear()) as &dyn Fn(&mut Mapping),
            "no column tells one deal from another",
        ),
        (&|mapping| mapping.name.clear(), "name: it is empty"),
        (
            &|mapping| drop(mapping.fields.insert("colour".to_owned(), mapping.fields["name"].clone())),
            "there is no field `colour`",
        ),
        (&|mapping| mapping.currency = "yuan".to_owned(), "currency:"),
        (&|mapping| mapping.zone = "Mars".to_owned(), "zone: `Mars` is no time zone"),
        (
            &|mapping| mapping.records.push(records("horse", &[])),
            "there is no such kind of records; there are: account, contact",
        ),
        (&|mapping| mapping.records.push(records("payment", &[])), "records[0] (payment).key: no column tells"),
        (
            &|mapping| mapping.records.push(records("payment", &["colour"])),
            "payment has no field `colour`; it has: number, account",
        ),
        (&|mapping| mapping.table = None, "there is neither a table of deals nor one of other records"),
        (&|mapping| mapping.table = None, "something is said of their columns"),
        (
            &|mapping| {
                mapping.table = None;
                mapping.milestones = vec![Milestone { column: "报价日期".to_owned(), ..Milestone::default() }];
            },
            "milestones: there is no table of deals, and “报价日期” tells how they went on",
        ),
        (&|mapping| drop(mapping.aliases.insert("account".to_owned(), "a.b".to_owned())), "aliases.account: `a.b`"),
    ] {
        let told = wrong(change);
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn headings_that_look_like_joined_columns_are_the_tables_own() {
    let deals = r#"[
        {"id": 1, "name": "A", "account": {"id": "C-1", "region": "North"}, "amount": 10, "stage": "Proposal"},
        {"id": 2, "name": "B", "account": {"id": "C-2", "region": "South"}, "amount": 20, "stage": "Negotiation"},
        {"id": 3, "name": "C", "account": {"id": "C-1", "region": "North"}, "amount": 30, "stage": "Qualification"}
    ]"#;
    let accounts = "No,Account Name,Industry\nC-1,Acme,Tools\nC-2,Globex,Food\n";
    let folder = folder(&[("deals.json", deals), ("accounts.csv", accounts)]);
    let look = |name: &str| ingest::look(&folder.path().join(name), name, None, None, &Options::default());
    let looks = ["deals.json", "accounts.csv"].map(|name| look(name).unwrap_or_else(|refusal| panic!("{refusal}")));
    let mut mapping = ingest::suggest(&looks, Main::Surely(0), &around(&processes())).mapping;
    let region = MappedField { column: "account.region".to_owned(), ..MappedField::default() };
    mapping.fields.insert("region".to_owned(), region);
    assert_eq!(mapping.fields["account"].column, "account.id");
    assert_eq!(mapping.records.len(), 1, "{mapping:?}");
    assert_eq!(mapping.aliases["account"], "account2");
    assert_eq!(mapping.fields["industry"].column, "account2.Industry");
    let extract = extracted(&mapping, folder.path());
    assert_eq!(extract.issues, []);
    assert_eq!(extract.keys[&Kind::Account], ["C-1", "C-2"]);
    assert_eq!(extract.keys[&Kind::Region], ["North", "South"]);
    assert_eq!(extract.keys[&Kind::Industry], ["Tools", "Food"]);
}
