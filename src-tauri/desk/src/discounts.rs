//! Discount tables per customer and product: entered once, dated, with their source. They are facts like any other the manager
//! enters: journaled, laid over the case of every order they hold for, and they make a range exact.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::Path;

use chrono::{DateTime, NaiveDate, Utc};
use desk_store::FactRow;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::day::day_start;
use crate::error::DeskError;
use crate::home::Desk;
use crate::projection::{EnteredFact, Note};
use crate::views::{DiscountImport, DiscountStep, DiscountTable, RefusedLine};

const SCOPE: &str = "discounts:";

/// Path of a table that holds from the beginning.
const ALWAYS: &str = "from:always";

/// Most bytes of an import file.
const FILE_MAX: u64 = 4 * 1024 * 1024;

/// Most steps of a table.
const STEPS_MAX: usize = 100;

/// Decimals of a factor (refund-rules section 2).
const FACTOR_SCALE: u32 = 4;

impl Desk {
    /// A customer's tables, by product and date.
    pub fn discounts(&self, customer: &str) -> Result<Vec<DiscountTable>, DeskError> {
        self.connection(customer)?;
        let facts = self.store.read(|r| r.facts().of_customer(customer))?;
        facts.into_iter().filter(|fact| fact.scope.starts_with(SCOPE)).map(table_of).collect()
    }

    /// Enters a table, or replaces the one of the same product and date, and makes the quotes it concerns again. Errors:
    /// `bad_discounts` with the place.
    pub fn enter_discounts(&self, table: &DiscountTable) -> Result<(), DeskError> {
        self.connection(&table.customer)?;
        check(table)?;
        self.enter_all(vec![table.clone()])
    }

    /// Reads tables from a CSV file with the columns customer, product, from, from_day, from_percent, factor, source; one line a
    /// step, a line with neither threshold nor factor says "no discount". All of it is entered or, with a refused line, nothing;
    /// the same file twice changes nothing.
    pub fn import_discounts(&self, file: &Path) -> Result<DiscountImport, DeskError> {
        let (tables, mut refused) = read_tables(file)?;
        let known: BTreeSet<String> = self.store.read(|r| r.connections().list())?.into_iter().map(|c| c.id).collect();
        for (line, table) in &tables {
            let fault = if known.contains(&table.customer) {
                check(table).err()
            } else {
                Some(DeskError::unknown_customer(&table.customer))
            };
            refused.extend(fault.map(|fault| RefusedLine { line: *line, reason: fault.message().to_owned() }));
        }
        if !refused.is_empty() {
            refused.sort_by_key(|r| r.line);
            return Ok(DiscountImport { entered: 0, unchanged: 0, refused });
        }
        let mut new = Vec::new();
        let mut unchanged = 0;
        for (_, table) in tables {
            let kept = self.discounts(&table.customer)?;
            let same = kept.iter().any(|k| {
                (&k.product, k.from, &k.steps, &k.source) == (&table.product, table.from, &table.steps, &table.source)
            });
            if same {
                unchanged += 1;
            } else {
                new.push(table);
            }
        }
        let entered = u32::try_from(new.len()).unwrap_or(u32::MAX);
        self.enter_all(new)?;
        Ok(DiscountImport { entered, unchanged, refused })
    }

    fn enter_all(&self, tables: Vec<DiscountTable>) -> Result<(), DeskError> {
        let touched: BTreeSet<(String, String)> =
            tables.iter().map(|t| (t.customer.clone(), t.product.clone())).collect();
        self.write(move |tx, scribe| {
            for table in &tables {
                let fact = fact_of(table);
                let body = serde_json::to_value(&fact).map_err(|why| bad("steps", &why.to_string()))?;
                scribe.enter(
                    tx,
                    Note { kind: "fact_entered", customer: Some(&table.customer), subject: Some(&fact.scope), body },
                )?;
            }
            Ok(())
        })?;
        for (customer, product) in touched {
            let quotes = self.store.read(|r| r.quotes().of_customer(&customer))?;
            let resources: Vec<String> =
                quotes.into_iter().filter(|q| q.product == product).map(|q| q.resource).collect();
            self.quote_resources(&customer, &resources)?;
        }
        Ok(())
    }
}

/// Scope of a product's tables among a customer's facts.
pub(crate) fn scope(product: &str) -> String {
    format!("{SCOPE}{product}")
}

/// Of a product's tables the one that holds for an order paid at `paid_at`: the newest that had begun.
pub(crate) fn table_for(tables: &[FactRow], paid_at: DateTime<Utc>) -> Result<Option<&FactRow>, DeskError> {
    let mut best: Option<(Option<NaiveDate>, &FactRow)> = None;
    for fact in tables {
        let from = from_path(&fact.path)?;
        let begun = from.is_none_or(|day| day_start(day) <= paid_at);
        if begun && best.as_ref().is_none_or(|(newest, _)| from >= *newest) {
            best = Some((from, fact));
        }
    }
    Ok(best.map(|(_, fact)| fact))
}

