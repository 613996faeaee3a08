//! The socket options of a connection, as properties.

use std::os::fd::BorrowedFd;

use rustix::net::sockopt;

use super::imp::Connection;
use crate::net::options;

impl Connection {
    /// A socket option, or what stands for it where there is no socket.
    pub(super) fn option<T: Default>(
        &self,
        get: impl FnOnce(BorrowedFd<'_>) -> rustix::io::Result<T>,
    ) -> T {
        self.with_socket(get)
            .and_then(Result::ok)
            .unwrap_or_default()
    }

    pub(super) fn set_option(&self, set: impl FnOnce(BorrowedFd<'_>) -> rustix::io::Result<()>) {
        if let Some(Err(error)) = self.with_socket(set) {
            tracing::warn!(%error, "a socket option was refused");
        }
    }

    pub(super) fn no_delay(&self) -> bool {
        self.option(|socket| sockopt::tcp_nodelay(socket))
    }

    pub(super) fn set_no_delay(&self, on: bool) {
        self.set_option(|socket| sockopt::set_tcp_nodelay(socket, on));
    }

    pub(super) fn keepalive(&self) -> bool {
        self.option(|socket| sockopt::socket_keepalive(socket))
    }

    pub(super) fn set_keepalive(&self, on: bool) {
        self.set_option(|socket| options::set_keepalive(socket, on));
    }

    pub(super) fn send_buffer(&self) -> u32 {
        size(self.option(|socket| sockopt::socket_send_buffer_size(socket)))
    }

    pub(super) fn set_send_buffer(&self, bytes: u32) {
        self.set_option(|socket| sockopt::set_socket_send_buffer_size(socket, bytes as usize));
    }

    pub(super) fn receive_buffer(&self) -> u32 {
        size(self.option(|socket| sockopt::socket_recv_buffer_size(socket)))
    }

    pub(super) fn set_receive_buffer(&self, bytes: u32) {
        self.set_option(|socket| sockopt::set_socket_recv_buffer_size(socket, bytes as usize));
    }

    pub(super) fn type_of_service(&self) -> u32 {
        self.option(|socket| options::type_of_service(socket))
            .into()
    }

    pub(super) fn set_type_of_service(&self, value: u32) {
        let value = u8::try_from(value).unwrap_or(u8::MAX);
        self.set_option(|socket| options::set_type_of_service(socket, value));
    }
}

fn size(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
