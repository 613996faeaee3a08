//! Line by line, with `Framed` and `LinesCodec`.

use std::sync::Arc;

use anyhow::Result;
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_util::codec::{Framed, LinesCodec};

use super::Room;

/// Bytes of the longest line, as the real server has it.
const LONGEST: usize = 64 * 1024;

fn framed(socket: TcpStream) -> Framed<TcpStream, LinesCodec> {
    Framed::new(socket, LinesCodec::new_with_max_length(LONGEST))
}

pub(super) async fn echo(socket: TcpStream) -> Result<()> {
    let mut lines = framed(socket);
    while let Some(line) = lines.next().await {
        lines.send(line?).await?;
    }
    Ok(())
}

pub(super) async fn relay(socket: TcpStream, room: Room<Arc<str>>) -> Result<()> {
    let mut lines = framed(socket);
    let (member, mut told) = room.join();
    loop {
        tokio::select! {
            Some(line) = told.recv() => lines.send(line).await?,
            line = lines.next() => match line {
                Some(line) => member.tell(&line?.into()),
                None => return Ok(()),
            },
        }
    }
}
