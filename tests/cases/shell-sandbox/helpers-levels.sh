# Run without a messages file: messages go to stdout, in order with the text.
echo before
write_verbose "detail"
write_highlight "look here"
write_wait "hold on"
write_warning "careful"
f() { echo in; write_warning "from a function"; echo out; }
f
echo after
