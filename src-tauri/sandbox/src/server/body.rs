//! The body of an answer: whole, or one that breaks off in the middle as ordered.

use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, SizeHint};

/// The body breaks off here.
#[derive(Debug, thiserror::Error)]
#[error("the answer broke off as ordered")]
pub(crate) struct BrokenOff;

/// A body of a known length.
#[derive(Debug)]
pub(crate) struct Sent {
    /// What is still to be sent.
    left: Option<Bytes>,
    /// What the head says of the length.
    length: u64,
    cut: Cut,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    /// The body ends where it should.
    Never,
    /// It breaks off after what is left.
    Coming,
    /// What was left is given away; the next look breaks the connection, when that has gone out.
    Due,
}

impl Sent {
    pub fn whole(body: String) -> Self {
        Self { length: body.len() as u64, left: Some(Bytes::from(body)), cut: Cut::Never }
    }

    /// Only the first half of the body, under a head that tells the length of all of it.
    pub fn half(body: String) -> Self {
        let length = body.len() as u64;
        let half = body.len() / 2;
        Self { left: Some(Bytes::from(body).slice(..half)), length, cut: Cut::Coming }
    }
}

impl Body for Sent {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        if let Some(bytes) = self.left.take().filter(|bytes| !bytes.is_empty()) {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        match self.cut {
            Cut::Never => Poll::Ready(None),
            Cut::Coming => {
                // Let the connection send what it has before it is broken.
                self.cut = Cut::Due;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Cut::Due => Poll::Ready(Some(Err(BrokenOff))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_none() && self.cut == Cut::Never
    }

    fn size_hint(&self) -> SizeHint {
        let sent_all = self.left.is_none() && self.cut == Cut::Never;
        SizeHint::with_exact(if sent_all { 0 } else { self.length })
    }
}
