//! `[network.inject]`: the server gets the credential, the script never does, and neither do logs.

use crate::cli::{Transcript, script};
use crate::languages::{CLIENTS, Client};
use crate::server::{Request, Response, Server};

const TOKEN: &str = "tok-5f4dcc3b5aa765d6";

/// A server that answers with everything it was sent, and echoes one header.
fn echo() -> Server {
    Server::http(|request: &Request| {
        let authorization = request.header("authorization").unwrap_or("none");
        let key = request.header("x-key").unwrap_or("none");
        Response::ok(format!("{} auth={authorization} key={key}", request.target))
            .header("x-echo", authorization)
    })
}

fn run(client: &Client, url: &str, rules: &str) -> Transcript {
    let secret = format!("Api.Token={TOKEN}");
    script(client.language.file(), client.get)
        .policy(rules)
        .with(["--secret", &secret, "--set", "Api.User=deployer"])
        .arguments([url])
        .run()
}

#[test]
fn a_header_is_added_and_scrubbed_from_the_answer() {
    let server = echo();
    for client in &CLIENTS {
        let rules = format!(
            "{}[network.inject]\nheader = \"Authorization\"\nvalue = \"Bearer #{{Api.Token}}\"\n",
            server.all()
        );
        let run = run(client, &server.url("/a"), &rules);
        run.expect_code(0)
            .expect_in_stdout("/a auth=***")
            .expect_nowhere(TOKEN);
        let seen = server.seen().pop().expect("it was asked");
        assert_eq!(
            seen.header("authorization"),
            Some(format!("Bearer {TOKEN}").as_str()),
            "{run}"
        );
        // The twin: without the injection the server sees none.
        let run = self::run(client, &server.url("/a"), &server.all());
        run.expect_code(0).expect_stdout("/a auth=none key=none");
    }
}

#[test]
fn basic_credentials_are_added_and_scrubbed() {
    use base64::Engine as _;
    let server = echo();
    let encoded = base64::prelude::BASE64_STANDARD.encode(format!("deployer:{TOKEN}"));
    let rules = format!(
        "{}[network.inject]\nbasic = {{ username = \"#{{Api.User}}\", password = \"#{{Api.Token}}\" }}\n",
        server.all()
    );
    for client in &CLIENTS {
        let run = run(client, &server.url("/a"), &rules);
        run.expect_code(0)
            .expect_nowhere(TOKEN)
            .expect_nowhere(&encoded);
        let seen = server.seen().pop().expect("it was asked");
        assert_eq!(
            seen.header("authorization"),
            Some(format!("Basic {encoded}").as_str()),
            "{run}"
        );
    }
}

#[test]
fn a_query_parameter_is_added_and_scrubbed() {
    let server = echo();
    let rules = format!(
        "{}[network.inject]\nquery = \"api_key\"\nvalue = \"#{{Api.Token}}\"\n",
        server.all()
    );
    for client in &CLIENTS {
        let run = run(client, &server.url("/a?b=c&api_key=mine"), &rules);
        run.expect_code(0)
            .expect_nowhere(TOKEN)
            .expect_nowhere("api_key=mine");
        let seen = server.seen().pop().expect("it was asked");
        assert!(
            seen.target == format!("/a?b=c&api_key={TOKEN}"),
            "{}\n{run}",
            seen.target
        );
    }
}

#[test]
fn what_the_script_puts_in_the_same_place_is_dropped() {
    let server = echo();
    let rules = format!(
        "{}[network.inject]\nheader = \"X-Key\"\nvalue = \"#{{Api.Token}}\"\n",
        server.all()
    );
    for (name, text) in [
        ("a.sh", "curl -fsS -H 'X-Key: mine' \"$1\"\n"),
        (
            "a.py",
            "import sys, requests\nprint(requests.get(sys.argv[1], headers={'x-key': 'mine'}).text)\n",
        ),
        (
            "a.mjs",
            "console.log(await (await fetch(process.argv[2], { headers: { 'X-KEY': 'mine' } })).text());\n",
        ),
        (
            "a.ps1",
            "Invoke-RestMethod $args[0] -Headers @{ 'x-key' = 'mine' }\n",
        ),
    ] {
        let secret = format!("Api.Token={TOKEN}");
        let run = script(name, text)
            .policy(&rules)
            .with(["--secret", &secret])
            .arguments([&server.url("/")])
            .run();
        run.expect_code(0)
            .expect_nowhere("mine")
            .expect_nowhere(TOKEN);
        assert_eq!(
            server.seen().pop().expect("it was asked").header("x-key"),
            Some(TOKEN),
            "{run}"
        );
    }
}

