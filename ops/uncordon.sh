# Gives a node that Aegis cordoned the state that it had before.
needs node
until_written give_back
