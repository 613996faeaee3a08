//! By chunks of bytes: what one read brought is written by one write.

use anyhow::Result;
use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufWriter};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::mpsc::UnboundedReceiver;

use super::Room;

/// Bytes read by one call: as many as `BufReader` takes.
const CHUNK: usize = 8 * 1024;

/// Chunks that one turn of a writer takes.
const CHUNKS: usize = 256;

pub(super) async fn echo(mut socket: TcpStream) -> Result<()> {
    let mut buffer = vec![0; CHUNK];
    loop {
        let count = socket.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        socket.write_all(&buffer[..count]).await?;
    }
}

/// Passes on what has come up to the last LF, so that no line is cut by another.
pub(super) async fn relay(socket: TcpStream, room: Room<Bytes>) -> Result<()> {
    let (mut reader, writer) = socket.into_split();
    let (member, told) = room.join();
    tokio::spawn(write(writer, told));
    let mut buffer = BytesMut::with_capacity(CHUNK);
    while reader.read_buf(&mut buffer).await? > 0 {
        if let Some(end) = memchr::memrchr(b'\n', &buffer) {
            member.tell(&buffer.split_to(end + 1).freeze());
        }
        buffer.reserve(CHUNK);
    }
    Ok(())
}

async fn write(writer: OwnedWriteHalf, mut told: UnboundedReceiver<Bytes>) -> Result<()> {
    let mut writer = BufWriter::new(writer);
    let mut chunks = Vec::new();
    while told.recv_many(&mut chunks, CHUNKS).await > 0 {
        for chunk in chunks.drain(..) {
            writer.write_all(&chunk).await?;
        }
        writer.flush().await?;
    }
    Ok(())
}
