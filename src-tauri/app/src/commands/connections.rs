//! Customers' connections: tried, added, switched, removed. Trying calls what only reads.

use std::sync::Arc;

use desk::views::Problem;
use desk::{Account, ConnectionRowView, ConnectionTest, Credentials, DeskError, ImportedCustomer, Secret, Way};
use refund_rules::case::Site;
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, State};

use super::{Answer, changed, told};
use crate::host::Host;

/// A connection as it is typed in.
#[derive(Debug, Clone, Deserialize, specta::Type)]
pub struct ConnectionAsk {
    /// Empty: the uid.
    pub name: String,
    /// Needed with a partner's key and for a customer of files; else the account tells it.
    pub uid: String,
    pub site: Site,
    /// Settlement currency; empty: as the account tells it.
    pub currency: String,
    /// Buys through a partner.
    pub partner: bool,
    pub way: WayAsk,
    pub key_id: String,
    pub key_secret: String,
    pub role_arn: String,
    pub external_id: String,
}

/// Whose key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum WayAsk {
    Key,
    Role,
    Partner,
    /// No key: files alone.
    Files,
}

/// The policies to copy into RAM.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct RamPolicies {
    /// What the customer's key or role must be granted.
    pub reading: String,
    /// What your own key needs to assume the role.
    pub role: Option<String>,
}

impl ConnectionAsk {
    fn way(&self) -> Way {
        match self.way {
            WayAsk::Role => Way::Role {
                arn: self.role_arn.trim().to_owned(),
                external_id: Some(self.external_id.trim().to_owned()).filter(|id| !id.is_empty()),
            },
            WayAsk::Partner => Way::Partner { uid: self.uid.trim().to_owned() },
            WayAsk::Key | WayAsk::Files => Way::Key,
        }
    }

    fn credentials(&self) -> Credentials {
        let endpoint = match self.site {
            Site::China => desk::CHINA_ENDPOINT,
            Site::International => desk::INTERNATIONAL_ENDPOINT,
        };
        Credentials::new(endpoint, self.key_id.trim(), &Secret::from(self.key_secret.as_str()), self.way())
    }
}

#[tauri::command(async)]
#[specta::specta]
pub fn connections(host: State<'_, Host>) -> Answer<Vec<ConnectionRowView>> {
    told(host.desk()?.connections())
}

/// Tries a key before anything is kept: each reading call once.
#[tauri::command]
#[specta::specta]
pub async fn try_connection(ask: ConnectionAsk) -> Answer<ConnectionTest> {
    told(desk::test_connection(Arc::new(desk::System), &ask.credentials(), chrono_now()).await)
}

/// Tries the connection of a customer with the key that its syncs use.
#[tauri::command]
#[specta::specta]
pub async fn test_connection(app: AppHandle, host: State<'_, Host>, customer: String) -> Answer<ConnectionTest> {
    let test = told(host.desk()?.test_customer(&customer).await);
    changed(&app, &["customers"]);
    test
}

/// Tries a connection and, when the account answers, keeps it; a customer of files is kept without.
#[tauri::command]
#[specta::specta]
pub async fn add_connection(app: AppHandle, host: State<'_, Host>, ask: ConnectionAsk) -> Answer<String> {
    let desk = host.desk()?;
    let id = if ask.way == WayAsk::Files {
        let uid = ask.uid.trim().to_owned();
        told(desk.add_imported(&ImportedCustomer {
            name: name_of(&ask, &uid),
            site: ask.site,
            currency: currency_of(&ask, None)?,
            partner: ask.partner,
            uid,
        }))?
    } else {
        let test = told(desk::test_connection(Arc::new(desk::System), &ask.credentials(), chrono_now()).await)?;
        let uid = test.uid.clone().unwrap_or_else(|| ask.uid.trim().to_owned());
        let account = Account {
            name: name_of(&ask, &uid),
            site: test.site.unwrap_or(ask.site),
            currency: currency_of(&ask, test.currency.as_deref())?,
            partner: ask.partner || ask.way == WayAsk::Partner,
            endpoint: test.endpoint,
            key_id: ask.key_id.trim().to_owned(),
            key_secret: Secret::from(ask.key_secret.as_str()),
            uid,
        };
        told(desk.connect_by(&account, &ask.way()))?
    };
    changed(&app, &["customers", "today"]);
    Ok(id)
}

/// Lets unsubscriptions of a customer go out by the API, or not.
#[tauri::command(async)]
#[specta::specta]
pub fn switch_api(app: AppHandle, host: State<'_, Host>, customer: String, on: bool) -> Answer<Vec<ConnectionRowView>> {
    let desk = host.desk()?;
    told(desk.switch_api(&customer, on))?;
    changed(&app, &["requests"]);
    told(desk.connections())
}

/// Removes a customer and its cache; the journal keeps ids and amounts.
#[tauri::command(async)]
#[specta::specta]
pub fn remove_customer(app: AppHandle, host: State<'_, Host>, customer: String) -> Answer<Vec<ConnectionRowView>> {
    let desk = host.desk()?;
    told(desk.disconnect(&customer))?;
    changed(&app, &super::EVERYTHING);
    told(desk.connections())
}

/// The least that RAM must grant, to copy. Nothing in it changes anything.
#[tauri::command(async)]
#[specta::specta]
pub fn ram_policies(role_arn: Option<String>) -> RamPolicies {
    RamPolicies {
        reading: format!("{:#}", desk::least_privilege_policy()),
        role: role_arn.map(|arn| format!("{:#}", desk::role_trust_policy(&arn))),
    }
}

fn name_of(ask: &ConnectionAsk, uid: &str) -> String {
    let name = ask.name.trim();
    if name.is_empty() { uid } else { name }.to_owned()
}

fn currency_of(ask: &ConnectionAsk, told: Option<&str>) -> Result<String, Problem> {
    let typed = ask.currency.trim().to_ascii_uppercase();
    match (typed.is_empty(), told, ask.site) {
        (false, _, _) => Ok(typed),
        (true, Some(told), _) => Ok(told.to_owned()),
        (true, None, Site::China) => Ok("CNY".to_owned()),
        (true, None, Site::International) => Err(DeskError::new(
            "currency_needed",
            "the account does not tell its currency",
            "give the currency that the customer settles in, such as USD",
        )
        .at("currency")
        .problem()),
    }
}

/// A connection that is not a sandbox's has the machine's time.
fn chrono_now() -> chrono::DateTime<chrono::Utc> {
    use desk::Ambient as _;
    desk::System.wall()
}
