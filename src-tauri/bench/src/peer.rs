//! The yardstick: a decision table of GoRules' zen-engine that picks the refund type and the coefficient for the same facts.
//!
//! It answers much less than a quote does: no amounts, no windows from payment dates, no destinations, no future. Its facts
//! come to it worked out, as days used and hours since payment.

use serde_json::{Map, Value, json};
use zen_engine::model::GraphContent;
use zen_engine::{Decision, DecisionGraphResponse, EvaluationOptions, Variable};

/// What a row looks at.
const INPUTS: [&str; 9] =
    ["action", "product", "kind", "status", "variant", "used_days", "hours_since_payment", "quota_used", "all_pending"];
/// What a row answers.
const OUTPUTS: [&str; 3] = ["refund_type", "coefficient", "rule"];

/// The rules of the international site, the first that holds wins; an empty cell asks nothing.
#[rustfmt::skip]
const ROWS: [[&str; 12]; 24] = [
    [r#""unsubscribe""#, "", "", r#""creating_failed""#, "", "", "", "", "", r#""automatic""#, "1", r#""automatic.creating_failed""#],
    ["", r#""domain", "ddos", "prepaid_card""#, "", "", "", "", "", "", "", r#""nonrefundable""#, "1", r#""product.never""#],
    ["", r#""hbr""#, r#""resource_plan""#, "", "", "", "", "", "", r#""nonrefundable""#, "1", r#""product.hbr_plan""#],
    ["", r#""vod""#, "", "", r#""short_video_sdk""#, "", "", "", "", r#""nonrefundable""#, "1", r#""product.short_video_sdk""#],
    ["", r#""cen""#, "", "", r#""cross_border""#, "", "", "", "", r#""nonrefundable""#, "1", r#""product.cen_cross_border""#],
    ["", r#""iot""#, "", "", r#""public_instance""#, "", "", "", "", r#""nonrefundable""#, "1", r#""product.iot_public""#],
    [r#""unsubscribe""#, r#""oss""#, r#""resource_plan""#, "", "", "", "", "> 0", "", r#""nonrefundable""#, "1", r#""product.oss_plan""#],
    [r#""cancel_renewals""#, r#""acr_ee", "kms""#, "", "", "", "", "", "", "", r#""nonrefundable""#, "1", r#""product.renewal_stays""#],
    [r#""cancel_renewals""#, "", "", "", "", "", "", "", "", r#""renewal""#, "1", r#""renewal.cancel""#],
    [r#""downgrade""#, r#""ecs""#, "", "", "", "< 30", "", "", "", r#""downgrade""#, "1.5", r#""coefficient.ecs""#],
    [r#""downgrade""#, "", "", "", "", "", "", "", "", r#""downgrade""#, "1", r#""whatif.downgrade""#],
    [r#""convert""#, r#""ecs""#, "", "", "", "< 30", "", "", "", r#""convert""#, "1.5", r#""coefficient.ecs""#],
    [r#""convert""#, "", "", "", "", "", "", "", "", r#""convert""#, "1", r#""whatif.convert""#],
    ["", r#""cas""#, "", "", r#""unused", "revoked""#, "", "<= 168", "", "", r#""full_unused""#, "1", r#""product.certificate""#],
    ["", r#""cas""#, "", "", "", "", "", "", "", r#""nonrefundable""#, "1", r#""product.certificate""#],
    ["", "", r#""resource_plan""#, "", "", "", "", "", "true", r#""unactivated""#, "1", r#""plan.unactivated""#],
    ["", "", r#""resource_plan""#, "", "", "", "", "0", "", r#""full_unused""#, "1", r#""plan_window.validity""#],
    ["", "", r#""resource_plan""#, "", "", "", "", "", "", r#""partial""#, "1", r#""plan.quota""#],
    ["", r#""sas""#, "", "", "", "", "<= 120", "", "", r#""full_no_reason""#, "1", r#""no_reason.sas""#],
    ["", r#""ecs""#, "", "", "", "< 30", "", "", "", r#""partial""#, "1.5", r#""coefficient.ecs""#],
    ["", r#""cfw""#, "", "", "", "< 30", "", "", "", r#""partial""#, "1.5", r#""coefficient.cfw""#],
    ["", r#""ens""#, "", "", "", "< 28", "", "", "", r#""partial""#, "1.5", r#""coefficient.ens""#],
    ["", r#""waf""#, "", "", "", "", "", "", "", r#""partial""#, "1.5", r#""coefficient.waf""#],
    ["", "", "", "", "", "", "", "", "", r#""partial""#, "1", r#""coefficient.none""#],
];

/// The table, ready to be asked.
pub struct Table {
    decision: Decision,
}

impl Table {
    /// As its makers' first examples use it: loaded once, its cells read at every evaluation.
    pub fn loaded() -> Self {
        let content: GraphContent = serde_json::from_value(document()).expect("the table is a graph of three nodes");
        Self { decision: Decision::from(content) }
    }

    /// Its cells compiled once, for repeated use.
    pub fn compiled() -> Self {
        let mut table = Self::loaded();
        table.decision.compile();
        table
    }

    /// Evaluates with trace; neither answer nor trace is turned into a document.
    pub async fn traced(&self, facts: Variable) -> DecisionGraphResponse {
        let options = EvaluationOptions { trace: true, ..EvaluationOptions::default() };
        self.decision.evaluate_with_opts(facts, options).await.expect("the last row holds for any facts")
    }
}

/// The decision graph in the peer's own JSON format: input, table, output.
fn document() -> Value {
    let columns = |names: &[&str], side: &str| -> Vec<Value> {
        names.iter().map(|name| json!({ "id": format!("{side}-{name}"), "name": name, "field": name })).collect()
    };
    let rules: Vec<Value> = ROWS
        .iter()
        .enumerate()
        .map(|(i, cells)| {
            let ids = INPUTS.iter().map(|n| format!("in-{n}")).chain(OUTPUTS.iter().map(|n| format!("out-{n}")));
            let mut row: Map<String, Value> = ids.zip(cells.iter().map(|cell| Value::from(*cell))).collect();
            row.insert("_id".to_owned(), format!("row-{i}").into());
            Value::Object(row)
        })
        .collect();
    json!({
        "nodes": [
            { "id": "facts", "name": "facts", "type": "inputNode" },
            { "id": "table", "name": "refund type", "type": "decisionTableNode", "content": {
                "hitPolicy": "first", "inputs": columns(&INPUTS, "in"), "outputs": columns(&OUTPUTS, "out"), "rules": rules
            } },
            { "id": "answer", "name": "answer", "type": "outputNode" },
        ],
        "edges": [
            { "id": "one", "sourceId": "facts", "targetId": "table", "type": "edge" },
            { "id": "two", "sourceId": "table", "targetId": "answer", "type": "edge" },
        ],
    })
}
