"""The product's rules, services, jobs and commands."""
