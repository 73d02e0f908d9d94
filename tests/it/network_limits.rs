//! Limits on requests: their number, their time, and what comes back.

use crate::cli::{Transcript, script};
use crate::languages::{CLIENTS, Client};
use crate::server::{Response, Server};

/// `GET`s `path` once with each client, under `limit` at `value`.
fn run(client: &Client, server: &Server, limit: &str, value: &str) -> Transcript {
    let flag = format!("{limit}={value}");
    script(client.language.file(), client.get)
        .policy(&server.all())
        .with(["--limit", &flag])
        .arguments([&server.url("/")])
        .run()
}

#[track_caller]
fn check(server: &Server, limit: &str, low: &str, high: &str) {
    for client in &CLIENTS {
        run(client, server, limit, low)
            .expect_code(122)
            .expect_in_stderr(&format!("the limit `{limit}` was reached"));
        run(client, server, limit, high).expect_code(0);
    }
}

#[test]
fn requests_are_counted_redirects_included() {
    let server = Server::http(|request| match request.target.as_str() {
        "/" => Response::redirect("/there"),
        _ => Response::ok("there"),
    });
    for client in CLIENTS.iter().filter(|client| client.name != "http.client") {
        run(client, &server, "requests", "1")
            .expect_code(122)
            .expect_in_stderr("the limit `requests` was reached");
        run(client, &server, "requests", "2")
            .expect_code(0)
            .expect_stdout("there");
    }
}

#[test]
fn no_request_is_sent_beyond_the_limit() {
    let server = Server::http(|_| Response::ok("x"));
    for client in &CLIENTS {
        run(client, &server, "requests", "0").expect_code(122);
    }
    assert!(server.seen().is_empty());
}

#[test]
fn a_response_body_is_counted_as_it_comes() {
    let server = Server::http(|_| Response::ok("x".repeat(100_000)));
    check(&server, "response-body", "64KiB", "128KiB");
}

#[test]
fn response_headers_are_counted() {
    let server = Server::http(|_| Response::ok("x").header("x-long", &"x".repeat(20_000)));
    check(&server, "response-headers", "10KiB", "64KiB");
    let server = Server::http(|_| Response::ok("x").header("x-long", &"x".repeat(2_000)));
    check(&server, "response-headers", "1KiB", "4KiB");
}

#[test]
fn a_server_that_says_nothing_is_given_up_on() {
    let silent = Server::http(|_| Response::never());
    for client in &CLIENTS {
        run(client, &silent, "request-time", "200ms")
            .expect_code(122)
            .expect_in_stderr("the limit `request-time` was reached");
    }
    let server = Server::http(|_| Response::ok("x"));
    for client in &CLIENTS {
        run(client, &server, "request-time", "60s").expect_code(0);
    }
}

#[test]
fn waiting_for_a_server_is_wall_time() {
    let silent = Server::http(|_| Response::never());
    for client in &CLIENTS {
        run(client, &silent, "wall-time", "200ms")
            .expect_code(122)
            .expect_in_stderr("the limit `wall-time` was reached");
    }
}

#[test]
fn a_server_that_is_not_there_is_the_scripts_own_failure() {
    let port = {
        let listener =
            std::net::TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        listener.local_addr().expect("it is bound").port()
    };
    for client in &CLIENTS {
        let rules = format!(
            "[[network]]\ncidr = \"127.0.0.1/32\"\nports = [{port}]\nscheme = \"http\"\nmethods = [\"GET\"]\npaths = [\"/**\"]\n"
        );
        let url = format!("http://127.0.0.1:{port}/");
        let run = script(client.language.file(), client.get)
            .policy_with_work(&rules)
            .arguments([&url])
            .run();
        run.expect_code(3)
            .expect_stdout("")
            .expect_nowhere("denied");
    }
}
