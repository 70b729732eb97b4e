# Cordons that can be undone: one write to the node records the holder and the prior state.

tries=30

# In this order, a line each: resourceVersion, whether unschedulable, the prior state, the holder of the cordon. The holder is
# the last because it is free text of an annotation.
node_fields='{{.metadata.resourceVersion}}
{{if .spec.unschedulable}}true{{else}}false{{end}}
{{with .metadata.annotations}}{{with index . "aegis.io/prior-unschedulable"}}{{if eq . "false"}}false{{else}}true{{end}}{{end}}{{end}}
{{with .metadata.annotations}}{{with index . "aegis.io/cordoned-by"}}{{.}}{{end}}{{end}}
'

# Reads the node into variables; returns 1 after an error.
read_node() {
  ask get node "$node" -o "go-template=$node_fields" >"$work/node" || return 1
  {
    read -r version
    read -r unschedulable
    read -r prior
    read -r holder
  } <"$work/node"
}

# write_node UNSCHEDULABLE PRIOR HOLDER, each as JSON: all in one write, on the condition that the node is unchanged since it was read.
write_node() {
  ask patch node "$node" --type=merge --field-manager=aegis-ops -p "{
    \"metadata\": {
      \"resourceVersion\": \"$version\",
      \"annotations\": {\"aegis.io/prior-unschedulable\": $2, \"aegis.io/cordoned-by\": $3}
    },
    \"spec\": {\"unschedulable\": $1}
  }" >/dev/null
}

# Whether the node is cordoned by this toolkit. The managed fields would show whether a user has renewed the cordon,
# but controllers of Kubernetes itself drop those of nodes.
is_ours() {
  [ "$unschedulable" = true ] && [ -n "$holder" ]
}

# until_written STEP: repeats a step that reads, decides and writes until it returns 0; at most 30 times.
until_written() {
  attempt=0
  until "$1"; do
    is_transient || fail_with_complaint "node $node"
    attempt=$((attempt + 1))
    [ "$attempt" -lt "$tries" ] || fail_with_complaint "node $node, after $tries tries"
    sleep 1
  done
}

# Cordons the node unless it is cordoned. Afterwards $cordon is `taken`, `mine` (by an earlier try
# of this Workflow) or `others` ($holder_now).
take_cordon() {
  read_node || return 1
  if [ "$unschedulable" = true ]; then
    cordon=others holder_now='another user'
    ! is_ours || holder_now=$holder
    [ "$holder_now" != "$owner" ] || cordon=mine
    return 0
  fi
  write_node true '"false"' "\"$owner\"" || return 1
  cordon=taken
}

# Gives the node its prior state back, for a cordon of any of our Workflows; keeps cordons of others.
give_back() {
  read_node || return 1
  if is_ours && [ "$prior" = false ]; then
    write_node null null null || return 1
    say "node $node is uncordoned, as it was before $holder cordoned it"
  elif is_ours; then
    write_node true null null || return 1
    say "node $node stays cordoned, as it was before $holder"
  elif [ "$unschedulable" = true ]; then
    say "nothing done: node $node is cordoned, but not by Aegis"
  else
    # A later cordon by a user must not look like ours.
    [ -z "$holder" ] || write_node null null null || return 1
    say "nothing done: node $node is not cordoned${holder:+ any more, another user has lifted the cordon of $holder}"
  fi
}

# Gives the node its prior state back only if this Workflow cordoned it.
give_mine_back() {
  if ! read_node; then
    refused_as NotFound || return 1
    say "node $node is gone"
    return 0
  fi
  if is_ours && [ "$holder" = "$owner" ]; then
    give_back
  else
    say "node $node is left as it is: this Workflow has not cordoned it"
  fi
}
