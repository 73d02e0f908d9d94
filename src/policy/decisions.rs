//! What policies decide, by example: addresses, ceilings, denials in words, learned files.

use super::*;

fn parsed(text: &str) -> Policy {
    match parse("p.toml", text) {
        Ok((policy, _)) => policy,
        Err(error) => panic!("{error}\nin\n{text}"),
    }
}

fn alone(text: &str) -> Grants {
    grants(&parsed(text), None).unwrap()
}

fn decide_address(text: &str, host: &str, ip: &str) -> Result<(), Denial> {
    let grants = alone(&format!("schema = 1\nname = \"p\"\n{text}"));
    let (host, path) = (Host::parse(host).unwrap(), NormalPath::parse("/").unwrap());
    let request = HttpRequest {
        scheme: Scheme::Https,
        host: &host,
        port: 443,
        method: "GET",
        path: &path,
    };
    let rule = grants.network.decide(&request)?;
    grants
        .network
        .http_address(&request, rule, ip.parse().unwrap())
}

fn table(hosts: &str) -> String {
    format!(
        "[[network]]\n{hosts}\nports = [443]\nscheme = \"https\"\nmethods = [\"GET\"]\npaths = [\"/\"]\n"
    )
}

#[test]
fn a_granted_name_may_not_resolve_inwards() {
    let name = table("host = \"db.example.com\"");
    for (ip, expected) in [
        ("93.184.216.34", true),
        ("2606:4700::1111", true),
        ("64:ff9b::8.8.8.8", true),
        ("10.0.0.5", false),
        ("127.0.0.1", false),
        ("::1", false),
        ("::ffff:10.0.0.5", false),
        ("64:ff9b::a00:5", false),
        ("2002:a00:5::", false),
        ("169.254.169.254", false),
        ("100.100.100.200", false),
        ("0.0.0.0", false),
        ("fd00:ec2::254", false),
    ] {
        assert_eq!(
            decide_address(&name, "db.example.com", ip).is_ok(),
            expected,
            "{ip}"
        );
    }
}

#[test]
fn a_cidr_rule_lifts_the_refusal_for_its_range_alone() {
    let text = table("host = \"db.example.com\"")
        + &table("cidr = \"10.0.0.0/16\"")
        + &table("cidr = \"169.254.0.0/16\"");
    for (ip, expected) in [
        ("10.0.0.5", true),
        ("::ffff:10.0.0.5", true),
        ("64:ff9b::a00:5", true),
        ("10.1.0.5", false),
        // 6to4 carries a granted address, but the 6to4 address itself isn't granted.
        ("2002:a00:5::", false),
        ("169.254.1.1", true),
        // A range doesn't mean the metadata service in it.
        ("169.254.169.254", false),
    ] {
        assert_eq!(
            decide_address(&text, "db.example.com", ip).is_ok(),
            expected,
            "{ip}"
        );
    }
    let text = text + &table("cidr = \"169.254.169.254/32\"");
    assert!(decide_address(&text, "db.example.com", "169.254.169.254").is_ok());
    // A range for another request lifts nothing for this one.
    let other = table("host = \"db.example.com\"")
        + &table("cidr = \"10.0.0.0/16\"").replace("GET", "POST");
    let denial = decide_address(&other, "db.example.com", "10.0.0.5").unwrap_err();
    assert_eq!(denial.kind, DenialKind::Address);
}

#[test]
fn an_address_is_granted_by_a_range_and_never_by_a_name() {
    let range = table("cidr = \"10.0.0.0/16\"");
    assert!(decide_address(&range, "10.0.0.5", "10.0.0.5").is_ok());
    assert!(decide_address(&range, "[::ffff:10.0.0.5]", "10.0.0.5").is_ok());
    assert!(
        decide_address(&range, "10.0.0.5", "10.0.0.6").is_err(),
        "another address than was asked for"
    );
    assert!(decide_address(&range, "10.1.0.5", "10.1.0.5").is_err());
    assert!(decide_address(&range, "db.example.com", "10.0.0.5").is_err());
    assert!(
        decide_address(
            &table("cidr = \"169.254.0.0/16\""),
            "169.254.169.254",
            "169.254.169.254"
        )
        .is_err()
    );
}

#[test]
fn the_most_specific_host_then_the_first_rule_decides_what_is_injected() {
    let inject =
        |token: &str| format!("[network.inject]\nheader = \"X-Token\"\nvalue = \"#{{{token}}}\"\n");
    let text = "schema = 1\nname = \"p\"\n".to_owned()
        + &table("host = \"*.example.com\"")
        + &inject("Wild")
        + &table("host = \"a.example.com\"")
        + &inject("First")
        + &table("host = \"a.example.com\"")
        + &inject("Second");
    let grants = alone(&text);
    let (host, path) = (
        Host::parse("a.example.com").unwrap(),
        NormalPath::parse("/").unwrap(),
    );
    let request = HttpRequest {
        scheme: Scheme::Https,
        host: &host,
        port: 443,
        method: "GET",
        path: &path,
    };
    let rule = grants.network.decide(&request).unwrap();
    let Traffic::Http {
        inject: Some(injection),
        ..
    } = &rule.traffic
    else {
        panic!("{rule:?}")
    };
    assert_eq!(injection.templates()[0].references(), ["First"]);
}

