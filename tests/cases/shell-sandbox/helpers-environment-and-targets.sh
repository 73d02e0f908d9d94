set_environmentstate Version 1.2.3
set_environmentstate Key s3cret -sensitive
set_environmenturl Site https://example.com
new_octopustarget --name web01 --target-id aws --inputs '{}' --roles web --update-if-existing
remove-octopustarget web02
new_octopustarget --nonsense x; echo "rc $?"
