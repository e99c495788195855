//! Reports that are no longer wanted while their pages are set. Foreign programs read finished ones back in `tests/reports`.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use desk::{ReportAsk, ReportFormat, ReportKind, ReportLanguage, ReportWatch};

use crate::support::{CHINA, Home};

/// How long a report that was cancelled may go on.
const ENDS_WITHIN: Duration = Duration::from_secs(2);

/// Typst cannot be interrupted. What it sets is given up: the report ends at once, no file appears and nothing is journaled.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_is_cancelled_while_its_pages_are_set_leaves_nothing() {
    let home = Home::synced(CHINA).await;
    for (kind, format) in [
        (ReportKind::History, ReportFormat::Pdf),
        (ReportKind::Statement, ReportFormat::Pdf),
        (ReportKind::Quotes, ReportFormat::Pdf),
        (ReportKind::Renewals, ReportFormat::Pdf),
        (ReportKind::Evidence, ReportFormat::Zip),
    ] {
        let ask = ask(&home, kind, format);
        let journal = home.journal_length();
        let place = home.path().join("handed over").join("report");
        let (error, gone_on) =
            cancelled_in_typst(|watch| home.desk().write_report(&ask, Some(&place), watch).map(drop));
        assert_eq!(error.code(), "report.cancelled", "{kind:?}");
        assert!(gone_on < ENDS_WITHIN, "{kind:?} went on for {gone_on:?}");
        let left: Vec<_> = std::fs::read_dir(home.path().join("handed over")).unwrap().collect();
        assert!(left.is_empty(), "{kind:?} left {left:?}");
        assert_eq!(home.journal_length(), journal, "{kind:?} is not journaled");
        let (error, _) = cancelled_in_typst(|watch| home.desk().preview_report(&ask, watch).map(drop));
        assert_eq!(error.code(), "report.cancelled", "the preview of {kind:?}");
    }
}

fn ask(home: &Home, kind: ReportKind, format: ReportFormat) -> ReportAsk {
    ReportAsk {
        kind,
        format: Some(format),
        customer: Some(home.uid().to_owned()),
        text: String::new(),
        from: None,
        until: None,
        language: ReportLanguage::Both,
        resources: Vec::new(),
        one_line: false,
    }
}

/// Carries a report out and cancels it in the middle of setting: at the third look after the rows were ready, which is told as step 0
/// of 0. Answers the refusal, and how long the report went on.
fn cancelled_in_typst(
    report: impl FnOnce(ReportWatch<'_>) -> Result<(), desk::DeskError>,
) -> (desk::DeskError, Duration) {
    let (looks, cancelled) = (AtomicU32::new(0), Mutex::new(None));
    let progress = |done, total| {
        if (done, total) == (0, 0) {
            looks.store(1, Ordering::Relaxed);
        }
    };
    let stopped = || {
        let stop = looks.load(Ordering::Relaxed) > 0 && looks.fetch_add(1, Ordering::Relaxed) > 2;
        if stop {
            cancelled.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(Instant::now);
        }
        stop
    };
    let ended = report(ReportWatch::new(&progress, &stopped));
    let at = cancelled.lock().unwrap().expect("it was cancelled before it was done");
    (ended.expect_err("a report that was cancelled"), at.elapsed())
}
