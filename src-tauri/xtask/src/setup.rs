//! What the system must have: looked for first, installed on Debian and Ubuntu when we may, else told in one line.

use std::env;
use std::path::Path;
use std::process::Command;

use crate::problem::Problem;
use crate::process::{self, answer};
use crate::step::timed;

/// What the needs are for; tests need more than the desk itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub enum For {
    Run,
    Test,
    /// What only a long run needs, besides the others.
    Long,
}

/// Something the system must have.
struct Need {
    /// In words, for systems whose packages we do not know.
    what: &'static str,
    since: For,
    /// Debian and Ubuntu packages that bring it.
    packages: &'static [&'static str],
    /// Only this system has the need; `None`: every one.
    only: Option<&'static str>,
    found: fn() -> bool,
}

/// Node's versions that the pages' build works with (Vite 8: `^20.19.0 || >=22.12.0`), in words.
const NODE_VERSIONS: &str = "20.19 and later of 20, or 22.12 and later";

/// Whether the pages' build works with this version of Node; see [`NODE_VERSIONS`].
fn node_works((major, minor): (u32, u32)) -> bool {
    major == 20 && minor >= 19 || (major, minor) >= (22, 12)
}

/// Perl's modules that building OpenSSL calls for; Debian's `perl-base` alone lacks them.
const PERL_MODULES: [&str; 4] = ["-MFindBin", "-MIPC::Cmd", "-MFile::Compare", "-MTime::Piece"];

const NEEDS: [Need; 14] = [
    Need {
        what: "a C compiler and make (SQLCipher and OpenSSL are built from source)",
        since: For::Run,
        packages: &["build-essential"],
        only: Some("linux"),
        found: || on_path("cc") && on_path("make"),
    },
    Need {
        what: "pkg-config",
        since: For::Run,
        packages: &["pkg-config"],
        only: Some("linux"),
        found: || on_path("pkg-config"),
    },
    Need {
        what: "Perl with its core modules (OpenSSL's build needs them)",
        since: For::Run,
        packages: &["perl"],
        only: None,
        found: || answer("perl", &[&PERL_MODULES[..], &["-e", "1"]].concat()).is_some(),
    },
    Need {
        what: "WebKitGTK 4.1 with its development files (the window)",
        since: For::Run,
        packages: &["libwebkit2gtk-4.1-dev"],
        only: Some("linux"),
        found: || answer("pkg-config", &["--exists", "webkit2gtk-4.1"]).is_some(),
    },
    Need {
        what: "Node (20.19 and later of 20, or 22.12 and later)",
        since: For::Run,
        packages: &["nodejs"],
        only: None,
        found: || node_version().is_some(),
    },
    Need { what: "npm", since: For::Run, packages: &["npm"], only: None, found: || on_path("npm") },
    Need {
        what: "Xvfb, a display that is nowhere (the window's test)",
        since: For::Test,
        packages: &["xvfb"],
        only: Some("linux"),
        found: || on_path("Xvfb"),
    },
    Need {
        what: "WebKitWebDriver (the window's test)",
        since: For::Test,
        packages: &["webkit2gtk-driver"],
        only: Some("linux"),
        found: || on_path("WebKitWebDriver"),
    },
    Need {
        what: "Python 3 with venv and pip (the official SDK's test)",
        since: For::Test,
        packages: &["python3", "python3-venv"],
        only: None,
        found: || answer(crate::python::SYSTEM_PYTHON, &["-c", "import ensurepip, venv"]).is_some(),
    },
    Need {
        what: "gnome-keyring and a session bus (the test of homes in a keyring)",
        since: For::Test,
        packages: &["gnome-keyring", "dbus"],
        only: Some("linux"),
        found: || ["gnome-keyring-daemon", "dbus-run-session", "dbus-send"].into_iter().all(on_path),
    },
    Need {
        what: "a typeface with Chinese characters (the window's pictures)",
        since: For::Test,
        packages: &["fonts-noto-cjk"],
        only: Some("linux"),
        found: || answer("fc-list", &[":lang=zh", "family"]).is_some_and(|families| !families.is_empty()),
    },
    Need {
        what: "poppler's programs (the reports' test reads pages back)",
        since: For::Test,
        packages: &["poppler-utils"],
        only: Some("linux"),
        found: || ["pdftotext", "pdfinfo", "pdffonts", "pdfdetach"].into_iter().all(on_path),
    },
    Need {
        what: "qpdf (the reports' test checks pages)",
        since: For::Test,
        packages: &["qpdf"],
        only: Some("linux"),
        found: || on_path("qpdf"),
    },
    Need {
        what: "LibreOffice Calc (the long test opens workbooks)",
        since: For::Long,
        packages: &["libreoffice-calc-nogui"],
        only: Some("linux"),
        found: || on_path("soffice"),
    },
];

