//! Records of every kind by an upload: all tables at once without deals, a later file that refers to what came before,
//! and everything taken back.

mod office;

use app::import::{Mapping, Proposal, ProposalAsk, Recipe};
use domain::Kind;
use domain::field::ids;
use office::{Office, office};
use serde_json::Value;
use store::Record;

const CUSTOMERS: &str =
    "客户编号,客户名称,所属行业,客户等级\nK1,华东机电,机械,A\nK2,华南精工,汽车,B\nK3,西部物流,物流,B\n";
const CONTRACTS: &str = "合同编号,客户名称,合同金额(万元),签订日期\n\
    HT1,华东机电,120.5,2026-10-05\nHT2,华南精工,80,2026-10-09\n";
const PAYMENTS: &str = "回款编号,合同编号,回款金额,回款日期,收款方式\n\
    R1,HT1,300000,2026-10-20,电汇\nR2,HT1,5000.5,2026-10-28,承兑\n";
/// The month after: one payment of before, two new ones, one of them for a contract that nobody has sent yet.
const LATER: &str = "回款编号,合同编号,回款金额,回款日期,收款方式\n\
    R2,HT1,5000.5,2026-10-28,承兑\nR3,HT2,80000,2026-11-05,电汇\nR4,HT9,10,2026-11-06,电汇\n";

impl Office {
    async fn send(&self, files: &[(&str, &str)]) -> i64 {
        let mut upload = None;
        for (name, text) in files {
            let mut receiving = self.loudou.receive(upload, name).expect("there is room");
            receiving.write(text.as_bytes().to_vec()).await.expect("it is written");
            upload = Some(receiving.finish().await.expect("it comes in").id);
        }
        upload.expect("a file")
    }

    async fn proposal(&self, upload: i64, ask: &ProposalAsk) -> Proposal {
        self.loudou.propose_mapping(upload, ask).await.expect("a proposal")
    }

    /// The first month: customers, contracts and payments at once.
    async fn first(&self, name: &str) -> Value {
        let upload = self.send(&[("客户.csv", CUSTOMERS), ("合同.csv", CONTRACTS), ("回款.csv", PAYMENTS)]).await;
        let mut mapping = self.proposal(upload, &ProposalAsk::default()).await.suggestions.mapping;
        name.clone_into(&mut mapping.name);
        self.run(upload, Recipe::mapped(&mapping, &[]).expect("it is sound")).await
    }
}

fn kinds(mapping: &Mapping) -> Vec<&str> {
    mapping.records.iter().map(|records| records.kind.as_str()).collect()
}

/// Payments by number: amount, and the number of their contract.
fn payments(payments: &[Record], contracts: &[Record]) -> Vec<(String, i64, String)> {
    let contract = |id: i64| {
        let found = contracts.iter().find(|contract| contract.id == id).expect("the contract stands");
        found.text(ids::CONTRACT_NUMBER).expect("a number").to_owned()
    };
    let mut all: Vec<_> = payments
        .iter()
        .map(|one| {
            let number = one.text(ids::PAYMENT_NUMBER).expect("a number").to_owned();
            let amount = one.int(ids::PAYMENT_AMOUNT).expect("an amount");
            (number, amount, contract(one.int(ids::PAYMENT_CONTRACT).expect("a contract")))
        })
        .collect();
    all.sort();
    all
}

fn paid(number: &str, amount_minor: i64, contract: &str) -> (String, i64, String) {
    (number.to_owned(), amount_minor, contract.to_owned())
}

