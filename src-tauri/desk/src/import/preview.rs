//! What a file holds: kind, mapping, rows by what would become of them, and each refused line.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use desk_store::{ConnectionRow, Json, Read};
use sha2::{Digest, Sha256};

use super::columns::{self, FileKind, Mapping};
use super::refusal::Reason;
use super::report::{ImportCounts, ImportReport, RefusedRow, TOLD_MAX};
use super::rows::{self, Line, Reader};
use super::{ImportAsk, ImportFile, ImportKind, project, read};
use crate::error::DeskError;
use crate::facts::wire;
use crate::home::Desk;
use crate::sync::count;

/// A file as it was understood, with what would be kept of it.
pub(super) struct Seen {
    pub report: ImportReport,
    pub kind: Option<FileKind>,
    /// How it was read: the same bytes read otherwise are another import.
    pub reading: String,
    /// Orders with all their lines, in the file's order; those that the API gave are left out.
    pub orders: Vec<Vec<Line>>,
}

/// An accepted row with the line it begins at.
type Placed = (u32, Line);

/// The rows of a file by order.
#[derive(Default)]
struct Understood {
    orders: Vec<Vec<Placed>>,
    refused: Vec<RefusedRow>,
    ignored: u32,
    unknown_products: BTreeSet<String>,
}

impl Desk {
    /// Reads a file and compares it with what is known. Nothing is written.
    pub(super) fn preview_import(
        &self,
        connection: &ConnectionRow,
        file: &ImportFile,
        ask: &ImportAsk,
    ) -> Result<Seen, DeskError> {
        if file.bytes.len() as u64 > read::FILE_MAX {
            return Err(read::too_large(&file.name, "it has more than 64 MiB"));
        }
        let table = read::table(&file.name, &file.bytes)?;
        let kind = match ask.kind {
            Some(ImportKind::Orders) => Some(FileKind::Orders),
            Some(ImportKind::Bill) => Some(columns::bill_of(&table.headers)),
            None => columns::recognise(&table.headers),
        };
        let mapping = Mapping::of(&table.headers, &ask.mapping)?;
        let zone = ask.zone.to_string();
        let mut report = ImportReport {
            customer: connection.id.clone(),
            file: file.name.clone(),
            sha256: hex::encode(Sha256::digest(&file.bytes)),
            dry_run: ask.dry_run,
            kind: kind.map_or("unknown", FileKind::word).to_owned(),
            encoding: table.encoding.to_owned(),
            delimiter: table.delimiter.to_string(),
            zone: zone.clone(),
            // A file of tomorrow is a clock that is wrong; its facts are not newer than now.
            dated: file.dated.min(self.now()),
            mapping: mapping.columns(),
            unmapped: mapping.unmapped(),
            missing: kind.map(|kind| mapping.missing(kind)).unwrap_or_default(),
            counts: ImportCounts { rows: count(table.rows.len()), ..ImportCounts::default() },
            refused: Vec::new(),
            without_period: Vec::new(),
            unknown_products: Vec::new(),
            moved: Vec::new(),
        };
        let columns: Vec<String> = report.mapping.iter().map(|c| format!("{}={}", c.field, c.header)).collect();
        let reading = format!("{} {zone} {}", report.kind, columns.join(" "));
        let Some(kind) = kind.filter(|_| report.missing.is_empty()) else {
            return Ok(Seen { report, kind, reading, orders: Vec::new() });
        };
        let reader =
            Reader { kind, mapping: &mapping, zone: ask.zone, uid: &connection.uid, currency: &connection.currency };
        let mut understood = understand(&reader, &table.rows);
        let with = Compared { connection, kind, dated: report.dated };
        let counts = &mut report.counts;
        let orders = self.store.read(|r| with.compare(r, &mut understood, counts))?;
        report.unknown_products = understood.unknown_products.into_iter().take(TOLD_MAX).collect();
        report.counts.ignored = understood.ignored;
        understood.refused.sort_by_key(|refused| refused.line);
        report.counts.refused = count(understood.refused.len());
        report.refused = understood.refused;
        report.refused.truncate(TOLD_MAX);
        report.without_period = without_period(&understood.orders);
        if self.was_taken(connection, &report.sha256, &reading)? {
            // A later file may have changed what it said; the same file again does not change it back.
            report.counts.same += std::mem::take(&mut report.counts.new) + std::mem::take(&mut report.counts.changed);
        }
        Ok(Seen { report, kind: Some(kind), reading, orders })
    }

    fn was_taken(&self, connection: &ConnectionRow, sha256: &str, reading: &str) -> Result<bool, DeskError> {
        let files = self.store.read(|r| r.imported_files().of_customer(&connection.id))?;
        Ok(files.iter().any(|file| file.sha256 == sha256 && file.reading == reading))
    }
}

/// The lines of one order so far.
struct Lines {
    /// Its place among the orders.
    place: usize,
    /// Their places by what tells them apart.
    by_key: HashMap<String, usize>,
}

