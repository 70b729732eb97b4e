# After a Workflow failed or was stopped for any reason: removes its own cordon.
needs node owner
until_written give_mine_back
