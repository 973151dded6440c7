//! Steps over files: what each does, what does not fit, and that the same gives the same.

use std::collections::BTreeMap;
use std::path::Path;

use steps::{Glimpse, Limits, Outcome, READING, Source, Sources, Steps, StepsError, Target, check};

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    folder
}

async fn tried(folder: &Path, toml: &str) -> Result<(String, Outcome), StepsError> {
    let steps = Steps::parse(toml)?;
    let other = folder.join("other.csv");
    let limits = Limits::default();
    let mut tables = Sources::new();
    if other.exists() {
        tables.insert("other".to_owned(), Source::file(&other, &limits)?);
    }
    let source = Source::file(&folder.join("in.csv"), &limits)?;
    let mut out = Vec::new();
    let outcome = steps::run(&steps, &source, &tables, &limits, Target::Csv(&mut out)).await?;
    let text = String::from_utf8(out).expect("text");
    // What is told without reading a row is what comes of reading all.
    let others: BTreeMap<String, Vec<String>> =
        tables.iter().map(|(name, table)| (name.clone(), table.columns())).collect();
    let planned = check(&steps, &source.columns(), &others)?;
    assert_eq!(planned.join(","), text.lines().next().unwrap_or_default().replace('"', ""));
    Ok((text, outcome))
}

async fn made(input: &str, toml: &str) -> String {
    let folder = folder(&[
        ("in.csv", input),
        ("other.csv", "Code,Name,Region\nA,Acme,North\nG,Globex,South\nA,Acme twice,North\n"),
    ]);
    tried(folder.path(), toml).await.unwrap_or_else(|error| panic!("{error}")).0
}

#[tokio::test]
async fn each_step_does_what_it_says() {
    let input =
        "Id,Name,Amount,Day\n1, Line  1 ,50万,05.01.2026\n2,Line 2,\"€ 2.900,00\",06.02.2026\n1,line 3,,07.03.2026\n";
    for (step, expected) in [
        ("do = \"choose\"\ncolumns = [\"Name\", \"Id\"]", "Name,Id\n Line  1 ,1\nLine 2,2\nline 3,1\n"),
        ("do = \"drop\"\ncolumns = [\"Name\", \"Amount\"]", "Id,Day\n1,05.01.2026\n2,06.02.2026\n1,07.03.2026\n"),
        (
            "do = \"rename\"\ncolumns = { Id = \"Key\", Day = \"Id\" }",
            "Key,Name,Amount,Id\n1, Line  1 ,50万,05.01.2026\n2,Line 2,\"€ 2.900,00\",06.02.2026\n1,line 3,,07.03.2026\n",
        ),
        ("do = \"trim\"\n[[steps]]\ndo = \"choose\"\ncolumns = [\"Name\"]", "Name\nLine 1\nLine 2\nline 3\n"),
        (
            "do = \"case\"\ncolumns = [\"Name\"]\nto = \"upper\"\n[[steps]]\ndo = \"choose\"\ncolumns = [\"Name\"]",
            "Name\n LINE  1 \nLINE 2\nLINE 3\n",
        ),
        (
            "do = \"replace\"\ncolumns = [\"Day\"]\nregex = true\nfrom = '^(\\d+)\\.(\\d+)\\.(\\d+)$'\nto = '$3-$2-$1'\n\
             [[steps]]\ndo = \"choose\"\ncolumns = [\"Day\"]",
            "Day\n2026-01-05\n2026-02-06\n2026-03-07\n",
        ),
        (
            "do = \"split\"\ncolumn = \"Day\"\nby = \".\"\ninto = [\"D\", \"Rest\"]\n[[steps]]\ndo = \"choose\"\ncolumns = [\"D\", \"Rest\"]",
            "D,Rest\n05,01.2026\n06,02.2026\n07,03.2026\n",
        ),
        (
            "do = \"merge\"\ncolumns = [\"Id\", \"Amount\"]\nby = \"/\"\ninto = \"Both\"\n[[steps]]\ndo = \"choose\"\ncolumns = [\"Both\"]",
            "Both\n1/50万\n\"2/€ 2.900,00\"\n1\n",
        ),
        (
            "do = \"map\"\ncolumn = \"Id\"\notherwise = \"?\"\n[steps.values]\n1 = \"one\"\n[[steps]]\ndo = \"choose\"\ncolumns = [\"Id\"]",
            "Id\none\n?\none\n",
        ),
        (
            "do = \"fill\"\ncolumns = [\"Amount\"]\nwith = \"0\"\n[[steps]]\ndo = \"choose\"\ncolumns = [\"Amount\"]",
            "Amount\n50万\n\"€ 2.900,00\"\n0\n",
        ),
        (
            "do = \"type\"\ndecimal_comma = true\ndates = [\"%d.%m.%Y\"]\ncolumns = { Amount = \"number\", Day = \"date\", Id = \"whole\" }\n\
             [[steps]]\ndo = \"derive\"\ninto = \"Late\"\nexpr = '''Day > date '2026-02-01' '''\n\
             [[steps]]\ndo = \"filter\"\nwhere = '''\"Amount\" is not null'''",
            "Id,Name,Amount,Day,Late\n1, Line  1 ,500000,2026-01-05,false\n2,Line 2,2900,2026-02-06,true\n",
        ),
        (
            "do = \"sort\"\nby = [\"-Id\", \"Day\"]\n[[steps]]\ndo = \"choose\"\ncolumns = [\"Id\", \"Day\"]",
            "Id,Day\n2,06.02.2026\n1,05.01.2026\n1,07.03.2026\n",
        ),
        (
            "do = \"group\"\nby = [\"Id\"]\ntake = { n = \"count(*)\", last = 'max(\"Day\")' }",
            "Id,last,n\n1,07.03.2026,2\n2,06.02.2026,1\n",
        ),
        (
            "do = \"unpivot\"\ncolumns = [\"Amount\", \"Day\"]\nnames = \"What\"\nvalues = \"Value\"\n[[steps]]\ndo = \"drop\"\ncolumns = [\"Name\"]",
            "Id,What,Value\n1,Amount,50万\n1,Day,05.01.2026\n2,Amount,\"€ 2.900,00\"\n2,Day,06.02.2026\n1,Day,07.03.2026\n",
        ),
        (
            "do = \"choose\"\ncolumns = [\"Id\", \"Name\", \"Day\"]\n[[steps]]\ndo = \"pivot\"\nnames = \"Name\"\nvalues = \"Day\"\ncolumns = [\"Line 2\", \"line 3\", \"none\"]",
            "Id,Line 2,line 3,none\n1,,07.03.2026,\n2,06.02.2026,,\n",
        ),
        (
            "do = \"type\"\ncolumns = { Amount = \"number\" }\ndecimal_comma = true\n[[steps]]\ndo = \"choose\"\ncolumns = [\"Id\", \"Amount\"]\n\
             [[steps]]\ndo = \"derive\"\ninto = \"Half\"\nexpr = '''case when \"Id\" = '1' then 'H1' else 'H2' end'''\n\
             [[steps]]\ndo = \"pivot\"\nnames = \"Half\"\nvalues = \"Amount\"\ncolumns = [\"H1\", \"H2\"]\ntake = \"sum\"",
            "Id,H1,H2\n1,500000,\n2,,2900\n",
        ),
        (
            "do = \"choose\"\ncolumns = [\"Id\", \"Day\"]\n[[steps]]\ndo = \"derive\"\ninto = \"All\"\nexpr = \"'all'\"\n\
             [[steps]]\ndo = \"pivot\"\nnames = \"Id\"\nvalues = \"Day\"\ncolumns = [\"1\", \"2\"]\ntake = \"count\"",
            "All,1,2\nall,2,1\n",
        ),
        (
            "do = \"dedupe\"\nby = [\"Id\"]\n[[steps]]\ndo = \"choose\"\ncolumns = [\"Day\", \"Id\"]",
            "Day,Id\n05.01.2026,1\n06.02.2026,2\n",
        ),
        (
            "do = \"dedupe\"\nby = [\"Id\"]\nkeep = \"last\"\n[[steps]]\ndo = \"choose\"\ncolumns = [\"Day\", \"Id\"]",
            "Day,Id\n06.02.2026,2\n07.03.2026,1\n",
        ),
    ] {
        assert_eq!(made(input, &format!("[[steps]]\n{step}\n")).await, expected, "{step}");
    }
}

