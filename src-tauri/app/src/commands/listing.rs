//! The list: rows, numbers and keys as they are kept, and the same for another day.

use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, Utc};
use desk::views::{FactAnswer, Money, Question, QuoteView, ResourceQuery, ResourceRow};
use desk::{ListKeys, ListTally, ListedKey, WhatIfRow, WhatIfTotals};
use refund_rules::Curve;
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, State};
use tauri_specta::Event;

use super::{Answer, changed, told};
use crate::host::Host;

/// How far the sums for another day have come.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type, Event)]
pub struct WhatIfProgressed {
    pub done: u32,
    pub total: u32,
}

/// Sums for another day that are under way: a new question ends the one before.
#[derive(Default)]
pub struct Asking(AtomicU32);

impl Asking {
    fn begin(&self) -> u32 {
        self.0.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn is_last(&self, number: u32) -> bool {
        self.0.load(Ordering::Relaxed) == number
    }
}

#[tauri::command(async)]
#[specta::specta]
pub fn listed(host: State<'_, Host>, query: ResourceQuery) -> Answer<Vec<ResourceRow>> {
    told(host.desk()?.listed(&query))
}

#[tauri::command(async)]
#[specta::specta]
pub fn list_tally(host: State<'_, Host>, query: ResourceQuery) -> Answer<ListTally> {
    told(host.desk()?.list_tally(&query))
}

#[tauri::command(async)]
#[specta::specta]
pub fn list_keys(host: State<'_, Host>, query: ResourceQuery) -> Answer<ListKeys> {
    told(host.desk()?.list_keys(&query))
}

#[tauri::command(async)]
#[specta::specta]
pub fn listed_keys(host: State<'_, Host>, keys: Vec<ListedKey>) -> Answer<Vec<ResourceRow>> {
    told(host.desk()?.listed_keys(&keys))
}

/// What is certain to come back of a selection, per currency.
#[tauri::command(async)]
#[specta::specta]
pub fn selection_sum(host: State<'_, Host>, keys: Vec<ListedKey>) -> Answer<Vec<Money>> {
    told(host.desk()?.selection_sum(&keys))
}

#[tauri::command(async)]
#[specta::specta]
pub fn what_if(host: State<'_, Host>, keys: Vec<ListedKey>, at: DateTime<Utc>) -> Answer<Vec<WhatIfRow>> {
    told(host.desk()?.what_if(&keys, at))
}

#[tauri::command(async)]
#[specta::specta]
pub fn what_if_totals(
    app: AppHandle,
    host: State<'_, Host>,
    asking: State<'_, Asking>,
    query: ResourceQuery,
    at: DateTime<Utc>,
) -> Answer<WhatIfTotals> {
    let number = asking.begin();
    let go_on = |done: u32, total: u32| {
        let _ = WhatIfProgressed { done, total }.emit(&app);
        asking.is_last(number)
    };
    told(host.desk()?.what_if_totals(&query, at, &go_on))
}

#[tauri::command(async)]
#[specta::specta]
pub fn curve(host: State<'_, Host>, customer: String, resource: String, until: DateTime<Utc>) -> Answer<Curve> {
    told(host.desk()?.curve(&customer, &resource, until))
}

#[tauri::command(async)]
#[specta::specta]
pub fn questions(host: State<'_, Host>, customer: String, resource: String) -> Answer<Vec<Question>> {
    told(host.desk()?.questions(&customer, &resource))
}

#[tauri::command(async)]
#[specta::specta]
pub fn answer_facts(
    app: AppHandle,
    host: State<'_, Host>,
    customer: String,
    resource: String,
    answers: Vec<FactAnswer>,
) -> Answer<QuoteView> {
    let view = told(host.desk()?.enter_facts(&customer, &resource, &answers))?;
    changed(&app, &["resources", "customers", "requests"]);
    Ok(view)
}
