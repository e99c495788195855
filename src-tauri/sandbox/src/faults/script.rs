//! Faults from a file: JSON or TOML, whatever it does not know refused by its place.

use std::path::Path;

use serde::Deserialize;

use super::{Fault, FaultRule};

/// Faults of a whole run.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct FaultScript {
    /// Chances are drawn from it; the sandbox's own seed when left out.
    pub seed: Option<u64>,
    /// Whether calls above the documented limits are throttled.
    pub throttle: bool,
    /// How far the cloud's clock is ahead of the machine's (behind when negative).
    pub clock_skew_seconds: i64,
    pub rules: Vec<FaultRule>,
}

/// Why a script cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    #[error("the file {path} cannot be read: {why}")]
    File { path: String, why: String },
    #[error("the file {path} is neither JSON nor TOML by its name; name it .json or .toml")]
    Format { path: String },
    /// `place` is the path within the document, or line and column.
    #[error("{place}: {why}")]
    Content { place: String, why: String },
}

/// Farther away no clock goes wrong: a month.
const MOST_SKEW_SECONDS: i64 = 31 * 86_400;

impl FaultScript {
    /// Reads a file; its name says whether it is JSON or TOML.
    pub fn load(path: &Path) -> Result<Self, ScriptError> {
        from_file::<RawScript>(path)?.checked()
    }

    /// Reads a JSON text.
    pub fn from_json(text: &str) -> Result<Self, ScriptError> {
        from_json::<RawScript>(text)?.checked()
    }

    /// Reads a TOML text.
    pub fn from_toml(text: &str) -> Result<Self, ScriptError> {
        from_toml::<RawScript>(text)?.checked()
    }
}

/// Reads a rule as the control door takes it: JSON, and it comes once unless it says how often.
pub(crate) fn one_rule(body: &str) -> Result<FaultRule, ScriptError> {
    let raw: RawRule = from_json(body)?;
    let times = raw.times.or(Some(1));
    RawRule { times, ..raw }.checked("")
}

/// Reads a document from a file; its name says whether it is JSON or TOML.
pub(crate) fn from_file<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<T, ScriptError> {
    let shown = path.display().to_string();
    let is = |ending: &str| path.extension().is_some_and(|given| given.eq_ignore_ascii_case(ending));
    if !is("json") && !is("toml") {
        return Err(ScriptError::Format { path: shown });
    }
    let text = std::fs::read_to_string(path)
        .map_err(|error| ScriptError::File { path: shown.clone(), why: error.to_string() })?;
    let read = if is("json") { from_json(&text) } else { from_toml(&text) };
    read.map_err(|error| match error {
        ScriptError::Content { place, why } => ScriptError::Content { place: format!("{shown}, {place}"), why },
        other => other,
    })
}

pub(crate) fn from_json<T: for<'a> Deserialize<'a>>(text: &str) -> Result<T, ScriptError> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = serde_path_to_error::deserialize(&mut reader);
    let read = read.map_err(|error| at_path(&error.path().to_string(), error.inner()))?;
    reader.end().map_err(|error| at_path(".", &error))?;
    Ok(read)
}

pub(crate) fn from_toml<T: for<'a> Deserialize<'a>>(text: &str) -> Result<T, ScriptError> {
    let document = toml::Deserializer::parse(text).map_err(|error| at_path(".", &error.message()))?;
    serde_path_to_error::deserialize(document)
        .map_err(|error| at_path(&error.path().to_string(), &error.inner().message()))
}

fn at_path(path: &str, why: &impl std::fmt::Display) -> ScriptError {
    let place = if path == "." { "the document" } else { path };
    ScriptError::Content { place: place.to_owned(), why: why.to_string() }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawScript {
    seed: Option<u64>,
    #[serde(default)]
    throttle: bool,
    #[serde(default)]
    clock_skew_seconds: i64,
    #[serde(default)]
    rules: Vec<RawRule>,
}

impl RawScript {
    fn checked(self) -> Result<FaultScript, ScriptError> {
        let skew = self.clock_skew_seconds;
        if skew.unsigned_abs() > MOST_SKEW_SECONDS.unsigned_abs() {
            let why = format!("{skew} is out of range; give at most {MOST_SKEW_SECONDS} either way");
            return Err(ScriptError::Content { place: "clock_skew_seconds".to_owned(), why });
        }
        let rule = |(nth, raw): (usize, RawRule)| raw.checked(&format!("rules[{nth}]"));
        let rules = self.rules.into_iter().enumerate().map(rule).collect::<Result<_, _>>()?;
        Ok(FaultScript { seed: self.seed, throttle: self.throttle, clock_skew_seconds: skew, rules })
    }
}

/// A rule as it is written: the word of the fault and all keys that some fault has.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    fault: String,
    operation: Option<String>,
    account: Option<String>,
    #[serde(default)]
    after: u32,
    times: Option<u32>,
    percent: Option<u32>,
    retry_after_ms: Option<u64>,
    ms: Option<u64>,
    from_ms: Option<u64>,
    to_ms: Option<u64>,
    status: Option<u16>,
    rows: Option<i32>,
    amount_percent: Option<u32>,
}

