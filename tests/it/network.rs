//! Requests: granted by host, port, scheme, method and path, in every client; refused otherwise, and said.

use crate::cli::{Seawall, script};
use crate::languages::{CLIENTS, Client};
use crate::server::{Response, Server};

/// With [`policy_with_work`](Seawall::policy_with_work), so that `requests` may look for its `.netrc`.
fn get(client: &Client, url: &str) -> Seawall {
    script(client.language.file(), client.get).arguments([url])
}

fn hello() -> Server {
    Server::http(|request| Response::ok(format!("hello from {}", request.target)))
}

#[test]
fn nothing_is_granted_without_a_rule() {
    let server = hello();
    for client in &CLIENTS {
        let run = get(client, &server.url("/a")).run();
        run.expect_code(3)
            .expect_stdout("")
            .expect_in_stderr(&format!("GET {}", server.url("/a")));
        let run = get(client, &server.url("/a"))
            .policy_with_work(&server.all())
            .run();
        run.expect_code(0)
            .expect_stdout("hello from /a")
            .expect_nowhere("denied");
    }
    assert_eq!(
        server.seen().len(),
        CLIENTS.len(),
        "a refused request must not be sent"
    );
}

#[test]
fn https_is_sent_to_whom_a_trusted_certificate_names() {
    let server = Server::https(|_| Response::ok("hello over tls"));
    for client in &CLIENTS {
        let run = get(client, &server.url("/")).policy(&server.all());
        run.file("ca.pem", &server.certificate)
            .with(["--trust", "ca.pem"])
            .run()
            .expect_code(0)
            .expect_stdout("hello over tls");
        // Without the trust, nothing is sent.
        get(client, &server.url("/"))
            .policy(&server.all())
            .run()
            .expect_code(3)
            .expect_stdout("");
    }
    assert_eq!(server.seen().len(), CLIENTS.len());
}

#[test]
fn a_rule_grants_its_host_port_scheme_method_and_path_only() {
    let server = hello();
    let port = server.port;
    let rule = |key: &str, value: &str| {
        let or = |name: &str, otherwise: &str| {
            if key == name {
                value.to_owned()
            } else {
                otherwise.to_owned()
            }
        };
        format!(
            "[[network]]\ncidr = \"{}\"\nports = [{}]\nscheme = \"{}\"\nmethods = [\"{}\"]\npaths = [\"{}\"]\n",
            or("cidr", "127.0.0.1/32"),
            or("ports", &port.to_string()),
            or("scheme", "http"),
            or("methods", "GET"),
            or("paths", "/a/*"),
        )
    };
    let url = server.url("/a/b");
    for client in &CLIENTS {
        get(client, &url)
            .policy(&rule("", ""))
            .run()
            .expect_code(0)
            .expect_stdout("hello from /a/b");
        for (key, value) in [
            ("cidr", "127.0.0.2/32"),
            ("ports", "1"),
            ("scheme", "https"),
            ("methods", "POST"),
            ("paths", "/b/*"),
            ("paths", "/a"),
            ("paths", "/a/b/*"),
        ] {
            let run = get(client, &url).policy(&rule(key, value)).run();
            run.expect_code(3)
                .expect_stdout("")
                .expect_in_stderr("policy.toml");
        }
    }
    assert_eq!(server.seen().len(), CLIENTS.len());
}

#[test]
fn a_path_can_not_be_disguised() {
    let server = hello();
    let policy = server.rule("[\"GET\"]", "[\"/a/**\"]");
    // `http.client` sends a path as it is; other clients tidy it up first.
    let text = "\
import sys, http.client
connection = http.client.HTTPConnection('127.0.0.1', int(sys.argv[1]))
try:
    connection.request('GET', sys.argv[2])
    print(connection.getresponse().read().decode(), end='')
except OSError:
    sys.exit(3)
";
    let get = |path: &str| {
        let port = server.port.to_string();
        script("a.py", text)
            .policy(&policy)
            .arguments([&port, path])
            .run()
    };
    for path in [
        "/a/../b",
        "/a/%2e%2e/b",
        "/a//../b",
        "/a/.%2E/b",
        "/a/%2E%2E%2Fb",
        "/a/..%5cb",
        "/a/%252e%252e/b",
        "/b",
        "/A/b",
        "/a%2f..%2fb",
    ] {
        get(path).expect_code(3).expect_stdout("");
    }
    assert!(server.seen().is_empty(), "{:?}", server.seen());
    get("/a/b%20c?d=../e")
        .expect_code(0)
        .expect_stdout("hello from /a/b%20c?d=../e");
}

