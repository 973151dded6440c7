//! Made-up twins of data sets that may not be redistributed: the same columns and the same quirks, few rows.
//!
//! What is expected is counted by plain loops over the rows that were written, not by the code under test.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{bundled, extracted, folder, moves, outcomes, rule, sum, won_minor};
use domain::journal::HotSet;
use domain::{Kind, Outcome};
use ingest::{Extract, Rule};

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % bound
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }
}

fn table(head: &str, rows: &[String]) -> String {
    format!("{head}\n{}\n", rows.join("\n"))
}

fn read(name: &str, files: &[(&str, &str)]) -> (Extract, domain::process::Process) {
    let (profile, process) = bundled(name);
    (extracted(&profile, &process, folder(files).path()), process)
}

#[test]
fn maven_crm() {
    let mut dice = Dice(1);
    let (mut rows, mut products) = (Vec::new(), BTreeSet::new());
    let (mut won, mut lost, mut open, mut won_dollars, mut misspelt) = (0, 0, 0, 0, 0);
    for number in 0..300 {
        let product = dice.of(&["GTX Basic", "GTX Pro", "GTXPro", "MG Special"]);
        misspelt += usize::from(product == "GTXPro");
        products.insert(product.replace("GTXPro", "GTX Pro"));
        let account = dice.of(&["Acme", "Bolt", ""]);
        let agent = dice.of(&["Ann", "Bob"]);
        let stage = dice.of(&["Won", "Won", "Lost", "Engaging", "Prospecting"]);
        let value = 100 + dice.below(5_000);
        let engaged = if stage == "Prospecting" { "" } else { "2017-01-10" };
        let (closed, value) = match stage {
            "Won" => {
                won += 1;
                won_dollars += value;
                ("2017-03-01", value.to_string())
            }
            "Lost" => {
                lost += 1;
                ("2017-04-02", "0".to_owned())
            }
            _ => {
                open += 1;
                ("", String::new())
            }
        };
        rows.push(format!("D{number},{agent},{product},{account},{stage},{engaged},{closed},{value}"));
    }
    assert!(misspelt > 10 && won > 10 && lost > 10 && open > 10, "the twin shows every quirk");
    let pipeline =
        table("opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value", &rows);
    let (extract, _) = read(
        "maven-crm",
        &[
            ("sales_pipeline.csv", &pipeline),
            (
                "accounts.csv",
                "account,sector,year_established,revenue,employees,office_location,subsidiary_of\n\
                 Acme,technolgy,1996,1100.04,2822,United States,\nBolt,medical,1999,251.41,495,Philipines,Acme\n",
            ),
            ("products.csv", "product,series,sales_price\nGTX Basic,GTX,550\nGTX Pro,GTX,4821\nMG Special,MG,55\n"),
            ("sales_teams.csv", "sales_agent,manager,regional_office\nAnn,Dustin,Central\nBob,Dustin,Central\n"),
        ],
    );
    assert_eq!((extract.counts.rows_rejected, extract.counts.warnings), (0, 0), "{:?}", extract.issues.first());
    let counts = outcomes(&extract);
    assert_eq!((counts[&Outcome::Won], counts[&Outcome::Lost], counts[&Outcome::Open]), (won, lost, open));
    assert_eq!(won_minor(&extract), i64::try_from(won_dollars).expect("small") * 100);
    let standing = extract.standing_deals();
    assert!(standing.iter().filter(|deal| deal.outcome == Outcome::Lost).all(|deal| deal.amount_minor.is_none()));
    let told: BTreeSet<String> = extract.keys[&Kind::Product].iter().cloned().collect();
    assert_eq!(told, products);
    let all = format!("{:?} {:?}", extract.keys, extract.assertions);
    for (wrong, right) in [("GTXPro", "GTX Pro"), ("technolgy", "technology"), ("Philipines", "Philippines")] {
        assert!(!all.contains(wrong) && all.contains(right), "{wrong}");
    }
}

/// Steps between the stages of each deal, told in the order they happened.
fn steps(stages: &BTreeMap<String, Vec<i32>>) -> BTreeMap<i32, usize> {
    let mut steps = BTreeMap::new();
    for stages in stages.values() {
        for pair in stages.windows(2) {
            *steps.entry(pair[1] - pair[0]).or_default() += 1;
        }
    }
    steps
}

