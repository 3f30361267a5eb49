"""A schema as the database itself tells it."""

from playhouse.migrations import Runner

from db.engine import schema


def described(opened):
    """Columns, indexes and foreign keys by table, without the migrations' own."""
    tables = {}
    for table in opened.get_tables():
        if table.startswith(("migration", "schema")):
            continue
        columns = {(c.name, c.data_type.upper(), c.null, c.primary_key) for c in opened.get_columns(table)}
        indexes = {(i.name, tuple(i.columns), i.unique, i.sql) for i in opened.get_indexes(table)}
        keys = {(k.column, k.dest_table, k.dest_column) for k in opened.get_foreign_keys(table)}
        tables[table] = (columns, indexes, keys)
    return tables


def pending(opened):
    """Names of the migrations that this database has not had, in order."""
    return [row.name for row in Runner(opened, schema.MIGRATIONS).status() if row.applied is None]
