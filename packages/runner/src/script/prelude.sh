# Functions of the job's shell (spec/travis.md 5). They must work under whatever a build switches on for
# itself (set -e, -u, -x, -f, a changed IFS or PATH, a lost directory), so they lean on builtins, guard every command that may fail
# and read no variable without a default. Names beginning with __sluice are ours, the others are Travis's.

ANSI_RED=$'\033[31;1m'
ANSI_GREEN=$'\033[32;1m'
ANSI_YELLOW=$'\033[33;1m'
ANSI_RESET=$'\033[0m'
ANSI_CLEAR=$'\033[0K'

# File descriptor 198 is the line to the runner. Commands of the build run without it.
exec 198<&3 3>&- 2>&1

__sluice_say() { builtin printf '%s\n' "${1//$'\n'/ }" >&198 2>/dev/null || :; }

# Asks the runner and waits. Without an answer the runner is gone, and nothing may happen any more.
__sluice_ask() {
  __sluice_say "$1"
  if ! IFS= builtin read -r -u 198 __sluice_answer; then builtin exit 2; fi
}

__sluice_phase() { TRAVIS_STAGE="$1"; export TRAVIS_STAGE; __sluice_say "phase $1"; }

__sluice_colored() { printf '%s%s%s\n' "$1" "$2" "$ANSI_RESET"; }
__sluice_notice() { __sluice_colored "$ANSI_YELLOW" "$1"; }

# Ends the job as errored: $1 for people who read the log, $2 (or $1) as the reason stored with the job.
__sluice_stop() {
  printf '\n'
  __sluice_colored "$ANSI_RED" "$1"
  printf '\nYour build has been stopped.\n'
  __sluice_say "stop ${2:-$1}"
  exit 2
}

__sluice_now() {
  local __sluice_t="${EPOCHREALTIME:-}"
  if [[ -n $__sluice_t ]]; then
    __sluice_ns="${__sluice_t//[^0-9]/}000"
  else
    __sluice_ns="$(date +%s%N 2>/dev/null || :)"
  fi
}

__sluice_timer() {
  printf -v __sluice_timer_id '%04x%04x' "$RANDOM" "$RANDOM"
  __sluice_now
  __sluice_timer_start="$__sluice_ns"
  printf 'travis_time:start:%s\r%s' "$__sluice_timer_id" "$ANSI_CLEAR"
}

__sluice_timer_end() {
  __sluice_now
  printf '\ntravis_time:end:%s:start=%s,finish=%s,duration=%s,event=%s\r%s' \
    "$__sluice_timer_id" "$__sluice_timer_start" "$__sluice_ns" \
    "$((__sluice_ns - __sluice_timer_start))" "$1" "$ANSI_CLEAR"
}

# begin PHASE FOLD COMMAND: fold (empty for none), timer, and the command as its author wrote it.
__sluice_begin() {
  __sluice_event="$1" __sluice_fold="$2" TRAVIS_CMD="$3"
  if [[ -n $__sluice_fold ]]; then travis_fold start "$__sluice_fold"; fi
  __sluice_timer
  printf '$ %s\n' "$3"
}

# end MODE CODE: what a phase makes of a command's exit code (spec/travis.md 5.3).
__sluice_end() {
  __sluice_timer_end "$__sluice_event"
  if [[ -n $__sluice_fold ]]; then travis_fold end "$__sluice_fold"; fi
  case "$1" in
    script) travis_result "$2" ;;
    stop)
      if [[ $2 != 0 ]]; then
        __sluice_stop "The command \"${TRAVIS_CMD:-}\" failed and exited with $2 during $__sluice_event."
      fi ;;
  esac
  return 0
}

# The test result, whatever a build has made of the variable that shows it.
__sluice_result() {
  case "${TRAVIS_TEST_RESULT:-0}" in
    0) __sluice_r=0 ;;
    *) __sluice_r=1 ;;
  esac
}

# Blocks until the server has stored the verdict (spec/ordering.md 2.3). An earlier attempt's verdict stands,
# so what comes back decides which of after_success and after_failure runs.
__sluice_verdict() {
  __sluice_result
  if [[ $__sluice_r == 0 ]]; then __sluice_ask 'verdict passed'; else __sluice_ask 'verdict failed'; fi
  case "$__sluice_answer" in
    passed) TRAVIS_TEST_RESULT=0 ;;
    failed) TRAVIS_TEST_RESULT=1 ;;
    *) exit 2 ;;
  esac
  export TRAVIS_TEST_RESULT
  __sluice_result
}

