#!/bin/sh
# An instance that is no machine: runs the agent given as arguments, and when the life line ends,
# which it does however the region ended, kills what the instance has started and removes $FOLDER.
"$@" &
agent=$!
cat "$FOLDER/life" >/dev/null
kill -KILL "$agent" 2>/dev/null
for file in "$FOLDER"/*.pid; do
  if [ -e "$file" ]; then kill -KILL "$(cat "$file")" 2>/dev/null; fi
done
rm -rf "$FOLDER"
