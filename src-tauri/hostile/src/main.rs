//! `kept lay DOOR FOLDER`: the kept inputs as files, for the fuzzer. `kept keep DOOR FOLDER`: the fuzzer's files as the kept inputs.

use std::path::Path;
use std::process::ExitCode;

use desk_hostile::{DOORS, kept};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [what, door, folder] = words.as_slice() else { return usage() };
    if !DOORS.iter().any(|known| known.name == door) {
        return usage();
    }
    let done = match what.as_str() {
        "lay" => kept::lay(door, Path::new(folder)),
        "keep" => kept::keep(door, Path::new(folder)),
        _ => return usage(),
    };
    match done {
        Ok(inputs) => {
            println!("{door}: {inputs} inputs");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("kept_failed: {folder}: {why}; mend the place and run it again");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    let doors: Vec<_> = DOORS.iter().map(|door| door.name).collect();
    eprintln!("kept_usage: kept lay|keep DOOR FOLDER, with one of the doors {}", doors.join(", "));
    ExitCode::from(2)
}
