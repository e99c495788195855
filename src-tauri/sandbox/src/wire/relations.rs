//! `QueryRelationList`: the caller's own financial relations.

use bss_openapi::wire::{
    QueryRelationListRequest, RelationRow, RelationSide, RelationState, RelationType, RelationsData,
};
use chrono::TimeDelta;
use refund_rules::case::Relation;

use super::{Caller, Failure, page};
use crate::state::State;
use crate::world::relations::{self, FinancialRelation};

/// Largest page; the documents name none.
const MAX_PAGE: u32 = 100;
/// A relation is asked for this long before it comes into force.
const CONFIRMED_AFTER: TimeDelta = TimeDelta::hours(6);

pub(super) fn list(
    state: &State,
    caller: &Caller,
    request: &QueryRelationListRequest,
) -> Result<RelationsData, Failure> {
    if request.user_id.to_string() != state.world.accounts[caller.account].uid {
        return Err(Failure::bad_request("NotAuthorized", "This API is not authorized for caller."));
    }
    let asked = &request.status_list.0;
    let rows = relations::of(&state.world, caller.account)
        .into_iter()
        .zip(1..)
        .filter(|(relation, _)| relation.started_at <= caller.now)
        .map(|(relation, nth)| row(caller, relation, nth))
        .filter(|row| asked.is_empty() || row.state.as_ref().is_some_and(|state| asked.contains(state)))
        .collect();
    let (total, rows) = page(caller, rows, request.page_num, request.page_size, MAX_PAGE)?;
    Ok(RelationsData {
        page_num: Some(request.page_num),
        page_size: Some(request.page_size),
        total_count: Some(total),
        financial_relation_info_list: rows,
        ..Default::default()
    })
}

fn row(caller: &Caller, relation: FinancialRelation, nth: i64) -> RelationRow {
    let ended_at = relation.ended_at.filter(|ended| *ended <= caller.now);
    RelationRow {
        relation_id: i64::try_from(caller.account).ok().map(|account| 51_000 + account * 10 + nth),
        account_id: relation.other.parse().ok(),
        account_name: Some(relation.other_name.clone()),
        account_nick_name: Some(relation.other_name),
        account_type: Some(if relation.other_is_master { RelationSide::Master } else { RelationSide::Member }),
        relation_type: Some(match relation.relation {
            Relation::Management => RelationType::Management,
            Relation::Trusteeship => RelationType::Trusteeship,
        }),
        state: Some(if ended_at.is_some() { RelationState::Canceled } else { RelationState::Related }),
        setup_time: Some(relation.started_at - CONFIRMED_AFTER),
        start_time: Some(relation.started_at),
        end_time: ended_at,
        ..Default::default()
    }
}
