//! What the customers bought: products with the look of their ids, their regions and prices of the right size.

use crate::draw::Draw;

/// A product that is paid ahead.
pub struct Product {
    pub code: &'static str,
    pub product_type: &'static str,
    pub commodity: &'static str,
    pub is_plan: bool,
    /// Of a hundred resources so many are of it.
    weight: usize,
    id: Id,
    /// Configuration, and a month's list price in fen and in cents.
    configs: &'static [(&'static str, i64, i64)],
}

enum Id {
    /// Prefix, code of the region, 17 small letters and digits.
    Regional(&'static str),
    /// Prefix, region and 11 small letters and digits.
    Named(&'static str),
    Hex,
}

const PRODUCTS: [Product; 11] = [
    regional(
        "ecs",
        "",
        "i-",
        36,
        &[
            ("ecs.g7.large 2vCPU 8GiB", 38_900, 7_120),
            ("ecs.c7.xlarge 4vCPU 8GiB", 56_640, 10_480),
            ("ecs.r7.2xlarge 8vCPU 64GiB", 214_800, 37_950),
        ],
    ),
    regional(
        "rds",
        "rds",
        "rm-",
        15,
        &[("mysql.n2.medium.2c 100GB", 46_800, 8_900), ("pg.n4.large.2c 200GB", 128_400, 23_760)],
    ),
    regional("redisa", "redisa", "r-", 10, &[("redis.master.small.default 1G", 9_600, 2_150)]),
    regional("dds", "dds", "dds-", 7, &[("dds.mongo.mid 1C2G 20GB", 32_500, 6_180)]),
    regional("slb", "slb", "lb-", 6, &[("slb.s2.small", 20_000, 3_600)]),
    product("swas", "swas", Id::Hex, 6, false, &[("2vCPU 2GiB 50GB 200Mbps", 6_000, 1_000)]),
    product("sas", "sas", Id::Named("sas"), 5, false, &[("Advanced edition, 10 servers", 60_000, 9_500)]),
    product(
        "waf",
        "waf_v3prepaid_public",
        Id::Named("waf_v3prepaid_public"),
        3,
        false,
        &[("Pro edition", 388_000, 71_400)],
    ),
    product("cfw", "vipcloudfw", Id::Named("vipcloudfw"), 2, false, &[("Premium edition 10 Mbit/s", 420_000, 42_000)]),
    product("oss", "ossbag", Id::Named("OSSBAG"), 6, true, &[("Standard storage 500 GB", 4_500, 800)]),
    product("nat_plan", "nat_plan", Id::Named("NATPLAN"), 4, true, &[("100 CU", 6_600, 1_150)]),
];

const fn regional(
    code: &'static str,
    product_type: &'static str,
    prefix: &'static str,
    weight: usize,
    configs: &'static [(&'static str, i64, i64)],
) -> Product {
    Product { code, product_type, commodity: code, is_plan: false, weight, id: Id::Regional(prefix), configs }
}

const fn product(
    code: &'static str,
    commodity: &'static str,
    id: Id,
    weight: usize,
    is_plan: bool,
    configs: &'static [(&'static str, i64, i64)],
) -> Product {
    Product { code, product_type: commodity, commodity, is_plan, weight, id, configs }
}

/// Regions of each site, with the code that ids of that region carry.
const CHINA: [(&str, &str); 6] = [
    ("cn-hangzhou", "bp1"),
    ("cn-shanghai", "uf6"),
    ("cn-beijing", "2ze"),
    ("cn-shenzhen", "wz9"),
    ("cn-chengdu", "2vc"),
    ("cn-hongkong", "j6c"),
];
const ABROAD: [(&str, &str); 6] = [
    ("ap-southeast-1", "t4n"),
    ("eu-central-1", "gw8"),
    ("us-west-1", "rj9"),
    ("ap-northeast-1", "6we"),
    ("us-east-1", "0xi"),
    ("me-east-1", "eb3"),
];

/// One thing that was bought.
pub struct Bought {
    pub product: &'static Product,
    pub id: String,
    pub region: &'static str,
    pub config: &'static str,
    /// A month's list price, in the smallest unit of the site's currency.
    pub monthly: i64,
}

pub fn bought(china: bool, draw: &mut Draw) -> Bought {
    static ALL: &[Product] = &PRODUCTS;
    let weights = PRODUCTS.map(|product| product.weight);
    let product = &ALL[draw.weighted(&weights)];
    let (region, code) = *draw.pick(if china { &CHINA } else { &ABROAD });
    let id = match product.id {
        Id::Regional(prefix) => format!("{prefix}{code}{}", draw.letters(17)),
        Id::Named(prefix) => format!("{prefix}-{}-{}", region, draw.letters(11)),
        Id::Hex => draw.hex(32),
    };
    let (config, fen, cents) = *draw.pick(product.configs);
    Bought { product, id, region, config, monthly: if china { fen } else { cents } }
}