/// Words of the faults that take no key of their own.
const PLAIN: &[(&str, Fault)] = &[
    ("drop_before", Fault::DropBefore),
    ("drop_after", Fault::DropAfter),
    ("server_error", Fault::ServerError),
    ("server_error_after", Fault::ServerErrorAfter),
    ("unavailable", Fault::Unavailable),
    ("unavailable_after", Fault::UnavailableAfter),
    ("truncated", Fault::Truncated),
    ("page_repeated", Fault::PageRepeated),
    ("released_meanwhile", Fault::ReleasedMeanwhile),
];

/// Words of the faults with keys of their own, and which.
const WITH_KEYS: &[(&str, &[&str])] = &[
    ("throttled", &["retry_after_ms"]),
    ("latency", &["ms"]),
    ("latency_between", &["from_ms", "to_ms"]),
    ("html", &["status"]),
    ("html_after", &["status"]),
    ("page_shifted", &["rows"]),
    ("amount_changed", &["amount_percent"]),
];

/// What a proxy says when it does not reach the cloud.
const BAD_GATEWAY: u16 = 502;

impl RawRule {
    fn checked(self, place: &str) -> Result<FaultRule, ScriptError> {
        let at = |key: &str, why: String| {
            let place = if place.is_empty() { key.to_owned() } else { format!("{place}.{key}") };
            ScriptError::Content { place, why }
        };
        let fault = self.fault(&at)?;
        let rule = FaultRule {
            fault,
            operation: self.operation,
            account: self.account,
            after: self.after,
            times: self.times,
            percent: self.percent.unwrap_or(100),
        };
        match rule.wrong() {
            Some((key, why)) => Err(at(key, why)),
            None => Ok(rule),
        }
    }

    fn fault(&self, at: &impl Fn(&str, String) -> ScriptError) -> Result<Fault, ScriptError> {
        let word = self.fault.as_str();
        let own = WITH_KEYS.iter().find(|(name, _)| *name == word).map(|(_, keys)| *keys);
        let plain = PLAIN.iter().find(|(name, _)| *name == word).map(|(_, fault)| *fault);
        if own.is_none() && plain.is_none() {
            let known: Vec<_> =
                PLAIN.iter().map(|(name, _)| *name).chain(WITH_KEYS.iter().map(|(name, _)| *name)).collect();
            return Err(at("fault", format!("{word} is no fault; the faults are {}", known.join(", "))));
        }
        let given = [
            ("retry_after_ms", self.retry_after_ms.is_some()),
            ("ms", self.ms.is_some()),
            ("from_ms", self.from_ms.is_some()),
            ("to_ms", self.to_ms.is_some()),
            ("status", self.status.is_some()),
            ("rows", self.rows.is_some()),
            ("amount_percent", self.amount_percent.is_some()),
        ];
        let foreign = given.iter().find(|(key, is_given)| *is_given && !own.unwrap_or_default().contains(key));
        if let Some((key, _)) = foreign {
            return Err(at(key, format!("the fault {word} takes no such key")));
        }
        let missing = |key: &str| at(key, format!("the fault {word} needs it"));
        Ok(match word {
            "throttled" => Fault::Throttled { retry_after_ms: self.retry_after_ms.unwrap_or(0) },
            "latency" => Fault::Latency { ms: self.ms.ok_or_else(|| missing("ms"))? },
            "latency_between" => Fault::LatencyBetween {
                from_ms: self.from_ms.ok_or_else(|| missing("from_ms"))?,
                to_ms: self.to_ms.ok_or_else(|| missing("to_ms"))?,
            },
            "html" => Fault::Html { status: self.status.unwrap_or(BAD_GATEWAY) },
            "html_after" => Fault::HtmlAfter { status: self.status.unwrap_or(BAD_GATEWAY) },
            "page_shifted" => Fault::PageShifted { rows: self.rows.ok_or_else(|| missing("rows"))? },
            "amount_changed" => {
                let amount_percent = self.amount_percent.ok_or_else(|| missing("amount_percent"))?;
                Fault::AmountChanged { amount_percent }
            }
            _ => plain.expect("the word is one of the plain ones"),
        })
    }
}
