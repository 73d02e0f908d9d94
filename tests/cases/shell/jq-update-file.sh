echo '{"version":"1.0.0","image":{"tag":"old"}}' > v.json
jq --arg v 1.1.0 '.version = $v | .image.tag = $v' v.json > v.tmp && mv v.tmp v.json
jq -S . v.json
jq -r '[paths(scalars) | join(".")] | sort | .[]' v.json
