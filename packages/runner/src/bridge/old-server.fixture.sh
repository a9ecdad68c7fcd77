# An older MCP server for the tests of the bridge. It ends at anything before `initialize` that it does not know, and
# tells a number that it made up at its start, with the count of files it sees in PLACE.
number=$RANDOM$RANDOM
answer() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$1" "$2"; }
while read -r line; do
  id=${line##*'"id":'}
  id=${id%%[,\}]*}
  case $line in
    *server/discover*) exit 1 ;;
    *'"initialize"'*)
      answer "$id" '{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"old","version":"1"}}'
      ;;
    *tools/list*) answer "$id" '{"tools":[{"name":"number","inputSchema":{"type":"object"},"x-own":1}]}' ;;
    *tools/call*)
      seen=$(ls "${PLACE:-.}" 2>/dev/null | wc -l)
      answer "$id" '{"content":[{"type":"text","text":"'"$number sees $seen"'","x-own":2}]}'
      ;;
  esac
done
