// A console window beside the real one helps nobody on Windows.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() -> std::process::ExitCode {
    refund_desk_lib::run(std::env::args_os().skip(1))
}
