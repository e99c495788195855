//! What can be bought in the sandbox: products with their codes, the look of their ids, regions and monthly list prices.
//! Prices are of the right size, not copied from a price list.

use refund_rules::case::Site;
use rust_decimal::Decimal;

/// One product that is sold by the month.
#[derive(Debug, Clone, Copy)]
pub struct Product {
    /// Product code as the billing API names it.
    pub code: &'static str,
    pub product_type: &'static str,
    pub commodity: &'static str,
    pub id_style: IdStyle,
    /// Configurations with their monthly list prices in cents: China (CNY), international (USD).
    pub configs: &'static [(&'static str, i64, i64)],
}

/// How instance ids of a product look.
#[derive(Debug, Clone, Copy)]
pub enum IdStyle {
    /// Prefix, code of the region, 17 small letters and digits: `i-bp1…`.
    Regional(&'static str),
    /// Prefix, region name and 12 small letters and digits: `waf_v3prepaid_public_cn-…`.
    Named(&'static str),
    /// 32 hexadecimal digits.
    Hex,
}

impl Product {
    /// Monthly list price of a configuration in the site's currency.
    pub fn monthly(&self, config: usize, site: Site) -> Decimal {
        let (_, china, international) = self.configs[config];
        Decimal::new(if site == Site::China { china } else { international }, 2)
    }
}

pub const ECS: Product = Product {
    code: "ecs",
    product_type: "",
    commodity: "ecs",
    id_style: IdStyle::Regional("i-"),
    configs: &[
        ("ecs.g7.large 2vCPU 8GiB", 38_900, 7_120),
        ("ecs.c7.xlarge 4vCPU 8GiB", 56_640, 10_480),
        ("ecs.r7.2xlarge 8vCPU 64GiB", 214_800, 37_950),
        ("ecs.t6-c1m2.large 2vCPU 4GiB", 11_220, 2_610),
    ],
};
pub const RDS: Product = Product {
    code: "rds",
    product_type: "",
    commodity: "rds",
    id_style: IdStyle::Regional("rm-"),
    configs: &[("mysql.n2.medium.2c 2C4G 100GB", 46_800, 8_900), ("pg.n4.large.2c 4C16G 200GB", 128_400, 23_760)],
};
pub const REDIS: Product = Product {
    code: "redisa",
    product_type: "",
    commodity: "redisa",
    id_style: IdStyle::Regional("r-"),
    configs: &[("redis.master.small.default 1G", 9_600, 2_150), ("redis.master.stand.default 4G", 38_400, 7_300)],
};
pub const SWAS: Product = Product {
    code: "swas",
    product_type: "",
    commodity: "swas",
    id_style: IdStyle::Hex,
    configs: &[("2vCPU 2GiB 50GB 200Mbps", 6_000, 1_000), ("2vCPU 4GiB 70GB 200Mbps", 10_800, 2_400)],
};
pub const SAS: Product = Product {
    code: "sas",
    product_type: "",
    commodity: "sas",
    id_style: IdStyle::Named("sas"),
    configs: &[("Advanced edition, 10 servers", 60_000, 9_500), ("Enterprise edition, 20 servers", 300_000, 47_000)],
};
pub const WAF: Product = Product {
    code: "waf",
    product_type: "",
    commodity: "waf_v3prepaid_public",
    id_style: IdStyle::Named("waf_v3prepaid_public"),
    configs: &[("Pro edition", 388_000, 71_400)],
};
pub const CFW: Product = Product {
    code: "cfw",
    product_type: "",
    commodity: "vipcloudfw",
    id_style: IdStyle::Named("vipcloudfw"),
    configs: &[("Premium edition 10 Mbit/s", 420_000, 42_000)],
};
pub const DDS: Product = Product {
    code: "dds",
    product_type: "",
    commodity: "dds",
    id_style: IdStyle::Regional("dds-"),
    configs: &[("dds.mongo.mid 1C2G 20GB", 32_500, 6_180)],
};
/// The short video SDK; the product type tells it from other ApsaraVideo VOD resources.
pub const SHORT_VIDEO_SDK: Product = Product {
    code: "vod",
    product_type: "short_video_sdk",
    commodity: "vod_short_video_sdk",
    id_style: IdStyle::Named("vodsdk"),
    configs: &[("Short video SDK, professional", 250_000, 41_600)],
};
pub const NAT_PLAN: Product = Product {
    code: "nat_plan",
    product_type: "nat_plan",
    commodity: "nat_plan",
    id_style: IdStyle::Named("NATPLAN"),
    configs: &[("100 CU", 6_600, 1_150), ("1000 CU", 59_400, 10_300)],
};
pub const OSS_PLAN: Product = Product {
    code: "oss",
    product_type: "ossbag",
    commodity: "ossbag",
    id_style: IdStyle::Named("OSSBAG"),
    configs: &[("Standard storage 500 GB", 4_500, 800), ("Standard storage 5 TB", 41_000, 7_350)],
};
pub const VOD_PLAN: Product = Product {
    code: "vod",
    product_type: "vodbag",
    commodity: "vodbag",
    id_style: IdStyle::Named("VODBAG"),
    configs: &[("Traffic 1 TB", 12_600, 2_900)],
};

/// Products that fill an account up beside its scenes.
pub const COMMON: &[Product] = &[ECS, RDS, REDIS, SWAS, DDS, ECS];

/// Regions of a site with the code that ids of that region carry.
pub const fn regions(site: Site) -> &'static [(&'static str, &'static str)] {
    match site {
        Site::China => &[("cn-hangzhou", "bp1"), ("cn-shanghai", "uf6"), ("cn-beijing", "2ze"), ("cn-shenzhen", "wz9")],
        Site::International => {
            &[("ap-southeast-1", "t4n"), ("eu-central-1", "gw8"), ("us-west-1", "rj9"), ("ap-northeast-1", "6we")]
        }
    }
}

/// Invented company names.
pub const fn names(site: Site) -> &'static [&'static str] {
    match site {
        Site::China => &["青岚科技", "澄海物流", "北辰数据", "云栈教育", "松石医药", "望舒影像"],
        Site::International => &[
            "Harbor Lantern Trading",
            "Blue Quarry Games",
            "Fernwood Analytics",
            "Tidewater Logistics",
            "Copper Finch Media",
            "Northline Robotics",
        ],
    }
}
