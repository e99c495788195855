//! One window, one driver, one display for one test: started, driven, photographed when it fails, and ended whatever happens.

use std::fs;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;

use crate::page::Page;
use crate::programs::{Display, Driver};

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

/// Starts `program` in a window of its own and hands its page to `journey`. When the journey fails, a picture and the page's
/// text are left beside the others before the failure goes on.
pub fn drive(name: &str, program: &Path, arguments: &[&str], journey: impl AsyncFnOnce(&mut Page)) {
    let quiet = tempfile::tempdir().unwrap();
    let display = Display::start();
    let driver = Driver::start(&display, quiet.path());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let failure = runtime.block_on(async {
        let client = connect(&driver, program, arguments).await;
        let mut page = Page::new(client.clone(), picture_folder(name));
        let ended = caught(async { tokio::time::timeout(JOURNEY, journey(&mut page)).await }).await;
        let failure = match ended {
            Ok(Ok(())) => None,
            Ok(Err(_)) => {
                Some(Box::new(format!("the journey did not end within {JOURNEY:?}")) as Box<dyn std::any::Any + Send>)
            }
            Err(panic) => Some(panic),
        };
        if failure.is_some() {
            page.leave_evidence().await;
        }
        // The programs are killed below in any case; a clean end lets the desk close its files.
        let _ = tokio::time::timeout(Duration::from_secs(10), client.close()).await;
        failure
    });
    if let Some(failure) = failure {
        resume_unwind(failure);
    }
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