#[tokio::test]
async fn other_tables_are_joined_and_put_below() {
    let input = "Code,Region\nG,here\nX,\nA,there\n";
    for (step, expected) in [
        (
            "do = \"join\"\nwith = \"other\"\non = { Code = \"Code\" }",
            "Code,Region,Name,other.Region\nG,here,Globex,South\nX,,,\nA,there,Acme,North\nA,there,Acme twice,North\n",
        ),
        (
            "do = \"join\"\nwith = \"other\"\non = { Code = \"Code\" }\nkind = \"inner\"\n[[steps]]\ndo = \"dedupe\"\nby = [\"Code\"]\n\
             [[steps]]\ndo = \"choose\"\ncolumns = [\"Code\", \"Name\"]",
            "Code,Name\nG,Globex\nA,Acme\n",
        ),
        ("do = \"join\"\nwith = \"other\"\non = { Code = \"Code\" }\nkind = \"anti\"", "Code,Region\nX,\n"),
        (
            "do = \"append\"\nwith = \"other\"",
            "Code,Region,Name\nG,here,\nX,,\nA,there,\nA,North,Acme\nG,South,Globex\nA,North,Acme twice\n",
        ),
        (
            "do = \"append\"\nwith = \"other\"\n[[steps]]\ndo = \"append\"\nwith = \"other\"\n[[steps]]\ndo = \"dedupe\"\nby = [\"Code\"]\nkeep = \"last\"",
            "Code,Region,Name\nX,,\nG,South,Globex\nA,North,Acme twice\n",
        ),
    ] {
        assert_eq!(made(input, &format!("[[steps]]\n{step}\n")).await, expected, "{step}");
    }
}

#[tokio::test]
async fn values_that_are_none_are_told_with_their_row() {
    let folder = folder(&[("in.csv", "Id,Amount\n1,5\n2,five\n\n4,６\n")]);
    let toml = "[[steps]]\ndo = \"filter\"\nwhere = '''\"Id\" <> '1' '''\n[[steps]]\ndo = \"type\"\ncolumns = { Amount = \"whole\" }\n";
    let (text, outcome) = tried(folder.path(), toml).await.expect("it runs");
    assert_eq!(text, "Id,Amount\n2,\n4,6\n");
    assert_eq!((outcome.rows, outcome.issue_count()), (2, 1));
    let issue = &outcome.issues[0];
    assert_eq!((issue.step, issue.row, issue.column.as_str(), issue.value.as_str()), (2, Some(3), "Amount", "five"));
}

