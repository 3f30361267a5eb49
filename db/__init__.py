"""The database: models, migrations, and every query. Of the other packages it imports only `rules`."""
