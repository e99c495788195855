//! `rdesk customer test` and `policy`, and the key of a connection as it is given on a terminal: by a file descriptor, by the
//! environment, or (seen by everybody on the machine) by a word of the command line.

use std::sync::Arc;

use clap::Args;
use desk::views::SyncReport;
use desk::{
    Ambient, ClockVerdict, ConnectionTest, Credentials, Desk, DeskError, FeatureState, FeatureTest, Secret, Way,
};
use serde_json::json;

use crate::answer::Out;
use crate::args::{Cli, SiteArg, secret};
use crate::host::{Host, Need, home_dir};
use crate::opening::read_fd;

/// The AccessKey id, when no option gives it.
const KEY_ID_VARIABLE: &str = "RDESK_KEY_ID";
/// The AccessKey secret, when no option gives it.
const KEY_SECRET_VARIABLE: &str = "RDESK_KEY_SECRET";

/// A key, and whose it is.
#[derive(Debug, Args)]
pub struct KeyArgs {
    /// AccessKey id; the variable `RDESK_KEY_ID` when left out.
    #[arg(long)]
    pub key_id: Option<String>,
    /// AccessKey secret. Seen by others on this machine: prefer `--key-secret-fd` or the variable `RDESK_KEY_SECRET`.
    #[arg(long, value_parser = secret, conflicts_with = "key_secret_fd")]
    pub key_secret: Option<Secret>,
    /// Read the AccessKey secret from this file descriptor.
    #[arg(long, value_name = "FD")]
    pub key_secret_fd: Option<u32>,
    /// The key is yours, and assumes this role in the customer's account: `acs:ram::UID:role/NAME`.
    #[arg(long, value_name = "ARN")]
    pub role_arn: Option<String>,
    /// What the role demands of who assumes it.
    #[arg(long, requires = "role_arn")]
    pub external_id: Option<String>,
    /// The key is the partner's that the customer buys through: it shows the customer's orders only. Needs `--uid`.
    #[arg(long, conflicts_with = "role_arn")]
    pub partner_key: bool,
}

impl KeyArgs {
    /// Id and secret. Errors: `key_needed`, `fd_unreadable`.
    pub fn key(&self) -> Result<(String, Secret), DeskError> {
        let variable = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
        let needed = |what: &str, place: &str, variable: &str| {
            let next = format!("give it with {place}, or in the variable {variable}");
            DeskError::new("key_needed", format!("no {what} is given"), next).at(place)
        };
        let key_id = self.key_id.clone().or_else(|| variable(KEY_ID_VARIABLE));
        let key_id = key_id.ok_or_else(|| needed("AccessKey id", "--key-id", KEY_ID_VARIABLE))?;
        let secret = match (&self.key_secret, self.key_secret_fd) {
            (Some(secret), _) => Some(secret.clone()),
            (None, Some(fd)) => Some(read_fd(fd, "--key-secret-fd")?),
            (None, None) => variable(KEY_SECRET_VARIABLE).map(Secret::from),
        };
        let secret = secret.filter(|secret| !secret.expose().is_empty());
        Ok((key_id, secret.ok_or_else(|| needed("AccessKey secret", "--key-secret-fd", KEY_SECRET_VARIABLE))?))
    }

    /// Whose key it is.
    pub fn way(&self, uid: Option<&str>) -> Result<Way, DeskError> {
        match (&self.role_arn, self.partner_key, uid) {
            (Some(arn), _, _) => Ok(Way::Role { arn: arn.clone(), external_id: self.external_id.clone() }),
            (None, true, Some(uid)) => Ok(Way::Partner { uid: uid.to_owned() }),
            (None, true, None) => Err(DeskError::new(
                "uid_needed",
                "a partner's key does not tell which customer is meant",
                "give the customer's uid with --uid",
            )
            .at("--uid")),
            (None, false, _) => Ok(Way::Key),
        }
    }
}

#[derive(Debug, Args)]
pub struct ConnectionTestArgs {
    /// A connected customer; or leave it out and give an address and a key, before adding.
    pub customer: Option<String>,
    #[arg(long, value_enum)]
    pub site: Option<SiteArg>,
    /// Address of the billing API; the site's own when left out.
    #[arg(long, value_name = "URL", conflicts_with = "customer")]
    pub endpoint: Option<String>,
    /// The customer's uid, with a partner's key.
    #[arg(long)]
    pub uid: Option<String>,
    #[command(flatten)]
    pub key: KeyArgs,
}

#[derive(Debug, Args)]
pub struct PolicyArgs {
    /// The policy of your own key, which assumes this role, in place of the role's.
    #[arg(long, value_name = "ARN")]
    pub role_arn: Option<String>,
}

/// `rdesk customer test`. Fails, after telling everything, when the connection cannot be used.
pub async fn test(cli: &Cli, args: &ConnectionTestArgs) -> Result<(), DeskError> {
    let Some(customer) = &args.customer else {
        let (key_id, key_secret) = args.key.key()?;
        let endpoint = endpoint(args.endpoint.as_deref(), args.site)?;
        let way = args.key.way(args.uid.as_deref())?;
        let test = try_out(&Credentials::new(&endpoint, &key_id, &key_secret, way)).await?;
        return Out { json: cli.json, banner: None }.put(&test, || told(&test));
    };
    let host = Host::open(&home_dir(cli.home.as_deref())?, cli.passphrase_fd, Need::Cloud).await?;
    let out = Out { json: cli.json, banner: crate::banner(&host)? };
    let tested = host.desk.test_customer(customer).await;
    if let Some(sandbox) = host.sandbox {
        sandbox.stop().await;
    }
    let test = tested?;
    out.put(&test, || told(&test))
}

