//! A desk that was killed between a decision's journal entry and what follows from it: the journal of each moment beside the cache
//! of each earlier one, from copies of the files, opened as the next start does.

use std::fs;
use std::path::Path;

use desk::views::{DiscountStep, DiscountTable, FactAnswer, RequestView};
use desk::{Access, Desk, EnteredAnswer, Unlock};
use refund_rules::quote::Channel;

use crate::support::{Home, INTERNATIONAL, decision, usual_answers};

/// Everything of the cache that the journal decides.
#[derive(Debug, PartialEq)]
struct Decided {
    entries: u32,
    requests: Vec<RequestView>,
    answers: Vec<EnteredAnswer>,
    tables: Vec<DiscountTable>,
    note: Option<String>,
}

fn decided(desk: &Desk, customer: &str) -> Decided {
    let rows = desk.customers_kept().unwrap();
    let row = rows.into_iter().find(|row| row.id == customer).unwrap();
    Decided {
        entries: desk.status().unwrap().journal_entries,
        requests: desk.requests(None).unwrap(),
        answers: desk.entered(customer).unwrap(),
        tables: desk.discounts(customer).unwrap(),
        note: row.note,
    }
}

/// The files of one kind, its log with it.
fn copy(from: &Path, to: &Path, file: &str) {
    for name in [file.to_owned(), format!("{file}-wal")] {
        if from.join(&name).exists() {
            fs::copy(from.join(&name), to.join(&name)).unwrap();
        }
    }
}

/// What the files were after a step, and what the desk said then.
struct Moment {
    files: tempfile::TempDir,
    decided: Decided,
}

fn moment(home: &Home) -> Moment {
    let files = tempfile::tempdir().unwrap();
    for file in ["journal.db", "cache.db"] {
        copy(home.path(), files.path(), file);
    }
    Moment { files, decided: decided(home.desk(), home.uid()) }
}

fn answer(path: &str, value: &str) -> FactAnswer {
    FactAnswer { path: path.to_owned(), value: value.to_owned(), source: "the console".to_owned() }
}

/// One decision after the other, each of another kind.
fn lived(home: &Home) -> Vec<Moment> {
    let (desk, redis, renewed) = (home.desk(), home.redis().id, home.renewed().id);
    let mut moments = vec![moment(home)];
    let mut review = desk.review(&home.ask(&redis)).unwrap();
    moments.push(moment(home));
    for answer in usual_answers(&review) {
        review = desk.settle(&review.request.id, &[answer]).unwrap();
        moments.push(moment(home));
    }
    let request = desk.confirm(&review.request.id, &decision(&review, Channel::Console)).unwrap();
    moments.push(moment(home));
    desk.hand_over(&request.id, &request.predicted.to_string()).unwrap();
    moments.push(moment(home));
    desk.report(&request.id, None).unwrap();
    moments.push(moment(home));
    let other = home.confirmed(&home.ask(&renewed), Channel::Console);
    moments.push(moment(home));
    desk.withdraw(&other.id).unwrap();
    moments.push(moment(home));
    desk.enter_facts(home.uid(), &renewed, &[answer("resource.security_risk", "true")]).unwrap();
    moments.push(moment(home));
    desk.set_note(home.uid(), "calls on Mondays").unwrap();
    moments.push(moment(home));
    desk.enter_discounts(&DiscountTable {
        customer: home.uid().to_owned(),
        product: "ecs".to_owned(),
        from: None,
        steps: vec![DiscountStep { from_day: Some(30), from_percent: None, factor: "0.9".parse().unwrap() }],
        source: "the contract".to_owned(),
        entered_at: None,
    })
    .unwrap();
    moments.push(moment(home));
    moments
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_is_whole_wherever_the_desk_was_killed_after_its_entry() {
    let home = Home::synced(INTERNATIONAL).await;
    let moments = lived(&home);
    assert!(moments.len() > 10 && moments.is_sorted_by_key(|moment| moment.decided.entries));
    let mut opened = 0;
    for (step, journal) in moments.iter().enumerate() {
        for cache in &moments[..=step] {
            let dir = tempfile::tempdir().unwrap();
            for entry in fs::read_dir(home.path()).unwrap() {
                let path = entry.unwrap().path();
                if path.is_file() && !path.to_string_lossy().contains(".db") {
                    fs::copy(&path, dir.path().join(path.file_name().unwrap())).unwrap();
                }
            }
            copy(journal.files.path(), dir.path(), "journal.db");
            copy(cache.files.path(), dir.path(), "cache.db");
            let desk = Desk::open(dir.path(), Unlock::Nothing, Access::ReadWrite, home.clock.clone()).unwrap();
            assert_eq!(decided(&desk, home.uid()), journal.decided, "after step {step}");
            assert_eq!(desk.verify_journal().unwrap().entries, i64::from(journal.decided.entries));
            drop(desk);
            let again = Desk::open(dir.path(), Unlock::Nothing, Access::ReadWrite, home.clock.clone()).unwrap();
            assert_eq!(decided(&again, home.uid()), journal.decided, "opened once more");
            opened += 1;
        }
    }
    assert_eq!(opened, moments.len() * (moments.len() + 1) / 2);
}
