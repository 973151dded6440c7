//! Bytes to UTF-8: which encoding a file is in, and a reader that decodes it in a stream.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Decoder, DecoderResult, Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

const CHUNK: usize = 1 << 16;
/// How much of a file that is not UTF-8 is looked at.
const LOOKED_AT: usize = 4 << 20;

/// What a file seems to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// Text in this encoding.
    Text(&'static Encoding),
    /// Text, perhaps in this encoding: nearly every sequence of bytes is text in it, so nobody can be sure.
    Perhaps(&'static Encoding),
    /// No text: it holds zero bytes that no encoding explains.
    Binary,
}

/// Finds the encoding of a file: by its byte order mark; else UTF-8 if all of it is; else by what its bytes
/// look like.
///
/// # Errors
/// Those of reading.
pub(crate) fn find(path: &Path) -> io::Result<Found> {
    let mut file = File::open(path)?;
    let mut chunk = vec![0; CHUNK];
    let mut first = 0;
    while first < CHUNK {
        match file.read(&mut chunk[first..])? {
            0 => break,
            read => first += read,
        }
    }
    if let Some(known) = by_mark_or_zeros(&chunk[..first]) {
        return Ok(known);
    }
    let mut odd = OddBytes::default();
    let mut filled = first;
    loop {
        odd.look(&chunk[..filled]);
        filled = file.read(&mut chunk)?;
        if filled == 0 || odd.is_enough() {
            break;
        }
    }
    Ok(odd.judge())
}

/// What the byte order mark or the places of zero bytes tell at once.
fn by_mark_or_zeros(start: &[u8]) -> Option<Found> {
    if let Some((encoding, _)) = Encoding::for_bom(start) {
        return Some(Found::Text(encoding));
    }
    let zeros = |odd: usize| start.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    // Half of what is Latin in UTF-16 is zeros, and all on one side.
    let many = start.len() / 8;
    match (even, odd) {
        (0, 0) => None,
        (even, odd) if odd > many && even * 20 < odd => Some(Found::Text(UTF_16LE)),
        (even, odd) if even > many && odd * 20 < even => Some(Found::Text(UTF_16BE)),
        _ => Some(Found::Binary),
    }
}

/// The bytes of a file from the first one on that is not ASCII.
#[derive(Default)]
struct OddBytes {
    kept: Vec<u8>,
    /// The end of the last chunk that may be the beginning of a character.
    carry: Vec<u8>,
    not_utf8: bool,
    zeros: bool,
}

impl OddBytes {
    fn look(&mut self, chunk: &[u8]) {
        self.zeros |= chunk.contains(&0);
        if self.kept.len() < LOOKED_AT {
            let from = if self.kept.is_empty() { chunk.iter().position(|byte| !byte.is_ascii()) } else { Some(0) };
            if let Some(from) = from {
                self.kept.extend_from_slice(&chunk[from..]);
            }
        }
        if self.not_utf8 {
            return;
        }
        let carried;
        let bytes = if self.carry.is_empty() {
            chunk
        } else {
            self.carry.extend_from_slice(chunk);
            carried = std::mem::take(&mut self.carry);
            carried.as_slice()
        };
        if let Err(error) = std::str::from_utf8(bytes) {
            if error.error_len().is_some() {
                self.not_utf8 = true;
            } else {
                self.carry = bytes[error.valid_up_to()..].to_vec();
            }
        }
    }

    fn is_enough(&self) -> bool {
        self.zeros || (self.not_utf8 && self.kept.len() >= LOOKED_AT)
    }

    fn judge(&self) -> Found {
        if self.zeros {
            return Found::Binary;
        }
        if !self.not_utf8 && self.carry.is_empty() {
            return Found::Text(UTF_8);
        }
        if looks_like_damaged_utf8(&self.kept) {
            return Found::Text(UTF_8);
        }
        if looks_like_gb18030(&self.kept) {
            return Found::Text(GB18030);
        }
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(&self.kept, true);
        let guess = detector.guess(None, Utf8Detection::Deny);
        match guess {
            // GB18030 is GBK and more; whoever wrote GBK can be read as it.
            guess if guess == GBK || guess == GB18030 => Found::Text(GB18030),
            guess if guess == WINDOWS_1252 && self.kept.iter().all(|byte| is_western(*byte)) => Found::Text(guess),
            guess => Found::Perhaps(guess),
        }
    }
}

/// Whether most characters beyond ASCII are those of UTF-8, which other encodings hardly ever make by chance: then
/// the rest is damage, and is told where it is.
fn looks_like_damaged_utf8(bytes: &[u8]) -> bool {
    let (mut whole, mut broken) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().chars().filter(|character| !character.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    whole > broken
}

/// ASCII, and of windows-1252 the letters and the signs that people type.
fn is_western(byte: u8) -> bool {
    byte.is_ascii()
        || byte >= 0xc0
        || matches!(byte, 0x80 | 0x85 | 0x91..=0x97 | 0x99 | 0xa0 | 0xa3 | 0xa7..=0xab | 0xae | 0xb0..=0xb5 | 0xb7 | 0xbb..=0xbf)
}

/// Whether the bytes beyond ASCII are almost all pairs of the common Chinese characters, and none is
/// impossible.
fn looks_like_gb18030(bytes: &[u8]) -> bool {
    let (mut at, mut common, mut others) = (0, 0_usize, 0_usize);
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (0..=0x7f, _) => at += 1,
            // A character cut off by the end of what was looked at.
            (_, None) => break,
            // Rows 16 to 87 of GB 2312 hold its characters, rows 1 to 9 and A1–A9 its signs.
            (0xa1..=0xa9 | 0xb0..=0xf7, Some(0xa1..=0xfe)) => {
                common += 1;
                at += 2;
            }
            (0x81..=0xfe, Some(0x30..=0x39)) => {
                others += 1;
                at += 4;
            }
            (0x81..=0xfe, Some(0x40..=0x7e | 0x80..=0xfe)) => {
                others += 1;
                at += 2;
            }
            _ => return false,
        }
    }
    common > 0 && common >= others * 4
}

