//! Deals, customers, targets and files over HTTP: who may, what is out of sight, what is malformed.

use domain::people::{May, Role};
use serde_json::{Value, json};

use crate::testing::{Browser, House, Reply};

/// Two sellers with a deal and a customer each, and a target of the second one's; neither sees the other's.
struct Sellers {
    house: House,
    ann: Browser,
    bob: Browser,
    ops: Browser,
    /// A customer that Ann does not see.
    customer: i64,
    /// Ann's own deal.
    own: i64,
}

fn is(reply: &Reply, status: u16, code: &str, what: &str) {
    assert_eq!((reply.status.as_u16(), reply.code()), (status, code), "{what}: {}", reply.body);
    assert_eq!(reply.header("content-type"), "application/problem+json", "{what}");
}

async fn post(house: &House, browser: &Browser, path: &str, body: Value) -> i64 {
    let reply = house.by(browser, "POST", path).json(&body).send().await;
    assert_eq!(reply.status.as_u16(), 201, "{path}: {}", reply.body);
    reply.body["id"].as_i64().expect("an id")
}

impl Sellers {
    async fn new() -> Self {
        let house = House::new().await;
        let process = app::process::read("b2b-seven").expect("it is ready-made");
        house.loudou().await.add_process(&process).await.expect("it is added");
        let ann = house.browser("ann", &[Role::Rep]).await;
        let bob = house.browser("bob", &[Role::Rep]).await;
        let ops = house.browser("ops", &[Role::Operations]).await;
        let customer = post(&house, &bob, "/api/v1/customers", json!({"name": "Zeta"})).await;
        let acme = post(&house, &ann, "/api/v1/customers", json!({"name": "Acme"})).await;
        let deal = json!({"name": "Valve", "account": customer, "amount_minor": 500_000});
        post(&house, &bob, "/api/v1/opportunities", deal).await;
        let own = json!({"name": "=Pump", "account": acme, "amount_minor": 1_000_000});
        let own = post(&house, &ann, "/api/v1/opportunities", own).await;
        let person = house.get(&bob, "/api/v1/session").await.body["user"]["person_id"].clone();
        let target = json!({"from_on": "2026-10-01", "to_on": "2026-12-31", "amount_minor": 1, "owner": person});
        post(&house, &ops, "/api/v1/targets", target).await;
        Self { house, ann, bob, ops, customer, own }
    }

