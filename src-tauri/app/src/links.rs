//! Links into the desk: `refund-desk://order/ID`, on the command line of a first or a second start, or from the system.

use std::sync::{Mutex, PoisonError};

/// Longer than any order's id.
const ID_MAX: usize = 64;

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

/// The order that a link names. Anybody can make such a link: an id is letters, digits and hyphens, and only looked up.
pub fn order_of(link: &str) -> Option<&str> {
    let id = link.trim().strip_prefix("refund-desk://order/")?.trim_end_matches('/');
    let plain =
        !id.is_empty() && id.len() <= ID_MAX && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    plain.then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_names_an_order_and_nothing_else() {
        for (link, order) in [
            ("refund-desk://order/210000000000001", Some("210000000000001")),
            ("refund-desk://order/210000000000001/", Some("210000000000001")),
            (" refund-desk://order/a-1\n", Some("a-1")),
            ("refund-desk://order/", None),
            ("refund-desk://order/1/confirm", None),
            ("refund-desk://order/1?x=2", None),
            ("refund-desk://order/%31", None),
            ("refund-desk://request/1", None),
            ("https://order/1", None),
        ] {
            assert_eq!(order_of(link), order, "{link}");
        }
        assert_eq!(order_of(&format!("refund-desk://order/{}", "1".repeat(65))), None);
    }

    #[test]
    fn a_link_is_taken_once() {
        let link = Link::default();
        link.put("1".to_owned());
        assert_eq!((link.take(), link.take()), (Some("1".to_owned()), None));
    }
}
