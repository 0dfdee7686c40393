"""One file per command: parse, call, print; decides nothing."""