#[tokio::test]
async fn an_upload_without_deals_goes_in_as_what_its_tables_hold() {
    let office = office().await;
    let upload = office.send(&[("客户.csv", CUSTOMERS), ("合同.csv", CONTRACTS), ("回款.csv", PAYMENTS)]).await;
    let proposal = office.proposal(upload, &ProposalAsk::default()).await;
    assert!(proposal.deals().is_none());
    let mapping = &proposal.suggestions.mapping;
    assert_eq!((mapping.table.is_none(), kinds(mapping)), (true, vec!["contract", "payment", "account"]));
    assert!(
        proposal.suggestions.notes.iter().any(|note| note.zh.contains("没有商机")),
        "{:?}",
        proposal.suggestions.notes
    );
    let result = office.first("财务").await;
    let count = |table: &str| result["records"][table].as_u64();
    assert_eq!((count("accounts"), count("contracts"), count("payments")), (Some(3), Some(2), Some(2)), "{result}");
    assert_eq!((result["opportunities"].as_u64(), result["warnings"].as_u64()), (Some(0), Some(0)), "{result}");
    let (contracts, accounts) = (office.all(Kind::Contract).await, office.all(Kind::Account).await);
    assert_eq!(
        payments(&office.all(Kind::Payment).await, &contracts),
        [paid("R1", 30_000_000, "HT1"), paid("R2", 500_050, "HT1")]
    );
    let first = contracts.iter().find(|one| one.text(ids::CONTRACT_NUMBER) == Some("HT1")).expect("it is there");
    let customer = accounts.iter().find(|one| Some(one.id) == first.int(ids::CONTRACT_ACCOUNT)).expect("it is there");
    assert_eq!(customer.text(ids::ACCOUNT_NAME), Some("华东机电"), "named, and told apart by its number");
    assert_eq!(first.int(ids::CONTRACT_AMOUNT), Some(120_500_000));
    // No process is needed, and none comes in.
    assert!(office.loudou.processes().await.expect("they are read").is_empty());
}

#[tokio::test]
async fn a_later_file_refers_to_what_came_before_and_both_are_taken_back() {
    let office = office().await;
    let first = office.first("财务").await;
    let upload = office.send(&[("11月回款.csv", LATER)]).await;
    let proposal = office.proposal(upload, &ProposalAsk::default()).await;
    let mapping = &proposal.suggestions.mapping;
    assert_eq!(kinds(mapping), ["payment"]);
    assert_eq!(proposal.sources, ["财务"]);
    assert_eq!(mapping.name, "财务", "the contracts are of that source: {:?}", proposal.suggestions.notes);
    let second = office.run(upload, Recipe::mapped(mapping, &[]).expect("it is sound")).await;
    assert_eq!((second["records"]["payments"].as_u64(), second["records"]["contracts"].as_u64()), (Some(3), Some(1)));
    let contracts = office.all(Kind::Contract).await;
    assert_eq!(contracts.len(), 3, "HT9 is made by its number, and nothing is doubled");
    let all = [
        paid("R1", 30_000_000, "HT1"),
        paid("R2", 500_050, "HT1"),
        paid("R3", 8_000_000, "HT2"),
        paid("R4", 1_000, "HT9"),
    ];
    assert_eq!(payments(&office.all(Kind::Payment).await, &contracts), all);
    assert_eq!(office.all(Kind::Account).await.len(), 3);

    // The same again by one click: nothing is new.
    let upload = office.send(&[("11月回款(最终).csv", LATER)]).await;
    let proposal = office.proposal(upload, &ProposalAsk::default()).await;
    let import = second["import_id"].as_i64();
    let saved: Vec<i64> = proposal.saved.iter().map(|fit| fit.import).collect();
    assert_eq!(saved.first().copied(), import);
    let ask = ProposalAsk { saved: import, ..ProposalAsk::default() };
    let again = office.proposal(upload, &ask).await.suggestions.mapping;
    assert_eq!((again.table.is_none(), again.records[0].table.file.as_str()), (true, "11月回款(最终).csv"));
    let recipe = office.loudou.recipe_of(saved[0], upload).await.expect("it is kept");
    let third = office.run(upload, recipe).await;
    assert_eq!((third["import_id"].as_i64(), third["entries"].as_u64()), (None, Some(0)), "{third}");

    for import in [second["import_id"].as_i64(), first["import_id"].as_i64()] {
        office.loudou.undo_import(import.expect("an import")).await.expect("it is taken back");
    }
    for kind in [Kind::Account, Kind::Contract, Kind::Payment] {
        assert!(office.all(kind).await.is_empty(), "{kind:?}");
    }
}

#[tokio::test]
async fn a_table_may_be_said_to_hold_deals_whatever_it_seems_to_hold() {
    let office = office().await;
    let upload = office.send(&[("回款.csv", PAYMENTS)]).await;
    let said = |is_deals| ProposalAsk { file: Some("回款.csv".to_owned()), is_deals, ..ProposalAsk::default() };
    assert!(office.proposal(upload, &said(false)).await.deals().is_none());
    let proposal = office.proposal(upload, &said(true)).await;
    assert_eq!(proposal.deals().map(|look| look.file.as_str()), Some("回款.csv"));
    assert!(proposal.suggestions.mapping.records.is_empty());
}
