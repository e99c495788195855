//! The evidence pack: several files in one ZIP, with a list of them and their hashes.

use std::io::{Seek, Write};

use serde::Serialize;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::{ReportError, Watch};

/// One file of a pack.
#[derive(Debug, Clone)]
pub struct Part {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Writes a ZIP: `manifest.json` first, then the parts in their order. The same parts give the same bytes.
///
/// # Errors
/// [`ReportError::Pack`] when `out` refuses bytes, [`ReportError::Cancelled`].
pub fn write_pack(
    manifest: &impl Serialize,
    parts: &[Part],
    out: impl Write + Seek,
    watch: Watch<'_>,
) -> Result<(), ReportError> {
    let failed = |why: &dyn std::fmt::Display| ReportError::Pack(why.to_string());
    let list = serde_json::to_vec_pretty(manifest).map_err(|why| failed(&why))?;
    let total = u32::try_from(parts.len()).unwrap_or(u32::MAX);
    let mut zip = ZipWriter::new(out);
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    zip.start_file("manifest.json", options).map_err(|why| failed(&why))?;
    zip.write_all(&list).map_err(|why| failed(&why))?;
    for (done, part) in (1..).zip(parts) {
        zip.start_file(part.name.as_str(), options).map_err(|why| failed(&why))?;
        zip.write_all(&part.bytes).map_err(|why| failed(&why))?;
        watch.step(done, total)?;
    }
    zip.finish().map_err(|why| failed(&why))?.flush().map_err(|why| failed(&why))
}
