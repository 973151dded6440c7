//! External ids, processes, settings, rates and custom fields.

use std::collections::HashSet;

use domain::field::{FieldId, FieldType, Value, ids};
use domain::journal::Facts;
use domain::process::NamedValue;
use domain::words::Text2;
use domain::{Calendar, Currency, CustomField, Day, Instant, Kind, Outcome, StageId};
use store::{Organisation, Rate, StoreError};

use crate::support::{allocate, assert_facts, custom, deal, is_consistent, on_both, text, write};

const DAY: i64 = 86_400_000_000;

#[tokio::test]
async fn external_ids_are_found_by_source_and_kind() {
    on_both(|fresh| async move {
        let store = fresh.open().await;
        let links = |pairs: &[(&str, i64)]| pairs.iter().map(|(name, id)| ((*name).to_owned(), *id)).collect();
        let mut writer = store.begin().await.expect("a writer");
        let crm = links(&[("a", 1), ("b", 2), ("a", 3), ("客户'1", 4)]);
        writer.link_external("crm", Kind::Opportunity, crm).await.expect("links");
        writer.link_external("crm", Kind::Account, links(&[("a", 9)])).await.expect("links");
        writer.link_external("erp", Kind::Account, links(&[("a", 8)])).await.expect("links");
        writer.commit().await.expect("the commit");
        let found = store.external_ids("crm", Kind::Opportunity).await.expect("ids");
        assert_eq!((found.len(), found["a"], found["b"], found["客户'1"]), (3, 3, 2, 4));
        assert!(store.external_ids("none", Kind::Account).await.expect("ids").is_empty());
        let names: Vec<String> = (0..1200).map(|number| number.to_string()).chain(["b".to_owned()]).collect();
        let found = store.find_external_ids("crm", Kind::Opportunity, &names).await.expect("ids");
        assert_eq!(found.into_iter().collect::<Vec<_>>(), [("b".to_owned(), 2)]);
        let mut writer = store.begin().await.expect("a writer");
        writer.link_external("crm", Kind::Account, links(&[("a", 7)])).await.expect("links");
        writer.commit().await.expect("the commit");
        let all = store.external_ids_of(Kind::Account).await.expect("ids");
        let all: Vec<_> = all.iter().map(|id| (id.source.as_str(), id.external_id.as_str(), id.record)).collect();
        assert_eq!(all, [("crm", "a", 7), ("erp", "a", 8)]);
        // More than one query reads at once, with names that would upset a naive format.
        let many: Vec<_> = (0..50_002).map(|number| (format!("{number},\n%s '客户'"), 50_002 - number)).collect();
        let mut writer = store.begin().await.expect("a writer");
        writer.link_external("big", Kind::Team, many.clone()).await.expect("links");
        writer.commit().await.expect("the commit");
        let found = store.external_ids("big", Kind::Team).await.expect("ids");
        assert_eq!(found, many.into_iter().collect());
        let listed = store.external_ids_of(Kind::Team).await.expect("ids");
        assert!(listed.iter().map(|id| id.record).eq(1..=50_002));
    })
    .await;
}

#[tokio::test]
async fn a_process_keeps_its_ids_and_an_edit_makes_a_version() {
    on_both(|fresh| async move {
        let store = fresh.open().await;
        let ready = domain::process::ready_made();
        let parse = |at: usize| domain::process::load(ready[at].toml).expect("a ready-made process");
        let first = store.add_process(&parse(0), Instant(1)).await.expect("a process");
        let second = store.add_process(&parse(1), Instant(1)).await.expect("a process");
        assert_eq!(store.add_process(&parse(0), Instant(2)).await.expect("a process"), first);
        // What came from the store may be handed back.
        assert_eq!(store.add_process(&first, Instant(2)).await.expect("a process"), first);
        let mut edited = parse(0);
        edited.ratio_wins += 1;
        let third = store.add_process(&edited, Instant(3)).await.expect("a process");
        assert_eq!((first.version, second.version, third.version), (1, 1, 2));
        assert_eq!(store.add_process(&parse(0), Instant(4)).await.expect("a process"), first);
        let stored = store.processes().await.expect("processes");
        assert_eq!(stored, [first, second, third]);
        let stages: Vec<StageId> =
            stored.iter().flat_map(|process| process.stages.iter().map(|stage| stage.id)).collect();
        assert_eq!(stages.iter().collect::<HashSet<_>>().len(), stages.len());
        assert!(!stages.contains(&StageId::UNKNOWN));
    })
    .await;
}

