//! What a person does in the window, by the stable names of its parts (`data-testid`). Each waits until it can be done, and
//! fails with the part's name when that takes too long.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fantoccini::actions::{
    Actions, InputSource, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MouseActions, PointerAction,
};
use fantoccini::elements::Element;
use fantoccini::error::{CmdError, ErrorStatus};
use fantoccini::key::Key;
use fantoccini::{Client, Locator};
use rust_decimal::Decimal;
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
    /// Folder of the driver's own, see [`crate::programs::Driver::start`].
    quiet: PathBuf,
}

impl Page {
    pub fn new(client: Client, pictures: PathBuf, quiet: &Path) -> Page {
        Page { client, pictures, taken: 0, quiet: quiet.to_owned() }
    }

    /// Waits until the system's viewer was asked to open this, as the newest of all.
    pub async fn was_opened(&self, path: &Path) {
        let wanted = Some(path.to_string_lossy().into_owned());
        self.until_true("the viewer to be asked", async |page| {
            crate::programs::opened(&page.quiet).last() == wanted.as_ref()
        })
        .await;
    }

    pub async fn open(&self, address: &str) {
        call("open", self.client.goto(address)).await.unwrap();
    }

    /// How many parts have this name now, shown or not.
    pub async fn count(&self, name: &str) -> usize {
        self.parts(name).await.len()
    }

    /// Waits until a part with this name is shown.
    pub async fn shown(&self, name: &str) {
        self.of_part(name, "be shown", async |part| Ok(part.is_displayed().await?.then_some(()))).await;
    }

    /// Waits until no part has this name.
    pub async fn gone(&self, name: &str) {
        self.until_true(&format!("{name} to be gone"), async |page| page.count(name).await == 0).await;
    }

    /// Clicks, once it is shown and enabled.
    pub async fn click(&self, name: &str) {
        self.of_part(name, "be clicked", async |part| match part.is_displayed().await? && is_enabled(&part).await? {
            true => part.click().await.map(Some),
            false => Ok(None),
        })
        .await;
    }

    /// Clicks with the shift key held down, where a part is on screen now.
    pub async fn shift_click(&self, name: &str) {
        self.shown(name).await;
        call("paint", self.client.execute_async(PAINTED, vec![])).await.unwrap();
        let middle = "const box = document.querySelector(`[data-testid='${arguments[0]}']`).getBoundingClientRect(); \
            return [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)];";
        let middle = self.script(middle, vec![json!(name)]).await;
        let at = |place: usize| i32::try_from(middle[place].as_i64().unwrap()).unwrap();
        let shift = |action| KeyActions::new("keys".to_owned()).then(action);
        let mouse = MouseActions::new("mouse".to_owned())
            .then(PointerAction::MoveTo { duration: None, x: f64::from(at(0)), y: f64::from(at(1)) })
            .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
            .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        for actions in [
            Actions::from(shift(KeyAction::Down { value: Key::Shift.into() })),
            Actions::from(mouse),
            Actions::from(shift(KeyAction::Up { value: Key::Shift.into() })),
        ] {
            call(name, self.client.perform_actions(actions)).await.unwrap();
        }
    }

    /// Types keys where the focus is.
    pub async fn keys(&self, keys: &str) {
        let focus = call("focus", self.client.active_element()).await.unwrap();
        call("keys", focus.send_keys(keys)).await.unwrap();
    }

    /// Empties a field and types into it.
    pub async fn fill(&self, name: &str, text: &str) {
        self.of_part(name, "be filled", async |part| {
            part.clear().await?;
            // The driver refuses to type nothing.
            if !text.is_empty() {
                part.send_keys(text).await?;
            }
            Ok((part.prop("value").await?.as_deref() == Some(text)).then_some(()))
        })
        .await;
    }

    /// Types into whatever has the focus, as a person at the keyboard does; [`Key`](fantoccini::key::Key)s for those that write
    /// nothing.
    pub async fn press(&self, keys: &str) {
        let active = call("the focus", self.client.active_element()).await.unwrap();
        call("keys", active.send_keys(keys)).await.unwrap();
    }

    /// The text that a part shows.
    pub async fn text(&self, name: &str) -> String {
        self.of_part(name, "show its text", async |part| part.text().await.map(Some)).await
    }

    /// What a field holds.
    pub async fn value(&self, name: &str) -> String {
        self.of_part(name, "tell its value", async |part| part.prop("value").await).await
    }

    /// Whether a button can be pressed now.
    pub async fn is_enabled(&self, name: &str) -> bool {
        self.of_part(name, "tell whether it is enabled", async |part| is_enabled(&part).await.map(Some)).await
    }

    /// An attribute of a part; waits until it has one.
    pub async fn attribute(&self, name: &str, attribute: &str) -> String {
        self.of_part(name, &format!("have {attribute}"), async |part| part.attr(attribute).await).await
    }

    /// The exact amount that a part shows: the figures as the desk gave them.
    pub async fn amount(&self, name: &str) -> Decimal {
        let amount = self.attribute(name, "data-amount").await;
        amount.parse().unwrap_or_else(|error| panic!("{name} shows {amount}: {error}"))
    }

