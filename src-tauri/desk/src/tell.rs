//! Quotes in sentences that a manager can read to a customer. The engine says message ids and parameters; the words stand in
//! `messages/*.toml`, one file a language, with the same keys.

mod messages;
mod values;

use refund_rules::quote::{Change, Destination, Line, Param, Params, Quote, Step, What};
use refund_rules::{Case, Policies};

use crate::answers::order_index;
use crate::views::{Sentence, Told, ToldLine};
use messages::Messages;

/// Language of sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    English,
    Chinese,
}

impl Language {
    /// Every language.
    pub const ALL: &'static [Self] = &[Self::English, Self::Chinese];

    /// Its word in settings and documents.
    pub const fn word(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }

    /// The language of a word, if it is one.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|language| language.word() == word)
    }
}

/// Tells the quote of a case, in its own order.
pub fn tell(quote: &Quote, case: &Case, policies: &Policies, language: Language) -> Told {
    let telling = Telling { messages: Messages::of(language), policies, case, quote };
    Told {
        headline: telling.headline(),
        lines: quote.lines.iter().map(|line| telling.line(line)).collect(),
        blockers: quote
            .blockers
            .iter()
            .map(|b| telling.sentence("blocker", &b.code, &b.params, Some(&b.rule)))
            .collect(),
        why_not: quote.why_not.iter().map(|why| telling.why_not(why)).collect(),
        destinations: quote.destinations.iter().map(|to| telling.destination(to)).collect(),
        consequences: quote
            .consequences
            .iter()
            .map(|c| telling.sentence("consequence", &c.id, &c.params, None))
            .collect(),
        next_changes: quote.next_changes.iter().map(|change| telling.change(change)).collect(),
        readings: quote.readings.iter().map(|id| telling.sentence("reading", id, &Params::new(), Some(id))).collect(),
        unknowns: quote.unknowns.iter().map(|path| telling.unknown(path)).collect(),
    }
}

/// An amount as people read it: thousands set apart by commas, on the decimal's own text.
pub fn amount(value: rust_decimal::Decimal) -> String {
    values::grouped(&value.to_string())
}

/// What a reading says: the choice made where the pages are silent or disagree. `None` for a rule that is none.
pub fn reading(rule: &str, language: Language) -> Option<String> {
    Messages::of(language).tables.get("reading")?.get(rule).cloned()
}

/// A sentence of the desk's own, outside any quote.
pub(crate) fn say(language: Language, table: &str, id: &str, params: &Params) -> String {
    Messages::of(language).fill(table, id, params)
}

/// True where a table has a sentence of this id.
pub(crate) fn knows(table: &str, id: &str) -> bool {
    Messages::of(Language::English).tables.get(table).is_some_and(|sentences| sentences.contains_key(id))
}

/// Parameters of a sentence.
pub(crate) fn params<const N: usize>(params: [(&str, Param); N]) -> Params {
    Params::from(params)
}

struct Telling<'t> {
    messages: &'static Messages,
    policies: &'t Policies,
    case: &'t Case,
    quote: &'t Quote,
}

