# Deletes one pod, so that its controller starts another, and waits until it is gone.
needs namespace name timeout
[ "$kind" = Pod ] || fail 2 "only a Pod can be deleted, and this is a ${kind:-thing without a kind}"
pod_template='{{.metadata.uid}} {{$kind := "-"}}{{range .metadata.ownerReferences}}{{if .controller}}{{$kind = .kind}}{{end}}{{end}}{{$kind}} {{with .metadata.annotations}}{{with index . "kubernetes.io/config.mirror"}}mirror{{else}}-{{end}}{{else}}-{{end}}'
pod=$namespace/$name

if ! ask --namespace="$namespace" get pod "$name" -o "go-template=$pod_template" >"$work/pod"; then
  refused_as NotFound || fail_with_complaint "pod $pod"
  say "nothing done: pod $pod is gone already"
  exit 0
fi
# The template writes no newline, so that `read` returns 1.
read -r uid controller mirror <"$work/pod" || :
[ "$mirror" = - ] || fail 3 "pod $pod is a static pod, which only its node can end"
if [ "$controller" = - ] && [ "$unmanaged" = false ]; then
  fail 3 "nothing would start pod $pod again (no controller)"
fi

deadline=$(($(now) + timeout))
# The uid ensures that the next pod of the same name is never deleted.
options=$(printf '{"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": "%s"}}' "$uid")
until printf '%s' "$options" | ask delete --raw "/api/v1/namespaces/$namespace/pods/$name" -f - >/dev/null; do
  if refused_as NotFound || refused_as Conflict; then break; fi
  is_transient && [ "$(now)" -lt "$deadline" ] || fail_with_complaint "pod $pod"
  sleep 1
done
say "pod $pod is asked to end"

while :; do
  if ask --namespace="$namespace" get pod "$name" -o 'go-template={{.metadata.uid}}' >"$work/pod"; then
    [ "$(cat "$work/pod")" = "$uid" ] || break
  elif refused_as NotFound; then
    break
  fi
  [ "$(now)" -lt "$deadline" ] || fail 4 "pod $pod has not ended after $timeout s (a long grace period, or a finalizer)"
  sleep 1
done
say "pod $pod is gone"