#[tokio::test]
async fn another_zone_gives_business_days_anew() {
    on_both(|fresh| async move {
        let store = fresh.open().await;
        assert_eq!(store.calendar().await.expect("a calendar"), Calendar::new(chrono_tz::UTC));
        let id = allocate(&store, 1).await;
        let close = deal(1, 1).outcome(Outcome::Lost);
        // 20:00 UTC is the next day in Shanghai.
        let late = |day: i64| day * DAY + 20 * DAY / 24;
        let drafts = vec![
            assert_facts(Kind::Opportunity, id, late(100), deal(1, 1)),
            assert_facts(Kind::Opportunity, id, late(110), close.clone()),
            assert_facts(Kind::Opportunity, id, late(120), close),
        ];
        write(&store, drafts, 1).await;
        let days = async || {
            let record = store.records(Kind::Opportunity, &[id]).await.expect("a record").remove(0);
            (record.created_on, record.closed_on)
        };
        assert_eq!(days().await, (Some(Day(100)), Some(Day(110))));
        let organisation = Organisation {
            name: "楼兜".into(),
            zone: chrono_tz::Asia::Shanghai,
            fiscal_start_month: 4,
            currency: Currency::CNY,
        };
        store.set_organisation(&organisation).await.expect("it is set");
        assert_eq!(store.organisation().await.expect("an organisation"), Some(organisation));
        assert_eq!(days().await, (Some(Day(101)), Some(Day(111))));
        is_consistent(&store).await;
    })
    .await;
}

