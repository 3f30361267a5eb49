"""The web application: factory, session, roles, headers, forms, errors, server."""
