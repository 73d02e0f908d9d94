# Gives the recursive functions of quickjs.c a frame on the stack that QuickJS can measure.
#
# QuickJS refuses to recurse when its stack pointer has moved too far, but a WebAssembly function keeps most of its locals
# on the runtime's own stack, where nobody can look. A function that barely moves the measured stack could exhaust the
# other one, and that is a trap instead of a RangeError. Each size is a fraction of what a round of the recursion
# takes there, enough that half of the 8 MiB would do; `engine/src/lib.rs` chooses the limit.

BEGIN {
    frames["js_parse_postfix_expr"] = 1536
    frames["js_parse_unary"] = 256
    frames["js_parse_assign_expr2"] = 256
    frames["js_parse_statement_or_decl"] = 512
    frames["json_parse_value"] = 256
    frames["internalize_json_property"] = 256
    frames["js_json_to_str"] = 256
    frames["JS_FlattenIntoArray"] = 256
}
/^static [^;]*$/ {
    for (name in frames) if (index($0, " " name "(")) current = name
}
/^{/ && current != "" {
    print
    if (frames[current]) print "    __asm__ volatile(\"\" : : \"r\"(__builtin_alloca(" frames[current] ")) : \"memory\");"
    n_done[current]++
    current = ""
    next
}
/;$/ { current = "" }
{ print }
END {
    for (name in frames) if (n_done[name] != 1) {
        print "frames.awk: " name " was found " n_done[name] + 0 " times" > "/dev/stderr"
        exit 1
    }
}
