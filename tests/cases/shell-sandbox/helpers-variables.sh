set_octopusvariable Colour blue
set_octopusvariable Empty ""
set_octopusvariable Token s3cret -sensitive
value=$(get_octopusvariable "No Such Variable" | tail -n 1)
echo "[$value]"
encode_servicemessagevalue "hello world"
decode_servicemessagevalue "aGVsbG8gd29ybGQ="
