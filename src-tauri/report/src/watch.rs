//! Following a long report, and stopping it.

use crate::ReportError;

/// How far a report has come, and whether it is still wanted.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    progress: &'a (dyn Fn(u32, u32) + Sync),
    stopped: &'a (dyn Fn() -> bool + Sync),
}

/// Rows between two looks at whether the report is still wanted.
const ROWS_BETWEEN: u32 = 512;

impl<'a> Watch<'a> {
    /// `progress` hears of rows done and rows in all; the report ends as soon as `stopped` says so.
    pub fn new(progress: &'a (dyn Fn(u32, u32) + Sync), stopped: &'a (dyn Fn() -> bool + Sync)) -> Self {
        Self { progress, stopped }
    }

    /// Tells a step. Errors: [`ReportError::Cancelled`] when the report is no longer wanted.
    pub fn step(&self, done: u32, total: u32) -> Result<(), ReportError> {
        self.wanted()?;
        (self.progress)(done, total);
        Ok(())
    }

    /// Whether it is still wanted. Errors: [`ReportError::Cancelled`].
    pub(crate) fn wanted(&self) -> Result<(), ReportError> {
        if (self.stopped)() { Err(ReportError::Cancelled) } else { Ok(()) }
    }

    /// Tells a row, now and then.
    pub(crate) fn row(&self, done: u32, total: u32) -> Result<(), ReportError> {
        if done.is_multiple_of(ROWS_BETWEEN) { self.step(done, total) } else { Ok(()) }
    }
}

impl Watch<'static> {
    /// Nobody watches, and nothing stops it.
    pub const fn nobody() -> Self {
        Self { progress: &|_, _| {}, stopped: &|| false }
    }
}
