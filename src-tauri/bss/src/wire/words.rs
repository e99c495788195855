//! The words that the API uses, each with the documented values. Case differs between generations of the documents, so words
//! match in any case; a value that is not documented is kept as it came (`Other`).

use super::record::Scalar;

macro_rules! words {
    ($($(#[$meta:meta])* pub enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal),* $(,)? })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)*
            /// Not documented; as it came.
            Other(String),
        }

        impl $name {
            /// The word as the API writes it.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)*
                    Self::Other(word) => word,
                }
            }

            /// Reads a word in any case.
            pub fn from_word(word: &str) -> Self {
                let word = word.trim();
                $(if word.eq_ignore_ascii_case($word) {
                    return Self::$variant;
                })*
                Self::Other(word.to_owned())
            }
        }

        impl Scalar for $name {
            fn parse(text: &str) -> Result<Self, String> {
                Ok(Self::from_word(text))
            }
            fn text(&self) -> String {
                self.as_str().to_owned()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Ok(Self::from_word(&word))
            }
        }
    )*};
}

pub(crate) use words;

words! {
    /// What an order did.
    pub enum OrderType {
        New = "New",
        Renew = "Renew",
        Upgrade = "Upgrade",
        TempUpgrade = "TempUpgrade",
        Downgrade = "Downgrade",
        Refund = "Refund",
        Convert = "Convert",
        ResizeDisk = "ResizeDisk",
        CompensatoryRenew = "CompensatoryRenew",
        IncreaseUpgrade = "IncreaseUpgrade",
        Exchange = "Exchange",
        ChangeOperatingSystem = "ChangeOperatingSystem",
    }

    /// Whether an order was paid; refund orders carry none.
    pub enum PaymentStatus {
        Unpaid = "Unpaid",
        Paid = "Paid",
        Cancelled = "Cancelled",
    }

    /// How something is billed.
    pub enum SubscriptionType {
        Subscription = "Subscription",
        PayAsYouGo = "PayAsYouGo",
    }

    /// What a sub-order of an order is.
    pub enum OrderSubType {
        ProductSubOrder = "ProductSubOrder",
        RefundSubOrder = "RefundSubOrder",
    }

    /// How an instance is renewed when it ends.
    pub enum RenewStatus {
        AutoRenewal = "AutoRenewal",
        ManualRenewal = "ManualRenewal",
        NotRenewal = "NotRenewal",
    }

    /// The state of an instance.
    pub enum InstanceStatus {
        Creating = "Creating",
        WaitForExpire = "WaitForExpire",
        Normal = "Normal",
        Expired = "Expired",
    }

    /// The state of an instance's pay-as-you-go part.
    pub enum InstanceSubStatus {
        Normal = "Normal",
        WaitForLimit = "WaitForLimit",
        BandwidthLimited = "BandwidthLimited",
    }

    /// The unit of a renewal's duration.
    pub enum DurationUnit {
        Month = "M",
        Year = "Y",
    }

    /// The state of a resource plan.
    pub enum PlanStatus {
        Available = "Available",
        Expired = "Expired",
    }

    /// What moved money.
    pub enum TransactionType {
        Payment = "Payment",
        Withdraw = "Withdraw",
        Refund = "Refund",
        Consumption = "Consumption",
        Transfer = "Transfer",
        Adjust = "Adjust",
        PayFailRefund = "Pay_Fail_Refund",
    }

    /// Which way money moved, seen from the account.
    pub enum TransactionFlow {
        Income = "Income",
        Expense = "Expense",
    }

    /// The way money came or went.
    pub enum TransactionChannel {
        AccountBalance = "AccountBalance",
        BankTransfer = "BankTransfer",
        Alipay = "Alipay",
        AntCreditPay = "AntCreditPay",
        OfflineRemittance = "OfflineRemittance",
        RegularBankCreditRefund = "RegularBankCreditRefund",
        CreditCard = "CreditCard",
        MyBankCredit = "MyBankCredit",
        HuaxiaBankCInstallment = "HuaxiaBankCInstallment",
        ApplePay = "ApplePay",
    }

    /// The kind of fund that moved.
    pub enum FundType {
        Cash = "Cash",
        Deposit = "Deposit",
        RegularBankCreditRefund = "RegularBankCreditRefund",
        DirectPay = "DirectPay",
    }
}
