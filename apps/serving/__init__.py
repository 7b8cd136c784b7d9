"""What `pages` answers, a module per kind."""
