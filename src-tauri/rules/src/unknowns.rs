//! Facts that are unknown: they block nothing, and the manager settles them before confirming.

use crate::chain::Chain;

/// Paths of the facts that were explicitly unknown, in the document's order. Orders that do not count are left out: nothing
/// depends on them.
pub(crate) fn list(chain: &Chain<'_>) -> Vec<String> {
    let resource = &chain.case.resource;
    let mut paths: Vec<String> = [
        ("renew_status", resource.renew_status.is_none()),
        ("security_risk", resource.security_risk.is_none()),
        ("paid_marketplace_image", resource.paid_marketplace_image.is_none()),
        ("transferred", resource.transferred.is_none()),
    ]
    .into_iter()
    .filter(|(_, unknown)| *unknown)
    .map(|(fact, _)| format!("resource.{fact}"))
    .collect();
    for counted in &chain.counted {
        let order = counted.order;
        let promotion_unknown = order.promotion.as_ref().is_some_and(|p| p.refundable.is_none());
        let facts = [
            ("payments", order.payments.is_none()),
            ("invoiced", order.invoiced.is_none()),
            ("promotion.refundable", promotion_unknown),
            ("discounts", order.discounts.is_none()),
        ];
        let unknown = facts.into_iter().filter(|(_, unknown)| *unknown);
        paths.extend(unknown.map(|(fact, _)| format!("orders[{}].{fact}", counted.index)));
    }
    paths.retain(|path| !chain.case.left_out.contains(path));
    paths
}
