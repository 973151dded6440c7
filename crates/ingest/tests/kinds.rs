//! Tables of every kind of record as people have them, in both languages: what each is taken for, where its columns go,
//! and that the profile which the mapping becomes reads every row.

mod common;

use std::path::Path;

use common::{around, folder, process_of, processes, rule};
use domain::field::{FieldId, Value, ids};
use domain::{Day, Kind};
use ingest::{Assertion, Extract, Known, Look, Main, MappedRecords, Mapping, Options, Rule, Suggestions};

fn looks(folder: &Path) -> Vec<Look> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let look = |name: &String| ingest::look(&folder.join(name), name, None, None, &Options::default());
    names.iter().map(|name| look(name).unwrap_or_else(|refusal| panic!("{refusal}"))).collect()
}

fn suggested(folder: &Path) -> Suggestions {
    let processes = processes();
    ingest::suggest(&looks(folder), Main::Likeliest, &around(&processes))
}

fn extracted(mapping: &Mapping, folder: &Path) -> Extract {
    let profile = mapping.to_profile().unwrap_or_else(|refusal| panic!("{refusal}"));
    common::extracted(&profile, &process_of(&profile), folder)
}

/// `kind id=key | field=column …` of a table of records.
fn told(records: &MappedRecords) -> String {
    let mut told = vec![format!("id={}", records.key.join("+"))];
    for (name, field) in &records.fields {
        let times = field.times.map(|times| format!("×{times}")).unwrap_or_default();
        let dates = if field.dates.is_empty() { String::new() } else { format!("[{}]", field.dates[0]) };
        told.push(format!("{name}={}{times}{dates}", field.column));
    }
    let repeats = if records.repeats { "*" } else { "" };
    format!("{}{repeats} {}", records.kind, told.join(" | "))
}

fn of(extract: &Extract, kind: Kind) -> impl Iterator<Item = &Assertion> {
    extract.assertions.iter().filter(move |assertion| assertion.kind == kind)
}

fn int(assertion: &Assertion, field: FieldId) -> Option<i64> {
    assertion.facts.rest.iter().find_map(|(id, value)| match value {
        Value::Int(int) | Value::Ref(int) if *id == field => Some(*int),
        _ => None,
    })
}

