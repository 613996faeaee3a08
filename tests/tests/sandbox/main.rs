//! Both programs as Flatpaks, each in its real sandbox: `./dev package flatpak` builds them, installs
//! them in a folder of its own and runs these. Where that has not been done there is nothing to test,
//! so they are left out of `./dev test`.
//!
//! - `inside`: commands in a sandbox, and what Flatpak tells of an application;
//! - `permissions`: what the sandboxes let through, and what they do not;
//! - `talking`: the windows, spoken to from outside;
//! - `portals`: notifications, files and the dark style, which come through the portals.

mod inside;
mod permissions;
mod portals;
mod talking;
