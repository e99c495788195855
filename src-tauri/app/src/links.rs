//! The order of a link into the desk, on the command line of a first or a second start, or from the system, until a page takes it.

use std::sync::{Mutex, PoisonError};

/// The order of a link that no page has taken yet.
#[derive(Default)]
pub struct Link(Mutex<Option<String>>);

impl Link {
    /// Keeps it until a page asks.
    pub fn put(&self, order: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(order);
    }

    /// Hands it out, once.
    pub fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_taken_once() {
        let link = Link::default();
        link.put("1".to_owned());
        assert_eq!((link.take(), link.take()), (Some("1".to_owned()), None));
    }
}
