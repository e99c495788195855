//! `InquiryPriceRefundInstance` (asks) and `RefundInstance` (acts, and cannot be taken back).

use super::NumberAmount;
use super::record::Scalar;
use super::record::{record, request};
use super::words::words;

words! {
    /// When the resource is released.
    pub enum ImmediatelyRelease {
        /// At once, the API's default.
        AtOnce = "1",
        /// Stopped first, by the shutdown policy (some products only).
        StopFirst = "0",
    }
}

request! {
    /// What a refund would give now. The API repeats its first answer for a repeated token, so ask each time with a new one.
    "InquiryPriceRefundInstance" -> InquiryData;
    pub struct InquiryPriceRefundInstanceRequest {
        instance_id: String = "InstanceId",
        product_code: String = "ProductCode",
        /// Usually empty; sent and signed even then.
        product_type: String = "ProductType" or "",
        client_token: String = "ClientToken" or "",
    }
}

request! {
    /// Releases the whole resource and refunds it. Sent exactly as given; the client never repeats it.
    "RefundInstance" acts -> RefundData;
    pub struct RefundInstanceRequest {
        instance_id: String = "InstanceId",
        product_code: String = "ProductCode",
        /// Usually empty; sent and signed even then.
        product_type: String = "ProductType" or "",
        /// Makes a repetition harmless: the same token gives the first result again.
        client_token: String = "ClientToken" or "",
        immediately_release: ImmediatelyRelease = "ImmediatelyRelease" or "1",
    }
}

record! {
    /// The answer to an inquiry.
    pub struct InquiryData {
        host_id: Option<String> = "HostId",
        instance_id: Option<String> = "InstanceId",
        /// `CNY`, `USD` or `JPY`.
        currency: Option<String> = "Currency",
        /// A JSON number on the wire.
        refund_amount: Option<NumberAmount> = "RefundAmount",
    }
}

record! {
    /// The answer to a refund.
    pub struct RefundData {
        host_id: Option<String> = "HostId",
        /// The refund order; only a number above 0 means that the refund was accepted.
        order_id: Option<i64> = "OrderId",
    }
}
