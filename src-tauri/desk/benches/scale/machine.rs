//! What the system tells of this process and this machine. Only Linux tells all of it; elsewhere a figure is left out.

use std::path::Path;

/// The most memory that this process has held so far, in MiB.
pub fn most_memory() -> Option<f64> {
    memory("VmHWM:")
}

/// From now on the most memory is counted anew, where the system can.
pub fn forget_most_memory() {
    const THE_PEAK: &str = "5";
    let _ = std::fs::write("/proc/self/clear_refs", THE_PEAK);
}

/// What it holds now, in MiB.
pub fn memory_now() -> Option<f64> {
    memory("VmRSS:")
}

fn memory(line: &str) -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let rest = status.lines().find_map(|found| found.strip_prefix(line))?;
    let kib: f64 = rest.split_whitespace().next()?.parse().ok()?;
    Some(kib / 1_024.0)
}

/// Seconds that the processors worked for this process, all of its threads together, to a hundredth.
pub fn processor_seconds() -> Option<f64> {
    const TICKS_A_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // After the name in brackets, which may hold spaces: state, then ten numbers, then time as a user and as the system.
    let mut words = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let user: f64 = words.next()?.parse().ok()?;
    let system: f64 = words.next()?.parse().ok()?;
    Some((user + system) / TICKS_A_SECOND)
}

/// The load over a minute; empty where the system does not tell it.
pub fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split_whitespace().next().unwrap_or_default().to_owned()
}

pub fn named() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{} {}, {cores} cores", std::env::consts::OS, std::env::consts::ARCH)
}

/// Bytes of all files of a folder.
pub fn size_of(dir: &Path) -> u64 {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries.map(|entry| entry.metadata().map_or(0, |found| if found.is_file() { found.len() } else { 0 })).sum()
}

/// Reads every file once, so that the system has them in memory.
pub fn warm(dir: &Path) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        if let Ok(mut file) = std::fs::File::open(entry.path()) {
            let _ = std::io::copy(&mut file, &mut std::io::sink());
        }
    }
}
