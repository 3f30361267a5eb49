"""ModemManager by D-Bus: the connection, what its errors mean, and its messages as our values."""
