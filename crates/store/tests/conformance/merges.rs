//! Merges: where references lead, chains, undo, and that the tables stay what the journal folds to.

use domain::field::{FieldType, Value, ids};
use domain::journal::Facts;
use domain::{Instant, Kind, RecordId};
use store::{Store, StoreError};

use crate::support::{allocate, assert_facts, custom, deal, is_consistent, on_both, text, write};

/// Three customers, a deal and a contact of each, and a parent.
async fn company(store: &Store) -> RecordId {
    let id = allocate(store, 9).await;
    let mut drafts = Vec::new();
    for at in 0..3 {
        let named = Facts::default().with(ids::ACCOUNT_NAME, text(&format!("customer {at}")));
        let named = if at == 1 { named.with(ids::ACCOUNT_PARENT, Value::Ref(id)) } else { named };
        drafts.push(assert_facts(Kind::Account, id + at, 1, named));
        let sold = deal(1, 100 + at).with(ids::OPPORTUNITY_ACCOUNT, Value::Ref(id + at));
        drafts.push(assert_facts(Kind::Opportunity, id + 3 + at, 1, sold));
        let person = Facts::default()
            .with(ids::CONTACT_NAME, text(&format!("person {at}")))
            .with(ids::CONTACT_ACCOUNT, Value::Ref(id + at));
        drafts.push(assert_facts(Kind::Contact, id + 6 + at, 1, person));
    }
    write(store, drafts, 1).await;
    id
}

/// The customers of the three deals and of the three contacts.
async fn owners(store: &Store, id: RecordId) -> Vec<Option<RecordId>> {
    let mut out = Vec::new();
    for (kind, first, field) in
        [(Kind::Opportunity, id + 3, ids::OPPORTUNITY_ACCOUNT), (Kind::Contact, id + 6, ids::CONTACT_ACCOUNT)]
    {
        let records = store.records(kind, &[first, first + 1, first + 2]).await.expect("records");
        out.extend(records.iter().map(|record| record.int(field).map(|account| account - id)));
    }
    out
}

async fn merge(store: &Store, kind: Kind, from: RecordId, into: RecordId, now: i64) -> i64 {
    let mut writer = store.begin().await.expect("a writer");
    let seq = writer.merge(kind, from, into, 1, Instant(now)).await.expect("a merge");
    writer.commit().await.expect("the commit");
    seq
}

async fn unmerge(store: &Store, seq: i64, now: i64) -> Vec<i64> {
    let mut writer = store.begin().await.expect("a writer");
    let (_, edits) = writer.unmerge(seq, 1, Instant(now)).await.expect("it can be undone");
    writer.commit().await.expect("the commit");
    edits
}

#[tokio::test]
async fn references_lead_to_the_survivor_through_chains_and_come_back() {
    on_both(|fresh| async move {
        let store = fresh.open().await;
        let id = company(&store).await;
        let first = merge(&store, Kind::Account, id, id + 1, 2).await;
        assert_eq!(owners(&store, id).await, [1, 1, 2, 1, 1, 2].map(Some));
        let of_survivor = store.referring(ids::CONTACT_ACCOUNT, &[id + 1]).await.expect("contacts");
        assert_eq!(of_survivor.len(), 2);
        let parent = store.records(Kind::Account, &[id + 1]).await.expect("it").remove(0).int(ids::ACCOUNT_PARENT);
        assert_eq!(parent, None, "nobody is their own parent");
        is_consistent(&store).await;
        let second = merge(&store, Kind::Account, id + 1, id + 2, 3).await;
        assert_eq!(owners(&store, id).await, [2, 2, 2, 2, 2, 2].map(Some));
        assert_eq!(store.survivor(id).await.expect("a survivor"), Some(id + 2));
        assert_eq!(store.survivor(id + 2).await.expect("none"), None);
        is_consistent(&store).await;
        // What is written later for a merged record is in its place, now and after the undo.
        let late = deal(1, 7).with(ids::OPPORTUNITY_ACCOUNT, Value::Ref(id));
        let new = allocate(&store, 1).await;
        write(&store, vec![assert_facts(Kind::Opportunity, new, 4, late)], 4).await;
        let account = |record: &store::Record| record.int(ids::OPPORTUNITY_ACCOUNT);
        let found = store.records(Kind::Opportunity, &[new]).await.expect("the deal");
        assert_eq!(account(&found[0]), Some(id + 2));
        unmerge(&store, first, 5).await;
        assert_eq!(owners(&store, id).await, [0, 2, 2, 0, 2, 2].map(Some));
        let found = store.records(Kind::Opportunity, &[new]).await.expect("the deal");
        assert_eq!(account(&found[0]), Some(id));
        is_consistent(&store).await;
        unmerge(&store, second, 6).await;
        assert_eq!(owners(&store, id).await, [0, 1, 2, 0, 1, 2].map(Some));
        is_consistent(&store).await;
        let listed = store.merges(None, 10).await.expect("the merges");
        assert_eq!(
            listed.iter().map(|merge| (merge.seq, merge.undone.is_some())).collect::<Vec<_>>(),
            [(second, true), (first, true)]
        );
    })
    .await;
}

