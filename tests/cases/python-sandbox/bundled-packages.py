# PyYAML, Jinja2 and requests are there without installing anything.
import jinja2
import requests
import yaml

document = yaml.safe_load("steps:\n  - name: build\n    ports: [80, 443]\n  - &b {name: deploy, when: 2024-01-02}\ncopy: *b\n")
print(document["steps"][0]["ports"], document["copy"]["when"].isoformat())
print(yaml.safe_dump({"a": [1, None, "ü"], "b": {"c": True}}, allow_unicode=True, sort_keys=True), end="")
try:
    yaml.safe_load("a: [1,\nb: }")
except yaml.YAMLError as error:
    print(type(error).__name__, error.problem_mark.line)
template = jinja2.Template("{% for s in steps %}{{ loop.index }}. {{ s.name|upper }}\n{% endfor %}{{ missing|default('-') }}")
print(template.render(steps=document["steps"]))
request = requests.Request("POST", "https://e.com/x", params={"q": "ü"}, json={"a": 1}).prepare()
print(request.url, request.headers["Content-Type"], request.body)
