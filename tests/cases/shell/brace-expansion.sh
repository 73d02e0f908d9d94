mkdir -p app/{bin,etc,var/{log,run}}
find app -type d | sort
echo {1..4} {a..d} {01..03} file.{txt,md} {10..0..5}
cp app/bin{,.bak} -r && ls app | sort
