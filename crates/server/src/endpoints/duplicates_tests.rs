//! Duplicates over HTTP: found, merged by chosen fields, told to be two, taken back; by whom, and on which version.

use domain::people::Role;
use serde_json::{Value, json};

use crate::testing::{Browser, House};

struct Office {
    house: House,
    ops: Browser,
}

impl Office {
    async fn new() -> Self {
        let house = House::new().await;
        let process = app::process::read("b2b-seven").expect("it is ready-made");
        house.loudou().await.add_process(&process).await.expect("it is added");
        let ops = house.browser("ops", &[Role::Operations]).await;
        Self { house, ops }
    }

    async fn post(&self, path: &str, body: Value) -> crate::testing::Reply {
        self.house.by(&self.ops, "POST", path).json(&body).send().await
    }

    async fn made(&self, path: &str, body: Value) -> i64 {
        let reply = self.post(path, body).await;
        assert_eq!(reply.status.as_u16(), 201, "{}", reply.body);
        reply.body["id"].as_i64().expect("an id")
    }

    async fn get(&self, path: &str) -> Value {
        let reply = self.house.get(&self.ops, path).await;
        assert_eq!(reply.status.as_u16(), 200, "{path}: {}", reply.body);
        reply.body
    }
}

fn field<'a>(record: &'a Value, name: &str) -> &'a Value {
    let fields = record["fields"].as_array().expect("fields");
    fields.iter().find(|field| field["name"] == name).map_or(&Value::Null, |field| &field["value"])
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_are_found_merged_and_taken_back() {
    let office = Office::new().await;
    let one = json!({"name": "上海华信科技有限公司", "grade": "A"});
    let two = json!({"name": "华信科技（上海）", "domain": "huaxin.cn", "grade": "B"});
    let one = office.made("/api/v1/customers", one).await;
    let two = office.made("/api/v1/customers", two).await;
    office.made("/api/v1/customers", json!({"name": "北京恒力化工有限公司"})).await;
    let deal = json!({"name": "Line", "account": one, "amount_minor": 500});
    let deal = office.made("/api/v1/opportunities", deal).await;
    let contact = json!({"name": "王伟", "phone": "13800138000"});
    office.made(&format!("/api/v1/customers/{one}/contacts"), contact).await;

    let found = office.get("/api/v1/duplicates").await;
    assert_eq!((&found["compared"], &found["clusters"], &found["superfluous"]), (&json!(3), &json!(1), &json!(1)));
    let cluster = &found["rows"][0];
    let (a, b) = (&cluster["records"][0], &cluster["records"][1]);
    assert_eq!((&a["id"], &b["id"], field(b, "domain")), (&json!(one), &json!(two), &json!("huaxin.cn")));
    assert_eq!((&cluster["survivor"], &cluster["pairs"][0]["agrees"][0]["why"]), (&json!(two), &json!("name")));

    let merge = |version: &Value| {
        json!({"kind": "customers", "survivor": {"id": two, "version": b["version"]},
            "records": [{"id": one, "version": version}], "fields": {"grade": one}})
    };
    let stale = office.post("/api/v1/merges", merge(&json!(1))).await;
    assert_eq!((stale.status.as_u16(), stale.code()), (412, "changed-meanwhile"), "{}", stale.body);
    let merged = office.post("/api/v1/merges", merge(&a["version"])).await;
    assert_eq!(merged.status.as_u16(), 201, "{}", merged.body);
    let id = merged.body["merges"][0].as_i64().expect("a merge");

    let page = office.get(&format!("/api/v1/customers/{one}")).await;
    assert_eq!((&page["id"], &page["deals"], field(&page, "grade")), (&json!(two), &json!(1), &json!("A")));
    assert_eq!(field(&page, "aliases"), &json!(["上海华信科技有限公司"]));
    assert_eq!(page["contacts"][0]["name"], "王伟");
    let of_deal = office.get(&format!("/api/v1/opportunities/{deal}")).await;
    assert_eq!(field(&of_deal, "account")["id"], json!(two));
    for filter in [format!("account:%23{two}"), format!("account:%23{one}")] {
        let list = office.get(&format!("/api/v1/opportunities?f={filter}")).await;
        assert_eq!(list["rows"].as_array().map(Vec::len), Some(1), "{filter}");
    }
    assert_eq!(office.get("/api/v1/customers").await["sums"]["customers"], json!(2));
    assert_eq!(office.get("/api/v1/duplicates").await["clusters"], json!(0));

    // Changed since: it stays, and is told.
    let changed = office.house.by(&office.ops, "PATCH", &format!("/api/v1/customers/{two}"));
    let version = format!("\"{}\"", page["version"]);
    let changed = changed.header("if-match", &version).json(&json!({"country": "CN"})).send().await;
    assert_eq!(changed.status.as_u16(), 200, "{}", changed.body);
    let undone = office.post(&format!("/api/v1/merges/{id}/undo"), json!({})).await;
    assert_eq!(undone.status.as_u16(), 200, "{}", undone.body);
    assert_eq!(undone.body["edits"][0]["fields"][0]["en"], "Country");
    let again = office.post(&format!("/api/v1/merges/{id}/undo"), json!({})).await;
    assert_eq!((again.status.as_u16(), again.code()), (409, "conflict"), "{}", again.body);
    let page = office.get(&format!("/api/v1/customers/{one}")).await;
    assert_eq!((&page["id"], &page["deals"], field(&page, "grade")), (&json!(one), &json!(1), &json!("A")));
    let page = office.get(&format!("/api/v1/customers/{two}")).await;
    assert_eq!((field(&page, "grade"), field(&page, "country")), (&json!("B"), &json!("CN")));
    let listed = office.get("/api/v1/merges").await;
    assert_eq!(
        (&listed[0]["record"]["name"], listed[0]["undone_at"].is_string()),
        (&json!("上海华信科技有限公司"), true)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_to_be_two_is_not_proposed_again_and_slips_are_told() {
    let office = Office::new().await;
    let mut ids = Vec::new();
    for name in ["Acme Trading Ltd", "ACME Trading", "Acme Trading Inc."] {
        ids.push(office.made("/api/v1/customers", json!({"name": name})).await);
    }
    assert_eq!(office.get("/api/v1/duplicates?min_score=0.9").await["superfluous"], json!(2));
    let apart = office.post("/api/v1/duplicates/apart", json!({"kind": "customers", "records": ids})).await;
    assert_eq!(apart.status.as_u16(), 204, "{}", apart.body);
    assert_eq!(office.get("/api/v1/duplicates").await["clusters"], json!(0));
    let root = office.house.browser("root", &[Role::Administrator]).await;
    let log = office.house.get(&root, "/api/v1/access-log").await.body;
    let line = log["rows"].as_array().and_then(|lines| lines.iter().find(|line| line["action"] == "kept_apart"));
    assert_eq!(line.map(|line| &line["detail"]["records"]), Some(&json!(ids)), "{log}");
    let merge = |survivor: i64, records: Value, fields: Value| json!({"kind": "customers", "survivor": {"id": survivor}, "records": records, "fields": fields});
    let one = || json!([{"id": ids[1]}]);
    for (body, status) in [
        (merge(ids[0], json!([]), json!({})), 422),
        (merge(ids[0], json!([{"id": ids[0]}]), json!({})), 422),
        (merge(ids[0], json!([{"id": 987_654}]), json!({})), 404),
        (merge(ids[0], one(), json!({"wings": ids[0]})), 422),
        (merge(ids[0], one(), json!({"grade": 987_654})), 422),
        (merge(ids[0], one(), json!({"aliases": ids[1]})), 422),
    ] {
        let reply = office.post("/api/v1/merges", body.clone()).await;
        assert_eq!(reply.status.as_u16(), status, "{body}: {}", reply.body);
        assert!(reply.body["detail_zh"].is_string(), "{}", reply.body);
    }
    let reply = office.house.get(&office.ops, "/api/v1/duplicates?min_score=0.2").await;
    assert_eq!(reply.status.as_u16(), 422, "{}", reply.body);
    let rep = office.house.browser("rep", &[Role::Rep]).await;
    for path in ["/api/v1/duplicates", "/api/v1/merges"] {
        assert_eq!(office.house.get(&rep, path).await.code(), "not-allowed", "{path}");
    }
}
