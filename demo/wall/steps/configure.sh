#!/bin/bash
set -euo pipefail

port=$(get_octopusvariable "Web.Port")
cp /pkg/settings.json /work/settings.json
jq --argjson port "$port" '.server.port = $port' /work/settings.json > /work/new.json
mv /work/new.json /work/settings.json
write_highlight "configured for port $port"
jq -c .server /work/settings.json
sha256sum /work/settings.json | cut -c1-16
set_octopusvariable "SettingsPort" "$port"
new_octopusartifact /work/settings.json
