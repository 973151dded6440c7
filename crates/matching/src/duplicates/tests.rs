use proptest::prelude::*;

use super::*;

fn named(id: i64, name: &str) -> Keys {
    Keys { id, names: vec![name.to_owned()], ..Keys::default() }
}

fn groups(subject: Subject, records: &[Keys]) -> Vec<Vec<i64>> {
    find_duplicates(subject, records, &Options::default()).into_iter().map(|cluster| cluster.records).collect()
}

fn words(pair: &Pair) -> (Vec<&'static str>, Vec<&'static str>) {
    let agrees = pair.agrees.iter().map(|found| found.why.as_str()).collect();
    (agrees, pair.differs.iter().map(|why| why.as_str()).collect())
}

#[test]
fn customers_meet_by_name_number_or_what_they_share() {
    let records = [
        named(1, "上海华信科技有限公司"),
        named(2, "华信科技（上海）股份有限公司"),
        Keys { tax_number: Some("91330100799655058B".into()), ..named(3, "阿里巴巴（中国）有限公司") },
        Keys { tax_number: Some("9133 0100 7996 5505 8b".into()), ..named(4, "阿里巴巴中国") },
        Keys { phones: vec!["+1 415 555 2671".into()], site: Some("micro-tek.com".into()), ..named(5, "Micro Tek") },
        Keys {
            phones: vec!["(415) 555-2671".into()],
            emails: vec!["a@micro-tek.com".into()],
            ..named(6, "Microtec Inc")
        },
        named(7, "北京华信科技有限公司"),
        named(8, "上海华信贸易有限公司"),
    ];
    assert_eq!(groups(Subject::Organisation, &records), [vec![3, 4], vec![5, 6], vec![1, 2]]);
    let pair = score(Subject::Organisation, &records[4], &records[5]);
    assert_eq!(words(&pair), (vec!["name", "phone", "site"], vec![]));
}

/// The example of `docs/metrics/duplicates.md`.
#[test]
fn the_score_is_the_documented_one() {
    let phone = || vec!["0755-21467979".to_owned()];
    let one = Keys { phones: phone(), ..named(1, "深圳博飞电子有限公司") };
    let other = Keys { phones: phone(), ..named(2, "深圳伯飞电子") };
    let pair = score(Subject::Organisation, &one, &other);
    let expected = 1.0 - (1.0 - 0.93 * 0.2125 / 0.4) * (1.0 - 0.62);
    assert!((pair.score - expected).abs() < 1e-9, "{pair:?}");
}

#[test]
fn what_differs_speaks_against() {
    let same_name = |id| named(id, "Acme Trading Ltd");
    let one = Keys { tax_number: Some("9144030071526726XG".into()), ..same_name(1) };
    let other = Keys { tax_number: Some("91330100799655058B".into()), ..same_name(2) };
    let pair = score(Subject::Organisation, &one, &other);
    assert!(pair.score <= 0.3 && pair.differs == [Why::TaxNumber], "{pair:?}");
    // A shared telephone and domain do not make one of two names.
    let contact = Keys { phones: vec!["13800138000".into()], site: Some("group.cn".into()), ..Keys::default() };
    let one = Keys { id: 1, names: vec!["华信科技".into()], ..contact.clone() };
    let other = Keys { id: 2, names: vec!["恒力化工".into()], ..contact };
    assert!(score(Subject::Organisation, &one, &other).score <= 0.6);
}

#[test]
fn people_meet_by_address_or_by_name_within_an_organisation() {
    let records = [
        Keys { parent: Some(9), ..named(1, "张 伟") },
        Keys { parent: Some(9), ..named(2, "张伟先生") },
        Keys { parent: Some(8), ..named(3, "张伟") },
        Keys { emails: vec!["li.wei@acme.cn".into()], ..named(4, "Li Wei") },
        Keys { emails: vec!["LI.WEI@ACME.CN".into()], ..named(5, "Wei, Li") },
        Keys { emails: vec!["info@acme.cn".into()], ..named(6, "Ann Ray") },
        Keys { emails: vec!["info@acme.cn".into()], ..named(7, "Bob Poe") },
    ];
    assert_eq!(groups(Subject::Person, &records), [vec![4, 5], vec![1, 2]]);
}