#[tokio::test]
async fn a_step_that_does_not_fit_is_told_and_the_tables_before_it_are_shown() {
    let folder = folder(&[("in.csv", "Id,Amount\n1,5\n2,6\n")]);
    for (toml, expected) in [
        (
            "do = \"drop\"\ncolumns = [\"Amnt\"]",
            "step 2 (drop): there is no column `Amnt`; did you mean `Amount`? Columns are: Id, Amount",
        ),
        ("do = \"rename\"\ncolumns = { Id = \"Amount\" }", "step 2 (rename): two columns would be called `Amount`"),
        ("do = \"filter\"\nwhere = \"Amnt > 1\"", "step 2 (filter): "),
        (
            "do = \"join\"\nwith = \"deals\"\non = { Id = \"Id\" }",
            "step 2 (join): there is no table `deals`: no other tables",
        ),
        ("do = \"replace\"\nfrom = \"(\"\nto = \"\"\nregex = true", "step 2 (replace): regex parse error"),
        (
            "name = \"dates\"\ndo = \"type\"\ndates = [\"d.m.y\"]\ncolumns = { Id = \"date\" }",
            "step 2 (type, “dates”): `d.m.y` is no writing",
        ),
    ] {
        let toml = format!("[[steps]]\ndo = \"trim\"\n[[steps]]\n{toml}\n");
        let error = tried(folder.path(), &toml).await.expect_err("it does not fit").to_string();
        assert!(error.starts_with(expected), "{error}");
        let steps = Steps::parse(&toml).expect("it is read");
        let limits = Limits::default();
        let source = Source::file(&folder.path().join("in.csv"), &limits).expect("a table");
        let glimpse = Glimpse { looked_at: 100, shown: 1 };
        let preview = steps::preview(&steps, &source, &Sources::new(), &limits, glimpse).await;
        let preview = preview.expect("the file is read");
        let failed: Vec<String> = preview.failed.iter().map(ToString::to_string).collect();
        assert_eq!(failed, [error]);
        assert_eq!((preview.tables.len(), &preview.tables[2]), (3, &preview.tables[1]));
        assert_eq!((preview.tables[1].row_count, preview.tables[1].rows.len()), (2, 1));
    }
    // Those after one that does not fit are shown without it.
    let toml = "[[steps]]\ndo = \"drop\"\ncolumns = [\"Amnt\"]\n[[steps]]\ndo = \"drop\"\ncolumns = [\"Id\"]\n[[steps]]\ndo = \"sort\"\nby = [\"Id\"]\n\
        [[steps]]\ndo = \"sort\"\nby = [\"-Amount\"]\n";
    let limits = Limits::default();
    let source = Source::file(&folder.path().join("in.csv"), &limits).expect("a table");
    let glimpse = Glimpse { looked_at: 100, shown: 10 };
    let preview = steps::preview(&Steps::parse(toml).expect("steps"), &source, &Sources::new(), &limits, glimpse).await;
    let preview = preview.expect("the file is read");
    let failed: Vec<bool> =
        preview.failed.iter().map(|error| matches!(error, StepsError::Step { step: 1 | 3, .. })).collect();
    assert_eq!((failed, preview.tables.len()), (vec![true, true], 5));
    assert_eq!(preview.tables[4].rows, [[Some("6".to_owned())], [Some("5".to_owned())]]);
    // A step moved before the one that it relies on.
    let toml = "[[steps]]\ndo = \"type\"\ncolumns = { Amount = \"number\" }\n[[steps]]\ndo = \"trim\"\ncolumns = [\"Amount\"]\n";
    let error = tried(folder.path(), toml).await.expect_err("values are no texts").to_string();
    assert!(error.ends_with("put this step before `type`"), "{error}");
}

#[tokio::test]
async fn an_expression_that_fails_for_a_row_tells_the_row_and_goes_on_with_the_others() {
    let mut input = String::from("Id,Amount,Parts\n");
    for row in 0..20_000 {
        let parts = if row % 9_000 == 17 { 0 } else { 2 };
        input.push_str(&format!("{row},{},{parts}\n", if row == 12_345 { "ten".to_owned() } else { row.to_string() }));
    }
    let folder = folder(&[("in.csv", &input)]);
    let seen = |outcome: &Outcome| {
        let issue = |issue: &steps::Issue| {
            (issue.step, issue.row, issue.column.clone(), issue.value.clone(), issue.message.en.clone())
        };
        outcome.issues.iter().map(issue).collect::<Vec<_>>()
    };
    let divided = |row: u64, step: usize, column: &str, value: &str| {
        (step, Some(row), column.to_owned(), value.to_owned(), "it is divided by zero".to_owned())
    };
    let typed = "[[steps]]\ndo = \"type\"\ncolumns = { Parts = \"whole\" }\n";

    let toml = format!("{typed}[[steps]]\ndo = \"derive\"\ninto = \"Share\"\nexpr = '100 / \"Parts\"'\n");
    let (text, outcome) = tried(folder.path(), &toml).await.expect("it runs");
    let expected: Vec<_> = [19, 9_019, 18_019].into_iter().map(|row| divided(row, 2, "Share", "0")).collect();
    assert_eq!((outcome.rows, seen(&outcome)), (20_000, expected));
    assert_eq!(outcome.issue_counts, BTreeMap::from([((2, "Share".to_owned()), 3)]));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines[17], lines[18], lines[19]), ("16,16,2,50", "17,17,0,", "18,18,2,50"));
    assert_eq!((lines[9_018], lines.len()), ("9017,9017,0,", 20_001));

    // What cannot be held against a condition stays out.
    let toml = "[[steps]]\ndo = \"filter\"\nwhere = 'CAST(\"Amount\" AS BIGINT) >= 12344'\n";
    let (text, outcome) = tried(folder.path(), toml).await.expect("it runs");
    assert_eq!(text.lines().nth(2), Some("12346,12346,2"));
    let message = "a value is not of the type that the expression asks for".to_owned();
    assert_eq!(seen(&outcome), [(1, Some(12_347), String::new(), "ten".to_owned(), message.clone())]);

    // Of what is taken of many rows it is as if nothing stood there.
    let toml = "[[steps]]\ndo = \"group\"\nby = [\"Parts\"]\ntake = { sum = 'sum(CAST(\"Amount\" AS BIGINT) + CAST(\"Id\" AS BIGINT))' }\n";
    let (text, outcome) = tried(folder.path(), toml).await.expect("it runs");
    let zero = [17_u64, 9_017, 18_017].iter().sum::<u64>() * 2;
    let all = (0..20_000_u64).sum::<u64>() * 2;
    assert_eq!(text, format!("Parts,sum\n0,{zero}\n2,{}\n", all - zero - 2 * 12_345));
    let value = "Id = 12345, Amount = ten".to_owned();
    assert_eq!(seen(&outcome), [(1, Some(12_347), "sum".to_owned(), value, message)]);

    // What an earlier condition takes out is not worked out by a later one.
    let toml = format!(
        "{typed}[[steps]]\ndo = \"filter\"\nwhere = '\"Parts\" <> 0'\n[[steps]]\ndo = \"filter\"\nwhere = '100 / \"Parts\" > 10'\n"
    );
    let (_, outcome) = tried(folder.path(), &toml).await.expect("it runs");
    assert_eq!((outcome.rows, outcome.issue_count()), (19_997, 0), "{:?}", outcome.issues);

    // What goes over several rows is worked out as a whole.
    let toml = format!("{typed}[[steps]]\ndo = \"derive\"\ninto = \"All\"\nexpr = 'sum(\"Parts\") over ()'\n");
    let (text, _) = tried(folder.path(), &toml).await.expect("it runs");
    assert_eq!(text.lines().nth(1), Some("0,0,2,39994"));

    // What no row allows is the step's own fault.
    let toml = "[[steps]]\ndo = \"derive\"\ninto = \"x\"\nexpr = \"Amount ~ '('\"\n";
    let error = tried(folder.path(), toml).await.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(error.contains("regex"), "{error}");
    // What is the same in every row, too.
    let toml = "[[steps]]\ndo = \"derive\"\ninto = \"x\"\nexpr = \"1 / 0\"\n";
    let error = tried(folder.path(), toml).await.expect_err("it fits no row").to_string();
    assert!(error.contains("zero"), "{error}");
}