/// Decodes as it reads. A wrong byte is an error of kind `InvalidData` whose text is the byte's offset.
pub(crate) struct Utf8Reader<R> {
    inner: R,
    decoder: Decoder,
    input: Vec<u8>,
    at: usize,
    filled: usize,
    output: Vec<u8>,
    handed: usize,
    decoded: usize,
    /// Bytes taken from `inner` so far.
    pub(crate) taken: u64,
    ended: bool,
    finished: bool,
}

impl<R: Read> Utf8Reader<R> {
    pub(crate) fn new(inner: R, encoding: &'static Encoding) -> Self {
        Self {
            inner,
            decoder: encoding.new_decoder_with_bom_removal(),
            input: vec![0; CHUNK],
            at: 0,
            filled: 0,
            output: vec![0; CHUNK],
            handed: 0,
            decoded: 0,
            taken: 0,
            ended: false,
            finished: false,
        }
    }

    /// Decodes into the empty output until something is in it or the end is reached.
    fn decode(&mut self) -> io::Result<()> {
        (self.handed, self.decoded) = (0, 0);
        while self.decoded == 0 && !self.finished {
            if self.at == self.filled && !self.ended {
                self.filled = self.inner.read(&mut self.input)?;
                self.at = 0;
                self.taken += self.filled as u64;
                self.ended = self.filled == 0;
            }
            let input = &self.input[self.at..self.filled];
            let (result, read, written) =
                self.decoder.decode_to_utf8_without_replacement(input, &mut self.output, self.ended);
            self.at += read;
            self.decoded = written;
            if let DecoderResult::Malformed(bad, after) = result {
                // What was right before it still counts for nothing: a file is readable or it is not.
                let behind = (self.filled - self.at) as u64 + u64::from(bad) + u64::from(after);
                return Err(io::Error::new(io::ErrorKind::InvalidData, self.taken.saturating_sub(behind).to_string()));
            }
            self.finished = self.ended && result == DecoderResult::InputEmpty;
        }
        Ok(())
    }
}

