"""The facts about one modem, and the conclusion of every check from them."""
