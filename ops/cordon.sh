# Cordons a node and remembers that it was not cordoned before.
needs node owner
until_written take_cordon
case $cordon in
taken) say "node $node is cordoned" ;;
mine) say "node $node is cordoned already, by an earlier try of this Workflow" ;;
others) say "nothing done: node $node is cordoned already, by $holder_now" ;;
esac
