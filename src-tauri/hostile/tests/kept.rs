//! Every input that the fuzzer kept goes through its door.

use desk_hostile::{DOORS, kept};

#[test]
fn what_the_fuzzer_kept_goes_through() {
    for door in DOORS {
        let file = kept::file_of(door.name);
        let text = std::fs::read_to_string(&file).unwrap_or_else(|why| panic!("{}: {why}", file.display()));
        let inputs: Vec<_> = text.lines().map(|line| kept::bytes_of(line).expect("a line of the corpus")).collect();
        assert!(inputs.len() > 20, "{}: only {} inputs", door.name, inputs.len());
        for bytes in inputs {
            (door.open)(&bytes);
        }
    }
}