/// A step as the case format writes it.
#[derive(Serialize, Deserialize)]
struct Step {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from_day: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from_percent: Option<Decimal>,
    factor: Decimal,
}

fn fact_of(table: &DiscountTable) -> EnteredFact {
    let steps: Vec<Step> = table
        .steps
        .iter()
        .map(|s| Step { from_day: s.from_day, from_percent: s.from_percent, factor: s.factor })
        .collect();
    EnteredFact {
        scope: scope(&table.product),
        path: table.from.map_or_else(|| ALWAYS.to_owned(), |day| format!("from:{day}")),
        value: serde_json::to_value(steps).unwrap_or(Value::Null),
        source: table.source.trim().to_owned(),
    }
}

fn table_of(fact: FactRow) -> Result<DiscountTable, DeskError> {
    let steps: Vec<Step> = fact.value.read()?;
    Ok(DiscountTable {
        product: fact.scope.trim_start_matches(SCOPE).to_owned(),
        from: from_path(&fact.path)?,
        steps: steps
            .into_iter()
            .map(|s| DiscountStep { from_day: s.from_day, from_percent: s.from_percent, factor: s.factor })
            .collect(),
        customer: fact.customer,
        source: fact.source,
        entered_at: Some(fact.entered_at),
    })
}

fn from_path(path: &str) -> Result<Option<NaiveDate>, DeskError> {
    if path == ALWAYS {
        return Ok(None);
    }
    let day = path.strip_prefix("from:").and_then(|text| text.parse().ok());
    day.map(Some).ok_or_else(|| bad("from", &format!("`{path}` names no day")))
}

/// What the engine would refuse is refused here, where it is entered.
fn check(table: &DiscountTable) -> Result<(), DeskError> {
    if table.product.trim().is_empty() || table.product.contains(char::is_whitespace) {
        return Err(bad("product", "a table is for one product code"));
    }
    if table.source.trim().is_empty() {
        return Err(bad("source", "a table needs its source: the contract or page it comes from"));
    }
    if table.steps.len() > STEPS_MAX {
        return Err(bad("steps", &format!("a table has at most {STEPS_MAX} steps")));
    }
    let mut days = BTreeSet::new();
    let mut percents = BTreeSet::new();
    for (i, step) in table.steps.iter().enumerate() {
        let place = format!("steps[{i}]");
        let new = match (step.from_day, step.from_percent) {
            (Some(day), None) if day > 0 => days.insert(day),
            (None, Some(percent)) if percent >= Decimal::ZERO && percent <= Decimal::ONE_HUNDRED => {
                percents.insert(percent)
            }
            _ => {
                return Err(bad(
                    &place,
                    "a step begins at a day from 1 on, or at a per cent of the quota from 0 to 100",
                ));
            }
        };
        if !new {
            return Err(bad(&place, "two steps begin at the same place"));
        }
        if step.factor <= Decimal::ZERO || step.factor > Decimal::ONE || step.factor.normalize().scale() > FACTOR_SCALE
        {
            return Err(bad(&place, "a factor is above 0, at most 1, with at most four decimals"));
        }
    }
    Ok(())
}

fn bad(place: &str, why: &str) -> DeskError {
    DeskError::new("bad_discounts", why.to_owned(), "correct the table and enter it again").at(place)
}

/// One line of an import file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    customer: String,
    product: String,
    #[serde(default)]
    from: Option<NaiveDate>,
    #[serde(default)]
    from_day: Option<u32>,
    #[serde(default)]
    from_percent: Option<String>,
    #[serde(default)]
    factor: Option<String>,
    source: String,
}

/// Tables with the line each begins at, and the lines that cannot be read.
type ReadTables = (Vec<(u32, DiscountTable)>, Vec<RefusedLine>);

