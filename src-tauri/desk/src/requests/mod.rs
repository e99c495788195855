//! Requests: what the manager decided, from review to the money. [`event`] says what can happen, [`record`] what it leads to,
//! [`review`] and [`confirm`] prepare a decision, [`send`] acts by the API, [`console`] hands over to a person with
//! [`instructions`], [`show`] tells how far a request has come and [`trail`] what befell it, [`waiting`] what was confirmed and not done, [`batch`] decides
//! about many as one and [`run`] carries them out, [`mistake`] is for the wrong one, [`claim`] for a refund that no rule of
//! matching finds, [`close`] for what ended otherwise.

mod batch;
mod claim;
mod close;
mod confirm;
mod console;
mod event;
mod instructions;
mod mistake;
mod record;
mod refusal;
mod review;
mod run;
mod send;
mod show;
mod trail;
mod waiting;
mod warnings;

pub(crate) use batch::{BATCH_CONFIRMED, project as project_batch};
pub use batch::{
    BatchAnswers, BatchConfirmed, BatchDecision, BatchItem, BatchItemView, BatchPick, BatchReview, BatchReviewItem,
    BatchView, RefusedItem, StateCount,
};
pub use claim::RefundToChoose;
pub(crate) use event::Returned;
pub use event::{Closed, Ending, Floor, RequestEvent, Reviewed};
pub use mistake::{Kept, UrgentTicket};
pub use record::{Record, state_name};
pub use run::{Run, RunProgress, RunResult, Watch};
pub(crate) use waiting::expire;
pub use waiting::{Ready, Waiting};