/// Looks for everything that is needed and brings what is missing, or says how.
pub fn prepare(purpose: For) -> Result<(), Problem> {
    timed("set-up: what the system must have", || {
        let missing = missing(purpose);
        if missing.is_empty() {
            println!("    nothing is missing");
            return Ok(());
        }
        refuse_unfit_node()?;
        for need in &missing {
            println!("    missing: {}", need.what);
        }
        install(&missing)?;
        let still: Vec<&str> = self::missing(purpose).iter().map(|need| need.what).collect();
        if still.is_empty() {
            return Ok(());
        }
        Err(Problem::new(
            "setup.still_missing",
            format!("the packages were installed, yet this was not found: {}", still.join("; ")),
            "set-up",
            "check the PATH, install it by hand, then run the command again".to_owned(),
        ))
    })
}

fn missing(purpose: For) -> Vec<&'static Need> {
    NEEDS
        .iter()
        .filter(|need| need.since <= purpose && need.only.is_none_or(|system| system == env::consts::OS))
        .filter(|need| !(need.found)())
        .collect()
}

/// Installs by apt when this is Debian or Ubuntu and we are root or in CI; else says what to type.
fn install(missing: &[&Need]) -> Result<(), Problem> {
    let packages: Vec<&str> = missing.iter().flat_map(|need| need.packages).copied().collect();
    if !is_debian() {
        let list: Vec<&str> = missing.iter().map(|need| need.what).collect();
        return Err(Problem::new(
            "setup.packages_missing",
            format!("this is missing: {}", list.join("; ")),
            "set-up",
            "install it with this system's packages (their names differ), then run the command again".to_owned(),
        ));
    }
    check_node_candidate(&packages)?;
    let root = answer("id", &["-u"]).is_some_and(|id| id == "0");
    if !root && env::var_os("CI").is_none() {
        return Err(Problem::new(
            "setup.packages_missing",
            format!("these packages are missing: {}", packages.join(" ")),
            "set-up",
            format!("type this line, then run the command again:\n  {}", line_to_type(&packages)),
        ));
    }
    apt_get(root, &["update"])?;
    apt_get(root, &[&["install", "-y", "--no-install-recommends"], &packages[..]].concat())
}

