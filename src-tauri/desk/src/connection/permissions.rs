//! What the desk needs to be allowed, one row a feature: the call, its RAM action, and what cannot be done without it (billing
//! API on the wire, section 10). Acting is not among it: it is granted apart, and never tried out.

use serde::Serialize;
use serde_json::{Value, json};

/// Something that the desk does with a customer's account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    AssumeRole,
    Balance,
    Resources,
    Plans,
    Orders,
    Details,
    Transactions,
    Relations,
    Inquiry,
    PartnerOrders,
}

/// A feature's call and what depends on it.
pub(crate) struct Permission {
    pub operation: &'static str,
    pub ram_action: &'static str,
    /// What the desk cannot do without it, for people.
    pub without: &'static str,
}

impl Feature {
    /// What a customer's own key, or a role, is used for; in the order of trying.
    pub(crate) const OF_A_KEY: [Self; 8] = [
        Self::Balance,
        Self::Resources,
        Self::Plans,
        Self::Orders,
        Self::Details,
        Self::Transactions,
        Self::Relations,
        Self::Inquiry,
    ];

    /// The row of the table.
    pub(crate) const fn permission(self) -> Permission {
        let (operation, ram_action, without) = match self {
            Self::AssumeRole => ("AssumeRole", "sts:AssumeRole", "Nothing of this customer can be read."),
            Self::Balance => (
                "QueryAccountBalance",
                "bssapi:QueryAccountBalance",
                "The account's currency must be given by hand, and arrears that would take a refund are not seen.",
            ),
            Self::Resources => (
                "QueryAvailableInstances",
                "bss:DescribeInstances",
                "No resource is listed: there is nothing to quote.",
            ),
            Self::Plans => (
                "QueryResourcePackageInstances",
                "bssapi:QueryResourcePackageInstances",
                "Resource plans are not listed; instances are.",
            ),
            Self::Orders => (
                "QueryOrders",
                "bss:DescribeOrderList",
                "No order is known: no amount is certain and no refund is seen.",
            ),
            Self::Details => (
                "GetOrderDetail",
                "bss:DescribeOrderDetail",
                "Which order belongs to which resource stays unknown: no amount is certain.",
            ),
            Self::Transactions => (
                "QueryAccountTransactions",
                "bssapi:QueryAccountTransactions",
                "How orders were paid and whether refunds arrived is not seen.",
            ),
            Self::Relations => (
                "QueryRelationList",
                "bssapi:QueryRelationList",
                "Whether the account belongs to another one's finances must be asked: such orders may give nothing back.",
            ),
            Self::Inquiry => (
                "InquiryPriceRefundInstance",
                "bss:RefundQueryRemainAmount",
                "The cloud's own amount cannot be compared before an unsubscription; the API channel stays closed.",
            ),
            Self::PartnerOrders => {
                ("GetCustomerOrders", "agency:GetCustomerOrders", "The orders of the partner's customers are not seen.")
            }
        };
        Permission { operation, ram_action, without }
    }
}

/// The smallest policy that lets the desk read everything it reads, to be copied into RAM. Nothing in it changes anything.
pub fn least_privilege_policy() -> Value {
    let actions: Vec<&str> = Feature::OF_A_KEY.iter().map(|feature| feature.permission().ram_action).collect();
    policy(&json!(actions), "*")
}

/// The policy of the manager's own key when it assumes a role.
pub fn role_trust_policy(role_arn: &str) -> Value {
    policy(&json!([Feature::AssumeRole.permission().ram_action]), role_arn)
}

fn policy(actions: &Value, resource: &str) -> Value {
    json!({"Version": "1", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": resource}]})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_reads_and_does_not_act() {
        let policy = least_privilege_policy();
        let actions: Vec<&str> = policy["Statement"][0]["Action"]
            .as_array()
            .unwrap()
            .iter()
            .map(|action| action.as_str().unwrap())
            .collect();
        let expected = [
            "bssapi:QueryAccountBalance",
            "bss:DescribeInstances",
            "bssapi:QueryResourcePackageInstances",
            "bss:DescribeOrderList",
            "bss:DescribeOrderDetail",
            "bssapi:QueryAccountTransactions",
            "bssapi:QueryRelationList",
            "bss:RefundQueryRemainAmount",
        ];
        assert_eq!(actions, expected);
        assert_eq!(policy["Version"], "1");
        // What unsubscribes is never among it, not even by a wildcard.
        assert!(!policy.to_string().contains("RefundBatchRemainRefund") && actions.iter().all(|a| !a.contains('*')));
    }
}
