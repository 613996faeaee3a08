//! A web page must not be able to speak in a room: telling an HTTP request by its first line.

/// What a client that speaks HTTP is answered before the connection is closed.
pub(super) const BAD_REQUEST: &[u8] = b"HTTP/1.1 400 Bad Request\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\
    Content-Length: 28\r\n\
    Connection: close\r\n\
    \r\n\
    This is not a web server. \r\n";

/// Whether `line` is the request line of HTTP: method, target, `HTTP/` and a version (RFC 9112,
/// section 3; spaces as leniently as section 3 lets servers read them).
pub(super) fn is_request(line: &[u8]) -> bool {
    let mut words = line
        .split(|byte| matches!(byte, b' ' | b'\t' | b'\r' | 0x0b | 0x0c))
        .filter(|word| !word.is_empty());
    let (Some(method), Some(_target), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return false;
    };
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    let Some(number) = version.strip_prefix(b"HTTP/") else {
        return false;
    };
    method.iter().all(is_token)
        && number.first().is_some_and(u8::is_ascii_digit)
        && number
            .iter()
            .all(|byte| byte.is_ascii_digit() || *byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_told_from_talk() {
        let requests: [&[u8]; 5] = [
            b"GET / HTTP/1.1",
            b"POST /room?x=1 HTTP/1.0",
            b"PRI * HTTP/2.0",
            b"OPTIONS  *\tHTTP/1.1",
            b"brew coffee HTTP/3",
        ];
        for request in requests {
            assert!(is_request(request));
        }
        let talk: [&[u8]; 7] = [
            b"",
            b"hello",
            b"GET / HTTP/",
            b"GET / http/1.1",
            b"GET / HTTP/1.1 please",
            b"we speak HTTP/1.1",
            b"GET /",
        ];
        for line in &talk[..5] {
            assert!(!is_request(line), "{}", String::from_utf8_lossy(line));
        }
        assert!(
            is_request(talk[5]),
            "three words that end so are a request all the same"
        );
        assert!(!is_request(talk[6]));
    }

    #[test]
    fn the_answer_says_its_length() {
        let text = std::str::from_utf8(BAD_REQUEST).unwrap();
        let (_, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(text.contains(&format!("Content-Length: {}\r\n", body.len())));
    }
}
