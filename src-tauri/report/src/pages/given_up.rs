//! Work that cannot be interrupted, and can be given up: it runs on a thread of its own, and who waits for it stops waiting.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::{ReportError, Watch};

/// How often it is looked whether the work is still wanted.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What the system gives a program's first thread; a deep layout needs more than a later thread has.
const STACK_BYTES: usize = 8 * 1024 * 1024;

type Job = Box<dyn FnOnce() + Send>;

/// The one thread that sets pages. One, so that what was given up and the next one never hold their memory at the same time, and so that
/// the next one takes the memory that the one before gave back: an allocator keeps it by the thread.
static THREAD: Mutex<Option<Sender<Job>>> = Mutex::new(None);

/// Answers what `work` gives, or [`ReportError::Cancelled`] as soon as it is no longer wanted. Work that has begun then goes on to
/// its end, and what it gives is dropped; work that has not does not begin.
pub(super) fn carried_out<T: Send + 'static>(
    watch: Watch<'_>,
    work: impl FnOnce() -> Result<T, ReportError> + Send + 'static,
) -> Result<T, ReportError> {
    watch.wanted()?;
    let given_up = Arc::new(AtomicBool::new(false));
    let (tell, told) = sync_channel(1);
    let unwanted = Arc::clone(&given_up);
    put(Box::new(move || {
        if !unwanted.load(Ordering::Relaxed)
            && let Ok(done) = catch_unwind(AssertUnwindSafe(work))
        {
            // Nobody listens any more once it is given up.
            let _ = tell.send(done);
        }
    }))?;
    loop {
        match told.recv_timeout(LOOK_AGAIN) {
            Ok(done) => return done,
            Err(RecvTimeoutError::Timeout) => {
                if let Err(cancelled) = watch.wanted() {
                    given_up.store(true, Ordering::Relaxed);
                    return Err(cancelled);
                }
            }
            // It is over without an answer: it panicked.
            Err(RecvTimeoutError::Disconnected) => return Err(ReportError::Setting("it was broken off".to_owned())),
        }
    }
}

/// Hands a job to the thread, which begins with the first one and takes them in their order.
fn put(job: Job) -> Result<(), ReportError> {
    let mut thread = THREAD.lock().unwrap_or_else(PoisonError::into_inner);
    if thread.is_none() {
        let (jobs, taken) = channel::<Job>();
        let named = std::thread::Builder::new().name("pages".to_owned()).stack_size(STACK_BYTES);
        let begun = named.spawn(move || taken.into_iter().for_each(|job| job()));
        begun.map_err(|why| ReportError::Setting(format!("no thread for it: {why}")))?;
        *thread = Some(jobs);
    }
    let sent = thread.as_ref().map(|jobs| jobs.send(job));
    // The thread ends with the process; a job that panics does not end it.
    sent.filter(Result::is_ok).map(drop).ok_or_else(|| ReportError::Setting("its thread has ended".to_owned()))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    /// The work waits for a word that comes only after it was given up: who waited for the work would wait for ever.
    #[test]
    fn work_that_is_no_longer_wanted_is_not_waited_for() {
        let (go_on, word) = channel::<()>();
        let (ended, end) = channel();
        let looks = std::sync::atomic::AtomicU32::new(0);
        let stopped = || looks.fetch_add(1, Ordering::Relaxed) > 0;
        let given = carried_out(Watch::new(&|_, _| {}, &stopped), move || {
            word.recv().unwrap();
            ended.send("to its end").unwrap();
            Ok("dropped")
        });
        assert!(matches!(given, Err(ReportError::Cancelled)), "{given:?}");
        // The next one waits for its turn, and is given up before it begins.
        looks.store(0, Ordering::Relaxed);
        let begun = Arc::new(AtomicBool::new(false));
        let next = Arc::clone(&begun);
        let given = carried_out(Watch::new(&|_, _| {}, &stopped), move || {
            next.store(true, Ordering::Relaxed);
            Ok(())
        });
        assert!(matches!(given, Err(ReportError::Cancelled)), "{given:?}");
        go_on.send(()).unwrap();
        assert_eq!(end.recv().unwrap(), "to its end");
        // Turns are handed on: what comes now is carried out, and the one given up never began.
        assert_eq!(carried_out(Watch::nobody(), || Ok(7)).unwrap(), 7);
        assert!(!begun.load(Ordering::Relaxed));
    }

    #[test]
    fn work_that_fails_or_breaks_off_is_told() {
        let failed = carried_out(Watch::nobody(), || Err::<(), _>(ReportError::Setting("why".to_owned())));
        assert!(matches!(failed, Err(ReportError::Setting(why)) if why == "why"));
        let broken = carried_out(Watch::nobody(), || -> Result<(), ReportError> { panic!("on purpose") });
        assert_eq!(broken.unwrap_err().code(), "report.not_set");
        assert!(carried_out(Watch::nobody(), || Ok(())).is_ok(), "and the next one has its turn");
    }
}
