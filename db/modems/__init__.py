"""The modems and SIM cards as the daemons saw them, and their budgets."""
