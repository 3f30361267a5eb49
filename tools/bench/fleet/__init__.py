"""Many hosts on one PostgreSQL: the product's daemons in processes, with modems that exist in memory only."""
