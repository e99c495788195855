//! Why money came on a later day than the rules say (refund-rules section 13).

use chrono::NaiveDate;
use desk_store::RefundRow;
use refund_rules::quote::{Line, Quote};

use super::{Aspect, Difference, Explanation, Look};
use crate::day;
use crate::tell;
use crate::views::RequestState;

/// Reading: of a year without a calendar only the weekends are left out.
const WEEKENDS_ONLY: &str = "calendar.weekends_only";

impl Look<'_> {
    pub(super) fn days(&self) -> Option<Difference> {
        let last = self.record.parts.iter().map(|part| day::of(part.at)).max();
        let last = last.filter(|_| self.record.state == RequestState::Refunded)?;
        let told = self.quote().processed_by?;
        if last <= told {
            return None;
        }
        let why = self.why_later(told, last);
        let refunds: Vec<&RefundRow> = self.refunds.iter().collect();
        let lines: Vec<&Line> = self.quote().lines.iter().collect();
        Some(self.difference(Aspect::Day, &refunds, &lines, (told.to_string(), last.to_string()), why))
    }

    fn why_later(&self, told: NaiveDate, last: NaiveDate) -> Vec<Explanation> {
        let quote = self.quote();
        let made_at = self.refunds.iter().map(|refund| refund.created_at).max();
        let mut found = Vec::new();
        let later = made_at.and_then(|made_at| self.ask_again(|case| case.ask.at = made_at));
        if let Some(again) = later.and_then(|quote: Quote| quote.processed_by).filter(|day| last <= *day) {
            let params = tell::params([("told", told.into()), ("again", again.into()), ("came", last.into())]);
            found.push(self.explanation("made_later", Some("arrival.processing"), params));
        }
        let Some(made_on) = made_at.map(day::of) else { return found };
        let calendar = self.policies.calendar();
        if let Some(limit) = quote.arrives_by.filter(|limit| last <= *limit) {
            let params = tell::params([
                ("made_on", made_on.into()),
                ("came", last.into()),
                ("business_days", day::business_days(calendar, made_on, last).into()),
                ("told_days", day::business_days(calendar, made_on, told).into()),
                ("limit", limit.into()),
            ]);
            found.push(self.explanation("later_within_the_limit", Some("arrival.processing"), params));
        }
        let quoted_on = day::of(quote.at);
        let told_days = day::business_days(calendar, quoted_on, told);
        if !calendar.add_business_days(quoted_on, told_days).certain {
            let params = tell::params([("told", told.into()), ("came", last.into())]);
            found.push(self.explanation("calendar_unknown", Some(WEEKENDS_ONLY), params));
        }
        found
    }
}
