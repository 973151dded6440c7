//! Moves through gates: what is missing, what goes with a move, and how a manager lets a deal pass.

use super::*;

async fn somebody_at_acme(house: &House) -> RecordId {
    let facts = Facts::default()
        .with(ids::CONTACT_NAME, Value::Text("Li".into()))
        .with(ids::CONTACT_ACCOUNT, Value::Ref(house.acme));
    write(house, Kind::Contact, facts).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gate_lists_what_is_missing_and_a_manager_may_pass_it_with_a_reason() {
    let house = house().await;
    let ann = house.ann("2026-11-24T03:00:00Z").await;
    let version = ann.deal(house.pump, None, None).await.expect("a page").version;
    let next = MoveAsk { to: "contact".to_owned(), ..MoveAsk::default() };
    let EditError::App(closed) = ann.move_deal(house.pump, version, &next).await.expect_err("the gate is closed")
    else {
        panic!("a gate is no field")
    };
    assert_eq!(closed.fault, Fault::Gate);
    assert!(closed.messages.contains(&"the field “Source channel” is missing".to_owned()), "{:?}", closed.messages);
    assert!(
        closed
            .messages
            .contains(&"the action “Check company and contact; complete the registration data” is not done".to_owned()),
        "{:?}",
        closed.messages
    );
    let chinese: Vec<_> = closed.messages_zh.iter().flatten().collect();
    assert_eq!(chinese.len(), closed.messages.len());
    assert_eq!(chinese[0], "商机还不能离开“潜在客户”");
    assert!(chinese.contains(&&"缺少字段“线索来源”".to_owned()), "fields are called by their names: {chinese:?}");
    let forced = MoveAsk { override_reason: Some("the customer asked".to_owned()), ..next.clone() };
    assert_eq!(fault(ann.move_deal(house.pump, version, &forced).await), Fault::Gate);
    let manager = house.head_of_north("2026-11-24T04:00:00Z").await;
    manager.move_deal(house.pump, version, &forced).await.expect("a manager may");
    let page = manager.deal(house.pump, None, None).await.expect("a page");
    assert_eq!(page.deal.stage.as_ref().map(|stage| stage.key.as_str()), Some("contact"));
    let facts = page.fields.iter().find(|field| field.name == "facts").expect("the field");
    assert_eq!(facts.value["gate_overrides"][0]["reason"], json!("the customer asked"));
    let timeline = manager.deal_timeline(house.pump, &TimelineAsk::default()).await.expect("a timeline");
    assert_eq!(timeline.items[0].kind, TimelineKind::Move);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deal_goes_through_its_gates_when_their_criteria_are_met() {
    let house = house().await;
    let ann = house.ann("2026-11-24T03:00:00Z").await;
    let contact = somebody_at_acme(&house).await;
    let version = ann.deal(house.pump, None, None).await.expect("a page").version;
    let unknown = issues(ann.edit_deal(house.pump, version, &object(json!({"actions_done": ["dance"]}))).await);
    assert_eq!(unknown, ["actions_done: the stage has no action `dance`"]);
    let values =
        json!({"source_channel": "fair", "contact": contact, "actions_done": ["verify_lead", "first_contact"]});
    ann.edit_deal(house.pump, version, &object(values)).await.expect("it is changed");
    let page = ann.deal(house.pump, None, None).await.expect("a page");
    assert_eq!(page.missing.expect("a gate"), []);
    ann.move_deal(house.pump, page.version, &MoveAsk { to: "contact".to_owned(), ..MoveAsk::default() })
        .await
        .expect("it moves");
    let later = house.ann("2026-11-24T05:00:00Z").await;
    let version = later.deal(house.pump, None, None).await.expect("a page").version;
    let lost = MoveAsk { to: "lost".to_owned(), reason: Some("lost.competitor".to_owned()), ..MoveAsk::default() };
    assert_eq!(
        issues(later.move_deal(house.pump, version, &lost).await),
        ["competitor: lost.competitor needs the competitor's name"]
    );
    let lost = MoveAsk { competitor: Some("Rival".to_owned()), ..lost };
    later.move_deal(house.pump, version, &lost).await.expect("it is lost");
    let page = later.deal(house.pump, None, None).await.expect("a page");
    assert_eq!((page.deal.outcome, page.missing), (Some(Outcome::Lost), None));
    let late = house.ann("2026-11-24T06:00:00Z").await;
    late.move_deal(house.pump, page.version, &MoveAsk { to: "open".to_owned(), ..MoveAsk::default() })
        .await
        .expect("it is open again");
    let page = late.deal(house.pump, None, None).await.expect("a page");
    assert_eq!((page.deal.outcome, page.path[1].visits), (Some(Outcome::Open), 2));
    let word = MoveAsk { to: "somewhere".to_owned(), ..MoveAsk::default() };
    assert!(
        issues(late.move_deal(house.pump, page.version, &word).await)[0]
            .starts_with("to: must be one of lead, contact")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_and_what_goes_with_it_are_made_together_or_not_at_all() {
    let house = house().await;
    let ann = house.ann("2026-11-24T03:00:00Z").await;
    let contact = somebody_at_acme(&house).await;
    let version = ann.deal(house.pump, None, None).await.expect("a page").version;
    let values = json!({"source_channel": "fair", "contact": contact, "actions_done": ["verify_lead"]});
    let ask = |values: Json| MoveAsk { to: "contact".to_owned(), values: object(values), ..MoveAsk::default() };
    let EditError::App(closed) = ann.move_deal(house.pump, version, &ask(values)).await.expect_err("half of it") else {
        panic!("a gate is no field")
    };
    assert_eq!(closed.messages[0], "the deal cannot leave Lead yet");
    assert_eq!(
        closed.messages[1..],
        ["the action “First contact inside 24 hours; agree on the next one” is not done"],
        "each thing is told once"
    );
    let page = ann.deal(house.pump, None, None).await.expect("a page");
    assert_eq!(page.version, version, "nothing of it was written");
    let wrong = json!({"source_channel": 5, "contact": contact});
    assert_eq!(issues(ann.move_deal(house.pump, version, &ask(wrong)).await), ["source_channel: must be a text"]);
    let whole = json!({
        "source_channel": "fair", "contact": contact, "actions_done": ["verify_lead", "first_contact"],
    });
    ann.move_deal(house.pump, version, &ask(whole)).await.expect("it moves");
    let page = ann.deal(house.pump, None, None).await.expect("a page");
    assert_eq!(page.deal.stage.as_ref().map(|stage| stage.key.as_str()), Some("contact"));
    let source = page.fields.iter().find(|field| field.name == "source_channel").expect("the field");
    assert_eq!(source.value, json!("fair"));
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_that_gates_ask_for_are_fields_of_their_own() {
    let house = house().await;
    let manager = house.head_of_north("2026-11-24T04:00:00Z").await;
    let version = manager.deal(house.pump, None, None).await.expect("a page").version;
    let waived = Some("known for years".to_owned());
    let (to, reason) = ("proof".to_owned(), Some("skip.repeat".to_owned()));
    let skip = MoveAsk { to, reason, override_reason: waived, ..MoveAsk::default() };
    manager.move_deal(house.pump, version, &skip).await.unwrap_or_else(|error| panic!("{error:?}"));
    let page = manager.deal(house.pump, None, None).await.expect("a page");
    let field =
        |name: &str| page.fields.iter().find(|field| field.name == name).map(|field| (field.ty, field.zh.clone()));
    assert_eq!(field("poc_result"), Some(("text", "验证结论".to_owned())));
    assert_eq!(field("blocking_obstacles"), Some(("int", "未解的致命条款数".to_owned())));
    assert_eq!(field("signed_with"), None, "a later stage asks for it");
    let missing = page.missing.expect("a gate");
    let condition = missing.iter().find(|need| need.kind == NeedKind::Condition).expect("it does not hold");
    assert_eq!(condition.fields, ["blocking_obstacles"]);
    let values = json!({"poc_result": "it works", "blocking_obstacles": 0});
    manager.edit_deal(house.pump, page.version, &object(values)).await.expect("they are changed");
    let items = manager.deal_timeline(house.pump, &TimelineAsk::default()).await.expect("a timeline").items;
    let told = |item: &app::records::TimelineItem| -> Vec<String> {
        let change = |change: &app::records::Change| format!("{}: {} → {}", change.en, change.old, change.new);
        item.changes.iter().map(change).collect()
    };
    assert_eq!(told(&items[0]), ["Open blocking terms: null → 0", "Result of the proof: null → \"it works\""]);
    assert!(told(&items[1]).contains(&"Why the gate was passed: null → \"known for years\"".to_owned()), "{items:?}");
    let cleared = json!({"poc_result": null});
    let version = manager.deal(house.pump, None, None).await.expect("a page").version;
    manager.edit_deal(house.pump, version, &object(cleared)).await.expect("it is emptied");
    let page = manager.deal(house.pump, None, None).await.expect("a page");
    let cleared = page.fields.iter().find(|field| field.name == "poc_result").expect("the field");
    assert_eq!(cleared.value, Json::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn stage_history_is_there_once_a_deal_was_in_two_stages() {
    let house = house().await;
    let known = async |loudou: &Loudou| loudou.meta().await.expect("the frame").processes[0].has_stage_history;
    let manager = house.head_of_north("2026-11-24T04:00:00Z").await;
    assert!(!known(&manager).await, "every deal stands where it began");
    let version = manager.deal(house.pump, None, None).await.expect("a page").version;
    let reason = Some("the customer asked".to_owned());
    let forced = MoveAsk { to: "contact".to_owned(), override_reason: reason, ..MoveAsk::default() };
    manager.move_deal(house.pump, version, &forced).await.expect("a manager may");
    assert!(known(&manager).await);
    let nobody = Who { scope: Scope::Nothing, ..Who::system() };
    let nobody = house.loudou.session(Arc::new(nobody), at(NOW)).await.expect("a session");
    assert!(!known(&nobody).await, "nothing is told of deals out of sight");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_import_kept_is_changed_by_its_name_and_what_moves_left_is_not() {
    let house = house().await;
    let kept = json!({"Old system": "SAP", "poc_result": "it works", "obstacle": "price"});
    let when = at("2026-10-06T02:00:00Z");
    let url = format!("sqlite://{}", house.dir.path().join("loudou.db").display());
    let store = Store::open(&url, 1).await.expect("it opens");
    let mut writer = store.begin().await.expect("a writer");
    let draft = Draft {
        kind: Kind::Opportunity,
        record: house.pump,
        effective_at: when,
        known_at: when,
        source_seq: 0,
        import: None,
        actor: SYSTEM_ACTOR,
        op: Op::Assert(Facts::default().with(ids::OPPORTUNITY_FACTS, Value::Json(kept.to_string().into()))),
    };
    writer.append(vec![draft], when).await.expect("it fits");
    writer.commit().await.expect("it is written");
    let ann = house.ann("2026-11-24T03:00:00Z").await;
    let page = ann.deal(house.pump, None, None).await.expect("a page");
    let shown = |page: &app::records::DealPage, name: &str| {
        page.fields.iter().find(|field| field.name == name).map(|field| (field.value.clone(), field.editable))
    };
    assert_eq!(shown(&page, "Old system"), Some((json!("SAP"), true)));
    assert_eq!(shown(&page, "poc_result"), Some((json!("it works"), true)), "no exit of its stage asks for it");
    assert_eq!(shown(&page, "obstacle"), None);
    for field in page.fields.iter().filter(|field| field.editable && field.ty == "text") {
        let values = object(json!({ field.name.as_str(): field.value }));
        let version = ann.deal(house.pump, None, None).await.expect("a page").version;
        let changed = ann.edit_deal(house.pump, version, &values).await;
        assert!(changed.is_ok(), "{} is shown as what one may change: {changed:?}", field.name);
    }
    let version = ann.deal(house.pump, None, None).await.expect("a page").version;
    let values = object(json!({"Old system": "Oracle", "poc_result": null}));
    ann.edit_deal(house.pump, version, &values).await.expect("it is changed");
    let page = ann.deal(house.pump, None, None).await.expect("a page");
    assert_eq!(shown(&page, "Old system"), Some((json!("Oracle"), true)));
    assert_eq!(shown(&page, "poc_result"), Some((Json::Null, true)), "cleared, and there to be filled in again");
    ann.edit_deal(house.pump, page.version, &object(json!({"poc_result": "again"}))).await.expect("it is changed");
    let page = ann.deal(house.pump, None, None).await.expect("a page");
    let refused = issues(ann.edit_deal(house.pump, page.version, &object(json!({"obstacle": "time"}))).await);
    assert!(refused[0].starts_with("obstacle: is no field"), "{refused:?}");
}
