//! Where an order is: the deep link `refund-desk://order/ID` and the palette ask it.

use serde::{Deserialize, Serialize};

use crate::error::DeskError;
use crate::home::Desk;

/// What an order's id leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Located {
    pub customer: String,
    pub order: String,
    /// A refund order: it is in the history.
    pub refund: bool,
    /// A live resource that the order belongs to; `None` for one that is gone.
    pub resource: Option<String>,
}

impl Desk {
    /// Looks an order up among all customers, refund orders too. Error: `unknown_order`.
    pub fn locate(&self, order: &str) -> Result<Located, DeskError> {
        let found = self.store.read(|r| {
            for connection in r.connections().list()? {
                let customer = connection.id;
                let refund = r.refunds().get(&customer, order)?;
                if refund.is_none() && r.orders().get(&customer, order)?.is_none() {
                    continue;
                }
                let parts = r.order_parts().of_order(&customer, order)?;
                let mut resource = None;
                for part in &parts {
                    if r.resources().get(&customer, &part.instance)?.is_some_and(|row| row.gone_at.is_none()) {
                        resource = Some(part.instance.clone());
                        break;
                    }
                }
                return Ok::<_, DeskError>(Some(Located {
                    customer,
                    order: order.to_owned(),
                    refund: refund.is_some(),
                    resource,
                }));
            }
            Ok(None)
        })?;
        found.ok_or_else(|| {
            DeskError::new(
                "unknown_order",
                format!("no customer of this home has an order `{order}`"),
                "sync the customer that it belongs to, then open the link again",
            )
            .at("order")
        })
    }
}
