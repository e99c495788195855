//! Only the commands that are used: what the window answers is what the pages call, and the pages call nothing else.

use std::collections::BTreeSet;

use crate::rust_text::{Word, words};
use crate::{Text, Violation, keeps, names, texts};

/// Where the commands are listed; bindings and handler are both made from the one list.
const LIST: &str = "src-tauri/app/src/lib.rs";

/// The pages' side of the generated calls. The generated file itself calls every command, and the invented desk none.
const NOT_CALLS: [&str; 2] = ["ui/src/backend/bindings.ts", "ui/src/backend/mock/"];

/// The last names of the paths in `collect_commands![..]`: `commands::home::open_sandbox` is `open_sandbox`.
fn listed(source: &str) -> BTreeSet<String> {
    let all = words(source);
    let Some(begin) = all.iter().position(|word| word.text == "collect_commands" && !is_imported(&all, word)) else {
        return BTreeSet::new();
    };
    let mut listed = BTreeSet::new();
    let inside = all[begin..].iter().skip(3).take_while(|word| word.text != "]");
    let mut last = None;
    for word in inside {
        match word.text.as_str() {
            "," => listed.extend(last.take()),
            ":" => {}
            name => last = Some(name.to_owned()),
        }
    }
    listed.extend(last);
    listed
}

/// Whether this word stands in a `use`, where no list follows it.
fn is_imported(all: &[Word], word: &Word) -> bool {
    let after = all.iter().skip_while(|other| *other != word).nth(1);
    after.is_none_or(|after| after.text != "!")
}

/// `open_sandbox` as the bindings call it: `openSandbox`.
fn in_bindings(command: &str) -> String {
    let mut words = command.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let (head, tail) = word.split_at(usize::from(!word.is_empty()));
        name + &head.to_uppercase() + tail
    })
}

/// What a page file calls of the bindings, with its line.
fn called(page: &Text) -> Vec<(String, usize)> {
    let mut called = Vec::new();
    for (number, line) in page.text.lines().enumerate() {
        for piece in line.split("commands.").skip(1) {
            let name: String = piece.chars().take_while(|letter| letter.is_alphanumeric()).collect();
            if piece[name.len()..].starts_with('(') {
                called.push((name, number + 1));
            }
        }
    }
    called
}

fn commands_are_those_called(list: &Text, pages: &[Text]) -> Vec<Violation> {
    let listed: BTreeSet<String> = listed(&list.text).iter().map(|name| in_bindings(name)).collect();
    let pages = pages.iter().filter(|page| !NOT_CALLS.iter().any(|beginning| page.path.starts_with(beginning)));
    let mut found = Vec::new();
    let mut used = BTreeSet::new();
    for page in pages {
        for (name, line) in called(page) {
            if !listed.contains(&name) {
                let what = format!("calls `{name}`, which the window does not answer");
                found.push(Violation::new(format!("{}:{line}", page.path), what));
            }
            used.insert(name);
        }
    }
    for name in listed.difference(&used) {
        found.push(Violation::new(
            &list.path,
            format!("answers `{name}`, which no page calls: take it out of the list"),
        ));
    }
    found
}

/// One list and one handler: a second would answer commands that no rule looks at.
fn there_is_one_list(sources: &[Text]) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut handlers = 0;
    for source in sources {
        let all = words(&source.text);
        for pair in all.windows(2) {
            let (word, next) = (pair[0].text.as_str(), pair[1].text.as_str());
            let lists = ["collect_commands", "generate_handler"].contains(&word) && next == "!";
            if lists && source.path != LIST {
                let place = format!("{}:{}", source.path, pair[0].line);
                found.push(Violation::new(place, format!("lists commands beside {LIST}")));
            }
            handlers += usize::from(lists);
        }
    }
    if handlers != 1 {
        found.push(Violation::new(LIST, format!("{handlers} lists of commands: there must be one")));
    }
    found
}

#[test]
fn the_window_answers_what_its_pages_call_and_nothing_else() {
    let list = &texts(&[LIST], &[".rs"])[0];
    let pages = texts(&["ui/src/backend"], &[".ts"]);
    assert!(listed(&list.text).len() > 50, "the list was not found in {LIST}");
    keeps(&commands_are_those_called(list, &pages));
    keeps(&there_is_one_list(&texts(&["src-tauri/app/src"], &[".rs"])));
}

#[test]
fn planted_commands_are_found() {
    let list = |commands: &str| {
        let text = format!("use a::{{collect_commands, b}};\nfn f() {{ c(collect_commands![{commands}]) }}");
        Text::planted(LIST, &text)
    };
    let page = |text: &str| [Text::planted("ui/src/backend/tauri.ts", text)];
    let both = "commands::status, commands::home::open_sandbox,";
    let calls = "a: () => unwrap(commands.status()),\nb: () => commands.openSandbox(1),";
    names(&commands_are_those_called(&list(both), &page(calls)), &[]);
    // Answered and not called, called and not answered.
    names(&commands_are_those_called(&list(&format!("{both} c::left_over")), &page(calls)), &[LIST]);
    names(&commands_are_those_called(&list("c::status"), &page(calls)), &["ui/src/backend/tauri.ts:2"]);
    // The generated file calls everything and proves nothing; neither does the invented desk.
    for path in ["ui/src/backend/bindings.ts", "ui/src/backend/mock/mock.ts"] {
        names(&commands_are_those_called(&list("c::status"), &[Text::planted(path, "commands.status()")]), &[LIST]);
    }
    assert_eq!(in_bindings("sandbox_console_batch_act"), "sandboxConsoleBatchAct");
}

#[test]
fn a_planted_second_list_is_found() {
    let first = || Text::planted(LIST, "collect_commands![a]");
    names(&there_is_one_list(&[first()]), &[]);
    names(&there_is_one_list(&[]), &[LIST]);
    let second = Text::planted("src-tauri/app/src/host.rs", "x;\ntauri::generate_handler![b]");
    names(&there_is_one_list(&[first(), second]), &["src-tauri/app/src/host.rs:2", LIST]);
}
