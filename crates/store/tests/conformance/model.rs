//! Tables counted, and where references lead, against counts by hand.

use domain::field::{FieldId, FieldType, Value, ids};
use domain::journal::{Facts, Op};
use domain::{Instant, Kind};
use store::{JoinCount, LooseKey, Reference, TableCount, Why};

use crate::support::{allocate, assert_facts, custom, deal, on_both, text, write};

fn join(table: &TableCount, field: FieldId) -> &JoinCount {
    table.joins.iter().find(|join| join.field == field).expect("a reference")
}

fn filled(table: &TableCount, field: FieldId) -> u64 {
    table.filled.iter().find(|(id, _)| *id == field).expect("a field").1
}

const EMPTY: Option<i64> = None;

#[tokio::test]
async fn fills_and_joins_are_counted_and_loose_keys_are_told_with_their_reason() {
    on_both(|fresh| async move {
        let store = fresh.open().await;
        let home = custom(Kind::Opportunity, "home", FieldType::Ref(Kind::Region));
        let home = store.add_custom_field(&home, Instant(1)).await.expect("a field");
        // Regions: 0 described, 1 only a key, 2 only a name that is no key, 3 deleted, 4 merged into 0, to which its
        // references lead since; 5 a person that is only a key.
        let first = allocate(&store, 12).await;
        let region = |at: i64, facts: Facts| assert_facts(Kind::Region, first + at, 1, facts);
        let named = |name: &str| Facts::default().with(ids::REGION_NAME, text(name));
        let mut drafts = vec![
            region(0, named("East").with(ids::REGION_COUNTRY, text("CN"))),
            region(1, named("R-1")),
            region(2, named("West")),
            region(3, named("Gone")),
            region(4, named("Twin").with(ids::REGION_COUNTRY, text("CN"))),
            assert_facts(Kind::Person, first + 5, 1, Facts::default().with(ids::PERSON_NAME, text("P-5"))),
        ];
        // Deals 6–11: region by place, the first two with a home, owner 5 on three of them.
        let regions = [Some(0), Some(1), Some(1), Some(3), Some(4), None];
        for (at, region) in (6..).zip(regions) {
            let owner = (at < 9).then_some(first + 5);
            let mut facts = deal(1, 100).owner(owner);
            facts.put(ids::OPPORTUNITY_NAME, text(&format!("deal {at}")));
            if let Some(region) = region {
                facts.put(ids::OPPORTUNITY_REGION, Value::Ref(first + region));
            }
            if at < 8 {
                facts.put(home.id, Value::Ref(first + if at == 6 { 0 } else { 3 }));
            }
            drafts.push(assert_facts(Kind::Opportunity, first + at, 2, facts));
        }
        write(&store, drafts, 1).await;
        let mut writer = store.begin().await.expect("a writer");
        let links = vec![("R-1".to_owned(), first + 1), ("E".to_owned(), first)];
        writer.link_external("crm", Kind::Region, links).await.expect("links");
        writer.link_external("crm", Kind::Person, vec![("P-5".to_owned(), first + 5)]).await.expect("links");
        writer.commit().await.expect("the commit");
        let op = |at: i64, op: Op| {
            let mut draft = assert_facts(Kind::Region, first + at, 3, Facts::default());
            draft.op = op;
            draft
        };
        write(&store, vec![op(3, Op::Delete), op(4, Op::Merge { into: first })], 3).await;

        let custom = store.custom_fields().await.expect("fields");
        let deals = store.count_table(Kind::Opportunity, &custom).await.expect("counts");
        assert_eq!((deals.rows, deals.bare), (6, 0));
        assert_eq!(filled(&deals, ids::OPPORTUNITY_NAME), 6);
        assert_eq!(filled(&deals, ids::OPPORTUNITY_REGION), 5);
        assert_eq!((filled(&deals, ids::OPPORTUNITY_CHANNEL), filled(&deals, home.id)), (0, 2));
        let counts = |join: &JoinCount| (join.to, join.matched, join.empty, join.bare, join.gone);
        assert_eq!(counts(join(&deals, ids::OPPORTUNITY_REGION)), (Kind::Region, 2, 1, 2, 1));
        assert_eq!(counts(join(&deals, ids::OPPORTUNITY_OWNER)), (Kind::Person, 0, 3, 3, 0));
        assert_eq!(counts(join(&deals, home.id)), (Kind::Region, 1, 4, 0, 1));
        let table = store.count_table(Kind::Region, &custom).await.expect("counts");
        assert_eq!((table.rows, table.bare), (3, 1), "a name that is no key is a description");
        for kind in Kind::ALL {
            let table = store.count_table(kind, &custom).await.expect("counts");
            for join in &table.joins {
                assert_eq!(join.matched + join.empty + join.bare + join.gone, table.rows, "{kind:?} {:?}", join.field);
            }
        }

        let by_region = Reference { kind: Kind::Opportunity, field: ids::OPPORTUNITY_REGION, to: Kind::Region };
        let loose = store.loose_keys(by_region, 10).await.expect("keys");
        let key = |at: i64, rows, why, name: &str| LooseKey { id: first + at, rows, why, name: Some(name.to_owned()) };
        // What refers to a merged record is its survivor's.
        assert_eq!(loose, [key(1, 2, Why::Bare, "R-1"), key(3, 1, Why::Deleted, "Gone")]);
        assert_eq!(store.loose_keys(by_region, 1).await.expect("keys").len(), 1);
        let by_home = Reference { field: home.id, ..by_region };
        assert_eq!(store.loose_keys(by_home, 10).await.expect("keys"), [key(3, 1, Why::Deleted, "Gone")]);
        let by_owner = Reference { kind: Kind::Opportunity, field: ids::OPPORTUNITY_OWNER, to: Kind::Person };
        assert_eq!(store.loose_keys(by_owner, 10).await.expect("keys"), [key(5, 3, Why::Bare, "P-5")]);

        let behind = async |from, key, limit| store.rows_behind(from, key, limit).await.expect("rows");
        assert_eq!(behind(by_region, Some(first + 1), 10).await, (vec![first + 8, first + 7], 2), "the newest first");
        assert_eq!(behind(by_region, Some(first + 1), 1).await, (vec![first + 8], 2));
        assert_eq!(behind(by_region, EMPTY, 10).await, (vec![first + 11], 1));
        assert_eq!(behind(by_home, Some(first + 3), 10).await, (vec![first + 7], 1));
        assert_eq!(behind(by_home, Some(first + 99), 10).await, (vec![], 0));
        assert_eq!(behind(by_home, EMPTY, 3).await, (vec![first + 11, first + 10, first + 9], 4), "those without one");
    })
    .await;
}
