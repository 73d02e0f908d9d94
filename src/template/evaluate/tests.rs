//! What evaluation does, by example and for any text.

use super::*;

struct Table(&'static [(&'static str, &'static str)]);

impl Variables for Table {
    fn value(&self, name: &str) -> Option<&str> {
        let folded = fold_name(name);
        self.0
            .iter()
            .find(|(n, _)| fold_name(n) == folded)
            .map(|(_, value)| *value)
    }

    fn names(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| *name).collect()
    }
}

fn run(
    text: &str,
    table: &'static [(&'static str, &'static str)],
) -> Result<(String, Vec<String>), EvaluateError> {
    let Evaluated { text, missing } = Template::parse(text)
        .unwrap()
        .evaluate(&Table(table), Bounds::default())?;
    Ok((text, missing))
}

#[test]
fn names_ignore_case_and_values_are_templates() {
    let table = &[
        ("Web.Port", "80#{zero}"),
        ("Zero", "80"),
        ("A[x]", "found"),
        ("B", "x"),
    ];
    assert_eq!(run("<#{WEB.port}>", table), Ok(("<8080>".into(), vec![])));
    assert_eq!(
        run("#{a[#{b}]} ##{B}", table),
        Ok(("found #{B}".into(), vec![]))
    );
}

#[test]
fn a_missing_variable_stays_as_written_and_is_reported() {
    let table = &[("A", "1")];
    let expected = (
        "1 #{ No.Such } #{A[#{None}]} #{No.Such}".into(),
        vec!["No.Such".into(), "None".into()],
    );
    assert_eq!(
        run("#{A} #{ No.Such } #{A[#{None}]} #{No.Such}", table),
        Ok(expected)
    );
}

#[test]
fn a_variable_that_reaches_itself_is_an_error() {
    let error = run("#{A}", &[("A", "#{b}"), ("B", "x#{C}"), ("C", "#{B}")]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the variable `B` refers to itself: b → C → B"
    );
    assert!(matches!(
        run("#{A}", &[("A", "#{A}")]),
        Err(EvaluateError::Recursion { .. })
    ));
    // The same variable twice side by side is no recursion.
    assert_eq!(
        run("#{A}#{A}", &[("A", "#{B}#{B}"), ("B", "x")]),
        Ok(("xxxx".into(), vec![]))
    );
}

#[test]
fn depth_and_size_are_bounded() {
    let bounds = Bounds {
        max_depth: 3,
        max_bytes: 10,
    };
    let table = Table(&[
        ("A", "#{B}"),
        ("B", "#{C}"),
        ("C", "#{D}"),
        ("D", "x"),
        ("Long", "123456789"),
    ]);
    let run = |text: &str| Template::parse(text).unwrap().evaluate(&table, bounds);
    assert_eq!(run("#{B}").unwrap().text, "x");
    assert!(matches!(run("#{A}"), Err(EvaluateError::TooDeep { .. })));
    assert_eq!(run("#{Long}!").unwrap().text, "123456789!");
    assert!(matches!(
        run("#{Long}!!"),
        Err(EvaluateError::TooLarge { .. })
    ));
}

#[test]
fn a_chain_that_doubles_ends() {
    struct Doubling;
    impl Variables for Doubling {
        fn value(&self, name: &str) -> Option<&str> {
            const VALUES: [&str; 27] = [
                "#{B}#{B}", "#{C}#{C}", "#{D}#{D}", "#{E}#{E}", "#{F}#{F}", "#{G}#{G}", "#{H}#{H}",
                "#{I}#{I}", "#{J}#{J}", "#{K}#{K}", "#{L}#{L}", "#{M}#{M}", "#{N}#{N}", "#{O}#{O}",
                "#{P}#{P}", "#{Q}#{Q}", "#{R}#{R}", "#{S}#{S}", "#{T}#{T}", "#{U}#{U}", "#{V}#{V}",
                "#{W}#{W}", "#{X}#{X}", "#{Y}#{Y}", "#{Z}#{Z}", "", "",
            ];
            VALUES.get(usize::from(name.as_bytes()[0] - b'A')).copied()
        }

        fn names(&self) -> Vec<&str> {
            Vec::new()
        }
    }
    let result = Template::parse("#{A}")
        .unwrap()
        .evaluate(&Doubling, Bounds::default());
    assert_eq!(result, Err(EvaluateError::TooMany));
}

#[test]
fn a_value_that_is_no_template_is_an_error_not_literal_text() {
    let error = run("#{A}", &[("A", "#{if x}")]).unwrap_err();
    assert!(matches!(error, EvaluateError::Value { ref name, .. } if name == "A"));
}

#[track_caller]
fn check(text: &str, table: &'static [(&'static str, &'static str)], expected: &str) {
    assert_eq!(
        run(text, table),
        Ok((expected.to_owned(), vec![])),
        "{text}"
    );
}

