#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| desk_hostile::open("csv_import", bytes));