/// A file, what is told of it, and how many records of its kind go in.
const CASES: &[(&str, &str, &str, usize)] = &[
    (
        "线索.csv",
        "线索编号,线索名称,公司名称,线索来源,首次联系,线索状态,手机,负责人\n\
         XS1,王先生,华东机电,展会,2026/3/1,新建,13800000001,张伟\n\
         XS2,李女士,华南精工,官网,2026/3/2,已转化,13800000002,李娜\n",
        "lead id=线索编号 | channel=线索来源 | company=公司名称 | first_contact_on=首次联系 | name=线索名称 | owner=负责人 | phone=手机 | \
         status=线索状态",
        2,
    ),
    (
        "leads.csv",
        "Lead ID,Full Name,Company,Lead Source,First Contact Date,Status,Email\n\
         L1,Ann Lee,Acme,Web,2026-03-01,New,ann@acme.example\n\
         L2,Bob Roe,Globex,Fair,2026-03-05,Converted,bob@globex.example\n",
        "lead id=Lead ID | channel=Lead Source | company=Company | email=Email | first_contact_on=First Contact Date | \
         name=Full Name | status=Status",
        2,
    ),
    (
        "客户资料.csv",
        "客户编号,客户名称,所属行业,所在地区,客户等级,负责人,电话\n\
         K1,华东机电,机械,华东,A,张伟,021-1\nK2,华南精工,汽车,华南,B,李娜,020-2\n",
        "account id=客户编号 | grade=客户等级 | industry=所属行业 | name=客户名称 | owner=负责人 | phone=电话 | region=所在地区",
        2,
    ),
    (
        "customers.csv",
        "Customer ID,Customer Name,Industry,Country,Website,Employees\n\
         C1,Acme,Steel,US,acme.example,120\nC2,Globex,Food,DE,globex.example,35\n",
        "account id=Customer ID | country=Country | domain=Website | employees=Employees | industry=Industry | \
         name=Customer Name",
        2,
    ),
    (
        "联系人.csv",
        "姓名,客户名称,职务,手机,邮箱\n赵一,华东机电,采购经理,138,a@x.example\n钱二,华南精工,厂长,139,b@x.example\n",
        "contact id=姓名 | account=客户名称 | email=邮箱 | name=姓名 | phone=手机 | post=职务",
        2,
    ),
    (
        "合同台账.csv",
        "合同编号,客户名称,合同金额(万元),签订日期,到期日期,合同状态\n\
         HT-1,华东机电,120.5,2026年1月5日,2027年1月4日,执行中\nHT-2,华南精工,80,2026年2月1日,2027年1月31日,已终止\n",
        "contract id=合同编号 | account=客户名称 | amount_minor=合同金额(万元)×10000 | ends_on=到期日期 | number=合同编号 | \
         signed_on=签订日期 | status=合同状态",
        2,
    ),
    (
        "contracts.csv",
        "Contract No,Customer,Contract Amount (USD),Signed Date,End Date\n\
         A-1,Acme,\"12,000.00\",01/15/2026,12/31/2026\nA-2,Globex,\"8,500.50\",02/20/2026,12/31/2026\n",
        "contract id=Contract No | account=Customer | amount_minor=Contract Amount (USD) | ends_on=End Date | \
         number=Contract No | signed_on=Signed Date",
        2,
    ),
    (
        "订单.csv",
        "订单号,下单日期,客户名称,合同编号,订单金额,订单状态,交货日期\n\
         DD1,2026-03-01,华东机电,HT-1,5000,已发货,2026-04-01\nDD2,2026-03-09,华东机电,HT-1,700,待发货,2026-04-20\n",
        "order id=订单号 | account=客户名称 | amount_minor=订单金额 | contract=合同编号 | number=订单号 | ordered_on=下单日期 | \
         promised_on=交货日期 | status=订单状态",
        2,
    ),
    (
        "orders.csv",
        "Order ID,Order Date,Customer,Order Total,Freight,Status\n\
         1001,2026-03-01,Acme,5000,12.5,shipped\n1002,2026-03-09,Globex,700,3,open\n",
        "order id=Order ID | account=Customer | amount_minor=Order Total | freight_minor=Freight | number=Order ID | \
         ordered_on=Order Date | status=Status",
        2,
    ),
    (
        "订单明细.csv",
        "订单号,行号,产品名称,数量,金额\nDD1,1,泵,2,3000\nDD1,2,阀,10,2000\nDD2,1,泵,1,700\n",
        "order_line id=订单号+行号 | amount_minor=金额 | order=订单号 | product=产品名称 | quantity_milli=数量",
        3,
    ),
    (
        "order_lines.csv",
        "order_no,line_no,product,qty,line_total\n1,1,Pump,2,30\n1,2,Valve,10,20\n2,1,Pump,1,7\n",
        "order_line id=order_no+line_no | amount_minor=line_total | order=order_no | product=product | \
         quantity_milli=qty",
        3,
    ),
    (
        "开票.csv",
        "发票号码,开票日期,客户名称,合同编号,开票金额,到期日\n\
         FP1,2026-03-05,华东机电,HT-1,5000,2026-04-05\nFP2,2026-03-15,华南精工,HT-2,700,2026-04-15\n",
        "invoice id=发票号码 | account=客户名称 | amount_minor=开票金额 | contract=合同编号 | due_on=到期日 | issued_on=开票日期 | \
         number=发票号码",
        2,
    ),
    (
        "invoices.csv",
        "Invoice No,Invoice Date,Order ID,Amount,Due Date\nI1,2026-03-05,1001,5000,2026-04-05\nI2,2026-03-15,1002,700,2026-04-15\n",
        "invoice id=Invoice No | amount_minor=Amount | due_on=Due Date | issued_on=Invoice Date | number=Invoice No | \
         order=Order ID",
        2,
    ),
    (
        "回款记录.csv",
        "回款日期,客户名称,合同编号,回款金额,收款方式\n\
         2026-03-20,华东机电,HT-1,3000,电汇\n2026-04-20,华东机电,HT-1,2000,承兑\n2026-04-20,华南精工,HT-2,700,电汇\n",
        "payment id=客户名称+合同编号+回款日期 | account=客户名称 | amount_minor=回款金额 | contract=合同编号 | method=收款方式 | paid_on=回款日期",
        3,
    ),
    (
        "payments.csv",
        "Payment ID,Payment Date,Invoice No,Amount,Payment Method\nP1,2026-03-20,I1,3000,wire\nP2,2026-04-20,I1,2000,card\n",
        "payment id=Payment ID | amount_minor=Amount | invoice=Invoice No | method=Payment Method | number=Payment ID | \
         paid_on=Payment Date",
        2,
    ),
    (
        "工单.csv",
        "工单编号,客户名称,问题描述,受理时间,完成时间,工单状态,处理人,满意度\n\
         GD1,华东机电,异响,2026-05-01 09:00,2026-05-02 10:00,已关闭,孙工,5\nGD2,华南精工,漏油,2026-05-03 09:00,,处理中,孙工,\n",
        "service_request id=工单编号 | account=客户名称 | closed_on=完成时间 | number=工单编号 | opened_on=受理时间 | person=处理人 | \
         satisfaction=满意度 | status=工单状态 | subject=问题描述",
        2,
    ),
    (
        "tickets.csv",
        "Ticket ID,Customer,Subject,Created At,Resolved At,Status,Assignee\n\
         T1,Acme,Noise,2026-05-01,2026-05-02,closed,Sam\nT2,Globex,Leak,2026-05-03,,open,Sam\n",
        "service_request id=Ticket ID | account=Customer | closed_on=Resolved At | number=Ticket ID | \
         opened_on=Created At | person=Assignee | status=Status | subject=Subject",
        2,
    ),
    (
        "产品目录.csv",
        "产品编码,产品名称,产品类别,标价\nA01,泵,流体,1500\nA02,阀,流体,200\n",
        "product id=产品编码 | category=产品类别 | code=产品编码 | name=产品名称 | price_minor=标价",
        2,
    ),
    (
        "products.csv",
        "SKU,Product Name,Category,List Price\nS1,Pump,Fluid,1500\nS2,Valve,Fluid,200\n",
        "product id=SKU | category=Category | code=SKU | name=Product Name | price_minor=List Price",
        2,
    ),
    (
        "员工.csv",
        "工号,姓名,部门,邮箱,上级,在职\n001,张伟,华东组,z@x.example,,是\n002,李娜,华南组,l@x.example,张伟,否\n",
        "person id=工号 | active=在职 | email=邮箱 | manager=上级 | name=姓名 | team=部门",
        2,
    ),
    (
        "teams.csv",
        "Team,Parent Team\nEast,Sales\nSouth,Sales\nSales,\n",
        "team id=Team | name=Team | parent=Parent Team",
        3,
    ),
    (
        "投放费用.csv",
        "费用日期,市场活动,渠道,费用类型,费用金额\n2026-03-01,春季展,展会,展位,50000\n2026-03-02,春季展,展会,差旅,8000\n",
        "expense id=市场活动+渠道+费用类型 | amount_minor=费用金额 | campaign=市场活动 | channel=渠道 | spent_on=费用日期 | type=费用类型",
        2,
    ),
    (
        "ad_spend.csv",
        "Date,Campaign,Channel,Spend\n2026-03-01,Spring,Search,500\n2026-03-02,Spring,Search,80\n",
        "expense id=Campaign+Channel+Spend | amount_minor=Spend | campaign=Campaign | channel=Channel | spent_on=Date",
        2,
    ),
    (
        "销售目标.csv",
        "月份,人员,目标金额(万元)\n2026年1月,张伟,50\n2026年1月,李娜,40\n2026年2月,张伟,60\n",
        "target id=人员+月份 | amount_minor=目标金额(万元)×10000 | from_on=月份 | person=人员 | to_on=月份[month-end]",
        3,
    ),
    (
        "跟进记录.csv",
        "跟进时间,客户名称,跟进方式,跟进内容,跟进人\n\
         2026-03-01 09:00,华东机电,电话,问了预算,张伟\n2026-03-02 10:00,华东机电,拜访,看了现场,张伟\n",
        "activity id=客户名称+跟进人+跟进方式 | account=客户名称 | at=跟进时间 | note=跟进内容 | person=跟进人 | type=跟进方式",
        2,
    ),
];

