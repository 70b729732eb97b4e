# The pods of a drained node: which to evict, which to keep, and their eviction.

# Seconds until a pod whose eviction was refused is tried again.
again_after=5
# Maximum number of parallel requests: each is a kubectl of about 30 MB.
most_at_once=8

# A line for each pod: namespace, name, uid, phase, whether it ends already, kind of its controller, whether it has an emptyDir,
# whether it is a mirror pod, its Workflow.
pod_fields='{{range .items}}{{.metadata.namespace}} {{.metadata.name}} {{.metadata.uid}} {{with .status.phase}}{{.}}{{else}}Pending{{end}} {{if .metadata.deletionTimestamp}}ending{{else}}-{{end}} {{$kind := "-"}}{{range .metadata.ownerReferences}}{{if .controller}}{{$kind = .kind}}{{end}}{{end}}{{$kind}} {{$volume := "-"}}{{range .spec.volumes}}{{range $key, $_ := .}}{{if eq $key "emptyDir"}}{{$volume = "emptyDir"}}{{end}}{{end}}{{end}}{{$volume}} {{with .metadata.annotations}}{{with index . "kubernetes.io/config.mirror"}}mirror{{else}}-{{end}}{{else}}-{{end}} {{with .metadata.labels}}{{with index . "workflows.argoproj.io/workflow"}}{{.}}{{else}}-{{end}}{{else}}-{{end}}
{{end}}'

# Sorts the node's pods into the files `left` (must go, with their state) and `unfit` (may not be evicted, with the reason).
# Returns 1 when they cannot be listed.
list_pods() {
  ask get pods --all-namespaces "--field-selector=spec.nodeName=$node" -o "go-template=$pod_fields" >"$work/pods" || return 1
  : >"$work/left"
  : >"$work/unfit"
  while read -r pod_namespace pod_name uid phase state controller volume mirror workflow; do
    pod=$pod_namespace/$pod_name
    case $phase in Succeeded | Failed) continue ;; esac
    if [ "$mirror" = mirror ]; then
      skip "a static pod, which only the node itself can end"
    elif [ "$controller" = DaemonSet ]; then
      skip "of a DaemonSet"
    elif [ "$pod_namespace/$workflow" = "$owner" ]; then
      skip "of this Workflow"
    elif [ "$state" = ending ] || [ "$mode" = AllowCompletion ]; then
      leave
    elif [ "$controller" = - ] && [ "$unmanaged" = false ]; then
      printf '  %s: nothing would start it again (no controller)\n' "$pod" >>"$work/unfit"
    elif [ "$volume" = emptyDir ] && [ "$emptydir" = false ]; then
      printf '  %s: it would lose the data in its emptyDir\n' "$pod" >>"$work/unfit"
    else
      leave
    fi
  done <"$work/pods"
}

leave() {
  printf '%s %s %s %s\n' "$pod_namespace" "$pod_name" "$uid" "$state" >>"$work/left"
}

# Logs once why a pod stays.
skip() {
  grep -qx "$uid" "$work/skipped" && return
  printf '%s\n' "$uid" >>"$work/skipped"
  say "$pod stays: $1"
}

# Evicts every remaining pod, no faster than the rate, and waits for the responses.
remove_pods() {
  interval=$(((99 + rate) / rate))
  slot=$(hundredths)
  under_way=0
  while read -r pod_namespace pod_name uid state; do
    if [ "$state" = ending ] || ! is_due; then continue; fi
    [ "$(now)" -lt "$deadline" ] || break
    wait_for_slot
    now >"$work/tried/$uid"
    remove_pod &
    under_way=$((under_way + 1))
    if [ "$under_way" -ge "$most_at_once" ]; then
      wait
      under_way=0
    fi
  done <"$work/left"
  wait
  [ ! -e "$work/forbidden" ] || fail 5 "$(cat "$work/forbidden")"
}

# Hundredths of a second since the machine started: what the shell can read without a program.
hundredths() {
  read -r uptime _ </proc/uptime
  echo "${uptime%.*}${uptime#*.}"
}

wait_for_slot() {
  time=$(hundredths)
  early=$((slot - time))
  if [ "$early" -gt 0 ]; then sleep "$(printf '%d.%02d' $((early / 100)) $((early % 100)))"; fi
  [ "$early" -gt 0 ] || slot=$time
  slot=$((slot + interval))
}

is_due() {
  [ -e "$work/tried/$uid" ] || return 0
  [ "$(now)" -ge $(($(cat "$work/tried/$uid") + again_after)) ]
}

# Runs in parallel. The uid ensures that a new pod of the same name, perhaps on another node, is never evicted.
remove_pod() {
  work_of_all=$work work=$work/$uid
  mkdir -p "$work"
  path=/api/v1/namespaces/$pod_namespace/pods/$pod_name
  options="{\"preconditions\": {\"uid\": \"$uid\"}}"
  if [ "$deleting" = true ]; then
    printf '{"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": "%s"}}' "$uid" |
      ask delete --raw "$path" -f - >/dev/null && say "deleted $pod_namespace/$pod_name" && return
  else
    printf '{"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"namespace": "%s", "name": "%s"}, "deleteOptions": %s}' \
      "$pod_namespace" "$pod_name" "$options" |
      ask create --raw "$path/eviction" -f - >/dev/null && say "evicted $pod_namespace/$pod_name" && return
  fi
  # Gone already, or another pod by now.
  if refused_as NotFound || refused_as Conflict; then return; fi
  reason=$(complaint)
  printf '%s' "$reason" >"$work_of_all/reasons/$uid"
  case $reason in *'is being terminated'*) ;; *)
    if refused_as Forbidden; then printf '%s' "$pod_namespace/$pod_name: $reason" >"$work_of_all/forbidden"; fi
    ;;
  esac
  say "$pod_namespace/$pod_name is not evicted yet, will be tried again: $reason"
}

# give_up CODE WHY: lists every pod that blocks the drain, with the reason, and fails.
give_up() {
  say "the drain of node $node is given up: $2"
  cat "$work/unfit"
  count=0 first=''
  while read -r pod_namespace pod_name uid state; do
    if [ "$state" = ending ]; then
      reason='it has been asked to end and has not yet (a long grace period, or a finalizer)'
    else
      reason=$(cat "$work/reasons/$uid" 2>/dev/null || echo 'still running')
    fi
    say "  $pod_namespace/$pod_name: $reason"
    count=$((count + 1))
    first=${first:-"$pod_namespace/$pod_name: $reason"}
  done <"$work/left"
  [ ! -s "$work/unfit" ] || first=$(head -n 1 "$work/unfit" | sed 's/^ *//')
  fail "$1" "node $node: $2; $first"
}
