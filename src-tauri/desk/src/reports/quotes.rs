//! Quotes to sign before the decision: one page a resource, or one line a resource for a batch.

use desk_report::{Content, Note, QuoteLine, QuoteSheet, SheetQuote, Step, Template, Told};
use refund_rules::case::{Action, Ask};
use refund_rules::quote::{Quote, What};
use serde_json::json;

use super::ask::ReportLanguage;
use super::{Made, Report, count};
use crate::draft::Draft;
use crate::error::DeskError;
use crate::quote_book::Judged;
use crate::tell;
use crate::views::{self, ResourceQuery, ResourceSort, ResourceTab, Sentence};

/// Coming amounts and coming turns that a sheet lists.
const AMOUNTS_SHOWN: u32 = 3;
const TURNS_SHOWN: u32 = 6;

/// Resources asked for at a time.
const PAGE: u32 = 500;

impl Report<'_> {
    pub(super) fn write_quotes(&self, draft: &Draft) -> Result<Made, DeskError> {
        let sheet = self.quote_sheet()?;
        let pages = self.set(self.quotes_content(&sheet)?)?;
        draft.write(&pages.pdf(self.watch)?)?;
        Ok(Made {
            rows: count(sheet.quotes.len()),
            pages: Some(pages.count()),
            document_sha256: None,
            annex: None,
            body: json!({}),
        })
    }

    pub(super) fn quotes_content(&self, sheet: &QuoteSheet) -> Result<Content, DeskError> {
        self.content(Template::Quotes, sheet, None)
    }

    /// The quotes asked for, as of now. Errors: `nothing_to_quote`, `unknown_resource`, `orders_unknown`.
    pub(super) fn quote_sheet(&self) -> Result<QuoteSheet, DeskError> {
        let resources = if self.ask.resources.is_empty() { self.refundable()? } else { self.ask.resources.clone() };
        if resources.is_empty() {
            return Err(DeskError::new(
                "nothing_to_quote",
                "no resource of this customer gives something back now",
                "name the resources, or look at the list: it says what stands against each",
            )
            .at("resources"));
        }
        let total = count(resources.len());
        let (mut quotes, mut notes) = (Vec::with_capacity(resources.len()), Notes::default());
        for (done, resource) in (0..).zip(&resources) {
            self.step(done, total)?;
            quotes.push(self.sheet_quote(resource, &mut notes)?);
        }
        let notes = notes.into_list(self.ask.language);
        Ok(QuoteSheet::new(self.head.clone(), self.ask.one_line, quotes, notes))
    }

    /// Resources that give something back now, the most first.
    fn refundable(&self) -> Result<Vec<String>, DeskError> {
        let mut found = Vec::new();
        let mut offset = 0;
        loop {
            let page = self.desk.resources(&ResourceQuery {
                customer: Some(self.customer()?.to_owned()),
                tab: ResourceTab::All,
                refund_type: None,
                product: None,
                text: String::new(),
                ordered_from: None,
                ordered_to: None,
                sort: ResourceSort::Refund,
                descending: true,
                offset,
                limit: PAGE,
            })?;
            offset += count(page.rows.len());
            let last = page.rows.is_empty() || offset >= page.total;
            let gives = |row: &views::ResourceRow| {
                row.blockers.is_empty() && row.refund_max.is_some_and(|refund| !refund.is_zero())
            };
            found.extend(page.rows.into_iter().filter(gives).map(|row| row.resource));
            if last {
                return Ok(found);
            }
        }
    }

    fn sheet_quote(&self, resource: &str, notes: &mut Notes) -> Result<SheetQuote, DeskError> {
        let ask = Ask { at: self.desk.now(), action: Action::Unsubscribe, expires: None, daily_list: None };
        let Judged { chain, case, quote } =
            self.desk.judge(self.customer()?, resource, ask).map_err(|error| about(error, resource))?;
        let quote = quote.seal();
        let told: Vec<views::Told> = self
            .ask
            .language
            .languages()
            .iter()
            .map(|language| tell::tell(&quote, &case, self.desk.policies, *language))
            .collect();
        let changes = changes_shown(&quote);
        Ok(SheetQuote {
            resource: resource.to_owned(),
            product: case.resource.product.clone(),
            region: chain.resource.region,
            refund_type: quote.refund_type.word().to_owned(),
            eligible: quote.eligible,
            refund: quote.refund,
            refund_max: quote.refund_max,
            currency: quote.currency.clone().unwrap_or_else(|| case.customer.currency.clone()),
            valid_until: quote.valid_until,
            headline: told.iter().map(|told| told.headline.clone()).collect(),
            blockers: sentences(&told, |told| &told.blockers),
            lines: lines(&told),
            destinations: sentences(&told, |told| &told.destinations),
            consequences: sentences(&told, |told| &told.consequences),
            more_changes: count(quote.next_changes.len() - changes.len()),
            changes: changes.iter().map(|&index| in_all(&told, |told| &told.next_changes, index)).collect(),
            readings: sentences(&told, |told| &told.readings),
            unknowns: sentences(&told, |told| &told.unknowns),
            notes: notes.of(&quote),
            sha256: quote.sha256.unwrap_or_default(),
        })
    }
}