    /// Waits until the request in the wizard is in this state.
    pub async fn state(&self, state: &str) {
        self.until_true(&format!("the request to be {state}"), async |page| {
            page.attribute("wizard-state", "data-state").await == state
        })
        .await;
    }

    /// The names of all parts that begin so, in the page's order.
    pub async fn names(&self, beginning: &str) -> Vec<String> {
        let script = "return [...document.querySelectorAll('[data-testid]')].map(part => part.dataset.testid)\
            .filter(name => name.startsWith(arguments[0]));";
        let names = self.script(script, vec![json!(beginning)]).await;
        names.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    }

    /// The texts of all parts whose names begin so, in the page's order.
    pub async fn texts(&self, beginning: &str) -> Vec<String> {
        let script = "return [...document.querySelectorAll('[data-testid]')]\
            .filter(part => part.dataset.testid.startsWith(arguments[0])).map(part => part.innerText);";
        let texts = self.script(script, vec![json!(beginning)]).await;
        texts.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    }

    /// The result of a script in the page.
    pub async fn script(&self, script: &str, arguments: Vec<Value>) -> Value {
        call("script", self.client.execute(script, arguments)).await.unwrap()
    }

    /// The result of a script that ends by calling its last argument.
    pub async fn script_later(&self, script: &str, arguments: Vec<Value>) -> Value {
        call("script", self.client.execute_async(script, arguments)).await.unwrap()
    }

    /// Calls one of the desk's commands past the page: what a test orders and no person would.
    pub async fn invoke(&self, command: &str, arguments: Value) -> Value {
        let answer = self.answer(command, arguments).await;
        assert!(answer.get("error").is_none(), "{command}: {answer}");
        answer
    }

    /// The problem that a command of the desk answers with, called past the page.
    pub async fn refused(&self, command: &str, arguments: Value) -> Value {
        let answer = self.answer(command, arguments).await;
        answer.get("error").unwrap_or_else(|| panic!("{command} was not refused: {answer}")).clone()
    }

    async fn answer(&self, command: &str, arguments: Value) -> Value {
        let script = "const [command, values, done] = arguments; \
            window.__TAURI_INTERNALS__.invoke(command, values).then(done, error => done({ error }));";
        self.script_later(script, vec![json!(command), arguments]).await
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
        let looked = tokio::time::timeout(PATIENCE, async {
            loop {
                match call(name, self.client.find_all(Locator::Css(&selector))).await {
                    // It was drawn anew between being found and being named.
                    Err(error) if is_stale(&error) => tokio::time::sleep(LOOK_AGAIN).await,
                    found => return found,
                }
            }
        });
        looked.await.unwrap_or_else(|_| panic!("{name} is drawn anew without end")).unwrap()
    }

    /// Asks something of the part with this name until there is an answer. A page draws its parts anew as it likes: one that is
    /// not there yet, or is replaced while it is asked, is looked for again.
    async fn of_part<T>(&self, name: &str, what: &str, ask: impl AsyncFn(Element) -> Result<Option<T>, CmdError>) -> T {
        self.until(&format!("{name} to {what}"), async || {
            let part = self.parts(name).await.into_iter().next().ok_or("it is not there")?;
            let answer = call(name, ask(part)).await.map_err(|error| error.to_string())?;
            answer.ok_or_else(|| "it is there, but not yet so".to_owned())
        })
        .await
    }

    /// Waits for anything else that can be looked for in the page.
    pub async fn until_true(&self, what: &str, holds: impl AsyncFn(&Page) -> bool) {
        self.until(what, async || if holds(self).await { Ok(()) } else { Err("it is not so".to_owned()) }).await;
    }

    /// Looks until there is an answer; fails by naming what was waited for, and why the last look had none.
    async fn until<T>(&self, what: &str, look: impl AsyncFn() -> Result<T, String>) -> T {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            match look().await {
                Ok(found) => return found,
                Err(why) if tokio::time::Instant::now() >= deadline => panic!("waited {PATIENCE:?} for {what}: {why}"),
                Err(_) => tokio::time::sleep(LOOK_AGAIN).await,
            }
        }
    }
}

fn is_stale(error: &CmdError) -> bool {
    matches!(error, CmdError::Standard(told) if told.error == ErrorStatus::StaleElementReference)
}

/// Widgets that are no form elements say it by `aria-disabled`.
async fn is_enabled(part: &Element) -> Result<bool, CmdError> {
    Ok(part.is_enabled().await? && part.attr("aria-disabled").await?.as_deref() != Some("true"))
}

/// One call of the driver, with its time limit.
async fn call<T>(what: &str, answer: impl Future<Output = Result<T, CmdError>>) -> Result<T, CmdError> {
    match tokio::time::timeout(CALL, answer).await {
        Ok(answer) => answer,
        Err(_) => panic!("the driver did not answer within {CALL:?}: {what}"),
    }
}