/// Reads all rows and brings them together by order.
fn understand(reader: &Reader<'_>, rows: &[read::Row]) -> Understood {
    let mut understood = Understood::default();
    let mut places: HashMap<String, Lines> = HashMap::new();
    // Orders of which a line was refused, with that line.
    let mut broken: BTreeMap<String, u32> = BTreeMap::new();
    for row in rows {
        match reader.read(row) {
            rows::Read::Ignored => understood.ignored += 1,
            rows::Read::Refused(refused, order) => {
                broken.extend(order.map(|order| (order, refused.line)));
                understood.refused.push(refused);
            }
            rows::Read::Line(line) => {
                understood.unknown_products.extend(reader.unknown_product(row));
                let order = places.entry(line.order.clone()).or_insert_with(|| {
                    understood.orders.push(Vec::new());
                    Lines { place: understood.orders.len() - 1, by_key: HashMap::new() }
                });
                let lines = &mut understood.orders[order.place];
                match order.by_key.get(&line.line).map(|&at| &lines[at]) {
                    None if lines.len() == project::LINES_MAX => {
                        let reason = project::many_lines(&line.order);
                        understood.refused.push(RefusedRow::whole(row.line, &reason));
                        broken.insert(line.order.clone(), row.line);
                    }
                    None => {
                        order.by_key.insert(line.line.clone(), lines.len());
                        lines.push((row.line, *line));
                    }
                    Some((first, other)) => {
                        let twice = other == &*line;
                        understood.refused.push(again(row.line, *first, twice));
                        if !twice {
                            broken.insert(line.order.clone(), row.line);
                        }
                    }
                }
            }
        }
    }
    understood.refuse_broken(&broken);
    understood
}

fn again(line: u32, first: u32, twice: bool) -> RefusedRow {
    let first = first.to_string();
    RefusedRow::whole(line, &if twice { Reason::SaidTwice { first } } else { Reason::SaidOtherwise { first } })
}

impl Understood {
    /// An order that is not whole would be a wrong amount.
    fn refuse_broken(&mut self, broken: &BTreeMap<String, u32>) {
        let refused = &mut self.refused;
        self.orders.retain(|lines| {
            let Some(fault) = lines.first().and_then(|(_, line)| broken.get(&line.order)) else { return true };
            for (place, _) in lines {
                refused.push(RefusedRow::whole(*place, &Reason::NotWhole { line: fault.to_string() }));
            }
            false
        });
    }
}

/// Paid orders that no formula can use.
fn without_period(orders: &[Vec<Placed>]) -> Vec<String> {
    let timeless = |line: &Line| {
        (line.start.is_none() || line.end.is_none())
            && !line.instances.is_empty()
            && line.status.as_deref() == Some("Paid")
            && !wire::is_refund(&line.order_type)
    };
    let found = orders.iter().filter(|lines| lines.iter().any(|(_, line)| timeless(line)));
    found.filter_map(|lines| lines.first()).map(|(_, line)| line.order.clone()).take(TOLD_MAX).collect()
}

/// What the rows of a file are compared by.
struct Compared<'a> {
    connection: &'a ConnectionRow,
    kind: FileKind,
    /// The date of the file.
    dated: DateTime<Utc>,
}

impl Compared<'_> {
    /// Counts rows by what would become of them; answers the orders that would be kept. One that could not be projected is refused,
    /// before anything of it is in the journal.
    fn compare(
        &self,
        read: &Read<'_>,
        understood: &mut Understood,
        counts: &mut ImportCounts,
    ) -> Result<Vec<Vec<Line>>, DeskError> {
        let mut kept = Vec::new();
        let mut left = Vec::new();
        for placed in std::mem::take(&mut understood.orders) {
            let lines: Vec<&Line> = placed.iter().map(|(_, line)| line).collect();
            let Some(order) = lines.first().map(|line| &line.order) else { continue };
            if project::is_of_api(read, self.connection, order)? {
                counts.by_api += count(lines.len());
                left.push(placed);
                continue;
            }
            let known = read.imported_lines().of_order(&self.connection.id, order)?;
            if let Err(reason) = project::try_order(&self.connection.id, self.kind, self.dated, &known, &lines) {
                let told = |(line, _): &Placed| RefusedRow::whole(*line, &reason);
                understood.refused.extend(placed.iter().map(told));
                continue;
            }
            let of_kind = known.into_iter().filter(|row| row.kind == self.kind.word());
            self.count_lines(of_kind.map(|row| (row.line, row.doc)).collect(), &lines, counts)?;
            kept.push(placed.iter().map(|(_, line)| line.clone()).collect());
            left.push(placed);
        }
        understood.orders = left;
        Ok(kept)
    }

    fn count_lines(
        &self,
        mut known: BTreeMap<String, Json>,
        lines: &[&Line],
        counts: &mut ImportCounts,
    ) -> Result<(), DeskError> {
        for line in lines {
            match known.remove(&line.line) {
                None => counts.new += 1,
                Some(doc) if doc == Json::of(line)? => counts.same += 1,
                Some(_) => counts.changed += 1,
            }
        }
        // A line that an order export no longer lists is a change of its order.
        if self.kind == FileKind::Orders {
            counts.changed += count(known.len());
        }
        Ok(())
    }
}