/// The same sentences in every language side by side.
pub(super) fn sentences(told: &[views::Told], part: impl Fn(&views::Told) -> &Vec<Sentence>) -> Vec<Told> {
    let number = told.first().map_or(0, |told| part(told).len());
    (0..number).map(|index| in_all(told, &part, index)).collect()
}

/// One sentence in every language.
fn in_all(told: &[views::Told], part: impl Fn(&views::Told) -> &Vec<Sentence>, index: usize) -> Told {
    told.iter().filter_map(|told| Some(part(told).get(index)?.text.clone())).collect()
}

/// Which coming changes a sheet lists: every turn of type, place and eligibility, and the next days' amounts.
fn changes_shown(quote: &Quote) -> Vec<usize> {
    let (mut amounts, mut turns) = (0, 0);
    let shown = quote.next_changes.iter().enumerate().filter(|(_, change)| {
        let (seen, most) = match change.what {
            What::Amount | What::AmountMax => (&mut amounts, AMOUNTS_SHOWN),
            What::Type | What::Destination | What::Eligibility | What::Policy => (&mut turns, TURNS_SHOWN),
        };
        *seen += 1;
        *seen <= most
    });
    shown.map(|(index, _)| index).collect()
}

/// Sentences that the quotes of a one-line sheet share, in the order they came up.
#[derive(Default)]
struct Notes {
    readings: Vec<String>,
    unknowns: Vec<String>,
}

impl Notes {
    /// The marks of a quote; what is new gets one.
    fn of(&mut self, quote: &Quote) -> Vec<String> {
        let readings = quote.readings.iter().map(|id| mark("R", &mut self.readings, id));
        let mut marks: Vec<String> = readings.collect();
        for path in &quote.unknowns {
            let fact = path.rsplit_once("].").or_else(|| path.split_once('.')).map_or(path.as_str(), |(_, fact)| fact);
            let mark = mark("U", &mut self.unknowns, fact);
            if !marks.contains(&mark) {
                marks.push(mark);
            }
        }
        marks
    }

    fn into_list(self, language: ReportLanguage) -> Vec<Note> {
        let any_order = tell::params([("order", "…".into())]);
        let note = |(kind, table): (&str, &str), ids: Vec<String>| -> Vec<Note> {
            let one = |(number, id): (usize, &String)| Note {
                mark: format!("{kind}{}", number + 1),
                text: language.say(table, id, &any_order),
            };
            ids.iter().enumerate().map(one).collect()
        };
        let mut notes = note(("R", "reading"), self.readings);
        notes.extend(note(("U", "unknown"), self.unknowns));
        notes
    }
}

fn mark(kind: &str, known: &mut Vec<String>, id: &str) -> String {
    let number = known.iter().position(|known| known == id).unwrap_or_else(|| {
        known.push(id.to_owned());
        known.len() - 1
    });
    format!("{kind}{}", number + 1)
}

pub(super) fn lines(told: &[views::Told]) -> Vec<QuoteLine> {
    let Some(first) = told.first() else { return Vec::new() };
    let line = |(index, line): (usize, &views::ToldLine)| QuoteLine {
        title: told.iter().filter_map(|told| Some(told.lines.get(index)?.title.clone())).collect(),
        steps: line
            .steps
            .iter()
            .enumerate()
            .map(|(step, sentence)| Step {
                text: told
                    .iter()
                    .filter_map(|told| Some(told.lines.get(index)?.steps.get(step)?.text.clone()))
                    .collect(),
                source: sentence.source.clone(),
            })
            .collect(),
    };
    first.lines.iter().enumerate().map(line).collect()
}

/// The same error, naming the resource that it is about.
pub(super) fn about(error: DeskError, resource: &str) -> DeskError {
    let place = match error.place() {
        Some(place) => format!("{resource}, {place}"),
        None => resource.to_owned(),
    };
    error.at(place)
}