/// `rdesk customer policy`.
pub fn policy(cli: &Cli, args: &PolicyArgs) -> Result<(), DeskError> {
    let policy = match &args.role_arn {
        Some(arn) => desk::role_trust_policy(arn),
        None => desk::least_privilege_policy(),
    };
    Out { json: cli.json, banner: None }.put(&policy, || format!("{policy:#}"))
}

/// Tests a connection that is not kept yet. A sandbox's business clock is asked of the sandbox.
pub async fn try_out(credentials: &Credentials) -> Result<ConnectionTest, DeskError> {
    let loopback = desk::is_loopback(&credentials.endpoint);
    let now = if loopback { bss_sandbox::clock_at(&credentials.endpoint) } else { None };
    let now = now.unwrap_or_else(|| desk::System.wall());
    desk::test_connection(Arc::new(desk::System), credentials, now).await
}

/// The address: given, or the site's own.
pub fn endpoint(given: Option<&str>, site: Option<SiteArg>) -> Result<String, DeskError> {
    match (given, site) {
        (Some(endpoint), site) => {
            if site.is_none() && !desk::is_loopback(endpoint) {
                return Err(DeskError::new(
                    "site_needed",
                    "the two sites have different rules",
                    "give --site china or --site international",
                )
                .at("--site"));
            }
            Ok(endpoint.to_owned())
        }
        (None, Some(SiteArg::China)) => Ok(desk::CHINA_ENDPOINT.to_owned()),
        (None, Some(SiteArg::International)) => Ok(desk::INTERNATIONAL_ENDPOINT.to_owned()),
        (None, None) => Err(DeskError::new(
            "site_needed",
            "neither an address nor a site is given",
            "give --site, or --endpoint for a sandbox",
        )
        .at("--site")),
    }
}

/// Tells, on standard error, what the syncs went on without and clocks that are apart; a document has no room for it.
pub fn warn(desk: &Desk, out: &Out, reports: &[SyncReport]) -> Result<(), DeskError> {
    if out.json {
        return Ok(());
    }
    for report in reports {
        let health = desk.connection_health(&report.customer)?;
        for warning in &health.warnings {
            eprintln!("rdesk: customer {}: {}; {}", report.customer, warning.message, warning.next);
        }
        if matches!(health.clock, ClockVerdict::Warning | ClockVerdict::Blocking) {
            let seconds = health.clock_skew_seconds.unwrap_or_default();
            eprintln!("rdesk: customer {}: {}", report.customer, clock(health.clock, seconds));
        }
    }
    Ok(())
}

/// What RAM must grant besides.
pub fn missing(test: &ConnectionTest) -> Vec<&'static str> {
    let denied = test.features.iter().filter(|feature| feature.state == FeatureState::Denied);
    denied.map(|feature| feature.ram_action).collect()
}

/// A test for people.
fn told(test: &ConnectionTest) -> String {
    let site = test.site.map_or("unknown", |site| site.word());
    let or_unknown = |text: &Option<String>| text.clone().unwrap_or_else(|| "unknown".to_owned());
    let mut out = format!(
        "{} answers{}: site {site}, account {}, currency {}\n{}\n",
        test.endpoint,
        if test.switched { " (the other site than the one given)" } else { "" },
        or_unknown(&test.uid),
        or_unknown(&test.currency),
        clock(test.clock, test.clock_skew_seconds.unwrap_or_default()),
    );
    for feature in &test.features {
        out.push_str(&line(feature));
    }
    if !missing(test).is_empty() {
        out.push_str(&format!("\nThe least that RAM must grant:\n{}\n", test.policy));
    }
    out
}

fn clock(verdict: ClockVerdict, seconds: i32) -> String {
    let apart = format!("the cloud's clock is {} s {}", seconds.abs(), if seconds < 0 { "behind" } else { "ahead" });
    match verdict {
        ClockVerdict::Unknown => "the cloud's clock was not seen".to_owned(),
        ClockVerdict::Fine => apart,
        ClockVerdict::Warning => format!("warning: {apart}; set this computer's clock right"),
        ClockVerdict::Blocking => {
            format!("{apart}: set this computer's clock right, nothing can be confirmed until then")
        }
    }
}

fn line(feature: &FeatureTest) -> String {
    let word = serde_json::to_value(feature.state).ok().and_then(|word| word.as_str().map(str::to_owned));
    let head = format!("  {:<12} {}", word.unwrap_or_default(), feature.operation);
    let problem = feature.problem.as_ref();
    match feature.state {
        FeatureState::Allowed => format!("{head}\n"),
        FeatureState::Denied => format!("{head}: grant {}. {}\n", feature.ram_action, feature.without),
        FeatureState::Skipped => format!("{head}: {}\n", problem.map_or("", |problem| &problem.message)),
        FeatureState::NotOffered | FeatureState::Failed => {
            format!("{head}: {} {}\n", problem.map_or("", |problem| &problem.message), feature.without)
        }
    }
}

/// What a new connection says of itself.
pub fn added(id: &str, site: refund_rules::case::Site, test: &ConnectionTest) -> serde_json::Value {
    json!({"customer": id, "site": site, "switched": test.switched, "missing": missing(test), "clock": test.clock})
}
