//! Files of every format: whatever the bytes, a table or a refusal, within the limits of reading.

#![no_main]

use std::io::Write as _;
use std::path::Path;

use ingest::{Options, Refusal};
use libfuzzer_sys::fuzz_target;

/// Endings, by the first byte of the input.
const ENDINGS: [&str; 10] =
    ["csv", "tsv", "json", "ndjson", "xes", "xes.gz", "xlsx", "xls", "ods", "parquet"];

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let ending = ENDINGS[usize::from(*first) % ENDINGS.len()];
    let file = tempfile::Builder::new().suffix(&format!(".{ending}")).tempfile();
    let Ok(mut file) = file else { return };
    if file.write_all(rest).is_err() {
        return;
    }
    let _ = read(file.path(), ending);
});

fn read(path: &Path, ending: &str) -> Result<(), Refusal> {
    let options = Options {
        max_record_bytes: 1 << 16,
        max_unpacked_bytes: 4 << 20,
        max_unpack_ratio: 50,
        ..Options::default()
    };
    let look = ingest::look(path, &format!("t.{ending}"), None, None, &options)?;
    let columns = look.readable().count();
    let mut before = 0;
    ingest::texts(path, &look, &options, &mut |texts| {
        assert_eq!(texts.columns.len(), columns);
        for row in &texts.rows {
            assert!(*row > before, "rows are told in their order");
            before = *row;
        }
        Ok(())
    })
}