#[test]
fn deal_change_log() {
    let mut dice = Dice(2);
    let mut rows = Vec::new();
    let mut stages = BTreeMap::<String, Vec<i32>>::new();
    let (mut owners, mut reused, mut seconds) = (0, 0, 0);
    for number in 0..80 {
        // Every tenth deal has the id of the one before it.
        let is_reused = number % 10 == 9;
        reused += usize::from(is_reused);
        let id = if is_reused { number - 1 } else { number }.to_string();
        let mut row = |field: &str, value: &str| {
            seconds += 1 + i64::from(number);
            let (day, clock) = (1 + seconds / 86_400, seconds % 86_400);
            let (hour, minute, second) = (clock / 3_600, clock / 60 % 60, clock % 60);
            rows.push(format!("{id},2024-04-{day:02} {hour:02}:{minute:02}:{second:02},{field},{value}"));
        };
        row("add_time", "2024-04-01T00:00:00");
        for _ in 0..=dice.below(2) {
            row("user_id", &(1 + dice.below(2)).to_string());
            owners += 1;
        }
        let mut stage = 1;
        for _ in 0..1 + dice.below(8) {
            stage = (stage + i32::try_from(dice.below(5)).expect("small") - 1).clamp(1, 9);
            row("stage_id", &stage.to_string());
            stages.entry(id.clone()).or_default().push(stage);
        }
        row("lost_reason", &(1 + dice.below(5)).to_string());
    }
    let log = table("deal_id,change_time,changed_field_key,new_value", &rows);
    let users = "id,name,email,modified\n1,Ann,ann@example.org,\n2,Bob,bob@example.org,\n";
    let (extract, process) = read("deal-change-log", &[("deal_changes.csv", &log), ("users.csv", users)]);
    assert_eq!(extract.counts.rows_rejected, 0, "{:?}", extract.issues.first());
    assert_eq!(extract.keys[&Kind::Opportunity].len(), 80 - reused);
    let expected = steps(&stages);
    for kind in [-1, 0, 1, 2] {
        assert!(expected.contains_key(&kind), "the twin has moves by {kind}");
    }
    assert_eq!(moves(&extract, &process), expected);
    let of_owners = |it: &&ingest::Assertion| it.kind == Kind::Opportunity && it.facts.set.has(HotSet::OWNER);
    assert_eq!(extract.assertions.iter().filter(of_owners).count(), owners);
    let again = extract.issues.iter().filter(|issue| issue.rule == Rule::DuplicateKey && &*issue.column == "deal_id");
    assert_eq!(again.count(), reused);
    assert_eq!(outcomes(&extract), BTreeMap::from([(Outcome::Lost, 80 - reused)]));
}

#[test]
fn salesforce_history() {
    const STAGES: [(&str, i32); 6] = [
        ("Prospecting", 1),
        ("Qualification", 2),
        ("Value Proposition", 4),
        ("Negotiation/Review", 8),
        ("Closed Won", 9),
        ("Closed Lost", 10),
    ];
    let mut dice = Dice(3);
    let (mut opportunities, mut history) = (Vec::new(), Vec::new());
    let mut stages = BTreeMap::<String, Vec<i32>>::new();
    let (mut disagree, mut before, mut won, mut lost) = (0, 0, 0, 0);
    for number in 0..60 {
        let id = format!("006{number:03}");
        let (name, closed) = (STAGES[dice.below(6)].0, dice.of(&["TRUE", "FALSE"]));
        disagree += u64::from(name.starts_with("Closed") != (closed == "TRUE"));
        let mut moved: Vec<(usize, i32, &str)> = (0..1 + dice.below(5))
            .map(|_| {
                let (name, order) = STAGES[dice.below(6)];
                // Few days, so that some moves share one.
                (5 + dice.below(6), order, name)
            })
            .collect();
        // Created before the first change, or wrongly after it.
        let first = moved.iter().map(|(day, ..)| *day).min().expect("there is one");
        let created = if number % 6 == 0 { first + 1 } else { first - 1 };
        before += u64::from(created > first);
        opportunities.push(format!(
            "{created:02}/03/2022,{id},Deal,500,24/03/2022,50,Pipeline,,Web,,7,O{},{closed},{name}",
            number % 3
        ));
        // The file has them in any order; what counts is the day, then the order of the stages.
        for (day, order, name) in &moved {
            history.push(format!("{id},{day:02}/03/2022,{name},{order}"));
        }
        moved.sort_unstable_by_key(|(day, order, _)| (*day, *order));
        let last = moved[moved.len() - 1].1;
        won += usize::from(last == 9);
        lost += usize::from(last == 10);
        stages.insert(id, moved.iter().map(|(_, order, _)| *order).collect());
    }
    let opportunities = table(
        "CreatedDate,Id,Name,Amount,CloseDate,Probability,ForecastCategoryName,NextStep,LeadSource,CampaignId,AccountId,\
         OwnerId,IsClosed,StageName",
        &opportunities,
    );
    let history = format!("\u{feff}{}", table("OppID,CreatedDate,StageName,SortOrder", &history));
    let files = [("Opportunity.csv", opportunities.as_str()), ("OpportunityHistory.csv", history.as_str())];
    let (extract, process) = read("salesforce-history", &files);
    assert_eq!(extract.counts.rows_rejected, 0, "{:?}", extract.issues.first());
    assert_eq!(extract.keys[&Kind::Opportunity].len(), 60);
    let (told, expected) = (moves(&extract, &process), steps(&stages));
    assert_eq!(told, expected);
    assert!(sum(&told, |step| step < 0) > 0 && told[&0] > 0, "the twin has moves of every kind");
    assert_eq!(rule(&extract, Rule::CheckFailed), disagree);
    assert_eq!(rule(&extract, Rule::ChangedBeforeCreated), before);
    let counts = outcomes(&extract);
    assert_eq!((counts[&Outcome::Won], counts[&Outcome::Lost]), (won, lost));
}
