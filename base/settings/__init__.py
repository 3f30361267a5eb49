"""config.ini, read strictly: an unknown key is an error with its file, section, key and line."""
