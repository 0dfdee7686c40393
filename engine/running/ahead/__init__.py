"""Looking ahead: a moving clock over a copy of the store that is thrown away. Nothing is ever sent from one."""
