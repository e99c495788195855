//! `rdesk customer`: connecting, listing and removing customers.

use std::sync::Arc;

use desk::{Account, DeskError, Secret};
use refund_rules::case::Site;
use serde_json::json;

use crate::answer::Out;
use crate::args::{Cli, CustomerAddArgs, CustomerCommand, SiteArg, SwitchArg};
use crate::host::{Host, Need, home_dir};
use crate::opening::read_fd;
use crate::{import, print};

/// Carries one of the words out.
pub async fn run(cli: &Cli, command: &CustomerCommand) -> Result<(), DeskError> {
    let dir = home_dir(cli.home.as_deref())?;
    match command {
        CustomerCommand::Add(args) if args.imported => import::add_customer(cli, args).await,
        CustomerCommand::Add(args) => add(cli, args).await,
        CustomerCommand::List => {
            let host = Host::open(&dir, cli.passphrase_fd, Need::Refresh).await?;
            let out = Out { json: cli.json, banner: crate::banner(&host)? };
            let rows = host.desk.customers()?;
            out.put(&rows, || print::customers(&rows))
        }
        CustomerCommand::Api { customer, switch } => {
            let host = Host::open(&dir, cli.passphrase_fd, Need::Write).await?;
            let out = Out { json: cli.json, banner: crate::banner(&host)? };
            let on = *switch == SwitchArg::On;
            host.desk.switch_api(customer, on)?;
            out.put(&json!({"customer": customer, "api": on}), || {
                format!("the API is {} for customer {customer}", if on { "on" } else { "off" })
            })
        }
        CustomerCommand::Remove { customer } => {
            let host = Host::open(&dir, cli.passphrase_fd, Need::Write).await?;
            let out = Out { json: cli.json, banner: crate::banner(&host)? };
            host.desk.disconnect(customer)?;
            out.put(&json!({"removed": customer}), || {
                format!("customer {customer} and its cache are removed; the journal keeps ids and amounts")
            })
        }
    }
}

/// Tests the connection with reading calls before anything is kept.
async fn add(cli: &Cli, args: &CustomerAddArgs) -> Result<(), DeskError> {
    let endpoint = endpoint(args)?;
    let key_id = args.key_id.clone().unwrap_or_default();
    if cli.home.is_none() && !desk::is_loopback(&endpoint) {
        return Err(DeskError::new(
            "home_needed",
            "real customers need a home of their own",
            "name its folder with --home: the usual one is the sandbox's",
        )
        .at("--home"));
    }
    let key_secret = match (&args.key_secret, args.key_secret_fd) {
        (Some(secret), _) => secret.clone(),
        (None, Some(fd)) => read_fd(fd, "--key-secret-fd")?,
        (None, None) => Secret::from(""),
    };
    let found = desk::examine(Arc::new(desk::System), &endpoint, &key_id, key_secret.expose()).await?;
    let currency = found.currency.clone();
    let site = match args.site {
        Some(SiteArg::China) => Site::China,
        Some(SiteArg::International) => Site::International,
        // Only a sandbox may leave it open; its account's currency tells.
        None if currency == "CNY" => Site::China,
        None => Site::International,
    };
    if let (Some(given), Some(found)) = (&args.uid, &found.uid)
        && given != found
    {
        return Err(DeskError::new(
            "uid_differs",
            format!("this key belongs to account {found}, not {given}"),
            "give the key of the account that you mean, or leave --uid out",
        )
        .at("--uid"));
    }
    let uid = args.uid.clone().or(found.uid).ok_or_else(|| {
        DeskError::new(
            "uid_needed",
            "the account has no instance that tells its uid",
            "give it with --uid; the console shows it under the account's picture",
        )
        .at("--uid")
    })?;
    let host = Host::open_for(&home_dir(cli.home.as_deref())?, cli.passphrase_fd, &endpoint)?;
    let id = host.desk.connect(&Account {
        name: args.name.clone().unwrap_or_else(|| uid.clone()),
        uid,
        site,
        currency,
        partner: args.partner,
        endpoint,
        key_id,
        key_secret,
    })?;
    let out = Out { json: cli.json, banner: crate::banner(&host)? };
    out.put(&json!({"customer": id, "site": site}), || {
        format!("customer {id} is connected ({site}); `rdesk sync` brings its orders")
    })
}

fn endpoint(args: &CustomerAddArgs) -> Result<String, DeskError> {
    match (&args.endpoint, args.site) {
        (Some(endpoint), site) => {
            if site.is_none() && !desk::is_loopback(endpoint) {
                return Err(DeskError::new(
                    "site_needed",
                    "the two sites have different rules",
                    "give --site china or --site international",
                )
                .at("--site"));
            }
            Ok(endpoint.clone())
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
