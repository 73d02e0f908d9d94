mkdir s && echo one > s/1 && echo two > s/2
tar -cf - -C s . | (mkdir t && tar -xf - -C t)
cat t/1 t/2
tar -cz s | tar -tz | sort
