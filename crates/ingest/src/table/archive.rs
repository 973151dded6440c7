//! Workbooks are ZIP archives, and an archive may unpack to a thousand times its size. It is unpacked once
//! for its length alone before anything is parsed. An archive of files is unpacked under the same limits.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use encoding_rs::GB18030;

use super::Source;
use crate::issue::{Fault, Refusal};
use crate::options::Options;

/// Below this a part may be packed as densely as it likes.
const SMALL: u64 = 16 << 20;

/// Files that an archive may hold.
const MAX_FILES: usize = 1000;

/// Unpacks the files of a ZIP archive into `folder` and returns their names, which `name_of` makes of their paths in
/// the archive; those it makes nothing of stay out. `room_bytes` is what they may take in all.
///
/// Folders are not made: only the names count, so nothing can be written elsewhere, and two files of one name are
/// refused. Links are left out. The caller takes away what a refused archive left in `folder`.
///
/// # Errors
/// [`Fault::WrongFormat`], [`Fault::ArchiveTooLarge`], [`Fault::Unreadable`].
pub fn unpack(
    archive: &Path,
    name: &str,
    folder: &Path,
    room_bytes: u64,
    options: &Options,
    name_of: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<String>, Refusal> {
    let wrong = |found: String| {
        Refusal::from(Fault::WrongFormat {
            file: name.to_owned(),
            expected: "a ZIP archive that can be unpacked".to_owned(),
            found,
        })
    };
    let unreadable =
        |error: io::Error| Refusal::from(Fault::Unreadable { file: name.to_owned(), message: error.to_string() });
    let file = File::open(archive).map_err(unreadable)?;
    let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(|error| wrong(error.to_string()))?;
    if archive.len() > MAX_FILES {
        return Err(wrong(format!("it holds more than {MAX_FILES} files")));
    }
    let (mut names, mut total) = (Vec::new(), 0_u64);
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(|error| wrong(error.to_string()))?;
        if !part.is_file() {
            continue;
        }
        let path = path_of(part.name_raw());
        let Some(file_name) = name_of(&path) else { continue };
        if names.contains(&file_name) {
            return Err(wrong(format!("two files in it are called `{file_name}`")));
        }
        let packed_bytes = part.compressed_size();
        let by_ratio = packed_bytes.saturating_mul(options.max_unpack_ratio).max(SMALL);
        let limit_bytes = by_ratio.min(options.max_unpacked_bytes.min(room_bytes).saturating_sub(total));
        let target = folder.join(&file_name);
        let mut out = File::options().write(true).create_new(true).open(&target).map_err(unreadable)?;
        let unpacked = io::copy(&mut part.by_ref().take(limit_bytes + 1), &mut out)
            .map_err(|error| wrong(format!("`{}`: {error}", super::shortened(&path))))?;
        if unpacked > limit_bytes {
            let (file, part) = (name.to_owned(), super::shortened(&path));
            return Err(Fault::ArchiveTooLarge { file, part, packed_bytes, limit_bytes }.into());
        }
        total += unpacked;
        names.push(file_name);
    }
    Ok(names)
}

/// The path of a part. Archives of Chinese systems hold names in GBK and do not say so.
fn path_of(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(text) => text.to_owned(),
        Err(_) => GB18030.decode_without_bom_handling(raw).0.into_owned(),
    }
}

/// Refuses an archive that is none, or that unpacks to too much: by what its directory declares, then by what
/// really comes out.
///
/// # Errors
/// [`Fault::WrongFormat`], [`Fault::ArchiveTooLarge`].
pub(super) fn guard(source: &Source, expected: &str, options: &Options) -> Result<(), Refusal> {
    let file = File::open(&source.path).map_err(|error| source.unreadable(&error))?;
    let mut archive =
        zip::ZipArchive::new(BufReader::new(file)).map_err(|error| source.wrong_format(expected, error.to_string()))?;
    let mut total = 0;
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(|error| source.wrong_format(expected, error.to_string()))?;
        let name = part.name().map_or_else(|_| format!("number {index}"), std::borrow::Cow::into_owned);
        let packed_bytes = part.compressed_size();
        let by_ratio = packed_bytes.saturating_mul(options.max_unpack_ratio).max(SMALL);
        let limit_bytes = by_ratio.min(options.max_unpacked_bytes.saturating_sub(total));
        let too_large = || Fault::ArchiveTooLarge {
            file: source.name.to_string(),
            part: super::shortened(&name),
            packed_bytes,
            limit_bytes,
        };
        if part.size() > limit_bytes {
            return Err(too_large().into());
        }
        let unpacked = io::copy(&mut part.by_ref().take(limit_bytes + 1), &mut io::sink())
            .map_err(|error| source.wrong_format(expected, format!("part `{name}`: {error}")))?;
        if unpacked > limit_bytes {
            return Err(too_large().into());
        }
        total += unpacked;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn zip(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        for (name, bytes) in parts {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).expect("a part");
            zip.write_all(bytes).expect("memory");
        }
        zip.finish().expect("an archive").into_inner()
    }

    fn unpacked(bytes: &[u8], room_bytes: u64) -> (Result<Vec<String>, Refusal>, tempfile::TempDir) {
        let folder = tempfile::tempdir().expect("a folder");
        let archive = folder.path().join("in.zip");
        std::fs::write(&archive, bytes).expect("written");
        let out = folder.path().join("out");
        std::fs::create_dir(&out).expect("made");
        let last = |path: &str| path.rsplit(['/', '\\']).next().filter(|name| !name.is_empty()).map(str::to_owned);
        (unpack(&archive, "in.zip", &out, room_bytes, &Options::default(), &last), folder)
    }

    #[test]
    fn files_come_out_by_their_names_alone() {
        let parts: [(&str, &[u8]); 3] =
            [("export/a.csv", b"a\n1\n"), ("../../../etc/passwd", b"x"), ("/abs/商机.csv", b"b\n")];
        let (names, folder) = unpacked(&zip(&parts), 1 << 20);
        assert_eq!(names.expect("they come out"), ["a.csv", "passwd", "商机.csv"]);
        let mut there: Vec<_> = std::fs::read_dir(folder.path().join("out"))
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
            .collect();
        there.sort();
        assert_eq!(there, ["a.csv", "passwd", "商机.csv"]);
    }

    #[test]
    fn names_in_gbk_are_read() {
        assert_eq!(path_of(&[0xc9, 0xcc, 0xbb, 0xfa, b'.', b'c', b's', b'v']), "商机.csv");
    }

    #[test]
    fn what_unpacks_to_too_much_or_twice_is_refused() {
        let bomb = vec![b'0'; 64 << 20];
        for (parts, room, expected) in [
            (vec![("bomb.csv", bomb.as_slice())], u64::MAX, "archive-too-large"),
            (vec![("a.csv", &b"123456789"[..])], 8, "archive-too-large"),
            (vec![("x/a.csv", &b"1"[..]), ("y/a.csv", b"2")], 1 << 20, "wrong-format"),
        ] {
            let refusal = unpacked(&zip(&parts), room).0.expect_err("refused");
            assert_eq!(refusal.faults[0].code(), expected);
        }
        assert_eq!(unpacked(b"PK\x03\x04 no archive", 1).0.expect_err("refused").faults[0].code(), "wrong-format");
    }
}
