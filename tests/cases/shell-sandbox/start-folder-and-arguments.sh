pwd
echo "$0 $#"
echo "${BASH_SOURCE[0]}"
