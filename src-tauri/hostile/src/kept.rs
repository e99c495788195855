//! Inputs that the fuzzer kept because each goes another way than the others: one a line, bytes that are no plain ASCII escaped.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

/// Where a door's inputs stand.
pub fn file_of(door: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("kept").join(format!("{door}.txt"))
}

/// Inputs longer than this are not kept: they say what shorter ones say, and nobody reads them.
const LONGEST: usize = 16 * 1024;

/// Most bytes of a door's inputs here: the shortest are kept, and the tree stays small. All of them lie in `target/fuzz-corpus`.
const MOST: usize = 512 * 1024;

/// Lays a door's inputs into a folder, one a file, as the fuzzer takes them.
///
/// # Errors
/// Those of the file system; a line that is no input.
pub fn lay(door: &str, folder: &Path) -> io::Result<usize> {
    std::fs::create_dir_all(folder)?;
    let Ok(text) = std::fs::read_to_string(file_of(door)) else { return Ok(0) };
    for (number, line) in text.lines().enumerate() {
        let bytes = bytes_of(line).ok_or_else(|| io::Error::other(format!("{door}, line {}: no input", number + 1)))?;
        std::fs::write(folder.join(format!("kept-{number:05}")), bytes)?;
    }
    Ok(text.lines().count())
}

/// Keeps the inputs of a folder as the door's, the shortest first.
///
/// # Errors
/// Those of the file system.
pub fn keep(door: &str, folder: &Path) -> io::Result<usize> {
    let mut inputs = BTreeSet::new();
    for file in std::fs::read_dir(folder)? {
        let bytes = std::fs::read(file?.path())?;
        if bytes.len() <= LONGEST {
            inputs.insert((bytes.len(), bytes));
        }
    }
    let mut lines = String::new();
    let mut kept = 0;
    for (_, bytes) in &inputs {
        let line = line_of(bytes);
        if lines.len() + line.len() >= MOST {
            break;
        }
        lines += &(line + "\n");
        kept += 1;
    }
    let file = file_of(door);
    std::fs::create_dir_all(file.parent().unwrap_or(Path::new(".")))?;
    std::fs::write(file, lines)?;
    Ok(kept)
}

/// One input as a line.
pub fn line_of(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

/// The input of a line; `None` for what [`line_of`] does not write.
pub fn bytes_of(line: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(line.len());
    let mut rest = line.as_bytes();
    while let [first, after @ ..] = rest {
        if *first != b'\\' {
            bytes.push(*first);
            rest = after;
            continue;
        }
        let [escape, after @ ..] = after else { return None };
        rest = after;
        bytes.push(match escape {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'x' => {
                let hex = rest.get(..2).and_then(|hex| std::str::from_utf8(hex).ok())?;
                rest = &rest[2..];
                u8::from_str_radix(hex, 16).ok()?
            }
            b'\\' | b'\'' | b'"' => *escape,
            _ => return None,
        });
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_comes_back() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(bytes_of(&line_of(&all)), Some(all.clone()));
        assert!(line_of(&all).is_ascii() && !line_of(&all).contains('\n'));
        for broken in ["\\", "\\x", "\\x1", "\\xzz", "\\q"] {
            assert_eq!(bytes_of(broken), None, "{broken}");
        }
    }
}
