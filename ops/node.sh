# Cordoning with a memory: who cordoned a node, and what it was before, stand on the node in the same write.

# Field manager of every write to a node: it tells our cordon from one that a person made after lifting ours.
manager=aegis-ops
tries=30

# In this order, a line each: resourceVersion, whether unschedulable, the prior state, whether the cordon was written by
# us, who cordoned. The last is free text of an annotation, so that nothing comes after it.
node_fields='{{.metadata.resourceVersion}}
{{if .spec.unschedulable}}true{{else}}false{{end}}
{{with .metadata.annotations}}{{with index . "aegis.io/prior-unschedulable"}}{{if eq . "false"}}false{{else}}true{{end}}{{end}}{{end}}
{{range $write := .metadata.managedFields}}{{with $write.manager}}{{if eq . "aegis-ops"}}{{with $write.fieldsV1}}{{range $key, $_ := index . "f:spec"}}{{if eq $key "f:unschedulable"}}written{{end}}{{end}}{{end}}{{end}}{{end}}{{end}}
{{with .metadata.annotations}}{{with index . "aegis.io/cordoned-by"}}{{.}}{{end}}{{end}}
'

# Reads the node into variables; returns 1 after an error.
read_node() {
  ask get node "$node" -o "go-template=$node_fields" >"$work/node" || return 1
  {
    read -r version
    read -r unschedulable
    read -r prior
    read -r written
    read -r holder
  } <"$work/node"
}

# write_node UNSCHEDULABLE PRIOR HOLDER, each as JSON: all in one write, on the condition that nobody wrote since it was read.
write_node() {
  ask patch node "$node" --type=merge "--field-manager=$manager" -p "{
    \"metadata\": {
      \"resourceVersion\": \"$version\",
      \"annotations\": {\"aegis.io/prior-unschedulable\": $2, \"aegis.io/cordoned-by\": $3}
    },
    \"spec\": {\"unschedulable\": $1}
  }" >/dev/null
}

# Whether the node is cordoned and the cordon is one that this toolkit made.
is_ours() {
  [ "$unschedulable" = true ] && [ -n "$holder" ] && [ "$written" = written ]
}

# until_written STEP: repeats a step that reads, decides and writes until it says 0; 1 means again, at most 30 times.
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
    cordon=others holder_now='somebody else'
    ! is_ours || holder_now=$holder
    [ "$holder_now" != "$owner" ] || cordon=mine
    return 0
  fi
  write_node true '"false"' "\"$owner\"" || return 1
  cordon=taken
}

# Gives the node its prior state back, whoever of us cordoned it; leaves alone what others did.
give_back() {
  read_node || return 1
  if is_ours && [ "$prior" = false ]; then
    write_node null null null || return 1
    say "node $node is uncordoned, as it was before $holder cordoned it"
  elif is_ours; then
    write_node true null null || return 1
    say "node $node stays cordoned, as it was before $holder"
  else
    say "nothing done: node $node was not cordoned by Aegis, or somebody else has cordoned or uncordoned it since"
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
