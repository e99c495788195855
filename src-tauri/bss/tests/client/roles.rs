//! A client that acts by a role: when its key is asked for, renewed, kept and given up.

use crate::sending::refund;
use crate::support::*;
use bss_openapi::wire::*;
use bss_openapi::{Client, Kind, Pace, RENEW_BEFORE, Role};
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;

/// The n-th key, which ends so many minutes after the world began.
fn key(n: u32, ends_after: i64) -> Act {
    let began: DateTime<Utc> = "2026-11-20T14:49:01Z".parse().unwrap();
    let expiration = write_time(&(began + TimeDelta::minutes(ends_after)));
    ok(format!(
        r#"{{"RequestId":"R","Credentials":{{"AccessKeyId":"STS.{n}","AccessKeySecret":"S{n}","SecurityToken":"T{n}","Expiration":"{expiration}"}}}}"#
    ))
}

fn fine() -> Act {
    data(r#"{"Currency":"CNY","OrderId":7}"#)
}

fn ended() -> Act {
    Act::Answer(answer(400, r#"{"RequestId":"R","HostId":"h","Code":"InvalidSecurityToken.Expired","Message":"m"}"#))
}

fn broken() -> Act {
    Act::Answer(answer(503, r#"{"RequestId":"R","HostId":"h","Code":"ServiceUnavailable","Message":"m"}"#))
}

struct Scene {
    server: Server,
    world: Arc<World>,
    client: Client,
}

impl Scene {
    async fn of(script: Vec<Act>) -> Self {
        let server = Server::start(script).await;
        let world = World::new();
        let request = AssumeRoleRequest {
            role_arn: "acs:ram::1234567890123456:role/RefundDesk".into(),
            role_session_name: "desk".into(),
            duration_seconds: 3600,
            external_id: None,
        };
        let role = Role { assumed_by: server.client_in(&world), request };
        let client = Client::by_role(role, &server.endpoint, world.clone(), Pace::Unlimited).unwrap();
        Self { server, world, client }
    }

    async fn read(&self) -> Result<(), bss_openapi::BssError> {
        self.client.query_account_balance().await.map(drop)
    }

    /// Every call as operation and key.
    fn calls(&self) -> Vec<String> {
        let of = |request: &Received| {
            let id = request.header("authorization").unwrap().split("Credential=").nth(1).unwrap().to_owned();
            let secret = match id.split(',').next().unwrap() {
                "STS.1" => "S1",
                "STS.2" => "S2",
                _ => SECRET,
            };
            assert_eq!(request.verify(secret), Ok(()));
            format!("{} {}", request.header("x-acs-action").unwrap(), id.split(',').next().unwrap())
        };
        self.server.received().iter().map(of).collect()
    }
}

const ASSUME: &str = "AssumeRole testid";
const BY_1: &str = "QueryAccountBalance STS.1";
const BY_2: &str = "QueryAccountBalance STS.2";

#[tokio::test]
async fn a_key_serves_until_shortly_before_its_end() {
    let scene = Scene::of(vec![key(1, 60), fine(), fine(), key(2, 120), fine()]).await;
    assert_eq!(scene.calls(), [] as [&str; 0], "nothing is asked for before it is needed");
    scene.read().await.unwrap();
    scene.world.pass(TimeDelta::hours(1) - RENEW_BEFORE - TimeDelta::seconds(1));
    scene.read().await.unwrap();
    scene.world.pass(TimeDelta::seconds(1));
    scene.read().await.unwrap();
    assert_eq!(scene.calls(), [ASSUME, BY_1, BY_1, ASSUME, BY_2]);
    assert_eq!(scene.server.received()[4].header("x-acs-security-token"), Some("T2"));
}

#[tokio::test]
async fn a_short_key_is_not_renewed_all_the_time() {
    // Nine minutes: the margin is a third of them and not five.
    let scene = Scene::of(vec![key(1, 9), fine(), fine(), key(2, 60), fine()]).await;
    scene.read().await.unwrap();
    scene.world.pass(TimeDelta::minutes(6) - TimeDelta::seconds(1));
    scene.read().await.unwrap();
    scene.world.pass(TimeDelta::seconds(1));
    scene.read().await.unwrap();
    assert_eq!(scene.calls(), [ASSUME, BY_1, BY_1, ASSUME, BY_2]);
}

#[tokio::test]
async fn a_key_ends_by_the_apis_clock() {
    // The API is twenty minutes ahead, so that of the hour only forty minutes are left.
    let ahead = "Fri, 20 Nov 2026 15:09:01 GMT";
    let scene = Scene::of(vec![key(1, 60).header("date", ahead), fine(), key(2, 120), fine()]).await;
    scene.read().await.unwrap();
    scene.world.pass(TimeDelta::minutes(40) - RENEW_BEFORE);
    scene.read().await.unwrap();
    assert_eq!(scene.calls(), [ASSUME, BY_1, ASSUME, BY_2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_calls_at_once_ask_for_one_key() {
    let scene = Scene::of(vec![key(1, 60), fine()]).await;
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let client = scene.client.clone();
            tokio::spawn(async move { client.query_account_balance().await.map(drop) })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    let calls = scene.calls();
    assert_eq!(calls.len(), 21);
    assert_eq!(calls.iter().filter(|call| *call == ASSUME).count(), 1);
}

#[tokio::test]
async fn while_the_old_key_opens_a_failed_renewal_does_no_harm() {
    let scene = Scene::of(vec![key(1, 60), fine(), broken(), fine(), broken()]).await;
    scene.read().await.unwrap();
    scene.world.pass(TimeDelta::minutes(57));
    scene.read().await.unwrap();
    scene.world.pass(TimeDelta::minutes(3));
    let error = scene.read().await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (Kind::Server, "AssumeRole"));
    assert_eq!(scene.calls(), [ASSUME, BY_1, ASSUME, BY_1, ASSUME]);
}

#[tokio::test]
async fn a_role_that_is_denied_sends_nothing_else() {
    let denied = Act::Answer(answer(403, r#"{"RequestId":"R","HostId":"h","Code":"NoPermission","Message":"m"}"#));
    let scene = Scene::of(vec![denied]).await;
    let error = scene.client.refund_instance(&refund()).await.unwrap_err();
    assert_eq!((error.kind(), error.operation(), error.may_have_acted()), (Kind::NotAuthorized, "AssumeRole", false));
    assert_eq!(scene.calls(), [ASSUME]);
}

#[tokio::test]
async fn a_key_that_ended_early_is_renewed_once_for_readings() {
    let scene = Scene::of(vec![key(1, 60), ended(), key(2, 60), fine()]).await;
    scene.read().await.unwrap();
    assert_eq!(scene.calls(), [ASSUME, BY_1, ASSUME, BY_2]);

    let scene = Scene::of(vec![key(1, 60), ended(), key(2, 60), ended()]).await;
    assert_eq!(scene.read().await.unwrap_err().kind(), Kind::Credentials);
    assert_eq!(scene.calls(), [ASSUME, BY_1, ASSUME, BY_2]);
}

#[tokio::test]
async fn a_refund_is_not_sent_again_with_a_new_key() {
    let scene = Scene::of(vec![key(1, 60), ended(), key(2, 60), fine()]).await;
    let error = scene.client.refund_instance(&refund()).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_acted()), (Kind::Credentials, false));
    assert_eq!(scene.calls(), [ASSUME, "RefundInstance STS.1"]);
    // Whoever decides to send it again gets a key that opens.
    scene.client.refund_instance(&refund()).await.unwrap();
    assert_eq!(scene.calls()[2..], [ASSUME, "RefundInstance STS.2"]);
}

#[tokio::test]
async fn the_clock_is_seen_in_answers_and_refusals() {
    let date = "Fri, 20 Nov 2026 15:09:01 GMT";
    let skewed = Act::Answer(answer(400, r#"{"Code":"InvalidTimeStamp.Expired","Message":"m"}"#));
    for act in [fine(), skewed] {
        let server = Server::start(vec![act.header("date", date)]).await;
        let client = server.client();
        assert_eq!(client.clock_seen(), None);
        let _ = client.query_account_balance().await;
        assert_eq!(client.clock_seen().unwrap().skew, TimeDelta::minutes(20));
    }
}

#[tokio::test]
async fn no_debug_of_a_role_shows_a_secret() {
    let scene = Scene::of(vec![key(1, 60), fine()]).await;
    scene.read().await.unwrap();
    let shown = format!("{:?}", scene.client);
    assert!(shown.contains("RefundDesk") && !shown.contains(SECRET) && !shown.contains("S1"), "{shown}");
}
