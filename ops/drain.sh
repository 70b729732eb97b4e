# Empties a node: cordons it, evicts its pods as their PodDisruptionBudgets allow, and waits until they are gone.
# If it ends early, the node gets its prior state back, unless another user or controller has cordoned it.
needs node owner timeout
. "$home/drain-pods.sh"

on_exit() {
  status=$?
  trap '' TERM INT
  # If this fails, the step of the Workflow that follows a failure repeats it.
  [ "$status" -eq 0 ] || (message_file=/dev/null && until_written give_mine_back) || :
  rm -rf "$work"
  exit "$status"
}
trap on_exit EXIT

until_written take_cordon
case $cordon in
others) say "node $node is cordoned already, by $holder_now, and will stay so" ;;
*) say "node $node is cordoned" ;;
esac

deadline=$(($(now) + timeout))
deleting=false
mkdir "$work/tried" "$work/reasons"
for file in left skipped unfit; do : >"$work/$file"; done
while :; do
  if list_pods; then
    [ ! -s "$work/unfit" ] || give_up 3 "pods on it may not be evicted"
    [ -s "$work/left" ] || break
  elif is_transient; then
    say "the pods cannot be listed, will be tried again: $(complaint)"
  else
    fail_with_complaint "the pods of node $node cannot be listed"
  fi
  if [ "$(now)" -ge "$deadline" ]; then
    if [ "$mode" != DeleteAfterTimeout ] || [ "$deleting" = true ]; then give_up 4 "time is up"; fi
    say "after $timeout s the pods that are left are deleted, whatever their PodDisruptionBudgets say"
    deleting=true
    deadline=$((deadline + delete_wait))
    rm -f "$work/tried/"*
  fi
  if [ "$mode" != AllowCompletion ]; then remove_pods; fi
  sleep 1
done
say "node $node is drained"
