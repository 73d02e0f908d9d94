deploy() {
	cat <<-EOF
	first
		second
	EOF
}
deploy
tr a-z A-Z <<< "here string"