fn read_tables(file: &Path) -> Result<ReadTables, DeskError> {
    let unreadable = |why: &str| {
        DeskError::new(
            "import_unreadable",
            format!("the file cannot be read: {why}"),
            "give a CSV file with the columns customer, product, from, from_day, from_percent, factor, source",
        )
        .at(file.display().to_string())
    };
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(file).map_err(|why| unreadable(&why.to_string()))?;
    opened.take(FILE_MAX + 1).read_to_end(&mut bytes).map_err(|why| unreadable(&why.to_string()))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > FILE_MAX {
        return Err(unreadable("it is larger than 4 MiB"));
    }
    let text = String::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8 text"))?;
    // The reader counts a line at its "\n"; with "\r\n" it would be one behind.
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|why| unreadable(&why.to_string()))?.clone();
    if !headers.iter().any(|h| h == "customer") {
        return Err(unreadable("its first line names no column `customer`"));
    }
    let mut tables: BTreeMap<(String, String, Option<NaiveDate>), (u32, DiscountTable)> = BTreeMap::new();
    let mut refused = Vec::new();
    for record in reader.records() {
        let line =
            record.as_ref().ok().and_then(|r| r.position()).map_or(0, |p| u32::try_from(p.line()).unwrap_or(u32::MAX));
        let read = record
            .and_then(|record| record.deserialize::<Line>(Some(&headers)))
            .map_err(|why| why.to_string())
            .and_then(|row| {
                let step = step_of(&row)?;
                Ok((row, step))
            });
        match read {
            Ok((row, step)) => {
                let key = (row.customer.clone(), row.product.clone(), row.from);
                let (_, table) = tables.entry(key).or_insert_with(|| {
                    let table = DiscountTable {
                        customer: row.customer,
                        product: row.product,
                        from: row.from,
                        steps: Vec::new(),
                        source: row.source,
                        entered_at: None,
                    };
                    (line, table)
                });
                table.steps.extend(step);
            }
            Err(reason) => refused.push(RefusedLine { line, reason }),
        }
    }
    Ok((tables.into_values().collect(), refused))
}

fn step_of(row: &Line) -> Result<Option<DiscountStep>, String> {
    let decimal = |text: &Option<String>| match text.as_deref().map(str::trim).filter(|t| !t.is_empty()) {
        Some(text) => Decimal::from_str_exact(text).map(Some).map_err(|_| format!("`{text}` is not a decimal")),
        None => Ok(None),
    };
    let from_percent = decimal(&row.from_percent)?;
    match (decimal(&row.factor)?, row.from_day, from_percent) {
        (Some(factor), from_day, from_percent) => Ok(Some(DiscountStep { from_day, from_percent, factor })),
        (None, None, None) => Ok(None),
        (None, ..) => Err("a threshold without a factor".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From which day, from which per cent, and the factor.
    type Row = (Option<u32>, Option<&'static str>, &'static str);

    fn table(steps: &[Row]) -> DiscountTable {
        let d = |text: &str| text.parse::<Decimal>().expect("a decimal");
        DiscountTable {
            customer: "1".to_owned(),
            product: "ecs".to_owned(),
            from: None,
            steps: steps
                .iter()
                .map(|(day, percent, factor)| DiscountStep {
                    from_day: *day,
                    from_percent: percent.map(d),
                    factor: d(factor),
                })
                .collect(),
            source: "contract".to_owned(),
            entered_at: None,
        }
    }

    #[test]
    fn a_table_that_the_engine_would_refuse_is_refused() {
        let good: [&[Row]; 3] =
            [&[], &[(Some(180), None, "0.9"), (Some(365), None, "0.85")], &[(None, Some("50"), "0.8500")]];
        for steps in good {
            assert!(check(&table(steps)).is_ok(), "{steps:?}");
        }
        let refused: [&[Row]; 7] = [
            &[(Some(180), None, "0.9"), (Some(180), None, "0.8")],
            &[(Some(0), None, "0.9")],
            &[(None, None, "0.9")],
            &[(Some(1), Some("5"), "0.9")],
            &[(Some(1), None, "0")],
            &[(Some(1), None, "1.0001")],
            &[(Some(1), None, "0.12345")],
        ];
        for steps in refused {
            assert_eq!(check(&table(steps)).expect_err("refused").code(), "bad_discounts", "{steps:?}");
        }
    }

    #[test]
    fn a_file_is_read_by_its_columns_and_each_bad_line_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("discounts.csv");
        let text = "\u{feff}customer,product,from,from_day,from_percent,factor,source\r\n\
                    1,ecs,2026-01-01,180,,0.9,contract 7\r\n\
                    1,ecs,2026-01-01,365,,0.85,contract 7\r\n\
                    1,rds,,,,,contract 7\r\n\
                    1,oss,,x,,0.9,contract 7\r\n\
                    1,oss,,180,,,contract 7\r\n";
        std::fs::write(&file, text).expect("a file");
        let (tables, refused) = read_tables(&file).expect("a readable file");
        assert_eq!(
            tables.iter().map(|(line, t)| (*line, t.product.as_str(), t.steps.len())).collect::<Vec<_>>(),
            [(2, "ecs", 2), (4, "rds", 0)]
        );
        assert_eq!(refused.iter().map(|r| r.line).collect::<Vec<_>>(), [5, 6]);
    }
}
