//! Commands and events of the window.
