//! Where the history of the deals lies is proposed: in a column of dates for each stage, or in a log of events. What comes
//! of it is told line by line.

mod common;

use std::path::Path;

use common::{around, extracted, folder, process_of, processes};
use domain::journal::HotSet;
use domain::{Calendar, Kind};
use ingest::{Extract, Main, Mapping, Options, Rule, Severity, Suggestions};

fn suggested(folder: &Path, file: &str) -> Suggestions {
    let processes = processes();
    let look = ingest::look(&folder.join(file), file, None, None, &Options::default()).expect("a table");
    ingest::suggest(&[look], Main::Likeliest, &around(&processes))
}

/// One line an assertion about a deal, in the order of time: key, day, stage, outcome.
fn told(mapping: &Mapping, folder: &Path) -> (Vec<String>, Extract) {
    let profile = mapping.to_profile().unwrap_or_else(|refusal| panic!("{refusal}"));
    let process = process_of(&profile);
    let extract = extracted(&profile, &process, folder);
    let calendar = Calendar::new(profile.zone());
    let mut deals: Vec<_> = extract.assertions.iter().filter(|one| one.kind == Kind::Opportunity).collect();
    deals.sort_by_key(|one| (one.local, one.effective_at, one.source_seq));
    let line = |one: &&ingest::Assertion| {
        let (hot, set) = (&one.facts.hot, one.facts.set);
        let mut said = Vec::new();
        if set.has(HotSet::STAGE) {
            said.push(process.stage_by_id(hot.stage).map_or("?", |stage| stage.key.as_str()));
        }
        if set.has(HotSet::OUTCOME) {
            said.push(hot.outcome.as_str());
        }
        let key = &extract.keys[&Kind::Opportunity][one.local as usize];
        (!said.is_empty()).then(|| format!("{key} {} {}", calendar.day(one.effective_at), said.join(" ")))
    };
    (deals.iter().filter_map(line).collect(), extract)
}

fn milestones(mapping: &Mapping) -> Vec<(&str, Option<&str>, Option<&str>)> {
    let told = mapping.milestones.iter();
    told.map(|one| (one.column.as_str(), one.stage.as_deref(), one.outcome.as_deref())).collect()
}

#[test]
fn one_column_of_dates_for_each_stage_is_the_history() {
    let files = [(
        "项目台账.csv",
        "项目编号,项目名称,客户,金额(万元),初步接洽日期,确定需求日期,方案与报价日期,商务谈判日期,预计签约日期,赢单日期,丢单日期\n\
         P-001,一期,华东机电,100,2026-01-05,2026-01-20,2026-02-10,2026-03-01,2026-03-31,2026-03-20,\n\
         P-002,二期,华南精工,80,2026-02-01,2026-02-20,,,2026-09-30,,2026-04-01\n\
         P-003,三期,北方重工,60,2026-03-03,2026-03-03,,,2026-12-31,,\n\
         P-004,四期,西部物流,30,坏日期,2026-05-05,,,2026-12-31,,\n",
    )];
    let folder = folder(&files);
    let suggestions = suggested(folder.path(), files[0].0);
    let mapping = &suggestions.mapping;
    assert_eq!(
        milestones(mapping),
        [
            ("初步接洽日期", Some("contact"), None),
            ("确定需求日期", Some("needs"), None),
            ("方案与报价日期", Some("proposal"), None),
            ("商务谈判日期", Some("negotiation"), None),
            ("赢单日期", Some("won"), Some("won")),
            ("丢单日期", None, Some("lost")),
        ]
    );
    assert_eq!(mapping.fields["expected_close_on"].column, "预计签约日期");
    assert!(suggestions.notes.iter().any(|note| note.en.contains("history of the stages")), "{:?}", suggestions.notes);
    let (lines, extract) = told(mapping, folder.path());
    assert_eq!(
        lines,
        [
            "P-001 2026-01-05 contact open",
            "P-001 2026-01-20 needs",
            "P-001 2026-02-10 proposal",
            "P-001 2026-03-01 negotiation",
            "P-001 2026-03-20 won won",
            "P-002 2026-02-01 contact open",
            "P-002 2026-02-20 needs",
            "P-002 2026-04-01 lost",
            // Two of one day stand in the order of the process.
            "P-003 2026-03-03 contact open",
            "P-003 2026-03-03 needs",
            "P-004 2026-05-05 needs open",
        ]
    );
    // The date that is none is told with its row, which is in; an empty one has not come, and is no mistake.
    assert_eq!(extract.issues.len(), 1, "{:?}", extract.issues);
    let issue = &extract.issues[0];
    assert_eq!((issue.row, issue.rule, issue.severity), (5, Rule::ImpossibleDate, Severity::Warning));
    assert_eq!((extract.counts.rows_rejected, extract.counts.warnings), (0, 1));
}

