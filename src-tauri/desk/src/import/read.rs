//! From bytes to rows of text: the encoding, the delimiter, the bounds. What is wrong with the file as a whole ends here; what is
//! wrong with one line is told of that line.

use encoding_rs::{Encoding, GB18030, UTF_8};

use super::refusal::Reason;
use crate::error::DeskError;

/// Most bytes of a file. A year of a large account is a few MiB.
pub(super) const FILE_MAX: u64 = 64 * 1024 * 1024;

/// Most lines of a file.
const ROWS_MAX: usize = 200_000;

/// Most columns. The widest bill that is known has about 80.
const COLUMNS_MAX: usize = 300;

/// Most bytes of one cell. Tags and configurations are the longest.
const CELL_MAX: usize = 32 * 1024;

/// First bytes of an archive of the ZIP family: bills come zipped, and so do spreadsheets.
const ZIP: &[u8] = b"PK\x03\x04";

/// A file as text.
pub(super) struct Table {
    /// As it is told: `utf-8`, `utf-8 with byte order mark`, `gb18030`, `utf-16le`, `utf-16be`.
    pub encoding: &'static str,
    pub delimiter: char,
    pub headers: Vec<String>,
    pub rows: Vec<Row>,
}

/// One row, as wide as the headers unless it has a fault.
pub(super) struct Row {
    /// The line it begins at, from 1.
    pub line: u32,
    pub cells: Vec<String>,
    /// What makes it no row.
    pub fault: Option<Reason>,
}

/// Reads a file. Errors: `import_unreadable`, `import_too_large`.
pub(super) fn table(name: &str, bytes: &[u8]) -> Result<Table, DeskError> {
    let (encoding, text) = decode(name, bytes)?;
    // The reader counts a line at its "\n"; with "\r\n" it would be one behind.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let begin = text.len() - text.trim_start_matches('\n').len();
    // Blank lines before the header count as lines.
    let skipped = u32::try_from(text[..begin].matches('\n').count()).unwrap_or(u32::MAX);
    let text = &text[begin..];
    let delimiter = delimiter(text).ok_or_else(|| {
        unreadable(name, "its first line names no columns", "give a CSV file whose first line names its columns")
    })?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(u8::try_from(delimiter).unwrap_or(b','))
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut records = reader.records();
    let headers: Vec<String> = match records.next() {
        Some(Ok(record)) => record.iter().map(|cell| cell.trim().to_owned()).collect(),
        _ => return Err(unreadable(name, "its first line cannot be read", "export it again as CSV")),
    };
    if headers.len() > COLUMNS_MAX {
        return Err(too_large(name, &format!("it has {} columns, more than {COLUMNS_MAX}", headers.len())));
    }
    let mut table = Table { encoding, delimiter, headers, rows: Vec::new() };
    for record in records {
        let record = record.map_err(|why| unreadable(name, &why.to_string(), "export it again as CSV"))?;
        if table.rows.len() >= ROWS_MAX {
            return Err(too_large(name, &format!("it has more than {ROWS_MAX} lines")));
        }
        table.keep(line_of(text, &record).saturating_add(skipped), &record);
    }
    Ok(table)
}

/// The line that a record begins at. The reader's place is before the blank lines that it passes over.
fn line_of(text: &str, record: &csv::StringRecord) -> u32 {
    let Some(place) = record.position() else { return 0 };
    let from = usize::try_from(place.byte()).unwrap_or(usize::MAX).min(text.len());
    let blank = text.as_bytes()[from..].iter().take_while(|byte| **byte == b'\n').count();
    u32::try_from(place.line()).unwrap_or(u32::MAX).saturating_add(u32::try_from(blank).unwrap_or(u32::MAX))
}

impl Table {
    fn keep(&mut self, line: u32, record: &csv::StringRecord) {
        let width = self.headers.len();
        if record.iter().all(|cell| cell.trim().is_empty()) {
            return;
        }
        let fault = if record.iter().any(|cell| cell.len() > CELL_MAX) {
            Some(Reason::CellTooLong {})
        } else if record.len() != width {
            // Not even an empty cell more: a thousands separator outside quotes shifts all that follows it.
            Some(Reason::ColumnCount { found: record.len().to_string(), named: width.to_string() })
        } else {
            None
        };
        let cells = record.iter().map(|cell| if cell.len() > CELL_MAX { "" } else { cell }.to_owned()).collect();
        self.rows.push(Row { line, cells, fault });
    }
}

