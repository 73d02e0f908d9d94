mkdir -p site/css
echo index > site/index.html; echo body > site/css/a.css
(cd site && zip -qr ../site.zip .)
unzip -Z1 site.zip | sort
unzip -q site.zip -d out
cat out/index.html out/css/a.css
unzip -p site.zip css/a.css
