//! The mark of a document inside its file: the hash of what it says. It survives a change of the file around it, so that an altered
//! file can be told from a foreign one.

use std::io::{Cursor, Read};

/// What stands before the 64 hexadecimal digits.
pub const MARK: &str = "refund-desk-document-sha256:";

/// Digits of a SHA-256.
const DIGITS: usize = 64;

/// Members of a ZIP file in which a mark may stand: a workbook's properties, a pack's list.
const MEMBERS: [&str; 2] = ["docProps/custom.xml", "manifest.json"];

/// Most bytes of a member that are looked at.
const MEMBER_BYTES_MAX: u64 = 1 << 20;

/// The mark that a file carries, if it is one of ours: PDF, workbook or pack.
pub fn document_mark(file: &[u8]) -> Option<String> {
    if !file.starts_with(b"PK") {
        return mark_in(file);
    }
    let mut archive = zip::ZipArchive::new(Cursor::new(file)).ok()?;
    MEMBERS.iter().find_map(|name| {
        let mut bytes = Vec::new();
        archive.by_name(name).ok()?.take(MEMBER_BYTES_MAX).read_to_end(&mut bytes).ok()?;
        mark_in(&bytes)
    })
}

fn mark_in(bytes: &[u8]) -> Option<String> {
    let found = bytes.windows(MARK.len()).position(|window| window == MARK.as_bytes())?;
    let digits = bytes.get(found + MARK.len()..found + MARK.len() + DIGITS)?;
    let text = std::str::from_utf8(digits).ok()?;
    text.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| text.to_owned())
}