#[test]
fn limits_take_the_lower_of_default_and_ceiling_and_no_more_than_the_ceiling() {
    let ceiling = parse_ceiling(
        "c.toml",
        "schema = 1\nname = \"c\"\n[limits]\nmemory = \"128MiB\"\nrequests = 5000\n",
    )
    .unwrap()
    .0;
    let met = |limits: &str| {
        grants(
            &parsed(&format!("schema = 1\nname = \"p\"\n[limits]\n{limits}")),
            Some(&ceiling),
        )
    };
    let granted = met("").unwrap().limits;
    assert_eq!(
        (granted.memory.value, granted.memory.origin.to_string()),
        (Bytes::mib(128), "c.toml:4".to_owned())
    );
    assert_eq!(
        (granted.requests.value, granted.requests.origin),
        (1000, Origin::defaults())
    );
    assert_eq!(met("requests = 5000").unwrap().limits.requests.value, 5000);
    let outside = met("memory = \"1GiB\"\ndisk = \"2GiB\"")
        .unwrap_err()
        .to_string();
    assert_eq!(
        outside,
        "the policy asks for more than the ceiling c.toml allows\n  \
         p.toml:4: memory = 1GiB: the ceiling allows 128MiB (c.toml:4)\n  \
         p.toml:5: disk = 2GiB: the ceiling allows 1GiB (the defaults)"
    );
}

#[test]
fn files_variables_processes_and_messages_are_bounded_by_the_ceiling() {
    let ceiling = "schema = 1\nname = \"c\"\n[[files]]\nmount = \"/\"\nfrom = \"package:acme.*\"\naccess = \"read\"\n\
        [[files]]\nmount = \"/data\"\nfrom = \"host:/srv/data\"\naccess = \"read\"\n[variables]\nread = [\"Web.*\"]\n[messages]\nin-band = \"refuse\"\n";
    let ceiling = parse_ceiling("c.toml", ceiling).unwrap().0;
    let met = |text: &str| {
        grants(
            &parsed(&format!("schema = 1\nname = \"p\"\n{text}")),
            Some(&ceiling),
        )
    };
    let file = |mount: &str, from: &str, access: &str| {
        format!("[[files]]\nmount = \"{mount}\"\nfrom = \"{from}\"\naccess = \"{access}\"\n")
    };
    for (text, expected) in [
        (file("/pkg", "package:acme.web", "read"), true),
        (file("/pkg", "package:ACME.Web", "read"), true),
        (file("/pkg", "package:other", "read"), false),
        (file("/data/x", "host:/srv/data/x", "read"), true),
        (file("/x", "host:/srv/data/x", "read"), false),
        (file("/data", "host:/srv/data2", "read"), false),
        (file("/data", "host:/srv/data", "read-write"), false),
        (file("/work", "workspace", "read-write"), false),
        (
            "[variables]\nread = [\"web.port\", \"Web.A.*\"]\n".into(),
            true,
        ),
        ("[variables]\nread = [\"*\"]\n".into(), false),
        ("[env]\nA = \"#{Web.A}\"\n".into(), true),
        ("[env]\nA = \"#{Web.A[#{Secret}]}\"\n".into(), false),
        ("[process]\nallow = false\n".into(), true),
        ("[process]\nallow = true\n".into(), false),
        ("[messages]\nin-band = \"refuse\"\n".into(), true),
        ("[messages]\nin-band = \"accept\"\n".into(), false),
    ] {
        assert_eq!(met(&text).is_ok(), expected, "{text}");
    }
    assert_eq!(met("").unwrap().messages.in_band, InBand::Refuse);
}

#[test]
fn a_denial_names_the_rule_that_came_nearest() {
    let grants = alone(
        "schema = 1\nname = \"p\"\n\n[[network]]\nhost = \"api.github.com\"\nports = [443]\nscheme = \"https\"\nmethods = [\"GET\"]\npaths = [\"/repos/acme/**\"]\n",
    );
    let ask = |text: &str| explain(&grants, &Query::parse(text).unwrap()).to_string();
    assert_eq!(
        ask("POST https://api.github.com/repos/acme/x?token=secret"),
        "denied: POST https://api.github.com/repos/acme/x\n  p.toml:4 grants api.github.com, but not the method POST (it grants GET)\n  to allow it, add:\n\n\
         [[network]]\nhost = \"api.github.com\"\nports = [443]\nscheme = \"https\"\nmethods = [\"POST\"]\npaths = [\"/repos/acme/x\"]\n"
    );
    assert!(ask("GET https://api.github.com:8443/x").contains("p.toml:4 grants api.github.com, but not the path /x (it grants /repos/acme/**), and not port 8443 (it grants 443)"));
    assert!(
        ask("GET https://example.com/")
            .contains("no [[network]] rule in p.toml names the host example.com")
    );
    assert!(
        ask("tcp api.github.com:443").contains("p.toml:4 grants https for api.github.com, not tcp")
    );
    assert!(
        ask("GET https://api.github.com/repos/acme/x")
            .starts_with("allowed: GET https://api.github.com/repos/acme/x\n  by p.toml:4\n")
    );
    assert!(ask("read /etc/passwd").ends_with("no policy line can allow it"));
    assert!(
        ask("read /data/x")
            .contains("[[files]]\nmount = \"/data\"\nfrom = \"host:/data\"\naccess = \"read\"\n")
    );
    assert!(ask("write /work/x").contains("from = \"workspace\""));
    assert!(ask("variable Web.Port").contains("[variables]\nread = [\"Web.Port\"]\n"));
    assert!(ask("env STAGE").contains("[env]\nSTAGE = "));
    assert!(ask("process").contains("[process]\nallow = true\n"));
    assert_eq!(
        ask("limit memory"),
        "allowed: limit memory\n  by the defaults\n  it is 256MiB"
    );
    assert!(ask("messages").starts_with("allowed"));
}

