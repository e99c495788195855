//! `rdesk customer`: connecting, listing and removing customers.

use desk::{Account, ConnectionTest, Credentials, DeskError};
use refund_rules::case::Site;
use serde_json::json;

use crate::answer::Out;
use crate::args::{Cli, CustomerAddArgs, CustomerCommand, SiteArg, SwitchArg};
use crate::host::{Host, Need, home_dir};
use crate::{connection, import, print};

/// Carries one of the words out.
pub async fn run(cli: &Cli, command: &CustomerCommand) -> Result<(), DeskError> {
    let dir = home_dir(cli.home.as_deref())?;
    match command {
        CustomerCommand::Add(args) if args.imported => import::add_customer(cli, args).await,
        CustomerCommand::Add(args) => add(cli, args).await,
        CustomerCommand::Test(args) => connection::test(cli, args).await,
        CustomerCommand::Policy(args) => connection::policy(cli, args),
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
    let given = connection::endpoint(args.endpoint.as_deref(), args.site)?;
    if cli.home.is_none() && !desk::is_loopback(&given) {
        return Err(DeskError::new(
            "home_needed",
            "real customers need a home of their own",
            "name its folder with --home: the usual one is the sandbox's",
        )
        .at("--home"));
    }
    let (key_id, key_secret) = args.key.key()?;
    let way = args.key.way(args.uid.as_deref())?;
    let test = connection::try_out(&Credentials::new(&given, &key_id, &key_secret, way.clone())).await?;
    let (uid, site, currency) = (uid(args, &test)?, site(args, &test)?, currency(&test)?);
    let host = Host::open_for(&home_dir(cli.home.as_deref())?, cli.passphrase_fd, &test.endpoint)?;
    let account = Account {
        name: args.name.clone().unwrap_or_else(|| uid.clone()),
        uid,
        site,
        currency,
        partner: args.partner || args.key.partner_key,
        endpoint: test.endpoint.clone(),
        key_id,
        key_secret,
    };
    let id = host.desk.connect_by(&account, &way)?;
    let out = Out { json: cli.json, banner: crate::banner(&host)? };
    out.put(&connection::added(&id, site, &test), || {
        let missing = connection::missing(&test);
        let but =
            if missing.is_empty() { String::new() } else { format!("; RAM does not grant {}", missing.join(", ")) };
        format!("customer {id} is connected ({site}); `rdesk sync` brings its orders{but}")
    })
}

fn uid(args: &CustomerAddArgs, test: &ConnectionTest) -> Result<String, DeskError> {
    if let (Some(given), Some(found)) = (&args.uid, &test.uid)
        && given != found
    {
        return Err(DeskError::new(
            "uid_differs",
            format!("this key belongs to account {found}, not {given}"),
            "give the key of the account that you mean, or leave --uid out",
        )
        .at("--uid"));
    }
    args.uid.clone().or_else(|| test.uid.clone()).ok_or_else(|| {
        DeskError::new(
            "uid_needed",
            "the account has no instance that tells its uid",
            "give it with --uid; the console shows it under the account's picture",
        )
        .at("--uid")
    })
}

/// The site whose address answered; a sandbox's address is no site's, so there what is given counts, or the currency.
fn site(args: &CustomerAddArgs, test: &ConnectionTest) -> Result<Site, DeskError> {
    match (args.site, test.switched) {
        (Some(SiteArg::China), false) => Ok(Site::China),
        (Some(SiteArg::International), false) => Ok(Site::International),
        _ => test.site.ok_or_else(|| {
            DeskError::new(
                "site_needed",
                "the account does not tell its site",
                "give --site china or --site international",
            )
            .at("--site")
        }),
    }
}

fn currency(test: &ConnectionTest) -> Result<String, DeskError> {
    match (&test.currency, test.site) {
        (Some(currency), _) => Ok(currency.clone()),
        // The China site settles in yuan alone.
        (None, Some(Site::China)) => Ok("CNY".to_owned()),
        _ => Err(DeskError::new(
            "currency_unknown",
            "the key may not read the account's balance, which tells the currency",
            "grant it bssapi:QueryAccountBalance; `rdesk customer policy` shows all that is needed",
        )
        .at("QueryAccountBalance")),
    }
}