#[tokio::test]
async fn the_same_steps_on_the_same_file_give_the_same_bytes() {
    let mut input = String::from("Id,Code,Amount,Region\n");
    for row in 0_u64..30_000 {
        let hash = row.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        input.push_str(&format!("{row},{},{}万,{}\n", ["A", "G", "X"][(hash % 3) as usize], hash % 97, hash % 7));
    }
    let folder = folder(&[("in.csv", &input), ("other.csv", "Code,Name\nA,Acme\nG,Globex\n")]);
    let toml = "[[steps]]\ndo = \"trim\"\n[[steps]]\ndo = \"type\"\ncolumns = { Amount = \"number\" }\n\
                [[steps]]\ndo = \"join\"\nwith = \"other\"\non = { Code = \"Code\" }\n\
                [[steps]]\ndo = \"dedupe\"\nby = [\"Amount\", \"Region\", \"Name\"]\n\
                [[steps]]\ndo = \"sort\"\nby = [\"-Region\", \"Name\"]\n";
    let (first, outcome) = tried(folder.path(), toml).await.expect("it runs");
    assert!(outcome.rows > 1000 && outcome.issue_count() == 0, "{outcome:?}");
    for _ in 0..3 {
        assert_eq!(tried(folder.path(), toml).await.expect("it runs").0, first);
    }
}

#[tokio::test]
async fn files_of_one_table_lie_one_below_the_other_and_keep_their_rows() {
    let folder = folder(&[("in.csv", "Id,Amount\n1,5\n2,x\n"), ("more.csv", "Amount,Id,Owner\n7,3,Li\ny,4,\n")]);
    let limits = Limits::default();
    let mut source = Source::file(&folder.path().join("in.csv"), &limits).expect("a table");
    source.files.extend(Source::file(&folder.path().join("more.csv"), &limits).expect("a table").files);
    let steps = Steps::parse("[[steps]]\ndo = \"type\"\ncolumns = { Amount = \"whole\" }\n").expect("steps");
    let mut out = Vec::new();
    let outcome = steps::run(&steps, &source, &Sources::new(), &limits, Target::Csv(&mut out)).await.expect("it runs");
    assert_eq!(String::from_utf8(out).expect("text"), "Id,Amount,Owner\n1,5,\n2,,\n3,7,Li\n4,,\n");
    let told: Vec<_> = outcome.issues.iter().map(|issue| (issue.file, issue.row, issue.value.as_str())).collect();
    assert_eq!(told, [(Some(0), Some(3), "x"), (Some(1), Some(3), "y")]);
}

#[tokio::test]
async fn a_table_for_an_import_keeps_types_and_the_rows_of_its_file() {
    let folder = folder(&[("in.csv", "Id,Amount,Day\n1,\"1.500,25\",05.01.2026\n\n2,\"2,5\",06.01.2026\n3,,\n")]);
    let steps = Steps::parse(
        "[[steps]]\ndo = \"filter\"\nwhere = '''\"Id\" <> '1' '''\n[[steps]]\ndo = \"type\"\ndecimal_comma = true\n\
         dates = [\"%d.%m.%Y\"]\ncolumns = { Amount = \"number\", Day = \"date\" }\n",
    );
    let (steps, limits) = (steps.expect("steps"), Limits::default());
    let source = Source::file(&folder.path().join("in.csv"), &limits).expect("a table");
    let made = folder.path().join("made.parquet");
    steps::run(&steps, &source, &Sources::new(), &limits, Target::Parquet(&made)).await.expect("it runs");
    let look = ingest::look(&made, "made.parquet", None, None, &limits.reading).expect("a table");
    assert_eq!(look.headings().collect::<Vec<_>>(), ["Id", "Amount", "Day"]);
    let mut seen = Vec::new();
    ingest::texts(&made, &look, &limits.reading, &mut |texts| {
        let cell = |column: usize, row: usize| texts.columns[column].value(row).to_owned();
        seen.extend((0..texts.rows.len()).map(|row| (texts.rows[row], cell(0, row), cell(1, row), cell(2, row))));
        Ok(())
    })
    .expect("read");
    let text = |text: &str| text.to_owned();
    assert_eq!(seen, [(4, text("2"), text("2.500000"), text("2026-01-06")), (5, text("3"), text(""), text(""))]);
}

#[tokio::test]
async fn whoever_watches_may_stop_it() {
    let mut input = String::from("Id\n");
    for row in 0..200_000 {
        input.push_str(&format!("{row}\n"));
    }
    let folder = folder(&[("in.csv", &input)]);
    let limits = Limits::default();
    limits.watch.stop();
    let source = Source::file(&folder.path().join("in.csv"), &limits).expect("a table");
    let steps = Steps::parse("[[steps]]\ndo = \"trim\"\n").expect("steps");
    let mut out = Vec::new();
    let error = steps::run(&steps, &source, &Sources::new(), &limits, Target::Csv(&mut out)).await;
    assert!(matches!(error, Err(StepsError::Stopped)), "{error:?}");
}

/// A table of so many rows that all agree in `K`, and are told apart by a column of this name.
fn alike(rows: u32, name: &str) -> String {
    let mut text = format!("K,{name}\n");
    for row in 0..rows {
        text.push_str(&format!("k,{row}\n"));
    }
    text
}

const JOIN: &str = "[[steps]]\ndo = \"join\"\nwith = \"other\"\non = { K = \"K\" }\n";

