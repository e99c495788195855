//! The doors at which bytes come in that somebody else has made, and what must hold of any bytes there. The fuzzer
//! (`cargo xtask fuzz`) opens each door with what it thinks up; what it kept stands in [`kept`] and goes through in every run.

mod api_reply;
mod case_file;
mod csv_import;
mod deep_link;
pub mod kept;
mod policy_pack;

/// A door: its name, which is its fuzz target's and its corpus's too, and what goes through it. Going through panics where a promise
/// is broken.
#[derive(Debug, Clone, Copy)]
pub struct Door {
    pub name: &'static str,
    pub open: fn(&[u8]),
}

pub const DOORS: [Door; 5] = [
    Door { name: "api_reply", open: api_reply::open },
    Door { name: "case_file", open: case_file::open },
    Door { name: "csv_import", open: csv_import::open },
    Door { name: "deep_link", open: deep_link::open },
    Door { name: "policy_pack", open: policy_pack::open },
];

/// Goes through the door of this name. Panics where there is none.
pub fn open(name: &str, bytes: &[u8]) {
    let door = DOORS.iter().find(|door| door.name == name).unwrap_or_else(|| panic!("no door is called {name}"));
    (door.open)(bytes);
}
