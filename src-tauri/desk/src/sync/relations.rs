//! Financial relations: what an order paid before a trusteeship gives back is nothing. A key that may not read them does not stop
//! the sync; it goes on with what was known before and says so.

use bss_openapi::wire::{QueryRelationListRequest, RelationRow};
use chrono::{DateTime, Utc};
use desk_store::Json;

use super::run::Run;
use crate::connection::health::RELATIONS;
use crate::connection::permissions::Feature;
use crate::error::DeskError;

/// An account has a handful of relations; a list that is longer than this has lost its way.
const MOST_PAGES: u32 = 500;

/// Failures that say that this account or key has no such list.
const NOT_FOR_US: [&str; 3] = ["bss_not_authorized", "bss_refused", "bss_not_found"];

impl Run<'_> {
    /// Phase 6: all relations of the account. The list is short, so it is read whole and kept at once.
    pub async fn read_relations(&self) -> Result<(), DeskError> {
        let customer = self.connection.id.clone();
        let rows = match self.relations().await {
            Err(error) if NOT_FOR_US.contains(&error.code()) => {
                let problem = self.without_relations(&error).problem();
                return self.desk.keep_warning(&customer, RELATIONS, Some(&problem));
            }
            rows => rows?,
        };
        let kept = rows.clone();
        self.keep(move |tx, _| Ok(tx.relations().replace(&customer, &kept)?))?.done().await?;
        self.desk.keep_warning(&self.connection.id, RELATIONS, None)
    }

    async fn relations(&self) -> Result<Vec<desk_store::RelationRow>, DeskError> {
        let Ok(uid) = self.connection.uid.parse() else { return Ok(Vec::new()) };
        let mut request = QueryRelationListRequest::new(uid);
        let mut rows = Vec::new();
        loop {
            let page = self
                .ask(|client| {
                    let request = &request;
                    async move { client.query_relation_list(request).await }
                })
                .await?;
            let now = self.desk.now();
            for row in &page.rows {
                rows.push(relation(&self.connection.id, row, now)?);
            }
            if page.last {
                return Ok(rows);
            }
            if request.page_num >= MOST_PAGES {
                return Err(self.endless());
            }
            request.page_num += 1;
        }
    }

    fn endless(&self) -> DeskError {
        let message = format!("the list of relations does not end after {MOST_PAGES} pages");
        DeskError::new("incomplete_reply", message, "sync again; if it stays, ask the cloud's support")
            .at("QueryRelationList")
    }

    fn without_relations(&self, error: &DeskError) -> DeskError {
        let permission = Feature::Relations.permission();
        let next = format!("grant the key {}. {}", permission.ram_action, permission.without);
        DeskError::new("relations_unread", error.message(), next).at(permission.operation)
    }
}

fn relation(customer: &str, row: &RelationRow, now: DateTime<Utc>) -> Result<desk_store::RelationRow, DeskError> {
    let other = row.account_id.map(|id| id.to_string()).unwrap_or_default();
    let word = |word: Option<&str>| word.unwrap_or_default().to_owned();
    Ok(desk_store::RelationRow {
        customer: customer.to_owned(),
        // One without an id is told apart by whom it is with and since when.
        id: row.relation_id.map_or_else(
            || format!("{other}@{}", row.start_time.map_or(0, |start| start.timestamp())),
            |id| id.to_string(),
        ),
        other,
        other_side: word(row.account_type.as_ref().map(|side| side.as_str())),
        relation: word(row.relation_type.as_ref().map(|relation| relation.as_str())),
        state: word(row.state.as_ref().map(|state| state.as_str())),
        started_at: row.start_time,
        ended_at: row.end_time,
        facts_at: now,
        raw: Json::of(row)?,
    })
}
