cd /work
printf 12345 > report.txt
new_octopusartifact /work/report.txt
new_octopusartifact report.txt "Report 1"
update_progress 50 "half way"
new_octopusartifact missing.txt; echo "rc $?"
rm report.txt
