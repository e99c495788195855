//! A file that the manager imports: looked at whole or refused with a sentence, every line of it told; a look keeps nothing.

use std::sync::{Mutex, OnceLock, PoisonError};

use chrono::{DateTime, Utc};
use desk::{Desk, ImportAsk, ImportFile, ImportKind, ImportedCustomer, System};
use refund_rules::case::Site;

/// A home with one customer, of whom only files tell.
struct Home {
    desk: Desk,
    _dir: tempfile::TempDir,
}

const CUSTOMER: &str = "5000000000000001";

fn home() -> &'static Mutex<Home> {
    static HOME: OnceLock<Mutex<Home>> = OnceLock::new();
    HOME.get_or_init(|| {
        let dir = tempfile::tempdir().expect("a folder");
        let desk = Desk::open_sandbox(dir.path(), std::sync::Arc::new(System)).expect("a home");
        let customer = ImportedCustomer {
            uid: CUSTOMER.to_owned(),
            name: "Filed".to_owned(),
            site: Site::International,
            currency: "USD".to_owned(),
            partner: false,
        };
        desk.add_imported(&customer).expect("a customer");
        Mutex::new(Home { desk, _dir: dir })
    })
}

/// The last byte says whether the kind is told; after a line's end it is not.
pub(crate) fn open(bytes: &[u8]) {
    let kind = match bytes.last().map(|byte| byte % 4) {
        Some(0) => Some(ImportKind::Orders),
        Some(1) => Some(ImportKind::Bill),
        _ => None,
    };
    let home = home().lock().unwrap_or_else(PoisonError::into_inner);
    let file = ImportFile { name: "file.csv".to_owned(), bytes: bytes.to_vec(), dated: DateTime::<Utc>::UNIX_EPOCH };
    match home.desk.import_file(&file, &ImportAsk { dry_run: true, kind, ..ImportAsk::new(CUSTOMER) }) {
        Ok(report) => {
            let counts = report.counts;
            let told = counts.new + counts.changed + counts.same + counts.by_api + counts.ignored + counts.refused;
            // Of a file whose columns are not understood yet only the number of its lines is told.
            let read = report.missing.is_empty() && report.kind != "unknown";
            assert_eq!(told, if read { counts.rows } else { 0 }, "each line is told");
        }
        Err(refused) => assert!(refused.code().starts_with("import_") && !refused.next().is_empty(), "{refused:?}"),
    }
}
