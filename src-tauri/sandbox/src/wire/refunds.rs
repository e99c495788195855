//! `InquiryPriceRefundInstance` and `RefundInstance`. A client token gives its first answer again.

use bss_openapi::wire::{
    ImmediatelyRelease, InquiryData, InquiryPriceRefundInstanceRequest, NumberAmount, RefundData, RefundInstanceRequest,
};
use rust_decimal::Decimal;

use super::{Caller, Failure, Hold, host_name};
use crate::state::State;
use crate::world::act::{self, Act, Token};
use crate::world::refusal::Refusal;
use crate::world::{Door, facts};

pub(super) fn inquire(
    state: &mut Hold<'_>,
    caller: &Caller,
    request: &InquiryPriceRefundInstanceRequest,
) -> Result<InquiryData, Failure> {
    let token = token(&request.client_token, &request.product_code, &request.product_type, &request.instance_id);
    let account = &state.world.accounts[caller.account];
    let first = token.as_ref().and_then(|token| state.inquired(&account.uid, &token.token));
    let (currency, amount) = match first {
        Some((used, currency, amount)) => {
            same_parameters(token.as_ref(), used)?;
            (currency.to_owned(), amount)
        }
        None => {
            let amount = price(state, caller, &request.instance_id, &request.product_code, &request.product_type)
                .map_err(|refusal| refused(state, caller, &refusal, None))?;
            let currency = account.currency.clone();
            if let Some(token) = token {
                let (at, uid) = (caller.now, account.uid.clone());
                state.record(Act::Inquired { at, uid, token, currency: currency.clone(), amount })?;
            }
            (currency, amount)
        }
    };
    Ok(InquiryData {
        host_id: host_name(state, caller),
        instance_id: Some(request.instance_id.clone()),
        currency: Some(currency),
        refund_amount: Some(NumberAmount(amount)),
        ..Default::default()
    })
}

pub(super) fn refund(
    state: &mut Hold<'_>,
    caller: &Caller,
    request: &RefundInstanceRequest,
) -> Result<RefundData, Failure> {
    if let ImmediatelyRelease::Other(word) = &request.immediately_release {
        return Err(Failure::bad_request("InvalidParameter", format!("ImmediatelyRelease is 1 or 0, not {word}.")));
    }
    let token = token(&request.client_token, &request.product_code, &request.product_type, &request.instance_id);
    let account = &state.world.accounts[caller.account];
    let first = token.as_ref().and_then(|token| state.refunded(&account.uid, &token.token));
    let order_id = match first {
        Some((used, order_id)) => {
            same_parameters(token.as_ref(), used)?;
            order_id.to_owned()
        }
        None => {
            let cloud = state.cloud(caller.amount_percent);
            let act = price(state, caller, &request.instance_id, &request.product_code, &request.product_type)
                .and_then(|_| act::unsubscribe(account, &request.instance_id, Door::Api, token, caller.now, &cloud))
                .map_err(|refusal| refused(state, caller, &refusal, Some(0)))?;
            let first_id = first_refund_order(&act);
            state.record(act)?;
            first_id
        }
    };
    Ok(RefundData { host_id: host_name(state, caller), order_id: order_id.parse().ok(), ..Default::default() })
}

/// A refusal; where it stands inside HTTP 200, `Data` names the host and, for a refund, no order.
fn refused(state: &State, caller: &Caller, refusal: &Refusal, order_id: Option<i64>) -> Failure {
    let data = RefundData { host_id: host_name(state, caller), order_id, ..Default::default() };
    Failure::refused(refusal, &data)
}

/// The number the API answers with: the first of the refund orders.
fn first_refund_order(act: &Act) -> String {
    let Act::Refunded { refund_orders, .. } = act else { return String::new() };
    refund_orders.first().map(|refund| refund.order_id.clone()).unwrap_or_default()
}

/// What the instance gives back, where product code and type are its own.
fn price(state: &State, caller: &Caller, id: &str, product: &str, product_type: &str) -> Result<Decimal, Refusal> {
    let unknown = || Refusal::UnknownResource(id.to_owned());
    let account = &state.world.accounts[caller.account];
    let resource = account.resource(id).ok_or_else(unknown)?;
    let type_fits = product_type.is_empty() || product_type == resource.product_type;
    if resource.product != product || !type_fits {
        return Err(unknown());
    }
    let cloud = state.cloud(caller.amount_percent);
    act::price(account, id, facts::unsubscribe(caller.now), Door::Api, &cloud).map(|priced| priced.amount)
}

fn token(token: &str, product: &str, product_type: &str, instance: &str) -> Option<Token> {
    (!token.is_empty()).then(|| Token {
        token: token.to_owned(),
        product: product.to_owned(),
        product_type: product_type.to_owned(),
        instance: instance.to_owned(),
    })
}

fn same_parameters(given: Option<&Token>, used: &Token) -> Result<(), Failure> {
    if given == Some(used) {
        return Ok(());
    }
    Err(Failure::bad_request("InvalidParameter", "The ClientToken was used before with other parameters."))
}
