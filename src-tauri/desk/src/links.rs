//! Links into the desk: `refund-desk://order/ID`. A host takes them from its command line or from the system.

/// Longer than any order's id.
const ID_MAX: usize = 64;

/// The order that a link names. Anybody can make such a link: an id is letters, digits and hyphens, and only looked up.
pub fn order_of_link(link: &str) -> Option<&str> {
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
            assert_eq!(order_of_link(link), order, "{link}");
        }
        assert_eq!(order_of_link(&format!("refund-desk://order/{}", "1".repeat(65))), None);
    }
}
