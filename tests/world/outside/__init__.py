"""What the box is plugged into: modems, the network, phones, and the people who hold them."""
