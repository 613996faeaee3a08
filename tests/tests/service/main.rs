//! The server as a service: sockets passed to it, news for the service manager, and its units under
//! systemd.

mod activation;
mod news;
mod units;
