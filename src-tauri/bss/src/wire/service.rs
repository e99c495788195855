//! The APIs that a customer's connection needs: billing itself, the partners' API, and the one that gives temporary keys.

/// An API: its version, and where it listens relative to the billing API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// BssOpenApi.
    Billing,
    /// Agency: what a channel partner sees of the partner's customers.
    Agency,
    /// Security Token Service: temporary keys of a role.
    Sts,
}

impl Service {
    /// The value of `x-acs-version`.
    pub const fn version(self) -> &'static str {
        match self {
            Self::Billing => super::VERSION,
            Self::Agency => "2022-12-16",
            Self::Sts => "2015-04-01",
        }
    }

    /// The first label of its host name; the rest names the site (`.aliyuncs.com`, `.ap-southeast-1.aliyuncs.com`).
    pub const fn host_label(self) -> &'static str {
        match self {
            Self::Billing => "business",
            Self::Agency => "agency",
            Self::Sts => "sts",
        }
    }

    /// Whether a reply is the data itself. The billing API puts its data into `Data`; Agency keeps its counts beside `Data`, and
    /// STS has no envelope at all, so there the whole body is read.
    pub const fn answers_whole(self) -> bool {
        !matches!(self, Self::Billing)
    }
}

/// How a request travels. Parameters are in the query either way, and there is no body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
}

impl Method {
    /// The name as it is signed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}
