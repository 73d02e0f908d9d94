echo '{"version": "3.2.1"}' > package.json
printf '<Version>4.5.6</Version>\n' > app.csproj
jq -r .version package.json
sed -nE 's|.*<Version>(.*)</Version>.*|\1|p' app.csproj
grep -oP '(?<=<Version>)[^<]+' app.csproj
