//! Refusals that are a normal outcome: whom the API does not serve is sent to the console (the FAQ says that there is no API, its
//! page that only direct customers may call it, and for enabled products). The rejected request needs a new decision; its review
//! offers the console and says why.

use bss_openapi::{BssError, Kind};
use desk_store::Read;

use super::record::Record;
use super::review::API_SWITCHED;
use super::state_name;
use crate::error::DeskError;
use crate::home::Desk;
use crate::projection;
use crate::views::{Problem, RequestState};

/// Codes that are about the account or its key (billing API on the wire, section 6).
const OF_CUSTOMER: [&str; 2] = ["NotApplicable", "NotAuthorized"];

/// The code that is about the product.
const OF_PRODUCT: &str = "CommodityNotSupported";

/// True for a refusal after which the console is the way. A call to the wrong site has the code of one, but is a connection to
/// mend: nothing is known of what the API would have said.
pub(super) fn sends_to_the_console(error: &BssError) -> bool {
    let of_us = |code: &str| code == OF_PRODUCT || OF_CUSTOMER.contains(&code);
    error.kind() != Kind::WrongSite && error.service_code().is_some_and(of_us)
}

impl Desk {
    /// The newest refusal of the API that speaks about this request too: the same resource, the same product for a product that
    /// is not supported, any resource where the account is not served. Switching the API on again forgets it.
    pub(super) fn refused_by_api(&self, record: &Record) -> Result<Option<(String, Problem)>, DeskError> {
        self.store.read(|read| {
            for row in read.requests().of_customer(&record.customer)? {
                if row.state != state_name(RequestState::Rejected) {
                    continue;
                }
                let refused = projection::record_of(&row)?;
                let (Some(code), Some(problem)) = (refused.service_code.clone(), refused.problem.clone()) else {
                    continue;
                };
                if speaks_about(&refused, &code, record) && !switched_on_since(read, &refused)? {
                    return Ok(Some((code, problem)));
                }
            }
            Ok(None)
        })
    }
}

fn speaks_about(refused: &Record, code: &str, record: &Record) -> bool {
    let (then, now) = (&refused.reviewed, &record.reviewed);
    OF_CUSTOMER.contains(&code)
        || (code == OF_PRODUCT && (&then.product, &then.product_type) == (&now.product, &now.product_type))
}

fn switched_on_since(read: &Read<'_>, refused: &Record) -> Result<bool, DeskError> {
    let entries = read.journal().of_customer(&refused.customer)?;
    let last = entries.iter().rev().find(|entry| entry.kind == API_SWITCHED);
    // Within the second of the refusal it cannot have been because of it.
    Ok(last.is_some_and(|entry| entry.at > refused.updated_at && entry.body["on"] == true))
}
