//! Reading a pack, and refusing one that is wrong: unknown keys, two rows in force for one key, gaps where a table must
//! answer always, rows that can never apply, rules that the engine cites and the pack lacks.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::tables::{Pack, Row};
use super::{ANY_PRODUCT, Clock, PolicyError, Rule, Source};
use crate::case::Site;
use crate::read::rfc3339;
use crate::vocabulary::CITED_RULES;

/// Reads and checks one pack.
pub(super) fn pack(file: &str, text: &str) -> Result<Pack, PolicyError> {
    let document: Document = toml::from_str(text).map_err(|e| PolicyError::unreadable(file, e.message()))?;
    let mut reader = Reader { file, sources: &document.source, rules: BTreeMap::new() };
    let mut pack = Pack {
        site: document.site,
        version: document.version,
        coefficients: reader.rows(&document.coefficient, Clock::Asked)?,
        plan_windows: reader.rows(&document.plan_window, Clock::Asked)?,
        no_reason: reader.rows(&document.no_reason, Clock::Asked)?,
        groups: reader.rows(&document.group, Clock::Asked)?,
        products: reader.rows(&document.product, Clock::Asked)?,
        destinations: reader.rows(&document.destination, Clock::Paid)?,
        invoiced: reader.rows(&document.invoiced, Clock::Asked)?,
        processing: reader.rows(&document.processing, Clock::Asked)?,
        bank_days: reader.rows(&document.bank_days, Clock::Asked)?,
        kept_data: reader.rows(&document.kept_data, Clock::Asked)?,
        rules: BTreeMap::new(),
        dates: Vec::new(),
        readings: Vec::new(),
    };
    reader.rows::<toml::Table>(&document.rule, Clock::Asked)?;
    pack.keep_rules(reader.rules);
    check(file, &pack)?;
    Ok(pack)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    site: Site,
    version: String,
    source: BTreeMap<String, Page>,
    #[serde(default)]
    coefficient: Vec<toml::Table>,
    #[serde(default)]
    plan_window: Vec<toml::Table>,
    #[serde(default)]
    no_reason: Vec<toml::Table>,
    #[serde(default)]
    group: Vec<toml::Table>,
    #[serde(default)]
    product: Vec<toml::Table>,
    #[serde(default)]
    destination: Vec<toml::Table>,
    #[serde(default)]
    invoiced: Vec<toml::Table>,
    #[serde(default)]
    processing: Vec<toml::Table>,
    #[serde(default)]
    bank_days: Vec<toml::Table>,
    #[serde(default)]
    kept_data: Vec<toml::Table>,
    #[serde(default)]
    rule: Vec<toml::Table>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    page: String,
    date: String,
}

/// The keys that rows of every table have; what else a row holds are its parameters.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    id: String,
    #[serde(default = "any_product")]
    products: Vec<String>,
    from: Option<String>,
    until: Option<String>,
    clock: Option<Clock>,
    source: String,
    section: String,
    #[serde(default)]
    reading: bool,
}

const HEAD_KEYS: &[&str] = &["id", "products", "from", "until", "clock", "source", "section", "reading"];

fn any_product() -> Vec<String> {
    vec![ANY_PRODUCT.to_owned()]
}

struct Reader<'a> {
    file: &'a str,
    sources: &'a BTreeMap<String, Page>,
    rules: BTreeMap<String, Rule>,
}

impl Reader<'_> {
    fn rows<P: DeserializeOwned>(
        &mut self,
        rows: &[toml::Table],
        other_clock: Clock,
    ) -> Result<Vec<Row<P>>, PolicyError> {
        rows.iter().map(|row| self.row(row, other_clock)).collect()
    }

    fn row<P: DeserializeOwned>(&mut self, row: &toml::Table, other_clock: Clock) -> Result<Row<P>, PolicyError> {
        let id = row.get("id").and_then(toml::Value::as_str).unwrap_or("a row without id").to_owned();
        let (head, params): (toml::Table, toml::Table) =
            row.clone().into_iter().partition(|(key, _)| HEAD_KEYS.contains(&key.as_str()));
        let head: Head = self.told(&id, head.try_into())?;
        let set: P = self.told(&id, params.clone().try_into())?;
        let rule = self.rule(head, params, other_clock)?;
        if self.rules.insert(rule.id.clone(), rule.clone()).is_some() {
            return self.refuse("overlap", format!("two rules have the id {id}"));
        }
        Ok(Row { rule, set })
    }

    fn rule(&self, head: Head, params: toml::Table, other_clock: Clock) -> Result<Rule, PolicyError> {
        let id = head.id;
        let Some(page) = self.sources.get(&head.source) else {
            return self.refuse(
                "missing_rule",
                format!("{id} cites the source {}, which the pack does not have", head.source),
            );
        };
        let (from, until) = (self.date(&id, head.from)?, self.date(&id, head.until)?);
        if from.zip(until).is_some_and(|(from, until)| from >= until) {
            return self.refuse("never_applies", format!("{id} ends before it begins"));
        }
        if head.products.is_empty() {
            return self.refuse("never_applies", format!("{id} names no product"));
        }
        if params.get("below_day").and_then(toml::Value::as_integer).is_some_and(|day| day <= 1) {
            return self.refuse("never_applies", format!("{id} asks for fewer used days than the first"));
        }
        let clock = head.clock.unwrap_or(Clock::Asked);
        if clock != Clock::Asked && clock != other_clock {
            return self.refuse("unknown_key", format!("{id}: rules of this table are read by the asked instant"));
        }
        let source = Source { page: page.page.clone(), section: head.section, date: page.date.clone() };
        Ok(Rule { id, scope: head.products, from, until, clock, source, reading: head.reading, params })
    }

    fn date(&self, id: &str, text: Option<String>) -> Result<Option<DateTime<Utc>>, PolicyError> {
        let read =
            |text: String| rfc3339(&text).map_err(|e| PolicyError::new("unreadable", self.file, format!("{id}: {e}")));
        text.map(read).transpose()
    }

    fn told<T>(&self, id: &str, read: Result<T, toml::de::Error>) -> Result<T, PolicyError> {
        read.map_err(|e| PolicyError::unreadable(self.file, &format!("{id}: {}", e.message())))
    }

    fn refuse<T>(&self, code: &str, message: String) -> Result<T, PolicyError> {
        Err(PolicyError::new(code, self.file, message))
    }
}

