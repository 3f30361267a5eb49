"""The facts about one modem, and what each check concludes from them."""