#[test]
fn each_redirect_is_decided_anew() {
    let target = hello();
    let to = target.url("/secret");
    let first = Server::http(move |request| match request.target.as_str() {
        "/away" => Response::redirect(&to),
        "/near" => Response::redirect("/here"),
        _ => Response::ok("here"),
    });
    for client in CLIENTS.iter().filter(|client| client.name != "http.client") {
        let run = get(client, &first.url("/near")).policy(&first.all()).run();
        run.expect_code(0).expect_stdout("here");
        let run = get(client, &first.url("/away")).policy(&first.all()).run();
        run.expect_code(3)
            .expect_stdout("")
            .expect_in_stderr(&format!("GET {}", target.url("/secret")));
        let both = format!("{}{}", first.all(), target.all());
        get(client, &first.url("/away"))
            .policy(&both)
            .run()
            .expect_code(0)
            .expect_stdout("hello from /secret");
        let elsewhere = format!(
            "{}{}",
            first.all(),
            target.rule("[\"GET\"]", "[\"/public\"]")
        );
        get(client, &first.url("/away"))
            .policy(&elsewhere)
            .run()
            .expect_code(3)
            .expect_stdout("");
    }
}

#[test]
fn a_granted_name_that_resolves_to_this_machine_is_refused_without_a_cidr_rule() {
    let server = hello();
    let Server { port, .. } = server;
    let rest =
        format!("ports = [{port}]\nscheme = \"http\"\nmethods = [\"GET\"]\npaths = [\"/**\"]\n");
    let name = format!("[[network]]\nhost = \"localhost\"\n{rest}");
    let addresses = format!(
        "[[network]]\ncidr = \"127.0.0.0/8\"\n{rest}[[network]]\ncidr = \"::1/128\"\n{rest}"
    );
    for client in &CLIENTS {
        let run = get(client, &server.named_url("/a")).policy(&name).run();
        run.expect_code(3)
            .expect_stdout("")
            .expect_in_stderr("127.0.0.1");
        let run = get(client, &server.named_url("/a"))
            .policy(&addresses)
            .run();
        run.expect_code(3)
            .expect_stdout("")
            .expect_in_stderr("localhost");
        let run = get(client, &server.named_url("/a"))
            .policy(&format!("{name}{addresses}"))
            .run();
        run.expect_code(0).expect_stdout("hello from /a");
    }
    assert_eq!(server.seen().len(), CLIENTS.len());
}

#[test]
fn spellings_of_this_machine_are_refused() {
    let server = hello();
    let Server { port, .. } = server;
    for host in [
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "localhost.",
        "127.0.0.1.",
    ] {
        let policy = format!(
            "[[network]]\nhost = \"api.example.com\"\nports = [{port}]\nscheme = \"http\"\nmethods = [\"GET\"]\npaths = [\"/**\"]\n"
        );
        for client in &CLIENTS {
            let run = get(client, &format!("http://{host}:{port}/"))
                .policy(&policy)
                .run();
            assert_ne!(run.code, 0, "{host} with {}\n{run}", client.name);
            run.expect_stdout("");
        }
    }
    assert!(server.seen().is_empty(), "{:?}", server.seen());
}

#[test]
fn the_host_header_is_the_target_whatever_the_script_says() {
    let server =
        Server::http(|request| Response::ok(request.header("host").unwrap_or("none").to_owned()));
    let target = format!("127.0.0.1:{}", server.port);
    for client in &CLIENTS {
        get(client, &server.url("/"))
            .policy(&server.all())
            .run()
            .expect_code(0)
            .expect_stdout(&target);
    }
    for (name, text) in [
        (
            "a.sh",
            "curl -fsS -H 'Host: internal.example.com' \"$1\" || exit 3\n",
        ),
        (
            "a.py",
            "import sys, urllib.request\ntry:\n    print(urllib.request.urlopen(urllib.request.Request(sys.argv[1], headers={'Host': 'internal.example.com'})).read().decode(), end='')\nexcept OSError:\n    sys.exit(3)\n",
        ),
        (
            "a.mjs",
            "try { process.stdout.write(await (await fetch(process.argv[2], { headers: { Host: 'internal.example.com' } })).text()); } catch { process.exit(3); }\n",
        ),
        (
            "a.ps1",
            "try { Write-Host -NoNewline (Invoke-RestMethod $args[0] -Headers @{ Host = 'internal.example.com' }) } catch { exit 3 }\n",
        ),
    ] {
        let run = script(name, text)
            .policy(&server.all())
            .arguments([&server.url("/")])
            .run();
        assert!(
            run.stdout == target || run.code == 3,
            "the header was sent as the script had it\n{run}"
        );
    }
}

