touch app.1.0.0.zip app.1.2.0.zip app.1.10.0.zip
latest=$(ls app.*.zip | sort -V | tail -n 1)
echo "$latest"
v=${latest#app.}; echo "${v%.zip}"