#[test]
fn conditions_follow_octostache() {
    let table = &[
        ("Yes", "True"),
        ("No", "False"),
        ("Zero", "0"),
        ("Empty", ""),
        ("Stage", "Prod"),
        ("Same", "Prod"),
    ];
    for (condition, is_so) in [
        ("Yes", true),
        ("No", false),
        ("Zero", false),
        ("Empty", false),
        ("Missing", false),
        ("Stage", true),
        ("Stage == \"Prod\"", true),
        ("Stage == \"prod\"", false),
        ("Stage != \"Test\"", true),
        ("\"Prod\" == Stage", true),
        ("Stage == Same", true),
        ("Stage == #{Same}", true),
        ("Missing == \"\"", true),
        ("Stage | ToLower == \"prod\"", true),
        ("Stage | StartsWith \"Pr\"", true),
    ] {
        check(
            &format!("#{{if {condition}}}a#{{else}}b#{{/if}}"),
            table,
            if is_so { "a" } else { "b" },
        );
        check(
            &format!("#{{unless {condition}}}a#{{else}}b#{{/unless}}"),
            table,
            if is_so { "b" } else { "a" },
        );
    }
    check("#{if No}a#{elseif Yes}b#{else}c#{/if}", table, "b");
    check("#{if No}a#{elseif Zero}b#{else}c#{/if}", table, "c");
    check("<#{if Yes}#{if No}x#{/if}y#{/if}>", table, "<y>");
}

#[test]
fn iteration_goes_over_indexes_json_and_lists() {
    let table = &[
        ("Web[a].Port", "1"),
        ("Web[b].Port", "2"),
        ("web[A].Host", "x"),
        ("List", "p,q,r"),
        (
            "Json",
            r#"[{"Id": 1, "Tags": ["s", "t"]}, {"Id": 2, "Tags": []}]"#,
        ),
        ("Object", r#"{"k": "v", "l": {"m": 3}}"#),
        ("None", ""),
    ];
    check("#{each w in Web}#{w}=#{w.Port};#{/each}", table, "a=1;b=2;");
    check(
        "#{each w in List}#{w}#{unless Octopus.Template.Each.Last}, #{/unless}#{/each}",
        table,
        "p, q, r",
    );
    check(
        "#{each w in List}#{Octopus.Template.Each.Index}#{if Octopus.Template.Each.First}!#{/if}#{/each}",
        table,
        "0!12",
    );
    check(
        "#{each j in Json}#{j.Id}:#{each t in j.Tags}#{t}#{/each} #{/each}",
        table,
        "1:st 2: ",
    );
    check(
        "#{each o in Object}#{o.Key}=#{o.Value} #{/each}",
        table,
        "k=v l={\"m\":3} ",
    );
    check("#{each x in None}x#{/each}", table, "");
    let expected = ("".to_owned(), vec!["Missing".to_owned()]);
    assert_eq!(run("#{each x in Missing}x#{/each}", table), Ok(expected));
}

#[test]
fn json_is_walked_by_name_and_index() {
    let table = &[
        (
            "Custom",
            r##"[{"Id": "a", "In": {"Deep": [1, true, null]}}]"##,
        ),
        ("I", "0"),
    ];
    check(
        "#{Custom[0].Id} #{Custom[#{I}].in.Deep[1]} #{Custom[0].In.Deep}",
        table,
        "a true [1,true,null]",
    );
    let expected = (
        "#{Custom[1].Id}".to_owned(),
        vec!["Custom[1].Id".to_owned()],
    );
    assert_eq!(run("#{Custom[1].Id}", table), Ok(expected));
}

#[test]
fn filters_chain_and_a_filter_that_fails_leaves_the_token() {
    let table = &[("A", " Ab "), ("B", "b")];
    check("#{A | Trim | ToUpper}", table, "AB");
    check("#{A | Trim | Replace #{B} \"c d\"}", table, "Ac d");
    check("#{A | Append x | Prepend \"\\\"\"}", table, "\" Ab x");
    check("#{A | FromBase64}", table, "#{A | FromBase64}");
    let expected = (
        "#{Missing | ToUpper}".to_owned(),
        vec!["Missing".to_owned()],
    );
    assert_eq!(run("#{Missing | ToUpper}", table), Ok(expected));
}

#[test]
fn iterations_inside_iterations_end() {
    const LIST: &str = "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z";
    let text = "#{each a in L}".repeat(6) + &"#{/each}".repeat(6);
    let result = Template::parse(&text)
        .unwrap()
        .evaluate(&Table(&[("L", LIST)]), Bounds::default());
    assert_eq!(result, Err(EvaluateError::TooMany));
}
