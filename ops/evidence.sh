# Collects evidence about a node or a pod: descriptions, events, logs. Changes nothing.
needs kind name
missing=''

# part TITLE COMMAND...: one part of the evidence; failed parts are recorded.
part() {
  title=$1
  shift
  say "=== $title"
  "$@" || missing="$missing${missing:+, }$title"
}

# As `ask`, with errors printed next to the part.
look() {
  ask "$@" && return
  complaint
  echo
  return 1
}

events_of() {
  look get events --all-namespaces --sort-by=.lastTimestamp \
    "--field-selector=involvedObject.kind=$1,involvedObject.name=$2${3:+,involvedObject.namespace=$3}"
}

# logs_of NAMESPACE NAME: the end of the logs of all containers; also those of the runs before, where there are any.
logs_of() {
  part "log of pod $1/$2" look --namespace="$1" logs "$2" --all-containers --prefix --tail="$lines" --limit-bytes=1000000
  # Most containers have no previous run.
  ask --namespace="$1" logs "$2" --all-containers --prefix --previous --tail="$lines" --limit-bytes=1000000 >"$work/previous" || :
  [ ! -s "$work/previous" ] || part "log of pod $1/$2 before its last restart" cat "$work/previous"
}

# The pods of the node with a container that is not ready or was restarted.
troubled='{{range .items}}{{$bad := false}}{{range .status.containerStatuses}}{{if or (not .ready) .restartCount}}{{$bad = true}}{{end}}{{end}}{{if and $bad (ne .status.phase "Succeeded")}}{{.metadata.namespace}} {{.metadata.name}}
{{end}}{{end}}'

case $kind in
Node)
  part "node $name" look describe node "$name"
  part "events of node $name" events_of Node "$name"
  part "pods on node $name" look get pods --all-namespaces "--field-selector=spec.nodeName=$name" -o wide
  ask get pods --all-namespaces "--field-selector=spec.nodeName=$name" -o "go-template=$troubled" >"$work/found" ||
    missing="$missing${missing:+, }pods in trouble"
  head -n "$pods" "$work/found" >"$work/troubled"
  while read -r pod_namespace pod_name; do
    part "pod $pod_namespace/$pod_name" look --namespace="$pod_namespace" describe pod "$pod_name"
    logs_of "$pod_namespace" "$pod_name"
  done <"$work/troubled"
  ;;
Pod)
  needs namespace
  part "pod $namespace/$name" look --namespace="$namespace" describe pod "$name"
  part "events of pod $namespace/$name" events_of Pod "$name" "$namespace"
  logs_of "$namespace" "$name"
  ;;
*) fail 2 "there is evidence of a Node or a Pod only, and this is a $kind" ;;
esac

[ -z "$missing" ] || [ "$evidence" = BestEffort ] || fail 1 "this could not be collected: $missing"
[ -z "$missing" ] || say "not collected: $missing"
say "=== end of the evidence of $kind $name"
