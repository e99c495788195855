//! The calm after the storm: no more faults and deaths, clean syncs, days enough for all money to arrive, and a manager who
//! brings every request to its end by the moves that the desk offers.

use chrono::TimeDelta;
use chrono::{DateTime, Utc};
use desk::views::{RequestState, RequestView};

use crate::faults::Calls;
use crate::run::Run;

/// Longer than any refund takes and any token lasts.
const DAYS: i64 = 12;

/// Rounds of one move for each open request. The longest way to an end: ask again, send, ask again, see it, wait for the money
/// until it is overdue, close it, see the money after all.
const ROUNDS: usize = 12;

/// Syncs after everything has ended, so many days apart.
const AFTERWARDS: usize = 4;

/// From this round on the manager no longer waits for what comes by itself.
const IMPATIENT: usize = 3;

/// Moves by how gladly they are made: at first what carries on, later what ends.
const CARRIES_ON: [&str; 3] = ["send", "withdraw", "ask_again"];
const ENDS: [&str; 5] = ["withdraw", "choose_refund", "close", "send", "ask_again"];

/// True when nothing more happens to a request.
pub fn has_ended(state: RequestState) -> bool {
    use RequestState::{Closed, Expired, Refunded, Rejected, Withdrawn};
    matches!(state, Refunded | Rejected | Withdrawn | Expired | Closed)
}

impl Run {
    pub async fn settle_down(&mut self) -> Result<(), String> {
        self.trace.say("quiet from here on");
        self.rough = false;
        self.office.control.clear_faults();
        self.office.control.throttle(false);
        self.office.control.skew_clock(TimeDelta::zero());
        self.office.restart(None)?;
        self.listed()?;
        for account in self.office.accounts.clone() {
            self.attempt("the API is switched on", Calls::None, async |desk| desk.switch_api(&account.uid, true))
                .await?;
        }
        self.sync_cleanly().await?;
        for round in 0..ROUNDS {
            for request in self.requests()? {
                if let Some(next) = self.next_move(&request, round) {
                    self.carry_out(&request, next).await?;
                }
            }
            self.office.around.pass(TimeDelta::days(DAYS));
            self.counts.add("days", DAYS.unsigned_abs());
            self.sync_cleanly().await?;
            let ended = self.requests()?.iter().all(|request| has_ended(request.state));
            if ended && self.last_arrival().is_none_or(|at| at < self.office.control.now()) {
                break;
            }
        }
        self.live_on().await
    }

    /// Weeks go by, and nothing that has ended moves again.
    async fn live_on(&mut self) -> Result<(), String> {
        let ended = self.requests()?;
        for _ in 0..AFTERWARDS {
            self.office.around.pass(TimeDelta::days(DAYS));
            self.counts.add("days", DAYS.unsigned_abs());
            self.sync_cleanly().await?;
        }
        for request in self.requests()? {
            let then = ended.iter().find(|then| then.id == request.id).map(|then| then.state);
            if then.is_some_and(|then| has_ended(then) && then != request.state) {
                return Err(format!("{} had ended as {then:?} and is {:?} weeks later", request.id, request.state));
            }
        }
        Ok(())
    }

    /// When the last money of all that is on its way arrives.
    fn last_arrival(&self) -> Option<DateTime<Utc>> {
        let ledger = self.office.control.ledger();
        let moved = ledger.accounts.iter().flat_map(|account| &account.transactions);
        moved.filter(|money| !money.arrived).map(|money| money.transaction.at).max()
    }

    /// Money comes by itself for a while; what was never done is taken back; what is not known is asked about.
    fn next_move(&mut self, request: &RequestView, round: usize) -> Option<&'static str> {
        use RequestState::{Accepted, HandedOver, Observed, PartRefunded, Reported};
        let comes = match request.state {
            HandedOver | Reported => self.was_clicked(&request.id),
            Accepted | Observed | PartRefunded => true,
            _ => false,
        };
        // Some are left lying until they are overdue.
        let lies = matches!(request.state, HandedOver | Reported) && round == 0 && self.draw.chance(40);
        if lies || (comes && round < IMPATIENT) {
            return None;
        }
        let liked: &[&'static str] = if round >= IMPATIENT { &ENDS } else { &CARRIES_ON };
        liked.iter().copied().find(|liked| request.moves.iter().any(|offered| offered == liked))
    }

    fn was_clicked(&self, request: &str) -> bool {
        self.clicks.values().any(|id| id == request)
    }

    /// A sync of all that nothing disturbs must be complete.
    async fn sync_cleanly(&mut self) -> Result<(), String> {
        self.sync(None).await?;
        let now = self.office.desk()?.now();
        for account in &self.office.accounts {
            if self.synced.get(&account.uid).is_none_or(|at| *at + TimeDelta::minutes(10) < now) {
                return Err(format!("an undisturbed sync of {} was not complete", account.uid));
            }
        }
        Ok(())
    }
}