    async fn call(&self, browser: &Browser, method: &str, path: &str, body: &str) -> Reply {
        let call = self.house.by(browser, method, path).header("if-match", "\"1\"");
        if body.is_empty() { call.send().await } else { call.text("application/json", body).send().await }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seller_sells_and_sets_no_targets() {
    let sellers = Sellers::new().await;
    let target = r#"{"from_on": "2026-10-01", "to_on": "2026-12-31", "deals": 1}"#;
    is(
        &sellers.call(&sellers.ann, "POST", "/api/v1/targets", target).await,
        403,
        "not-allowed",
        "a target by a seller",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_have_is_not_there() {
    let sellers = Sellers::new().await;
    for path in
        ["/api/v1/opportunities", "/api/v1/customers", "/api/v1/search?q=e", "/api/v1/members?dimension=account"]
    {
        let told = sellers.house.get(&sellers.ann, path).await;
        assert_eq!(told.status.as_u16(), 200, "{path}: {}", told.body);
        assert!(!told.body.to_string().contains("Zeta"), "{path}: {}", told.body);
        let told = sellers.house.get(&sellers.bob, path).await;
        assert!(told.body.to_string().contains("Zeta"), "{path}: {}", told.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_malformed_or_oversized_is_told_as_such() {
    let sellers = Sellers::new().await;
    let (house, ops) = (&sellers.house, &sellers.ops);
    for (path, status, code) in [
        ("/api/v1/opportunities?limit=0", 422, "bad-input"),
        ("/api/v1/opportunities?limit=1001", 422, "bad-input"),
        ("/api/v1/opportunities?limit=x", 400, "malformed"),
        ("/api/v1/opportunities?limit=", 400, "malformed"),
        ("/api/v1/opportunities?as_of=", 400, "malformed"),
        ("/api/v1/opportunities?format=", 400, "malformed"),
        ("/api/v1/tokens?all=", 400, "malformed"),
        ("/api/v1/gauges?worst=1000001", 422, "bad-input"),
        ("/api/v1/opportunities?sort=size", 422, "bad-question"),
        ("/api/v1/opportunities?cursor=zzz", 422, "bad-question"),
        ("/api/v1/opportunities?cell=stock%3Bstage%3Dnowhere", 422, "bad-question"),
        ("/api/v1/opportunities?f=region", 422, "bad-question"),
        ("/api/v1/opportunities?format=pdf", 400, "malformed"),
        ("/api/v1/opportunities?as_of=2026-02-30", 422, "bad-input"),
        ("/api/v1/members", 400, "malformed"),
        ("/api/v1/members?dimension=colour", 422, "bad-question"),
        ("/api/v1/customers?sort=size", 422, "bad-question"),
        ("/api/v1/pivot?rows=region&measures=profit", 422, "bad-question"),
    ] {
        is(&house.get(ops, path).await, status, code, path);
    }
    let long = format!("/api/v1/search?q={}", "x".repeat(300));
    is(&house.get(ops, &long).await, 422, "bad-input", "a long search");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_says_its_version_and_meets_those_of_others() {
    let sellers = Sellers::new().await;
    let (house, ann) = (&sellers.house, &sellers.ann);
    let path = format!("/api/v1/opportunities/{}", sellers.own);
    let page = house.get(ann, &path).await;
    assert_eq!(page.header("etag"), format!("\"{}\"", page.body["version"]));
    let edit = json!({"next_step": "call"});
    is(&house.by(ann, "PATCH", &path).json(&edit).send().await, 428, "version-needed", "no version");
    let with = async |version: &str, body: &Value| {
        house.by(ann, "PATCH", &path).header("if-match", version).json(body).send().await
    };
    is(&with("zzz", &edit).await, 400, "malformed", "no number");
    let wrong = with(page.header("etag"), &json!({"amount_minor": "much", "colour": 1})).await;
    is(&wrong, 422, "bad-input", "two fields");
    let pointers: Vec<_> =
        wrong.body["errors"].as_array().expect("errors").iter().map(|error| error["pointer"].clone()).collect();
    assert_eq!(pointers, ["/amount_minor", "/colour"]);
    let changed = with(page.header("etag"), &edit).await;
    assert_eq!((changed.status.as_u16(), &changed.body["next_step"]), (200, &json!("call")), "{}", changed.body);
    is(&with(page.header("etag"), &edit).await, 412, "changed-meanwhile", "the old version");
    let gate = house.by(ann, "POST", &format!("{path}/move")).header("if-match", changed.header("etag"));
    let gate = gate.json(&json!({"to": "contact"})).send().await;
    is(&gate, 409, "gate", "an open gate");
    let wrong = house.by(ann, "POST", &format!("{path}/move")).header("if-match", changed.header("etag"));
    let wrong = wrong.json(&json!({"to": "contact", "values": {"source_channel": 5}})).send().await;
    is(&wrong, 422, "bad-input", "a value that goes with a move");
    assert_eq!(wrong.body["errors"][0]["pointer"], "/values/source_channel");
    assert_eq!(wrong.body["detail"], "source_channel must be a text");
    assert!(gate.body["errors"].as_array().is_some_and(|errors| errors.len() > 2), "{}", gate.body);
    let bobs = house.get(&sellers.bob, "/api/v1/session").await.body["user"]["person_id"].clone();
    let handed = with(changed.header("etag"), &json!({"owner": bobs})).await;
    assert_eq!(handed.status.as_u16(), 204, "handed over and gone: {}", handed.body);
    is(&house.get(ann, &path).await, 404, "not-found", "handed over");
    let timeline = house.get(&sellers.bob, &format!("{path}/timeline")).await;
    assert_eq!(timeline.body["rows"][0]["changes"][0]["field"], json!("owner"), "{}", timeline.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repetition_with_a_key_makes_nothing_twice() {
    let sellers = Sellers::new().await;
    let (house, ann) = (&sellers.house, &sellers.ann);
    let make = async |body: Value| {
        house.by(ann, "POST", "/api/v1/opportunities").header("idempotency-key", "k1").json(&body).send().await
    };
    let first = make(json!({"name": "Seal"})).await;
    let again = make(json!({"name": "Seal"})).await;
    assert_eq!((again.status.as_u16(), &again.body["id"]), (201, &first.body["id"]));
    is(&make(json!({"name": "Other"})).await, 409, "key-reused", "another body");
    assert_eq!(house.get(ann, "/api/v1/opportunities").await.body["sums"]["deals"], json!(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_one_right_writes_once_and_is_told_what_it_wrote() {
    let sellers = Sellers::new().await;
    let house = &sellers.house;
    let ann = house.get(&sellers.ann, "/api/v1/session").await.body["user"]["id"].as_i64().expect("an id");
    let mia = house.user("mia", &[Role::Manager]).await;
    let person = house.get(&house.sign_in("mia").await, "/api/v1/session").await.body["user"]["person_id"].clone();
    let quarter = json!({"from_on": "2026-10-01", "to_on": "2026-12-31", "deals": 1, "owner": person});
    let (name, other) = (json!({"name": "Seal"}), json!({"grade": "A"}));
    for (user, may, noun, made, change) in [
        (ann, May::EditDeals, "opportunities", &name, &json!({"next_step": "call"})),
        (ann, May::EditCustomers, "customers", &name, &other),
        (mia, May::EditTargets, "targets", &quarter, &json!({"deals": 2})),
    ] {
        let token = house.token(user, Some(may)).await;
        let path = format!("/api/v1/{noun}");
        is(&house.call("GET", &path).bearer(&token).send().await, 403, "not-allowed", noun);
        let make =
            async || house.call("POST", &path).bearer(&token).header("idempotency-key", noun).json(made).send().await;
        let (first, again) = (make().await, make().await);
        let id = first.body["id"].as_i64().unwrap_or_else(|| panic!("{noun}: {}", first.body));
        assert_eq!((first.status.as_u16(), again.status.as_u16(), &again.body["id"]), (201, 201, &json!(id)), "{noun}");
        assert_eq!(again.header("idempotency-replayed"), "true", "{noun}");
        let version = first.body["version"].to_string();
        let patch = house.call("PATCH", &format!("{path}/{id}")).bearer(&token).header("if-match", &version);
        let patched = patch.json(change).send().await;
        assert_eq!((patched.status.as_u16(), &patched.body["id"]), (200, &json!(id)), "{noun}: {}", patched.body);
        if noun == "opportunities" {
            let moved = house.call("POST", &format!("{path}/{id}/move")).bearer(&token);
            let moved = moved.header("if-match", patched.header("etag")).json(&json!({"to": "parked"})).send().await;
            is(&moved, 422, "bad-input", "a parked deal is called again one day");
            let moved = house.call("POST", &format!("{path}/{id}/move")).bearer(&token);
            let parked = json!({"to": "parked", "next_contact_on": "2026-12-24"});
            let moved = moved.header("if-match", patched.header("etag")).json(&parked).send().await;
            assert_eq!((moved.status.as_u16(), &moved.body["outcome"]), (200, &json!("parked")), "{}", moved.body);
        }
    }
    let deals = house.get(&sellers.ann, "/api/v1/opportunities").await.body;
    assert_eq!(deals["sums"]["deals"], json!(2), "a repetition makes none");
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_are_offered_records_and_contacts_are_added_once() {
    let sellers = Sellers::new().await;
    let (house, ann) = (&sellers.house, &sellers.ann);
    let acme = house.get(ann, "/api/v1/records?kind=account").await.body;
    assert_eq!((acme.as_array().map(Vec::len), &acme[0]["name"]), (Some(1), &json!("Acme")), "{acme}");
    let contacts = format!("/api/v1/customers/{}/contacts", acme[0]["id"]);
    let add = async || {
        let call = house.by(ann, "POST", &contacts).header("idempotency-key", "k1");
        call.json(&json!({"name": "Li", "post": "buyer"})).send().await
    };
    let (first, again) = (add().await, add().await);
    assert_eq!((first.status.as_u16(), &first.body["id"]), (201, &again.body["id"]), "{}", first.body);
    let offered = house.get(ann, &format!("/api/v1/records?kind=contact&customer={}", acme[0]["id"])).await.body;
    assert_eq!(offered, json!([{"id": first.body["id"], "name": "Li", "note": "buyer"}]));
    let li = format!("/api/v1/contacts/{}", first.body["id"]);
    let change = async |version: &Value| {
        let call = house.by(ann, "PATCH", &li).header("if-match", &format!("\"{version}\""));
        call.json(&json!({"phone": "021-5555"})).send().await
    };
    let changed = change(&first.body["version"]).await;
    assert_eq!((changed.status.as_u16(), &changed.body["phone"]), (200, &json!("021-5555")), "{}", changed.body);
    is(&change(&first.body["version"]).await, 412, "changed-meanwhile", "the version is not that any more");
    let theirs = format!("/api/v1/records?kind=contact&customer={}", sellers.customer);
    is(&house.get(ann, &theirs).await, 404, "not-found", "contacts of others");
    is(&house.get(ann, "/api/v1/records?kind=target").await, 422, "bad-question", "no form's");
    is(&house.get(ann, &format!("/api/v1/records?kind=team&q={}", "x".repeat(300))).await, 422, "bad-input", "long");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_is_told_by_its_own_day() {
    let sellers = Sellers::new().await;
    let (house, ann) = (&sellers.house, &sellers.ann);
    let customer = house.get(ann, "/api/v1/records?kind=account").await.body[0]["id"].clone();
    house.advance_seconds(3 * 86_400);
    let day = |path: &str| path.replace("DAY", "2026-11-22").replace("ID", &customer.to_string());
    for (path, then, now) in [
        ("/api/v1/customers?as_of=DAY", "/sums/deals", json!(1)),
        ("/api/v1/customers?f=outcome:won&as_of=DAY", "/sums/deals", json!(0)),
        ("/api/v1/customers/ID?as_of=DAY", "/deals", json!(1)),
        ("/api/v1/customers/ID?as_of=DAY", "/editable", json!(true)),
    ] {
        let told = house.get(ann, &day(path)).await.body;
        let nothing = if now == true { json!(false) } else { json!(0) };
        assert_eq!(told.pointer(then), Some(&nothing), "{path}: {told}");
        let told = house.get(ann, &day(path).replace("2026-11-22", "2026-11-26")).await.body;
        assert_eq!(told.pointer(then), Some(&now), "{path}: {told}");
    }
    let timeline = house.get(ann, &day("/api/v1/customers/ID/timeline?as_of=DAY")).await.body;
    assert_eq!(timeline["rows"], json!([]), "{timeline}");
    is(&house.get(ann, &day("/api/v1/customers/ID/timeline?as_of=2026-02-30")).await, 422, "bad-input", "no day");
    let own = format!("/api/v1/opportunities/{}/timeline?as_of=2026-11-22", sellers.own);
    is(&house.get(ann, &own).await, 404, "not-found", "not yet there");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_go_on_where_they_stopped_and_numbers_have_their_deals() {
    let sellers = Sellers::new().await;
    let (house, ops) = (&sellers.house, &sellers.ops);
    let first = house.get(ops, "/api/v1/opportunities?sort=-amount_minor&limit=1").await.body;
    assert_eq!(
        (&first["rows"][0]["name"], &first["sums"]["amount_minor"]),
        (&json!("=Pump"), &json!(1_500_000)),
        "{first}"
    );
    let cursor = first["next_cursor"].as_str().expect("there is more");
    let second =
        house.get(ops, &format!("/api/v1/opportunities?sort=-amount_minor&limit=1&cursor={cursor}")).await.body;
    assert_eq!((&second["rows"][0]["name"], &second["next_cursor"]), (&json!("Valve"), &Value::Null));
    let cell = house.get(ops, "/api/v1/opportunities?cell=stock%3Bstage%3Dlead&q=valve").await.body;
    assert_eq!((&cell["sums"]["cell_minor"], &cell["rows"][0]["cell_deals"]), (&json!(500_000), &json!(1)), "{cell}");
    let stock = house.get(ops, "/api/v1/funnel").await.body;
    let cell = house.get(ops, "/api/v1/opportunities?cell=stock%3Bstage%3Dlead").await.body;
    assert_eq!(cell["sums"]["cell_minor"], stock["rows"][0]["amount_minor"]);
    let chip = house.get(ops, "/api/v1/opportunities?f=account:Acme&f=account:Zeta&f=outcome:won").await.body;
    assert_eq!(chip["sums"]["deals"], json!(0));
    let open = house.get(ops, "/api/v1/opportunities?open=false").await.body;
    assert_eq!(open["sums"]["left_out"], json!({"others": 0, "open": 2}));
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_and_lists_come_as_files() {
    let sellers = Sellers::new().await;
    let (house, ops) = (&sellers.house, &sellers.ops);
    let csv = house.get(ops, "/api/v1/opportunities?format=csv&bom=false&sort=name").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert!(csv.header("content-disposition").contains("deals.csv"));
    let text = csv.body.as_str().expect("a text");
    assert!(text.starts_with("id,external id,name,customer,"), "{text}");
    assert!(text.contains(",'=Pump,Acme,") && text.contains(",10000.00,CNY,"), "{text}");
    assert_eq!(text.lines().count(), 3);
    for path in ["opportunities", "customers", "targets", "funnel", "bridge", "pivot?rows=region", "winrate", "gauges"]
    {
        for (format, kind) in [
            ("csv", "text/csv; charset=utf-8"),
            ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            ("parquet", "application/vnd.apache.parquet"),
        ] {
            let sign = if path.contains('?') { '&' } else { '?' };
            let reply = house.get(ops, &format!("/api/v1/{path}{sign}format={format}&lang=zh")).await;
            assert_eq!(
                (reply.status.as_u16(), reply.header("content-type")),
                (200, kind),
                "{path} {format}: {}",
                reply.body
            );
        }
    }
    // What was taken away stands in the access log, with what was asked.
    let root = house.browser("root", &[Role::Administrator]).await;
    let log = house.get(&root, "/api/v1/access-log").await.body;
    let exports: Vec<_> =
        log["rows"].as_array().expect("rows").iter().filter(|row| row["action"] == "exported").collect();
    assert_eq!((exports.len(), &exports[0]["subject"]), (25, &json!("gauges.parquet")), "{log}");
    assert_eq!(
        (&exports[0]["user"]["name"], &exports[0]["detail"]["asked"]),
        (&json!("ops"), &json!("format=parquet&lang=zh"))
    );
    is(
        &house.get(ops, "/api/v1/opportunities?format=csv&sort=size").await,
        422,
        "bad-question",
        "before the file begins",
    );
}