/// `in.csv` and `other.csv` of a folder.
fn both(folder: &Path, limits: &Limits) -> (Source, Sources) {
    let table = |name: &str| Source::file(&folder.join(name), limits).expect("a table");
    (table("in.csv"), Sources::from([("other".to_owned(), table("other.csv"))]))
}

/// Runs steps over both, into memory.
async fn limited(folder: &Path, toml: &str, limits: &Limits) -> Result<(String, Outcome), StepsError> {
    let (source, tables) = both(folder, limits);
    let mut out = Vec::new();
    let outcome = steps::run(&Steps::parse(toml)?, &source, &tables, limits, Target::Csv(&mut out)).await?;
    Ok((String::from_utf8(out).expect("text"), outcome))
}

#[tokio::test]
async fn what_makes_many_rows_of_few_can_be_stopped_wherever_it_is() {
    let folder = folder(&[("in.csv", &alike(20_000, "A")), ("other.csv", &alike(60_000, "B"))]);
    for then in [
        "",
        "[[steps]]\ndo = \"sort\"\nby = [\"B\"]\n",
        "[[steps]]\ndo = \"filter\"\nwhere = '''\"A\" || \"B\" = 'none' '''\n",
        "[[steps]]\ndo = \"group\"\nby = [\"K\"]\ntake = { n = \"count(*)\" }\n",
    ] {
        let limits = Limits::default();
        let stop = async {
            // All was read: what is left is for the engine to do.
            while limits.watch.seen().0 < 80_000 {
                tokio::task::yield_now().await;
            }
            limits.watch.stop();
        };
        let toml = format!("{JOIN}{then}");
        let (stopped, ()) = tokio::join!(limited(folder.path(), &toml, &limits), stop);
        assert!(matches!(stopped, Err(StepsError::Stopped)), "{then}: {stopped:?}");
    }
}

#[tokio::test]
async fn a_result_has_a_bound_of_rows_and_bytes() {
    let folder = folder(&[("in.csv", &alike(400, "A")), ("other.csv", &alike(400, "B"))]);
    let limits = Limits { most_rows: 160_000, ..Limits::default() };
    assert_eq!(limited(folder.path(), JOIN, &limits).await.expect("as many as may be").1.rows, 160_000);
    let limits = Limits { most_rows: 159_999, ..Limits::default() };
    let error = limited(folder.path(), JOIN, &limits).await.expect_err("one more");
    assert!(matches!(error, StepsError::TooLarge(_)), "{error}");
    assert!(error.to_string().contains("more than 159999 rows") && error.zh().contains("超过 159999 行"), "{error}");
    let (source, tables) = both(folder.path(), &limits);
    let (steps, made) = (Steps::parse(JOIN).expect("steps"), folder.path().join("made.parquet"));
    let error = steps::run(&steps, &source, &tables, &limits, Target::Parquet(&made)).await.expect_err("one more");
    assert!(matches!(error, StepsError::TooLarge(_)), "{error}");
    // Of bytes a result has some times those of its input, whatever the limit is.
    let limits = Limits { disk_bytes: 1, ..Limits::default() };
    let error = limited(folder.path(), JOIN, &limits).await.expect_err("400 times as many").to_string();
    assert!(error.contains("the result is larger than"), "{error}");
    limited(folder.path(), "", &limits).await.expect("as many bytes as came in");
}

#[tokio::test]
async fn a_preview_holds_no_more_than_it_may_and_says_so() {
    let folder = folder(&[("in.csv", &alike(5, "A")), ("other.csv", &alike(5000, "B"))]);
    let limits = Limits { preview_bytes: 1 << 20, ..Limits::default() };
    let (source, tables) = both(folder.path(), &limits);
    let preview = async |toml: &str, looked_at: usize| {
        let steps = Steps::parse(toml).expect("steps");
        let glimpse = Glimpse { looked_at, shown: 1 };
        let seen = steps::preview(&steps, &source, &tables, &limits, glimpse).await.expect("the file is read");
        (seen.tables.iter().map(|table| table.row_count).collect::<Vec<_>>(), seen.failed)
    };
    // What is put below is cut as the table itself is; what is joined is whole.
    let append = "[[steps]]\ndo = \"append\"\nwith = \"other\"\n";
    let (counts, failed) = preview(append, 3).await;
    assert!(counts == [3, 6] && failed.is_empty(), "{counts:?} {failed:?}");
    let (counts, failed) = preview(JOIN, 2).await;
    assert!(counts == [2, 10_000] && failed.is_empty(), "{counts:?} {failed:?}");
    // Where the rows of a step are too many, none of them are shown as if they were all.
    let (counts, failed) = preview(&format!("{append}{JOIN}"), 5).await;
    assert_eq!(counts, [5, 10, 10]);
    let failed = failed.into_iter().next().expect("it is too large");
    assert!(failed.to_string().starts_with("step 2 (join): a table of the preview is larger than 1 MiB"), "{failed}");
    assert!(failed.zh().starts_with("第 2 步（join）：预览的表超过 1 MiB"), "{}", failed.zh());
}

#[tokio::test]
async fn a_table_that_is_joined_has_to_fit_and_it_is_said_what_to_do() {
    let folder = folder(&[("in.csv", &alike(5, "A")), ("other.csv", &alike(50_000, "B"))]);
    let limits = Limits { memory_bytes: 1 << 20, ..Limits::default() };
    let error = limited(folder.path(), JOIN, &limits).await.expect_err("it does not fit");
    assert!(matches!(error, StepsError::TooLarge(_)), "{error}");
    assert!(error.to_string().contains("the other table has to fit in memory"), "{error}");
    assert!(error.zh().contains("被连接的表须能放入内存"), "{}", error.zh());
}

