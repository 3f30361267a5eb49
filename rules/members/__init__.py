"""Members: their columns, declared once; what people type of them; what an audience may name."""
