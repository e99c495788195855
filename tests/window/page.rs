//! What a person does in the window, by the stable names of its parts (`data-testid`). Each waits until it can be done, and
//! fails with the part's name when that takes too long.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};

/// The longest that a part may take to appear, or a wish to come true.
const PATIENCE: Duration = Duration::from_secs(20);

/// The longest that one call of the driver may take.
const CALL: Duration = Duration::from_secs(30);

/// Pause between two looks.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Ends after the frame after next: only then a picture shows what the page's document says.
const PAINTED: &str = "const done = arguments[arguments.length - 1]; \
    requestAnimationFrame(() => requestAnimationFrame(() => done(true)));";

pub struct Page {
    client: Client,
    pictures: PathBuf,
    taken: u32,
}

impl Page {
    pub fn new(client: Client, pictures: PathBuf) -> Page {
        Page { client, pictures, taken: 0 }
    }

    pub async fn open(&self, address: &str) {
        call("open", self.client.goto(address)).await.unwrap();
    }

    /// The part with this name, shown; waits for it.
    pub async fn part(&self, name: &str) -> Element {
        self.until(&format!("{name} to be shown"), async || {
            let part = self.parts(name).await.into_iter().next()?;
            matches!(call(name, part.is_displayed()).await, Ok(true)).then_some(part)
        })
        .await
    }

    /// How many parts have this name now, shown or not.
    pub async fn count(&self, name: &str) -> usize {
        self.parts(name).await.len()
    }

    /// Waits until no part has this name.
    pub async fn gone(&self, name: &str) {
        self.until(&format!("{name} to be gone"), async || (self.count(name).await == 0).then_some(())).await;
    }

    /// Clicks, once it is shown and enabled. A part that is drawn anew meanwhile is looked for again.
    pub async fn click(&self, name: &str) {
        self.until(&format!("{name} to be clicked"), async || {
            let part = self.parts(name).await.into_iter().next()?;
            let enabled = self.is_enabled_now(&part).await?;
            (enabled && call(name, part.click()).await.is_ok()).then_some(())
        })
        .await;
    }

    /// Types into a field, after what is there already.
    pub async fn write(&self, name: &str, text: &str) {
        call(name, self.part(name).await.send_keys(text)).await.unwrap();
    }

    /// Empties a field and types into it.
    pub async fn fill(&self, name: &str, text: &str) {
        let part = self.part(name).await;
        call(name, part.clear()).await.unwrap();
        call(name, part.send_keys(text)).await.unwrap();
    }

    /// The text that a part shows.
    pub async fn text(&self, name: &str) -> String {
        call(name, self.part(name).await.text()).await.unwrap()
    }

    /// Waits until a part's text is as wished, and returns it.
    pub async fn text_when(&self, name: &str, wish: &str, holds: impl Fn(&str) -> bool) -> String {
        self.until(&format!("the text of {name} to be {wish}"), async || {
            let part = self.parts(name).await.into_iter().next()?;
            call(name, part.text()).await.ok().filter(|text| holds(text))
        })
        .await
    }

    /// What a field holds.
    pub async fn value(&self, name: &str) -> String {
        call(name, self.part(name).await.prop("value")).await.unwrap().unwrap_or_default()
    }

    /// Whether a button can be pressed now.
    pub async fn is_enabled(&self, name: &str) -> bool {
        let part = self.part(name).await;
        self.is_enabled_now(&part).await.unwrap_or_else(|| panic!("{name} is gone"))
    }

    /// An attribute of a part.
    pub async fn attribute(&self, name: &str, attribute: &str) -> Option<String> {
        call(name, self.part(name).await.attr(attribute)).await.unwrap()
    }

    /// The names of all parts that begin so, in the page's order.
    pub async fn names(&self, beginning: &str) -> Vec<String> {
        let script = "return [...document.querySelectorAll('[data-testid]')].map(part => part.dataset.testid)\
            .filter(name => name.startsWith(arguments[0]));";
        let names = self.script(script, vec![json!(beginning)]).await;
        names.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    }

    /// The result of a script in the page.
    pub async fn script(&self, script: &str, arguments: Vec<Value>) -> Value {
        call("script", self.client.execute(script, arguments)).await.unwrap()
    }

    /// How often the page broke its own content policy; the pages count it.
    pub async fn policy_violations(&self) -> Value {
        self.script("return window.__cspViolations ?? 'not counted';", vec![]).await
    }

    /// Takes a picture of what is painted now, keeps it as `NN-NAME.png`, and returns it.
    pub async fn picture(&mut self, name: &str) -> Vec<u8> {
        self.taken += 1;
        call("paint", self.client.execute_async(PAINTED, vec![])).await.unwrap();
        let picture = call("picture", self.client.screenshot()).await.unwrap();
        fs::write(self.pictures.join(format!("{:02}-{name}.png", self.taken)), &picture).unwrap();
        picture
    }

    /// After a failure: a picture and the page's source, as far as they can still be had.
    pub async fn leave_evidence(&self) {
        if let Ok(picture) = call("picture", self.client.screenshot()).await {
            fs::write(self.pictures.join("failed.png"), picture).unwrap();
        }
        if let Ok(source) = call("source", self.client.source()).await {
            fs::write(self.pictures.join("failed.html"), source).unwrap();
        }
        eprintln!("what the window showed is in {}", self.pictures.display());
    }

    async fn parts(&self, name: &str) -> Vec<Element> {
        let selector = format!("[data-testid=\"{name}\"]");
        call(name, self.client.find_all(Locator::Css(&selector))).await.unwrap()
    }

    /// `None` when the part is gone meanwhile. Widgets that are no form elements say it by `aria-disabled`.
    async fn is_enabled_now(&self, part: &Element) -> Option<bool> {
        let shown = call("part", part.is_displayed()).await.ok()?;
        let enabled = call("part", part.is_enabled()).await.ok()?;
        let told = call("part", part.attr("aria-disabled")).await.ok()?;
        Some(shown && enabled && told.as_deref() != Some("true"))
    }

    /// Looks until there is something, and fails by naming what was waited for.
    async fn until<T>(&self, what: &str, look: impl AsyncFn() -> Option<T>) -> T {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look().await {
                return found;
            }
            assert!(tokio::time::Instant::now() < deadline, "waited {PATIENCE:?} for {what}");
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }
}

/// One call of the driver, with its time limit.
async fn call<T>(what: &str, answer: impl Future<Output = Result<T, CmdError>>) -> Result<T, CmdError> {
    match tokio::time::timeout(CALL, answer).await {
        Ok(answer) => answer,
        Err(_) => panic!("the driver did not answer within {CALL:?}: {what}"),
    }
}