#[test]
fn deals_meet_within_a_customer_by_name_amount_and_day() {
    let deal = |id, name: &str, minor, day| Keys {
        parent: Some(7),
        amount: Some((minor, 156)),
        day: Some(day),
        ..named(id, name)
    };
    let records = [
        deal(1, "二期扩容项目", 500_000, 100),
        deal(2, "二期 扩容项目", 500_000, 101),
        deal(3, "三期扩容项目", 500_000, 101),
        deal(4, "Renewal", 900, 10),
        deal(5, "Renewal", 1000, 375),
    ];
    assert_eq!(groups(Subject::Deal, &records), [vec![1, 2]]);
}

#[test]
fn weak_links_make_no_chain() {
    // Each shares a telephone and half a name with the next, the ends share nothing.
    let link = |id, name: &str, phones: &[&str]| Keys {
        phones: phones.iter().map(|phone| (*phone).to_owned()).collect(),
        ..named(id, name)
    };
    let records = [
        link(1, "Alpha Beta Trading", &["13800138001"]),
        link(2, "Alpha Beta Gamma Trading", &["13800138001", "13800138002"]),
        link(3, "Beta Gamma Trading", &["13800138002", "13800138003"]),
        link(4, "Gamma Delta Trading", &["13800138003"]),
    ];
    let found = groups(Subject::Organisation, &records);
    assert!(found.iter().all(|records| records.len() <= 2), "{found:?}");
}

#[test]
fn pairs_that_are_two_are_never_proposed_again() {
    let records = [named(1, "Acme Trading"), named(2, "ACME Trading Ltd"), named(3, "Acme Trading Inc.")];
    assert_eq!(groups(Subject::Organisation, &records), [vec![1, 2, 3]]);
    let options = Options { apart: HashSet::from([(1, 2)]), ..Options::default() };
    let found = find_duplicates(Subject::Organisation, &records, &options);
    assert_eq!(found.len(), 1);
    assert!(found[0].records.len() == 2 && found[0].records.contains(&3), "{found:?}");
}

#[test]
fn what_everybody_shares_is_no_evidence_and_costs_little() {
    let mut records: Vec<Keys> =
        (0..3000).map(|id| Keys { phones: vec!["4008008000".into()], ..named(id, "") }).collect();
    assert_eq!(groups(Subject::Organisation, &records), Vec::<Vec<i64>>::new());
    for record in &mut records {
        record.names = vec!["未知客户".to_owned()];
    }
    let found = groups(Subject::Organisation, &records);
    assert_eq!(found.len(), 1, "one name is one cluster, though its block is not compared pair by pair");
    assert_eq!(found[0].len(), 3000);
}

proptest! {
    #[test]
    fn order_does_not_matter_and_no_record_is_in_two_clusters(
        names in prop::collection::vec("(acme|acmee|华信|华星)( trading| tech|科技)?", 1..12),
        phones in prop::collection::vec(0..4_i64, 12),
        turn in 0..12_usize,
    ) {
        let mut records: Vec<Keys> = (0..).zip(&names).zip(&phones).map(|((id, name), phone)| Keys {
            phones: vec![format!("1380013800{phone}")], ..named(id, name)
        }).collect();
        let found = find_duplicates(Subject::Organisation, &records, &Options::default());
        let turn = turn % records.len();
        records.rotate_left(turn);
        prop_assert_eq!(&find_duplicates(Subject::Organisation, &records, &Options::default()), &found);
        let mut seen = HashSet::new();
        for cluster in &found {
            prop_assert!(cluster.records.iter().all(|id| seen.insert(*id)));
            prop_assert!(cluster.pairs.iter().all(|pair| pair.score >= MIN_SCORE && pair.score <= 1.0));
        }
    }
}

#[test]
fn a_search_tells_where_it_is_and_ends_where_nobody_wants_it() {
    let records: Vec<Keys> = (0..20_000).map(|id| named(id, &format!("company {}", id / 2))).collect();
    let mut told = Vec::new();
    let found = watch_duplicates(Subject::Organisation, &records, &Options::default(), &mut |part, done, total| {
        assert!(done < total, "{part:?}: {done} of {total}");
        told.push((part, done));
        true
    });
    assert_eq!(found, Some(find_duplicates(Subject::Organisation, &records, &Options::default())));
    assert_eq!(told[..2], [(Part::Preparing, 0), (Part::Preparing, PORTION)]);
    assert!(told.contains(&(Part::Comparing, 0)) && told.contains(&(Part::Joining, 0)), "{told:?}");
    for last in 0..told.len() {
        let mut asked = 0;
        let found = watch_duplicates(Subject::Organisation, &records, &Options::default(), &mut |_, _, _| {
            asked += 1;
            asked <= last
        });
        assert_eq!((found, asked), (None, last + 1), "nothing is done after a no");
    }
}
