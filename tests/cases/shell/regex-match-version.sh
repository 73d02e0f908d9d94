for v in v1.2.3 1.2.3-beta.1 nope v10.0; do
  if [[ $v =~ ^v?([0-9]+)\.([0-9]+)(\.([0-9]+))?(-(.+))?$ ]]; then
    echo "$v: ${BASH_REMATCH[1]} ${BASH_REMATCH[2]} ${BASH_REMATCH[4]:-x} ${BASH_REMATCH[6]:-release}"
  else
    echo "$v: no match"
  fi
done
