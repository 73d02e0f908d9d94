unset a; b=
echo "${a-unset}" "${b-unset}" "${a:-empty}" "${b:-empty}" "${b+set}" "${a+set}x"
: "${a:=assigned}"
echo "$a"
( : "${missing:?must be set}" ) 2>/dev/null || echo "status $?"