#[test]
fn a_row_that_stays_out_tells_nothing_and_one_that_is_in_is_not_among_the_rejected() {
    let files = [(
        "项目台账.csv",
        "项目编号,项目名称,客户,初步接洽日期,确定需求日期,方案与报价日期,赢单日期,丢单日期\n\
         P-001,一期,华东机电,2026-01-05,2026-01-20,2026-02-10,,\n\
         P-001,另一个项目,华南精工,2026-02-01,2026-02-20,2026-03-02,2026-03-20,\n\
         P-002,二期,华南精工,坏日期,2026-02-20,也不是日期,,\n\
         P-003,三期,北方重工,2026-03-03,2026-03-09,,,\n",
    )];
    let folder = folder(&files);
    let mapping = Mapping { key: vec!["项目编号".to_owned()], ..suggested(folder.path(), files[0].0).mapping };
    let (lines, extract) = told(&mapping, folder.path());
    assert_eq!(
        lines,
        [
            "P-001 2026-01-05 contact open",
            "P-001 2026-01-20 needs",
            "P-001 2026-02-10 proposal",
            "P-002 2026-02-20 needs open",
            "P-003 2026-03-03 contact open",
            "P-003 2026-03-09 needs",
        ]
    );
    let issues: Vec<_> = extract.issues.iter().map(|issue| (issue.row, issue.rule, issue.severity)).collect();
    assert_eq!(
        issues,
        [
            (3, Rule::DuplicateKey, Severity::Reject),
            (4, Rule::ImpossibleDate, Severity::Warning),
            (4, Rule::ImpossibleDate, Severity::Warning),
        ]
    );
    assert_eq!(extract.counts.rows_rejected, 1);
}

#[test]
fn the_dates_of_all_stages_are_read_in_one_pass() {
    let files = [(
        "deals.csv",
        "Deal ID,Deal Name,Date entered Qualification,Date entered Proposal,Date entered Negotiation\n\
         1,A,2026-01-10,2026-02-01,2026-02-09\n2,B,2026-01-12,,\n3,C,2026-01-15,2026-02-11,2026-03-01\n",
    )];
    let folder = folder(&files);
    let mapping = suggested(folder.path(), files[0].0).mapping;
    assert_eq!(mapping.milestones.len(), 3);
    let profile = mapping.to_profile().expect("it is sound").on(domain::Day::parse("2026-11-24").expect("a day"));
    let mut last = None;
    let follow = &mut |progress| {
        last = Some(progress);
        std::ops::ControlFlow::Continue(())
    };
    let process = process_of(&profile);
    ingest::extract(&profile, folder.path(), &process, &Options::default(), follow).expect("it is read");
    let last = last.expect("it was told");
    // The deals, and their dates.
    assert_eq!((last.rows_done, last.bytes_done), (6, last.bytes_total));
}

#[test]
fn a_value_without_letters_is_the_stage_of_no_date() {
    let files = [(
        "deals.csv",
        "Deal ID,Deal Name,Stage,Created Date,Qualification Date,Proposal Date,Demo Date\n\
         1,A,?,2026-01-02,2026-01-10,2026-02-01,2026-02-03\n\
         2,B,***,2026-01-03,2026-01-12,,\n\
         3,C,Q,2026-01-03,2026-01-12,,\n\
         4,D,Qualification,2026-01-04,2026-01-15,2026-02-11,\n",
    )];
    let folder = folder(&files);
    let mapping = suggested(folder.path(), files[0].0).mapping;
    for milestone in &mapping.milestones {
        for value in ["?", "***", "Q"] {
            assert_ne!(milestone.stage.as_ref(), mapping.stages.get(value), "{milestone:?}: {:?}", mapping.stages);
        }
    }
    assert!(mapping.milestones.iter().any(|one| one.column == "Proposal Date"), "{:?}", mapping.milestones);
}

#[test]
fn dates_beside_a_column_of_stages_are_of_the_same_stages() {
    let files = [(
        "deals.csv",
        "Deal ID,Deal Name,Amount,Stage,Status,Created Date,Date entered Qualification,Date entered Proposal,\
         Date exited Proposal,Close Date\n\
         1,A,100,Proposal,Open,2026-01-02,2026-01-10,2026-02-01,,\n\
         2,B,200,Qualification,Lost,2026-01-03,2026-01-12,,,2026-02-20\n\
         3,C,300,Negotiation,Won,2026-01-04,2026-01-15,2026-02-11,2026-03-01,2026-03-09\n",
    )];
    let folder = folder(&files);
    let mapping = suggested(folder.path(), files[0].0).mapping;
    let columns: Vec<_> = milestones(&mapping).iter().map(|one| (one.0, one.1)).collect();
    assert_eq!(
        columns,
        [("Date entered Qualification", Some("qualification")), ("Date entered Proposal", Some("proposal"))]
    );
    // How they ended and when is told by the other columns.
    assert_eq!(mapping.fields["closed"].column, "Close Date");
    let (lines, _) = told(&mapping, folder.path());
    let third: Vec<_> = lines.iter().filter(|line| line.starts_with("3 ")).collect();
    assert_eq!(
        third,
        ["3 2026-01-04 ? open", "3 2026-01-15 qualification", "3 2026-02-11 proposal", "3 2026-03-09 negotiation won",]
    );
}