# Asks for a version that only the checked-out files name, and puts it on PATH.
__sluice_toolchain() {
  __sluice_ask "toolchain $1 $2"
  local __sluice_kind="${__sluice_answer%%$'\t'*}" __sluice_rest="${__sluice_answer#*$'\t'}"
  case "$__sluice_kind" in
    found)
      local __sluice_bin="${__sluice_rest%%$'\t'*}" __sluice_text="${__sluice_rest#*$'\t'}"
      if [[ -n $__sluice_text ]]; then __sluice_notice "$__sluice_text"; fi
      if [[ -n $__sluice_bin ]]; then __sluice_toolchain_path="$__sluice_bin:"; fi
      __sluice_path ;;
    *) __sluice_stop "$__sluice_rest" ;;
  esac
}

# Sluice's own commands before everything else, even a client that the build installs by the same name, unless
# the build says SLUICE_DIVIO_SHIM=0: then after everything else.
__sluice_path() {
  local __sluice_rest="${__sluice_venv_path:-}${__sluice_toolchain_path:-}${__sluice_base_path}"
  if [[ -z ${__sluice_commands:-} ]]; then
    PATH="$__sluice_rest"
  elif [[ ${SLUICE_DIVIO_SHIM:-1} == 0 ]]; then
    PATH="$__sluice_rest:$__sluice_commands"
  else
    PATH="$__sluice_commands:$__sluice_rest"
  fi
  export PATH
  __sluice_last_path="$PATH"
}

# A configured PATH=$HOME/bin:$PATH keeps its place before the system's directories.
__sluice_adopt_path() {
  case "$PATH" in
    "$__sluice_last_path") ;;
    *:"$__sluice_last_path") __sluice_base_path="${PATH%:"$__sluice_last_path"}:$__sluice_base_path" ;;
    "$__sluice_last_path":*) __sluice_base_path="$__sluice_base_path:${PATH#"$__sluice_last_path":}" ;;
    *) __sluice_base_path="$PATH" ;;
  esac
}