#[tokio::test]
async fn rates_settings_and_custom_fields() {
    on_both(|fresh| async move {
        let store = fresh.open().await;
        let rate = |day, numerator| Rate { from: Currency::EUR, day: Day(day), numerator };
        let mut writer = store.begin().await.expect("a writer");
        writer.set_rates(Currency::CNY, &[rate(10, 7_000_000_000), rate(20, 8_000_000_000)]).await.expect("rates");
        writer.set_rates(Currency::CNY, &[rate(10, 7_500_000_000)]).await.expect("rates");
        writer.commit().await.expect("the commit");
        let rates = store.rates(Currency::CNY).await.expect("rates");
        assert_eq!(rates.convert(100, Currency::EUR, Day(19)), Ok(750));
        assert_eq!(rates.convert(100, Currency::EUR, Day(20)), Ok(800));
        assert_eq!(store.rates(Currency::USD).await.expect("rates"), domain::Rates::new(Currency::USD));

        store.set_setting("web.language", "zh").await.expect("it is set");
        store.set_setting("web.language", "en").await.expect("it is set");
        assert_eq!(store.setting("web.language").await.expect("a setting").as_deref(), Some("en"));

        // Two handles: the second learns of a field that the first has added.
        let other = fresh.open().await;
        let add =
            async |name: &'static str, ty| store.add_custom_field(&custom(Kind::Account, name, ty), Instant(1)).await;
        let colour = add("colour", FieldType::Text).await.expect("a field");
        let phone = add("private_phone", FieldType::Personal).await.expect("a field");
        assert_eq!(add("colour", FieldType::Text).await.expect("the same"), colour);
        assert!(matches!(add("colour", FieldType::Int).await, Err(StoreError::FieldExists { .. })));
        assert!(matches!(add("name", FieldType::Text).await, Err(StoreError::FieldExists { .. })));
        assert_eq!(store.custom_fields().await.expect("fields"), [colour.clone(), phone.clone()]);
        let config = store.mark().await.expect("a mark").config;
        let change = |field: &CustomField| {
            Ok::<_, StoreError>(CustomField {
                name: "hue".to_owned(),
                choices: vec![NamedValue { key: "blue".to_owned(), name: Text2::new("蓝", "Blue") }],
                dimension: true,
                ..field.clone()
            })
        };
        let changed = store.change_custom_field(colour.id, change).await.expect("it is changed");
        assert_eq!(
            (changed.name.as_str(), changed.choices.len(), changed.dimension),
            ("colour", 1, true),
            "a name stays"
        );
        assert_eq!(other.custom_fields().await.expect("fields"), [changed.clone(), phone.clone()]);
        assert_eq!(store.mark().await.expect("a mark").config, config + 1, "whoever follows is told");
        store.change_custom_field(colour.id, |same| Ok::<_, StoreError>(same.clone())).await.expect("nothing changed");
        assert_eq!(store.mark().await.expect("a mark").config, config + 1);
        let none = store.change_custom_field(FieldId(9999), |same| Ok::<_, StoreError>(same.clone())).await;
        assert!(matches!(none, Err(StoreError::NoField(FieldId(9999)))));
        let id = allocate(&other, 1).await;
        let facts = Facts::default()
            .with(ids::ACCOUNT_NAME, text("ACME"))
            .with(colour.id, text("blue"))
            .with(phone.id, text("110"));
        write(&other, vec![assert_facts(Kind::Account, id, 1, facts)], 1).await;
        for handle in [&store, &other, &fresh.open().await] {
            let record = handle.records(Kind::Account, &[id]).await.expect("a record").remove(0);
            assert_eq!((record.text(colour.id), record.text(phone.id)), (Some("blue"), Some("110")));
        }
        is_consistent(&store).await;
    })
    .await;
}

#[tokio::test]
async fn records_are_found_by_what_they_refer_to() {
    on_both(|fresh| async move {
        let store = fresh.open().await;
        let first = allocate(&store, 4).await;
        let contact = |account| Facts::default().with(ids::CONTACT_ACCOUNT, Value::Ref(account));
        let drafts = vec![
            assert_facts(Kind::Contact, first, 1, contact(7).with(ids::CONTACT_NAME, text("Li"))),
            assert_facts(Kind::Contact, first + 1, 1, contact(8)),
            assert_facts(Kind::Contact, first + 2, 1, contact(7)),
            assert_facts(Kind::Contact, first + 3, 1, Facts::default().with(ids::CONTACT_POST, text("buyer"))),
        ];
        write(&store, drafts, 1).await;
        let of = async |wanted: &[i64]| {
            let found = store.referring(ids::CONTACT_ACCOUNT, wanted).await.expect("contacts");
            found.iter().map(|record| record.id - first).collect::<Vec<_>>()
        };
        assert_eq!(
            (of(&[7]).await, of(&[8, 7]).await, of(&[9]).await, of(&[]).await),
            (vec![0, 2], vec![0, 1, 2], vec![], vec![])
        );
        let named = store.referring(ids::CONTACT_ACCOUNT, &[7]).await.expect("contacts").remove(0);
        assert_eq!(named.text(ids::CONTACT_NAME), Some("Li"), "personal text is there");
        let all = store.references(ids::CONTACT_ACCOUNT).await.expect("references");
        let all: Vec<_> = all.into_iter().map(|(id, account)| (id - first, account)).collect();
        assert_eq!(all, [(0, Some(7)), (1, Some(8)), (2, Some(7)), (3, None)]);
        let no = store.referring(ids::CONTACT_NAME, &[7]).await;
        assert!(matches!(no, Err(StoreError::Misfit { field, .. }) if field == ids::CONTACT_NAME));
    })
    .await;
}