#[test]
fn tables_of_every_kind_are_taken_for_what_they_are() {
    let mut wrong = Vec::new();
    for (file, text, expected, count) in CASES {
        let folder = folder(&[(file, text)]);
        let suggestions = suggested(folder.path());
        let mapping = &suggestions.mapping;
        let all: Vec<String> = mapping.records.iter().map(told).collect();
        if (mapping.table.is_some(), all.join("\n").as_str()) != (false, *expected) {
            let first = &suggestions.tables[0].kinds[0];
            wrong.push(format!("{file}: {all:#?} {:?} {}", mapping.table, first.why.en));
            continue;
        }
        let found = &suggestions.tables[0].kinds[0];
        assert!(found.score > 0.33 && !found.why.zh.is_empty() && !found.why.en.is_empty(), "{file}: {found:?}");
        let extract = extracted(mapping, folder.path());
        assert!(extract.issues.is_empty(), "{file}: {:?}", extract.issues);
        let kind = Kind::parse(&mapping.records[0].kind).expect("a kind");
        assert_eq!(extract.counts.records[&kind] as usize, *count, "{file}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn units_and_writings_of_dates_are_those_of_the_table() {
    let files = [
        ("合同.csv", "合同编号,客户名称,合同金额(万元),签订日期\nHT-1,甲,120.5,2026年1月5日\n"),
        ("回款.csv", "回款编号,合同编号,回款金额,回款日期\nR1,HT-1,1205,2026/1/9\nR2,HT-1,5,2026/2/9\n"),
    ];
    let folder = folder(&files);
    let suggestions = suggested(folder.path());
    let extract = extracted(&suggestions.mapping, folder.path());
    assert!(extract.issues.is_empty(), "{:?}", extract.issues);
    let contract = of(&extract, Kind::Contract).next().expect("a contract");
    assert_eq!(int(contract, ids::CONTRACT_AMOUNT), Some(120_500_000));
    let day = |text: &str| Day::parse(text).map(|day| i64::from(day.0));
    assert_eq!(int(contract, ids::CONTRACT_SIGNED_ON), day("2026-01-05"));
    let payments: Vec<_> = of(&extract, Kind::Payment)
        .map(|one| (int(one, ids::PAYMENT_AMOUNT), int(one, ids::PAYMENT_PAID_ON), int(one, ids::PAYMENT_CONTRACT)))
        .collect();
    assert_eq!(
        payments,
        [
            (Some(120_500), day("2026-01-09"), Some(i64::from(contract.local))),
            (Some(500), day("2026-02-09"), Some(i64::from(contract.local)))
        ]
    );
}

#[test]
fn deals_and_what_belongs_to_them_go_in_at_once_and_refer_by_key_or_by_name() {
    let folder = folder(&[
        (
            "商机.csv",
            "商机编号,商机名称,客户名称,金额,阶段,预计成交日期\nSJ1,一期,华东机电,100,方案,2026-12-01\nSJ2,二期,华南精工,200,谈判,2026-12-09\n\
             SJ3,三期,华东机电,300,需求,2026-12-20\n",
        ),
        ("客户.csv", "客户编号,客户名称,客户等级\nK1,华东机电,A\nK2,华南精工,B\nK3,西部物流,B\n"),
        (
            "合同.csv",
            "合同编号,商机名称,客户编号,合同金额,签订日期\nHT1,一期,K1,90,2026-10-01\nHT2,二期,K2,80,2026-10-02\nHT3,二期,K9,70,2026-10-03\n",
        ),
        ("回款.csv", "回款编号,合同编号,回款金额,回款日期\nR1,HT1,40,2026-10-08\nR2,HT2,30,2026-10-09\n"),
    ]);
    let suggestions = suggested(folder.path());
    let mapping = &suggestions.mapping;
    assert_eq!(mapping.table.as_ref().map(|table| table.file.as_str()), Some("商机.csv"));
    let kinds: Vec<&str> = mapping.records.iter().map(|records| records.kind.as_str()).collect();
    assert_eq!(kinds, ["account", "contract", "payment"]);
    let extract = extracted(mapping, folder.path());
    assert_eq!(rule(&extract, Rule::UnknownReference), 1, "there is no customer K9: {:?}", extract.issues);
    assert_eq!(extract.counts.rows_rejected, 0);
    let key = |kind: Kind, local: Option<i64>| {
        local.map(|local| extract.keys[&kind][usize::try_from(local).expect("a place")].as_str())
    };
    let contracts: Vec<_> = of(&extract, Kind::Contract)
        .map(|one| {
            let deal = key(Kind::Opportunity, int(one, ids::CONTRACT_OPPORTUNITY));
            (deal, key(Kind::Account, int(one, ids::CONTRACT_ACCOUNT)))
        })
        .collect();
    // Deals go by their number, and are referred to by their name.
    assert_eq!(contracts[0].0, Some("SJ1"));
    assert_eq!(contracts[2], (Some("SJ2"), None));
    assert_eq!(
        extract.keys[&Kind::Account].len(),
        3,
        "nobody is made a second time: {:?}",
        extract.keys[&Kind::Account]
    );
    let paid: Vec<_> =
        of(&extract, Kind::Payment).map(|one| key(Kind::Contract, int(one, ids::PAYMENT_CONTRACT))).collect();
    assert_eq!(paid, [Some("HT1"), Some("HT2")]);
}

#[test]
fn what_is_there_already_is_referred_to_and_what_is_not_is_made_by_its_number() {
    let folder = folder(&[(
        "回款.csv",
        "回款编号,合同编号,客户名称,回款金额,回款日期\nR1,HT1,华东机电,40,2026-10-08\nR2,HT9,新客户,30,2026-10-09\nR3,HT1,同名,5,2026-10-09\n",
    )]);
    let mapping = suggested(folder.path()).mapping;
    let profile = mapping.to_profile().expect("it is sound").on(Day::parse("2026-11-24").expect("a day"));
    let mut contracts = Known::default();
    contracts.add("HT1".to_owned(), Some("HT1"));
    let mut accounts = Known::default();
    for (key, name) in [("K1", "华东机电"), ("K7", "同名"), ("K8", "同名")] {
        accounts.add(key.to_owned(), Some(name));
    }
    let known = [(Kind::Contract, contracts), (Kind::Account, accounts)].into();
    let options = Options { known: std::sync::Arc::new(known), ..Options::default() };
    let extract = ingest::extract(&profile, folder.path(), &process_of(&profile), &options, &mut |_| {
        std::ops::ControlFlow::Continue(())
    })
    .expect("it reads");
    assert_eq!(extract.keys[&Kind::Contract], ["HT1", "HT9"]);
    assert_eq!(extract.keys[&Kind::Account], ["K1", "新客户"], "by the name it is K1, and two are called 同名");
    // Nothing is said of those that are there.
    let said =
        |kind: Kind| of(&extract, kind).map(|one| extract.keys[&kind][one.local as usize].as_str()).collect::<Vec<_>>();
    assert_eq!((said(Kind::Contract), said(Kind::Account)), (vec!["HT9"], vec!["新客户"]));
    assert_eq!((extract.counts.records[&Kind::Contract], extract.counts.records[&Kind::Payment]), (1, 3));
    assert_eq!(rule(&extract, Rule::UnknownReference), 1, "{:?}", extract.issues);
}

/// The headings of a marketplace's published funnel, on made-up rows.
#[test]
fn a_marketplaces_files_are_proposed_as_leads_deals_order_lines_and_payments() {
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/sellers-funnel");
    let suggestions = suggested(&files);
    let mapping = &suggestions.mapping;
    assert_eq!(mapping.table.as_ref().map(|table| table.file.as_str()), Some("olist_closed_deals_dataset.csv"));
    let kinds: Vec<String> = mapping.records.iter().map(told).collect();
    let expected = [
        "lead id=mql_id | campaign=landing_page_id | channel=origin | first_contact_on=first_contact_date",
        "order* id=order_id | number=order_id | promised_on=shipping_limit_date",
        "order_line id=order_id+order_item_id | amount_minor=price | freight_minor=freight_value | order=order_id | \
         product=product_id",
        "payment id=order_id+payment_sequential | amount_minor=payment_value | installments=payment_installments | \
         method=payment_type | order=order_id",
    ];
    for expected in expected {
        assert!(kinds.iter().any(|kind| kind == expected), "{expected}: {kinds:#?}");
    }
    let extract = extracted(mapping, &files);
    assert_eq!(extract.counts.rows_rejected, 0, "{:?}", extract.issues);
    let count = |kind: Kind| extract.counts.records[&kind];
    assert_eq!((count(Kind::Lead), count(Kind::Opportunity)), (5, 3));
    assert_eq!((count(Kind::Order), count(Kind::OrderLine), count(Kind::Payment)), (2, 4, 3));
    let sum: i64 = of(&extract, Kind::Payment).filter_map(|one| int(one, ids::PAYMENT_AMOUNT)).sum();
    assert_eq!(sum, 11_244);
    assert_eq!(common::outcomes(&extract), [(domain::Outcome::Won, 3)].into());
}
