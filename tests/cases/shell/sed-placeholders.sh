printf 'url: __URL__\nversion: "@VERSION@"\n# comment\n\n' > values.yaml
sed -i -e 's|__URL__|https://example.com/a?b=c|' -e 's/@VERSION@/1.2.3/' -e '/^#/d' -e '/^$/d' values.yaml
cat values.yaml
sed -n 's/^version: "\(.*\)"$/\1/p' values.yaml