impl Telling<'_> {
    fn headline(&self) -> String {
        let quote = self.quote;
        let codes = quote.blockers.iter().map(|b| b.code.to_string()).collect();
        let mut params = Params::from([
            ("refund", Param::from(quote.refund)),
            ("refund_max", Param::from(quote.refund_max)),
            ("refund_type", Param::from(quote.refund_type.word())),
            ("blockers", Param::List(codes)),
        ]);
        if let Some(until) = quote.valid_until {
            params.insert("valid_until", Param::from(until));
        }
        let id = match (quote.eligible, quote.exact, quote.valid_until.is_some()) {
            (false, ..) if quote.releasable => "releasable",
            (false, ..) => "blocked",
            (true, true, true) => "eligible",
            (true, true, false) => "eligible_for_good",
            (true, false, true) => "range",
            (true, false, false) => "range_for_good",
        };
        self.text("headline", id, params)
    }

    fn line(&self, line: &Line) -> ToldLine {
        let about = Params::from([
            ("order", Param::from(line.order.as_str())),
            ("state", Param::from(line.state.word())),
            ("refund", Param::from(line.refund)),
            ("refund_max", Param::from(line.refund_max)),
        ]);
        let id = if line.refund == line.refund_max { "title" } else { "range" };
        ToldLine {
            order: line.order.clone(),
            title: self.text("line", id, about),
            steps: line.steps.iter().map(|step| self.step(line, step)).collect(),
        }
    }

    fn step(&self, line: &Line, step: &Step) -> Sentence {
        let mut params = Params::from([("consumed", Param::from(line.consumed))]);
        params.extend(step.params.clone());
        self.sentence("step", &step.id, &params, Some(&step.rule))
    }

    fn why_not(&self, why: &refund_rules::quote::WhyNot) -> Sentence {
        let mut params = why.params.clone();
        params.insert("refund_type", Param::from(why.refund_type.word()));
        self.sentence("condition", &why.condition, &params, Some(&why.rule))
    }

    fn destination(&self, to: &Destination) -> Sentence {
        let mut params = Params::from([("amount", Param::from(to.amount)), ("method", Param::from(to.to.as_str()))]);
        let id = match to.until {
            Some(until) => {
                params.insert("until", Param::from(until));
                "place_until"
            }
            None if to.to == "unknown" => "unknown",
            None => "place",
        };
        self.sentence("destination", id, &params, self.rule_of(to))
    }

    /// The rule of the first step that sends money there.
    fn rule_of(&self, to: &Destination) -> Option<&str> {
        let steps = self.quote.lines.iter().flat_map(|line| &line.steps);
        let sends = |step: &&Step| match step.id.as_str() {
            "destination.source" | "destination.source_until" | "destination.source_not_guaranteed" => {
                matches!(step.params.get("method"), Some(Param::Text(method)) if *method == to.to)
            }
            "destination.balance" | "destination.invoiced" | "destination.window_closed" => to.to == "balance",
            "destination.unknown" => to.to == "unknown",
            _ => false,
        };
        steps.filter(sends).map(|step| step.rule.as_str()).next()
    }

    fn change(&self, change: &Change) -> Sentence {
        let side = |text: &str| match change.what {
            What::Type => Param::from(self.messages.word("refund_type", text)),
            What::Eligibility => Param::from(self.eligibility(text)),
            What::Destination => Param::from(self.places(text)),
            What::Amount | What::AmountMax | What::Policy => Param::from(text),
        };
        let params = Params::from([
            ("at", Param::from(change.at)),
            ("before", side(&change.before)),
            ("after", side(&change.after)),
        ]);
        self.sentence("change", change.what.word(), &params, None)
    }

    /// "eligible", or the codes that block it.
    fn eligibility(&self, text: &str) -> String {
        if text == "eligible" {
            return self.messages.plain_word("eligible");
        }
        let names = text.split(',').map(|code| self.messages.get("blocker_name", code).to_owned()).collect::<Vec<_>>();
        names.join(self.messages.between())
    }

    /// "balance=11.04,bank_card=551.97"
    fn places(&self, text: &str) -> String {
        let places = text.split(',').map(|place| {
            let (to, amount) = place.split_once('=').unwrap_or((place, ""));
            format!("{} {}", self.messages.word("method", to), values::grouped(amount))
        });
        places.collect::<Vec<_>>().join(self.messages.between())
    }

    fn unknown(&self, path: &str) -> Sentence {
        let fact = refund_rules::vocabulary::UNKNOWN_FACTS.iter().find(|fact| path.ends_with(&format!(".{fact}")));
        let order = order_index(path).and_then(|index| self.case.orders.get(index));
        let params = order.map(|order| Params::from([("order", Param::from(order.id.as_str()))]));
        self.sentence("unknown", fact.copied().unwrap_or(path), &params.unwrap_or_default(), None)
    }

    fn sentence(&self, table: &str, id: &str, params: &Params, rule: Option<&str>) -> Sentence {
        let source = rule
            .and_then(|rule| self.policies.rule(self.case.customer.site, rule))
            .map(|rule| format!("{}, {} ({})", rule.source.page, rule.source.section, rule.source.date));
        Sentence { text: self.text(table, id, params.clone()), rule: rule.map(str::to_owned), source }
    }

    fn text(&self, table: &str, id: &str, mut params: Params) -> String {
        if params.get("currency").is_none() {
            params.insert("currency", Param::from(self.quote.currency.as_deref().unwrap_or_default()));
        }
        self.messages.fill(table, id, &params)
    }
}

#[cfg(test)]
mod tests;
