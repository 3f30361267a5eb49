"""Pure rules of orders: their texts, the budgets of SIMs, and who has to agree."""