#[test]
fn an_order_in_which_a_later_step_does_not_fit_is_refused_with_the_reason_in_both_languages() {
    let columns = ["Id".to_owned(), "Amount".to_owned()];
    let of = |text: &str| Steps::parse(text).expect("steps");
    let rename = "[[steps]]\ndo = \"rename\"\ncolumns = { Amount = \"Value\" }\n";
    let filter = "[[steps]]\ndo = \"filter\"\nwhere = '''\"Value\" <> '' '''\n";
    let sound = check(&of(&format!("{rename}{filter}")), &columns, &BTreeMap::new()).expect("it fits");
    assert_eq!(sound, ["Id", "Value"]);
    let error = check(&of(&format!("{filter}{rename}")), &columns, &BTreeMap::new()).expect_err("no such column yet");
    assert!(error.to_string().starts_with("step 1 (filter): ") && error.to_string().contains("Value"), "{error}");
    assert!(error.zh().starts_with("第 1 步（filter）："), "{}", error.zh());
}

#[tokio::test]
async fn an_order_that_was_sorted_into_is_kept_by_later_steps() {
    let input = "Id,Day,Q1,Q2\n1,2026-01-05,a,b\n2,2026-02-01,c,d\n1,2026-03-09,e,f\n3,2026-01-01,g,h\n";
    let newest = "[[steps]]\ndo = \"sort\"\nby = [\"-Day\"]\n";
    let only = "[[steps]]\ndo = \"choose\"\ncolumns = [\"Id\", \"Day\"]\n";
    for (step, expected) in [
        ("do = \"dedupe\"\nby = [\"Id\"]", "Id,Day\n1,2026-03-09\n2,2026-02-01\n3,2026-01-01\n"),
        ("do = \"dedupe\"\nby = [\"Id\"]\nkeep = \"last\"", "Id,Day\n2,2026-02-01\n1,2026-01-05\n3,2026-01-01\n"),
        (
            "do = \"join\"\nwith = \"other\"\non = { Id = \"Code\" }",
            "Id,Day\n1,2026-03-09\n2,2026-02-01\n1,2026-01-05\n3,2026-01-01\n",
        ),
    ] {
        assert_eq!(made(input, &format!("{newest}[[steps]]\n{step}\n{only}")).await, expected, "{step}");
    }
    let apart = "[[steps]]\ndo = \"drop\"\ncolumns = [\"Id\"]\n\
                 [[steps]]\ndo = \"unpivot\"\ncolumns = [\"Q1\", \"Q2\"]\nnames = \"Q\"\nvalues = \"V\"\n";
    assert_eq!(
        made(input, &format!("{newest}{apart}")).await,
        "Day,Q,V\n2026-03-09,Q1,e\n2026-03-09,Q2,f\n2026-02-01,Q1,c\n2026-02-01,Q2,d\n2026-01-05,Q1,a\n2026-01-05,Q2,b\n\
         2026-01-01,Q1,g\n2026-01-01,Q2,h\n"
    );
}

#[tokio::test]
async fn a_sorted_table_keeps_its_order_above_one_that_is_put_below_it() {
    let steps = "[[steps]]\ndo = \"sort\"\nby = [\"-Code\"]\n[[steps]]\ndo = \"append\"\nwith = \"other\"\n\
                 [[steps]]\ndo = \"dedupe\"\nby = [\"Code\"]\nkeep = \"last\"\n\
                 [[steps]]\ndo = \"choose\"\ncolumns = [\"Code\", \"Name\"]\n";
    assert_eq!(made("Code\nA\nB\n", steps).await, "Code,Name\nB,\nG,Globex\nA,Acme twice\n");
}

#[tokio::test]
async fn what_group_made_can_be_sorted_and_then_has_an_order() {
    let steps = "[[steps]]\ndo = \"group\"\nby = [\"Id\", \"Kind\"]\ntake = { n = \"count(*)\" }\n\
                 [[steps]]\ndo = \"sort\"\nby = [\"-n\"]\n[[steps]]\ndo = \"dedupe\"\nby = [\"Id\"]\n";
    assert_eq!(made("Id,Kind\n1,a\n1,b\n1,b\n2,a\n", steps).await, "Id,Kind,n\n1,b,2\n2,a,1\n");
    let unsorted = steps.replace("[[steps]]\ndo = \"sort\"\nby = [\"-n\"]\n", "");
    let folder = folder(&[("in.csv", "Id,Kind\n1,a\n")]);
    let error = tried(folder.path(), &unsorted).await.expect_err("there is no order").to_string();
    assert!(error.contains("`sort` them first"), "{error}");
}

#[tokio::test]
async fn rows_with_too_many_or_too_few_fields_stay_out_and_are_told_once() {
    let input = "Code,Region\nG,here\nX,there,more\nY\nA,there\n";
    let other = "Code,Name\nG,Globex\nA\n";
    let join = "[[steps]]\ndo = \"join\"\nwith = \"other\"\non = { Code = \"Code\" }\n";
    let folder = folder(&[("in.csv", input), ("other.csv", other)]);
    let (text, outcome) = tried(folder.path(), join).await.expect("it runs");
    assert_eq!(text, "Code,Region,Name\nG,here,Globex\nA,there,\n");
    let mut told: Vec<_> =
        outcome.issues.iter().map(|issue| (issue.step, issue.row, issue.message.en.as_str())).collect();
    told.sort_unstable();
    let message = |name: &str, fields: usize| {
        format!("this row of {name} has {fields} fields, which is not what the headings have: it stays out")
    };
    let (three, one, of_other) = (message("in.csv", 3), message("in.csv", 1), message("other.csv", 1));
    assert_eq!(told, [(READING, Some(3), &*three), (READING, Some(3), &*of_other), (READING, Some(4), &*one)]);
    assert_eq!(outcome.issue_counts, BTreeMap::from([((READING, String::new()), 3)]));
}