#[test]
fn no_proxy_of_the_environment_is_used() {
    let server = hello();
    let proxy = Server::http(|_| Response::ok("from the proxy"));
    for client in &CLIENTS {
        let mut run = get(client, &server.url("/a")).policy(&server.all());
        for name in [
            "HTTP_PROXY",
            "http_proxy",
            "HTTPS_PROXY",
            "ALL_PROXY",
            "all_proxy",
        ] {
            run = run.env(name, proxy.url(""));
        }
        run.run().expect_code(0).expect_stdout("hello from /a");
    }
    assert!(proxy.seen().is_empty());
    // One that the script is told about is one more host that it may not talk to.
    let address = format!("http_proxy={}", proxy.url(""));
    let run = script("a.py", CLIENTS[1].get)
        .arguments([&server.url("/a")])
        .policy(&server.all())
        .with(["--env", &address])
        .run();
    assert_ne!(run.stdout, "from the proxy", "{run}");
}

#[test]
fn a_denial_says_what_how_often_by_which_rule_and_what_to_add() {
    let server = hello();
    let text = "for i in 1 2 3; do curl -s \"$1\"; done; exit 0\n";
    let run = script("a.sh", text)
        .policy(&server.rule("[\"POST\"]", "[\"/**\"]"))
        .arguments([&server.url("/a?token=x")])
        .run();
    run.expect_code(0)
        .expect_in_stderr(&format!("GET {} (3×)", server.url("/a")))
        .expect_in_stderr("policy.toml:3 grants 127.0.0.1, but not the method GET")
        .expect_in_stderr("to allow it, add to the policy:")
        .expect_in_stderr("      methods = [\"GET\"]")
        .expect_in_stderr("      paths = [\"/a\"]");
    assert!(
        !run.stderr.contains("token=x"),
        "a query may hold secrets\n{run}"
    );
}

#[test]
fn adding_the_printed_lines_is_all_it_takes() {
    let server = hello();
    for client in &CLIENTS {
        let mut policy = String::new();
        // By name: first the name is refused, then where it leads.
        for expected in ["host = \"localhost\"", "cidr = \"127.0.0.1/32\""] {
            let run = get(client, &server.named_url("/a"))
                .policy_with_work(&policy)
                .run();
            run.expect_code(3)
                .expect_stdout("")
                .expect_in_stderr(expected);
            policy.push_str(&run.lines_to_add());
        }
        let run = get(client, &server.named_url("/a"))
            .policy_with_work(&policy)
            .run();
        run.expect_code(0).expect_stdout("hello from /a");
        // And nothing more than that.
        get(client, &server.named_url("/b"))
            .policy_with_work(&policy)
            .run()
            .expect_code(3);
    }
}

#[test]
fn bodies_and_methods_arrive_as_they_were_sent() {
    let server =
        Server::http(|request| Response::ok(format!("{} {}", request.method, request.body)));
    let policy = server.rule("[\"POST\", \"PUT\", \"DELETE\"]", "[\"/**\"]");
    let body = "ä".repeat(40_000);
    for (name, text) in [
        (
            "a.sh",
            "b=$(printf 'ä%.0s' $(seq 40000)); for m in POST PUT DELETE; do printf %s \"$b\" | curl -fsS -X $m --data-binary @- \"$1\" || exit 3; echo; done\n",
        ),
        (
            "a.py",
            "import sys, requests\nfor m in ['POST', 'PUT', 'DELETE']:\n    print(requests.request(m, sys.argv[1], data=('ä' * 40000).encode()).text)\n",
        ),
        (
            "a.mjs",
            "for (const method of ['POST', 'PUT', 'DELETE']) console.log(await (await fetch(process.argv[2], { method, body: 'ä'.repeat(40000) })).text());\n",
        ),
        (
            "a.ps1",
            "foreach ($method in 'Post', 'Put', 'Delete') { Invoke-RestMethod $args[0] -Method $method -Body ('ä' * 40000) -ContentType 'text/plain; charset=utf-8' }\n",
        ),
    ] {
        let run = script(name, text)
            .policy(&policy)
            .arguments([&server.url("/")])
            .run();
        run.expect_code(0)
            .expect_stdout(&format!("POST {body}\nPUT {body}\nDELETE {body}\n"));
    }
}
