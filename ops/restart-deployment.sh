# Restarts the pods of a Deployment by its own strategy, and waits until the new ones are available.
needs namespace name timeout
[ "$kind" = Deployment ] || fail 2 "only a Deployment can be restarted, and this is a ${kind:-thing without a kind}"
ask --namespace="$namespace" rollout restart "deployment/$name" || fail_with_complaint "deployment $namespace/$name"
if ! kubectl --namespace="$namespace" rollout status "deployment/$name" --timeout="${timeout}s" 2>"$work/error"; then
  case $(complaint) in
  *'timed out waiting'*) fail 4 "deployment $namespace/$name: its new pods are not available after $timeout s" ;;
  *) fail_with_complaint "deployment $namespace/$name was restarted" ;;
  esac
fi
