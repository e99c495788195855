//! `QueryRelationList`: the financial relations of an account, as the master or as the member of another one.

use super::record::{NumberedList, Scalar, record, request};
use super::words::words;
use chrono::{DateTime, Utc};

/// Relations a page: the documented default; no maximum is documented.
pub const RELATIONS_PAGE_SIZE: u32 = 20;

words! {
    /// Which side of a relation the *other* account is on.
    pub enum RelationSide {
        Master = "MASTER",
        Member = "MEMBER",
    }

    /// What the master does for the member.
    pub enum RelationType {
        /// The master sees and allots; the member pays for itself.
        Management = "FinancialManagement",
        /// The master pays for the member.
        Trusteeship = "FinancialTrusteeship",
    }

    /// How far a relation has come.
    pub enum RelationState {
        Initial = "INITIAL",
        Confirming = "CONFIRMING",
        Rejected = "REJECTED",
        Related = "RELATED",
        /// In force while a change of it waits to be confirmed.
        ChangeConfirming = "CHANGE_CONFIRMING",
        Canceled = "CONNECTION_CANCELED",
        MasterCanceled = "CONNECTION_MASTER_CANCEL",
    }
}

impl RelationState {
    /// Whether the relation holds now.
    pub fn in_force(&self) -> bool {
        matches!(self, Self::Related | Self::ChangeConfirming)
    }
}

request! {
    /// The relations of an account, in all states unless some are named (at most 8).
    "QueryRelationList" -> RelationsData;
    pub struct QueryRelationListRequest {
        user_id: i64 = "UserId",
        status_list: NumberedList<RelationState> = "StatusList",
        /// From 1.
        page_num: u32 = "PageNum" or "1",
        page_size: u32 = "PageSize" or "20",
    }
}

impl QueryRelationListRequest {
    /// All relations of the account, from the first page on.
    pub fn new(user_id: i64) -> Self {
        Self { user_id, status_list: NumberedList::default(), page_num: 1, page_size: RELATIONS_PAGE_SIZE }
    }
}

record! {
    /// A page of relations; the list has no inner wrapper.
    pub struct RelationsData {
        page_num: Option<u32> = "PageNum",
        page_size: Option<u32> = "PageSize",
        total_count: Option<u32> = "TotalCount",
        financial_relation_info_list: Vec<RelationRow> = "FinancialRelationInfoList",
    }
}

record! {
    /// A relation with another account. Its times may lack their seconds.
    pub struct RelationRow {
        relation_id: Option<i64> = "RelationId",
        /// The other account.
        account_id: Option<i64> = "AccountId",
        account_name: Option<String> = "AccountName",
        account_nick_name: Option<String> = "AccountNickName",
        account_type: Option<RelationSide> = "AccountType",
        relation_type: Option<RelationType> = "RelationType",
        state: Option<RelationState> = "State",
        /// When it was asked for.
        setup_time: Option<DateTime<Utc>> = "SetupTime",
        /// When it came into force.
        start_time: Option<DateTime<Utc>> = "StartTime",
        /// Empty while it is in force.
        end_time: Option<DateTime<Utc>> = "EndTime",
    }
}
