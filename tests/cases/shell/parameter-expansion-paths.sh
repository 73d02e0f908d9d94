file=/srv/app/releases/app-1.4.2.tar.gz
echo "${file##*/}" "${file%/*}" "${file%.tar.gz}" "${file##*.}"
name=${file##*/}; version=${name#app-}; version=${version%.tar.gz}
echo "$version" "${version%%.*}" "${version//./_}" "${#version}"
echo "${name^^}" "${name:0:3}" "${name: -6}"
