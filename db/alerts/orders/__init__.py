"""The outbox: from an order to what became of each part. Every way in and every mark is here."""
