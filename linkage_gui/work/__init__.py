"""What the window asks of the log and the rule base. Everything here runs on the worker's thread."""
