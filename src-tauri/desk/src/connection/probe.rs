//! Testing a connection: each reading call once, nothing that acts, nothing kept. The site is pinned on the way: when the address
//! given says "wrong site", the other site's is tried once.

use std::sync::Arc;

use bss_openapi::wire::{
    GetCustomerOrdersRequest, GetOrderDetailRequest, InquiryPriceRefundInstanceRequest, InstanceRow,
    QueryAccountTransactionsRequest, QueryAvailableInstancesRequest, QueryOrdersRequest, QueryRelationListRequest,
    QueryResourcePackageInstancesRequest, SubscriptionType,
};
use bss_openapi::{Account, BssError, CHINA_ENDPOINT, Client, INTERNATIONAL_ENDPOINT, Kind, Pace};
use chrono::{DateTime, TimeDelta, Utc};
use desk_store::Secret;
use refund_rules::case::Site;
use serde::Serialize;

use super::clients::{around, by_role};
use super::health::{ClockVerdict, seconds};
use super::permissions::{Feature, least_privilege_policy};
use super::{Way, assume};
use crate::ambient::{Ambient, client_token};
use crate::cloud::{check_reachable, failed};
use crate::error::DeskError;
use crate::home::Desk;
use crate::views::Problem;

/// An order is looked for this far back, to try its details.
const LOOK_BACK: TimeDelta = TimeDelta::days(365);

/// Difference of the time of the Agency API, which carries no offset, from UTC: read as UTC+8.
pub(crate) const AGENCY_OFFSET: TimeDelta = TimeDelta::hours(8);

/// How an account is reached. `Debug` does not show the secret.
#[derive(Clone)]
pub struct Credentials {
    pub endpoint: String,
    /// The other site's address, tried once when the first one says "wrong site".
    pub other_endpoint: Option<String>,
    pub key_id: String,
    pub key_secret: Secret,
    pub way: Way,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("endpoint", &self.endpoint)
            .field("key_id", &self.key_id)
            .field("way", &self.way)
            .finish_non_exhaustive()
    }
}

impl Credentials {
    /// A key at an address; the other site's address is known for the two of Alibaba Cloud.
    pub fn new(endpoint: &str, key_id: &str, key_secret: &Secret, way: Way) -> Self {
        let other_endpoint = match site_at(endpoint) {
            Some(Site::China) => Some(INTERNATIONAL_ENDPOINT.to_owned()),
            Some(Site::International) => Some(CHINA_ENDPOINT.to_owned()),
            None => None,
        };
        Self {
            endpoint: endpoint.to_owned(),
            other_endpoint,
            key_id: key_id.to_owned(),
            key_secret: key_secret.clone(),
            way,
        }
    }
}

/// The site whose own address this is.
fn site_at(endpoint: &str) -> Option<Site> {
    let host =
        |endpoint: &str| endpoint.trim().trim_start_matches("https://").trim_end_matches('/').to_ascii_lowercase();
    let endpoint = host(endpoint);
    [(CHINA_ENDPOINT, Site::China), (INTERNATIONAL_ENDPOINT, Site::International)]
        .into_iter()
        .find(|(own, _)| host(own) == endpoint)
        .map(|(_, site)| site)
}

/// Whether a feature works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum FeatureState {
    Allowed,
    /// RAM denies it: `ram_action` is missing.
    Denied,
    /// The API is not for this account.
    NotOffered,
    /// It could not be found out; `problem` says why.
    Failed,
    /// Nothing was there to try it with.
    Skipped,
}

/// What trying one feature showed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct FeatureTest {
    pub feature: Feature,
    pub operation: &'static str,
    pub state: FeatureState,
    /// What RAM must grant for it.
    pub ram_action: &'static str,
    /// What the desk cannot do without it.
    pub without: &'static str,
    pub problem: Option<Problem>,
}