# Services (spec/travis.md 8): service NAME PORT PROGRAM START. Succeeds when one of ours runs.
__sluice_service() {
  local __sluice_bin __sluice_i
  __sluice_bin="$(command -v "$3" || :)"
  if [[ -z $__sluice_bin ]]; then
    for __sluice_bin in /usr/lib/postgresql/*/bin/"$3" /usr/sbin/"$3" ''; do
      if [[ -x $__sluice_bin ]]; then break; fi
    done
  fi
  if [[ -n $2 ]] && (: <>"/dev/tcp/127.0.0.1/$2") 2>/dev/null; then
    __sluice_notice "Something answers at port $2 already: $1 is not started, and another build may use the same one."
    return 1
  fi
  if [[ -z $__sluice_bin ]]; then
    __sluice_notice "The service $1 is not started: this machine has no $3."
    return 1
  fi
  if (
    # Its other programs stand beside the real one.
    bin="$(readlink -f "$__sluice_bin")" dir="$HOME/.services/$1"
    mkdir -p "$dir" && cd "$dir" && eval "$4"
  ) >>"$HOME/.services.log" 2>&1 </dev/null 198>&-; then
    for ((__sluice_i = 0; __sluice_i < 100; __sluice_i++)); do
      if [[ -z $2 ]] || (: <>"/dev/tcp/127.0.0.1/$2") 2>/dev/null; then
        printf 'The service %s runs%s.\n' "$1" "${2:+ at port $2}"
        return 0
      fi
      sleep 0.2 || :
    done
  fi
  __sluice_notice "The service $1 did not start:"
  tail -n 5 "$HOME/.services.log" || :
  return 1
}

# Says which packages the machine lacks. A name such as libfoo:amd64 or foo=1.2 stands for the package.
__sluice_apt() {
  local __sluice_p __sluice_missing=()
  if ! command -v dpkg-query >/dev/null; then
    __sluice_notice "This machine has no apt packages. Not installed: $*"
    return 0
  fi
  for __sluice_p in "$@"; do
    case "$(dpkg-query -W -f='${db:Status-Status}' -- "${__sluice_p%%[=:]*}" 2>/dev/null || :)" in
      installed) ;;
      *) __sluice_missing+=("$__sluice_p") ;;
    esac
  done
  if [[ ${#__sluice_missing[@]} == 0 ]]; then
    printf 'These packages are there: %s\n' "$*"
  else
    __sluice_notice "Packages are not installed here, the machine is shared. Missing: ${__sluice_missing[*]}. Ask for them to be installed on it."
  fi
}

__sluice_known_hosts() {
  local __sluice_h
  mkdir -p "$HOME/.ssh" || :
  for __sluice_h in "$@"; do
    ssh-keyscan -T 5 -H -p "$([[ $__sluice_h == *:* ]] && printf %s "${__sluice_h##*:}" || printf 22)" \
      -- "${__sluice_h%%:*}" >>"$HOME/.ssh/known_hosts" 2>/dev/null ||
      __sluice_notice "The key of the host $__sluice_h could not be had."
  done
}

# Cached directories (spec/travis.md 8). A relative one lies in the build directory; those in the home directory are kept relative
# to it, so that an archive fits wherever a job's home is.
__sluice_cache_dir() {
  local __sluice_d="$1"
  case "$__sluice_d" in
    '') return 0 ;;
    /*) ;;
    *) __sluice_d="$TRAVIS_BUILD_DIR/${__sluice_d#./}" ;;
  esac
  __sluice_cache_dirs+=("${__sluice_d#"$HOME"/}")
}

# What the directories hold: names, sizes, modes and times, as one hash.
__sluice_cache_state() {
  (
    set +euxf
    PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
    cd "$HOME" && find "${__sluice_cache_dirs[@]}" ! -type d -printf '%p\t%s\t%T@\t%m\t%l\n' 2>/dev/null |
      LC_ALL=C sort | sha256sum
  ) || :
}

# Writes the announced archive to a file, and reads it to its end even when the file cannot take it.
__sluice_cache_receive() {
  local __sluice_n
  : >"$1" || :
  while IFS= read -r -u 198 __sluice_n; do
    case "$__sluice_n" in
      0) return 0 ;;
      -1) return 1 ;;
    esac
    head -c "$__sluice_n" <&198 | { cat >>"$1" || cat >/dev/null; }
  done
  return 1
}

__sluice_cache_fetch() {
  local __sluice_file="$HOME/.sluice-cache-$$.tar.gz"
  __sluice_ask 'cache-fetch'
  case "$__sluice_answer" in
    found*)
      printf 'Fetching the cache of %s\n' "${__sluice_answer#found }"
      if __sluice_cache_receive "$__sluice_file" &&
        timeout "$__sluice_cache_timeout" tar -xzPf "$__sluice_file" -C "$HOME" 198>&- 2>/dev/null; then
        printf 'Restored: %s\n' "${__sluice_cache_dirs[*]}"
      else
        __sluice_notice 'The cache could not be restored within its time: going on without.'
      fi
      rm -f "$__sluice_file" || : ;;
    none) printf 'There is no cache yet for: %s\n' "${__sluice_cache_dirs[*]}" ;;
    *) __sluice_notice "The cache could not be fetched: ${__sluice_answer#failed }." ;;
  esac
  __sluice_cache_before="$(__sluice_cache_state)"
}

__sluice_cache_store() {
  if [[ $(__sluice_cache_state) == "$__sluice_cache_before" ]]; then
    printf 'Nothing has changed in the cached directories: the cache stays as it is.\n'
    return 0
  fi
  local __sluice_file="$HOME/.sluice-cache-$$.tar.gz" __sluice_size
  __sluice_size="$(
    set +euxf
    PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
    cd "$HOME" || exit 0
    there=()
    for one in "${__sluice_cache_dirs[@]}"; do if [[ -e $one ]]; then there+=("$one"); fi; done
    if [[ ${#there[@]} == 0 ]]; then exit 0; fi
    # 1: a file changed while it was read, which the next build makes good.
    timeout "$__sluice_cache_timeout" tar -czPf "$__sluice_file" -- "${there[@]}" 198>&- >/dev/null 2>&1
    if [[ $? -le 1 ]]; then stat -c %s "$__sluice_file"; else echo failed; fi
  )" || :
  case "$__sluice_size" in
    '') printf 'None of the cached directories is there: nothing to store.\n' ;;
    failed) __sluice_notice "The cache could not be packed within $__sluice_cache_timeout seconds: it is not stored." ;;
    *)
      __sluice_say "cache-store $__sluice_size"
      cat "$__sluice_file" >&198 || :
      if ! IFS= builtin read -r -u 198 __sluice_answer; then builtin exit 2; fi
      case "$__sluice_answer" in
        stored) printf 'Stored the cache: %s bytes of %s\n' "$__sluice_size" "${__sluice_cache_dirs[*]}" ;;
        *) __sluice_notice "The cache is not stored: ${__sluice_answer#failed }." ;;
      esac ;;
  esac
  rm -f "$__sluice_file" || :
}

# Files to be kept (spec/travis.md 2): those that __sluice_artifact_words name, by patterns and divided by colons, and all below
# directories; without any those that git does not know. Each ends with NUL.
__sluice_artifact_list() {
  (
    set +euxf
    PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
    cd "$__sluice_artifact_dir" 2>/dev/null || exit 0
    if [[ ${#__sluice_artifact_words[@]} == 0 ]]; then
      git ls-files -z -o 2>/dev/null
      exit 0
    fi
    shopt -s nullglob globstar dotglob
    for words in "${__sluice_artifact_words[@]}"; do
      # Names may hold blanks, and a list that a command prints has lines.
      IFS=$':\n'
      for one in $words; do
        if [[ -n $one && -e $one && ! -L $one ]]; then
          find "$one" -xdev -type f -print0 2>/dev/null
        fi
      done
    done
  ) 198>&- || :
}

# Sends each as it is at this moment: what still grows is sent as a copy of what was there. A path below the directory is named from there,
# another one by its whole path without the slash.
__sluice_artifacts() {
  local __sluice_f __sluice_name __sluice_size __sluice_kept=0 __sluice_bytes=0 __sluice_left=''
  local -A __sluice_seen=()
  local __sluice_copy="$HOME/.sluice-artifact-$$" __sluice_list="$HOME/.sluice-artifacts-$$"
  __sluice_artifact_dir="$(cd "$__sluice_artifact_dir" 2>/dev/null && pwd -P || :)"
  __sluice_artifact_list >"$__sluice_list" 2>/dev/null || :
  while [[ -n $__sluice_artifact_dir ]] && IFS= read -r -d '' __sluice_f; do
    case "$__sluice_f" in /*) ;; *) __sluice_f="$__sluice_artifact_dir/$__sluice_f" ;; esac
    __sluice_f="$(PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin realpath -s -- "$__sluice_f" 198>&- 2>/dev/null || printf %s "$__sluice_f")"
    if [[ ! -f $__sluice_f || -L $__sluice_f ]]; then continue; fi
    __sluice_name="${__sluice_f#"$__sluice_artifact_dir"/}"
    __sluice_name="${__sluice_name#/}"
    if [[ -n ${__sluice_seen["$__sluice_name"]:-} ]]; then continue; fi
    __sluice_seen["$__sluice_name"]=1
    if [[ -n $__sluice_left ]]; then
      __sluice_left=$((__sluice_left + 1))
      continue
    fi
    __sluice_size="$(
      set +euxf
      PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
      cp -- "$__sluice_f" "$__sluice_copy" 198>&- 2>/dev/null && stat -c %s -- "$__sluice_copy"
    )" || :
    if [[ -z $__sluice_size ]]; then
      __sluice_notice "$__sluice_name could not be read and is not kept."
      continue
    fi
    __sluice_say "artifact $__sluice_size $__sluice_name"
    PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin cat "$__sluice_copy" >&198 || :
    if ! IFS= builtin read -r -u 198 __sluice_answer; then builtin exit 2; fi
    case "$__sluice_answer" in
      kept)
        printf '%s (%s bytes)\n' "$__sluice_name" "$__sluice_size"
        __sluice_kept=$((__sluice_kept + 1)) __sluice_bytes=$((__sluice_bytes + __sluice_size)) ;;
      full*)
        __sluice_notice "No more artifacts are kept: ${__sluice_answer#full }"
        __sluice_left=1 ;;
      *) __sluice_notice "$__sluice_name is not kept: ${__sluice_answer#failed }" ;;
    esac
  done <"$__sluice_list"
  PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin rm -f "$__sluice_copy" "$__sluice_list" || :
  if [[ -n $__sluice_left ]]; then __sluice_notice "$__sluice_left files are not kept."; fi
  if [[ $__sluice_kept == 0 && -z $__sluice_left ]]; then
    printf 'There are no artifacts: no file matches %s\n' "${__sluice_artifact_words[*]:-what git does not know}"
  else
    printf 'Kept %s artifacts, %s bytes.\n' "$__sluice_kept" "$__sluice_bytes"
  fi
}

# The deploy provider `sluice`: the runner asks the server, so that neither the shell nor the log has a token for it.
__sluice_deploy() {
  __sluice_ask "deploy $1"
  case "${__sluice_answer%%$'\t'*}" in
    accepted) printf '%s\n' "${__sluice_answer#*$'\t'}" ;;
    *)
      __sluice_colored "$ANSI_RED" "${__sluice_answer#*$'\t'}"
      __sluice_code=1 ;;
  esac
}

travis_fold() { printf 'travis_fold:%s:%s\r%s' "${1:-}" "${2:-}" "$ANSI_CLEAR"; }

travis_time_start() {
  printf -v TRAVIS_TIMER_ID '%04x%04x' "$RANDOM" "$RANDOM"
  __sluice_now
  TRAVIS_TIMER_START_TIME="$__sluice_ns"
  export TRAVIS_TIMER_ID TRAVIS_TIMER_START_TIME
  printf 'travis_time:start:%s\r%s' "$TRAVIS_TIMER_ID" "$ANSI_CLEAR"
}

travis_time_finish() {
  local __sluice_code=$?
  __sluice_now
  printf '\ntravis_time:end:%s:start=%s,finish=%s,duration=%s,event=%s\r%s' \
    "${TRAVIS_TIMER_ID:-}" "${TRAVIS_TIMER_START_TIME:-$__sluice_ns}" "$__sluice_ns" \
    "$((__sluice_ns - ${TRAVIS_TIMER_START_TIME:-__sluice_ns}))" "${1:-${TRAVIS_STAGE:-}}" "$ANSI_CLEAR"
  return "$__sluice_code"
}

travis_result() {
  if [[ ${1:-0} == 0 ]]; then
    export TRAVIS_TEST_RESULT="${TRAVIS_TEST_RESULT:-0}"
    printf '\n%sThe command "%s" exited with 0.%s\n' "$ANSI_GREEN" "${TRAVIS_CMD:-}" "$ANSI_RESET"
  else
    export TRAVIS_TEST_RESULT=1
    printf '\n%sThe command "%s" exited with %s.%s\n' "$ANSI_RED" "${TRAVIS_CMD:-}" "$1" "$ANSI_RESET"
  fi
  return 0
}

travis_terminate() {
  local __sluice_code="${1:-2}" __sluice_pid
  for __sluice_pid in $(jobs -p 2>/dev/null || :); do kill "$__sluice_pid" 2>/dev/null || :; done
  exit "$__sluice_code"
}

travis_assert() {
  local __sluice_code="${1:-$?}"
  if [[ $__sluice_code != 0 ]]; then
    __sluice_event="${TRAVIS_STAGE:-}"
    printf '\n%sThe command "%s" failed and exited with %s during %s.%s\n\nYour build has been stopped.\n' \
      "$ANSI_RED" "${TRAVIS_CMD:-}" "$__sluice_code" "$__sluice_event" "$ANSI_RESET"
    travis_terminate 2
  fi
}

travis_retry() {
  local __sluice_try __sluice_code=0
  for __sluice_try in 1 2 3; do
    __sluice_code=0
    "$@" || __sluice_code=$?
    if [[ $__sluice_code == 0 ]]; then return 0; fi
    if [[ $__sluice_try != 3 ]]; then
      printf '\n%sThe command "%s" failed. Retrying, %s of 3.%s\n\n' \
        "$ANSI_RED" "$*" "$((__sluice_try + 1))" "$ANSI_RESET" >&2
      sleep "${__sluice_retry_pause:-1}" || :
    fi
  done
  printf '\n%sThe command "%s" failed 3 times.%s\n\n' "$ANSI_RED" "$*" "$ANSI_RESET" >&2
  return "$__sluice_code"
}

travis_cmd() {
  local __sluice_text="${1:-}" __sluice_o __sluice_code=0
  local __sluice_echo='' __sluice_timing='' __sluice_again='' __sluice_assert=''
  shift || :
  for __sluice_o in "$@"; do
    case "$__sluice_o" in
      --echo) __sluice_echo=1 ;;
      --timing) __sluice_timing=1 ;;
      --retry) __sluice_again=1 ;;
      --assert) __sluice_assert=1 ;;
    esac
  done
  TRAVIS_CMD="$__sluice_text"
  if [[ -n $__sluice_timing ]]; then travis_time_start; fi
  if [[ -n $__sluice_echo ]]; then printf '$ %s\n' "$__sluice_text"; fi
  if [[ -n $__sluice_again ]]; then
    travis_retry eval "$__sluice_text" || __sluice_code=$?
  else
    eval "$__sluice_text" || __sluice_code=$?
  fi
  if [[ -n $__sluice_timing ]]; then travis_time_finish; fi
  if [[ -n $__sluice_assert ]]; then travis_assert "$__sluice_code"; fi
  return "$__sluice_code"
}

# The command runs in a process group of its own, so that its children go with it at the limit.
travis_wait() {
  local __sluice_minutes=20 __sluice_passed=0 __sluice_code=0 __sluice_next
  local __sluice_length=$((${__sluice_minute:-60} * 1000000000))
  if [[ ${1:-} =~ ^[0-9]+$ ]]; then
    __sluice_minutes="$1"
    shift
  fi
  local __sluice_log="${TMPDIR:-/tmp}/travis_wait_$$_$RANDOM.log" __sluice_monitor=''
  case $- in *m*) __sluice_monitor=1 ;; esac
  set -m
  "$@" >|"$__sluice_log" 2>&1 </dev/null &
  local __sluice_pid=$!
  if [[ -z $__sluice_monitor ]]; then set +m; fi
  __sluice_now
  __sluice_next=$((__sluice_ns + __sluice_length))
  while kill -0 "$__sluice_pid" 2>/dev/null; do
    sleep 0.2 2>/dev/null || sleep 1 || :
    __sluice_now
    if [[ $__sluice_ns -ge $__sluice_next ]]; then
      __sluice_next=$((__sluice_next + __sluice_length))
      __sluice_passed=$((__sluice_passed + 1))
      printf 'Still running (%s of %s): %s\n' "$__sluice_passed" "$__sluice_minutes" "$*"
      if [[ $__sluice_passed -ge $__sluice_minutes ]]; then
        printf '%sTimeout (%s minutes) reached. Terminating "%s"%s\n' \
          "$ANSI_RED" "$__sluice_minutes" "$*" "$ANSI_RESET"
        kill -TERM -- "-$__sluice_pid" 2>/dev/null || :
        sleep 0.5 2>/dev/null || sleep 1 || :
        kill -KILL -- "-$__sluice_pid" 2>/dev/null || :
        break
      fi
    fi
  done
  { wait "$__sluice_pid" || __sluice_code=$?; } 2>/dev/null
  if [[ $__sluice_passed -ge $__sluice_minutes && $__sluice_code == 0 ]]; then __sluice_code=1; fi
  if [[ $__sluice_code == 0 ]]; then
    printf '\n%sThe command %s exited with 0.%s\n' "$ANSI_GREEN" "$*" "$ANSI_RESET"
  else
    printf '\n%sThe command %s exited with %s.%s\n' "$ANSI_RED" "$*" "$__sluice_code" "$ANSI_RESET"
  fi
  printf '\n%sLog:%s\n\n' "$ANSI_GREEN" "$ANSI_RESET"
  while IFS= read -r __sluice_line || [[ -n $__sluice_line ]]; do
    printf '%s\n' "$__sluice_line"
  done <"$__sluice_log"
  rm -f "$__sluice_log" || :
  return "$__sluice_code"
}
