shopt -s globstar
mkdir -p x/y/z; touch x/1.sh x/y/2.sh x/y/z/3.sh
printf '%s\n' **/*.sh
echo x/**/