#[test]
fn the_longest_mount_decides_about_a_path() {
    let grants = alone(
        "schema = 1\nname = \"p\"\n[[files]]\nmount = \"/a\"\nfrom = \"workspace\"\naccess = \"read-write\"\n[[files]]\nmount = \"/a/b\"\nfrom = \"package:x\"\naccess = \"read\"\n",
    );
    let decide = |path: &str, access| {
        grants
            .files
            .decide(&MountPath::parse(path).unwrap(), access)
            .is_ok()
    };
    for (path, readable, writable) in [
        ("/a", true, true),
        ("/a/bc", true, true),
        ("/a/b", true, false),
        ("/a/b/c", true, false),
        ("/ab", false, false),
        ("/", false, false),
    ] {
        assert_eq!(
            (decide(path, Access::Read), decide(path, Access::ReadWrite)),
            (readable, writable),
            "{path}"
        );
    }
}

#[test]
fn learning_takes_the_strongest_access_and_limits_above_their_default() {
    let mount = |text: &str| MountPath::parse(text).unwrap();
    let file = |path: &str, from: &str, access| Use::File {
        mount: mount(path),
        source: FileSource::parse(from).unwrap(),
        access,
    };
    let limit = |key, used: &str| Use::Limit {
        key,
        used: used.into(),
    };
    let uses = [
        file("/work", "workspace", Access::Read),
        file("/data", "host:/srv/data", Access::Read),
        file("/data", "host:/srv/data", Access::ReadWrite),
        file("/pkg", "package:acme.web", Access::Read),
        file("/proc", "host:/proc", Access::Read),
        limit("memory", "300MiB"),
        limit("memory", "100MiB"),
        limit("requests", "7"),
        limit("files", "20000"),
        Use::Process,
        Use::InBand,
        Use::Tcp {
            host: Host::parse("db.example.com").unwrap(),
            port: 5432,
        },
        Use::Env {
            name: EnvName::parse("STAGE").unwrap(),
            value: crate::template::Template::parse("#{Octopus.Environment.Name}").unwrap(),
        },
    ];
    assert_eq!(
        write_policy("my run!", &uses),
        r##"# Written from what a run used: grants that and nothing else.
# Read it before you trust it: what the script did once is not always what it should do.
schema = 1
name = "my-run-"

# No policy can grant these:
#   host:/proc at /proc (read)

[[files]]
mount = "/data"
from = "host:/srv/data"
access = "read-write"

[[files]]
mount = "/pkg"
from = "package:acme.web"
access = "read"

[[files]]
mount = "/work"
from = "workspace"
access = "read-write"

[[network]]
host = "db.example.com"
ports = [5432]
scheme = "tcp"

[env]
STAGE = "#{Octopus.Environment.Name}"

[limits]
# The default is 256MiB.
memory = "300MiB"
# The default is 10000.
files = 20000

[process]
allow = true
"##
    );
    parsed(&write_policy("my run!", &uses));
}

#[test]
fn a_short_file_can_neither_ask_for_billions_nor_report_millions() {
    let list = |n: usize, item: &dyn Fn(usize) -> String| {
        (1..=n).map(|i| item(i) + ", ").collect::<String>()
    };
    let wide = format!(
        "schema = 1\nname = \"p\"\n[[network]]\nhost = \"a.b\"\nports = [{}]\nscheme = \"https\"\nmethods = [\"GET\"]\npaths = [{}]\n",
        list(101, &|i| i.to_string()),
        list(100, &|i| format!("\"/{i}\"")),
    );
    let error = parse("p.toml", &wide).unwrap_err().to_string();
    assert!(
        error.starts_with("p.toml:3:1: error: too many combinations"),
        "{error}"
    );

    let mistakes: String = (0..5000).map(|i| format!("key{i} = 1\n")).collect();
    let problems = parse("p.toml", &mistakes).unwrap_err().problems;
    assert_eq!(problems.len(), 501);
    assert_eq!(problems[500].message, "and 4502 more from here on");
}
