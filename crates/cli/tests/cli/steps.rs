//! `loudou steps`: a file cleaned by a list of steps, without any database.

use std::process::Command;

fn loudou(args: &[&str]) -> (bool, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_loudou")).args(args).output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.success(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_table_is_cleaned_and_what_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    std::fs::write(at("in.csv"), "编号,金额,区域\n1,５０万,华东\n2,很多,华南\n合计,,\n").expect("written");
    std::fs::write(at("regions.csv"), "名称,大区\n华东,东部\n").expect("written");
    let steps = "[[steps]]\nname = \"合计行去掉\"\ndo = \"filter\"\nwhere = '''\"编号\" <> '合计' '''\n\
                 [[steps]]\ndo = \"type\"\ncolumns = { \"金额\" = \"number\" }\n\
                 [[steps]]\ndo = \"join\"\nwith = \"regions\"\non = { \"区域\" = \"名称\" }\n";
    std::fs::write(at("steps.toml"), steps).expect("written");
    let with = format!("regions={}", at("regions.csv"));
    let run = ["steps", "run", &at("steps.toml"), &at("in.csv"), "--with", &with];
    let (ok, out, told) = loudou(&run);
    assert!(ok, "{told}");
    assert_eq!(out, "编号,金额,区域,大区\n1,500000,华东,东部\n2,,华南,\n");
    assert!(told.contains("rows: 2") && told.contains("row 3, 金额: “很多”: it is not a number"), "{told}");

    let out_file = at("out.csv");
    let (ok, printed, told) = loudou(&[&run[..], &["--out", &out_file]].concat());
    assert!(ok && printed.is_empty(), "{told}");
    assert_eq!(std::fs::read_to_string(&out_file).expect("it is there"), out);

    // A step that does not fit leaves what stood there.
    std::fs::write(at("steps.toml"), format!("{steps}[[steps]]\ndo = \"drop\"\ncolumns = [\"金 额\"]\n"))
        .expect("written");
    let (ok, _, told) = loudou(&[&run[..], &["--out", &out_file]].concat());
    assert!(!ok && told.contains("step 4 (drop): there is no column `金 额`"), "{told}");
    assert_eq!(std::fs::read_to_string(&out_file).expect("it is there"), out);
    assert!(!std::path::Path::new(&format!("{out_file}.partly")).exists());

    let (ok, shown, told) = loudou(&["steps", "preview", &at("steps.toml"), &at("in.csv"), "--with", &with, "--json"]);
    assert!(!ok && told.contains("step 4 (drop)"), "{told}");
    assert!(shown.contains("\"合计行去掉\"") && shown.contains("\"rows\":2"), "{shown}");
}