/// What must hold between the rows of a pack.
fn check(file: &str, pack: &Pack) -> Result<(), PolicyError> {
    disjoint(file, &pack.coefficients, |_| String::new())?;
    disjoint(file, &pack.plan_windows, |_| String::new())?;
    disjoint(file, &pack.no_reason, |_| String::new())?;
    disjoint(file, &pack.groups, |_| String::new())?;
    disjoint(file, &pack.products, |set| format!("{:?} {:?}", set.kind, set.variant))?;
    disjoint(file, &pack.destinations, |set| format!("{:?}", set.method))?;
    disjoint(file, &pack.invoiced, |_| String::new())?;
    disjoint(file, &pack.processing, |_| String::new())?;
    disjoint(file, &pack.bank_days, |set| format!("{:?}", set.method))?;
    disjoint(file, &pack.kept_data, |_| String::new())?;
    total(file, "coefficient", pack.coefficients.iter().filter(|row| row.set.below_day.is_none() && row.set.what_ifs))?;
    total(file, "plan_window", &pack.plan_windows)?;
    total(file, "destination", pack.destinations.iter().filter(|row| row.set.method.is_none()))?;
    total(file, "processing", &pack.processing)?;
    for id in CITED_RULES {
        if !pack.rules.contains_key(*id) {
            return Err(PolicyError::new(
                "missing_rule",
                file,
                format!("the rule {id}, which quotes cite, is missing"),
            ));
        }
    }
    Ok(())
}

/// No two rows in force at one instant for one product and key.
fn disjoint<P>(file: &str, rows: &[Row<P>], key: impl Fn(&P) -> String) -> Result<(), PolicyError> {
    for (i, one) in rows.iter().enumerate() {
        for other in &rows[i + 1..] {
            let shared = one.rule.scope.iter().find(|product| other.rule.scope.contains(product));
            let (Some(product), true) = (shared, key(&one.set) == key(&other.set)) else { continue };
            if begins_before_end(&one.rule, &other.rule) && begins_before_end(&other.rule, &one.rule) {
                let message = format!("{} and {} are both in force for {product}", one.rule.id, other.rule.id);
                return Err(PolicyError::new("overlap", file, message));
            }
        }
    }
    Ok(())
}

fn begins_before_end(one: &Rule, other: &Rule) -> bool {
    one.from.zip(other.until).is_none_or(|(from, until)| from < until)
}

/// The rows about every product answer at every instant.
fn total<'a, P: 'a>(file: &str, table: &str, rows: impl IntoIterator<Item = &'a Row<P>>) -> Result<(), PolicyError> {
    let mut spans: Vec<_> = rows
        .into_iter()
        .filter(|row| row.rule.scope.iter().any(|product| product == ANY_PRODUCT) && row.rule.clock == Clock::Asked)
        .map(|row| (row.rule.from, row.rule.until))
        .collect();
    spans.sort();
    let gap = |when: String| {
        Err(PolicyError::new("gap", file, format!("no row of {table} is in force for every product {when}")))
    };
    let mut covered_until = match spans.first() {
        Some((None, until)) => *until,
        Some((Some(from), _)) => return gap(format!("before {from}")),
        None => return gap("at any time".to_owned()),
    };
    for (from, until) in &spans[1..] {
        let Some(end) = covered_until else { break };
        if from.is_none_or(|from| from > end) {
            return gap(format!("from {end}"));
        }
        covered_until = *until;
    }
    covered_until.map_or(Ok(()), |end| gap(format!("from {end}")))
}
