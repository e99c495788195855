//! A sandbox goes on where it stopped.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use bss_sandbox::{Config, SandboxError};
use chrono::TimeDelta;
use common::{ANCHOR, Running, TestClock, at, config, inquiry, refund_request};
use refund_rules::case::ResourceStatus;

/// A file of its own for each test, under the target folder.
fn state_file(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}.jsonl", std::process::id()));
    let _ = fs::remove_file(&path);
    path
}

fn kept_in(path: &Path) -> Config {
    Config { state: Some(path.to_path_buf()), ..config() }
}

async fn refused(config: Config) -> SandboxError {
    match bss_sandbox::start(config, std::sync::Arc::new(TestClock::default()), 0).await {
        Ok(_) => panic!("the sandbox started"),
        Err(error) => error,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_is_there_after_a_restart() {
    let path = state_file("restart");
    let running = Running::start_with(kept_in(&path)).await;
    let control = running.sandbox.control();
    control.set_clock(at("2026-12-01T08:00:00Z")).expect("the clock");
    let resource = running.find(0, |_, r| r.product == "ecs" && r.status == ResourceStatus::Normal);
    let client = running.client(0);
    let asked = client.inquiry_price_refund_instance(&inquiry(&resource, "i")).await.expect("an inquiry").data;
    let done = client.refund_instance(&refund_request(&resource, "r")).await.expect("accepted").data.order_id;
    let other = running.find(1, |_, r| r.product == "nat_plan");
    control.console_unsubscribe(&running.info(1).uid, &other.id).expect("unsubscribed");
    let before = control.ledger();
    drop(control);
    running.sandbox.stop().await;

    // Started a day later with another anchor: the kept one holds, and the business clock has gone on with the wall clock.
    let again = Running::start_with(Config { anchor: at(ANCHOR) + TimeDelta::days(9), ..kept_in(&path) }).await;
    assert_eq!(again.sandbox.control().ledger(), before);
    again.clock.pass(TimeDelta::hours(5));
    assert_eq!(again.sandbox.now(), at("2026-12-01T13:00:00Z"));
    let client = again.client(0);
    let repeated = client.inquiry_price_refund_instance(&inquiry(&resource, "i")).await.expect("the same again").data;
    assert_eq!(repeated.refund_amount, asked.refund_amount);
    let repeated = client.refund_instance(&refund_request(&resource, "r")).await.expect("the same again").data;
    assert_eq!(repeated.order_id, done);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_was_cut_off_never_took_effect() {
    let path = state_file("cut");
    let running = Running::start_with(kept_in(&path)).await;
    running.sandbox.control().advance(TimeDelta::days(1)).expect("the clock");
    let before = running.sandbox.control().ledger();
    running.sandbox.stop().await;
    let whole = fs::read_to_string(&path).expect("the file");
    fs::write(&path, format!("{whole}{{\"act\":\"clock_set\",\"off")).expect("cut off");
    let again = Running::start_with(kept_in(&path)).await;
    assert_eq!(again.sandbox.control().ledger(), before);
    again.sandbox.stop().await;
    assert_eq!(fs::read_to_string(&path).expect("the file"), whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_does_not_fit_is_refused_and_left_alone() {
    let path = state_file("refused");
    let running = Running::start_with(kept_in(&path)).await;
    assert_eq!(refused(kept_in(&path)).await.code(), "state_in_use");
    running.sandbox.control().advance(TimeDelta::days(1)).expect("the clock");
    running.sandbox.stop().await;
    let whole = fs::read_to_string(&path).expect("the file");
    let cases = [
        (Config { seed: 8, ..kept_in(&path) }, "state_mismatch"),
        (Config { customers: 5, ..kept_in(&path) }, "state_mismatch"),
        (Config { state: Some(path.join("below-a-file")), ..config() }, "state_file"),
        (Config { state: Some("/dev/zero".into()), ..config() }, "state_file"),
        (Config { key_id: "two words".to_owned(), ..kept_in(&path) }, "bad_key_id"),
        (Config { customers: 0, ..config() }, "bad_customers"),
    ];
    for (config, code) in cases {
        assert_eq!(refused(config).await.code(), code);
    }
    assert_eq!(fs::read_to_string(&path).expect("the file"), whole);
    for (text, line) in
        [(whole.replace("clock_set", "clock_sat"), "line 2"), (whole.replace("sandbox", "sandbux"), "line 1")]
    {
        fs::write(&path, &text).expect("damaged");
        let error = refused(kept_in(&path)).await;
        assert_eq!(error.code(), "state_damaged");
        assert!(error.to_string().contains(line), "{error}");
        assert_eq!(fs::read_to_string(&path).expect("the file"), text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_taken_is_refused() {
    let running = Running::start().await;
    let port: u16 = running.sandbox.address().rsplit_once(':').expect("a port").1.parse().expect("a number");
    let clock = std::sync::Arc::new(TestClock::default());
    let Err(error) = bss_sandbox::start(config(), clock, port).await else { panic!("the port was free") };
    assert_eq!(error.code(), "port_in_use");
}
