//! The API that the scripts in `tests/cases/powershell/scripts` call: plain HTTP/1.1 on a free loopback port.
//!
//! It knows enough to be deployed against: a health page, one that is only ready at the third call, releases that
//! can be made and read with a key, an echo, files, a redirect. Every run has its own server, so nothing is left over.

mod routes;

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request as the routes see it: header names in lower case.
pub struct Request {
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
}

/// What a route answers.
pub struct Answer {
    pub status: &'static str,
    pub kind: &'static str,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

/// Starts a server that lives as long as the process; its address, without a slash at the end.
pub fn start() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free loopback port");
    let address = listener.local_addr().expect("it is bound");
    let state = Arc::new(Mutex::new(routes::State::default()));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let state = Arc::clone(&state);
            // A client that goes away in the middle is that test's failure to explain, not the server's.
            std::thread::spawn(move || serve(stream, &state));
        }
    });
    format!("http://{address}")
}

fn serve(stream: TcpStream, state: &Mutex<routes::State>) -> std::io::Result<()> {
    let mut reader = BufReader::new(&stream);
    let Some(request) = read(&mut reader)? else {
        return Ok(());
    };
    let mut state = state.lock().expect("no route panics");
    let answer = routes::answer(&request, &mut state);
    drop(state);
    write(&stream, &request, &answer)
}

fn read(reader: &mut impl BufRead) -> std::io::Result<Option<Request>> {
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut words = first.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Ok(None);
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers
        .get("content-length")
        .and_then(|length| length.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
        body,
    }))
}

fn write(mut stream: &TcpStream, request: &Request, answer: &Answer) -> std::io::Result<()> {
    let mut head = format!(
        "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n",
        answer.status,
        answer.kind,
        answer.body.len()
    );
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    if request.method != "HEAD" {
        stream.write_all(&answer.body)?;
    }
    Ok(())
}
