//! One window, one driver, one display for one test: started, driven, photographed when it fails, and ended whatever happens.

use std::fs;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;

use crate::page::Page;
use crate::programs::{Bus, Display, Driver};

/// The longest that starting the driver and the window may take.
const START: Duration = Duration::from_secs(60);

/// Pause between two tries.
const TRY_AGAIN: Duration = Duration::from_millis(100);

/// The longest that a whole journey may take; a hanging driver ends here.
const JOURNEY: Duration = Duration::from_secs(300);

/// Where a test's pictures go: `target/window/NAME/`, emptied first.
fn picture_folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .expect("a folder of the target folder")
        .join("window")
        .join(name);
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => panic!("{}: {error}", folder.display()),
        _ => fs::create_dir_all(&folder).unwrap(),
    }
    folder
}

/// Starts `program` in a window of its own, hands its page to `journey` and returns what it returns. When the journey fails, a
/// picture and the page's text are left beside the others before the failure goes on.
pub fn drive<T>(name: &str, program: &Path, arguments: &[&str], journey: impl AsyncFnOnce(&mut Page) -> T) -> T {
    drive_on(None, name, program, arguments, journey)
}

/// The same with a session bus; without one the program has none.
pub fn drive_on<T>(
    bus: Option<&Bus>,
    name: &str,
    program: &Path,
    arguments: &[&str],
    journey: impl AsyncFnOnce(&mut Page) -> T,
) -> T {
    let quiet = tempfile::tempdir().unwrap();
    let display = Display::start();
    let driver = Driver::start(&display, quiet.path(), bus);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let ended = runtime.block_on(async {
        let client = connect(&driver, program, arguments).await;
        let mut page = Page::new(client.clone(), picture_folder(name), quiet.path());
        let ended = caught(async { tokio::time::timeout(JOURNEY, journey(&mut page)).await }).await;
        let ended: std::thread::Result<T> = match ended {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(_)) => Err(Box::new(format!("the journey did not end within {JOURNEY:?}"))),
            Err(panic) => Err(panic),
        };
        if ended.is_err() {
            page.leave_evidence().await;
        }
        // The programs are killed below in any case; a clean end lets the desk close its files.
        let _ = tokio::time::timeout(Duration::from_secs(10), client.close()).await;
        ended
    });
    ended.unwrap_or_else(|failure| resume_unwind(failure))
}

/// Runs a future and catches its panic, so that what it used can still be asked.
async fn caught<T>(future: impl Future<Output = T>) -> std::thread::Result<T> {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|context| match std::panic::catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(std::task::Poll::Pending) => std::task::Poll::Pending,
        Ok(std::task::Poll::Ready(value)) => std::task::Poll::Ready(Ok(value)),
        Err(panic) => std::task::Poll::Ready(Err(panic)),
    })
    .await
}

/// Waits for the driver, then lets it start the program.
async fn connect(driver: &Driver, program: &Path, arguments: &[&str]) -> Client {
    let deadline = tokio::time::Instant::now() + START;
    let address = driver.address.trim_start_matches("http://");
    while let Err(error) = tokio::net::TcpStream::connect(address).await {
        assert!(
            tokio::time::Instant::now() < deadline,
            "WebKitWebDriver did not begin to listen at {address}: {error}"
        );
        tokio::time::sleep(TRY_AGAIN).await;
    }
    let capabilities = json!({
        "pageLoadStrategy": "normal",
        "webkitgtk:browserOptions": { "binary": program, "args": arguments },
    });
    let serde_json::Value::Object(capabilities) = capabilities else { unreachable!("an object was written") };
    let mut builder = ClientBuilder::new(HttpConnector::new());
    builder.capabilities(capabilities);
    match tokio::time::timeout_at(deadline, builder.connect(&driver.address)).await {
        Ok(Ok(client)) => client,
        Ok(Err(error)) => panic!("{} could not be driven: {error}", program.display()),
        Err(_) => panic!("{} did not open its window within {START:?}", program.display()),
    }
}

/// The harness itself, on a page that needs no desk: found parts, waiting, typing, pictures of what was last painted.
#[test]
fn real_window_harness_sees_what_is_painted() {
    const PAGE: &str = "data:text/html;charset=utf-8,<body style='margin:0'><input data-testid='name'>\
        <button data-testid='go' onclick=\"setTimeout(()=>{const p=document.createElement('p');p.dataset.testid='said';\
        p.textContent='你好 '+document.querySelector('input').value;document.body.append(p)},300)\">go</button></body>";
    let browser = crate::programs::trial_browser();
    drive("harness", &browser, &["--automation"], async |page| {
        page.open(PAGE).await;
        assert_eq!(page.count("said").await, 0);
        page.fill("name", "世界").await;
        assert_eq!(page.value("name").await, "世界");
        let before = page.picture("before").await;
        page.click("go").await;
        // It comes later than the click: `text` waits for it.
        assert_eq!(page.text("said").await, "你好 世界");
        let after = page.picture("after").await;
        assert!(before.starts_with(b"\x89PNG\r\n\x1a\n"), "a picture is a PNG");
        assert_ne!(before, after, "the second picture shows what was painted since");
    });
}
