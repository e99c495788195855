// Three invented customers with their resources and orders, the same on every start.

import type { CustomerRow, DiscountTable, Kind, RenewStatus, ResourceStatus, Site } from "../backend";
import { addDays, sequence, share } from "./figures";

/** When the mock desk's clock starts. */
export const START = "2026-05-20T02:00:00Z";

export type MockOrder = {
  order: string;
  type: "new" | "renew" | "upgrade";
  start: string;
  end: string;
  list: number;
  cash: number;
  coupon: number;
  method: "bank_card" | "paypal" | "balance" | "alipay";
};

export type MockResource = {
  customer: string;
  resource: string;
  product: string;
  kind: Kind;
  region: string;
  status: ResourceStatus;
  renew: RenewStatus | null;
  orders: MockOrder[];
  blocker: "promotion_nonrefundable" | "status_changing" | "unpaid_order" | null;
  /** Without a discount table the quote is a range. */
  range: boolean;
  /** The tables entered for this product. */
  tables: DiscountTable[];
  unknowns: string[];
  usedPercent: number;
  released: boolean;
};

export const CUSTOMERS: Omit<CustomerRow, "resources" | "refundable" | "synced_at" | "sync_error" | "note">[] = [
  { id: "c-harbour", name: "Harbour Freight Lines", uid: "5123456789012345", site: "international", currency: "USD" },
  { id: "c-linden", name: "Linden & Vale Analytics", uid: "5123456789012399", site: "international", currency: "USD" },
  { id: "c-mingyue", name: "明月供应链科技有限公司", uid: "1098765432109876", site: "china", currency: "CNY" },
];

const REGIONS: Record<Site, string[]> = {
  international: ["ap-southeast-1", "eu-central-1", "us-west-1", "ap-northeast-1"],
  china: ["cn-hangzhou", "cn-shanghai", "cn-beijing", "cn-shenzhen"],
};
const PRODUCTS: readonly { code: string; prefix: string; kind: Kind; daily: number }[] = [
  { code: "ecs", prefix: "i", kind: "instance", daily: 329 },
  { code: "rds", prefix: "rm", kind: "instance", daily: 512 },
  { code: "redisa", prefix: "r", kind: "instance", daily: 204 },
  { code: "slb", prefix: "lb", kind: "instance", daily: 96 },
  { code: "waf", prefix: "waf", kind: "instance", daily: 1840 },
  { code: "sas", prefix: "sas", kind: "instance", daily: 310 },
  { code: "cfw", prefix: "cfw", kind: "instance", daily: 1466 },
  { code: "oss", prefix: "OSSBAG", kind: "resource_plan", daily: 41 },
  { code: "cdn", prefix: "FLOWBAG", kind: "resource_plan", daily: 58 },
];
const LETTERS = "abcdefghjkmnpqrstuvwxyz0123456789";
/** Resources of each customer, in the order of `CUSTOMERS`. */
const COUNTS = [164, 58, 231];

export function seedResources(): MockResource[] {
  const next = sequence(20_260_520);
  const word = (length: number) => Array.from({ length }, () => LETTERS[next(LETTERS.length)]).join("");
  let serial = 0;
  const order = (): string => {
    serial += 1;
    return `2${String(19_400_000_000_000 + serial * 7_919 + next(900)).padStart(14, "0")}`;
  };
  return CUSTOMERS.flatMap((customer, which) =>
    Array.from({ length: COUNTS[which] ?? 0 }, () => {
      const product = PRODUCTS[next(PRODUCTS.length)] ?? { code: "ecs", prefix: "i", kind: "instance" as Kind, daily: 329 };
      const months = [1, 3, 6, 12, 12, 24][next(6)] ?? 12;
      const age = next(Math.max(4, months * 30 - 2));
      const start = addDays(START, -age - next(24) / 24);
      const days = months * 30 + 5;
      const scale = 1 + next(6);
      const list = product.daily * days * scale;
      const cash = share(list, 100 - [0, 0, 15, 20, 30][next(5)]!, 100);
      const coupon = next(6) === 0 ? share(cash, 1, 12) : 0;
      const method = (["bank_card", "paypal", "balance", "bank_card"] as const)[next(4)] ?? "balance";
      const orders: MockOrder[] = [
        {
          order: order(),
          type: "new",
          start,
          end: addDays(start, days),
          list,
          cash: cash - coupon,
          coupon,
          method: customer.site === "china" ? "alipay" : method,
        },
      ];
      const renewals = product.kind === "instance" && next(6) === 0 ? 1 + next(3) : 0;
      for (let count = 0; count < renewals; count += 1) {
        const from = orders[orders.length - 1]!.end;
        orders.push({ ...orders[0]!, order: order(), type: "renew", start: from, end: addDays(from, days), coupon: 0, cash: cash });
      }
      const unsure = next(7) === 0;
      return {
        customer: customer.id,
        resource: `${product.prefix}-${word(4)}${word(8)}`,
        product: product.code,
        kind: product.kind,
        region: REGIONS[customer.site][next(4)] ?? "",
        status: "normal" as const,
        renew: (["auto", "manual", "none", null] as const)[next(4)] ?? null,
        orders,
        blocker: next(6) === 0 ? (["promotion_nonrefundable", "status_changing", "unpaid_order"] as const)[next(3)]! : null,
        range: unsure,
        tables: [],
        unknowns: ["resource.security_risk", "resource.paid_marketplace_image", "orders[0].invoiced", "resource.renew_status", ...(unsure ? ["orders[0].discounts"] : [])],
        usedPercent: product.kind === "resource_plan" ? (next(3) === 0 ? 0 : next(95)) : 0,
        released: false,
      };
    }),
  );
}
