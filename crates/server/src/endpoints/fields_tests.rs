//! Fields of one's own from the form to the pivot, and the model as those see it who see everything, and others.

use domain::people::Role;
use serde_json::{Value, json};

use crate::testing::{Browser, House, Reply};

async fn house() -> House {
    let house = House::new().await;
    let process = app::process::read("b2b-seven").expect("it is ready-made");
    house.loudou().await.add_process(&process).await.expect("it is added");
    house
}

async fn post(house: &House, who: &Browser, path: &str, body: &Value) -> Reply {
    house.by(who, "POST", path).json(body).send().await
}

fn tier() -> Value {
    json!({
        "kind": "account", "name": "tier", "type": "choice", "label": {"zh": "档次", "en": "Tier"}, "dimension": true,
        "choices": [
            {"key": "gold", "name": {"zh": "金", "en": "Gold"}},
            {"key": "iron", "name": {"zh": "铁", "en": "Iron"}},
        ],
    })
}

async fn pivot(house: &House, who: &Browser, rows: &str) -> Value {
    let mut rows: Vec<(Value, Value)> = house.get(who, &format!("/api/v1/pivot?rows={rows}&measures=deals")).await.body
        ["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| (row["keys"][0].clone(), row["totals"]["deals"].clone()))
        .collect();
    rows.sort_by_key(|(key, _)| key.to_string());
    json!(rows)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customers_field_becomes_a_dimension_of_deals() {
    let house = house().await;
    let ops = house.browser("ops", &[Role::Operations]).await;
    let rep = house.browser("rep", &[Role::Rep]).await;
    assert_eq!(post(&house, &rep, "/api/v1/fields", &tier()).await.code(), "not-allowed");
    let admin = house.browser("admin", &[Role::Administrator]).await;
    let made = post(&house, &admin, "/api/v1/fields", &tier()).await;
    assert_eq!((made.status.as_u16(), &made.body["dimension"]), (201, &json!("account_tier")), "{}", made.body);
    assert_eq!(post(&house, &ops, "/api/v1/fields", &tier()).await.status.as_u16(), 409);
    for (wrong, why) in [
        (json!({"name": "region"}), "a built-in name"),
        (json!({"name": "Tier 2"}), "a name with signs"),
        (json!({"type": "colour"}), "no type"),
        (json!({"type": "date"}), "a date with choices"),
        (json!({"kind": "contact"}), "a dimension of contacts"),
        (json!({"label": {"zh": "", "en": "x"}}), "no Chinese name"),
        (json!({"choices": []}), "a choice of nothing"),
    ] {
        let mut body = tier();
        body["name"] = json!("other");
        body.as_object_mut().expect("an object").extend(wrong.as_object().expect("an object").clone());
        let refused = post(&house, &ops, "/api/v1/fields", &body).await;
        assert_eq!(refused.status.as_u16(), 422, "{why}: {}", refused.body);
        assert!(refused.body["detail_zh"].as_str().is_some_and(|zh| !zh.is_ascii()), "{why}: {}", refused.body);
    }

    let mut customers = Vec::new();
    for (name, tier) in [("Acme", json!("gold")), ("Zeta", json!("铁")), ("Plain", json!(null))] {
        let made = post(&house, &ops, "/api/v1/customers", &json!({"name": name, "tier": tier})).await;
        assert_eq!(made.status.as_u16(), 201, "{}", made.body);
        customers.push(made.body["id"].as_i64().expect("an id"));
    }
    let wrong = post(&house, &ops, "/api/v1/customers", &json!({"name": "Tin", "tier": "tin"})).await;
    assert_eq!(wrong.status.as_u16(), 422, "{}", wrong.body);
    for (name, customer) in [("a", 0), ("b", 0), ("c", 1), ("d", 2)] {
        let deal = json!({"name": name, "account": customers[customer], "amount_minor": 100});
        assert_eq!(post(&house, &ops, "/api/v1/opportunities", &deal).await.status.as_u16(), 201);
    }
    assert_eq!(pivot(&house, &ops, "account_tier").await, json!([["gold", 2], ["iron", 1], [null, 1]]));
    // A customer that moves takes its deals along: the value is that of now.
    let page = house.get(&ops, &format!("/api/v1/customers/{}", customers[2])).await.body;
    let version = format!("\"{}\"", page["version"]);
    let path = format!("/api/v1/customers/{}", customers[2]);
    let call = house.by(&ops, "PATCH", &path).header("if-match", &version);
    let changed = call.json(&json!({"tier": "gold"})).send().await;
    assert_eq!(changed.status.as_u16(), 200, "{}", changed.body);
    assert_eq!(pivot(&house, &ops, "account_tier").await, json!([["gold", 3], ["iron", 1]]));
    let chip = house.get(&ops, "/api/v1/opportunities?f=account_tier:gold").await;
    assert_eq!(chip.body["sums"]["deals"], json!(3), "{}", chip.body);
    let condition = house.get(&ops, "/api/v1/opportunities?where=account_tier%20%3D%20%27iron%27").await;
    assert_eq!(condition.body["sums"]["deals"], json!(1), "{}", condition.body);
    let meta = house.get(&ops, "/api/v1/meta").await.body;
    let seen = meta["dimensions"].as_array().expect("dimensions").iter().find(|seen| seen["key"] == "account_tier");
    assert_eq!(seen.expect("it is there")["choices"][1]["name"]["zh"], "铁");
    let listed = house.get(&ops, "/api/v1/customers").await.body;
    assert_eq!(listed["own"][0]["name"], "tier");
    assert_eq!(listed["rows"][0]["own"]["tier"], "gold");

    let id = made.body["id"].as_u64().expect("an id");
    let patch = async |body: Value| house.by(&ops, "PATCH", &format!("/api/v1/fields/{id}")).json(&body).send().await;
    let fewer = patch(json!({"choices": [{"key": "gold", "name": {"zh": "金", "en": "Gold"}}]})).await;
    assert_eq!(fewer.status.as_u16(), 422, "records may have what would go: {}", fewer.body);
    assert_eq!(patch(json!({"retired": true})).await.body["dimension"], Value::Null);
    let gone = house.get(&ops, "/api/v1/pivot?rows=account_tier").await;
    assert_eq!(gone.status.as_u16(), 422, "{}", gone.body);
    let kept = house.get(&ops, &path).await.body;
    let field =
        kept["fields"].as_array().expect("fields").iter().find(|field| field["name"] == "tier").expect("it stays");
    assert_eq!((&field["value"], &field["editable"]), (&json!("gold"), &json!(false)));
    assert_eq!(patch(json!({"retired": false})).await.status.as_u16(), 200);
    assert_eq!(pivot(&house, &ops, "account_tier").await, json!([["gold", 3], ["iron", 1]]), "nothing was lost");
    let none = house.by(&ops, "PATCH", "/api/v1/fields/9999").json(&json!({"retired": true})).send().await;
    assert_eq!(none.status.as_u16(), 404);
    let log = house.get(&admin, "/api/v1/access-log").await.body;
    let of_fields = log["rows"].as_array().expect("lines").iter().filter(|line| line["subject"] == "tier");
    let told: Vec<_> =
        of_fields.map(|line| (&line["action"], &line["user"]["name"], &line["detail"]["retired"])).collect();
    let line = |action: &str, name: &str, retired| (json!(action), json!(name), json!(retired));
    let expected =
        [line("field_changed", "ops", false), line("field_changed", "ops", true), line("field_added", "admin", false)];
    assert_eq!(told, expected.iter().map(|(a, b, c)| (a, b, c)).collect::<Vec<_>>(), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_required_field_is_asked_for_where_records_are_made() {
    let house = house().await;
    let ops = house.browser("ops", &[Role::Operations]).await;
    let seats = json!({
        "kind": "opportunity", "name": "seats", "type": "number", "label": {"zh": "席位", "en": "Seats"}, "required": true,
    });
    assert_eq!(post(&house, &ops, "/api/v1/fields", &seats).await.status.as_u16(), 201);
    let without = post(&house, &ops, "/api/v1/opportunities", &json!({"name": "a"})).await;
    assert_eq!(without.status.as_u16(), 422, "{}", without.body);
    let made = post(&house, &ops, "/api/v1/opportunities", &json!({"name": "a", "seats": 5})).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.body);
    let fields = made.body["fields"].as_array().expect("fields");
    let field = fields.iter().find(|field| field["name"] == "seats").expect("it is there");
    assert_eq!((&field["value"], &field["required"]), (&json!(5), &json!(true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_of_the_model_are_for_those_who_see_everything() {
    let house = house().await;
    house.team("North").await;
    let ops = house.browser("ops", &[Role::Operations]).await;
    let rep = house.member("rep", &[Role::Rep], "North").await;
    let customer = post(&house, &ops, "/api/v1/customers", &json!({"name": "Acme"})).await.body["id"].clone();
    for name in ["a", "b"] {
        let deal = json!({"name": name, "account": customer});
        assert_eq!(post(&house, &ops, "/api/v1/opportunities", &deal).await.status.as_u16(), 201);
    }
    let model = house.get(&ops, "/api/v1/model").await.body;
    let table = |model: &Value, kind: &str| {
        model["tables"].as_array().expect("tables").iter().find(|table| table["kind"] == kind).expect("a table").clone()
    };
    assert_eq!(model["tables"].as_array().expect("tables").len(), domain::Kind::ALL.len());
    let deals = table(&model, "opportunity");
    assert_eq!((&model["counted"], &deals["rows"], &deals["is_fact"]), (&json!(true), &json!(2), &json!(true)));
    let named = |list: &Value, key: &str, name: &str| {
        list.as_array().expect("a list").iter().find(|one| one[key] == name).expect("it is there").clone()
    };
    let account = named(&deals["joins"], "field", "account");
    assert_eq!((&account["matched"], &account["empty"], &account["as_was"]), (&json!(2), &json!(0), &json!(false)));
    assert_eq!(named(&deals["joins"], "field", "owner")["as_was"], true);
    assert_eq!(named(&deals["fields"], "name", "name")["share"], 1.0);
    assert_eq!(table(&model, "region")["is_fact"], false);
    // Counted anew after a write.
    let deal = json!({"name": "c", "account": customer});
    assert_eq!(post(&house, &ops, "/api/v1/opportunities", &deal).await.status.as_u16(), 201);
    assert_eq!(table(&house.get(&ops, "/api/v1/model").await.body, "opportunity")["rows"], 3);
    let rows = house.get(&ops, &format!("/api/v1/model/rows?table=opportunity&field=account&key={customer}")).await;
    assert_eq!((&rows.body["total"], &rows.body["rows"][0]["name"]), (&json!(3), &json!("c")), "{}", rows.body);
    let keys = house.get(&ops, "/api/v1/model/keys?table=opportunity&field=account").await;
    assert_eq!(keys.body["keys"], json!([]));
    assert_eq!(house.get(&ops, "/api/v1/model/keys?table=opportunity&field=name").await.status.as_u16(), 404);

    let blind = house.get(&rep, "/api/v1/model").await.body;
    let deals = table(&blind, "opportunity");
    assert_eq!((&blind["counted"], &deals["rows"]), (&json!(false), &Value::Null));
    assert_eq!(named(&deals["joins"], "field", "account")["matched"], Value::Null);
    assert_eq!(named(&deals["fields"], "name", "name")["filled"], Value::Null);
    for path in
        ["/api/v1/model/keys?table=opportunity&field=account", "/api/v1/model/rows?table=opportunity&field=account"]
    {
        assert_eq!(house.get(&rep, path).await.code(), "not-allowed", "{path}");
    }
}
