//! How much of the documented rates the desk uses: the budget belongs to the customer's whole account, and their own programs
//! share it.

use bss_openapi::Pace;

use crate::error::DeskError;
use crate::home::Desk;

/// Setting: per cent of the documented rates.
const RATE_SHARE: &str = "rate_share";

impl Desk {
    /// Per cent of the documented rates that calls take at most; `None`: not chosen, so half of them, and in a sandbox home, which
    /// nobody else calls, no limit.
    pub fn rate_share(&self) -> Result<Option<u32>, DeskError> {
        let kept: Option<String> = self.store.read(|r| r.settings().get(RATE_SHARE))?;
        Ok(kept.and_then(|text| text.parse().ok()))
    }

    /// Chooses it, for all customers of the home, from the next call on. Error: `bad_share` outside 1 to 100.
    pub fn set_rate_share(&self, percent: u32) -> Result<(), DeskError> {
        if !(1..=100).contains(&percent) {
            let why = format!("{percent} % of the documented rates cannot be used");
            return Err(DeskError::new("bad_share", why, "choose 1 to 100").at("percent"));
        }
        self.write(move |tx, _| Ok(tx.settings().set(RATE_SHARE, &percent.to_string())?))?;
        // Clients keep the pace that they were made with.
        self.clients.forget_all();
        Ok(())
    }

    /// The pace of this home's calls.
    pub(crate) fn pace(&self) -> Result<Pace, DeskError> {
        Ok(match self.rate_share()? {
            Some(percent) => Pace::Share(percent),
            None if self.is_sandbox() => Pace::Unlimited,
            None => Pace::default(),
        })
    }
}
