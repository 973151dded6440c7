//! Steps over files: what each does, what does not fit, and that the same gives the same.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use steps::{Limits, Outcome, Steps, StepsError};

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
    let tables: BTreeMap<String, PathBuf> = other.exists().then(|| ("other".to_owned(), other)).into_iter().collect();
    let mut out = Vec::new();
    let outcome = steps::run(&steps, &folder.join("in.csv"), &tables, &Limits::default(), &mut out).await?;
    Ok((String::from_utf8(out).expect("text"), outcome))
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
    assert_eq!((outcome.rows, outcome.issue_count), (2, 1));
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
        let preview =
            steps::preview(&steps, &folder.path().join("in.csv"), &BTreeMap::new(), &Limits::default(), (100, 1)).await;
        let preview = preview.expect("the file is read");
        assert_eq!(preview.failed.map(|error| error.to_string()).as_deref(), Some(error.as_str()));
        assert_eq!(preview.tables.len(), 2);
        assert_eq!((preview.tables[1].row_count, preview.tables[1].rows.len()), (2, 1));
    }
    // A step moved before the one that it relies on.
    let toml = "[[steps]]\ndo = \"type\"\ncolumns = { Amount = \"number\" }\n[[steps]]\ndo = \"trim\"\ncolumns = [\"Amount\"]\n";
    let error = tried(folder.path(), toml).await.expect_err("values are no texts").to_string();
    assert!(error.ends_with("put this step before `type`"), "{error}");
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
    assert!(outcome.rows > 1000 && outcome.issue_count == 0, "{outcome:?}");
    for _ in 0..3 {
        assert_eq!(tried(folder.path(), toml).await.expect("it runs").0, first);
    }
}