/// What testing a connection showed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct ConnectionTest {
    /// The address that answered: the one to connect with.
    pub endpoint: String,
    /// It is the other site's, not the one given.
    pub switched: bool,
    /// By the address, else by the account's currency.
    pub site: Option<Site>,
    /// The customer's account.
    pub uid: Option<String>,
    /// Settlement currency; of the partner with a partner's key.
    pub currency: Option<String>,
    pub features: Vec<FeatureTest>,
    pub clock: ClockVerdict,
    /// How far the cloud's clock is ahead of the machine's (negative: behind).
    pub clock_skew_seconds: Option<i32>,
    /// The least that RAM must grant, as JSON text to copy.
    pub policy: String,
}

impl ConnectionTest {
    /// How a feature fared.
    pub fn state(&self, feature: Feature) -> Option<FeatureState> {
        self.features.iter().find(|test| test.feature == feature).map(|test| test.state)
    }
}

/// Tries a connection. `now` is the cloud's business time, which only a sandbox has apart from the machine's. Errors: those of
/// the billing API that say that nothing can be found out at all (the key is wrong, nobody answers, neither site takes it).
pub async fn test_connection(
    ambient: Arc<dyn Ambient>,
    credentials: &Credentials,
    now: DateTime<Utc>,
) -> Result<ConnectionTest, DeskError> {
    let first = Probe::new(&ambient, credentials, &credentials.endpoint, now)?.run().await;
    let (found, endpoint, switched) = match (first, &credentials.other_endpoint) {
        (Err(error), Some(other)) if error.kind() == Kind::WrongSite => {
            let second = Probe::new(&ambient, credentials, other, now)?.run().await;
            (second.map_err(failed)?, other, true)
        }
        (first, _) => (first.map_err(failed)?, &credentials.endpoint, false),
    };
    let by_currency = |currency: &str| if currency == "CNY" { Site::China } else { Site::International };
    Ok(ConnectionTest {
        endpoint: endpoint.clone(),
        switched,
        site: site_at(endpoint).or_else(|| found.currency.as_deref().map(by_currency)),
        uid: found.uid,
        currency: found.currency,
        features: found.features,
        clock: found.skew.map_or(ClockVerdict::Unknown, ClockVerdict::of),
        clock_skew_seconds: found.skew.map(seconds),
        policy: format!("{:#}", least_privilege_policy()),
    })
}

impl Desk {
    /// Tries the connection of a customer, with the client and the key that its syncs use. Nothing of the customer's changes but
    /// what is known of the clocks.
    pub async fn test_customer(&self, customer: &str) -> Result<ConnectionTest, DeskError> {
        let row = self.connection(customer)?;
        check_reachable(&row)?;
        let credentials = Credentials {
            // The site is pinned: another one's answer would be another account's.
            other_endpoint: None,
            ..Credentials::new(&row.endpoint, &row.key_id, &row.key_secret, Way::of(&row)?)
        };
        let test = test_connection(Arc::clone(&self.ambient), &credentials, self.now()).await?;
        if let Some(seconds) = test.clock_skew_seconds.filter(|_| !self.is_read_only()) {
            self.keep_skew(&row.id, self.ambient.wall(), TimeDelta::seconds(i64::from(seconds)))?;
        }
        Ok(test)
    }
}

/// One run over the features at one address.
struct Probe {
    ambient: Arc<dyn Ambient>,
    way: Way,
    /// With the key itself.
    key: Client,
    /// In the customer's account.
    client: Client,
    now: DateTime<Utc>,
    found: Found,
}

#[derive(Default)]
struct Found {
    uid: Option<String>,
    currency: Option<String>,
    features: Vec<FeatureTest>,
    skew: Option<TimeDelta>,
}

impl Probe {
    fn new(
        ambient: &Arc<dyn Ambient>,
        credentials: &Credentials,
        endpoint: &str,
        now: DateTime<Utc>,
    ) -> Result<Self, DeskError> {
        let account = Account {
            endpoint: endpoint.to_owned(),
            key_id: credentials.key_id.clone(),
            key_secret: credentials.key_secret.expose().into(),
            security_token: None,
        };
        let key = Client::with_pace(account, around(ambient), Pace::default()).map_err(failed)?;
        let way = credentials.way.clone();
        let client = by_role(key.clone(), &way, endpoint, ambient, Pace::default()).map_err(failed)?;
        let uid = match &way {
            Way::Partner { uid } => Some(uid.clone()),
            way => way.role_uid().map(str::to_owned),
        };
        let found = Found { uid, ..Found::default() };
        Ok(Self { ambient: Arc::clone(ambient), way, key, client, now, found })
    }

