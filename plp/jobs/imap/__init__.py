"""The zone's mailbox: read by IMAP, sorted, stored; nothing in it is moved, marked or deleted."""
