"""`plp modem doctor`: finds faults and gives the remedy. Facts are gathered separately; the diagnosis is pure."""
