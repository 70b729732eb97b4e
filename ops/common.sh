# Functions that all actions share.

say() {
  printf '%s\n' "$*"
}

# Read by the kubelet when the container ends; Argo shows it as the message of the step.
message_file=/dev/termination-log

# fail CODE REASON: writes the reason to the log and the message.
fail() {
  code=$1
  shift
  say "failed: $*"
  # The file may be missing, and the exit code must not depend on it.
  { printf '%s' "$*" | head -c 1000 >"$message_file"; } 2>/dev/null || :
  exit "$code"
}

# Reads --name=value arguments into variables; an unknown name is an error.
read_settings() {
  node='' owner='' namespace='' name='' kind='' timeout='' rate=10 mode=Immediate unmanaged=false emptydir=false
  delete_wait=300 evidence=Guaranteed lines=200 pods=20
  for setting in "$@"; do
    value=${setting#*=}
    case $setting in
    --node=*) node=$(checked node "$value" 'a-z0-9.-') ;;
    --owner=*) owner=$(checked owner "$value" 'A-Za-z0-9./_-') ;;
    --namespace=*) namespace=${value:+$(checked namespace "$value" 'a-z0-9-')} ;;
    --name=*) name=$(checked name "$value" 'a-z0-9.-') ;;
    --kind=*) kind=$(checked kind "$value" 'A-Za-z') ;;
    --timeout=*) timeout=$(whole timeout "$value" 1 86400) ;;
    --delete-wait=*) delete_wait=$(whole delete-wait "$value" 1 3600) ;;
    --rate=*) rate=$(whole rate "$value" 1 20) ;;
    --lines=*) lines=$(whole lines "$value" 1 10000) ;;
    --pods=*) pods=$(whole pods "$value" 0 500) ;;
    --mode=*) mode=$(one_of mode "$value" Immediate AllowCompletion DeleteAfterTimeout) ;;
    --unmanaged=*) unmanaged=$(one_of unmanaged "$value" true false) ;;
    --empty-dir=*) emptydir=$(one_of empty-dir "$value" true false) ;;
    --evidence=*) evidence=$(one_of evidence "$value" Guaranteed BestEffort) ;;
    *) fail 2 "there is no setting '${setting%%=*}'" ;;
    esac || exit 2
  done
}

# needs NAME...: fails unless these required settings are given.
needs() {
  for needed in "$@"; do
    eval "[ -n \"\$$needed\" ]" || fail 2 "the setting --$needed is missing"
  done
}

# checked SETTING VALUE CHARACTERS: the value, if it has those characters only and begins with a letter or digit.
checked() {
  case $2 in
  '' | [!A-Za-z0-9]* | *[!$3]*) fail 2 "the setting --$1 has characters that no name has" >&2 ;;
  esac
  [ ${#2} -le 507 ] || fail 2 "the setting --$1 is too long" >&2
  printf '%s' "$2"
}

# whole SETTING VALUE LEAST MOST: the value, if it is such a whole number.
whole() {
  case $2 in
  '' | 0?* | *[!0-9]* | ??????*) fail 2 "the setting --$1 is not a number" >&2 ;;
  esac
  { [ "$2" -ge "$3" ] && [ "$2" -le "$4" ]; } || fail 2 "the setting --$1 is not between $3 and $4" >&2
  printf '%s' "$2"
}

# one_of SETTING VALUE WORD...: the value, if it is one of the words.
one_of() {
  of=$1 given=$2
  shift 2
  for word in "$@"; do
    [ "$given" != "$word" ] || { printf '%s' "$given" && return; }
  done
  fail 2 "the setting --$of is none of: $*" >&2
}

# Seconds since 1970.
now() {
  date +%s
}

# Writes a kubeconfig for the API server of the pod. kubectl finds it by itself, but not when it has a --request-timeout.
use_service_account() {
  account=/var/run/secrets/kubernetes.io/serviceaccount
  if [ -n "${KUBECONFIG:-}" ] || [ ! -e "$account/token" ]; then return; fi
  case $KUBERNETES_SERVICE_HOST in
  *:*) host="[$KUBERNETES_SERVICE_HOST]" ;;
  *) host=$KUBERNETES_SERVICE_HOST ;;
  esac
  export KUBECONFIG="$work/kubeconfig"
  cat >"$KUBECONFIG" <<END
apiVersion: v1
kind: Config
clusters:
  - name: here
    cluster: { server: "https://$host:$KUBERNETES_SERVICE_PORT", certificate-authority: "$account/ca.crt" }
users:
  - name: me
    user: { tokenFile: "$account/token" }
contexts:
  - name: here
    context: { cluster: here, user: me }
current-context: here
END
}

# Runs kubectl for one request, with a time limit; its errors are in $work/error.
ask() {
  kubectl --request-timeout=20s "$@" 2>"$work/error"
}

# The error of the last `ask` as one line, without the logs of kubectl's libraries.
complaint() {
  { grep -v '^[EIW][0-9]\{4\} ' "$work/error" || :; } | tr '\n' ' ' | sed 's/ *$//'
}

# Whether the last `ask` was refused with this reason of Kubernetes, such as NotFound.
refused_as() {
  grep -q "^Error from server ($1)" "$work/error"
}

# Whether a retry may help: the API server was unreachable, too busy or too slow.
is_transient() {
  ! grep -Eq '^Error from server \((NotFound|Forbidden|Invalid|BadRequest|Unauthorized)\)' "$work/error"
}

# Fails with the error of kubectl.
fail_with_complaint() {
  if refused_as Forbidden || refused_as Unauthorized; then fail 5 "$1: $(complaint)"; fi
  fail 1 "$1: $(complaint)"
}