    /// Tries the features in turn. An error ends it: what follows could only fail the same way.
    async fn run(mut self) -> Result<Found, BssError> {
        match self.way.clone() {
            Way::Partner { uid } => self.as_partner(&uid).await?,
            Way::Role { arn, external_id } => {
                let assumed = self.key.assume_role(&assume(&arn, external_id.as_deref())).await;
                if self.note(Feature::AssumeRole, assumed.map(drop))? {
                    self.in_account().await?;
                } else {
                    self.skip_all("the role cannot be assumed");
                }
            }
            Way::Key => self.in_account().await?,
        }
        let seen = [self.key.clock_seen(), self.client.clock_seen()].into_iter().flatten().max_by_key(|seen| seen.at);
        self.found.skew = seen.map(|seen| seen.skew);
        Ok(self.found)
    }

    async fn as_partner(&mut self, uid: &str) -> Result<(), BssError> {
        let balance = self.key.query_account_balance().await;
        self.found.currency = balance.as_ref().ok().and_then(|reply| reply.data.currency.clone());
        self.note(Feature::Balance, balance.map(drop))?;
        let local = |at: DateTime<Utc>| (at + AGENCY_OFFSET).naive_utc();
        let Ok(uid) = uid.parse() else {
            self.skip(Feature::PartnerOrders, "the customer's uid is not a number");
            return Ok(());
        };
        let window = GetCustomerOrdersRequest::new(uid, local(self.now - TimeDelta::days(30)), local(self.now));
        let orders = self.key.get_customer_orders(&GetCustomerOrdersRequest { page_size: 1, ..window }).await;
        self.note(Feature::PartnerOrders, orders.map(drop)).map(drop)
    }

    /// Everything that a key of the account is used for.
    async fn in_account(&mut self) -> Result<(), BssError> {
        let balance = self.client.query_account_balance().await;
        self.found.currency = balance.as_ref().ok().and_then(|reply| reply.data.currency.clone());
        self.note(Feature::Balance, balance.map(drop))?;

        let request = QueryAvailableInstancesRequest { page_size: 20, ..Default::default() };
        let page = self.client.query_available_instances(&request).await;
        let instances = page.as_ref().map(|page| page.rows.clone()).unwrap_or_default();
        self.note(Feature::Resources, page.map(drop))?;
        let owner = instances.iter().find_map(|row| row.owner_id).map(|id| id.to_string());
        self.found.uid = self.found.uid.take().or(owner);

        let request = QueryResourcePackageInstancesRequest { page_size: 1, ..Default::default() };
        let page = self.client.query_resource_package_instances(&request).await;
        self.note(Feature::Plans, page.map(drop))?;

        self.orders().await?;
        let window = QueryAccountTransactionsRequest::new(self.now - TimeDelta::days(1), self.now);
        let page =
            self.client.query_account_transactions(&QueryAccountTransactionsRequest { page_size: 1, ..window }).await;
        self.note(Feature::Transactions, page.map(drop))?;

        match self.found.uid.as_deref().and_then(|uid| uid.parse().ok()) {
            Some(uid) => {
                let page = self.client.query_relation_list(&QueryRelationListRequest::new(uid)).await;
                self.note(Feature::Relations, page.map(drop))?;
            }
            None => self.skip(Feature::Relations, "no instance tells the account's uid"),
        }
        self.inquiry(&instances).await
    }

