//! A link into the desk, which any page of the web may offer. It names an order or nothing at all, and the name is nothing but an id.

pub(crate) fn open(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for link in [text.to_owned(), format!("refund-desk://order/{text}")] {
        let Some(order) = desk::order_of_link(&link) else { continue };
        assert!(!order.is_empty() && order.len() <= 64, "{order}");
        assert!(order.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'), "{order}");
        assert!(link.contains(order));
    }
}
