//! The threat model names the test that covers each line of it. A test that was renamed or taken out is found here, so the page
//! cannot tell of a guard that is no longer watched.

use crate::{Text, Violation, keeps, names, texts};

const PAGE: &str = "docs/threat-model.md";

/// What the page must speak of, each under its own heading.
const THREATS: [&str; 6] = [
    "A stolen laptop",
    "A hostile cloud reply",
    "A malicious import",
    "A second person on the desk",
    "A tampered journal",
    "A loaded policy pack",
];

/// How each threat says what is left: plainly, in a paragraph that begins so.
const NOT_DONE: &str = "What it does not do:";

/// A test that the page names as `file.rs::name` or `file.test.ts::its sentence`.
struct Named<'a> {
    file: &'a str,
    test: &'a str,
    line: usize,
}

/// Everything between backticks that has a `::` after the name of a file.
fn named(page: &str) -> Vec<Named<'_>> {
    let mut found = Vec::new();
    for (number, line) in page.lines().enumerate() {
        for quoted in line.split('`').skip(1).step_by(2) {
            match quoted.split_once("::") {
                Some((file, test)) if file.ends_with(".rs") || file.ends_with(".ts") || file.ends_with(".tsx") => {
                    found.push(Named { file, test, line: number + 1 });
                }
                _ => {}
            }
        }
    }
    found
}

/// Whether this source has a test of this name, not only a word like it.
fn has_test(source: &Text, test: &str) -> bool {
    if source.path.ends_with(".rs") {
        let mut marked = false;
        for line in source.text.lines().map(str::trim) {
            if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
                marked = true;
            } else if let Some((_, name)) = line.split_once("fn ").filter(|_| !line.starts_with("//")) {
                if marked && name.strip_prefix(test).is_some_and(|rest| rest.starts_with('(')) {
                    return true;
                }
                marked = false;
            }
        }
        return macro_test(&source.text, test);
    }
    ["test(\"", "it(\""].into_iter().any(|call| source.text.contains(&format!("{call}{test}\"")))
}

/// A property test stands inside `proptest!`, where its mark may have other lines between.
fn macro_test(text: &str, test: &str) -> bool {
    text.contains("proptest!") && text.contains(&format!("fn {test}("))
}

fn named_tests_exist(page: &Text, sources: &[Text]) -> Vec<Violation> {
    let mut found = Vec::new();
    for Named { file, test, line } in named(&page.text) {
        let ends = |path: &str| path == file || path.ends_with(&format!("/{file}"));
        if !sources.iter().any(|source| ends(&source.path) && has_test(source, test)) {
            found.push(Violation::new(format!("{}:{line}", page.path), format!("there is no test `{test}` in {file}")));
        }
    }
    found
}

/// Each threat has its section; each line of its table names a test; each section says what is not done.
fn every_line_is_covered(page: &Text) -> Vec<Violation> {
    let mut found = Vec::new();
    let place = |line: usize| format!("{}:{}", page.path, line + 1);
    let lines: Vec<&str> = page.text.lines().collect();
    for threat in THREATS {
        let Some(begin) = lines.iter().position(|line| line.strip_prefix("## ") == Some(threat)) else {
            found.push(Violation::new(&page.path, format!("has no section `{threat}`")));
            continue;
        };
        let end =
            lines[begin + 1..].iter().position(|line| line.starts_with("## ")).map_or(lines.len(), |at| begin + 1 + at);
        let section = &lines[begin..end];
        // After the head of the table and the line under it.
        let rows: Vec<usize> = (0..section.len()).filter(|at| section[*at].starts_with('|')).skip(2).collect();
        if rows.is_empty() {
            found.push(Violation::new(place(begin), "tells nothing that the desk does"));
        }
        for row in rows.into_iter().filter(|row| named(section[*row]).is_empty()) {
            found.push(Violation::new(place(begin + row), "names no test"));
        }
        if !section.iter().any(|line| line.starts_with(NOT_DONE)) {
            found.push(Violation::new(place(begin), format!("does not say \"{NOT_DONE}\"")));
        }
    }
    found
}

#[test]
fn the_threat_model_names_tests_that_exist() {
    let page = &texts(&[PAGE], &[".md"])[0];
    let sources = texts(&["src-tauri", "tests", "ui/src"], &[".rs", ".test.ts", ".test.tsx"]);
    keeps(&every_line_is_covered(page));
    keeps(&named_tests_exist(page, &sources));
}

#[test]
fn planted_tests_that_are_gone_are_found() {
    let sources = [
        Text::planted(
            "src-tauri/a/tests/a.rs",
            "#[test]\nfn kept() {}\nfn no_test() {}\n#[tokio::test]\nasync fn later() {}",
        ),
        Text::planted("src-tauri/b/tests/any.rs", "proptest! {\n#[test]\n#[other]\nfn property(a in b) {} }"),
        Text::planted("ui/src/a.test.ts", "test(\"the page is whole\", () => {});"),
    ];
    let page = |text: &str| named_tests_exist(&Text::planted(PAGE, text), &sources);
    let here = format!("{PAGE}:1");
    // Columns: what the page names, whether it is there.
    let cases = [
        ("`a.rs::kept`", true),
        ("`tests/a.rs::later`", true),
        ("`any.rs::property`", true),
        ("`a.test.ts::the page is whole`", true),
        ("`a.rs::kept_no_more`", false),
        ("`a.rs::kep`", false),
        ("`a.rs::no_test`", false),
        ("`b.rs::kept`", false),
        ("`a.test.ts::the page`", false),
        ("`Store::open` and `RefundInstance`", true),
    ];
    for (text, there) in cases {
        names(
            &page(text),
            if there { &[] } else { std::slice::from_ref(&here) }
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .as_slice(),
        );
    }
}

#[test]
fn planted_gaps_of_the_page_are_found() {
    let section = |threat: &str| {
        format!("## {threat}\n\n| The desk | Test |\n|---|---|\n| does | `a.rs::b` |\n\n{NOT_DONE} all.\n")
    };
    let whole: String = THREATS.iter().map(|threat| section(threat)).collect();
    let judged = |text: &str| every_line_is_covered(&Text::planted(PAGE, text));
    names(&judged(&whole), &[]);
    names(&judged(&whole.replacen("A malicious import", "Imports", 1)), &[PAGE]);
    names(&judged(&whole.replacen("`a.rs::b`", "by hand", 1)), &[&format!("{PAGE}:5")]);
    names(&judged(&whole.replacen(NOT_DONE, "Besides:", 1)), &[&format!("{PAGE}:1")]);
    names(
        &judged(&whole.replacen("| The desk | Test |\n|---|---|\n| does | `a.rs::b` |\n", "", 1)),
        &[&format!("{PAGE}:1")],
    );
}