#[tokio::test]
async fn references_by_own_fields_lead_too_also_of_records_that_nothing_touches() {
    on_both(|fresh| async move {
        let store = fresh.open().await;
        let id = company(&store).await;
        let partner = custom(Kind::Opportunity, "partner", FieldType::Ref(Kind::Account));
        let partner = store.add_custom_field(&partner, Instant(1)).await.expect("a field").id;
        let note = store.add_custom_field(&custom(Kind::Opportunity, "note", FieldType::Text), Instant(1)).await;
        let note = note.expect("a field").id;
        // A text that looks like the reference is none.
        let looks = text(&format!("\"{}\":[{id}]", partner.0));
        let with = |at: i64, value: Value| {
            let facts = Facts::default().with(partner, value).with(note, looks.clone());
            assert_facts(Kind::Opportunity, id + 3 + at, 2, facts)
        };
        write(&store, vec![with(0, Value::Ref(id + 1)), with(1, Value::Ref(id)), with(2, Value::Null)], 2).await;
        let partners = async |store: &Store| -> Vec<Option<RecordId>> {
            let deals = store.records(Kind::Opportunity, &[id + 3, id + 4, id + 5]).await.expect("deals");
            deals.iter().map(|deal| deal.int(partner).map(|account| account - id)).collect()
        };
        // Another process does not know the field yet.
        let other = fresh.open().await;
        let mut writer = store.begin().await.expect("a writer");
        let first = writer.merge(Kind::Account, id, id + 1, 1, Instant(3)).await.expect("a merge");
        let second = writer.merge(Kind::Account, id + 1, id + 2, 1, Instant(3)).await.expect("a merge");
        writer.commit().await.expect("the commit");
        assert_eq!(partners(&store).await, [Some(2), Some(2), None]);
        is_consistent(&store).await;
        unmerge(&other, second, 4).await;
        assert_eq!(partners(&store).await, [Some(1), Some(1), None]);
        is_consistent(&store).await;
        unmerge(&store, first, 5).await;
        assert_eq!(partners(&store).await, [Some(1), Some(0), None]);
        is_consistent(&store).await;
    })
    .await;
}

#[tokio::test]
async fn an_undo_withdraws_what_the_merge_gave_and_lists_what_people_changed() {
    on_both(|fresh| async move {
        let store = fresh.open().await;
        let id = company(&store).await;
        let mut writer = store.begin().await.expect("a writer");
        let seq = writer.merge(Kind::Account, id, id + 1, 1, Instant(2)).await.expect("a merge");
        let gift = Facts::default().with(ids::ACCOUNT_GRADE, text("A")).with(ids::ACCOUNT_DOMAIN, text("a.cn"));
        let filled = writer.append(vec![assert_facts(Kind::Account, id + 1, 2, gift)], Instant(2)).await;
        writer.note_filled(seq, filled.expect("it fits").start).await.expect("it is noted");
        writer.commit().await.expect("the commit");
        let edit = Facts::default().with(ids::ACCOUNT_GRADE, text("B"));
        let edited = write(&store, vec![assert_facts(Kind::Account, id + 1, 3, edit)], 3).await.start;
        assert_eq!(unmerge(&store, seq, 4).await, [edited]);
        let survivor = store.records(Kind::Account, &[id + 1]).await.expect("it").remove(0);
        assert_eq!((survivor.text(ids::ACCOUNT_GRADE), survivor.text(ids::ACCOUNT_DOMAIN)), (Some("B"), None));
        is_consistent(&store).await;
        let mut writer = store.begin().await.expect("a writer");
        assert!(matches!(writer.unmerge(seq, 1, Instant(5)).await, Err(StoreError::AlreadyUnmerged(it)) if it == seq));
        assert!(matches!(writer.unmerge(999, 1, Instant(5)).await, Err(StoreError::NoMerge(999))));
    })
    .await;
}

