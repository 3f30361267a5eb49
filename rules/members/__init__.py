"""Members: their columns, each declared once; what people type of them; what an audience may name."""
