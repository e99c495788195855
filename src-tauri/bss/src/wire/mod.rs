//! What travels: one request type and one data type per operation, used by the client (writes requests, reads data) and by the
//! sandbox (reads requests, writes data).
//!
//! Reading is lenient where documents and samples differ: a null or absent list is empty, numbers may be text and text numbers,
//! blanks around text are dropped and blank text is `None`, member names match in any case, words match in any case and unknown
//! ones are kept, unknown members are kept in `extra`. Reading is strict where leniency would lie: an amount or a time
//! that cannot be read is an error that names its place. No amount ever passes through a binary float.

mod agency;
mod amount;
mod envelope;
mod instances;
mod money;
mod orders;
mod plans;
mod record;
mod refund;
mod relations;
mod service;
mod sts;
mod time;
mod words;

pub use agency::{
    CUSTOMER_ORDERS_MAX_PAGE, CUSTOMER_ORDERS_PAGE_SIZE, CustomerOrderRow, CustomerOrderType, CustomerOrdersData,
    GetCustomerOrdersRequest, LocalTime, TimeType, customer_order_status,
};
pub use amount::{AmountError, NumberAmount, read_amount};
pub use envelope::{Envelope, GatewayError, Refusal};
pub use instances::{INSTANCES_PAGE_SIZE, InstanceRow, InstancesData, QueryAvailableInstancesRequest};
pub use money::{
    BalanceData, QueryAccountBalanceRequest, QueryAccountTransactionsRequest, TRANSACTIONS_PAGE_SIZE, TransactionList,
    TransactionRow, TransactionsData,
};
pub use orders::{
    BillModule, BillModuleConfig, BillModuleProperties, BillModuleProperty, GetOrderDetailRequest, ORDERS_PAGE_SIZE,
    OrderDetailData, OrderDetailList, OrderDetailRow, OrderList, OrderRow, OrdersData, OriginalModule,
    OriginalModuleConfig, OriginalModuleProperties, OriginalModuleProperty, QueryOrdersRequest,
};
pub use plans::{
    ApplicableProducts, PLANS_PAGE_SIZE, PlanList, PlanRow, PlansData, QueryResourcePackageInstancesRequest, TextCount,
};
pub use record::{Extra, NumberedList, ParameterError, Problem, Record, Request};
pub use refund::{
    ImmediatelyRelease, InquiryData, InquiryPriceRefundInstanceRequest, RefundData, RefundInstanceRequest,
};
pub use relations::{
    QueryRelationListRequest, RELATIONS_PAGE_SIZE, RelationRow, RelationSide, RelationState, RelationType,
    RelationsData,
};
pub use service::{Method, Service};
pub use sts::{
    AssumeRoleData, AssumeRoleRequest, AssumedCredentials, AssumedRoleUser, DEFAULT_SESSION_SECONDS,
    MIN_SESSION_SECONDS, SecretText,
};
pub use time::{read_time, write_time};
pub use words::{
    DurationUnit, FundType, InstanceStatus, InstanceSubStatus, OrderSubType, OrderType, PaymentStatus, PlanStatus,
    RenewStatus, SubscriptionType, TransactionChannel, TransactionFlow, TransactionType,
};

/// The version of the billing API that these types describe; [`Service::version`] knows the others.
pub const VERSION: &str = "2017-12-14";
