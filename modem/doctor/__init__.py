"""`plp modem doctor`: finds what is wrong and says what to do. Facts are gathered apart; the diagnosis is pure."""
