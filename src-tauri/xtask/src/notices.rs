//! The licences of what the programs are made from, as one page that goes into the packages.

use std::fs;

use crate::problem::Problem;
use crate::process::{self, answer};
use crate::project::Project;

/// Where the page's template has the licences of the pages' packages put.
const PAGES: &str = "<!-- pages -->";

/// Makes `target/notices/third-party.html`: the crates' by cargo-about, the pages' as their build wrote them.
pub fn make(project: &Project) -> Result<(), Problem> {
    if answer("cargo", &["about", "--version"]).is_none() {
        let next = "type `cargo install cargo-about --locked --features cli`, then run the command again".to_owned();
        return Err(Problem::new("notices.no_cargo_about", "cargo-about is missing".to_owned(), "notices", next));
    }
    let folder = project.target().join("notices");
    fs::create_dir_all(&folder).map_err(|why| failed(&why.to_string()))?;
    let crates = folder.join("crates.html");
    let room = project.root.join("src-tauri/app/notices");
    let mut about = process::cargo(&project.root);
    // Texts come from the crates themselves: nothing is asked of the network.
    about.args([
        "about",
        "generate",
        "--workspace",
        "--offline",
        "--features",
        "refund-desk/custom-protocol",
        "--config",
    ]);
    about.arg(room.join("about.toml")).arg("--output-file").arg(&crates).arg(room.join("third-party.hbs"));
    let ended = process::run(&mut about)?;
    if !ended.success {
        return Err(failed(&ended.how));
    }
    let read = |path| fs::read_to_string(path).map_err(|why| failed(&why.to_string()));
    let page = put_together(&read(crates)?, &read(project.ui().join("dist/third-party.md"))?)
        .ok_or_else(|| failed("the template has no place for the pages' packages"))?;
    fs::write(folder.join("third-party.html"), page).map_err(|why| failed(&why.to_string()))
}

/// `None` where the template lost its place.
fn put_together(crates: &str, pages: &str) -> Option<String> {
    let escaped = pages.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    crates.contains(PAGES).then(|| crates.replacen(PAGES, &escaped, 1))
}

fn failed(why: &str) -> Problem {
    Problem::new(
        "notices.not_made",
        format!("the licences of others could not be put together: {why}"),
        "src-tauri/app/notices",
        "read the output above, mend the cause, then run the command again".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_with_marks_stays_text() {
        assert_eq!(
            put_together("<pre><!-- pages --></pre>", "a <b> & c").as_deref(),
            Some("<pre>a &lt;b&gt; &amp; c</pre>")
        );
        assert_eq!(put_together("<pre></pre>", "a"), None);
    }
}
