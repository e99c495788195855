//! The programs a window test needs beside the desk, each ended with the test that started it.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// How the systems' packages call them.
const WHERE_FROM: &str = "`cargo xtask test window` installs it (Debian: xvfb, webkit2gtk-driver, dbus)";

/// Size of the virtual display; larger than the window, so that nothing is cut off.
const SCREEN: &str = "1440x900x24";

/// A started program with everything it starts itself; all of them end with this value.
struct Program {
    child: Child,
}

impl Program {
    fn start(command: &mut Command) -> Program {
        let name = command.get_program().to_string_lossy().into_owned();
        // A group of its own: the desk is a child of the driver, and must not outlive it.
        let child = command.process_group(0).stdin(Stdio::null()).spawn();
        Program { child: child.unwrap_or_else(|error| panic!("{name} could not be started ({error}); {WHERE_FROM}")) }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.child.wait();
    }
}

/// An X display that nobody sees, on a free number.
pub struct Display {
    _program: Program,
    /// E.g. `:99`.
    pub name: String,
}

impl Display {
    pub fn start() -> Display {
        // It chooses a free number itself and writes it to the given file descriptor: its standard output.
        let mut program = Program::start(
            Command::new("Xvfb")
                .args(["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp"])
                .stdout(Stdio::piped())
                .stderr(Stdio::null()),
        );
        let number = first_line(&mut program);
        assert!(!number.is_empty(), "Xvfb found no free display");
        Display { _program: program, name: format!(":{number}") }
    }
}

/// The driver: an HTTP server that starts the desk and acts in its pages.
pub struct Driver {
    _program: Program,
    /// E.g. `http://127.0.0.1:40123`.
    pub address: String,
}

impl Driver {
    /// `quiet` is an empty folder: the desk finds neither settings nor a session bus of whoever runs the test, and no viewer. A bus
    /// is the one that is given.
    pub fn start(display: &Display, quiet: &Path, bus: Option<&Bus>) -> Driver {
        let port = free_port();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = [viewer(quiet)].into_iter().chain(std::env::split_paths(&path));
        let mut command = Command::new("WebKitWebDriver");
        command.arg(format!("--port={port}"));
        command.env("PATH", std::env::join_paths(folders).unwrap());
        command.env("DISPLAY", &display.name).env("GDK_BACKEND", "x11");
        // Without it the driver waits for ever for a window that is never handed over.
        command.env("TAURI_WEBVIEW_AUTOMATION", "true");
        // The pictures must be the same wherever they are taken.
        command.env("TZ", "Asia/Shanghai").env("LANG", "C.UTF-8").env("LC_ALL", "C.UTF-8");
        // Only silences a warning about a bus that is not there.
        command.env("NO_AT_BRIDGE", "1");
        for folder in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"] {
            command.env(folder, quiet);
        }
        // With either of the last two, taking a picture never ends.
        for name in [
            "WAYLAND_DISPLAY",
            "DBUS_SESSION_BUS_ADDRESS",
            "WEBKIT_DISABLE_DMABUF_RENDERER",
            "WEBKIT_DISABLE_COMPOSITING_MODE",
        ] {
            command.env_remove(name);
        }
        command.envs(bus.map(|bus| ("DBUS_SESSION_BUS_ADDRESS", &bus.address)));
        Driver { _program: Program::start(&mut command), address: format!("http://127.0.0.1:{port}") }
    }
}

/// A session bus of the test's own, on which nobody answers; what is said on it to whoever shows notifications is written down.
pub struct Bus {
    _daemon: Program,
    _monitor: Program,
    folder: tempfile::TempDir,
    address: String,
}

impl Bus {
    pub fn start() -> Bus {
        let folder = tempfile::tempdir().unwrap();
        // Without folders of services: nothing of this machine is started by a question that the desk asks.
        let config = format!(
            "<busconfig><type>session</type><listen>unix:path={}</listen><policy context='default'>\
             <allow send_destination='*' eavesdrop='true'/><allow eavesdrop='true'/><allow own='*'/></policy></busconfig>",
            folder.path().join("bus").display()
        );
        let file = folder.path().join("bus.conf");
        std::fs::write(&file, config).unwrap();
        let mut daemon = Program::start(
            Command::new("dbus-daemon")
                .arg(format!("--config-file={}", file.display()))
                .args(["--nofork", "--print-address=1"])
                .stdout(Stdio::piped())
                .stderr(Stdio::null()),
        );
        let address = first_line(&mut daemon);
        let heard = std::fs::File::create(folder.path().join("heard")).unwrap();
        let monitor = Program::start(
            Command::new("dbus-monitor")
                .args(["--address", &address, "interface='org.freedesktop.Notifications'"])
                .stdout(heard)
                .stderr(Stdio::null()),
        );
        Bus { _daemon: daemon, _monitor: monitor, folder, address }
    }

    /// What was said until now.
    pub fn heard(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("heard")).unwrap()
    }
}

fn first_line(program: &mut Program) -> String {
    let mut line = String::new();
    BufReader::new(program.child.stdout.take().expect("its output is piped")).read_line(&mut line).unwrap();
    line.trim().to_owned()
}

/// In the place of the system's viewer: writes down what it was asked to open, see [`opened`]. Answers its folder.
fn viewer(quiet: &Path) -> PathBuf {
    let folder = quiet.join("viewer");
    std::fs::create_dir_all(&folder).unwrap();
    let program = folder.join("xdg-open");
    std::fs::write(&program, format!("#!/bin/sh\nprintf '%s\\n' \"$1\" >> '{}'\n", list_of(quiet).display())).unwrap();
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    folder
}

fn list_of(quiet: &Path) -> PathBuf {
    quiet.join("opened")
}

/// What the system's viewer was asked to open, in order.
pub fn opened(quiet: &Path) -> Vec<String> {
    std::fs::read_to_string(list_of(quiet)).unwrap_or_default().lines().map(str::to_owned).collect()
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The desk's window, as cargo built it for this test.
pub fn desk() -> PathBuf {
    if !cfg!(feature = "custom-protocol") {
        panic!(
            "this build of the desk looks for a development server; run `cargo xtask test window`, or add the feature \
             custom-protocol"
        );
    }
    PathBuf::from(env!("CARGO_BIN_EXE_refund-desk"))
}

/// The small browser that comes with WebKitGTK; it shows a page without a desk.
pub fn trial_browser() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").unwrap().filter_map(Result::ok).map(|entry| entry.path());
    let candidates =
        folders.chain([PathBuf::from("/usr/libexec")]).map(|folder| folder.join("webkit2gtk-4.1/MiniBrowser"));
    candidates.into_iter().find(|path| path.is_file()).unwrap_or_else(|| panic!("no MiniBrowser; {WHERE_FROM}"))
}