#[test]
fn one_date_that_names_a_stage_is_no_history() {
    let files = [(
        "a.csv",
        "商机编号,客户,阶段,报价日期\n1,甲,方案与报价,2026-01-05\n2,乙,初步接洽,2026-01-06\n3,丙,商务谈判,2026-01-07\n",
    )];
    let folder = folder(&files);
    assert_eq!(suggested(folder.path(), "a.csv").mapping.milestones, []);
}

const EVENTS: &str = "Case ID,Activity,Timestamp,Deal Name,Amount,Owner\n\
    7,Prospecting,2026-01-05 09:00:00,Press line,1000,Ann\n\
    8,Prospecting,2026-01-06 10:00:00,Test bench,500,Bob\n\
    7,Proposal,2026-01-20 09:30:00,Press line,1200,Ann\n\
    7,Negotiation,2026-02-03 11:00:00,Press line,1200,Bob\n\
    8,Closed Lost,2026-02-07 16:00:00,Test bench,500,Bob\n\
    7,Closed Won,2026-02-21 12:00:00,Press line,1150,Bob\n";

const OF_EVENTS: [&str; 6] = [
    "7 2026-01-05 prospecting open",
    "7 2026-01-20 proposal open",
    "7 2026-02-03 negotiation open",
    "7 2026-02-21 won won",
    "8 2026-01-06 prospecting open",
    "8 2026-02-07 lost",
];

#[test]
fn a_log_of_events_is_the_history_of_its_deals() {
    let folder = folder(&[("log.csv", EVENTS)]);
    let suggestions = suggested(folder.path(), "log.csv");
    let mapping = &suggestions.mapping;
    assert!(mapping.is_event_log());
    assert_eq!(mapping.key, ["Case ID"]);
    let history = mapping.history.as_ref().expect("there is one");
    assert_eq!((history.deal.as_str(), history.at.as_str(), &history.table), ("Case ID", "Timestamp", &None));
    // What differs among the events of a deal is of the events; its name is not.
    assert_eq!(history.fields.keys().collect::<Vec<_>>(), ["amount_minor", "outcome", "owner", "stage"]);
    let (lines, extract) = told(mapping, folder.path());
    assert_eq!(lines, OF_EVENTS);
    assert_eq!(extract.issues, []);
    let amounts: Vec<_> = extract.standing_deals().iter().map(|deal| deal.amount_minor).collect();
    assert_eq!(amounts, [Some(115_000), Some(50_000)]);
}

#[test]
fn an_event_log_in_xes_is_read_as_its_table_is() {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<log xes.version=\"1.0\">\n");
    for case in ["7", "8"] {
        xml += &format!("<trace><string key=\"concept:name\" value=\"{case}\"/>");
        for row in EVENTS.lines().skip(1).filter(|row| row.trim_start().starts_with(case)) {
            let cells: Vec<&str> = row.trim_start().split(',').collect();
            let at = cells[2].replace(' ', "T") + "+08:00";
            xml += &format!(
                "<event><string key=\"concept:name\" value=\"{}\"/><date key=\"time:timestamp\" value=\"{at}\"/></event>",
                cells[1]
            );
        }
        xml += "</trace>\n";
    }
    xml += "</log>\n";
    let folder = folder(&[("log.xes", &xml)]);
    let mapping = suggested(folder.path(), "log.xes").mapping;
    assert!(mapping.is_event_log());
    assert_eq!(mapping.key, ["case:concept:name"]);
    let (lines, extract) = told(&mapping, folder.path());
    assert_eq!(lines, OF_EVENTS);
    assert_eq!(extract.issues, []);
}

#[test]
fn ids_that_come_twice_by_mistake_make_no_log_of_events() {
    let files = [(
        "a.csv",
        "商机编号,客户,阶段,创建日期\n1,甲,需求,2026-01-05\n2,乙,报价,2026-01-06\n3,丙,谈判,2026-01-07\n3,丙,报价,2026-01-07\n\
         4,丁,需求,2026-01-08\n5,戊,需求,2026-01-09\n6,己,需求,2026-01-10\n7,庚,谈判,2026-01-11\n",
    )];
    let folder = folder(&files);
    let mapping = suggested(folder.path(), "a.csv").mapping;
    assert_eq!((mapping.key.as_slice(), mapping.history), (&["商机编号".to_owned()][..], None));
}
