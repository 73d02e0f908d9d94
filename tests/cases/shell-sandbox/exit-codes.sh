(exit 126); echo $?
(exit 255); echo $?
exit 130
