//! Import of files: the console's order export, and the bill detail in its old and its new form (billing API on the wire section 9).
//!
//! bytes → text and rows ([`read`]) → columns by alias ([`columns`]) → one row as a line of an order ([`rows`]) → orders, compared
//! with what is known ([`preview`]) → kept ([`take`]) → the cache ([`project`]). The preview and the taking are one path; a dry run
//! stops before the journal.
//!
//! **Where imported facts stand.** The cloud cannot give a file back and the journal's entries hold no names, so what was understood
//! of a file is kept as rows in the journal's home (`imported_file`, beside the connections) in the same write as its
//! `file_imported` entry; the cache is projected from there, one write a chunk, and goes on at the next open when it was cut off or
//! thrown away. The file's name stands there too, and not in the entry: it may name the customer. The rows and not the original are kept: the original holds names of persons, nicknames and addresses, and what a
//! later desk would understand of it must not change an amount that was confirmed by what this one did.
//!
//! **Whose word holds.** An order is the unit. What the API gave is never touched by a file, and the API's row takes the place of a
//! file's whenever it comes. Of one kind of file the one taken later holds: an order export lists an order as a whole, so its lines
//! replace those before; a bill may be split over files, so its lines are added by their own numbers. Of several kinds the one with
//! service periods tells the parts, and the order export tells type and state; where their amounts differ nothing is certain.
//! Of a customer seen with its partner's key the API's row has neither instances nor periods: a file's takes its place and stays.
//! An order of which one line is refused is refused as a whole: the rest of it would be a wrong amount that looks certain.
//!
//! **What a file may ask.** Amounts, lines and parts are bounded so that nothing computed with them overflows, and each order is
//! projected once on trial before anything of it is in the journal: what stands there can be projected at every open. A chunk that
//! cannot be all the same, being damaged, is told of its customer and keeps nothing else from being opened.
//!
//! **What files do not tell.** An order without a service period is history until `orders[ID].start` and `.end` are entered
//! ([`crate::periods`]). How a resource stands is not in any file: a customer without a connection has resources made of the files'
//! instance ids, as old as the file, whose chain counts as complete only when it begins with the purchase.

mod amount;
mod columns;
mod customer;
mod preview;
mod project;
mod read;
mod refusal;
mod report;
mod rows;
mod take;
mod time;
mod words;

use std::io::Read as _;
use std::path::Path;

use chrono::{DateTime, FixedOffset, Offset as _, Utc};
use desk_store::Json;
use serde::{Deserialize, Serialize};

use crate::error::DeskError;
use crate::home::Desk;

pub use columns::{FileKind, MappedColumn};
pub use customer::ImportedCustomer;
pub use report::{ImportCounts, ImportReport, RefusedRow};

pub(crate) use project::yield_to_api;

/// A file to import, as the host read it.
#[derive(Debug, Clone)]
pub struct ImportFile {
    /// Its name without the folder.
    pub name: String,
    pub bytes: Vec<u8>,
    /// When it was written: how old its facts are.
    pub dated: DateTime<Utc>,
}

/// How to import.
#[derive(Debug, Clone)]
pub struct ImportAsk {
    pub customer: String,
    /// Tell what there is, and keep nothing.
    pub dry_run: bool,
    /// What the manager says of the columns: `(FIELD, HEADER)`; an empty header takes the field from no column.
    pub mapping: Vec<(String, String)>,
    /// Zone of times without an offset. The China console writes UTC+8.
    pub zone: FixedOffset,
    /// `None`: by the headers. Of a bill the headers tell the form.
    pub kind: Option<ImportKind>,
}

/// What the manager says a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportKind {
    Orders,
    Bill,
}

impl ImportAsk {
    /// An import as it is usual: taken, by aliases, in UTC+8.
    pub fn new(customer: &str) -> Self {
        let zone = FixedOffset::east_opt(8 * 3600).unwrap_or_else(|| Utc.fix());
        Self { customer: customer.to_owned(), dry_run: false, mapping: Vec::new(), zone, kind: None }
    }
}

impl Desk {
    /// Imports a file for a customer of this home, or tells what it would do. Errors: `unknown_customer`, `import_unreadable`,
    /// `import_too_large`, `import_unknown`, `import_unmapped`, `import_unknown_field`, `import_unknown_header`.
    pub fn import(&self, path: &Path, ask: &ImportAsk) -> Result<ImportReport, DeskError> {
        self.import_file(&file_at(path)?, ask)
    }

    /// As [`import`](Self::import), of a file that the host has read.
    pub fn import_file(&self, file: &ImportFile, ask: &ImportAsk) -> Result<ImportReport, DeskError> {
        let connection = self.connection(&ask.customer)?;
        let seen = self.preview_import(&connection, file, ask)?;
        if ask.dry_run { Ok(seen.report) } else { self.take(seen) }
    }
}

fn file_at(path: &Path) -> Result<ImportFile, DeskError> {
    let failed = |why: &dyn std::fmt::Display| {
        DeskError::new(
            "import_unreadable",
            format!("the file cannot be read: {why}"),
            "give a CSV file that you may read, as the console exports it",
        )
        .at(path.display().to_string())
    };
    let file = std::fs::File::open(path).map_err(|why| failed(&why))?;
    let dated = file.metadata().and_then(|found| found.modified()).map_err(|why| failed(&why))?;
    let mut bytes = Vec::new();
    file.take(read::FILE_MAX + 1).read_to_end(&mut bytes).map_err(|why| failed(&why))?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(ImportFile { name, bytes, dated: dated.into() })
}

/// What stands in the `raw` column of an order that only files tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileMark {
    /// Always `file`.
    from: String,
    /// Kinds of files that tell of it.
    kinds: Vec<FileKind>,
    /// They do not ask for the same amounts.
    pub differ: bool,
    /// It is of a plan, whose usage no file tells.
    pub plan: bool,
}

/// The `raw` column of a resource that only files tell.
pub(crate) fn file_resource() -> Result<Json, DeskError> {
    Ok(Json::parse(r#"{"from":"file"}"#)?)
}
