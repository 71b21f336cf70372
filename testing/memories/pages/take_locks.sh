# Takes an exclusive lock on every file that this user may open of process $1, or may know it by, and
# keeps them: take_locks.sh PID FILE...
held=0
for file in /proc/"$1"/* /proc/"$1"/task/*/* "${@:2}"; do
  [ -f "$file" ] || [ -d "$file" ] || continue
  { exec {descriptor}<"$file"; } 2>/dev/null || continue
  flock --exclusive --nonblock "$descriptor" && held=$((held + 1))
done
echo "held $held"
exec sleep 60
