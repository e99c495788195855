//! From financial relations to the rules' memberships (refund-rules section 10; states: billing API on the wire, section 2.9).

use bss_openapi::wire::{RelationSide, RelationState, RelationType};
use desk_store::{Read, RelationRow};
use refund_rules::case::{Membership, Relation};

use crate::error::DeskError;

/// The times at which the customer was the member of another account.
pub(super) fn of_customer(read: &Read<'_>, customer: &str) -> Result<Vec<Membership>, DeskError> {
    Ok(read.relations().of_customer(customer)?.iter().filter_map(membership).collect())
}

/// A relation in which the other account is the master, and which is or was in force. What was only asked for, or refused, never
/// began.
fn membership(row: &RelationRow) -> Option<Membership> {
    let is_member = RelationSide::from_word(&row.other_side) == RelationSide::Master;
    let state = RelationState::from_word(&row.state);
    let ended = matches!(state, RelationState::Canceled | RelationState::MasterCanceled);
    if !is_member || !(state.in_force() || ended) {
        return None;
    }
    Some(Membership {
        joined_at: row.started_at?,
        left_at: row.ended_at,
        relation: match RelationType::from_word(&row.relation) {
            RelationType::Trusteeship => Relation::Trusteeship,
            // A kind that is not documented may cost the refund or not, as management may.
            RelationType::Management | RelationType::Other(_) => Relation::Management,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use desk_store::Json;

    fn row(side: &str, relation: &str, state: &str, started: Option<&str>, ended: Option<&str>) -> RelationRow {
        let at = |text: &str| text.parse().unwrap();
        RelationRow {
            customer: "c".to_owned(),
            id: "1".to_owned(),
            other: "2".to_owned(),
            other_side: side.to_owned(),
            relation: relation.to_owned(),
            state: state.to_owned(),
            started_at: started.map(at),
            ended_at: ended.map(at),
            facts_at: at("2026-11-20T10:00:00Z"),
            raw: Json::parse("{}").unwrap(),
        }
    }

    #[test]
    fn only_what_came_into_force_as_a_member_counts() {
        const TRUST: &str = "FinancialTrusteeship";
        const MANAGED: &str = "FinancialManagement";
        let start = Some("2026-01-01T00:00:00Z");
        // side, relation, state, started -> relation of the membership
        let cases = [
            ("MASTER", TRUST, "RELATED", start, Some(Relation::Trusteeship)),
            ("MASTER", TRUST, "CHANGE_CONFIRMING", start, Some(Relation::Trusteeship)),
            ("MASTER", MANAGED, "related", start, Some(Relation::Management)),
            ("MASTER", "FinancialSomething", "RELATED", start, Some(Relation::Management)),
            ("MASTER", TRUST, "CONNECTION_CANCELED", start, Some(Relation::Trusteeship)),
            ("MASTER", TRUST, "CONNECTION_MASTER_CANCEL", start, Some(Relation::Trusteeship)),
            ("MASTER", TRUST, "INITIAL", start, None),
            ("MASTER", TRUST, "CONFIRMING", start, None),
            ("MASTER", TRUST, "REJECTED", start, None),
            ("MASTER", TRUST, "SOMETHING_NEW", start, None),
            ("MASTER", TRUST, "CONNECTION_CANCELED", None, None),
            ("MEMBER", TRUST, "RELATED", start, None),
            ("", TRUST, "RELATED", start, None),
        ];
        for (side, relation, state, started, expected) in cases {
            let found = membership(&row(side, relation, state, started, None)).map(|membership| membership.relation);
            assert_eq!(found, expected, "{side} {relation} {state}");
        }
        let left =
            membership(&row("MASTER", TRUST, "CONNECTION_CANCELED", start, Some("2026-02-01T00:00:00Z"))).unwrap();
        assert_eq!(left.left_at, Some("2026-02-01T00:00:00Z".parse().unwrap()));
    }
}