impl<R: Read> Read for Utf8Reader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.handed == self.decoded {
            self.decode()?;
        }
        let ready = &self.output[self.handed..self.decoded];
        let count = ready.len().min(out.len());
        out[..count].copy_from_slice(&ready[..count]);
        self.handed += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn found(bytes: &[u8]) -> Found {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(bytes).expect("written");
        find(file.path()).expect("readable")
    }

    fn utf16(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    }

    #[test]
    fn encodings_are_found() {
        let chinese = "客户,金额\n华东机械有限公司,1200\n";
        let latin = "customer;amount\nMüller & Söhne;12\nGröße;5\nCafé Señor;7\n";
        let gb = encoding_rs::GB18030.encode(chinese).0.into_owned();
        let latin1 = encoding_rs::WINDOWS_1252.encode(latin).0.into_owned();
        for (bytes, expected) in [
            (chinese.as_bytes().to_vec(), Found::Text(UTF_8)),
            (b"plain,ascii\n".to_vec(), Found::Text(UTF_8)),
            (Vec::new(), Found::Text(UTF_8)),
            ([b"\xef\xbb\xbf".as_slice(), chinese.as_bytes()].concat(), Found::Text(UTF_8)),
            ([b"\xff\xfe".as_slice(), &utf16(chinese, false)].concat(), Found::Text(UTF_16LE)),
            ([b"\xfe\xff".as_slice(), &utf16(chinese, true)].concat(), Found::Text(UTF_16BE)),
            (utf16(latin, false), Found::Text(UTF_16LE)),
            (utf16(latin, true), Found::Text(UTF_16BE)),
            (gb, Found::Text(GB18030)),
            (latin1, Found::Text(WINDOWS_1252)),
            ("客户,金额\n华东,1\n".bytes().chain(*b"\xe5\x8d,2\n").collect(), Found::Text(UTF_8)),
            (
                encoding_rs::KOI8_R.encode("клиент,сумма\nМосковский завод,5\n").0.into_owned(),
                Found::Perhaps(encoding_rs::KOI8_U),
            ),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\x01\x02\x03".to_vec(), Found::Binary),
        ] {
            assert_eq!(found(&bytes), expected, "{:?}", String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn a_late_character_decides() {
        let mut bytes = vec![b'a'; CHUNK * 3];
        bytes.extend_from_slice("金".as_bytes());
        assert_eq!(found(&bytes), Found::Text(UTF_8));
        bytes.extend_from_slice(&GB18030.encode("这是客户的名字").0);
        assert_ne!(found(&bytes), Found::Text(UTF_8));
    }

    #[test]
    fn decoding_survives_cuts_anywhere() {
        struct Drip<'a>(&'a [u8]);
        impl Read for Drip<'_> {
            fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
                let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
                (out[0], self.0) = (*first, rest);
                Ok(1)
            }
        }
        let text = "客户,Müller,𠀀\n";
        for (encoding, bytes) in [
            (UTF_8, text.as_bytes().to_vec()),
            (GB18030, GB18030.encode(text).0.into_owned()),
            (UTF_16LE, utf16(text, false)),
        ] {
            let mut decoded = String::new();
            Utf8Reader::new(Drip(&bytes), encoding).read_to_string(&mut decoded).expect("it decodes");
            assert_eq!(decoded, text, "{}", encoding.name());
        }
        let error = Utf8Reader::new(Drip(b"ab\xffcd"), UTF_8).read_to_string(&mut String::new()).expect_err("wrong");
        assert_eq!((error.kind(), error.to_string().as_str()), (io::ErrorKind::InvalidData, "2"));
    }
}
