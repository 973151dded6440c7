//! Merges against what comes after them: imports that go on naming the merged record, several into one, and who may.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use app::duplicates::{DuplicatesAsk, MergeAsk, Picked, Strategy};
use app::import::{ImportRequest, Outcome};
use app::records::{CustomersAsk, DealsAsk};
use app::{Ask, Fault, Loudou, Organisation, Place, Who};
use domain::people::{May, Role};
use domain::{Instant, Kind, RecordId, Scope};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

fn at(day: &str) -> Instant {
    Instant::from_datetime(format!("{day}T01:00:00Z").parse().expect("a time"))
}

struct Office {
    loudou: Loudou,
    place: Place,
    dir: TempDir,
}

impl Office {
    async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let place = Place { dir: dir.path().join("data"), database_url: None, fresh_id: 1 };
        let loudou = Loudou::init(&place, &Organisation::default(), at("2026-11-01")).await.expect("it is made");
        Self { loudou, place, dir }
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let folder = self.dir.path().join("files");
        std::fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join(name);
        std::fs::write(&path, text).expect("a file");
        path
    }

    /// Imports customers of a source without history, as they stood on a day.
    async fn import(&self, day: &str, accounts: &str) -> u64 {
        let profile = format!(
            "name = \"plain\"\ntitle.zh = \"客户\"\ntitle.en = \"Customers\"\ndescription.zh = \"客户。\"\n\
             description.en = \"Customers.\"\ncurrency = \"CNY\"\nzone = \"Asia/Shanghai\"\nexported_on = \"{day}\"\n\
             known = \"import\"\nprocess = \"b2b-seven\"\n\
             [tables.accounts]\nfiles = [\"accounts.csv\"]\n[tables.sales]\nfiles = [\"sales.csv\"]\n\
             [[records]]\nkind = \"account\"\ntable = \"accounts\"\nkey = \"id\"\nfields.name = \"name\"\n\
             fields.phone = \"phone\"\nfields.grade = \"grade\"\n\
             [deals]\ntable = \"sales\"\nkey = \"id\"\ncreated = \"created\"\nstart = \"lead\"\n\
             [deals.fields]\nname = \"name\"\naccount = \"account\"\n"
        );
        let profile = self.write("plain.toml", &profile);
        self.write("accounts.csv", accounts);
        self.write("sales.csv", "id,name,account,created\nD1,Line,A1,2026-10-01\n");
        let request = ImportRequest {
            profile: profile.to_str().expect("UTF-8").to_owned(),
            input: self.dir.path().join("files"),
            dry_run: false,
            skip_rejected: false,
        };
        match app::import::run(&self.place, &request, at(day), &|_| ()).await.expect("it is read") {
            Outcome::Done(report) => report.to_json()["rows"][0]["entries"].as_u64().unwrap_or(0),
            Outcome::Rejected(report) => panic!("{:?}", report.to_json()),
        }
    }

    async fn on(&self, day: &str) -> Loudou {
        self.loudou.session(Arc::new(Who::system()), at(day)).await.expect("a session")
    }

    async fn customers(&self) -> Vec<(String, RecordId)> {
        let list = self.on("2026-12-31").await.customers(&CustomersAsk { limit: 100, ..CustomersAsk::default() }).await;
        list.expect("a list").rows.into_iter().map(|row| (row.customer.name, row.customer.id)).collect()
    }

    async fn customer(&self, name: &str) -> RecordId {
        self.customers().await.into_iter().find(|(known, _)| known == name).expect("a customer").1
    }

    async fn deal(&self, name: &str) -> RecordId {
        let list = self.on("2026-12-31").await.deals(&DealsAsk { limit: 100, ..DealsAsk::default() }).await;
        list.expect("a list").rows.into_iter().find(|row| row.name.as_deref() == Some(name)).expect("a deal").id
    }

    async fn field(&self, id: RecordId, name: &str) -> Value {
        let page = self.on("2026-12-31").await.customer(id, &Ask::default()).await.expect("a page");
        page.fields.into_iter().find(|field| field.name == name).map_or(Value::Null, |field| field.value)
    }
}