/// The text of a file: by its byte order mark, else strictly as UTF-8, else as GB18030.
fn decode(name: &str, bytes: &[u8]) -> Result<(&'static str, String), DeskError> {
    if bytes.starts_with(ZIP) {
        return Err(unreadable(name, "it is a ZIP archive or a spreadsheet", "unpack it, or save it as CSV"));
    }
    let (encoding, told) = match Encoding::for_bom(bytes) {
        Some((encoding, _)) if encoding == UTF_8 => (encoding, "utf-8 with byte order mark"),
        Some((encoding, _)) if encoding == encoding_rs::UTF_16LE => (encoding, "utf-16le"),
        Some((encoding, _)) => (encoding, "utf-16be"),
        None if std::str::from_utf8(bytes).is_ok() => (UTF_8, "utf-8"),
        None => (GB18030, "gb18030"),
    };
    let (text, damaged) = encoding.decode_with_bom_removal(bytes);
    if damaged || text.contains('\0') {
        return Err(unreadable(name, "it is neither UTF-8 nor GB18030 text", "export it again as CSV in UTF-8"));
    }
    Ok((told, text.into_owned()))
}

/// The mark that stands most often in the first line, outside quotes. `None` when none does.
fn delimiter(text: &str) -> Option<char> {
    let mut counts = [(',', 0_u32), (';', 0), ('\t', 0)];
    let mut quoted = false;
    for letter in text.chars() {
        match letter {
            '"' => quoted = !quoted,
            '\n' if !quoted => break,
            _ if quoted => {}
            _ => counts.iter_mut().filter(|(mark, _)| *mark == letter).for_each(|(_, count)| *count += 1),
        }
    }
    counts.iter().rev().max_by_key(|(_, count)| *count).filter(|(_, count)| *count > 0).map(|(mark, _)| *mark)
}

fn unreadable(name: &str, why: &str, next: &str) -> DeskError {
    DeskError::new("import_unreadable", format!("the file cannot be read: {why}"), next).at(name)
}

pub(super) fn too_large(name: &str, why: &str) -> DeskError {
    let next = "export a shorter time, or split the file, and import the parts one after the other";
    DeskError::new("import_too_large", format!("the file is too large: {why}"), next).at(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(u32, Option<&'static str>)> {
        let table = table("f.csv", text.as_bytes()).expect("a table");
        table.rows.into_iter().map(|row| (row.line, row.fault.map(|reason| reason.code()))).collect()
    }

    #[test]
    fn lines_are_counted_as_an_editor_does() {
        for eol in ["\n", "\r\n", "\r"] {
            let text = ["", "a,b", "1,2", "", "", "\"x", "y\",3", "4,5", " , ", "6,7"].join(eol);
            assert_eq!(rows(&text), [(3, None), (6, None), (8, None), (10, None)], "{eol:?}");
        }
    }

    #[test]
    fn a_row_is_as_wide_as_the_headers() {
        let long = format!("1,{}", "x".repeat(CELL_MAX + 1));
        assert_eq!(
            rows(&["a,b", "1", "1,2", "1,2,", "1,2,3", &long].join("\n")),
            [
                (2, Some("column_count")),
                (3, None),
                (4, Some("column_count")),
                (5, Some("column_count")),
                (6, Some("cell_too_long"))
            ]
        );
    }

    #[test]
    fn the_delimiter_is_the_mark_of_the_first_line() {
        for (text, expected) in [
            ("a,b\n1;2;3", Some(',')),
            ("a;b;c,d\n", Some(';')),
            ("a\tb\n1,2", Some('\t')),
            ("\"a,b,c\";d\n", Some(';')),
            ("a\n1,2", None),
            ("", None),
        ] {
            assert_eq!(delimiter(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_text_is_decoded_by_its_mark_then_strictly_then_as_gb18030() {
        let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        for (bytes, encoding) in [
            ("订单号,状态".as_bytes().to_vec(), "utf-8"),
            (["\u{feff}".as_bytes(), "订单号,状态".as_bytes()].concat(), "utf-8 with byte order mark"),
            (GB18030.encode("订单号,状态").0.into_owned(), "gb18030"),
            (utf16("\u{feff}订单号,状态"), "utf-16le"),
        ] {
            let table = table("f.csv", &bytes).expect(encoding);
            assert_eq!((table.encoding, &*table.headers), (encoding, &["订单号".to_owned(), "状态".to_owned()][..]));
        }
    }
}
