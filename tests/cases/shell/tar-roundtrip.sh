mkdir -p app/bin app/conf
echo bin > app/bin/run; echo conf > app/conf/x; chmod +x app/bin/run
tar -czf app.tar.gz app
tar -tzf app.tar.gz | sort
mkdir out && tar -xzf app.tar.gz -C out
cat out/app/bin/run out/app/conf/x
[ -x out/app/bin/run ] && echo executable
