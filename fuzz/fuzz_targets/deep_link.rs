#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| desk_hostile::open("deep_link", bytes));