#[tokio::test]
async fn what_was_taken_once_is_taken_again() {
    let input = "Code,Kind,Amount\nA,x,1\nA,y,2\nA,x,3\nG,y,4\nG,y,4\n";
    let dedupe = |by: &str, keep: &str| format!("[[steps]]\ndo = \"dedupe\"\nby = [\"{by}\"]\nkeep = \"{keep}\"\n");
    let pivot = "[[steps]]\ndo = \"pivot\"\nnames = \"Kind\"\nvalues = \"Amount\"\ncolumns = [\"x\", \"y\"]\n";
    let number = "[[steps]]\ndo = \"type\"\ncolumns = { Amount = \"whole\" }\n";
    let most = "[[steps]]\ndo = \"group\"\nby = [\"Code\"]\ntake = { Amount = 'max(\"Amount\")' }\n";
    for (steps, expected) in [
        (dedupe("Amount", "first") + &dedupe("Code", "first"), "Code,Kind,Amount\nA,x,1\nG,y,4\n"),
        (dedupe("Amount", "last") + &dedupe("Code", "last"), "Code,Kind,Amount\nA,x,3\nG,y,4\n"),
        (dedupe("Amount", "first") + pivot, "Code,x,y\nA,1,2\nG,,4\n"),
        (pivot.to_owned() + &dedupe("x", "first"), "Code,x,y\nA,1,2\nG,,4\n"),
        (number.to_owned() + &dedupe("Amount", "first") + most, "Code,Amount\nA,3\nG,4\n"),
        (number.to_owned() + most + most, "Code,Amount\nA,3\nG,4\n"),
    ] {
        assert_eq!(made(input, &steps).await, expected, "{steps}");
    }
}

#[tokio::test]
async fn columns_that_are_put_below_each_other_hold_one_kind_of_values() {
    let input = "Code,Open\nX,yes\n";
    let flag =
        "[[steps]]\ndo = \"type\"\ncolumns = { Open = \"yes-no\" }\n[[steps]]\ndo = \"append\"\nwith = \"other\"\n";
    let told = made(input, flag).await;
    assert_eq!(told, "Code,Open,Name,Region\nX,true,,\nA,,Acme,North\nG,,Globex,South\nA,,Acme twice,North\n");
    let folder = folder(&[("in.csv", input), ("other.csv", "Code,Open\nA,no\n")]);
    let refused = tried(folder.path(), flag).await.map(|_| ()).expect_err("one is a text");
    assert!(refused.to_string().contains("`Open` holds another kind of values"), "{refused}");
}

#[tokio::test]
async fn rows_that_group_made_stay_in_its_order_where_they_are_equal() {
    let ids = 50_000_u32;
    let mut input = String::from("Id,Kind\n");
    // Scattered, so that the order is not that of the file.
    for row in 0..ids {
        input.push_str(&format!("{:06},{}\n", row.wrapping_mul(7919) % ids, row % 3));
    }
    let folder = folder(&[("in.csv", &input), ("other.csv", "Code,Name\n0,none\n1,one\n2,two\n")]);
    let group = "[[steps]]\ndo = \"group\"\nby = [\"Id\"]\ntake = { n = \"count(*)\", kind = 'max(\"Kind\")' }\n";
    let sorted = |text: &str| {
        let ids: Vec<String> = text.lines().skip(1).map(|line| line[..6].to_owned()).collect();
        assert_eq!(ids.len(), 50_000);
        ids.is_sorted()
    };
    for then in [
        "",
        "[[steps]]\ndo = \"sort\"\nby = [\"n\"]\n",
        "[[steps]]\ndo = \"sort\"\nby = [\"-n\"]\n",
        "[[steps]]\ndo = \"join\"\nwith = \"other\"\non = { kind = \"Code\" }\n",
        "[[steps]]\ndo = \"pivot\"\nnames = \"kind\"\nvalues = \"n\"\ncolumns = [\"0\", \"1\"]\n\
         [[steps]]\ndo = \"derive\"\ninto = \"all\"\nexpr = \"1\"\n[[steps]]\ndo = \"sort\"\nby = [\"all\"]\n",
    ] {
        let (text, _) = tried(folder.path(), &format!("{group}{then}")).await.expect("it runs");
        assert!(sorted(&text), "{then}");
    }
}

#[tokio::test]
async fn the_same_steps_give_the_same_bytes_where_memory_ends() {
    let mut input = String::from("Id,Code,Amount,Note\n");
    for row in 0_u64..100_000 {
        let hash = row.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        let note = format!("{hash:0>60}");
        input.push_str(&format!("{row},{},{},{note}\n", ["A", "G", "X"][(hash % 3) as usize], hash % 97));
    }
    let memory_bytes = 6 << 20;
    assert!(input.len() > memory_bytes, "it does not fit into memory, so that it is spilled");
    let folder = folder(&[("in.csv", &input), ("other.csv", "Code,Name\nA,Acme\nG,Globex\n")]);
    let toml = "[[steps]]\ndo = \"type\"\ncolumns = { Amount = \"number\" }\n\
                [[steps]]\ndo = \"join\"\nwith = \"other\"\non = { Code = \"Code\" }\n\
                [[steps]]\ndo = \"sort\"\nby = [\"-Amount\", \"Name\"]\n";
    let (whole, _) = limited(folder.path(), toml, &Limits::default()).await.expect("it runs");
    let little = Limits { memory_bytes, ..Limits::default() };
    for _ in 0..2 {
        let (spilled, _) = limited(folder.path(), toml, &little).await.expect("it goes to disk");
        assert!(spilled == whole, "the same rows in the same order");
    }
}

#[tokio::test]
async fn a_value_that_is_none_is_told_once_however_many_columns_are_taken_apart() {
    let folder = folder(&[("in.csv", "Id,Q1,Q2,Q3\nx,1,2,3\n2,4,5,6\n")]);
    let toml = "[[steps]]\ndo = \"type\"\ncolumns = { Id = \"whole\" }\n\
                [[steps]]\ndo = \"unpivot\"\ncolumns = [\"Q1\", \"Q2\", \"Q3\"]\nnames = \"Q\"\nvalues = \"V\"\n";
    let (text, outcome) = tried(folder.path(), toml).await.expect("it runs");
    assert_eq!(text, "Id,Q,V\n,Q1,1\n,Q2,2\n,Q3,3\n2,Q1,4\n2,Q2,5\n2,Q3,6\n");
    assert_eq!(outcome.issue_count(), 1);
}

#[tokio::test]
async fn money_is_exact_where_it_is_multiplied() {
    let toml = "[[steps]]\ndo = \"type\"\ncolumns = { Amount = \"number\" }\n\
                [[steps]]\ndo = \"derive\"\ninto = \"Gross\"\nexpr = '''\"Amount\" * 1.13'''\n\
                [[steps]]\ndo = \"derive\"\ninto = \"Rounded\"\nexpr = '''round(\"Amount\" * 1.13, 2)'''\n";
    assert_eq!(made("Amount\n1035.50\n", toml).await, "Amount,Gross,Rounded\n1035.5,1170.115,1170.12\n");
}

