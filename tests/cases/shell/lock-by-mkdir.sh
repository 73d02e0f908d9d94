lock=./deploy.lock
if mkdir "$lock" 2>/dev/null; then echo locked; fi
if ! mkdir "$lock" 2>/dev/null; then echo "already running"; fi
rmdir "$lock"; [ -d "$lock" ] || echo released
