//! Numbers and dates: whatever the text, a value or none.

#![no_main]

use ingest::DateForms;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for comma in [false, true] {
        let _ = ingest::number(text, comma);
    }
    let all = [
        "iso", "unix-s", "unix-ms", "excel", "month", "month-end", "quarter", "quarter-end", "%d.%m.%Y", "%m/%d/%y",
        "%Y年%m月%d日", "%d %b %Y %I:%M %p",
    ];
    for form in all {
        let forms = DateForms::new(&[form.to_owned()]).expect("a writing");
        if let Some(day) = forms.day(text) {
            // No deal is of another age.
            assert!((1900..=2199).contains(&day.to_string()[..4].parse::<i32>().expect("a year")), "{form}: {day}");
        }
    }
    // Any text may be meant as a writing.
    if let Ok(forms) = DateForms::new(&[text.to_owned()]) {
        let _ = forms.day("2026-11-24");
        let _ = forms.day(text);
    }
});
