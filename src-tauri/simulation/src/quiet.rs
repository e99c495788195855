//! The calm after the storm: no more faults and deaths, clean syncs, days enough for all money to arrive, and a manager who
//! brings every request to its end by the moves that the desk offers.

use chrono::TimeDelta;
use desk::views::RequestState;

use crate::faults::Calls;
use crate::run::Run;

/// Longer than any refund takes and any token lasts.
const DAYS: i64 = 12;

/// Rounds of one move for each open request. The longest way to an end: ask again, send, ask again, see it, wait for the money.
const ROUNDS: usize = 6;

/// True when nothing more happens to a request.
pub fn has_ended(state: RequestState) -> bool {
    use RequestState::{Expired, Refunded, Rejected, Withdrawn};
    matches!(state, Refunded | Rejected | Withdrawn | Expired)
}

impl Run {
    pub async fn settle_down(&mut self) -> Result<(), String> {
        self.trace.say("quiet from here on");
        self.rough = false;
        self.office.control.clear_faults();
        self.office.restart(None)?;
        self.listed()?;
        for account in self.office.accounts.clone() {
            self.attempt("the API is switched on", Calls::None, async |desk| desk.switch_api(&account.uid, true))
                .await?;
        }
        self.sync_cleanly().await?;
        for round in 0..ROUNDS {
            for request in self.requests()? {
                // Money comes by itself; what was never done is taken back; what is not known is asked about.
                let next = match request.state {
                    RequestState::HandedOver | RequestState::Reported if self.was_clicked(&request.id) => continue,
                    // Some are left lying until they are overdue.
                    RequestState::HandedOver | RequestState::Reported if round == 0 && self.draw.chance(40) => continue,
                    RequestState::Accepted | RequestState::Observed | RequestState::PartRefunded => continue,
                    // What cannot be sent after all is taken back.
                    _ if round >= ROUNDS / 2 => {
                        ["withdraw", "send", "ask_again"].into_iter().find(|m| request.moves.iter().any(|o| o == m))
                    }
                    _ => ["send", "withdraw", "ask_again"].into_iter().find(|m| request.moves.iter().any(|o| o == m)),
                };
                if let Some(next) = next {
                    self.carry_out(&request, next).await?;
                }
            }
            self.office.around.pass(TimeDelta::days(DAYS));
            self.sync_cleanly().await?;
            if self.requests()?.iter().all(|request| has_ended(request.state)) {
                break;
            }
        }
        Ok(())
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