#[tokio::test]
async fn pairs_that_are_two_are_remembered_and_forgotten() {
    on_both(|fresh| async move {
        let store = fresh.open().await;
        let mut writer = store.begin().await.expect("a writer");
        writer.keep_apart(Kind::Account, &[(9, 4), (4, 9), (4, 5)], 1, Instant(1)).await.expect("kept");
        writer.keep_apart(Kind::Account, &[(4, 9)], 2, Instant(2)).await.expect("kept again");
        writer.commit().await.expect("the commit");
        let kept = store.not_duplicates(Kind::Account).await.expect("the pairs");
        assert_eq!(kept, [(4, 9), (4, 5)].into_iter().collect());
        assert!(store.not_duplicates(Kind::Contact).await.expect("none").is_empty());
        let mut writer = store.begin().await.expect("a writer");
        writer.forget_apart(Kind::Account, &[4, 9]).await.expect("forgotten");
        writer.commit().await.expect("the commit");
        assert_eq!(store.not_duplicates(Kind::Account).await.expect("one"), [(4, 5)].into_iter().collect());
    })
    .await;
}

#[tokio::test]
async fn a_batch_is_listed_and_stands_until_its_survivors_go() {
    on_both(|fresh| async move {
        let store = fresh.open().await;
        let id = company(&store).await;
        let mut writer = store.begin().await.expect("a writer");
        let first = writer.merge(Kind::Contact, id + 6, id + 8, 1, Instant(2)).await.expect("a merge");
        let last = writer.merge(Kind::Contact, id + 7, id + 8, 1, Instant(2)).await.expect("another");
        writer.note_batch(first, last).await.expect("it is noted");
        writer.commit().await.expect("the commit");
        let alone = merge(&store, Kind::Account, id, id + 1, 3).await;
        let seen = store.merge_batches(None, 10).await.expect("the batches");
        assert_eq!(seen.iter().map(|it| (it.id, it.merges, it.undone)).collect::<Vec<_>>(), [(first, 2, 0)]);
        assert!(store.merge_batches(Some(first), 10).await.expect("none before").is_empty());
        let standing = async |batch: i64| {
            let found = store.begin().await.expect("a writer").standing_of_batch(batch).await;
            found.map(|merges| merges.iter().map(|merge| merge.seq).collect::<Vec<_>>())
        };
        assert_eq!(standing(first).await.expect("both"), [last, first], "the latest first");
        assert_eq!(standing(alone).await.expect("one by itself"), [alone]);
        assert!(matches!(standing(last).await, Err(StoreError::NoMerge(it)) if it == last));
        unmerge(&store, last, 4).await;
        assert_eq!(standing(first).await.expect("the other"), [first]);
        let further = merge(&store, Kind::Contact, id + 8, id + 7, 5).await;
        let gone = standing(first).await.expect_err("it went further");
        assert!(matches!(gone, StoreError::SurvivorGone { merge, record, .. } if (merge, record) == (first, id + 8)));
        let found = store.merge_standing(id + 8).await.expect("it is found").map(|merge| merge.seq);
        assert_eq!(found, Some(further));
        // Both taken back in one transaction, the first of a chain first: every reference is where it was.
        let mut writer = store.begin().await.expect("a writer");
        writer.unmerge(first, 1, Instant(6)).await.expect("it can be undone");
        writer.unmerge(further, 1, Instant(6)).await.expect("and the other");
        writer.unmerge(alone, 1, Instant(6)).await.expect("and the customer");
        writer.commit().await.expect("the commit");
        assert_eq!(owners(&store, id).await, [0, 1, 2, 0, 1, 2].map(Some));
        is_consistent(&store).await;
        assert!(matches!(standing(first).await, Err(StoreError::AlreadyUnmerged(it)) if it == first));
        assert_eq!(store.merge_batches(None, 10).await.expect("the batches")[0].undone, 2);
    })
    .await;
}