    async fn orders(&mut self) -> Result<(), BssError> {
        let window = QueryOrdersRequest::new(self.now - LOOK_BACK, self.now);
        let page = self.client.query_orders(&QueryOrdersRequest { page_size: 1, ..window }).await;
        let order = page.as_ref().ok().and_then(|page| page.rows.first()).map(|row| row.order_id.clone());
        self.note(Feature::Orders, page.map(drop))?;
        match order {
            Some(order) => {
                let detail = self.client.get_order_detail(&GetOrderDetailRequest::new(order)).await;
                self.note(Feature::Details, detail.map(drop))?;
            }
            None => self.skip(Feature::Details, "no order of the last year was found to try it with"),
        }
        Ok(())
    }

    /// The price of one instance that was found. The amount does not matter, and neither does a refusal of this instance.
    async fn inquiry(&mut self, instances: &[InstanceRow]) -> Result<(), BssError> {
        let prepaid = |row: &&InstanceRow| row.subscription_type == Some(SubscriptionType::Subscription);
        let Some(row) = instances.iter().find(prepaid) else {
            self.skip(Feature::Inquiry, "no subscription instance was found to try it with");
            return Ok(());
        };
        let request = InquiryPriceRefundInstanceRequest {
            instance_id: row.instance_id.clone(),
            product_code: row.product_code.clone().unwrap_or_default(),
            product_type: String::new(),
            client_token: client_token(self.ambient.as_ref()),
        };
        let answer = self.client.inquiry_price_refund_instance(&request).await;
        self.note(Feature::Inquiry, answer.map(drop)).map(drop)
    }

    /// Takes a feature's answer down. True when it is allowed. An error when nothing else can be found out either.
    fn note(&mut self, feature: Feature, answer: Result<(), BssError>) -> Result<bool, BssError> {
        let (state, problem) = match answer {
            Ok(()) => (FeatureState::Allowed, None),
            Err(error) => {
                let Some(state) = state_of(feature, &error, self.has_answer()) else { return Err(error) };
                (state, Some(failed(error).problem()))
            }
        };
        self.push(feature, state, problem.filter(|_| state != FeatureState::Allowed));
        Ok(state == FeatureState::Allowed)
    }

    /// Whether the API has taken the key for any feature so far.
    fn has_answer(&self) -> bool {
        self.found.features.iter().any(|test| matches!(test.state, FeatureState::Allowed | FeatureState::Denied))
    }

    fn skip(&mut self, feature: Feature, why: &str) {
        let next = "nothing has to be done; it is tried when there is something to try it with";
        let problem = DeskError::new("not_tried", why, next).at(feature.permission().operation).problem();
        self.push(feature, FeatureState::Skipped, Some(problem));
    }

    fn skip_all(&mut self, why: &str) {
        for feature in Feature::OF_A_KEY {
            self.skip(feature, why);
        }
    }

    fn push(&mut self, feature: Feature, state: FeatureState, problem: Option<Problem>) {
        let permission = feature.permission();
        self.found.features.push(FeatureTest {
            feature,
            operation: permission.operation,
            state,
            ram_action: permission.ram_action,
            without: permission.without,
            problem,
        });
    }
}

/// What a failure says of a feature; `None` when it says that nothing else can be found out either. Once the API has answered
/// for another feature, site and network are right, so that the failure is this one's own.
fn state_of(feature: Feature, error: &BssError, answered: bool) -> Option<FeatureState> {
    match error.kind() {
        Kind::NotAuthorized => Some(FeatureState::Denied),
        // The instance is refused (it expired, it has an unpaid order, nothing would come back): asking is allowed.
        Kind::Refused | Kind::NotFound
            if feature == Feature::Inquiry && error.service_code() != Some("NotApplicable") =>
        {
            Some(FeatureState::Allowed)
        }
        Kind::Refused => Some(FeatureState::NotOffered),
        // The clock is told in the report itself.
        Kind::ClockSkew | Kind::NotFound | Kind::Server | Kind::Throttled { .. } | Kind::Malformed => {
            Some(FeatureState::Failed)
        }
        Kind::WrongSite if answered => Some(FeatureState::NotOffered),
        Kind::Transport | Kind::Timeout if answered => Some(FeatureState::Failed),
        Kind::WrongSite | Kind::Credentials | Kind::Transport | Kind::Timeout | Kind::Setup => None,
    }
}
