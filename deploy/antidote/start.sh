#!/bin/sh
# Starts AntidoteDB in its container, in place of its image's own command: docs/antidote.md says why each thing is so.
#
#   GUAITA_MONITOR               the host: its server is called after it (required)
#   GUAITA_ANTIDOTE_GENERATION   another number begins with an empty folder (default 1)
#   GUAITA_ANTIDOTE_HOME         where the image has AntidoteDB (default /antidote)
#   GUAITA_ANTIDOTE_DATA         where its data go (default /antidote-data)
#   GUAITA_CLOCK_NTP_WAIT        how many seconds NTP is waited for (default 120)
#   GUAITA_CLOCK_WATCH           how often, in seconds, the clock is looked at while it runs (default 10)
set -u

home=${GUAITA_ANTIDOTE_HOME:-/antidote}
data=${GUAITA_ANTIDOTE_DATA:-/antidote-data}
generation=${GUAITA_ANTIDOTE_GENERATION:-1}
ntp_wait=${GUAITA_CLOCK_NTP_WAIT:-120}
watch=${GUAITA_CLOCK_WATCH:-10}
# No clock was right before this was written: 2026-11-01.
earliest=1793491200
# Who is set by NTP now and then goes back by less.
jump=5

say() {
  echo "guaita: $1" >&2
}

fail() {
  say "$1"
  exit 78
}

# Ends at once when it is told to stop: as a container's first process, a shell would not.
pause() {
  sleep "$1" &
  wait $!
}

# The last time that anything of this generation was written, in seconds since 1970.
newest() {
  find "$folder" -type f -exec stat -c %Y {} + 2>/dev/null | sort -n | tail -n 1
}

# What the kernel says of the clock (adjtimex): yes, no (nobody sets it), or unknown where there is no perl to ask it.
synchronised() {
  case $(uname -m) in
    x86_64) number=159 ;;
    aarch64 | riscv64) number=171 ;;
    armv*) number=124 ;;
    *) number='' ;;
  esac
  state=$([ -n "$number" ] && perl -e 'my $timex = "\0" x 512; print syscall(shift() + 0, $timex)' "$number" 2>/dev/null)
  case $state in
    [0-4]) echo yes ;;
    5) echo no ;;
    *) echo unknown ;;
  esac
}

# Why AntidoteDB must not be started now: nothing where it may.
amiss() {
  now=$(date +%s)
  if [ "$now" -lt "$earliest" ]; then
    echo "the clock says $(date -u), which is before this program was made"
    return
  fi
  last=$(newest)
  if [ "$now" -lt "${last:-0}" ]; then
    echo "the clock is $((last - now)) s behind the newest file in $folder: it was set back; or it was ahead when that was written, and another GUAITA_ANTIDOTE_GENERATION is needed"
    return
  fi
  if [ "$(synchronised)" = no ] && [ "$waited" -lt "$ntp_wait" ]; then
    echo "NTP has not set the clock yet; $ntp_wait s are waited for it"
  fi
}

# A server whose clock is behind answers as if it were empty, and keeps the others from hearing each other.
await_clock() {
  waited=0
  said=''
  while :; do
    why=$(amiss)
    [ -z "$why" ] && break
    kind=$(echo "$why" | tr -d 0-9)
    [ "$kind" != "$said" ] && say "AntidoteDB is not started: $why. See that NTP runs on this host and reaches its servers."
    said=$kind
    pause 1
    waited=$((waited + 1))
  done
  if [ "$(synchronised)" = no ]; then
    say "NTP has not set the clock in $waited s; it is later than all that was written here, so AntidoteDB is started"
  elif [ -n "$said" ]; then
    say "the clock is right after $waited s"
  fi
}

uptime_s() {
  cut -d. -f1 "${GUAITA_CLOCK_UPTIME:-/proc/uptime}"
}

# Says when the clock goes back, and keeps in a file how late it has been, for the next start.
watch_clock() {
  ahead=$(($(date +%s) - $(uptime_s)))
  while kill -0 "$1" 2>/dev/null; do
    sleep "$watch"
    now_ahead=$(($(date +%s) - $(uptime_s)))
    back=$((ahead - now_ahead))
    if [ "$back" -gt "$jump" ]; then
      say "the clock went back by $back s: AntidoteDB answers with nothing until it is as late again, and others do not hear each other. Set it right, or restart this container."
    elif [ "$back" -lt "-$jump" ]; then
      say "the clock went ahead by $((-back)) s"
    fi
    ahead=$now_ahead
    [ "$(date +%s)" -lt "$(stat -c %Y "$folder/clock")" ] || touch "$folder/clock"
  done
}

trap 'exit 0' TERM INT

[ -n "${GUAITA_MONITOR:-}" ] || fail "GUAITA_MONITOR is not set: the server is called after its host, which must not change while it has data"
case $generation in
  '' | *[!0-9]*) fail "GUAITA_ANTIDOTE_GENERATION is \"$generation\": it must be a whole number" ;;
esac
[ -x "$home/bin/antidote" ] || fail "there is no $home/bin/antidote: this image has AntidoteDB somewhere else (GUAITA_ANTIDOTE_HOME)"
folder=$data/g$generation
mkdir -p "$data" && touch -a "$data" 2>/dev/null || fail "$data cannot be written: it must be a volume of this host"

await_clock

# What was of another generation goes: the others have begun anew too, and will not hear a server that remembers them.
for old in "$data"/g*; do
  if [ -d "$old" ] && [ "$old" != "$folder" ]; then
    say "generation $generation begins: $old is deleted"
    rm -rf "$old"
  fi
done
mkdir -p "$folder"
touch "$folder/clock"
watch_clock $$ &

# The rest of its configuration stands beside what it makes of the variables below.
settings=$(mktemp -d) || fail "there is no room for the configuration: /tmp must be writable"
cp "$home"/releases/*/network.config "$settings/"

host=$(echo "$GUAITA_MONITOR" | tr '[:upper:]' '[:lower:]' | tr -c 'a-z0-9._\n-' '-')
export RELX_OUT_FILE_PATH="$settings"
export SHORT_NAME_PREFIX=
export NODE_NAME="antidote-g$generation-$host@127.0.0.1"
export ROOT_DIR_PREFIX="$folder/" DATA_DIR_PREFIX='' LOGGER_DIR_PREFIX=log/
# Whoever has it may run programs in the server: nobody needs to, so nobody has it.
COOKIE=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
export COOKIE
# Of one node: Erlang's own ports are for nobody else.
export ERL_EPMD_ADDRESS=127.0.0.1
export ERL_CRASH_DUMP=/dev/null
# Threads that spin while they wait would keep a small host's core busy.
export ERL_ZFLAGS="+sbwt none +sbwtdcpu none +sbwtdio none ${ERL_ZFLAGS:-}"
# It logs on its output alone, which Docker keeps in bounds: nothing turns the files over that it would write.
logger='[{handler,default,logger_std_h,#{level=>notice,config=>#{type=>standard_io},formatter=>{logger_formatter,#{single_line=>true,max_size=>2048}}}}]'

exec "$home/bin/antidote" foreground \
  -kernel logger_level notice \
  -kernel logger "$logger" \
  -kernel inet_dist_use_interface '{127,0,0,1}' \
  -riak_core handoff_ip '"127.0.0.1"' \
  -riak_core ring_creation_size "${RING_SIZE:-16}" \
  -antidote sync_log true \
  -antidote recover_from_log true \
  -antidote recover_meta_data_on_start false \
  -antidote txn_cert true \
  -antidote extended_stats false