/// An expression around itself: each `#` is what was made before.
fn around(expr: &str, first: &str, times: usize) -> String {
    (0..times).fold(first.to_owned(), |inner, _| expr.replace('#', &inner))
}

#[tokio::test]
async fn texts_grow_no_longer_than_a_record_may_be() {
    let again = |step: &str, times: usize| format!("[[steps]]\n{step}\n").repeat(times);
    let derive = |expr: &str| format!("[[steps]]\ndo = \"derive\"\ninto = \"Id\"\nexpr = '''{expr}'''\n");
    let filter = |expr: &str| format!("[[steps]]\ndo = \"filter\"\nwhere = '''length({expr}) > 1'''\n");
    let (long, half) = ("y".repeat(70_000), "y".repeat(40_000));
    for (toml, expected) in [
        // Each makes a text a thousand times as long.
        (again("do = \"replace\"\nfrom = \"x\"\nto = \"@\"", 3), "step 3 (replace): "),
        (again("do = \"replace\"\nregex = true\nfrom = \"x\"\nto = \"@\"", 3), "step 3 (replace): "),
        (
            again("do = \"replace\"\nregex = true\nfrom = \"^(x*)$\"\nto = \"$1$1$1$1$1$1$1$1\"", 40),
            "step 8 (replace): ",
        ),
        (derive(&around("replace(#, 'x', '@')", "\"Id\"", 3)), "step 1 (derive): "),
        (derive(&around("regexp_replace(#, 'x', '@', 'g')", "\"Id\"", 3)), "step 1 (derive): "),
        (filter(&around("replace(#, 'x', '@')", "\"Id\"", 3)), "step 1 (filter): "),
        (filter(&around("replace(#, 'x', '@')", "'xx'", 3)), "step 1 (filter): "),
        // And each twice as long, or as many.
        (again("do = \"merge\"\ncolumns = [\"Id\", \"Id\"]\nby = \"\"\ninto = \"Id\"", 40), "step 24 (merge): "),
        (derive("\"Id\" || \"Id\"").repeat(40), "step 24 (derive): "),
        (derive("concat(\"Id\", \"Id\")").repeat(40), "step 24 (derive): "),
        (
            derive("array_to_string(array_concat(make_array(\"Id\"), make_array(\"Id\")), '')").repeat(40),
            "step 24 (derive): ",
        ),
        // What stands in every row.
        (format!("[[steps]]\ndo = \"fill\"\ncolumns = [\"Id\"]\nwith = \"{long}\"\n"), "step 1 (fill): "),
        (derive(&format!("'{long}'")), "step 1 (derive): "),
        (derive(&format!("concat('{half}', '{half}')")), "step 1 (derive): "),
    ] {
        let folder = folder(&[("in.csv", "Id\nxx\nx\n")]);
        let toml = toml.replace('@', &"x".repeat(1000));
        let error = tried(folder.path(), &toml).await.expect_err(expected);
        assert!(matches!(error, StepsError::Step { .. }), "{error}");
        assert!(error.to_string().starts_with(expected), "{expected} {error}");
        assert!(error.to_string().contains("long"), "{error}");
    }
}

#[tokio::test]
async fn what_steps_make_of_a_batch_is_bounded_in_all_columns_together() {
    let text = "x".repeat(1000);
    let folder = folder(&[("in.csv", &format!("Id\n{text}\n")), ("other.csv", "K\n")]);
    let limits = Limits { made_bytes: 16_000, ..Limits::default() };
    for step in [
        "do = \"derive\"\ninto = \"C#\"\nexpr = '''upper(\"Id\")'''",
        "do = \"merge\"\ncolumns = [\"Id\"]\nby = \"\"\ninto = \"C#\"",
        "do = \"split\"\ncolumn = \"Id\"\nby = \"-\"\ninto = [\"C#\"]",
    ] {
        let columns = |most: usize| -> String {
            (1..=most).map(|at| format!("[[steps]]\n{step}\n").replace('#', &at.to_string())).collect()
        };
        // Each would fit alone.
        limited(folder.path(), &columns(15), &limits).await.expect("it fits");
        let error = limited(folder.path(), &columns(17), &limits).await.expect_err("it does not").to_string();
        assert!(error.contains("the texts that steps make up to this one are too long"), "{error}");
    }
    // Texts that take the place of others of their length need no room of their own.
    let again = "[[steps]]\ndo = \"case\"\ncolumns = [\"Id\"]\nto = \"upper\"\n".repeat(40);
    limited(folder.path(), &again, &limits).await.expect("it fits");
}

#[tokio::test]
async fn nothing_makes_much_out_of_little_and_nobody_takes_our_own_columns() {
    let folder = folder(&[("in.csv", "Id\n1\n")]);
    for expr in ["repeat('x', 2000000000)", "array_length(range(0, 8000000000))", "lpad('x', 2000000000)"] {
        let toml = format!("[[steps]]\ndo = \"derive\"\ninto = \"X\"\nexpr = \"{expr}\"\n");
        let error = tried(folder.path(), &toml).await.expect_err("there is no such function").to_string();
        assert!(error.contains("Invalid function"), "{error}");
    }
    let toml = "[[steps]]\ndo = \"group\"\nby = [\"Id\"]\ntake = { n = \"count(*)\" }\n\
                [[steps]]\ndo = \"derive\"\ninto = \"\\u0001row\"\nexpr = \"'x'\"\n";
    let error = tried(folder.path(), toml).await.expect_err("the name is ours").to_string();
    assert!(error.contains("control character"), "{error}");
    std::fs::write(folder.path().join("in.csv"), "\u{1}row,Id\n5,1\n").expect("written");
    let trim = "[[steps]]\ndo = \"trim\"\n";
    let error = tried(folder.path(), trim).await.expect_err("the heading is ours").to_string();
    assert!(error.contains("control character"), "{error}");
}
