//! The real window, driven as a person would: the debug build in a display that is nowhere, by WebKitWebDriver. `cargo xtask
//! test window` runs it and installs what it needs (Linux only: no other system has this driver). Pictures are left in
//! `target/window/`.
//!
//! Every test's name begins with `real_window_`, by which xtask gives these tests a step of their own.

#![cfg(target_os = "linux")]
// A test's own functions are not `#[test]`s, where clippy allows it by itself.
#![allow(clippy::unwrap_used)]

mod harness;
mod page;
mod programs;

use harness::drive;

/// The harness itself, on a page that needs no desk: found elements, waiting, typing, pictures that show what was last painted.
#[test]
fn real_window_harness_sees_what_is_painted() {
    const PAGE: &str = "data:text/html;charset=utf-8,<body style='margin:0'><input data-testid='name'>\
        <button data-testid='go' onclick=\"setTimeout(()=>{const p=document.createElement('p');p.dataset.testid='said';\
        p.textContent='你好 '+document.querySelector('input').value;document.body.append(p);\
        document.body.style.background='rgb(0,128,0)'},300)\">go</button></body>";
    let browser = programs::trial_browser();
    drive("harness", &browser, &["--automation"], async |page| {
        page.open(PAGE).await;
        assert_eq!(page.count("said").await, 0);
        page.fill("name", "世界").await;
        assert_eq!(page.value("name").await, "世界");
        page.click("go").await;
        // It comes later than the click: `text` waits for it.
        assert_eq!(page.text("said").await, "你好 世界");
        let picture = page.picture("painted").await;
        assert!(picture.starts_with(b"\x89PNG\r\n\x1a\n"), "a picture is a PNG");
    });
}
