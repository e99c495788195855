//! `rdesk sync`: with its progress on the terminal, stopped by Ctrl-C.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use desk::views::{SyncProgress, SyncReport};
use desk::{CancellationToken, Desk, DeskError};

use crate::answer::Out;
use crate::connection;
use crate::print;

/// Progress is told no more often than this.
const BETWEEN: Duration = Duration::from_millis(250);

/// Syncs one customer or all. Ctrl-C stops it: what came until then is kept, and the next sync goes on there.
pub async fn run(desk: &Desk, out: &Out, customer: Option<&str>) -> Result<(), DeskError> {
    let cancel = CancellationToken::new();
    let told = Told::default();
    let progress = |step: SyncProgress| told.tell(&step);
    let sync = desk.sync_until(customer, &progress, &cancel);
    tokio::pin!(sync);
    let reports = tokio::select! {
        reports = &mut sync => reports,
        _ = tokio::signal::ctrl_c() => {
            cancel.cancel();
            sync.await
        }
    };
    told.end();
    let reports = reports?;
    connection::warn(desk, out, &reports)?;
    synced(out, &reports)
}

/// One line on the terminal that is written over again and again; nothing where standard error is none.
#[derive(Default)]
struct Told(Mutex<Option<Instant>>);

impl Told {
    fn tell(&self, step: &SyncProgress) {
        if !std::io::stderr().is_terminal() {
            return;
        }
        let mut last = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if last.is_some_and(|last| last.elapsed() < BETWEEN) {
            return;
        }
        *last = Some(Instant::now());
        let mut err = std::io::stderr().lock();
        // A terminal that takes no more output is no reason to stop a sync.
        let _ = write!(err, "\r\x1b[K{}", told(step)).and_then(|()| err.flush());
    }

    fn end(&self) {
        if self.0.lock().is_ok_and(|last| last.is_some()) {
            let mut err = std::io::stderr().lock();
            let _ = write!(err, "\r\x1b[K").and_then(|()| err.flush());
        }
    }
}

/// "5123456789012345: details 400 of 1000, about 2 min left"
fn told(step: &SyncProgress) -> String {
    let SyncProgress { customer, phase, done, .. } = step;
    let of = step.total.map(|total| format!(" of {total}")).unwrap_or_default();
    let left = match step.seconds_left {
        None => String::new(),
        Some(seconds) if seconds < 90 => format!(", about {seconds} s left"),
        Some(seconds) => format!(", about {} min left", seconds.div_ceil(60)),
    };
    format!("{customer}: {phase} {done}{of}{left}")
}

fn synced(out: &Out, reports: &[SyncReport]) -> Result<(), DeskError> {
    let failed: Vec<_> =
        reports.iter().filter_map(|report| Some((&report.customer, report.problem.as_ref()?))).collect();
    let Some((_, first)) = failed.first() else { return out.put(&reports, || print::synced(reports)) };
    if !out.json {
        out.put(&reports, || print::synced(reports))?;
    }
    let details = failed.iter().map(|(customer, problem)| format!("{customer}: {}", problem.code)).collect();
    let error = DeskError::new(&first.code, first.message.clone(), first.next.clone()).with_details(details);
    Err(match &first.place {
        Some(place) => error.at(place.clone()),
        None => error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_told_with_its_count_and_what_is_left() {
        let step = |total, seconds_left| SyncProgress {
            customer: "51".to_owned(),
            phase: "details".to_owned(),
            done: 400,
            total,
            seconds_left,
        };
        for (total, seconds_left, text) in [
            (None, None, "51: details 400"),
            (Some(1000), None, "51: details 400 of 1000"),
            (Some(1000), Some(89), "51: details 400 of 1000, about 89 s left"),
            (Some(1000), Some(91), "51: details 400 of 1000, about 2 min left"),
        ] {
            assert_eq!(told(&step(total, seconds_left)), text);
        }
    }
}
