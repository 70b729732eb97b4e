# After a Workflow that failed or was stopped, however that came about: takes back its own cordon.
needs node owner
until_written give_mine_back