fn apt_get(root: bool, arguments: &[&str]) -> Result<(), Problem> {
    let mut command = if root {
        Command::new("apt-get")
    } else {
        let mut command = Command::new("sudo");
        // Never waits for a password that nobody is there to type.
        command.args(["-n", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        command
    };
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    println!("    apt-get {}", arguments.join(" "));
    let ended = process::run(&mut command)?;
    if ended.success {
        return Ok(());
    }
    Err(Problem::new(
        "setup.apt_failed",
        format!("apt-get failed ({})", ended.how),
        format!("apt-get {}", arguments[0]),
        "read its output above, mend the cause (network, sources list, another apt running), then run again".to_owned(),
    ))
}

/// Distributions differ in their Node: one too old would be installed and then refused, so its version is asked first.
fn check_node_candidate(packages: &[&str]) -> Result<(), Problem> {
    if !packages.contains(&"nodejs") {
        return Ok(());
    }
    let policy = answer("apt-cache", &["policy", "nodejs"]).unwrap_or_default();
    let candidate = policy.lines().find_map(|line| line.trim().strip_prefix("Candidate: ")).unwrap_or("unknown");
    match read_version(candidate) {
        // Not known before the first `apt-get update`: the check after the installation decides.
        None => Ok(()),
        Some(version) if node_works(version) => Ok(()),
        Some(_) => Err(node_problem(format!(
            "Node is missing and this system's package ({candidate}) does not work with the pages' build"
        ))),
    }
}

fn refuse_unfit_node() -> Result<(), Problem> {
    match answer("node", &["--version"]) {
        Some(version) if !read_version(&version).is_some_and(node_works) => {
            Err(node_problem(format!("Node {version} does not work with the pages' build")))
        }
        _ => Ok(()),
    }
}

fn node_problem(message: String) -> Problem {
    Problem::new(
        "setup.node",
        message,
        "set-up",
        format!("install Node {NODE_VERSIONS} (https://nodejs.org/en/download), then run the command again"),
    )
}

/// The installed Node's version, if the pages' build works with it.
fn node_version() -> Option<(u32, u32)> {
    read_version(&answer("node", &["--version"])?).filter(|version| node_works(*version))
}

/// Major and minor of `v20.20.2` or of a Debian version, `1:20.19.2+dfsg-1`.
fn read_version(text: &str) -> Option<(u32, u32)> {
    let text = text.trim_start_matches('v');
    let text = text.split_once(':').map_or(text, |(_epoch, rest)| rest);
    let mut numbers = text.split(['.', '+', '-', '~']).map(str::parse::<u32>);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

fn line_to_type(packages: &[&str]) -> String {
    format!("sudo apt-get update && sudo apt-get install -y --no-install-recommends {}", packages.join(" "))
}

fn is_debian() -> bool {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    on_path("apt-get") && names_debian(&release)
}

/// Whether an os-release file names Debian, Ubuntu or one of their children.
fn names_debian(release: &str) -> bool {
    release
        .lines()
        .filter_map(|line| line.strip_prefix("ID=").or_else(|| line.strip_prefix("ID_LIKE=")))
        .flat_map(|names| names.trim_matches('"').split_whitespace())
        .any(|name| name == "debian" || name == "ubuntu")
}

fn on_path(program: &str) -> bool {
    let names: Vec<String> = if cfg!(windows) {
        [".exe", ".cmd"].map(|end| format!("{program}{end}")).to_vec()
    } else {
        vec![program.to_owned()]
    };
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| names.iter().any(|name| is_file(&folder.join(name))))
}

fn is_file(path: &Path) -> bool {
    path.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        let cases = [
            ("v20.20.2", Some((20, 20))),
            ("v18.20.4", Some((18, 20))),
            ("18.20.4+dfsg-1~deb12u1", Some((18, 20))),
            ("1:22.12.0-1", Some((22, 12))),
            ("20.19~rc1", Some((20, 19))),
            ("unknown", None),
            ("(none)", None),
            ("", None),
        ];
        for (text, version) in cases {
            assert_eq!(read_version(text), version, "{text}");
        }
    }

    #[test]
    fn node_is_judged_as_the_build_judges_it() {
        let cases = [
            ((18, 20), false),
            ((20, 18), false),
            ((20, 19), true),
            ((20, 20), true),
            ((21, 7), false),
            ((22, 11), false),
            ((22, 12), true),
            ((24, 0), true),
        ];
        for (version, works) in cases {
            assert_eq!(node_works(version), works, "{version:?}");
        }
    }

    #[test]
    fn debian_and_its_children_are_known() {
        let cases = [
            ("NAME=\"Debian GNU/Linux\"\nID=debian\n", true),
            ("ID=ubuntu\nID_LIKE=debian\n", true),
            ("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", true),
            ("ID=fedora\n", false),
            ("ID=arch\n", false),
            ("NAME=debian\n", false),
            ("", false),
        ];
        for (release, debian) in cases {
            assert_eq!(names_debian(release), debian, "{release}");
        }
    }

    #[test]
    fn every_need_names_packages_and_words() {
        for need in &NEEDS {
            assert!(!need.packages.is_empty() && !need.what.is_empty());
        }
        let line = line_to_type(&["xvfb", "perl"]);
        assert_eq!(line, "sudo apt-get update && sudo apt-get install -y --no-install-recommends xvfb perl");
    }

    #[test]
    fn programs_are_looked_for_on_the_path() {
        assert!(on_path("cargo"));
        assert!(!on_path("no-program-has-this-name"));
    }
}