#[test]
fn a_script_sees_the_credential_neither_in_headers_nor_in_pieces() {
    let server = echo();
    let rules = format!(
        "{}[network.inject]\nheader = \"Authorization\"\nvalue = \"Bearer #{{Api.Token}}\"\n",
        server.all()
    );
    // What the script holds is taken apart before it is printed, so that masking of output can't help.
    for (name, text) in [
        ("a.sh", "curl -fsSi \"$1\" | sed 's/./& /g'\n"),
        (
            "a.py",
            "import sys, requests\nr = requests.get(sys.argv[1])\nprint(' '.join(r.text + r.headers['x-echo']))\n",
        ),
        (
            "a.mjs",
            "const r = await fetch(process.argv[2]);\nconsole.log([...(await r.text()) + r.headers.get('x-echo')].join(' '));\n",
        ),
        (
            "a.ps1",
            "$r = Invoke-WebRequest $args[0]\n\"$($r.Content)$($r.Headers['x-echo'])\".ToCharArray() -join ' '\n",
        ),
    ] {
        let secret = format!("Api.Token={TOKEN}");
        let run = script(name, text)
            .policy(&rules)
            .with(["--secret", &secret])
            .arguments([&server.url("/")])
            .run();
        let spaced: String = TOKEN.chars().flat_map(|c| [c, ' ']).collect();
        run.expect_code(0)
            .expect_in_stdout("* * *")
            .expect_nowhere(spaced.trim());
    }
}

#[test]
fn a_credential_goes_only_where_its_rule_leads() {
    let other = echo();
    let server = Server::http({
        let to = other.url("/stolen");
        move |_| Response::redirect(&to)
    });
    let rules = format!(
        "{}[network.inject]\nheader = \"Authorization\"\nvalue = \"Bearer #{{Api.Token}}\"\n{}",
        server.all(),
        other.all()
    );
    for client in CLIENTS.iter().filter(|client| client.name != "http.client") {
        let run = run(client, &server.url("/"), &rules);
        run.expect_code(0)
            .expect_stdout("/stolen auth=none key=none");
        assert!(
            server
                .seen()
                .pop()
                .expect("it was asked")
                .header("authorization")
                .is_some(),
            "{run}"
        );
    }
}

#[test]
fn a_missing_variable_of_an_injection_stops_the_run_before_it_starts() {
    let server = echo();
    let rules = format!(
        "{}[network.inject]\nheader = \"Authorization\"\nvalue = \"Bearer #{{Not.There}}\"\n",
        server.all()
    );
    let run = script("a.sh", "echo ran\n").policy(&rules).run();
    run.expect_code(2)
        .expect_stdout("")
        .expect_in_stderr("Not.There")
        .expect_in_stderr("policy.toml:3");
}

#[test]
fn a_credential_shows_in_no_log_at_any_level() {
    let server = echo();
    let rules = format!(
        "{}[network.inject]\nheader = \"Authorization\"\nvalue = \"Bearer #{{Api.Token}}\"\n",
        server.all()
    );
    let secret = format!("Api.Token={TOKEN}");
    let run = script("a.sh", "curl -fsS \"$1\"; curl -sv \"$1\"\n")
        .policy(&rules)
        .env("SEAWALL_LOG", "trace");
    run.with(["--secret", &secret])
        .arguments([&server.url("/")])
        .run()
        .expect_code(0)
        .expect_nowhere(TOKEN);
}

#[test]
fn a_variable_that_is_only_injected_can_not_be_read() {
    let server = echo();
    let rules = format!(
        "{}[network.inject]\nheader = \"Authorization\"\nvalue = \"Bearer #{{Api.Token}}\"\n",
        server.all()
    );
    let run = script(
        "a.sh",
        "t=$(get_octopusvariable Api.Token)\necho \"length ${#t}\"\n",
    )
    .policy(&rules);
    let secret = format!("Api.Token={TOKEN}");
    run.with(["--secret", &secret])
        .run()
        .expect_code(0)
        .expect_stdout("length 0\n");
}