fn ask(survivor: RecordId, merged: &[RecordId], strategy: Strategy) -> MergeAsk {
    let picked = |id: &RecordId| Picked { id: *id, version: None };
    MergeAsk {
        kind: Kind::Account,
        survivor: picked(&survivor),
        merged: merged.iter().map(picked).collect(),
        strategy,
        fields: BTreeMap::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_source_goes_on_saying_of_a_merged_record_is_said_of_the_survivor() {
    let office = Office::new().await;
    let head = "id,name,phone,grade\n";
    let first = format!("{head}A1,Acme Inc.,13800138000,\nA2,Acme,,B\n");
    office.import("2026-11-02", &first).await;
    let known = office.customers().await;
    let id = |name: &str| known.iter().find(|(known, _)| known == name).expect("a customer").1;
    let (gone, stays) = (id("Acme Inc."), id("Acme"));
    office.on("2026-11-03").await.merge(&ask(stays, &[gone], Strategy::Survivor)).await.expect("they are merged");
    assert_eq!(office.field(stays, "phone").await, json!("13800138000"), "what was empty is filled");
    assert_eq!(office.field(stays, "aliases").await, json!(["Acme Inc."]));
    assert_eq!(office.import("2026-11-04", &first).await, 0, "an unchanged export says nothing new");
    assert_eq!(office.field(stays, "name").await, json!("Acme"));
    let changed = format!("{head}A1,Acme Inc.,13900139000,\nA2,Acme,,B\n");
    assert_eq!(office.import("2026-11-05", &changed).await, 1);
    assert_eq!(office.field(stays, "phone").await, json!("13900139000"));
    assert_eq!(office.field(stays, "name").await, json!("Acme"), "the name it had is no news");
    assert_eq!(office.import("2026-11-06", &changed).await, 0, "nor is the change, a second time");
    assert_eq!(office.customers().await, [("Acme".to_owned(), stays)]);
    let page = office.on("2026-12-31").await.customer(gone, &Ask::default()).await.expect("it leads on");
    assert_eq!((page.row.customer.id, page.row.deals), (stays, 1));
}

/// What was merged before its import was undone gives nothing any more, and what comes in again is no news of the
/// survivor: it is the merged record's own, and comes back with it.
#[tokio::test(flavor = "multi_thread")]
async fn an_undone_import_takes_what_it_gave_and_comes_in_again_to_the_merged_record() {
    let office = Office::new().await;
    let object = |value: Value| value.as_object().cloned().unwrap_or_else(Map::new);
    let day = async |day: &str| office.on(day).await;
    let by_hand = day("2026-11-01").await;
    by_hand.add_process(&app::process::read("b2b-seven").expect("it is ready-made")).await.expect("it is added");
    let stays = by_hand.create_customer(&object(json!({"name": "Acme"}))).await.expect("it is made");
    let other = by_hand.create_customer(&object(json!({"name": "ACME Ltd"}))).await.expect("it is made");
    let own = json!({"name": "Own", "account": stays, "amount_minor": 700});
    let own = by_hand.create_deal(&object(own)).await.expect("it is made");
    let first = "id,name,phone,grade\nA1,Acme Inc.,13800138000,B\n";
    office.import("2026-11-02", first).await;
    let (gone, line) = (office.customer("Acme Inc.").await, office.deal("Line").await);
    let merged = day("2026-11-03").await.merge(&ask(stays, &[gone, other], Strategy::Survivor)).await.expect("merged");
    let deal = MergeAsk { kind: Kind::Opportunity, ..ask(own, &[line], Strategy::Survivor) };
    let deal = day("2026-11-03").await.merge(&deal).await.expect("merged");
    assert_eq!(office.field(stays, "phone").await, json!("13800138000"));
    assert_eq!(office.field(stays, "aliases").await, json!(["Acme Inc.", "ACME Ltd"]));

    day("2026-11-04").await.undo_import(1).await.expect("it is undone");
    assert_eq!((office.field(stays, "phone").await, office.field(stays, "grade").await), (Value::Null, Value::Null));
    assert_eq!(office.field(stays, "aliases").await, json!(["ACME Ltd"]), "the other merge stands");
    assert_eq!(office.customers().await, [("Acme".to_owned(), stays)]);

    assert!(office.import("2026-11-05", first).await > 0, "the merged records tell it anew");
    assert_eq!(office.import("2026-11-06", first).await, 0, "and once is enough");
    assert_eq!((office.field(stays, "name").await, office.field(stays, "phone").await), (json!("Acme"), Value::Null));
    let page = day("2026-12-31").await.deal(own, None, None).await.expect("a page");
    assert_eq!(page.fields.iter().find(|field| field.name == "name").map(|field| &field.value), Some(&json!("Own")));
    let changed = first.replace("138000", "138001");
    assert_eq!(office.import("2026-11-07", &changed).await, 1);
    assert_eq!(office.field(stays, "phone").await, json!("13800138001"), "this was never said before");
    assert_eq!(office.field(stays, "grade").await, Value::Null);

    day("2026-11-08").await.undo_merge(merged.merges[0]).await.expect("it comes back");
    day("2026-11-08").await.undo_merge(deal.merges[0]).await.expect("it comes back");
    assert_eq!((office.field(gone, "name").await, office.field(gone, "grade").await), (json!("Acme Inc."), json!("B")));
    assert_eq!(office.deal("Line").await, line);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_go_into_one_and_each_comes_back_by_itself() {
    let office = Office::new().await;
    let loudou = office.on("2026-11-02").await;
    let object = |value: Value| value.as_object().cloned().unwrap_or_else(Map::new);
    let mut ids = Vec::new();
    for values in [
        json!({"name": "Acme"}),
        json!({"name": "ACME Inc.", "grade": "A"}),
        json!({"name": "Acme Ltd", "country": "CN"}),
    ] {
        ids.push(loudou.create_customer(&object(values)).await.expect("it is made"));
    }
    let merged = loudou.merge(&ask(ids[0], &ids[1..], Strategy::Survivor)).await.expect("they are merged");
    assert_eq!(office.field(ids[0], "aliases").await, json!(["ACME Inc.", "Acme Ltd"]));
    let undone = office.on("2026-11-03").await.undo_merge(merged.merges[0]).await.expect("the first comes back");
    assert_eq!((undone.merge.record.1.as_str(), undone.edits.len()), ("ACME Inc.", 0));
    assert_eq!(office.field(ids[0], "aliases").await, json!(["Acme Ltd"]), "its name goes with it");
    assert_eq!(
        (office.field(ids[0], "grade").await, office.field(ids[0], "country").await),
        (Value::Null, json!("CN"))
    );
    assert_eq!(office.customers().await.len(), 2);
    // Merged on: what went into a record that goes, goes along.
    let loudou = office.on("2026-11-04").await;
    loudou.merge(&ask(ids[1], &[ids[0]], Strategy::Newest)).await.expect("merged on");
    let page = loudou.customer(ids[2], &Ask::default()).await.expect("it leads through both");
    assert_eq!(page.row.customer.id, ids[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_sees_everything_and_may_import_merges() {
    let office = Office::new().await;
    let find = DuplicatesAsk { kind: Kind::Account, min_score: 0.8, limit: 10, skip: 0 };
    let session = async |role: Role, scope: Scope| {
        let may: BTreeSet<May> = role.may().iter().copied().collect();
        let who = Who { name: "somebody".to_owned(), actor: 9, roles: BTreeSet::from([role]), may, scope };
        office.loudou.session(Arc::new(who), at("2026-11-02")).await.expect("a session")
    };
    for (role, scope, allowed) in [
        (Role::Operations, Scope::All, true),
        (Role::Operations, Scope::Person(9), false),
        (Role::Manager, Scope::All, false),
    ] {
        let loudou = session(role, scope).await;
        let found = loudou.duplicates(&find).await;
        assert_eq!(found.is_ok(), allowed, "{role:?}");
        if !allowed {
            assert_eq!(found.expect_err("refused").fault, Fault::NotAllowed);
            assert_eq!(loudou.merges(None, 5).await.expect_err("refused").fault, Fault::NotAllowed);
            let merge = loudou.merge(&ask(1, &[2], Strategy::Survivor)).await;
            assert_eq!(merge.expect_err("refused").fault, Fault::NotAllowed);
            assert_eq!(loudou.undo_merge(1).await.expect_err("refused").fault, Fault::NotAllowed);
            assert_eq!(loudou.keep_apart(Kind::Account, &[1, 2]).await.expect_err("refused").fault, Fault::NotAllowed);
        }
    }
}
